//! Which network addresses a datasource may be reached at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Which addresses the requests to a datasource may go to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum NetworkScope {
    /// Addresses of the public internet.
    Public,
    /// Also private addresses and this machine: an administrator has named the origin.
    Named,
    /// This machine alone.
    Loopback,
}

/// IPv4 ranges that are not public.
const NON_PUBLIC_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Non-public ranges that an administrator can allow by naming an origin.
const ALLOWABLE: [IpNet; 7] = [
    IpNet::V4(v4([10, 0, 0, 0], 8)),
    IpNet::V4(v4([100, 64, 0, 0], 10)),
    IpNet::V4(v4([127, 0, 0, 0], 8)),
    IpNet::V4(v4([172, 16, 0, 0], 12)),
    IpNet::V4(v4([192, 168, 0, 0], 16)),
    IpNet::V6(v6([0, 0, 0, 0, 0, 0, 0, 1], 128)),
    IpNet::V6(v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7)),
];

/// Cloud metadata services, which hand out the credentials of a machine.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// The IPv6 range of public addresses.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// Parts of that range that are not public: protocol assignments, documentation (two ranges), 6to4.
const NON_PUBLIC_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// NAT64-translated IPv4.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], length: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(parts: [u16; 8], length: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = parts;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

impl NetworkScope {
    /// Tells whether a connection to `address` may be opened.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        let address = unmapped(address);
        match self {
            Self::Loopback => address.is_loopback(),
            Self::Public => is_public(address),
            Self::Named => {
                is_public(address)
                    || (ALLOWABLE.iter().any(|range| range.contains(&address))
                        && !METADATA.contains(&address))
            }
        }
    }
}

/// Returns the IPv4 address inside an IPv4-mapped or NAT64-translated IPv6 address.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    if NAT64.contains(&v6) {
        let [.., a, b, c, d] = v6.octets();
        return Ipv4Addr::new(a, b, c, d).into();
    }
    address
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !NON_PUBLIC_V4.iter().any(|range| range.contains(&v4)),
        IpAddr::V6(v6) => {
            PUBLIC_V6.contains(&v6) && !NON_PUBLIC_V6.iter().any(|range| range.contains(&v6))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_by_what_they_lead_to() {
        for (text, public, named, loopback) in [
            ("8.8.8.8", true, true, false),
            ("2606:4700::1111", true, true, false),
            ("64:ff9b::808:808", true, true, false),
            ("::ffff:8.8.8.8", true, true, false),
            ("10.0.0.1", false, true, false),
            ("fd00::1", false, true, false),
            ("127.0.0.1", false, true, true),
            ("::1", false, true, true),
            ("::ffff:127.0.0.1", false, true, true),
            ("64:ff9b::7f00:1", false, true, true),
            ("169.254.169.254", false, false, false),
            ("100.100.100.200", false, false, false),
            ("fd00:ec2::254", false, false, false),
            ("fe80::1", false, false, false),
            ("0.0.0.0", false, false, false),
            ("::", false, false, false),
            ("2002:7f00:1::", false, false, false),
            ("224.0.0.1", false, false, false),
        ] {
            let address: IpAddr = text.parse().unwrap();
            let found = [
                NetworkScope::Public,
                NetworkScope::Named,
                NetworkScope::Loopback,
            ]
            .map(|scope| scope.allows(address));
            assert_eq!(found, [public, named, loopback], "{text}");
        }
    }
}
