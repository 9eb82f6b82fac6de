//! Events about changes, made by this host or by others that use the same database.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::domain::{DashboardId, DatasourceId};

/// Something changed, and the change is on disk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A dashboard was created, changed, deleted or restored.
    Dashboard {
        /// The dashboard.
        id: DashboardId,
        /// Its new revision.
        revision: u64,
    },
    /// A datasource was created, changed or deleted.
    Datasource {
        /// The datasource.
        id: DatasourceId,
    },
    /// A blob, such as a snapshot, was stored or removed.
    Blob {
        /// The scope that it belongs to.
        scope: String,
        /// Its name.
        name: String,
    },
    /// Users, sessions, tokens or public links changed.
    Access,
    /// Events may have been missed, so everything should be read again.
    Everything,
}

/// The stream of events since its creation.
#[derive(Debug)]
pub struct EventStream {
    receiver: broadcast::Receiver<Event>,
}

impl EventStream {
    pub(super) fn new(receiver: broadcast::Receiver<Event>) -> Self {
        Self { receiver }
    }

    /// Waits for the next event; returns `None` once the store is closed.
    ///
    /// A slow reader gets [`Event::Everything`] in place of the events it missed. Dropping the
    /// future loses no event.
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
