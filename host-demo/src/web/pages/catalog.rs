//! The page of the catalog: what was loaded, and what was refused and why.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
};
use host_demo::{
    domain::{Action, Object},
    store::Listed,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{Page, Place, Theme};
use crate::{
    draw::{
        miniature,
        tile::{icon, sentence},
    },
    web::{Site, caller::Caller, problem::Problem},
};

/// Where somebody comes from.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    dashboard: String,
}

/// Answers with the catalog.
pub(super) async fn catalog(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let mut boards = site.store.dashboards().await?;
    boards.retain(|each| caller.may(Action::Edit, Object::Dashboard(&each.dashboard)));
    let page = Page {
        title: "Catalog",
        place: Place::Catalog,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&site, &caller, &boards, &from.dashboard),
    };
    Ok(page.draw())
}

fn content(site: &Site, caller: &Caller, boards: &[Listed], from: &str) -> Markup {
    let catalog = site.engine.catalog();
    let is_told = caller.may(Action::View, Object::Host);
    html! {
        div.head {
            div.head__text { h1 { "Catalog" } p.facts { span { "What the gadget libraries of this host bring" } } }
            @if !boards.is_empty() {
                div.head__actions hidden data-needs-script {
                    label for="add-to" { "Add to" }
                    select.input id="add-to" data-dashboards {
                        @for each in boards {
                            @let id = each.dashboard.id().as_str();
                            option value=(id) selected[id == from] { (each.dashboard.title()) }
                        }
                    }
                }
            }
        }
        div.list {
            @for gadget in catalog.gadgets() {
                @let manifest = &gadget.description().manifest;
                div.sheet.gadget {
                    @if let Some(sample) = &manifest.sample { (miniature(sample)) }
                    div {
                        h2 { bdi { (manifest.title) } }
                        p { bdi { (manifest.summary) } }
                        p.muted {
                            code { (manifest.id) } " " (manifest.version)
                            @if let Some(file) = gadget.library().path().file_name() { " from " code { (file.to_string_lossy()) } }
                            @if let Some(help) = manifest.help.as_deref().filter(|help| help.starts_with("https://")) {
                                " · " a href=(help) rel="noopener noreferrer" { "Help" }
                            }
                        }
                        @if !boards.is_empty() {
                            button.button."button--first" type="button" hidden data-add=(manifest.id) { "Add to the dashboard" }
                        }
                    }
                }
            }
            @if catalog.gadgets().next().is_none() { p { "No gadget was loaded." } }
            @if is_told && !catalog.refused().is_empty() {
                h2 { "Refused" }
                @for refused in catalog.refused() {
                    div.strip."strip--error" {
                        (icon("warn"))
                        div {
                            p { code { (refused.path().display()) } }
                            p { b { (sentence(&refused.error().to_string())) } }
                            p { (refused.error().remedy()) }
                        }
                    }
                }
            }
            @for remark in catalog.remarks().iter().filter(|_| is_told) { p.muted { (sentence(remark)) } }
        }
    }
}
