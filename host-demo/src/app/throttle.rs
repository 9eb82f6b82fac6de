//! Slows down whoever guesses passwords, and nobody else.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use dashboards::domain::{TokenHash, UserId};

/// How many attempts in a row fail before one has to wait.
const FREE_ATTEMPTS: u32 = 5;
/// The longest that one has to wait after a failed attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How many attempts from one address fail, at whatever names, before it has to wait.
const FREE_ATTEMPTS_OF_ADDRESS: u32 = 50;
/// How often an address gets one of these attempts back.
const ADDRESS_REGAINS_EVERY: Duration = Duration::from_secs(60);
/// More than these are not remembered; the ones that matter least go.
const MOST_REMEMBERED: usize = 10_000;

/// Who enters a password. Each has an allowance of its own, so that guesses of one keep nobody else out.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Guesser {
    /// Somebody at an address; of IPv6 the network of a single site.
    Address(IpAddr),
    /// A browser that somebody signed in with before.
    Device(TokenHash),
    /// Somebody who is signed in.
    User(UserId),
}

impl Guesser {
    /// Returns who enters a password from an address.
    pub(super) fn at(address: IpAddr) -> Self {
        Self::Address(site(address))
    }
}

/// Returns the address, or the first of the network that a single site of IPv6 has for itself.
pub(crate) fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            Ipv6Addr::from(network).into()
        }
        address => address,
    }
}

/// Counts failed attempts.
#[derive(Default)]
pub(super) struct Throttle {
    /// Attempts by somebody at one name or link.
    pairs: Mutex<HashMap<(Guesser, String), Attempts>>,
    /// Until when the failed attempts of an address count, each for [`ADDRESS_REGAINS_EVERY`].
    addresses: Mutex<HashMap<IpAddr, Instant>>,
}

#[derive(Clone, Copy)]
struct Attempts {
    failed: u32,
    not_before: Instant,
}

impl Throttle {
    /// Begins an attempt, which counts as failed until it is known not to be.
    ///
    /// # Errors
    ///
    /// Returns how long to wait where too many attempts of `guesser` have failed.
    pub(super) fn begin(
        &self,
        guesser: &Guesser,
        name: &str,
        now: Instant,
    ) -> Result<(), Duration> {
        if let Guesser::Address(address) = guesser {
            self.begin_at(*address, now)?;
        }
        let begun = self.begin_pair(guesser, name, now);
        if begun.is_err() {
            self.give_back(guesser);
        }
        begun
    }

    fn begin_at(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut all = locked(&self.addresses);
        let counts_until = all.get(&address).copied().unwrap_or(now).max(now);
        let allowance = ADDRESS_REGAINS_EVERY * (FREE_ATTEMPTS_OF_ADDRESS - 1);
        let counted = counts_until - now;
        if counted > allowance {
            return Err(counted - allowance);
        }
        make_room(&mut all, &address, |until| *until);
        all.insert(address, counts_until + ADDRESS_REGAINS_EVERY);
        Ok(())
    }

    fn begin_pair(&self, guesser: &Guesser, name: &str, now: Instant) -> Result<(), Duration> {
        let key = (guesser.clone(), name.to_owned());
        let mut all = locked(&self.pairs);
        let known = all.get(&key).copied().unwrap_or(Attempts {
            failed: 0,
            not_before: now,
        });
        if known.not_before > now {
            return Err(known.not_before - now);
        }
        // Guesses at many names must not wipe what is known of one.
        make_room(&mut all, &key, |each| (each.failed, each.not_before));
        let failed = known.failed.saturating_add(1);
        let wait = match failed.checked_sub(FREE_ATTEMPTS) {
            None => Duration::ZERO,
            Some(over) => Duration::from_secs(1 << over.min(10)).min(LONGEST_WAIT),
        };
        let not_before = now + wait;
        all.insert(key, Attempts { failed, not_before });
        Ok(())
    }

    /// Counts attempts at a name for hours to come; those of an address at other names are not touched.
    #[cfg(test)]
    pub(super) fn exhaust(&self, guesser: &Guesser, name: &str, now: Instant) {
        for hour in 0..10 {
            let at = now + Duration::from_secs(hour * 3600);
            assert_eq!(self.begin_pair(guesser, name, at), Ok(()));
        }
    }

