//! Names become addresses only where the datasource may be: the answer that was checked is the one that is used.

use std::{
    future::Future,
    io,
    net::{SocketAddr, ToSocketAddrs},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    thread,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::network_scope::NetworkScope;

/// Resolves names, and refuses one if any of its addresses is outside the scope.
pub(crate) struct Resolver(pub(crate) NetworkScope);

type Found = io::Result<Vec<SocketAddr>>;

#[derive(Default)]
struct Shared {
    found: Option<Found>,
    waker: Option<Waker>,
}

/// A look-up on a thread of its own.
struct Lookup(Arc<Mutex<Shared>>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let scope = self.0;
        let shared = Arc::new(Mutex::new(Shared::default()));
        let answer = Arc::clone(&shared);
        thread::spawn(move || {
            let found = look_up(name.as_str(), scope);
            let mut shared = answer.lock().unwrap_or_else(PoisonError::into_inner);
            shared.found = Some(found);
            if let Some(waker) = shared.waker.take() {
                waker.wake();
            }
        });
        Box::pin(async move {
            let found: Addrs = Box::new(Lookup(shared).await?.into_iter());
            Ok(found)
        })
    }
}

impl Future for Lookup {
    type Output = Found;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Found> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = shared.found.take() {
            return Poll::Ready(found);
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

fn look_up(name: &str, scope: NetworkScope) -> Found {
    // The port is set by who connects.
    let addresses: Vec<_> = (name, 0).to_socket_addrs()?.collect();
    if let Some(out) = addresses.iter().find(|address| !scope.allows(address.ip())) {
        return Err(io::Error::other(format!(
            "{} is not an address that it may have",
            out.ip()
        )));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_resolves_only_in_a_scope_that_allows_it() {
        assert!(look_up("localhost", NetworkScope::Public).is_err());
        assert!(look_up("localhost", NetworkScope::Loopback).is_ok_and(|found| !found.is_empty()));
    }
}
