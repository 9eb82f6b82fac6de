//! The page of the catalog: what was loaded, and what was refused and why.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap};
use gadget_host::Catalog;
use maud::{Markup, html};

use super::{
    Site,
    shell::{Page, Place, Theme},
};
use crate::draw::tile::{icon, sentence};

/// Answers with the catalog.
pub(super) async fn catalog(State(site): State<Arc<Site>>, headers: HeaderMap) -> Markup {
    Page {
        title: "Catalog",
        place: Place::Catalog,
        theme: Theme::of(&headers),
        again_seconds: None,
        content: content(site.engine.catalog()),
    }
    .draw()
}

fn content(catalog: &Catalog) -> Markup {
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
            @if !catalog.refused().is_empty() {
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
            @for remark in catalog.remarks() { p.muted { (sentence(remark)) } }
        }
    }
}
