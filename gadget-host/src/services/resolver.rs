//! Resolves names only to addresses that the datasource may have: the answer that was checked is the
//! one that is used.

use std::{io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net;

use crate::network_scope::NetworkScope;

/// Resolves names, and refuses one if any of its addresses is outside the scope.
pub(crate) struct Resolver(pub(crate) NetworkScope);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let scope = self.0;
        Box::pin(async move {
            let addresses: Addrs = Box::new(look_up(name.as_str(), scope).await?.into_iter());
            Ok(addresses)
        })
    }
}

async fn look_up(name: &str, scope: NetworkScope) -> io::Result<Vec<SocketAddr>> {
    // The connector sets the port.
    let addresses: Vec<_> = net::lookup_host((name, 0)).await?.collect();
    if let Some(outside) = addresses.iter().find(|address| !scope.allows(address.ip())) {
        return Err(io::Error::other(format!(
            "{} is not an allowed address",
            outside.ip()
        )));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_resolves_only_in_a_scope_that_allows_it() {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        let found = |scope| runtime.block_on(look_up("localhost", scope));
        assert!(found(NetworkScope::Public).is_err());
        assert!(found(NetworkScope::Loopback).is_ok_and(|found| !found.is_empty()));
    }
}
