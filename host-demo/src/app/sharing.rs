//! "Use these settings for all compatible gadgets": the preview, and what applying it comes to.

mod proposals;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use dashboards::{
    domain::{Action, Dashboard, Object, Settings, Tile, TileId, TileSettings},
    store::Store,
};
use gadget_api::{Adoption, Choices, Error, FieldError, FieldPath, GadgetDescription};
use gadget_host::sharing::{
    Editing, Exposure, Preview, Proposal, Receiver, ReceiverForm, ReceiverGadget, Scope, SetUpTile,
    Setup, Sharer, Ticks, start_values,
};
use serde_json::Value;

use self::proposals::{KeptProposal, Proposals};
use super::{
    AppError, Caller, Datasources, Engine, Forms, PublicLinks, Tiles, blocking, datasources::named,
};

/// Sharing the settings of one gadget with others of its dashboard.
pub(crate) struct Sharing {
    store: Store,
    engine: Arc<Engine>,
    datasources: Arc<Datasources>,
    forms: Arc<Forms>,
    tiles: Arc<Tiles>,
    links: Arc<PublicLinks>,
    proposals: Proposals,
}

/// The settings to share, and what is ticked so far.
pub(crate) struct PreviewRequest {
    pub(crate) settings: Settings,
    /// The preview to look at again, with other ticks.
    pub(crate) proposal: Option<String>,
    pub(crate) scope: Option<Scope>,
    pub(crate) ticks: Option<Ticks>,
}

/// A preview, and the name by which it can be applied.
pub(crate) struct NamedPreview {
    pub(crate) proposal: String,
    pub(crate) preview: Preview,
}

/// A preview to apply together with the settings that are saved.
pub(crate) struct Share {
    pub(crate) proposal: String,
    /// By gadget, the semantics that it takes.
    pub(crate) ticks: Ticks,
}

impl Sharing {
    pub(super) fn new(
        store: Store,
        engine: Arc<Engine>,
        datasources: Arc<Datasources>,
        forms: Arc<Forms>,
        tiles: Arc<Tiles>,
        links: Arc<PublicLinks>,
    ) -> Self {
        Self {
            store,
            engine,
            datasources,
            forms,
            tiles,
            links,
            proposals: Proposals::default(),
        }
    }

    /// Says what every other gadget would take of these settings; changes nothing.
    pub(crate) async fn preview(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        tile: &Tile,
        request: PreviewRequest,
    ) -> Result<NamedPreview, AppError> {
        let settings = request.settings.to_value();
        let new = self.forms.checked(caller, tile, settings).await?;
        let settings = new.settings.to_value();
        let again = request.proposal.as_deref().and_then(|id| {
            let kept = self.proposals.find(id, caller, &tile.id, &settings)?;
            let is_current = kept.proposal.revision() == dashboard.revision();
            is_current.then(|| (id.to_owned(), kept.proposal))
        });
        let (id, proposal) = match again {
            Some(again) => again,
            None => {
                let made = self.proposal(caller, dashboard, tile, &settings).await?;
                let proposal = Arc::new(made);
                let kept = KeptProposal {
                    at: Instant::now(),
                    user: caller.user_id().cloned(),
                    tile: tile.id.clone(),
                    settings,
                    proposal: Arc::clone(&proposal),
                };
                (self.proposals.keep(kept), proposal)
            }
        };
        let scope = request.scope.unwrap_or(proposal.default_scope());
        let ticks = request.ticks.unwrap_or_else(|| proposal.first_ticks(scope));
        let (sharing, dashboard) = (Arc::clone(self), Arc::clone(dashboard));
        let preview = blocking::run(move || {
            let check = sharing.check_on(&dashboard);
            proposal.preview(scope, &ticks, &check)
        });
        Ok(NamedPreview {
            proposal: id,
            preview: preview.await?,
        })
    }

