//! The page on which a dashboard is begun: empty, or from a template that asks its questions once.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    catalog::layout,
    shell::{Page, Place, Theme},
};
use crate::{
    app::{App, Caller},
    web::problem::Problem,
};
use gadget_draw::layout_miniature;

/// What the dashboard is begun with.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    template: String,
}

/// Answers with the page.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let chosen = match from.template.as_str() {
        "" => None,
        id => Some(app.templates.find(id)?),
    };
    let templates: Vec<_> = app
        .engine
        .catalog()
        .templates()
        .map(|each| each.template())
        .collect();
    let title = chosen.map_or("", |template| template.name.as_str());
    let id = chosen.map(|template| template.id.as_str());
    let content = html! {
        link rel="stylesheet" href="/assets/catalog.css";
        nav.crumbs aria-label="Where this is" { a href="/dashboards" { "Dashboards" } }
        div.head { div.head__text { h1 { "New dashboard" } } }
        div.begin {
            ul.begin__ways aria-label="Start with" {
                li { a.begin__way href="/dashboards/new" aria-current=[id.is_none().then_some("true")] {
                    span.begin__pic."begin__pic--empty" aria-hidden="true" { "+" }
                    span { b { "Empty" } span.muted { "Add gadgets from the catalog" } }
                } }
                @for template in &templates {
                    li { a.begin__way href={ "/dashboards/new?template=" (template.id) } aria-current=[(id == Some(&template.id)).then_some("true")] {
                        span.begin__pic { (layout_miniature(&layout(template))) }
                        span { b { bdi { (template.name) } } span.muted { bdi { (template.summary) } } }
                    } }
                }
            }
            form.sheet.begin__form data-new data-template=[id] hidden {
                div.field {
                    label for="new-title" { "Title" span.field__must aria-hidden="true" { "*" } }
                    div.field__body { input.input id="new-title" name="title" required maxlength="200" value=(title); }
                }
                @if id.is_some() { div data-questions { p.muted { "Loading choices…" } } }
                div role="alert" data-problem {}
                div.row { button.button."button--first" type="submit" { "Create dashboard" } a.button href="/dashboards" { "Cancel" } }
            }
            noscript { p { "Turn on JavaScript to create a dashboard." } }
        }
    };
    let page = Page {
        title: "New dashboard",
        place: Place::Dashboards,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content,
    };
    Ok(page.draw())
}