    /// Forgets the attempts at a name, one of which was right.
    pub(super) fn succeeded(&self, guesser: &Guesser, name: &str) {
        locked(&self.pairs).remove(&(guesser.clone(), name.to_owned()));
        self.give_back(guesser);
    }

    /// Takes back one attempt of an address. The others still count: who guesses may have a password of their own.
    fn give_back(&self, guesser: &Guesser) {
        let Guesser::Address(address) = guesser else {
            return;
        };
        if let Some(until) = locked(&self.addresses).get_mut(address)
            && let Some(earlier) = until.checked_sub(ADDRESS_REGAINS_EVERY)
        {
            *until = earlier;
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the least value where a map is full and does not have the key.
fn make_room<K: Clone + Eq + Hash, V, O: Ord>(
    all: &mut HashMap<K, V>,
    key: &K,
    order: impl Fn(&V) -> O,
) {
    if all.len() < MOST_REMEMBERED || all.contains_key(key) {
        return;
    }
    let least = all.iter().min_by_key(|(_, value)| order(value));
    if let Some(least) = least.map(|(key, _)| key.clone()) {
        all.remove(&least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Guesser {
        Guesser::at(address.parse().unwrap())
    }

    #[test]
    fn who_guesses_waits_longer_and_longer_and_nobody_else_does() {
        let throttle = Throttle::default();
        let begin = Instant::now();
        let (here, there) = (at("192.0.2.1"), at("192.0.2.2"));
        let device = Guesser::Device(TokenHash::of("device"));
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(throttle.begin(&here, "ann", begin), Ok(()));
        }
        assert!(throttle.begin(&here, "ann", begin).is_err());
        for (guesser, name) in [(&here, "bob"), (&there, "ann"), (&device, "ann")] {
            assert_eq!(throttle.begin(guesser, name, begin), Ok(()), "{guesser:?}");
        }
        let later = begin + Duration::from_secs(1);
        assert_eq!(throttle.begin(&here, "ann", later), Ok(()));
        assert_eq!(
            throttle.begin(&here, "ann", later),
            Err(Duration::from_secs(2))
        );
        throttle.succeeded(&here, "ann");
        assert_eq!(throttle.begin(&here, "ann", later), Ok(()));
    }

    #[test]
    fn guesses_at_many_names_do_not_wipe_those_at_one() {
        let throttle = Throttle::default();
        let begin = Instant::now();
        let guesser = Guesser::Device(TokenHash::of("device"));
        for _ in 0..=FREE_ATTEMPTS {
            let _too_many = throttle.begin(&guesser, "ann", begin);
        }
        let later = begin + Duration::from_secs(3600);
        for number in 0..2 * MOST_REMEMBERED {
            assert_eq!(
                throttle.begin(&guesser, &format!("n{number}"), later),
                Ok(())
            );
        }
        assert!(locked(&throttle.pairs).len() <= MOST_REMEMBERED);
        assert_eq!(throttle.begin(&guesser, "ann", later), Ok(()));
        assert!(throttle.begin(&guesser, "ann", later).is_err());
    }

    #[test]
    fn an_address_that_tries_many_names_waits_and_regains_attempts() {
        let throttle = Throttle::default();
        let begin = Instant::now();
        let address = at("2001:db8:0:1::1");
        for number in 0..FREE_ATTEMPTS_OF_ADDRESS {
            // One's own right password between the guesses does not help.
            assert_eq!(throttle.begin(&address, "own", begin), Ok(()));
            throttle.succeeded(&address, "own");
            let name = format!("n{number}");
            assert_eq!(throttle.begin(&address, &name, begin), Ok(()));
        }
        let neighbour = at("2001:db8:0:1:ffff::2");
        assert_eq!(
            throttle.begin(&neighbour, "another", begin),
            Err(ADDRESS_REGAINS_EVERY),
            "a site of IPv6 has more addresses than anybody can count"
        );
        assert_eq!(throttle.begin(&at("2001:db8:0:2::1"), "n", begin), Ok(()));
        let later = begin + ADDRESS_REGAINS_EVERY;
        assert_eq!(throttle.begin(&address, "another", later), Ok(()));
        assert!(throttle.begin(&address, "one more", later).is_err());
    }
}
