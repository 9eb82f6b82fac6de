//! What changed, for pages that are open: on this host and on the others of the database.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::domain::{DashboardId, DatasourceId};

/// Something changed, and the change is on the disk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A dashboard was made, changed, deleted or restored.
    Dashboard {
        /// The dashboard.
        id: DashboardId,
        /// Its revision now.
        revision: u64,
    },
    /// A datasource was made, changed or deleted.
    Datasource {
        /// The datasource.
        id: DatasourceId,
    },
    /// A blob was stored or removed: a new snapshot, perhaps.
    Blob {
        /// The scope that it belongs to.
        scope: String,
        /// Its name.
        name: String,
    },
    /// People, their sessions, tokens or public links changed.
    Access,
    /// Events may have been missed: read everything again.
    Everything,
}

/// The stream of what changes, from the moment it was asked for.
#[derive(Debug)]
pub struct Changes {
    receiver: broadcast::Receiver<Event>,
}

impl Changes {
    pub(super) fn new(receiver: broadcast::Receiver<Event>) -> Self {
        Self { receiver }
    }

    /// Waits for the next event; there is none any more when the store is closed.
    ///
    /// Who reads too slowly gets [`Event::Everything`] in place of what was missed. Dropping the
    /// future loses no event.
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
