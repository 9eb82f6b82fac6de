//! What stands above the tiles of a dashboard: its title, what there is to know of it, and what can be done with it.

use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, Dashboard, Name, Object},
    store::StoreError,
};
use maud::{Markup, html};

use super::TilePlace;
use crate::app::{App, Caller, named};
use gadget_draw::{moment, number::counted, tile::icon};

/// What is known of a dashboard besides its tiles.
pub(super) struct Head {
    id: String,
    title: Name,
    tiles: usize,
    /// What all tiles say below their titles, if it is one and the same.
    shared: Option<String>,
    edited: Option<(DateTime<Utc>, Option<Name>)>,
    /// The datasources of the tiles that only named people may use.
    private: Vec<Name>,
    can: Can,
}

/// What the one who looks may do.
struct Can {
    edit: bool,
    manage: bool,
    publish: bool,
    create: bool,
}

impl Head {
    /// Reads what is known.
    pub(super) async fn of(
        app: &App,
        caller: &Caller,
        dashboard: &Dashboard,
    ) -> Result<Self, StoreError> {
        let last = app.dashboards.last_change(dashboard).await?;
        let edited = last.map(|(record, by)| (record.at, by));
        let may = |action| caller.may(action, Object::Dashboard(dashboard));
        let can = Can {
            edit: may(Action::Edit),
            manage: may(Action::Manage),
            publish: may(Action::Publish),
            create: caller.may(Action::Create, Object::Dashboards),
        };
        let private = match can.publish {
            true => private_sources(app, caller, dashboard).await?,
            false => Vec::new(),
        };
        Ok(Self {
            id: dashboard.id().to_string(),
            title: dashboard.title().clone(),
            tiles: dashboard.tiles().len(),
            shared: shared(app, dashboard),
            edited,
            private,
            can,
        })
    }

    pub(super) fn draw(&self, place: &TilePlace) -> Markup {
        let count = i64::try_from(self.tiles).unwrap_or(i64::MAX);
        let private: Vec<&str> = self.private.iter().map(Name::as_str).collect();
        html! {
            div.head data-dashboard=(self.id) data-title=(self.title) data-private=[(!private.is_empty()).then(|| private.join(", "))] {
                div.head__text {
                    h1 { bdi { (self.title) } }
                    p.facts {
                        span { (counted(count, "gadget", "gadgets")) }
                        @if let Some(shared) = &self.shared { span { "shared: " bdi { (shared) } } }
                        @if let Some((at, by)) = &self.edited {
                            span {
                                "edited " (moment(&at.to_rfc3339()))
                                @if let Some(by) = by { " by " bdi { (by) } }
                            }
                        }
                    }
                }
                div.head__actions {
                    a.button."button--quiet" href={ (place.page) "/wall" } { (icon("screen")) "Wallboard" }
                    @if self.can.publish {
                        button.button."button--quiet" type="button" hidden data-board="share" aria-haspopup="dialog" { (icon("share")) "Share" }
                    }
                    (self.menu())
                    @if self.can.edit {
                        a.button."button--first" href={ "/catalog?dashboard=" (self.id) } { "Add gadget" }
                    }
                }
            }
        }
    }

    fn menu(&self) -> Markup {
        html! {
            button.button."button--icon" type="button" data-menu popovertarget="board-menu" aria-haspopup="menu" aria-expanded="false" aria-label="Actions for this dashboard" title="More" { (icon("more")) }
            div.menu."menu--narrow" id="board-menu" popover role="menu" aria-label="This dashboard" {
                @if self.can.edit {
                    (item("rename", "Rename"))
                    button type="button" role="menuitem" tabindex="-1" hidden data-do="refresh-all" { "Refresh all gadgets" }
                }
                @if self.can.manage { (item("people", "Who can see and edit it")) }
                (item("history", "History"))
                (copies(&self.id, self.can.create))
                (item("print", "Print"))
                @if self.can.manage { (item("delete", "Delete")) }
            }
        }
    }
}

/// Draws how a dashboard is copied; a file needs no script.
pub(super) fn copies(id: &str, can_create: bool) -> Markup {
    html! {
        @if can_create { (item("clone", "Clone")) }
        a role="menuitem" tabindex="-1" href={ "/api/dashboards/" (id) "/export" } download { "Export as JSON" }
    }
}

/// Draws an item of a menu that a script does.
pub(super) fn item(does: &str, text: &str) -> Markup {
    html! { button type="button" role="menuitem" tabindex="-1" hidden data-board=(does) { (text) } }
}

/// Returns what all tiles that show something say below their titles, if there are several and they agree.
fn shared(app: &App, dashboard: &Dashboard) -> Option<String> {
    let shown = dashboard.tiles().iter().filter_map(|tile| {
        let key = (dashboard.id().clone(), tile.id.clone());
        Some(app.states.status(&key).view?.subtitle.clone())
    });
    let all: Vec<String> = shown.collect();
    let (first, others) = all.split_first()?;
    let is_shared = !first.is_empty() && !others.is_empty();
    (is_shared && others.iter().all(|other| other == first)).then(|| first.clone())
}

async fn private_sources(
    app: &App,
    caller: &Caller,
    dashboard: &Dashboard,
) -> Result<Vec<Name>, StoreError> {
    let used: Vec<_> = dashboard
        .tiles()
        .iter()
        .filter_map(|tile| {
            let description = app.engine.description(&tile.gadget).ok()?;
            named(description, &tile.settings.to_value())
        })
        .collect();
    let all = app.store.datasources().await?;
    let private = all.into_iter().filter(|source| {
        source.permission.is_private()
            && used.contains(&source.id)
            && caller.may(Action::View, Object::Datasource(source))
    });
    Ok(private.map(|source| source.name).collect())
}