    /// Looks at every gadget of a dashboard once: what it would take of these settings.
    async fn proposal(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        tile: &Tile,
        settings: &Value,
    ) -> Result<Proposal, AppError> {
        let description = self.engine.description(&tile.gadget)?.clone();
        let exposure = self.exposure(dashboard, &description, settings).await?;
        let may_edit = caller.may(Action::Edit, Object::Dashboard(dashboard));
        let mut forms = BTreeMap::new();
        for other in dashboard.tiles() {
            if let Ok(gadget) = self.engine.description(&other.gadget) {
                let form = self.form_of(caller, gadget).await?;
                forms.insert(other.id.clone(), form);
            }
        }
        let (sharing, dashboard, tile) = (Arc::clone(self), Arc::clone(dashboard), tile.clone());
        let settings = settings.clone();
        let proposed = blocking::run(move || {
            let sharer = Sharer {
                tile: tile.id.as_str(),
                gadget: &description,
                settings: &settings,
                setup_before: sharing.forms.setup_of(&tile),
                exposure,
            };
            let others: Vec<_> = dashboard
                .tiles()
                .iter()
                .map(|other| {
                    (
                        other,
                        sharing.tiles.label(dashboard.id(), other),
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
                    setup: sharing.forms.setup_of(other),
                    editing: if may_edit {
                        Editing::Allowed
                    } else {
                        Editing::Refused {
                            why: "you don't have permission to edit it".to_owned(),
                        }
                    },
                    gadget: match (
                        sharing.engine.description(&other.gadget),
                        forms.get(&other.id),
                    ) {
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
    ) -> Result<Exposure, AppError> {
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
        if others_see || (is_private && self.links.is_published(dashboard.id()).await?) {
            return Ok(Exposure::PrivateDatasource {
                title: datasource.name.to_string(),
            });
        }
        Ok(Exposure::Nothing)
    }

    async fn form_of(
        self: &Arc<Self>,
        caller: &Caller,
        gadget: &GadgetDescription,
    ) -> Result<GadgetForm, AppError> {
        let own = self.datasources.own_choices(gadget, caller).await?;
        Ok(GadgetForm {
            engine: Arc::clone(&self.engine),
            forms: Arc::clone(&self.forms),
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
                .forms
                .call_now(&tile.gadget, settings)
                .and_then(|call| Ok(self.engine.check(&call)?));
            checked.unwrap_or_else(|error| {
                let message = error.message().to_owned();
                vec![FieldError::new(FieldPath::root(), message)]
            })
        }
    }

    /// Returns the new settings of the tiles that take part, beside the one whose settings are saved.
    pub(super) async fn shared(
        self: &Arc<Self>,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        new: &TileSettings,
        share: Share,
        revision: u64,
    ) -> Result<Vec<TileSettings>, AppError> {
        let settings = new.settings.to_value();
        let kept = self
            .proposals
            .find(&share.proposal, caller, &new.tile, &settings);
        let Some(kept) = kept else {
            return Err(AppError::PreviewOver);
        };
        let (sharing, dashboard) = (Arc::clone(self), Arc::clone(dashboard));
        let applied = blocking::run(move || {
            let check = sharing.check_on(&dashboard);
            kept.proposal.apply(&share.ticks, revision, &check)
        });
        let shared = applied.await??;
        let others = shared.tiles.into_iter().map(|tile| {
            Ok(TileSettings {
                tile: TileId::parse(&tile.tile)?,
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
        let Ok(description) = self.engine.description(gadget).cloned() else {
            return Settings::default();
        };
        let Ok(form) = self.form_of(caller, &description).await else {
            return Settings::default();
        };
        let (sharing, dashboard) = (Arc::clone(self), Arc::clone(dashboard));
        let start = blocking::run(move || {
            let set_up: Vec<_> = dashboard
                .tiles()
                .iter()
                .filter(|tile| sharing.forms.setup_of(tile) == Setup::Done)
                .filter_map(|tile| {
                    Some((
                        sharing.engine.description(&tile.gadget).ok()?,
                        tile.settings.to_value(),
                    ))
                })
                .collect();
            let tiles: Vec<_> = set_up
                .iter()
                .map(|(gadget, settings)| SetUpTile { gadget, settings })
                .collect();
            start_values(&description, &form, &tiles).settings
        });
        let settings = start
            .await
            .ok()
            .and_then(|start| Settings::parse(start).ok());
        settings.unwrap_or_default()
    }
}

/// Asks the gadget of one tile; only where threads may wait.
struct GadgetForm {
    engine: Arc<Engine>,
    forms: Arc<Forms>,
    gadget: String,
    own: BTreeMap<FieldPath, Choices>,
}

impl ReceiverForm for GadgetForm {
    fn resolve(&self, settings: &Value) -> Result<Value, Error> {
        let call = self.forms.call_now(&self.gadget, settings)?;
        let form = self.forms.answer_now(&call, &self.own)?;
        Ok(form.schema)
    }

    fn adopt(&self, own: &Value, shared: &BTreeMap<String, Value>) -> Result<Adoption, Error> {
        let call = self.forms.call_now(&self.gadget, own)?;
        Ok(self.engine.adopt(&call, shared)?)
    }
}
