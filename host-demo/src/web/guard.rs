//! What every request has to pass and every answer carries.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::app::Failure;

/// What a page may do; nothing comes from elsewhere, no markup is made of text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";
/// The same for pages that stand in frames of other pages.
const POLICY_IN_FRAMES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
    (
        HeaderName::from_static("x-permitted-cross-domain-policies"),
        "none",
    ),
];

/// After how many seconds a client should ask again that was refused for the moment.
const AGAIN_SECONDS: &str = "2";

/// No form and no import of this host is larger.
pub(super) const MAX_BODY_BYTES: u64 = 1024 * 1024;

/// By which address people reach this host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Names {
    /// By its own, on this machine.
    Loopback,
    /// By that of a proxy with TLS in front of it; also by its own on this machine.
    Public(Authority),
}

impl Names {
    /// Reads `https://host`.
    ///
    /// # Errors
    ///
    /// Returns an error when it is another address.
    pub(crate) fn parse(public_url: Option<&str>) -> Result<Self, Failure> {
        let Some(text) = public_url else {
            return Ok(Self::Loopback);
        };
        let name = text
            .strip_prefix("https://")
            .map(|name| name.trim_end_matches('/'))
            .filter(|name| !name.contains(['/', '?', '#', '@']))
            .and_then(|name| name.parse().ok());
        name.map(Self::Public).ok_or_else(|| {
            Failure::usage(format!("`{text}` is not the address of a host"))
                .with_remedy("Use `--public-url https://host`, without a path.")
        })
    }

    pub(crate) fn is_public(&self) -> bool {
        matches!(self, Self::Public(_))
    }

    /// Returns the names of a host that listens on `address`.
    pub(crate) fn hosts(&self, address: SocketAddr) -> Hosts {
        match self {
            Self::Loopback => Hosts::of(address),
            Self::Public(name) => Hosts([name.clone()].into(), Scheme::Https),
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

/// The names under which this host answers.
///
/// A page of another origin whose name was made to point at this machine sends its own name.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(Arc<[Authority]>, Scheme);

impl Hosts {
    /// Returns the names of a host that listens on `address`, which is a loopback address.
    pub(crate) fn of(address: SocketAddr) -> Self {
        let port = address.port();
        let names = [
            format!("localhost:{port}"),
            format!("127.0.0.1:{port}"),
            format!("[::1]:{port}"),
            address.to_string(),
        ];
        Self(
            names.iter().filter_map(|name| name.parse().ok()).collect(),
            Scheme::Http,
        )
    }

    fn has(&self, name: &str) -> bool {
        name.parse::<Authority>()
            .is_ok_and(|name| self.0.contains(&name))
    }
}

/// Whom a page is for; a refusal of such a page too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Audience {
    Users,
    /// Whoever has a public link; its address is a secret that goes nowhere else.
    Public,
    /// The same, where a password is asked for: a form of a page that names no referrer has no
    /// origin either, and would be refused. The address goes to this host alone, which has it.
    Door,
    /// The same, in a frame of any other page.
    Frames,
}

impl Audience {
    fn of(path: &str) -> Self {
        let parts: Vec<_> = path.split('/').skip(1).collect();
        match parts[..] {
            ["public", _, "password"] => Self::Door,
            ["public", ..] => Self::Public,
            ["embed", ..] => Self::Frames,
            _ => Self::Users,
        }
    }

    fn adapt(self, headers: &mut HeaderMap) {
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        if matches!(self, Self::Public | Self::Frames) {
            set(header::REFERRER_POLICY, "no-referrer");
        }
        if self != Self::Users {
            set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
        }
        if self == Self::Frames {
            set(header::CONTENT_SECURITY_POLICY, POLICY_IN_FRAMES);
            set(
                HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            );
            headers.remove(header::X_FRAME_OPTIONS);
        }
    }
}

/// Lets a request through to its handler, or answers it.
pub(crate) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let audience = Audience::of(request.uri().path());
    let mut response = match refusal(&hosts, &request) {
        Some((status, reason)) => (status, reason).into_response(),
        None => next.run(request).await,
    };
    let is_busy = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    if is_busy {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(AGAIN_SECONDS));
    }
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    audience.adapt(headers);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(hosts: &Hosts, request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    let is_known = only(headers, &header::HOST).is_some_and(|host| hosts.has(host));
    let target_is_known = request
        .uri()
        .authority()
        .is_none_or(|name| hosts.0.contains(name));
    if !is_known || !target_is_known {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "this host does not serve that host name\n",
        ));
    }
    // No page of another origin can send a token that it does not know, and a token is looked at
    // before any cookie.
    let is_program = headers.contains_key(header::AUTHORIZATION);
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_safe && !is_program && !is_same_origin(hosts, headers) {
        return Some((
            StatusCode::FORBIDDEN,
            "changes are allowed only from pages of this host\n",
        ));
    }
    let length =
        only(headers, &header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Some((
            StatusCode::PAYLOAD_TOO_LARGE,
            "the request body is too large\n",
        ));
    }
    None
}

