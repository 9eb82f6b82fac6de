//! Who asks: read from the cookie of a session, or from the token of a program.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{
        Action, DashboardId, Denied, Object, Principal, Scope, TokenHash, User, UserId,
        check_access,
    },
    store::{Store, StoreError},
};

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    Anonymous,
    /// A person with a session.
    Person {
        user: Box<User>,
        session: TokenHash,
    },
    /// A program with an API token.
    Program {
        user: Box<User>,
        scopes: BTreeSet<Scope>,
    },
    /// Somebody with a public link.
    Visitor(DashboardId),
}

impl Caller {
    /// Reads who asks; a token goes before a cookie.
    pub(super) async fn of(
        headers: &HeaderMap,
        cookies: &SessionCookie,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        if headers.contains_key(header::AUTHORIZATION) {
            let Some(token) = bearer(headers) else {
                return Ok(Self::Anonymous);
            };
            let found = store.api_token(&TokenHash::of(token), now).await?;
            return Ok(
                found.map_or(Self::Anonymous, |(token, user)| Self::Program {
                    user: Box::new(user),
                    scopes: token.scopes,
                }),
            );
        }
        let Some(secret) = cookies.read(headers) else {
            return Ok(Self::Anonymous);
        };
        let found = store.session(&TokenHash::of(secret), now).await?;
        Ok(
            found.map_or(Self::Anonymous, |(session, user)| Self::Person {
                user: Box::new(user),
                session: session.token,
            }),
        )
    }

    pub(super) fn principal(&self) -> Principal<'_> {
        match self {
            Self::Anonymous => Principal::Anonymous,
            Self::Person { user, .. } => Principal::User(user),
            Self::Program { user, scopes } => Principal::Token { user, scopes },
            Self::Visitor(dashboard) => Principal::Link(dashboard),
        }
    }

    /// Decides whether the caller may do something.
    pub(super) fn check(&self, action: Action, object: Object<'_>) -> Result<(), Denied> {
        check_access(&self.principal(), action, object)
    }

    pub(super) fn may(&self, action: Action, object: Object<'_>) -> bool {
        self.check(action, object).is_ok()
    }

    /// Returns the person, or the one in whose name a program asks.
    pub(super) fn user(&self) -> Option<&User> {
        match self {
            Self::Person { user, .. } | Self::Program { user, .. } => Some(user),
            Self::Anonymous | Self::Visitor(_) => None,
        }
    }

    pub(super) fn user_id(&self) -> Option<&UserId> {
        self.user().map(|user| &user.id)
    }
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

/// The cookie that holds the secret of a session.
#[derive(Clone, Debug)]
pub(super) struct SessionCookie {
    name: String,
    attributes: &'static str,
}

impl SessionCookie {
    /// Returns the cookie of a host that is reached over plain http on this machine.
    ///
    /// Cookies do not tell ports apart, so that the port is in the name.
    pub(super) fn on_loopback(port: u16) -> Self {
        Self {
            name: format!("session-{port}"),
            attributes: "Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// Returns the cookie of a host that is reached by https.
    pub(super) fn over_tls() -> Self {
        Self {
            name: "__Host-session".to_owned(),
            attributes: "Path=/; HttpOnly; SameSite=Lax; Secure",
        }
    }

    /// Returns the value of a header that sets it, for so many seconds.
    pub(super) fn set(&self, secret: &str, seconds: i64) -> String {
        let set = self.set_until_closed(secret);
        format!("{set}; Max-Age={seconds}")
    }

    /// Returns the value of a header that sets it until the browser is closed.
    pub(super) fn set_until_closed(&self, secret: &str) -> String {
        let Self { name, attributes } = self;
        format!("{name}={secret}; {attributes}")
    }

    /// Returns the value of a header that removes it.
    pub(super) fn removed(&self) -> String {
        self.set("", 0)
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
