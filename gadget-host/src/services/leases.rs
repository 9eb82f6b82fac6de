//! Leases that end soon after their process: short ones in the store, renewed while they are held.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use gadget_api::{Error, LeaseId};

use crate::LeaseStore;

/// How long a lease lives in the store without being renewed: so long others wait for the work of a
/// host that has died.
const TTL: Duration = Duration::from_secs(10);

/// How often leases are renewed: one renewal may fail, or come late.
const RENEW_EVERY: Duration = Duration::from_secs(3);

/// The longest time for which a lease is renewed, where a call does not come back to release it.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// The leases of all calls of a runner.
pub(crate) struct Leases {
    store: Arc<dyn LeaseStore>,
    renewal: Mutex<Renewal>,
    /// Wakes the thread that renews, once there is nothing left to renew.
    is_idle: Condvar,
    times: Times,
}

/// What is renewed.
#[derive(Default)]
struct Renewal {
    /// The leases, each with the time when it ends for good.
    held: Vec<(LeaseId, Instant)>,
    is_running: bool,
}

#[derive(Clone, Copy)]
struct Times {
    ttl: Duration,
    renew_every: Duration,
}

impl Leases {
    /// Creates the leases of a store.
    pub(crate) fn new(store: Arc<dyn LeaseStore>) -> Arc<Self> {
        let times = Times {
            ttl: TTL,
            renew_every: RENEW_EVERY,
        };
        Self::with_times(store, times)
    }

    fn with_times(store: Arc<dyn LeaseStore>, times: Times) -> Arc<Self> {
        Arc::new(Self {
            store,
            renewal: Mutex::default(),
            is_idle: Condvar::new(),
            times,
        })
    }

    /// Takes a lease and renews it for `ttl`, or returns `None` while somebody else holds it.
    pub(crate) fn take(
        self: &Arc<Self>,
        space: &str,
        key: &str,
        ttl: Duration,
    ) -> Result<Option<LeaseId>, Error> {
        let lease = self.store.take(space, key, ttl.min(self.times.ttl))?;
        if let Some(lease) = lease
            && ttl > self.times.ttl
        {
            self.renew_until(lease, Instant::now() + ttl.min(MAX_TTL));
        }
        Ok(lease)
    }

    /// Releases a lease; does nothing if it has ended.
    pub(crate) fn release(&self, lease: LeaseId) {
        let mut renewal = self.renewal();
        renewal.held.retain(|(held, _)| *held != lease);
        if renewal.held.is_empty() {
            self.is_idle.notify_all();
        }
        drop(renewal);
        self.store.release(lease);
    }

    fn renewal(&self) -> MutexGuard<'_, Renewal> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn renew_until(self: &Arc<Self>, lease: LeaseId, end: Instant) {
        let mut renewal = self.renewal();
        renewal.held.push((lease, end));
        if renewal.is_running {
            return;
        }
        let leases = Arc::clone(self);
        let started = thread::Builder::new()
            .name("leases".to_owned())
            .spawn(move || leases.renew());
        match started {
            Ok(_) => renewal.is_running = true,
            // The lease ends early, as if its holder had died.
            Err(error) => tracing::warn!(%error, "failed to start renewing leases"),
        }
    }

    /// Renews until no lease is held.
    fn renew(&self) {
        let mut renewal = self.renewal();
        loop {
            let is_held = |renewal: &mut Renewal| !renewal.held.is_empty();
            renewal = self
                .is_idle
                .wait_timeout_while(renewal, self.times.renew_every, is_held)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            let now = Instant::now();
            renewal.held.retain(|(_, end)| *end > now);
            if renewal.held.is_empty() {
                renewal.is_running = false;
                return;
            }
            let held = renewal.held.clone();
            // Calls take and release leases meanwhile.
            drop(renewal);
            let is_lost = |(lease, end): &(LeaseId, Instant)| {
                let ttl = end.saturating_duration_since(now).min(self.times.ttl);
                match self.store.renew(*lease, ttl) {
                    Ok(is_held) => !is_held,
                    Err(error) => {
                        // The next attempt may be in time.
                        tracing::warn!(%error, "failed to renew a lease");
                        false
                    }
                }
            };
            let lost: Vec<_> = held.into_iter().filter(is_lost).collect();
            renewal = self.renewal();
            renewal.held.retain(|held| !lost.contains(held));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::FileStore;

    /// How long a test waits: only something that hangs takes longer.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn until(awaited: &str, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < PATIENCE, "waited in vain: {awaited}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A store that counts how often a lease is renewed, and for how long at most.
    #[derive(Default)]
    struct Counting {
        taken_for: Mutex<Duration>,
        renewed: Mutex<u32>,
        is_lost: bool,
    }

    impl LeaseStore for Counting {
        fn take(&self, _: &str, _: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
            *self.taken_for.lock().unwrap() = ttl;
            Ok(Some(LeaseId(1)))
        }

        fn renew(&self, lease: LeaseId, ttl: Duration) -> Result<bool, Error> {
            assert_eq!(lease, LeaseId(1));
            assert!(ttl <= TTL);
            *self.renewed.lock().unwrap() += 1;
            Ok(!self.is_lost)
        }

        fn release(&self, _: LeaseId) {}
    }

    fn often(store: Arc<dyn LeaseStore>) -> Arc<Leases> {
        let times = Times {
            ttl: TTL,
            renew_every: Duration::from_millis(1),
        };
        Leases::with_times(store, times)
    }

    #[test]
    fn a_long_lease_is_a_short_one_in_the_store_that_is_renewed_until_it_is_released() {
        let store = Arc::new(Counting::default());
        let leases = often(Arc::clone(&store) as _);
        let lease = leases.take("s", "k", Duration::MAX).unwrap().unwrap();
        assert_eq!(*store.taken_for.lock().unwrap(), TTL);
        until("it is renewed", || *store.renewed.lock().unwrap() > 3);
        leases.release(lease);
        until("nothing is renewed", || !leases.renewal().is_running);
        // Taken again, it is renewed again.
        *store.renewed.lock().unwrap() = 0;
        let lease = leases.take("s", "k", TTL * 2).unwrap().unwrap();
        until("it is renewed", || *store.renewed.lock().unwrap() > 0);
        leases.release(lease);
    }

    #[test]
    fn a_lease_that_was_lost_is_not_renewed_any_more() {
        let store = Arc::new(Counting {
            is_lost: true,
            ..Counting::default()
        });
        let leases = often(Arc::clone(&store) as _);
        leases.take("s", "k", TTL * 2).unwrap().unwrap();
        until("nothing is renewed", || !leases.renewal().is_running);
        assert_eq!(*store.renewed.lock().unwrap(), 1);
    }

    #[test]
    fn a_lease_outlives_its_time_in_the_store_and_ends_with_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let store = || Arc::new(FileStore::open(directory.path().to_owned()).unwrap());
        let times = Times {
            ttl: Duration::from_secs(1),
            renew_every: Duration::from_millis(50),
        };
        let leases = Leases::with_times(store(), times);
        let other = store();
        let begin = Instant::now();
        let ttl = Duration::from_secs(3);
        leases.take("s", "k", ttl).unwrap().unwrap();
        until("the other store gets it", || {
            other.take("s", "k", Duration::ZERO).unwrap().is_some()
        });
        assert!(begin.elapsed() >= ttl, "{:?}", begin.elapsed());
    }
}
