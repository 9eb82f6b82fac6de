//! Style sheets and scripts: they are in the program, no path leads to a file.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "assets"]
struct Assets;

/// Answers with an asset; a browser that has it already is told so.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (Some(kind), Some(asset)) = (kind_of(&name), Assets::get(&name)) else {
        return (StatusCode::NOT_FOUND, "file not found\n").into_response();
    };
    let hash = asset.metadata.sha256_hash();
    let tag = format!("\"{}\"", hex::encode(&hash[..16]));
    let caching = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, tag.as_str()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, kind)], asset.data).into_response()
}

fn kind_of(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_built_in_is_there() {
        assert!(Assets::get("app.js").is_some() && Assets::get("tokens.css").is_some());
        for name in ["../Cargo.toml", "..%2fCargo.toml", "/etc/passwd", ""] {
            assert!(Assets::get(name).is_none(), "{name}");
        }
        assert_eq!(kind_of("app.js"), Some("text/javascript; charset=utf-8"));
        // What editors need of the scripts is nobody else's business.
        assert_eq!(kind_of("jsconfig.json"), None);
    }
}
