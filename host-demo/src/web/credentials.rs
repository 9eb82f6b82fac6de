//! Who asks, as a request says it: by the cookie of a session, or by the token of a program.

use axum::http::{HeaderMap, header};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use crate::app::{Credential, LoggedIn, Sessions};

/// How long a browser is a known device after somebody has signed in with it.
const DEVICE_DAYS: i64 = 180;

/// How long a browser keeps a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lasts {
    /// As long as the session lasts.
    Days,
    UntilClosed,
}

/// Reads what a request shows; a token goes before a cookie.
pub(super) fn credential<'a>(headers: &'a HeaderMap, cookies: &SessionCookie) -> Credential<'a> {
    if headers.contains_key(header::AUTHORIZATION) {
        return bearer(headers).map_or(Credential::None, Credential::ApiToken);
    }
    cookies
        .read(headers)
        .map_or(Credential::None, Credential::Session)
}

/// Returns the token of a program.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The cookie that holds the secret of a session, and the one that makes a browser a known device.
#[derive(Clone, Debug)]
pub(super) struct SessionCookie {
    name: String,
    device: String,
    attributes: &'static str,
}

impl SessionCookie {
    /// Returns the cookie of a host that is reached over plain http on this machine.
    ///
    /// Cookies do not tell ports apart, so that the port is in the name.
    pub(super) fn on_loopback(port: u16) -> Self {
        Self {
            name: format!("session-{port}"),
            device: format!("device-{port}"),
            attributes: "Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// Returns the cookie of a host that is reached by https.
    pub(super) fn over_tls() -> Self {
        Self {
            name: "__Host-session".to_owned(),
            device: "__Host-device".to_owned(),
            attributes: "Path=/; HttpOnly; SameSite=Lax; Secure",
        }
    }

    /// Returns the headers for somebody who has just logged in.
    pub(super) fn logged_in(&self, logged_in: &LoggedIn, lasts: Lasts) -> HeaderMap {
        let device = logged_in.device.as_ref().map(|token| {
            let (name, token) = (&self.device, token.expose_secret());
            let seconds = TimeDelta::days(DEVICE_DAYS).num_seconds();
            format!("{name}={token}; {}; Max-Age={seconds}", self.attributes)
        });
        let cookies = [Some(self.set(&logged_in.session, lasts)), device];
        cookies
            .into_iter()
            .flatten()
            .filter_map(|cookie| Some((header::SET_COOKIE, cookie.parse().ok()?)))
            .collect()
    }

    /// Returns the token that makes the browser a known device.
    pub(super) fn device<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, &self.device)
    }

    /// Returns the value of a header that sets the session.
    pub(super) fn set(&self, session: &SecretString, lasts: Lasts) -> String {
        let set = self.header(session.expose_secret());
        match lasts {
            Lasts::Days => format!("{set}; Max-Age={}", Sessions::LIFETIME.num_seconds()),
            Lasts::UntilClosed => set,
        }
    }

    /// Returns the value of a header that removes it.
    pub(super) fn removed(&self) -> String {
        format!("{}; Max-Age=0", self.header(""))
    }

    fn header(&self, secret: &str) -> String {
        let Self {
            name, attributes, ..
        } = self;
        format!("{name}={secret}; {attributes}")
    }

    /// Returns the value of a header that sets another cookie, for the pages below a path only.
    pub(super) fn set_below(&self, path: &str, name: &str, value: &str) -> String {
        let secure = match self.attributes.contains("Secure") {
            true => "; Secure",
            false => "",
        };
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}")
    }

    fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, &self.name)
    }
}

/// Returns a cookie that is there exactly once.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter();
    let all = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|each| each.trim().split_once('='));
    let mut found = all.filter(|(found, _)| *found == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_counts_when_it_is_there_once() {
        let headers = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::COOKIE, value.parse().unwrap());
            }
            headers
        };
        for (values, expected) in [
            (&["session-1=a"][..], Some("a")),
            (&["theme=dark; session-1=a"], Some("a")),
            (&["theme=dark", "session-1=a"], Some("a")),
            (&["session-1=a; session-1=b"], None),
            (&["xsession-1=a"], None),
            (&["session-1="], None),
            (&[], None),
        ] {
            let headers = headers(values);
            assert_eq!(
                SessionCookie::on_loopback(1).read(&headers),
                expected,
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_token_is_a_bearer_and_there_once() {
        for (values, expected) in [
            (&["Bearer abc"][..], Some("abc")),
            (&["bearer abc"], Some("abc")),
            (&["Basic abc"], None),
            (&["Bearer a", "Bearer b"], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(bearer(&headers), expected, "{values:?}");
        }
    }
}
