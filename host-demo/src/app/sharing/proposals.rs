//! The previews that can be applied, for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use dashboards::{
    domain::{TileId, UserId},
    store::new_id_bytes,
};
use gadget_host::sharing::Proposal;
use serde_json::Value;

use crate::app::Caller;

/// How long a preview can be applied.
const LASTS: Duration = Duration::from_secs(15 * 60);
/// More previews than these are not kept; the oldest goes.
const MOST_KEPT: usize = 200;

/// The previews that can be applied.
#[derive(Default)]
pub(super) struct Proposals(Mutex<HashMap<String, KeptProposal>>);

#[derive(Clone)]
pub(super) struct KeptProposal {
    pub(super) at: Instant,
    pub(super) user: Option<UserId>,
    pub(super) tile: TileId,
    pub(super) settings: Value,
    pub(super) proposal: Arc<Proposal>,
}

impl Proposals {
    fn all(&self) -> MutexGuard<'_, HashMap<String, KeptProposal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, kept: KeptProposal) -> String {
        let mut all = self.all();
        all.retain(|_, kept| kept.at.elapsed() < LASTS);
        if all.len() >= MOST_KEPT
            && let Some(oldest) = all.iter().min_by_key(|(_, kept)| kept.at)
        {
            let oldest = oldest.0.clone();
            all.remove(&oldest);
        }
        let id = hex::encode(new_id_bytes());
        all.insert(id.clone(), kept);
        id
    }

    /// Returns the preview of this person and gadget, if it was made for these settings.
    pub(super) fn find(
        &self,
        id: &str,
        caller: &Caller,
        tile: &TileId,
        settings: &Value,
    ) -> Option<KeptProposal> {
        let all = self.all();
        let kept = all.get(id)?;
        let is_it = kept.at.elapsed() < LASTS
            && kept.user.as_ref() == caller.user_id()
            && kept.tile == *tile
            && kept.settings == *settings;
        is_it.then(|| kept.clone())
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use dashboards::domain::{Name, Role, User};
    use gadget_api::{GadgetDescription, Manifest, schema::semantics};
    use gadget_host::sharing::{Exposure, Setup, Sharer};
    use serde_json::json;

    use super::*;

    fn kept(tile: &str) -> KeptProposal {
        let schema = json!({"type": "object"});
        let gadget = GadgetDescription {
            manifest: Manifest::new("g", "G", "A gadget."),
            semantics: semantics(&schema),
            schema,
        };
        let sharer = Sharer {
            tile,
            gadget: &gadget,
            settings: &json!({}),
            setup_before: Setup::Done,
            exposure: Exposure::Nothing,
        };
        KeptProposal {
            at: Instant::now(),
            user: None,
            tile: TileId::parse(tile).unwrap(),
            settings: json!({"a": 1}),
            proposal: Arc::new(Proposal::new(1, &sharer, &[])),
        }
    }

    #[test]
    fn a_preview_is_for_its_person_gadget_and_settings_and_the_oldest_goes() {
        let proposals = Proposals::default();
        let first = proposals.keep(kept("t1"));
        let of = |id: &str, tile: &str, settings: Value| {
            let tile = TileId::parse(tile).unwrap();
            proposals.find(id, &Caller::Anonymous, &tile, &settings)
        };
        let eve = Caller::Program {
            user: Box::new(User {
                id: UserId::parse("eve").unwrap(),
                name: Name::parse("Eve").unwrap(),
                role: Role::Administrator,
                password: None,
                created_at: Utc::now(),
            }),
            scopes: [].into(),
        };
        let tile = TileId::parse("t1").unwrap();
        let of_another = proposals.find(&first, &eve, &tile, &json!({"a": 1}));
        assert!(of_another.is_none());
        for (id, tile, settings, is_there) in [
            (first.as_str(), "t1", json!({"a": 1}), true),
            (first.as_str(), "t2", json!({"a": 1}), false),
            (first.as_str(), "t1", json!({"a": 2}), false),
            ("other", "t1", json!({"a": 1}), false),
        ] {
            assert_eq!(
                of(id, tile, settings.clone()).is_some(),
                is_there,
                "{id} {tile} {settings}"
            );
        }
        let others: Vec<_> = (0..MOST_KEPT).map(|_| proposals.keep(kept("t1"))).collect();
        assert!(of(&first, "t1", json!({"a": 1})).is_none());
        assert!(of(&others[0], "t1", json!({"a": 1})).is_some());
        assert_eq!(proposals.all().len(), MOST_KEPT);

        let mut old = kept("t1");
        old.at = Instant::now().checked_sub(LASTS).unwrap();
        let old = proposals.keep(old);
        assert!(
            of(&old, "t1", json!({"a": 1})).is_none(),
            "it lasts a quarter of an hour"
        );
    }
}