/// Tells whether a browser says that the request comes from a page of this host.
fn is_same_origin(hosts: &Hosts, headers: &HeaderMap) -> bool {
    let own_origin = || {
        only(headers, &header::ORIGIN)
            .and_then(|origin| {
                origin.strip_prefix(match hosts.1 {
                    Scheme::Http => "http://",
                    Scheme::Https => "https://",
                })
            })
            .is_some_and(|name| hosts.has(name) && only(headers, &header::HOST) == Some(name))
    };
    let has_origin = headers.contains_key(header::ORIGIN);
    match only(headers, &HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => !has_origin || own_origin(),
        Some(_) => false,
        None => own_origin(),
    }
}

/// Returns a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refused(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap());
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        refusal(&hosts, &request.body(Body::empty()).unwrap()).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_the_own_names_are_answered() {
        let cases = [
            ("127.0.0.1:8080", None),
            ("localhost:8080", None),
            ("LOCALHOST:8080", None),
            ("[::1]:8080", None),
            ("evil.test", Some(421)),
            ("evil.test:8080", Some(421)),
            ("localhost.:8080", Some(421)),
            ("127.0.0.1:9999", Some(421)),
            ("127.0.0.1", Some(421)),
            ("localhost:8080@evil.test", Some(421)),
            ("", Some(421)),
        ];
        for (host, status) in cases {
            assert_eq!(refused("GET", "/", &[("host", host)]), status, "{host}");
        }
        assert_eq!(refused("GET", "/", &[]), Some(421));
        assert_eq!(
            refused(
                "GET",
                "/",
                &[("host", "localhost:8080"), ("host", "evil.test")]
            ),
            Some(421)
        );
        assert_eq!(
            refused("GET", "http://evil.test/", &[("host", "localhost:8080")]),
            Some(421)
        );
        let forwarded = [
            ("host", "evil.test"),
            ("x-forwarded-host", "localhost:8080"),
        ];
        assert_eq!(refused("GET", "/", &forwarded), Some(421));
    }

    #[test]
    fn a_page_says_whom_it_is_for() {
        for (path, audience) in [
            ("/", Audience::Users),
            ("/d/public", Audience::Users),
            ("/publications", Audience::Users),
            ("/public/token", Audience::Public),
            ("/public/token/tiles/t/tile.html", Audience::Public),
            ("/public/token/password", Audience::Door),
            ("/public/password", Audience::Public),
            ("/embed/token", Audience::Frames),
        ] {
            assert_eq!(Audience::of(path), audience, "{path}");
        }
    }

    #[test]
    fn only_own_pages_change_something() {
        let own = "http://localhost:8080";
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<u16>);
        let cases: &[Case<'_>] = &[
            (&[("sec-fetch-site", "same-origin")], None),
            (&[("sec-fetch-site", "none")], None),
            (&[("sec-fetch-site", "same-origin"), ("origin", own)], None),
            (&[("origin", own)], None),
            (&[], Some(403)),
            (&[("sec-fetch-site", "same-site")], Some(403)),
            (
                &[("sec-fetch-site", "cross-site"), ("origin", own)],
                Some(403),
            ),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "http://evil.test"),
                ],
                Some(403),
            ),
            (&[("origin", "null")], Some(403)),
            (&[("origin", "https://localhost:8080")], Some(403)),
            (&[("origin", "http://127.0.0.1:8080")], Some(403)),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("content-length", "1048577"),
                ],
                Some(413),
            ),
        ];
        for (headers, status) in cases {
            let mut all = vec![("host", "localhost:8080")];
            all.extend_from_slice(headers);
            assert_eq!(refused("POST", "/refresh", &all), *status, "{headers:?}");
        }
    }
}
