//! Checking and hashing passwords: a few at a time, and slower for whoever guesses.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use dashboards::{
    domain::PasswordHash,
    store::{hash_password, verify_password},
};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{AppError, blocking};

/// How many passwords are hashed at once: each takes memory and time.
const PASSWORDS_AT_ONCE: usize = 2;
/// How many attempts in a row fail before one has to wait.
const FREE_ATTEMPTS: u32 = 5;
/// The longest that one has to wait after a failed attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// More names than these are not remembered; the one with the fewest attempts goes.
const MOST_NAMES: usize = 10_000;

/// Checks and hashes passwords.
pub(crate) struct Passwords {
    throttle: Throttle,
    permits: Semaphore,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self {
            throttle: Throttle::default(),
            permits: Semaphore::new(PASSWORDS_AT_ONCE),
        }
    }

    /// Tells whether a password is the right one; `of` names whose it is, so that guesses at it are counted.
    ///
    /// # Errors
    ///
    /// Returns an error while too many attempts have failed.
    pub(super) async fn verify(
        &self,
        of: &str,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, AppError> {
        self.throttle
            .begin(of, Instant::now())
            .map_err(|wait| AppError::TooManyAttempts { wait })?;
        let permit = self.permits.acquire().await;
        let is_right = blocking::run(move || verify_password(&password, hash.as_ref())).await??;
        drop(permit);
        if is_right {
            self.throttle.succeeded(of);
        }
        Ok(is_right)
    }

    /// Hashes a new password of at least `least_chars` characters.
    pub(crate) async fn hash(
        &self,
        password: SecretString,
        least_chars: usize,
    ) -> Result<PasswordHash, AppError> {
        let permit = self.permits.acquire().await;
        let hash = blocking::run(move || hash_password(&password, least_chars)).await?;
        drop(permit);
        Ok(hash?)
    }

    /// Counts a failed attempt of a name, as if it was made at `now`.
    #[cfg(test)]
    pub(crate) fn count_attempt(&self, of: &str, now: Instant) -> Result<(), Duration> {
        self.throttle.begin(of, now)
    }
}

/// Slows down whoever guesses passwords.
#[derive(Default)]
struct Throttle(Mutex<HashMap<String, Attempts>>);

#[derive(Clone, Copy)]
struct Attempts {
    failed: u32,
    not_before: Instant,
}

impl Throttle {
    fn attempts(&self) -> MutexGuard<'_, HashMap<String, Attempts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an attempt, which counts as failed until it is known not to be.
    ///
    /// # Errors
    ///
    /// Returns how long to wait where too many attempts for `name` have failed.
    fn begin(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut all = self.attempts();
        let known = all.get(name).copied().unwrap_or(Attempts {
            failed: 0,
            not_before: now,
        });
        if known.not_before > now {
            return Err(known.not_before - now);
        }
        if all.len() >= MOST_NAMES && !all.contains_key(name) {
            // Guesses at many names must not wipe what is known of one.
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

#[cfg(test)]
mod tests {
    use super::*;

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
