//! Brings tiles up to date: gadgets block, so none of them runs on the server's own threads.

use std::{
    cell::Cell,
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::Utc;
use dashboards::{
    domain::{DatasourceId, Tile},
    store::{Event, Store},
};
use gadget_api::{Error, ErrorKind, Progress, SourceState, View};
use gadget_host::{Call, Cancellation, Datasource, sharing::Setup};
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use self::due::{is_behind, is_due, is_overdue, may_try};
use super::{
    AsyncBridge, Datasources, Engine, Forms, blocking,
    datasources::{named, of_store},
    stale::marked_stale,
    tile_states::{StoredBlobs, TileKey, TilePhase, TileStates, TileStatus},
};

mod due;

/// How long a refresh may take: the first one reads everything.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// How often the worker looks which tiles are due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long several changes of stored data are waited for before tiles are made anew.
const DEBOUNCE: Duration = Duration::from_millis(400);

/// What is wanted of a tile, the least first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum RefreshRequest {
    /// Show what is stored; read the source only where nothing is.
    Show,
    /// Read the source if what is stored is older than the tile allows.
    Due,
    /// Read the source.
    Refresh,
}

/// Brings tiles up to date.
pub(crate) struct Refresher {
    store: Store,
    engine: Arc<Engine>,
    datasources: Arc<Datasources>,
    forms: Arc<Forms>,
    states: Arc<TileStates>,
    bridge: AsyncBridge,
    shutdown: CancellationToken,
    /// Held for reading by whatever brings a tile up to date.
    working: Arc<RwLock<()>>,
    /// The spaces of stored data that changed a moment ago.
    changed_spaces: Mutex<BTreeSet<String>>,
}

