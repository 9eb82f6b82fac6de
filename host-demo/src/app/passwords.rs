//! Checking and hashing passwords: a few at a time, and slower for whoever guesses.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Instant,
};

use dashboards::{
    domain::PasswordHash,
    store::{hash_password, verify_password},
};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{
    AppError, blocking,
    throttle::{Guesser, Throttle},
};

/// How many passwords are hashed at once: each takes memory and time.
const PASSWORDS_AT_ONCE: usize = 2;

/// Checks and hashes passwords.
pub(crate) struct Passwords {
    throttle: Throttle,
    queues: Queues,
    permits: Semaphore,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self {
            throttle: Throttle::default(),
            queues: Queues::default(),
            permits: Semaphore::new(PASSWORDS_AT_ONCE),
        }
    }

    /// Tells whether a password is the right one; `of` names whose it is, so that guesses at it are counted.
    ///
    /// # Errors
    ///
    /// Returns an error while too many attempts of `guesser` have failed.
    pub(super) async fn verify(
        &self,
        guesser: &Guesser,
        of: &str,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, AppError> {
        self.throttle
            .begin(guesser, of, Instant::now())
            .map_err(|wait| AppError::TooManyAttempts { wait })?;
        let queue = self.queues.of(guesser);
        let turn = queue.acquire().await;
        let permit = self.permits.acquire().await;
        let is_right = blocking::run(move || verify_password(&password, hash.as_ref())).await??;
        drop((permit, turn));
        if is_right {
            self.throttle.succeeded(guesser, of);
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

    /// Makes whoever enters passwords from an address, or on the device of this number, wait for hours.
    #[cfg(test)]
    pub(crate) fn exhaust(&self, from: &str, of: &str) {
        let device = || Guesser::Device(dashboards::domain::TokenHash::of(from));
        let guesser = from.parse().map_or_else(|_| device(), Guesser::at);
        self.throttle.exhaust(&guesser, of, Instant::now());
    }
}

/// Lets everybody check one password at a time, so that who sends many waits behind themselves alone.
#[derive(Default)]
struct Queues(Mutex<HashMap<Guesser, Weak<Semaphore>>>);

impl Queues {
    fn of(&self, guesser: &Guesser) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = all.get(guesser).and_then(Weak::upgrade) {
            return queue;
        }
        all.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Semaphore::new(1));
        all.insert(guesser.clone(), Arc::downgrade(&queue));
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_sends_many_passwords_at_once_makes_nobody_else_wait() {
        let passwords = Arc::new(Passwords::new());
        let ended = Arc::new(Mutex::new(Vec::new()));
        let start = |address: &str, name: String| {
            let guesser = Guesser::at(address.parse().unwrap());
            let (passwords, ended) = (Arc::clone(&passwords), Arc::clone(&ended));
            tokio::spawn(async move {
                let checked = passwords.verify(&guesser, &name, "wrong password".into(), None);
                assert!(!checked.await.unwrap());
                ended.lock().unwrap().push(name);
            })
        };
        let all_permits = u32::try_from(PASSWORDS_AT_ONCE).unwrap();
        let held = passwords.permits.acquire_many(all_permits).await.unwrap();
        let many: Vec<_> = (0..10)
            .map(|number| start("192.0.2.66", format!("n{number}")))
            .collect();
        // They have all asked for a turn before the other one comes.
        tokio::task::yield_now().await;
        let other = start("198.51.100.1", "ann".to_owned());
        tokio::task::yield_now().await;
        drop(held);
        for task in many.into_iter().chain([other]) {
            task.await.unwrap();
        }
        let ended = ended.lock().unwrap();
        let place = ended.iter().position(|name| name == "ann").unwrap();
        assert!(place < 3, "{ended:?}");
    }
}
