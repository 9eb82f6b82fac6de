//! Logging in: with a name and a password, or on the first start with the token that the host printed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use dashboards::{
    domain::{MIN_PASSWORD_CHARS, Name, PasswordHash, Role, Session, TokenHash, User, UserId},
    store::{StoreError, hash_password, new_id_bytes, new_secret, verify_password},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use super::{Site, problem::Problem};

/// How long a session lasts.
const LONGEST: TimeDelta = TimeDelta::days(14);
/// How many attempts in a row fail before one has to wait.
const FREE_ATTEMPTS: u32 = 5;
/// The longest that one has to wait after a failed attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// More names than these are not remembered; the one with the fewest attempts goes.
const MOST_NAMES: usize = 10_000;
/// What the first administrator is called.
const FIRST_NAME: &str = "Administrator";

/// How long a browser keeps a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lasts {
    /// Two weeks.
    Days,
    UntilClosed,
}

/// The token of the address that a host prints when nobody can log in yet.
pub(super) struct FirstStart {
    token: Mutex<Option<TokenHash>>,
    use_of: Use,
}

/// How often a token opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Use {
    Once,
    /// As long as the process runs, without a button to press.
    WhileItRuns,
}

impl FirstStart {
    /// Creates a token, and returns its secret beside it.
    pub(super) fn new(use_of: Use) -> (Self, SecretString) {
        let (secret, token) = new_secret();
        let first = Self {
            token: Mutex::new(Some(token)),
            use_of,
        };
        (first, secret)
    }

    /// Creates one that never opens: everybody has a password.
    pub(super) fn closed() -> Self {
        Self {
            token: Mutex::new(None),
            use_of: Use::Once,
        }
    }

    fn token(&self) -> MutexGuard<'_, Option<TokenHash>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn use_of(&self) -> Use {
        self.use_of
    }

    /// Tells whether a token would open.
    pub(super) fn opens(&self, secret: &str) -> bool {
        *self.token() == Some(TokenHash::of(secret))
    }

    /// Closes the host to a token that opens once: somebody can log in now.
    pub(super) fn close(&self) {
        if self.use_of == Use::Once {
            *self.token() = None;
        }
    }

    /// Opens with a token, and spends it if it opens once.
    fn spend(&self, secret: &str) -> bool {
        let mut token = self.token();
        let opens = *token == Some(TokenHash::of(secret));
        if opens && self.use_of == Use::Once {
            *token = None;
        }
        opens
    }
}

/// Slows down whoever guesses passwords.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Attempts>>);

#[derive(Clone, Copy)]
struct Attempts {
    failed: u32,
    not_before: Instant,
}

impl Throttle {
    fn attempts(&self) -> MutexGuard<'_, HashMap<String, Attempts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long whoever logs in as `name` has to wait; an attempt counts as failed until it is known not to be.
    pub(super) fn begin(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut all = self.attempts();
        let known = all.get(name).copied().unwrap_or(Attempts {
            failed: 0,
            not_before: now,
        });
        if known.not_before > now {
            return Err(known.not_before - now);
        }
        if all.len() >= MOST_NAMES && !all.contains_key(name) {
            // Who guesses at many names must not wipe what is known of one.
            let least = all
                .iter()
                .min_by_key(|(_, attempts)| (attempts.failed, attempts.not_before));
            if let Some(least) = least.map(|(name, _)| name.clone()) {
                all.remove(&least);
            }
        }
        let failed = known.failed.saturating_add(1);
        let wait = match failed.checked_sub(FREE_ATTEMPTS) {
            None => Duration::ZERO,
            Some(over) => Duration::from_secs(1 << over.min(10)).min(LONGEST_WAIT),
        };
        let not_before = now + wait;
        all.insert(name.to_owned(), Attempts { failed, not_before });
        Ok(())
    }

    fn succeeded(&self, name: &str) {
        self.attempts().remove(name);
    }
}

