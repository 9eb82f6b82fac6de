//! The page of one datasource: its form, who may use it, and a test that says where it fails.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
};
use dashboards::domain::{Action, Datasource, Object};
use gadget_host::CatalogKind;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    sharing::Sharing,
    shell::{Page, Place, Theme},
};
use crate::{
    app::{App, Caller, secret_fields},
    web::problem::Problem,
};
use gadget_draw::tile::icon;

/// Which kind a new datasource is of.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    kind: String,
}

/// Answers with the page of a new datasource.
pub(super) async fn new(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let content = match (app.datasources.only_kind(), wanted.kind.as_str()) {
        (Some(kind), "") => new_source(&app, &caller, kind).await?,
        (None, "") => kinds(&app, "Add a datasource"),
        (_, id) => new_source(&app, &caller, app.datasources.kind(id)?).await?,
    };
    Ok(page("Add a datasource", &caller, &headers, content))
}

/// Answers with the page of a datasource that is there.
pub(super) async fn edit(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(datasource): Extension<Arc<Datasource>>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let kind = app.engine.catalog().datasource_kind(&datasource.kind).ok();
    let people = app.people.who_can_be_named(&datasource.owner).await?;
    let form = Connect {
        kind,
        stored: Some(&datasource),
        sharing: Sharing::of(&caller, Some(&datasource), &people),
        may_delete: caller.may(Action::Manage, Object::Datasource(&datasource)),
        next: "/datasources".to_owned(),
        save: "Save",
    };
    let content = html! {
        (style())
        nav.crumbs aria-label="Breadcrumb" { a href="/datasources" { "Datasources" } }
        div.head { div.head__text { h1 { bdi { (datasource.name) } } } }
        (form.draw())
    };
    Ok(page(datasource.name.as_str(), &caller, &headers, content))
}

/// Answers whoever may connect the first datasource; nothing where there is one, or nothing to connect.
pub(super) async fn first(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<Markup>, Problem> {
    if !asks_to_connect(app, caller).await? {
        return Ok(None);
    }
    let title = "Connect your first datasource";
    let content = match app.datasources.only_kind() {
        Some(kind) => first_source(app, caller, kind).await?,
        None => kinds(app, title),
    };
    Ok(Some(page(title, caller, headers, content)))
}

/// Leads whoever may connect a datasource there, where gadgets have none to read from.
pub(super) async fn missing(app: &App, caller: &Caller) -> Result<Markup, Problem> {
    if !asks_to_connect(app, caller).await? {
        return Ok(html! {});
    }
    Ok(html! {
        div.strip."strip--plain".missing {
            (icon("warn"))
            p { "There is no datasource for the gadgets yet. " a href="/datasources/new" { "Connect a datasource" } }
        }
    })
}

/// Tells whether somebody may connect a datasource, there is something to connect, and nothing is yet.
async fn asks_to_connect(app: &App, caller: &Caller) -> Result<bool, Problem> {
    let may_connect = caller.may(Action::Create, Object::Datasources);
    let has_kind = app.engine.catalog().datasource_kinds().next().is_some();
    Ok(may_connect && has_kind && app.store.datasources().await?.is_empty())
}

/// Links what only these pages need.
pub(super) fn style() -> Markup {
    html! { link rel="stylesheet" href="/assets/datasource.css"; }
}

fn page(title: &str, caller: &Caller, headers: &HeaderMap, content: Markup) -> Markup {
    Page {
        title,
        place: Place::Datasources,
        theme: Theme::of(headers),
        user: caller.user(),
        again_seconds: None,
        content,
    }
    .draw()
}

/// Draws the kinds to choose from.
fn kinds(app: &App, title: &str) -> Markup {
    let mut all = app.engine.catalog().datasource_kinds().peekable();
    html! {
        (style())
        div.start {
            h1 { (title) }
            @if all.peek().is_none() {
                p { "No gadget library on this host uses a datasource." }
            } @else {
                p { "Gadgets get their data from a datasource. What do you want to connect?" }
                ul.kinds {
                    @for kind in all {
                        @let declaration = kind.declaration();
                        li.sheet {
                            h2 { a href={ "/datasources/new?kind=" (kind.id()) } { bdi { (declaration.title) } } }
                            p.muted { bdi { (declaration.summary) } }
                        }
                    }
                }
            }
        }
    }
}

async fn new_source(app: &App, caller: &Caller, kind: &CatalogKind) -> Result<Markup, Problem> {
    let form = connecting(app, caller, kind, "/datasources", "Save").await?;
    Ok(html! {
        (style())
        nav.crumbs aria-label="Breadcrumb" { a href="/datasources" { "Datasources" } }
        div.head { div.head__text { h1 { "Add a datasource" } } }
        (form)
    })
}

async fn first_source(app: &App, caller: &Caller, kind: &CatalogKind) -> Result<Markup, Problem> {
    let title = &kind.declaration().title;
    let template = app.templates.reading(kind.id());
    let (next, save) = match template {
        Some(template) => (
            format!("/dashboards/new?template={}&datasource=", template.id),
            "Save and continue",
        ),
        None => ("/catalog".to_owned(), "Save"),
    };
    let form = connecting(app, caller, kind, &next, save).await?;
    Ok(html! {
        (style())
        div.connecting {
            div.connecting__head {
                h1 { "Connect your first datasource" }
                p {
                    "Gadgets get their data from a datasource. Connect your " bdi { (title) } " account"
                    @match template {
                        Some(template) => { ", and the dashboard “" bdi { (template.name) } "” is filled automatically." },
                        None => ", and then add gadgets to a dashboard.",
                    }
                }
            }
            ol.way {
                li.now aria-current="step" { "1. Connect" small { "address and account" } }
                @match template {
                    Some(_) => li { "2. Choose" small { "what the dashboard shows" } },
                    None => li { "2. Add gadgets" small { "from the catalog" } },
                }
                li { "3. Dashboard" small { "the first sync takes a few minutes" } }
            }
            (form)
            p.muted.connecting__foot {
                "Just looking? " code { "host-demo serve --demo" }
                " starts a separate host with sample data, and saves nothing."
            }
        }
    })
}

async fn connecting(
    app: &App,
    caller: &Caller,
    kind: &CatalogKind,
    next: &str,
    save: &str,
) -> Result<Markup, Problem> {
    let people = match caller.user_id() {
        Some(owner) => app.people.who_can_be_named(owner).await?,
        None => Vec::new(),
    };
    let form = Connect {
        kind: Some(kind),
        stored: None,
        sharing: Sharing::of(caller, None, &people),
        may_delete: false,
        next: next.to_owned(),
        save,
    };
    Ok(form.draw())
}

/// A datasource on its page.
struct Connect<'a> {
    /// Missing where no library brings it.
    kind: Option<&'a CatalogKind>,
    stored: Option<&'a Datasource>,
    sharing: Sharing<'a>,
    may_delete: bool,
    /// Where one goes from here; one that ends with `=` gets the id.
    next: String,
    save: &'a str,
}

