//! What a host does, with no HTTP in sight: one service a noun, each owning what it needs.

mod api_tokens;
mod blob_store;
mod blocking;
mod caller;
mod catalog;
mod choice_answers;
mod dashboard;
mod data_directory;
pub(crate) mod datasource_file;
mod datasources;
mod deflated;
mod devices;
mod drawings;
mod engine;
mod error;
mod failure;
mod forms;
mod input;
mod interrupt;
mod metrics;
mod options;
mod passwords;
mod people;
mod process;
mod public_links;
mod readiness;
mod refresh;
mod sessions;
mod settings_edit;
mod setup_token;
mod sharing;
mod stale;
mod stand_in;
mod startup;
mod templates;
mod throttle;
mod tile_states;
mod tiles;

use std::sync::Arc;

use dashboards::store::Store;
use tokio_util::sync::CancellationToken;

use self::passwords::Passwords;
pub(crate) use self::{
    api_tokens::{ApiTokens, NewApiToken},
    blob_store::DatabaseBlobStore,
    blocking::AsyncBridge,
    caller::{Caller, Client, Credential},
    catalog::gadget_in,
    dashboard::{ChangeCommand, Dashboards, FromTemplate},
    data_directory::DataDirectory,
    datasources::{
        ConnectionTest, Datasources, NewDatasource, SavedDatasource, SecretEdits, TestMessage,
        TestedConnection, named, secret_fields,
    },
    deflated::{Deflated, Gzip},
    drawings::{Drawing, DrawingCounts, Drawings},
    engine::{Engine, RenderedView},
    error::{AppError, store_message},
    failure::{Failure, FailureKind},
    forms::Forms,
    input::read,
    interrupt::{cancels, signalled, when_signalled},
    metrics::{Counted, Metrics, RequestLabels},
    options::{Content, GadgetOptions, ServerOptions},
    people::{People, has_password},
    process::{forbid_dumps, raise_file_limit},
    public_links::PublicLinks,
    readiness::Readiness,
    refresh::{RefreshRequest, Refresher},
    sessions::{LoggedIn, Sessions},
    settings_edit::set,
    setup_token::{SetupToken, Validity},
    sharing::{PreviewRequest, Share, Sharing},
    stand_in::StandIn,
    templates::{TemplateAnswers, Templates},
    throttle::site,
    tile_states::{TileKey, TilePhase, TileStates, TileStatus},
    tiles::{PlacedTile, Tiles, titled},
};

/// The services of a host.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) engine: Arc<Engine>,
    pub(crate) people: Arc<People>,
    pub(crate) sessions: Sessions,
    pub(crate) links: Arc<PublicLinks>,
    pub(crate) tokens: ApiTokens,
    pub(crate) datasources: Arc<Datasources>,
    pub(crate) forms: Arc<Forms>,
    pub(crate) sharing: Arc<Sharing>,
    pub(crate) templates: Arc<Templates>,
    pub(crate) dashboards: Dashboards,
    pub(crate) tiles: Arc<Tiles>,
    pub(crate) states: Arc<TileStates>,
    pub(crate) drawings: Arc<Drawings>,
    pub(crate) refresher: Arc<Refresher>,
    pub(crate) readiness: Readiness,
    /// Is cancelled when the host is told to end.
    pub(crate) shutdown: CancellationToken,
    #[cfg(test)]
    pub(crate) passwords: Arc<Passwords>,
}

impl App {
    /// Puts the services together; in a runtime, which the gadgets' threads wait for.
    pub(crate) fn new(
        engine: Engine,
        store: Store,
        setup: SetupToken,
        shutdown: CancellationToken,
    ) -> Self {
        let bridge = AsyncBridge::current();
        let engine = Arc::new(engine);
        let setup = Arc::new(setup);
        let passwords = Arc::new(Passwords::new());
        let states = Arc::new(TileStates::new());
        let drawings = Arc::new(Drawings::new());
        let people = Arc::new(People::new(
            store.clone(),
            Arc::clone(&passwords),
            Arc::clone(&setup),
        ));
        let links = Arc::new(PublicLinks::new(store.clone(), Arc::clone(&passwords)));
        let datasources = Arc::new(Datasources::new(
            store.clone(),
            Arc::clone(&engine),
            Arc::clone(&people),
        ));
        let forms = Arc::new(Forms::new(
            store.clone(),
            Arc::clone(&engine),
            Arc::clone(&datasources),
            bridge.clone(),
        ));
        let tiles = Arc::new(Tiles::new(
            Arc::clone(&engine),
            Arc::clone(&forms),
            Arc::clone(&states),
            Arc::clone(&drawings),
        ));
        let sharing = Arc::new(Sharing::new(
            store.clone(),
            Arc::clone(&engine),
            Arc::clone(&datasources),
            Arc::clone(&forms),
            Arc::clone(&tiles),
            Arc::clone(&links),
        ));
        let templates = Arc::new(Templates::new(
            Arc::clone(&engine),
            Arc::clone(&datasources),
            bridge.clone(),
        ));
        Self {
            sessions: Sessions::new(
                store.clone(),
                Arc::clone(&passwords),
                Arc::clone(&people),
                setup,
            ),
            tokens: ApiTokens::new(store.clone()),
            dashboards: Dashboards::new(
                store.clone(),
                Arc::clone(&engine),
                Arc::clone(&datasources),
                Arc::clone(&forms),
                Arc::clone(&sharing),
                Arc::clone(&templates),
            ),
            refresher: Arc::new(Refresher::new(
                store.clone(),
                Arc::clone(&engine),
                Arc::clone(&datasources),
                Arc::clone(&forms),
                Arc::clone(&states),
                bridge,
                shutdown.clone(),
            )),
            readiness: Readiness::new(store.clone()),
            #[cfg(test)]
            passwords,
            store,
            engine,
            people,
            links,
            datasources,
            forms,
            sharing,
            templates,
            tiles,
            states,
            drawings,
            shutdown,
        }
    }
}
