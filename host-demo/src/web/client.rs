//! Where a request comes from: the address of its connection, or what a trusted proxy says of it.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, request::Parts},
};
use ipnet::IpNet;

use super::{WebState, problem::Problem};
use crate::app::Client;

/// The proxies that are believed when they say whom a request comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct TrustedProxies(Arc<[IpNet]>);

/// The address of the client of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientAddress(pub(super) IpAddr);

impl TrustedProxies {
    pub(super) fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    /// Tells whether an address is that of a trusted proxy.
    pub(super) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client of a request that came from `peer`: of the hops that the request names, the
    /// rightmost that is no trusted proxy. Each proxy adds on the right whom it was reached by; what is
    /// further left may be made up.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let forwarded = headers.get_all(HeaderName::from_static("x-forwarded-for"));
        let values: Vec<_> = forwarded.iter().collect();
        let mut hops = values
            .iter()
            .rev()
            .flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer.to_canonical();
        while self.contain(client) {
            let Some(hop) = hops.next().and_then(hop) else {
                break;
            };
            client = hop;
        }
        ClientAddress(client)
    }
}

/// Reads a hop: an address, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = IpAddr::from_str(text)
        .or_else(|_| SocketAddr::from_str(text).map(|address| address.ip()))
        .or_else(|_| IpAddr::from_str(text.trim_start_matches('[').trim_end_matches(']')));
    address.ok().map(|address| address.to_canonical())
}

impl FromRequestParts<WebState> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let address = parts.extensions.get::<ClientAddress>();
        let address = address.ok_or_else(|| Problem::internal("the request has no address"))?;
        Ok(Self {
            address: address.0,
            device: state.cookies.device(&parts.headers).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_say_whom_a_request_comes_from() {
        let networks = ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"];
        let proxies = TrustedProxies::new(&networks.map(|network| network.parse().unwrap()));
        for (peer, forwarded, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            (
                "127.0.0.1",
                &["1.1.1.1", "198.51.100.1, 10.1.1.1"],
                "198.51.100.1",
            ),
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.2.2.2", &["[2001:470::1]:4711"], "2001:470::1"),
            ("10.2.2.2", &["2001:470::1, 2001:db8::1"], "2001:470::1"),
            // What cannot be read is made up, and so may be all that is left of it.
            (
                "127.0.0.1",
                &["198.51.100.1, unknown, 10.1.1.1"],
                "10.1.1.1",
            ),
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            let ClientAddress(found) = proxies.client(peer.parse().unwrap(), &headers);
            assert_eq!(found.to_string(), expected, "{peer} {forwarded:?}");
        }
    }
}
