//! The JSON messages of the border: what `render` and each `invoke` takes and answers.
//!
//! They grow by optional members and new operations; both sides ignore what they do not know.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    DatasourceDeclaration, FieldPath, GadgetDescription, LeaseId, Selection, SnapshotName, Version,
};

/// Operations of a gadget.
pub(crate) const CHECK: &str = "settings.check";
pub(crate) const CHOICES: &str = "settings.choices";
pub(crate) const ADOPT: &str = "settings.adopt";
pub(crate) const MIGRATE: &str = "settings.migrate";
pub(crate) const REFRESH: &str = "refresh";
pub(crate) const DETAILS: &str = "details";
/// Operation of a datasource kind.
pub(crate) const TEST: &str = "datasource.test";

/// Operations of the host.
pub(crate) const DATASOURCE: &str = "datasource";
pub(crate) const FETCH: &str = "fetch";
pub(crate) const OPEN: &str = "stream.open";
pub(crate) const NEXT: &str = "stream.next";
pub(crate) const CLOSE: &str = "stream.close";
pub(crate) const BLOB_GET: &str = "blob.get";
pub(crate) const BLOB_PUT: &str = "blob.put";
pub(crate) const BLOB_LIST: &str = "blob.list";
pub(crate) const BLOB_REMOVE: &str = "blob.remove";
pub(crate) const LEASE: &str = "lease.take";
pub(crate) const RELEASE: &str = "lease.release";
pub(crate) const PROGRESS: &str = "progress";

/// One thing that a library exports, as it describes itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// A gadget.
    Gadget(Box<GadgetDescription>),
    /// A datasource kind.
    Datasource(Box<DatasourceDeclaration>),
}

#[derive(Deserialize, Serialize)]
pub(crate) struct RenderInput {
    pub(crate) settings: Value,
    pub(crate) today: NaiveDate,
    #[serde(default)]
    pub(crate) snapshot: Option<SnapshotName>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct DetailsInput {
    #[serde(flatten)]
    pub(crate) render: RenderInput,
    pub(crate) selection: Selection,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct RefreshInput {
    pub(crate) settings: Value,
    pub(crate) today: NaiveDate,
    pub(crate) now: DateTime<Utc>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct CheckInput {
    pub(crate) settings: Value,
    pub(crate) today: NaiveDate,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ChoicesInput {
    pub(crate) field: FieldPath,
    pub(crate) settings: Value,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct AdoptInput {
    pub(crate) own: Value,
    pub(crate) shared: BTreeMap<String, Value>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct MigrateInput {
    pub(crate) from: Version,
    pub(crate) settings: Value,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct BlobInput {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) expected: u64,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct LeaseInput {
    pub(crate) key: String,
    pub(crate) ttl_ms: u64,
}

impl LeaseInput {
    pub(crate) fn new(key: &str, ttl: Duration) -> Self {
        Self {
            key: key.to_owned(),
            ttl_ms: u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[derive(Deserialize, Serialize)]
pub(crate) struct LeaseAnswer {
    pub(crate) lease: Option<LeaseId>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct RevisionAnswer {
    /// 0 says that there is no such blob.
    pub(crate) revision: u64,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct StreamAnswer {
    pub(crate) stream: u64,
    pub(crate) head: crate::ResponseHead,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct StreamInput {
    pub(crate) stream: u64,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct ChunkAnswer {
    pub(crate) is_end: bool,
}
