//! "Use these settings for all compatible gadgets": the preview, and what applying it comes to.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{Method, StatusCode},
    routing::post,
};
use chrono::Utc;
use dashboards::{
    domain::{
        Action, Dashboard, DashboardId, Object, Settings, Tile, TileId, TileSettings, UserId,
    },
    store::{StoreError, new_id_bytes},
};
use gadget_api::{Adoption, Choices, Error, FieldError, FieldPath, GadgetDescription};
use gadget_host::{
    Call,
    sharing::{
        ApplyError, Editing, Exposure, Preview, Proposal, Receiver, ReceiverForm, ReceiverGadget,
        Scope, SetUpTile, Setup, Sharer, Ticks, start_values,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{
    json::Body,
    tiles::{Named, TilePath, label},
};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    problem::Problem,
    sources::named,
};

/// How long a preview can be applied.
const LASTS: Duration = Duration::from_secs(15 * 60);
/// More previews than these are not kept; the oldest goes.
const MOST_KEPT: usize = 200;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/sharing",
            Access::May(Action::Edit, Resource::Dashboard),
            ("previewSharing", "Says what every other gadget would take of these settings, or why it takes nothing; changes nothing"),
            post(preview),
        )
        .takes::<PreviewRequest>()
        .answers::<PreviewAnswer>(),
    ]
}

/// The settings to share, and what is ticked so far.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PreviewRequest {
    settings: Settings,
    /// The preview to look at again, with other ticks.
    #[serde(default)]
    proposal: Option<String>,
    /// `not_set_up` or `all_compatible`; the usual one without it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    scope: Option<Scope>,
    /// By gadget, the semantics that it takes; those that are ticked at first without it.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, Vec<String>>>")]
    ticks: Option<Ticks>,
}

/// What would be taken.
#[derive(JsonSchema, Serialize)]
struct PreviewAnswer {
    /// Names the preview for applying it, for a quarter of an hour.
    proposal: String,
    /// By gadget, the semantics that are ticked.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    ticks: Ticks,
    /// Each other gadget with each field's old and new value, or why it takes nothing.
    #[schemars(with = "Value")]
    preview: Preview,
}

/// A preview to apply together with the settings that are saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Share {
    /// The preview.
    proposal: String,
    /// By gadget, the semantics that it takes.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    ticks: Ticks,
}

/// The previews that can be applied.
#[derive(Default)]
pub(in crate::web) struct Proposals(Mutex<HashMap<String, Kept>>);

#[derive(Clone)]
struct Kept {
    at: Instant,
    user: Option<UserId>,
    tile: TileId,
    settings: Value,
    proposal: Arc<Proposal>,
}

impl Proposals {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kept: Kept) -> String {
        let mut all = self.all();
        all.retain(|_, kept| kept.at.elapsed() < LASTS);
        if all.len() >= MOST_KEPT
            && let Some(oldest) = all.iter().min_by_key(|(_, kept)| kept.at)
        {
            let oldest = oldest.0.clone();
            all.remove(&oldest);
        }
        let id = format!("{:032x}", u128::from_be_bytes(new_id_bytes()));
        all.insert(id.clone(), kept);
        id
    }

    /// Returns the preview of this person and gadget, if it was made for these settings.
    fn of(&self, id: &str, caller: &Caller, tile: &TileId, settings: &Value) -> Option<Kept> {
        let all = self.all();
        let kept = all.get(id)?;
        let is_it = kept.at.elapsed() < LASTS
            && kept.user.as_ref() == caller.user_id()
            && kept.tile == *tile
            && kept.settings == *settings;
        is_it.then(|| kept.clone())
    }
}

async fn preview(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<PreviewRequest>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let Named { tile, .. } = Named::on(&dashboard, &path.tile)?;
    let new = site
        .checked_settings(&caller, &tile, request.settings.to_value())
        .await?;
    let settings = new.settings.to_value();
    let again = request.proposal.as_deref().and_then(|id| {
        let kept = site.proposals.of(id, &caller, &tile.id, &settings)?;
        let is_current = kept.proposal.revision() == dashboard.revision();
        is_current.then(|| (id.to_owned(), kept.proposal))
    });
    let (id, proposal) = match again {
        Some(again) => again,
        None => {
            let made = site.proposal(&caller, &dashboard, &tile, &settings).await?;
            let proposal = Arc::new(made);
            let kept = Kept {
                at: Instant::now(),
                user: caller.user_id().cloned(),
                tile: tile.id.clone(),
                settings,
                proposal: Arc::clone(&proposal),
            };
            (site.proposals.keep(kept), proposal)
        }
    };
    let scope = request.scope.unwrap_or(proposal.default_scope());
    let ticks = request.ticks.unwrap_or_else(|| proposal.first_ticks(scope));
    let preview = spawn_blocking(move || {
        let check = site.check_on(&dashboard);
        proposal.preview(scope, &ticks, &check)
    })
    .await?;
    Ok(Json(PreviewAnswer {
        proposal: id,
        ticks: preview.ticks(),
        preview,
    }))
}

