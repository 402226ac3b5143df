//! Which login belongs to which page.
//!
//! | rule | fits |
//! | --- | --- |
//! | `Site` | the same registrable domain, any port; where the login's address names a port, or its host is an IP address, `localhost` or a single label: the same host (or domain) and the same port |
//! | `Host` | the same scheme and host, any port |
//! | `Origin` | the same scheme, host and port |
//!
//! A login of an https address never fits an http page ([`Fit::Insecure`]). A login of an http
//! address fits the https pages of its site under the rule `Site`: sites move to https, and the
//! password is safer there than where it was used before.

use proto::{
    origin::{Origin, Scheme},
    vault::{ItemUrl, UrlMatch},
};
use url::Url;

use crate::site::{Site, site};

/// How an address of a login and a page's origin stand to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// They do not fit.
    Foreign,
    /// They would, but the page is http and the login https.
    Insecure,
    /// They fit.
    Fits,
}

/// A login's address, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    origin: Origin,
    matching: UrlMatch,
}

/// A text is no address of a web page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as https://example.com")]
pub(crate) struct UrlError;

impl Rule {
    /// Reads an address; `None` where it is no http or https URL, and so fits nothing.
    pub(crate) fn read(url: &ItemUrl) -> Option<Self> {
        let origin = quick_origin(&url.url).or_else(|| origin_of(&Url::parse(&url.url).ok()?))?;
        Some(Self {
            origin,
            matching: url.matching,
        })
    }

    /// Whether it fits a page.
    pub(crate) fn fit(&self, page: &Origin) -> Fit {
        let (item, same_host) = (&self.origin, self.origin.host() == page.host());
        let near = match self.matching {
            UrlMatch::Host | UrlMatch::Origin => same_host,
            UrlMatch::Site => match (site(item.host()), site(page.host())) {
                (Site::Domain(a), Site::Domain(b)) => a == b,
                (Site::Exact(_), Site::Exact(_)) => same_host,
                _ => false,
            },
        };
        if !near {
            return Fit::Foreign;
        }
        if item.scheme() == Scheme::Https && page.scheme() == Scheme::Http {
            return Fit::Insecure;
        }
        let fits = match self.matching {
            UrlMatch::Host => item.scheme() == page.scheme(),
            UrlMatch::Origin => item == page,
            UrlMatch::Site => {
                let port_counts = item.port() != item.scheme().default_port()
                    || matches!(site(item.host()), Site::Exact(_));
                !port_counts || item.port() == page.port()
            }
        };
        if fits { Fit::Fits } else { Fit::Foreign }
    }
}

/// The best that any of an item's addresses gives.
pub(crate) fn best_fit(rules: &[Rule], page: &Origin) -> Fit {
    rules
        .iter()
        .map(|rule| rule.fit(page))
        .max()
        .unwrap_or(Fit::Foreign)
}

/// Whether any of an item's addresses is of that very origin, whatever its rule.
pub(crate) fn has_origin(rules: &[Rule], origin: &Origin) -> bool {
    rules.iter().any(|rule| rule.origin == *origin)
}

/// Whether any of an item's addresses names the host of a page, but for a leading `www.`, and its
/// port. The ports of http and https are the same here: sites move from the one to the other.
pub(crate) fn is_at(rules: &[Rule], page: &Origin) -> bool {
    let port = |origin: &Origin| Some(origin.port()).filter(|_| !has_default_port(origin));
    let names = |rule: &Rule| has_host(&rule.origin, page) && port(&rule.origin) == port(page);
    rules.iter().any(names)
}

/// Whether a page is http where an address of an item is https and names the same host, but for a
/// leading `www.`.
pub(crate) fn is_downgrade(rules: &[Rule], page: &Origin) -> bool {
    let is_insecure = |rule: &Rule| rule.fit(page) == Fit::Insecure;
    rules
        .iter()
        .any(|rule| is_insecure(rule) && has_host(&rule.origin, page))
}

fn has_host(one: &Origin, other: &Origin) -> bool {
    display_host(one.host()) == display_host(other.host())
}

fn has_default_port(origin: &Origin) -> bool {
    origin.port() == origin.scheme().default_port()
}

/// The rules of an item's addresses.
pub(crate) fn rules(urls: &[ItemUrl]) -> Vec<Rule> {
    urls.iter().filter_map(Rule::read).collect()
}

/// An address as it is kept: with a scheme (https where none was typed, http for this computer
/// and bare IP addresses), host in ASCII form, no user name or password.
///
/// # Errors
/// [`UrlError`] for what is no http or https address.
pub(crate) fn normalise(typed: &str) -> Result<String, UrlError> {
    let typed = typed.trim();
    let mut url = if typed.contains("://") {
        Url::parse(typed)
    } else {
        let https = Url::parse(&format!("https://{typed}")).map_err(|_| UrlError)?;
        let local = https.host_str().is_some_and(|host| {
            matches!(https.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)))
                || host == "localhost"
                || host.ends_with(".localhost")
        });
        if local {
            Url::parse(&format!("http://{typed}"))
        } else {
            Ok(https)
        }
    }
    .map_err(|_| UrlError)?;
    origin_of(&url).ok_or(UrlError)?;
    // Cannot fail: http and https URLs have a host, and so may have these.
    url.set_username("").map_err(|()| UrlError)?;
    url.set_password(None).map_err(|()| UrlError)?;
    Ok(url.into())
}

/// Host of an address for people to read, without `www.`; empty where there is none.
pub(crate) fn display_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    host.strip_prefix("www.").unwrap_or(host)
}

fn origin_of(url: &Url) -> Option<Origin> {
    url.origin().ascii_serialization().parse().ok()
}

/// The origin of an address that is spelled as [`normalise`] spells it: ten times as fast as the
/// whole URL parser, and all that the addresses of a vault need.
fn quick_origin(url: &str) -> Option<Origin> {
    let start = url.find("://")? + 3;
    let end = url[start..]
        .find(['/', '?', '#', '\\'])
        .map_or(url.len(), |at| start + at);
    url[..end].parse().ok()
}

#[cfg(test)]
mod tests;
