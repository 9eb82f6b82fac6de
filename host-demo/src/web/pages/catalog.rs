//! The page of the catalog: what was loaded, and what was refused and why.

use std::sync::Arc;

use axum::{Extension, extract::State, http::HeaderMap};
use host_demo::domain::{Action, Object};
use maud::{Markup, html};

use super::shell::{Page, Place, Theme};
use crate::{
    draw::tile::{icon, sentence},
    web::{Site, caller::Caller},
};

/// Answers with the catalog.
pub(super) async fn catalog(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Markup {
    Page {
        title: "Catalog",
        place: Place::Catalog,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&site, &caller),
    }
    .draw()
}

fn content(site: &Site, caller: &Caller) -> Markup {
    let catalog = site.engine.catalog();
    let is_told = caller.may(Action::View, Object::Host);
    html! {
        div.head { div.head__text { h1 { "Catalog" } p.facts { span { "What the gadget libraries of this host bring" } } } }
        div.list {
            @for gadget in catalog.gadgets() {
                @let manifest = &gadget.description().manifest;
                div.sheet {
                    h2 { bdi { (manifest.title) } }
                    p { bdi { (manifest.summary) } }
                    p.muted {
                        code { (manifest.id) } " " (manifest.version) " from "
                        code { (gadget.library().path().display()) }
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