impl Site {
    /// Looks at every gadget of a dashboard once: what it would take of these settings.
    async fn proposal(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        tile: &Tile,
        settings: &Value,
    ) -> Result<Proposal, Problem> {
        let description = self.description(&tile.gadget)?.clone();
        let exposure = self.exposure(dashboard, &description, settings).await?;
        let may_edit = caller.may(Action::Edit, Object::Dashboard(dashboard));
        let mut asked = BTreeMap::new();
        for other in dashboard.tiles() {
            if let Ok(gadget) = self.description(&other.gadget) {
                let asking = self.asking(caller, gadget).await?;
                asked.insert(other.id.clone(), asking);
            }
        }
        let (site, dashboard, tile) = (Arc::clone(self), Arc::clone(dashboard), tile.clone());
        let settings = settings.clone();
        let proposed = spawn_blocking(move || {
            let sharer = Sharer {
                tile: tile.id.as_str(),
                gadget: &description,
                settings: &settings,
                setup_before: site.setup_of(&tile),
                exposure,
            };
            let others: Vec<_> = dashboard
                .tiles()
                .iter()
                .map(|other| {
                    (
                        other,
                        label(&site, dashboard.id(), other),
                        other.settings.to_value(),
                    )
                })
                .collect();
            let receivers: Vec<_> = others
                .iter()
                .map(|(other, title, own)| Receiver {
                    tile: other.id.as_str(),
                    title,
                    settings: own,
                    setup: site.setup_of(other),
                    editing: if may_edit {
                        Editing::Allowed
                    } else {
                        Editing::Refused {
                            why: "you may not edit it".to_owned(),
                        }
                    },
                    gadget: match (site.description(&other.gadget), asked.get(&other.id)) {
                        (Ok(description), Some(form)) => {
                            ReceiverGadget::Present { description, form }
                        }
                        _ => ReceiverGadget::Absent { id: &other.gadget },
                    },
                })
                .collect();
            Proposal::new(dashboard.revision(), &sharer, &receivers)
        });
        Ok(proposed.await?)
    }

    /// Tells whether people would see what they may not use.
    async fn exposure(
        &self,
        dashboard: &Dashboard,
        gadget: &GadgetDescription,
        settings: &Value,
    ) -> Result<Exposure, Problem> {
        let Some(id) = named(gadget, settings) else {
            return Ok(Exposure::Nothing);
        };
        let Some(datasource) = self.store.datasource(&id).await? else {
            return Ok(Exposure::Nothing);
        };
        let is_private = datasource.permission.is_private();
        let others_see = dashboard.permission().is_wider_than(
            dashboard.owner(),
            &datasource.permission,
            &datasource.owner,
        );
        if others_see || (is_private && self.is_published(dashboard.id()).await?) {
            return Ok(Exposure::PrivateDatasource {
                title: datasource.name.to_string(),
            });
        }
        Ok(Exposure::Nothing)
    }

    /// Tells whether a public link shows a dashboard.
    async fn is_published(&self, dashboard: &DashboardId) -> Result<bool, StoreError> {
        let now = Utc::now();
        let links = self.store.links_of(dashboard).await?;
        Ok(links.iter().any(|link| link.is_open(now)))
    }

    async fn asking(
        self: &Arc<Self>,
        caller: &Caller,
        gadget: &GadgetDescription,
    ) -> Result<Asking, Problem> {
        let own = self.own_choices(gadget, caller).await?;
        Ok(Asking {
            site: Arc::clone(self),
            gadget: gadget.manifest.id.clone(),
            own: own.into_iter().collect(),
        })
    }

