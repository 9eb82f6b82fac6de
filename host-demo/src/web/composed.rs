//! Pages that are put together from drawings which are kept.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::Compression;
use maud::{Markup, PreEscaped};
use twox_hash::XxHash3_128;

use crate::app::{Caller, Deflated, Drawing, Gzip};

/// Stands for a drawing in the markup of a page. No text becomes this, since `<` is always escaped.
const MARK: &str = "<drawing/>";

/// A tile as it was drawn.
pub(super) enum DrawnTile {
    /// It shows a view, and its drawing is kept.
    Kept(Arc<Drawing>),
    /// It shows something that changes all the time, such as the progress of a refresh.
    Fresh(Markup),
}

/// The drawings of a page, in the order in which its markup names them.
#[derive(Default)]
pub(super) struct Drawings(Vec<Arc<Drawing>>);

impl Drawings {
    /// Returns the markup that stands for a tile.
    pub(super) fn put(&mut self, tile: DrawnTile) -> Markup {
        match tile {
            DrawnTile::Fresh(markup) => markup,
            DrawnTile::Kept(drawing) => {
                self.0.push(drawing);
                PreEscaped(MARK.to_owned())
            }
        }
    }
}

/// A page, and the drawings on it.
pub(super) struct Composed {
    markup: String,
    drawings: Vec<Arc<Drawing>>,
}

impl Composed {
    /// Puts a page together from its markup and the drawings that were put there.
    pub(super) fn new(markup: Markup, drawings: Drawings) -> Self {
        Self {
            markup: markup.into_string(),
            drawings: drawings.0,
        }
    }

    /// Puts a page together that is one tile.
    pub(super) fn of(tile: DrawnTile) -> Self {
        let mut drawings = Drawings::default();
        let markup = drawings.put(tile);
        Self::new(markup, drawings)
    }

    /// Returns the texts of the page, each with the drawing after it.
    fn parts(&self) -> impl Iterator<Item = (&str, Option<&Drawing>)> {
        let drawings = self.drawings.iter().map(|drawing| Some(&**drawing));
        let drawings = drawings.chain(std::iter::repeat(None));
        self.markup.split(MARK).zip(drawings)
    }

    /// Answers `caller` with the page, or says that it is still the one that its browser has.
    pub(super) fn respond(&self, caller: &Caller, headers: &HeaderMap) -> Response {
        let tag = self.tag(caller);
        let vary = (
            header::VARY,
            HeaderValue::from_static("accept-encoding, cookie"),
        );
        let known = headers.get_all(header::IF_NONE_MATCH).iter();
        let mut known = known.filter_map(|value| value.to_str().ok());
        let is_known = known.any(|tags| tags.split(',').any(|each| each.trim() == tag));
        let tag = [(header::ETAG, tag)];
        if is_known {
            return (StatusCode::NOT_MODIFIED, tag, [vary]).into_response();
        }
        let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        if takes_gzip(headers) {
            let coding = (header::CONTENT_ENCODING, "gzip");
            return (tag, [vary], [kind, coding], self.gzipped()).into_response();
        }
        (tag, [vary], [kind], self.plain()).into_response()
    }

    /// Returns what tells this page of this caller from all others.
    fn tag(&self, caller: &Caller) -> String {
        let mut all = caller
            .user_id()
            .map_or_else(String::new, ToString::to_string);
        all.push('\n');
        all.push_str(&self.markup);
        for drawing in &self.drawings {
            let _ = write!(all, "{:x}", drawing.digest());
        }
        format!("W/\"{:032x}\"", XxHash3_128::oneshot(all.as_bytes()))
    }

    fn plain(&self) -> Vec<u8> {
        let mut page = Vec::new();
        for (text, drawing) in self.parts() {
            page.extend_from_slice(text.as_bytes());
            page.extend_from_slice(drawing.map_or(&[], Drawing::bytes));
        }
        page
    }

    fn gzipped(&self) -> Vec<u8> {
        let mut page = Gzip::new();
        let mut before = None;
        for (text, drawing) in self.parts() {
            if !text.is_empty() {
                page.push(&Deflated::new(text.as_bytes(), b"", Compression::fast()));
                before = None;
            }
            if let Some(drawing) = drawing {
                page.push(&drawing.deflated_after(before));
                before = Some(drawing);
            }
        }
        page.finish()
    }
}

/// Tells whether a client takes an answer that is compressed with gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = codings
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let is_refused = |part: &str| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
        };
        is_gzip && !parts.any(is_refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_gzip_only_where_it_says_so() {
        for (accepts, expected) in [
            (&[][..], false),
            (&["gzip"], true),
            (&["br, GZIP;q=0.5"], true),
            (&["identity", "deflate, gzip"], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["br"], false),
            (&["x-gzip"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accepts {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(takes_gzip(&headers), expected, "{accepts:?}");
        }
    }
}