impl Site {
    /// Logs a person in; returns the value of the header that sets the cookie.
    ///
    /// A name that is not there takes as long as a wrong password, and answers the same.
    pub(super) async fn log_in(
        self: &Arc<Self>,
        name: &str,
        password: SecretString,
        lasts: Lasts,
    ) -> Result<String, Problem> {
        let refused = || {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong",
                "the name or the password is wrong",
            )
            .with_remedy("Try again, or ask an administrator for a new password.")
        };
        let name = Name::parse(name).map_err(|_| refused())?;
        let user = self.store.user_named(&name).await?;
        self.prove(
            &name.folded(),
            password,
            user.as_ref().and_then(|user| user.password.clone()),
        )
        .await?
        .then_some(())
        .ok_or_else(refused)?;
        match user {
            Some(user) => Ok(self.session_that_lasts(&user.id, lasts).await?),
            None => Err(refused()),
        }
    }

    /// Tells whether a password is the right one; `of` names whose it is, for who guesses.
    pub(super) async fn prove(
        self: &Arc<Self>,
        of: &str,
        password: SecretString,
        proof: Option<PasswordHash>,
    ) -> Result<bool, Problem> {
        if let Err(wait) = self.throttle.begin(of, Instant::now()) {
            let seconds = wait.as_secs() + 1;
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "wait",
                format!("too many attempts failed; try again in {seconds} seconds"),
            ));
        }
        let permit = self.password_permits.acquire().await;
        let is_right = spawn_blocking(move || verify_password(&password, proof.as_ref())).await??;
        drop(permit);
        if is_right {
            self.throttle.succeeded(of);
        }
        Ok(is_right)
    }

    /// Makes what proves a new password.
    pub(super) async fn proof(&self, password: SecretString) -> Result<PasswordHash, Problem> {
        let permit = self.password_permits.acquire().await;
        let proof = spawn_blocking(move || hash_password(&password, MIN_PASSWORD_CHARS)).await?;
        drop(permit);
        Ok(proof?)
    }

    /// Opens the host with the token that it printed; returns the value of the header that sets the cookie.
    pub(super) async fn open_first(&self, token: &str) -> Result<String, Problem> {
        if !self.first.spend(token) {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "spent",
                "this address was used already, or it is of an earlier start",
            )
            .with_remedy("Start the host again: it prints a new one as long as no administrator has a password."));
        }
        let first = self.administrator().await?;
        Ok(self.new_session(&first.id).await?)
    }

    /// Returns the first administrator, who is made if there is none.
    pub(super) async fn administrator(&self) -> Result<User, StoreError> {
        let users = self.store.users().await?;
        let first = users
            .into_iter()
            .filter(|user| user.role == Role::Administrator)
            .min_by_key(|user| user.created_at);
        if let Some(first) = first {
            return Ok(first);
        }
        let user = User {
            id: UserId::from_bytes(new_id_bytes()),
            name: Name::parse(FIRST_NAME).expect("the name is in range"),
            role: Role::Administrator,
            password: None,
            created_at: Utc::now(),
        };
        match self.store.create_user(&user).await {
            // Another host of the same database was faster, or somebody has the name already.
            Err(StoreError::Taken { .. }) => {
                let name = &user.name;
                let found = self.store.user_named(name).await?;
                found.ok_or(StoreError::NotFound {
                    what: "user",
                    id: name.to_string(),
                })
            }
            made => made.map(|()| user),
        }
    }

    /// Begins a session that the browser keeps.
    pub(super) async fn new_session(&self, user: &UserId) -> Result<String, StoreError> {
        self.session_that_lasts(user, Lasts::Days).await
    }

    /// Begins a session; every log-in has a new one.
    async fn session_that_lasts(&self, user: &UserId, lasts: Lasts) -> Result<String, StoreError> {
        let (secret, token) = new_secret();
        let now: DateTime<Utc> = Utc::now();
        let session = Session {
            token,
            user: user.clone(),
            created_at: now,
            expires_at: now + LONGEST,
        };
        self.store.create_session(&session).await?;
        let secret = secret.expose_secret();
        Ok(match lasts {
            Lasts::Days => self.cookie.set(secret, LONGEST.num_seconds()),
            Lasts::UntilClosed => self.cookie.set_until_closed(secret),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_once_or_as_long_as_the_host_runs() {
        for (use_of, second) in [(Use::Once, false), (Use::WhileItRuns, true)] {
            let (first, secret) = FirstStart::new(use_of);
            let secret = secret.expose_secret();
            assert!(!first.spend("guess") && first.opens(secret));
            assert!(first.spend(secret));
            assert_eq!(first.spend(secret), second, "{use_of:?}");
        }
        assert!(!FirstStart::closed().spend(""));
    }

    #[test]
    fn who_guesses_waits_longer_and_longer_and_nobody_else_does() {
        let throttle = Throttle::default();
        let begin = Instant::now();
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(throttle.begin("ann", begin), Ok(()));
        }
        assert!(throttle.begin("ann", begin).is_err());
        assert_eq!(throttle.begin("bob", begin), Ok(()));
        let later = begin + Duration::from_secs(1);
        assert_eq!(throttle.begin("ann", later), Ok(()));
        assert_eq!(throttle.begin("ann", later), Err(Duration::from_secs(2)));
        throttle.succeeded("ann");
        assert_eq!(throttle.begin("ann", later), Ok(()));
    }

    #[test]
    fn guesses_at_many_names_do_not_wipe_those_at_one() {
        let throttle = Throttle::default();
        let begin = Instant::now();
        for _ in 0..=FREE_ATTEMPTS {
            let _too_many = throttle.begin("ann", begin);
        }
        let later = begin + Duration::from_secs(3600);
        for number in 0..2 * MOST_NAMES {
            assert_eq!(throttle.begin(&format!("n{number}"), later), Ok(()));
        }
        assert!(throttle.attempts().len() <= MOST_NAMES);
        assert_eq!(throttle.begin("ann", later), Ok(()));
        assert!(throttle.begin("ann", later).is_err());
    }
}