    /// Returns the check of the gadgets of a dashboard, which asks nobody else.
    fn check_on<'a>(
        self: &'a Arc<Self>,
        dashboard: &'a Dashboard,
    ) -> impl Fn(&str, &Value) -> Vec<FieldError> + 'a {
        move |tile, settings| {
            let tile = TileId::parse(tile).ok();
            let Some(tile) = tile.and_then(|id| dashboard.tile(&id)) else {
                return Vec::new();
            };
            let checked = self
                .call_now(&tile.gadget, settings)
                .and_then(|call| Ok(self.engine.check(&call)?));
            checked.unwrap_or_else(|error| {
                let message = error.message().to_owned();
                vec![FieldError::new(FieldPath::root(), message)]
            })
        }
    }

    fn call_now(&self, gadget: &str, settings: &Value) -> Result<Call, Error> {
        self.runtime
            .block_on(self.call_with(gadget, settings.clone()))
    }

    /// Returns the new settings of the tiles that take part, beside the one whose settings are saved.
    pub(super) async fn shared(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        new: &TileSettings,
        share: Share,
        revision: u64,
    ) -> Result<Vec<TileSettings>, Problem> {
        let settings = new.settings.to_value();
        let kept = self
            .proposals
            .of(&share.proposal, caller, &new.tile, &settings);
        let Some(kept) = kept else {
            let message = "the preview is over, or it was made for other settings";
            let problem = Problem::new(StatusCode::CONFLICT, "preview_over", message);
            return Err(problem.with_remedy("Look at the new one, then apply it."));
        };
        let (site, dashboard) = (Arc::clone(self), Arc::clone(dashboard));
        let applied = spawn_blocking(move || {
            let check = site.check_on(&dashboard);
            kept.proposal.apply(&share.ticks, revision, &check)
        });
        let shared = applied.await?.map_err(|error| {
            let (status, code) = match &error {
                ApplyError::Stale { .. } => (StatusCode::CONFLICT, "stale"),
                ApplyError::UnknownTile { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
                ApplyError::Refused { .. } => (StatusCode::CONFLICT, "refused"),
            };
            Problem::new(status, code, error.to_string())
        })?;
        let others = shared.tiles.into_iter().map(|tile| {
            Ok(TileSettings {
                tile: TileId::parse(&tile.tile).map_err(|error| Problem::bad(error.to_string()))?,
                gadget_version: tile.gadget_version,
                settings: Settings::parse(tile.settings)?,
            })
        });
        others.collect()
    }

    /// Returns the settings that a new gadget starts with: what most gadgets of the dashboard share.
    ///
    /// It is a help and no more: what cannot be found out is left out.
    pub(super) async fn start_settings(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        gadget: &str,
    ) -> Settings {
        let Ok(description) = self.description(gadget).cloned() else {
            return Settings::default();
        };
        let Ok(asking) = self.asking(caller, &description).await else {
            return Settings::default();
        };
        let (site, dashboard) = (Arc::clone(self), Arc::clone(dashboard));
        let start = spawn_blocking(move || {
            let set_up: Vec<_> = dashboard
                .tiles()
                .iter()
                .filter(|tile| site.setup_of(tile) == Setup::Done)
                .filter_map(|tile| {
                    Some((
                        site.description(&tile.gadget).ok()?,
                        tile.settings.to_value(),
                    ))
                })
                .collect();
            let tiles: Vec<_> = set_up
                .iter()
                .map(|(gadget, settings)| SetUpTile { gadget, settings })
                .collect();
            start_values(&description, &asking, &tiles).settings
        });
        let settings = start
            .await
            .ok()
            .and_then(|start| Settings::parse(start).ok());
        settings.unwrap_or_default()
    }
}

/// Asks the gadget of one tile; only where threads may wait.
struct Asking {
    site: Arc<Site>,
    gadget: String,
    own: BTreeMap<FieldPath, Choices>,
}

impl ReceiverForm for Asking {
    fn resolve(&self, settings: &Value) -> Result<Value, Error> {
        let call = self.site.call_now(&self.gadget, settings)?;
        let form = self
            .site
            .engine
            .form(&call, &self.own, &self.site.answers)?;
        Ok(form.schema)
    }

    fn adopt(&self, own: &Value, shared: &BTreeMap<String, Value>) -> Result<Adoption, Error> {
        let call = self.site.call_now(&self.gadget, own)?;
        Ok(self.site.engine.adopt(&call, shared)?)
    }
}

#[cfg(test)]
mod tests {
    use dashboards::domain::{Name, Role, User};
    use gadget_api::{Manifest, schema::semantics};
    use serde_json::json;

    use super::*;

    fn kept(tile: &str) -> Kept {
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
        Kept {
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
            proposals.of(id, &Caller::Anonymous, &tile, &settings)
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
        let of_another = proposals.of(&first, &eve, &tile, &json!({"a": 1}));
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
