//! Which addresses are of the public internet.
//!
//! From the registries of special-purpose addresses (RFC 6890, with RFC 8190; IANA, as of 2026), less
//! those that are meant to be reached from everywhere but serve no web site.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and length of prefix.
type Block4 = ([u8; 4], u32);
/// First two groups and length of prefix, at most 32.
type Block6 = ([u16; 2], u32);

/// Where no public server is.
const NOT_GLOBAL_4: [Block4; 18] = [
    ([0, 0, 0, 0], 8),        // this network, RFC 791
    ([10, 0, 0, 0], 8),       // private, RFC 1918
    ([100, 64, 0, 0], 10),    // shared by carriers, RFC 6598; metadata of Alibaba
    ([127, 0, 0, 0], 8),      // loopback, RFC 1122
    ([168, 63, 129, 16], 32), // metadata of Azure
    ([169, 254, 0, 0], 16),   // link-local, RFC 3927; metadata of most clouds
    ([172, 16, 0, 0], 12),    // private, RFC 1918
    ([192, 0, 0, 0], 24),     // protocol assignments, RFC 6890; metadata of Oracle
    ([192, 0, 2, 0], 24),     // documentation, RFC 5737
    ([192, 31, 196, 0], 24),  // AS112, RFC 7535
    ([192, 52, 193, 0], 24),  // multicast tunnels, RFC 7450
    ([192, 88, 99, 0], 24),   // 6to4 relays, RFC 7526
    ([192, 168, 0, 0], 16),   // private, RFC 1918
    ([192, 175, 48, 0], 24),  // AS112, RFC 7534
    ([198, 18, 0, 0], 15),    // benchmarks, RFC 2544
    ([198, 51, 100, 0], 24),  // documentation, RFC 5737
    ([203, 0, 113, 0], 24),   // documentation, RFC 5737
    ([224, 0, 0, 0], 3),      // multicast, RFC 5771; reserved, RFC 1112; broadcast
];

/// Where no public server is, inside `2000::/3`. All of it outside (loopback, mapped, NAT64, unique
/// local, link-local, multicast, segment routing) is refused as a whole.
const NOT_GLOBAL_6: [Block6; 6] = [
    ([0x2001, 0x0000], 23), // protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID
    ([0x2001, 0x0db8], 32), // documentation, RFC 3849
    ([0x2002, 0x0000], 16), // 6to4, RFC 3056: an IPv4 address inside
    ([0x2620, 0x004f], 32), // AS112, RFC 7534, and its neighbours
    ([0x3fff, 0x0000], 20), // documentation, RFC 9637
    ([0x3ffe, 0x0000], 16), // 6bone, RFC 3701
];

/// Whether a public server may be there.
pub(crate) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_4(address),
        IpAddr::V6(address) => is_global_6(address),
    }
}

fn is_global_4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    let inside = |(first, prefix): &Block4| {
        let first = Ipv4Addr::from(*first).to_bits();
        (bits ^ first).leading_zeros() >= *prefix
    };
    !NOT_GLOBAL_4.iter().any(inside)
}

fn is_global_6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let head = (u32::from(a) << 16) | u32::from(b);
    let inside = |([a, b], prefix): &Block6| {
        let first = (u32::from(*a) << 16) | u32::from(*b);
        (head ^ first).leading_zeros() >= *prefix
    };
    a >> 13 == 1 && !NOT_GLOBAL_6.iter().any(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_to_their_edges() {
        let refused = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::5db8:d822",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2001:db8:ffff::1",
            "2002:7f00:1::",
            "2620:4f:8000::1",
            "3ffe::1",
            "3fff::1",
            "3fff:fff:ffff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for text in refused {
            assert!(!is_global(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn their_neighbours_are_taken() {
        let taken = [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.114.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:2800:220:1::1",
            "2a00:1450::1",
            "3fff:1000::1",
        ];
        for text in taken {
            assert!(is_global(text.parse().unwrap()), "{text}");
        }
    }
}