impl Connect<'_> {
    fn draw(&self) -> Markup {
        let name = self.stored.map(|stored| stored.name.as_str());
        let revision = self.stored.map(|stored| stored.revision);
        html! {
            section.sheet.connect
                data-connect=[self.kind.map(CatalogKind::id)]
                data-datasource=[self.stored.map(|stored| stored.id.as_str())]
                data-revision=[revision]
                data-next=(self.next) {
                form.connect__form novalidate {
                    @match self.kind {
                        Some(kind) => h2 { bdi { (kind.declaration().title) } },
                        None => {
                            h2 { "Its library is missing" }
                            p { "No gadget library on this host provides the kind " code { (self.stored.map_or("", |stored| &stored.kind)) } ". The datasource is kept, and you can delete it." }
                        },
                    }
                    @if let Some(kind) = self.kind {
                        div.field {
                            label for="source-name" { "Name" }
                            input.input id="source-name" name="name" maxlength="200" required autocomplete="off"
                                value=(name.unwrap_or(&kind.declaration().title));
                            p.problem hidden data-name-problem {}
                        }
                        div data-fields { (self.plain(kind)) }
                        (self.sharing.draw())
                    }
                    p.problem role="alert" hidden data-problem {}
                    div.row {
                        @if self.kind.is_some() {
                            button.button."button--first" type="submit" hidden data-do="save" { (self.save) }
                            button.button type="button" hidden data-do="test" { "Test" }
                        }
                        span.muted role="status" data-said {}
                        @if self.may_delete {
                            button.button."button--text".connect__delete type="button" hidden data-do="delete" { "Delete" }
                        }
                    }
                    noscript { p.muted { "Turn on JavaScript to make changes." } }
                }
                div.connect__test {
                    h2 { "Test" }
                    ul.steps."steps--test" hidden aria-live="polite" data-steps {}
                    div data-result {}
                    p.muted { "The test requests one page of each kind of data. It stops at the first step that fails and explains how to fix it." }
                }
            }
        }
    }

    /// Draws what is saved, for who has no scripts; the form stands in its place otherwise.
    fn plain(&self, kind: &CatalogKind) -> Markup {
        let Some(stored) = self.stored else {
            return html! {};
        };
        let declaration = kind.declaration();
        let settings = stored.settings.to_value();
        let fields = declaration.schema["properties"].as_object();
        let secrets = secret_fields(declaration);
        html! {
            dl.saved {
                @for (name, field) in fields.into_iter().flatten() {
                    @let is_secret = secrets.iter().any(|secret| secret.as_str().strip_prefix('/') == Some(name));
                    dt { bdi { (field["title"].as_str().unwrap_or(name)) } }
                    dd { bdi {
                        @if is_secret { "Saved, and never shown" }
                        @else if let Some(text) = settings[name].as_str() { (text) }
                        @else if !settings[name].is_null() { (settings[name].to_string()) }
                    } }
                }
            }
        }
    }
}
