//! The socket: on this machine's own addresses only, unless a proxy with TLS stands before it.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use tokio::net::TcpListener;

use super::guard::Names;
use crate::app::{Failure, FailureKind};

/// What to do where the port is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum IfTaken {
    /// Take any free one.
    TakeAnother,
    Fail,
}

/// Listens on `address`.
///
/// # Errors
///
/// Returns an error when it is an address that others can reach, or when nobody can listen there.
pub(super) async fn listen(
    address: SocketAddr,
    names: &Names,
    if_taken: IfTaken,
) -> Result<TcpListener, Failure> {
    if !address.ip().is_loopback() && !names.is_public() {
        return Err(Failure::usage(format!(
            "`{address}` can be reached from other machines, and passwords would be sent unencrypted"
        ))
        .with_remedy("Put a proxy with TLS in front and name it with `--public-url https://…`, or listen on 127.0.0.1."));
    }
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse && if_taken == IfTaken::TakeAnother => {
            TcpListener::bind(SocketAddr::new(address.ip(), 0))
                .await
                .map_err(|error| failure(address, &error))
        }
        bound => bound.map_err(|error| failure(address, &error)),
    }
}

fn failure(address: SocketAddr, error: &io::Error) -> Failure {
    let failure = Failure::new(
        FailureKind::Other,
        format!("failed to listen on `{address}`: {error}"),
    );
    match error.kind() {
        ErrorKind::AddrInUse => failure.with_remedy("Choose a free port with `--listen`."),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn other_machines_cannot_reach_it_and_a_taken_port_is_told() {
        for address in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
            let refused = listen(address.parse().unwrap(), &Names::Loopback, IfTaken::Fail)
                .await
                .unwrap_err();
            assert_eq!(refused.kind(), FailureKind::Usage, "{address}");
        }
        let first = listen(
            "127.0.0.1:0".parse().unwrap(),
            &Names::Loopback,
            IfTaken::Fail,
        )
        .await
        .unwrap();
        let taken = first.local_addr().unwrap();
        let refused = listen(taken, &Names::Loopback, IfTaken::Fail)
            .await
            .unwrap_err();
        assert!(refused.line().contains("--listen"), "{}", refused.line());
        let other = listen(taken, &Names::Loopback, IfTaken::TakeAnother)
            .await
            .unwrap();
        assert_ne!(other.local_addr().unwrap(), taken);
    }
}
