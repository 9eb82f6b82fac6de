//! The page of the catalog: what was loaded, and what was refused and why.

use std::{borrow::Cow, path::Path, sync::Arc};

use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
};
use dashboards::{
    domain::{Action, Object},
    store::Listed,
};
use gadget_api::{FieldPath, GadgetDescription, Template, TileSize};
use gadget_host::{CallError, Catalog, CatalogGadget, CatalogTemplate, RefusedLibrary};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{Page, Place, Theme};
use crate::{
    app::{App, Caller},
    web::problem::Problem,
};
use gadget_draw::{
    layout_miniature, miniature,
    number::counted,
    tile::{icon, sentence},
};

/// How many tiles a tile that is repeated is drawn as.
const REPEATS: usize = 3;

/// Where somebody comes from.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    dashboard: String,
}

/// Answers with the catalog.
pub(super) async fn catalog(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let mut boards = app.store.dashboards().await?;
    boards.retain(|each| caller.may(Action::Edit, Object::Dashboard(&each.dashboard)));
    let page = Page {
        title: "Catalog",
        place: Place::Catalog,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&app, &caller, &boards, &from.dashboard),
    };
    Ok(page.draw())
}

fn content(app: &App, caller: &Caller, boards: &[Listed], from: &str) -> Markup {
    let catalog = app.engine.catalog();
    let gadgets: Vec<_> = catalog.gadgets().collect();
    let refused = match caller.may(Action::View, Object::Host) {
        true => catalog.refused(),
        false => &[],
    };
    html! {
        link rel="stylesheet" href="/assets/catalog.css";
        div.head {
            div.head__text {
                h1 { "Catalog" }
                p.facts {
                    span {
                        (many(gadgets.len(), "gadget", "gadgets")) " from "
                        (many(catalog.libraries().len(), "library", "libraries"))
                    }
                    @if !refused.is_empty() { span { (many(refused.len(), "library", "libraries")) " refused" } }
                }
            }
            @if !boards.is_empty() { (boards_to_add_to(boards, from)) }
        }
        @if gadgets.is_empty() {
            div.start { h2 { "No gadgets loaded" } p { "Put gadget libraries into a gadget directory of this host and restart it." } }
        } @else {
            (filters(catalog))
            ul.cards { @for gadget in &gadgets { (card(app, caller, gadget, boards)) } }
            p.muted role="status" hidden data-none { "No gadget matches." }
        }
        @let templates: Vec<_> = catalog.templates().collect();
        @if !templates.is_empty() {
            div.section { h2 { "Templates" } p { "Whole dashboards, set up in one step" } }
            ul.cards { @for template in &templates { (wide_card(catalog, template, caller)) } }
        }
        @if !refused.is_empty() {
            div.section { h2 { "Refused libraries" } p { "Found in a gadget directory but not loaded" } }
            div.sheet.refusals { @for each in refused { (refusal(each)) } }
        }
        @for remark in catalog.remarks().iter().filter(|_| caller.may(Action::View, Object::Host)) {
            p.muted { (sentence(remark)) }
        }
    }
}

fn many(count: usize, one: &str, more: &str) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), one, more)
}

/// Draws the choice of the dashboard that gadgets are added to.
fn boards_to_add_to(boards: &[Listed], from: &str) -> Markup {
    html! {
        div.head__actions.add-to hidden data-needs-script {
            label for="add-to" { "Add to" }
            span.chevron {
                select.select id="add-to" data-dashboards {
                    @for each in boards {
                        @let id = each.dashboard.id().as_str();
                        option value=(id) selected[id == from] { (each.dashboard.title()) }
                    }
                }
            }
        }
    }
}

/// Draws what narrows the list; a script does it.
fn filters(catalog: &Catalog) -> Markup {
    html! {
        form.filters role="search" hidden data-filters {
            input.input type="search" name="text" placeholder="Search gadgets" aria-label="Search gadgets" autocomplete="off";
            span.chevron {
                select.select name="kind" aria-label="Datasource kind" {
                    option value="" { "All datasources" }
                    @for kind in catalog.datasource_kinds() { option value=(kind.id()) { (kind.declaration().title) } }
                }
            }
        }
    }
}

