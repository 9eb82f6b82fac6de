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
#[serde(rename_all = "snake_case", from = "PartMessage")]
#[non_exhaustive]
pub enum Part {
    /// A gadget.
    Gadget(Box<GadgetDescription>),
    /// A datasource kind.
    Datasource(Box<DatasourceDeclaration>),
    /// Something that this version does not know: a host passes it over.
    Unknown,
}

#[derive(Deserialize)]
struct PartMessage {
    #[serde(default)]
    gadget: Option<Box<GadgetDescription>>,
    #[serde(default)]
    datasource: Option<Box<DatasourceDeclaration>>,
}

impl From<PartMessage> for Part {
    fn from(message: PartMessage) -> Self {
        match message {
            PartMessage {
                gadget: Some(gadget),
                ..
            } => Self::Gadget(gadget),
            PartMessage {
                datasource: Some(datasource),
                ..
            } => Self::Datasource(datasource),
            _ => Self::Unknown,
        }
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Adoption, BlobInfo, Choice, Choices, DatasourceRef, Error, ErrorKind, FieldError, Progress,
        Refreshed, Request, ResponseHead, Step, TestReport,
    };

    fn written(value: impl Serialize) -> Value {
        serde_json::to_value(value).unwrap()
    }

    /// Libraries and hosts of other versions read these: a changed line here is a new major version.
    #[test]
    fn the_messages_of_the_border_are_the_ones_that_older_sides_know() {
        let day: NaiveDate = "2026-11-20".parse().unwrap();
        let now: DateTime<Utc> = "2026-11-20T06:00:00Z".parse().unwrap();
        let field = FieldPath::parse("/app").unwrap();
        let render = || RenderInput {
            settings: json!({}),
            today: day,
            snapshot: Some(SnapshotName::new("s")),
        };
        let error = Error::of_fields(vec![FieldError::new(field.clone(), "m")]).with_remedy("r");
        let messages = [
            written(render()),
            written(DetailsInput {
                render: render(),
                selection: Selection::of_chart("movements")
                    .in_bucket("2026-11-16")
                    .of_series("new"),
            }),
            written(RefreshInput {
                settings: json!({}),
                today: day,
                now,
            }),
            written(CheckInput {
                settings: json!({}),
                today: day,
            }),
            written(ChoicesInput {
                field: field.clone(),
                settings: json!({}),
            }),
            written(AdoptInput {
                own: json!({}),
                shared: BTreeMap::from([("app".to_owned(), json!("a"))]),
            }),
            written(MigrateInput {
                from: Version::new(1, 2, 3),
                settings: json!({}),
            }),
            written(BlobInput {
                name: "b".into(),
                expected: 2,
            }),
            written(LeaseInput::new("l", Duration::from_secs(2))),
            written(LeaseAnswer {
                lease: Some(LeaseId(3)),
            }),
            written(RevisionAnswer { revision: 4 }),
            written(StreamAnswer {
                stream: 5,
                head: ResponseHead::new(200, vec![("date".into(), "d".into())]),
            }),
            written(StreamInput { stream: 5 }),
            written(ChunkAnswer { is_end: false }),
            written(
                Request::post("/rest", b"{}".to_vec())
                    .with_query("a", "b")
                    .with_max_bytes(6)
                    .with_timeout(Duration::from_secs(7))
                    .repeatable(),
            ),
            written(Progress {
                fraction: Some(0.5),
                text: "t".into(),
                steps: vec![Step::waiting("i", "l")],
            }),
            written(DatasourceRef {
                id: "i".into(),
                kind: "k".into(),
                settings: json!({}),
            }),
            written(BlobInfo {
                name: "b".into(),
                revision: 1,
                bytes: 2,
                stored_at: now,
            }),
            written(Refreshed::stale(
                SnapshotName::new("s"),
                Error::new(ErrorKind::Network, "n"),
            )),
            written(Choices::Offered(vec![Choice::new("v", "t")])),
            written(Choices::Waiting("w".into())),
            written(Adoption::all(&BTreeMap::from([(
                "app".to_owned(),
                json!("a"),
            )]))),
            written(TestReport {
                steps: Vec::new(),
                error: Some(error),
            }),
        ];
        insta::assert_json_snapshot!(messages);
    }

    #[test]
    fn every_message_passes_over_members_that_it_does_not_know() {
        let input: RenderInput =
            serde_json::from_value(json!({"settings": {}, "today": "2026-11-20", "mood": "good"}))
                .unwrap();
        assert_eq!(input.snapshot, None);
        let part: Part = serde_json::from_value(json!({"theme": {}})).unwrap();
        assert_eq!(part, Part::Unknown);
    }
}