impl Refresher {
    pub(super) fn new(
        store: Store,
        engine: Arc<Engine>,
        datasources: Arc<Datasources>,
        forms: Arc<Forms>,
        states: Arc<TileStates>,
        bridge: AsyncBridge,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            engine,
            datasources,
            forms,
            states,
            bridge,
            shutdown,
            working: Arc::default(),
            changed_spaces: Mutex::default(),
        }
    }

    /// Cancels what brings tiles up to date, and returns when it has come to its end: it may still
    /// store something.
    pub(crate) async fn stop(&self) {
        self.states.retain(|_| false);
        drop(self.working.write().await);
    }

    /// Asks for a tile to be brought up to date; what is under way already is not begun twice.
    pub(crate) fn ask(self: &Arc<Self>, key: &TileKey, want: RefreshRequest) {
        let is_idle = self.states.change(key, |status| {
            let is_idle = !status.is_busy;
            if is_idle {
                status.is_busy = true;
                status.cancellation = Cancellation::new();
            } else {
                status.again = status.again.max(Some(want));
            }
            is_idle
        });
        if !is_idle {
            return;
        }
        let (refresher, key) = (Arc::clone(self), key.clone());
        self.bridge.spawn(async move {
            let _working = Arc::clone(&refresher.working).read_owned().await;
            let mut next = Some(want);
            while let Some(want) = next {
                if let Err(error) = refresher.work(&key, want).await {
                    refresher
                        .states
                        .change(&key, |status| status.state = TilePhase::Failed(error));
                }
                next = refresher.states.change(&key, |status| {
                    let next = status.again.take();
                    status.is_busy = next.is_some();
                    next
                });
            }
        });
    }

    async fn work(self: &Arc<Self>, key: &TileKey, want: RefreshRequest) -> Result<(), Error> {
        let dashboard = self.store.dashboard(&key.0).await.map_err(of_store)?;
        let tile = dashboard.as_ref().and_then(|found| found.tile(&key.1));
        let Some(tile) = tile.cloned() else {
            self.states.retain(|known| known != key);
            return Ok(());
        };
        if self.forms.setup_of(&tile) == Setup::NotYet {
            self.states.change(key, |status| {
                (status.view, status.settings) = (None, Some(tile.settings.clone()));
                status.state = TilePhase::NotSetUp;
            });
            return Ok(());
        }
        let description = self.engine.description(&tile.gadget)?;
        let source_id = named(description, &tile.settings.to_value());
        self.states.change(key, |status| {
            if status.source != source_id {
                status.keep_to(None);
                status.source.clone_from(&source_id);
            }
        });
        let source = self.datasources.source_of(source_id).await;
        self.states.change(key, |status| keep_to(status, &source));
        let source = source?;
        let status = self.states.status(key);
        let call = Call::new(&tile.gadget, tile.settings.to_value(), today())
            .cancelled_by(&status.cancellation);
        let call = match source {
            Some(source) => call.with_datasource(source),
            None => call,
        };
        let shown = match self.current(&status, &tile, &call).await {
            Some(view) => Some(view),
            None => self.show(key, &tile, &call).await?,
        };
        let is_new = status.settings.as_ref() != Some(&tile.settings);
        let is_due = match (&shown, want) {
            (_, RefreshRequest::Refresh) => true,
            (None, _) => is_new || may_try(&status, Utc::now()),
            (Some(_), RefreshRequest::Show) => false,
            (Some(view), RefreshRequest::Due) => is_due(&tile, view, &status, Utc::now()),
        };
        if is_due {
            return self.refresh(key, &tile, call, shown).await;
        }
        if let Some(view) = shown {
            self.states.change(key, |status| {
                status.state = TilePhase::Done;
                if view
                    .sources
                    .iter()
                    .all(|source| source.state == SourceState::Fresh)
                {
                    status.failed = None;
                }
            });
        }
        Ok(())
    }

    /// Returns the view of a tile if rendering it again would make the same one.
    async fn current(&self, status: &TileStatus, tile: &Tile, call: &Call) -> Option<Arc<View>> {
        let is_of_call = status.settings.as_ref() == Some(&tile.settings)
            && status.day == Some(today())
            && status.space.as_deref() == space_of(call);
        let (true, Some(view), Some(shown)) = (is_of_call, &status.view, &status.stored) else {
            return None;
        };
        let stored = self.stored(space_of(call)).await?;
        (stored == *shown).then(|| Arc::clone(view))
    }

    /// Returns what is stored in the space of a datasource, as far as it is known.
    async fn stored(&self, space: Option<&str>) -> Option<StoredBlobs> {
        let blobs = self.store.list_blobs(space?, "").await.ok()?;
        Some(
            blobs
                .into_iter()
                .map(|blob| (blob.name, blob.revision))
                .collect(),
        )
    }

    /// Shows what is stored, so that nobody waits for what was read before.
    async fn show(
        self: &Arc<Self>,
        key: &TileKey,
        tile: &Tile,
        call: &Call,
    ) -> Result<Option<Arc<View>>, Error> {
        let (refresher, of_thread) = (Arc::clone(self), call.clone());
        let stored = self.stored(space_of(call)).await;
        let rendered = blocking::run(move || refresher.engine.rendered(&of_thread, None))
            .await
            .map_err(|_| broken())?;
        let view = rendered.ok().map(Arc::new);
        self.states.change(key, |status| {
            if status.space.as_deref() != space_of(call) {
                return;
            }
            // A view of other settings must not stand under the new ones.
            if view.is_some() || status.settings.as_ref() != Some(&tile.settings) {
                status.view.clone_from(&view);
                status.stored = stored;
                status.settings = Some(tile.settings.clone());
                status.day = Some(today());
            }
        });
        Ok(view)
    }

    async fn refresh(
        self: &Arc<Self>,
        key: &TileKey,
        tile: &Tile,
        call: Call,
        shown: Option<Arc<View>>,
    ) -> Result<(), Error> {
        let overdue = shown
            .as_deref()
            .filter(|view| is_overdue(tile, view, Utc::now()))
            .map(|view| marked_stale(view.clone(), &not_yet()));
        let source = self.states.change(key, |status| {
            status.state = TilePhase::Refreshing(None);
            if let Some(view) = overdue {
                status.view = Some(Arc::new(view));
            }
            status.tried_at = Some(Utc::now());
            status.source.clone()
        });
        let (refresher, told_key, of_thread) = (Arc::clone(self), key.clone(), call.clone());
        let outcome = blocking::run(move || {
            let told = |progress: &Progress| {
                refresher.states.change(&told_key, |status| {
                    status.state = TilePhase::Refreshing(Some(progress.clone()));
                });
            };
            let stored = Cell::new(None);
            let before_render = || {
                stored.set(
                    refresher
                        .bridge
                        .wait(refresher.stored(space_of(&of_thread))),
                )
            };
            let outcome = refresher.engine.refreshed_view(
                &of_thread,
                REFRESH_TIMEOUT,
                Utc::now(),
                &told,
                &before_render,
            );
            (outcome, stored.take())
        });
        let (outcome, stored) = outcome.await.map_err(|_| broken())?;
        if let (Some(id), Some(read)) = (&source, call.datasource()) {
            let is_fresh = matches!(&outcome, Ok(shown) if shown.stale.is_none());
            if is_fresh {
                self.datasources.note_read(id, read).await;
            }
            // It can have stored something since that was deleted with its datasource.
            self.datasources.forget_if_gone(id, read.space()).await;
        }
        self.states.change(key, |status| match outcome {
            // It was read with what the datasource no longer is.
            _ if status.space.as_deref() != space_of(&call) => {}
            Ok(shown) => {
                status.failed = shown.stale;
                status.stored = stored;
                status.view = Some(Arc::new(shown.view));
                status.day = Some(today());
                status.settings = Some(tile.settings.clone());
                status.state = TilePhase::Done;
            }
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                status.state = match status.view {
                    Some(_) => TilePhase::Done,
                    None => TilePhase::Failed(
                        Error::new(ErrorKind::Cancelled, "the refresh was cancelled")
                            .with_remedy("Refresh the gadget to load its data again."),
                    ),
                };
            }
            Err(error) => {
                let error = Error::from(error);
                status.failed = Some(error.kind());
                // Without the reason that was told meanwhile, if there was one.
                if let Some(view) = shown.or_else(|| status.view.take()) {
                    let view = marked_stale(Arc::unwrap_or_clone(view), &error);
                    status.view = Some(Arc::new(view));
                }
                status.state = TilePhase::Failed(error);
            }
        });
        Ok(())
    }

    /// Asks for every tile of every dashboard that shows less than it could without anybody asking for it.
    pub(crate) async fn ask_for_all(self: &Arc<Self>) {
        let Ok(all) = self.store.dashboards().await else {
            return;
        };
        for listed in all.iter().filter(|each| !each.dashboard.is_deleted()) {
            for tile in listed.dashboard.tiles() {
                let key = (listed.dashboard.id().clone(), tile.id.clone());
                if is_behind(tile, &self.states.status(&key), Utc::now()) {
                    self.ask(&key, RefreshRequest::Due);
                }
            }
        }
    }

    /// Follows what changes in the store, on this host and on others, until the host ends.
    pub(crate) async fn follow(self: Arc<Self>) {
        let mut changes = self.store.events();
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                event = changes.next() => match event {
                    Some(event) => self.react(event).await,
                    None => return,
                },
                _ = tick.tick() => self.ask_for_all().await,
                () = self.shutdown.cancelled() => return,
            }
        }
    }

    async fn react(self: &Arc<Self>, event: Event) {
        match event {
            Event::Dashboard { id, revision } => {
                let dashboard = self.store.dashboard(&id).await.ok().flatten();
                let tiles = dashboard
                    .as_ref()
                    .filter(|dashboard| !dashboard.is_deleted())
                    .map_or(&[][..], |dashboard| dashboard.tiles());
                self.states
                    .retain(|(of, tile)| *of != id || tiles.iter().any(|known| known.id == *tile));
                for tile in tiles {
                    let key = (id.clone(), tile.id.clone());
                    let status = self.states.status(&key);
                    // What is under way may have read the settings of before.
                    if status.is_busy || status.settings.as_ref() != Some(&tile.settings) {
                        self.ask(&key, RefreshRequest::Due);
                    }
                }
                self.states.dashboard_changed(&id, revision);
            }
            Event::Blob { scope, .. } => self.debounce(scope),
            Event::Datasource { id } => {
                let source = self.datasources.source(&id).await.map(Some);
                for key in self.states.known() {
                    self.states.change(&key, |status| {
                        if status.source.as_ref() == Some(&id) {
                            keep_to(status, &source);
                        }
                    });
                }
                self.source_changed(Some(&id));
            }
            Event::Everything => self.source_changed(None),
            Event::Access => self.states.wake(),
        }
    }

    /// Looks again at the tiles that read a datasource, or at all: other credentials may open what
    /// the ones before did not.
    fn source_changed(self: &Arc<Self>, changed: Option<&DatasourceId>) {
        self.forms.forget_answers();
        for key in self.states.known() {
            let is_asked = self.states.change(&key, |status| {
                let is_asked = changed.is_none() || status.source.as_ref() == changed;
                if is_asked {
                    (status.failed, status.tried_at) = (None, None);
                }
                is_asked
            });
            if is_asked {
                self.ask(&key, RefreshRequest::Due);
            }
        }
        self.states.wake();
    }

    /// Shows what is stored in a space once that has come to rest: another tile or another host may
    /// have read the source.
    fn debounce(self: &Arc<Self>, space: String) {
        let mut changed_spaces = self
            .changed_spaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_first = changed_spaces.is_empty();
        changed_spaces.insert(space);
        drop(changed_spaces);
        if !is_first {
            return;
        }
        let refresher = Arc::clone(self);
        self.bridge.spawn(async move {
            tokio::time::sleep(DEBOUNCE).await;
            let spaces = mem::take(
                &mut *refresher
                    .changed_spaces
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            );
            // What is not of a datasource is of some gadget that reads none.
            let is_of_gadget =
                |space: &String| !space.starts_with(Datasource::every_space_prefix());
            let has_gadget = spaces.iter().any(is_of_gadget);
            for key in refresher.states.known() {
                let status = refresher.states.status(&key);
                let has_changed = match &status.space {
                    Some(space) => spaces.contains(space),
                    None => has_gadget && status.source.is_none(),
                };
                // A tile that reads the source shows what it finds by itself.
                if has_changed && !status.is_busy {
                    refresher.ask(&key, RefreshRequest::Show);
                }
            }
        });
    }
}

/// Takes away a view of what the datasource of a tile has not read, as it is now.
fn keep_to(status: &mut TileStatus, source: &Result<Option<Arc<Datasource>>, Error>) {
    match source {
        Ok(source) => status.keep_to(source.as_ref().map(|source| source.space())),
        Err(error) if error.kind() == ErrorKind::NotFound => status.keep_to(None),
        // It is there, but cannot be opened now.
        Err(_) => {}
    }
}

fn space_of(call: &Call) -> Option<&str> {
    Some(call.datasource()?.space())
}

/// Says why a view that is overdue is not newer.
fn not_yet() -> Error {
    Error::new(
        ErrorKind::Datasource,
        "the data is older than the gadget's refresh interval, and newer data is still being loaded",
    )
}

/// Returns the day as of which gadgets count.
pub(crate) fn today() -> chrono::NaiveDate {
    Utc::now().date_naive()
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "the call of the gadget did not finish")
}
