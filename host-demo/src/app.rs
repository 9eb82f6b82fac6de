//! What a host does, with no HTTP in sight.

mod api_tokens;
pub(crate) mod caller;
mod catalog;
mod data_directory;
pub(crate) mod datasource_file;
mod error;
mod failure;
mod input;
mod interrupt;
mod options;
mod passwords;
mod people;
mod public_links;
mod sessions;
pub(crate) mod settings_edit;
mod setup_token;
pub(crate) mod stale;

use std::sync::Arc;

use dashboards::store::Store;

use self::passwords::Passwords;
pub(crate) use self::{
    api_tokens::{ApiTokens, NewApiToken},
    caller::{Caller, Credential},
    catalog::gadget_in,
    data_directory::DataDirectory,
    error::AppError,
    failure::{Failure, FailureKind},
    input::read,
    interrupt::{cancels, signalled},
    options::{Content, GadgetOptions, ServerOptions},
    people::{People, has_password},
    public_links::PublicLinks,
    sessions::Sessions,
    setup_token::{SetupToken, Validity},
};

/// The services of a host, one for each noun.
pub(crate) struct App {
    #[cfg(test)]
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) people: Arc<People>,
    pub(crate) sessions: Sessions,
    pub(crate) links: PublicLinks,
    pub(crate) tokens: ApiTokens,
}

impl App {
    pub(crate) fn new(store: &Store, setup: SetupToken) -> Self {
        let passwords = Arc::new(Passwords::new());
        let setup = Arc::new(setup);
        let people = Arc::new(People::new(
            store.clone(),
            Arc::clone(&passwords),
            Arc::clone(&setup),
        ));
        Self {
            sessions: Sessions::new(
                store.clone(),
                Arc::clone(&passwords),
                Arc::clone(&people),
                setup,
            ),
            links: PublicLinks::new(store.clone(), Arc::clone(&passwords)),
            tokens: ApiTokens::new(store.clone()),
            #[cfg(test)]
            passwords,
            people,
        }
    }
}
