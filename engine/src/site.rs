//! Which hosts belong together: the registrable domain by the public suffix list, its private
//! section too, so that two users of `github.io` are two sites.
//!
//! The list is a text beside this file, read by the crate `publicsuffix` when it is first needed.
//! Its rival `psl`, which is the list compiled into code, is five times as large in WASM (figures in
//! `README.md`).

use std::{net::Ipv4Addr, sync::LazyLock};

use proto::origin::Origin;
use publicsuffix::{List, Psl};

/// The list; `None` where it cannot be read, and then no two hosts are one site.
static LIST: LazyLock<Option<List>> =
    LazyLock::new(|| include_str!("site/public_suffix_list.txt").parse().ok());

/// What a host belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site<'a> {
    /// A registrable domain: `example.co.uk` of `www.example.co.uk`.
    Domain(&'a str),
    /// A host that belongs to nothing larger: an IP address, `localhost` and names under it, a
    /// single label, a public suffix itself, a name with a trailing dot.
    Exact(&'a str),
}

/// The site of a host in its ASCII form (lower case, punycode, IPv6 in brackets).
pub(crate) fn site(host: &str) -> Site<'_> {
    let exact = host.starts_with('[')
        || host.ends_with('.')
        || host.starts_with('.')
        || host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok();
    match registrable_domain(host) {
        Some(domain) if !exact => Site::Domain(domain),
        _ => Site::Exact(host),
    }
}

/// The last label before the public suffix, with the suffix; `None` for a suffix itself. A suffix
/// that is not in the list is its last label.
fn registrable_domain(host: &str) -> Option<&str> {
    let domain = LIST.as_ref()?.domain(host.as_bytes())?;
    std::str::from_utf8(domain.as_bytes()).ok()
}

/// The name of an origin's site: two origins are one site where it is the same.
pub fn site_name(origin: &Origin) -> String {
    match site(origin.host()) {
        Site::Domain(domain) => domain.to_owned(),
        Site::Exact(host) => format!("{host}:{}", origin.port()),
    }
}

/// Whether two origins are one site. Hosts that belong to nothing larger must be equal, and their
/// ports too: on one computer every port is another application.
pub fn same_site(a: &Origin, b: &Origin) -> bool {
    match (site(a.host()), site(b.host())) {
        (Site::Domain(a), Site::Domain(b)) => a == b,
        (Site::Exact(host), Site::Exact(other)) => host == other && a.port() == b.port(),
        _ => false,
    }
}

/// Whether a host is this very computer: what is sent there leaves it by no wire.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests that the list's own makers publish, as far as they are about hosts as browsers
    /// spell them: lower case, ASCII, no leading dot.
    #[test]
    fn vectors_of_the_lists_makers_pass() {
        let mut checked = 0;
        for line in include_str!("site/test_psl.txt").lines() {
            let Some(row) = line.strip_prefix("checkPublicSuffix('") else {
                continue;
            };
            let Some((host, want)) = row.trim_end_matches(");").split_once("', ") else {
                continue;
            };
            if !host.is_ascii() || host.starts_with('.') {
                continue;
            }
            let host = host.to_ascii_lowercase();
            let want = Some(want.trim_matches('\'')).filter(|want| *want != "null");
            assert_eq!(registrable_domain(&host), want, "{host}");
            checked += 1;
        }
        assert!(checked > 50, "{checked}");
    }

    #[test]
    fn whole_list_is_read() {
        let rules = include_str!("site/public_suffix_list.txt").lines();
        assert!(rules.filter(|line| !line.starts_with("//")).count() > 10_000);
        assert!(LIST.is_some());
    }

    #[test]
    fn hosts_have_their_site() {
        for (host, want) in [
            ("example.com", Site::Domain("example.com")),
            ("a.b.example.com", Site::Domain("example.com")),
            ("www.example.co.uk", Site::Domain("example.co.uk")),
            ("ada.github.io", Site::Domain("ada.github.io")),
            ("x.ada.github.io", Site::Domain("ada.github.io")),
            ("github.io", Site::Exact("github.io")),
            ("co.uk", Site::Exact("co.uk")),
            ("com", Site::Exact("com")),
            ("shop.orchard.test", Site::Domain("orchard.test")),
            (
                "xn--bcher-kva.example",
                Site::Domain("xn--bcher-kva.example"),
            ),
            (
                "www.xn--85x722f.xn--55qx5d.cn",
                Site::Domain("xn--85x722f.xn--55qx5d.cn"),
            ),
            ("s3.amazonaws.com", Site::Exact("s3.amazonaws.com")),
            ("localhost", Site::Exact("localhost")),
            ("app.localhost", Site::Exact("app.localhost")),
            ("nas", Site::Exact("nas")),
            ("127.0.0.1", Site::Exact("127.0.0.1")),
            ("192.168.1.10", Site::Exact("192.168.1.10")),
            ("[::1]", Site::Exact("[::1]")),
            ("example.com.", Site::Exact("example.com.")),
        ] {
            assert_eq!(site(host), want, "{host}");
        }
    }

    #[test]
    fn loopback_is_this_computer_only() {
        for host in [
            "localhost",
            "app.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.test",
            "notlocalhost",
            "127.0.0.1.test",
            "128.0.0.1",
            "0.0.0.0",
            "192.168.1.1",
            "[::2]",
            "[::ffff:7f00:1]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