fn card(app: &App, caller: &Caller, gadget: &CatalogGadget, boards: &[Listed]) -> Markup {
    let catalog = app.engine.catalog();
    let description = gadget.description();
    let manifest = &description.manifest;
    let kinds = &manifest.datasource_kinds;
    let title = |kind: &String| match catalog.datasource_kind(kind) {
        Ok(found) => found.declaration().title.clone(),
        Err(_) => format!("{kind} (no library provides it)"),
    };
    let reads: Vec<_> = kinds.iter().map(title).collect();
    let shares = shared_fields(description);
    html! {
        li.card data-kinds=(kinds.join(" ")) {
            div.card__pic {
                @match &manifest.sample {
                    Some(sample) => (miniature(sample)),
                    None => p.muted { "No preview" },
                }
            }
            div.card__body {
                h2 { bdi { (manifest.title) } }
                p { bdi { (manifest.summary) } }
                @if let Err(error) = app.engine.check_suspension(gadget.id()) { (suspension(caller, gadget, &error)) }
                dl.card__facts {
                    dt { "Data from" }
                    dd { bdi { @if reads.is_empty() { "No datasource" } @else { (reads.join(", ")) } } }
                    @if !shares.is_empty() { dt { "Shares" } dd { bdi { (shares.join(", ")) } } }
                    dt { "Library" }
                    dd { (file(gadget.library().path())) " " (manifest.version) }
                }
            }
            div.card__foot {
                @if !boards.is_empty() {
                    button.button type="button" hidden data-add=(manifest.id) {
                        "Add" span.sr { " " (manifest.title) }
                    }
                }
                @if let Some(help) = manifest.help.as_deref().filter(|help| help.starts_with("https://")) {
                    a.end href=(help) rel="noopener noreferrer" { "Help" span.sr { " for " (manifest.title) } }
                }
            }
        }
    }
}

/// Says why a gadget is suspended, and lets an administrator resume it.
fn suspension(caller: &Caller, gadget: &CatalogGadget, error: &CallError) -> Markup {
    let path = format!("POST /api/gadgets/{}/resume", gadget.id());
    html! {
        div.strip."strip--error" {
            (icon("warn"))
            div {
                p { b { (sentence(&error.to_string())) } }
                @if caller.may(Action::Manage, Object::Host) {
                    form method="post" data-send=(path) data-next="/catalog" {
                        button.button type="submit" disabled { "Resume" }
                    }
                } @else if let Some(remedy) = error.remedy() { p { (remedy) } }
            }
        }
    }
}

/// Names the settings that other gadgets can take over, as the form does.
fn shared_fields(description: &GadgetDescription) -> Vec<String> {
    let properties = description.schema["properties"].as_object();
    let is_shared = |name: &str| {
        let field = FieldPath::root().child(name);
        description
            .semantics
            .values()
            .any(|shared| *shared == field)
    };
    let shared = properties
        .into_iter()
        .flatten()
        .filter(|(name, _)| is_shared(name));
    shared
        .map(|(name, field)| field["title"].as_str().unwrap_or(name).to_lowercase())
        .collect()
}

/// Returns the sizes of the tiles of a template; one that is repeated stands for as many as a row has.
pub(super) fn layout(template: &Template) -> Vec<TileSize> {
    let sizes = template.tiles.iter().flat_map(|tile| {
        let count = if tile.repeat.is_some() { REPEATS } else { 1 };
        std::iter::repeat_n(tile.size, count)
    });
    sizes.collect()
}

fn wide_card(catalog: &Catalog, template: &CatalogTemplate, caller: &Caller) -> Markup {
    let (library, template) = (template.library(), template.template());
    let sizes = layout(template);
    let tiles = template.tiles.iter().map(|tile| {
        let gadget = catalog.gadget(&tile.gadget).ok();
        let title = gadget.map_or(tile.gadget.as_str(), |gadget| {
            &gadget.description().manifest.title
        });
        match &tile.repeat {
            Some(each) => format!("{title} for each {each}"),
            None => title.to_owned(),
        }
    });
    let tiles: Vec<_> = tiles.collect();
    html! {
        li.card."card--wide" {
            div.card__pic { (layout_miniature(&sizes)) }
            div.card__main {
                div.card__body {
                    h3 { bdi { (template.name) } }
                    p { bdi { (template.summary) } }
                    dl.card__facts {
                        dt { "Gadgets" } dd { bdi { (tiles.join(", ")) } }
                        @if !template.ask.is_empty() { dt { "Asks for" } dd { bdi { (template.ask.join(", ")) } } }
                        dt { "Library" } dd { (file(library.path())) }
                    }
                }
                @if caller.may(Action::Create, Object::Dashboards) {
                    div.card__foot {
                        a.button."button--first" href={ "/dashboards/new?template=" (template.id) } { "Use template" }
                    }
                }
            }
        }
    }
}

fn refusal(refused: &RefusedLibrary) -> Markup {
    html! {
        article.refusal {
            (icon("warn"))
            div {
                h3 { (file(refused.path())) }
                p.muted { code { (refused.path().parent().unwrap_or(refused.path()).display()) } }
            }
            div {
                p { b { (sentence(&refused.error().to_string())) } }
                p.muted { (refused.error().remedy()) }
            }
        }
    }
}

/// Names a file without where it is.
fn file(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
