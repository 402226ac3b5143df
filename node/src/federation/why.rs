//! Why messages do not get through, in words: the way to another server, step by step.

mod look;
mod report;

use std::sync::Arc;

use proto::{
    address::{Address, check_domain},
    bytes::Hex,
    ids::UnixMillis,
};

use self::look::{Found, look};
use super::out::{HttpsError, Peers, words};
use crate::{
    clock::{Clock as _, SystemClock},
    config::{Config, Database, DomainStanding},
    store::{HeldUp, peek, sqlite},
};
pub use report::Report;

/// Looks for another domain, or an address there, the way that the node does.
///
/// # Errors
/// [`HttpsError`].
pub async fn why(config: &Config, other: &str) -> Result<Report, HttpsError> {
    let mut report = Report::default();
    if !other.contains('@') {
        if is_domain(&mut report, other) && is_open(&mut report, config, other) {
            look(&mut report, &peers(config)?, other).await;
        }
    } else if let Ok(address) = other.parse::<Address>() {
        let domain = address.domain();
        let peers = peers(config)?;
        let may = is_domain(&mut report, domain) && is_open(&mut report, config, domain);
        if may && look(&mut report, &peers, domain).await.is_some() {
            look_for_key(&mut report, &peers, &address).await;
        }
    } else {
        report.wrong(
            format!("\"{}\" is no address", words(other)),
            "Write it as name@domain, in lower case, such as bob@example.com.",
        );
    }
    Ok(report)
}

/// Whether there can be another server of that name.
fn is_domain(report: &mut Report, domain: &str) -> bool {
    if check_domain(domain).is_err() {
        report.wrong(
            format!("\"{}\" is no domain", words(domain)),
            "Write an address such as bob@example.com, or what stands behind its @, in lower case.",
        );
        return false;
    }
    if domain == "localhost" {
        report.wrong(
            "localhost is this computer; other servers cannot reach it".to_owned(),
            "Messages go to addresses of a domain in the DNS, such as bob@example.com.",
        );
        return false;
    }
    true
}

/// Whether this node exchanges anything with a domain.
fn is_open(report: &mut Report, config: &Config, domain: &str) -> bool {
    let is_closed = config.federation.standing(domain) == DomainStanding::Closed;
    if is_closed {
        report.wrong(
            format!("this node itself exchanges nothing with {domain}: --deny-domain names it, or --allow-domain does not"),
            "Change that there, and start the node again.",
        );
    }
    !is_closed
}

/// Whether an address is somebody's.
async fn look_for_key(report: &mut Report, peers: &Peers, address: &Address) {
    match peers.public_key(address).await {
        Ok(Some(key)) => {
            let begin = Hex(key).to_string();
            report.well(format!("{address} has a key, {}…", &begin[..16]));
        }
        Ok(None) => report.wrong(
            format!("{address} has no key there"),
            "Is the name spelled right? A server of another generation has keys that are not read.",
        ),
        Err(error) => report.wrong(error.to_string(), "Ask whoever runs that server."),
    }
}

/// Looks at the node's own domains the way that others do.
///
/// # Errors
/// [`HttpsError`].
pub async fn doctor(config: &Config) -> Result<Report, HttpsError> {
    let mut report = Report::default();
    let peers = peers(config)?;
    for domain in &config.domains {
        if domain == "localhost" {
            report.wrong(
                "this node serves localhost, which no other server can reach".to_owned(),
                "Start it with --domain, under a name of yours that leads to it.",
            );
            continue;
        }
        if let Some(found) = look(&mut report, &peers, domain).await {
            let own = config.api_domain(config.listen);
            is_own(&mut report, domain, &found, &own);
        }
    }
    waiting(&mut report, config).await;
    Ok(report)
}

/// Domains that messages wait for, as many as are told of.
const WAITING_MAX: u32 = 10;

/// What this node has tried in vain so far, from its database.
async fn waiting(report: &mut Report, config: &Config) {
    let found = match &config.database {
        Database::Folder => {
            let path = config.data.join(sqlite::FILE_NAME);
            if !path.exists() {
                let folder = config.data.display();
                report.note(format!(
                    "no database in {folder}: what waits there is not told (--data)"
                ));
                return;
            }
            peek::held_up_in_file(&path, WAITING_MAX)
        }
        Database::Postgres(url) => peek::held_up_in_server(url.options(), WAITING_MAX).await,
    };
    match found {
        Err(error) => report.note(format!(
            "what waits for other servers cannot be read: {}",
            words(&error.to_string())
        )),
        Ok(all) if all.is_empty() => {
            report.well("no message was tried in vain and still waits".to_owned());
        }
        Ok(all) => {
            for held_up in all {
                report.note(said(&held_up, SystemClock.now()));
            }
        }
    }
}

fn said(held_up: &HeldUp, now: UnixMillis) -> String {
    let HeldUp {
        domain,
        messages,
        since,
        reason,
    } = held_up;
    let minutes = now.0.saturating_sub(since.0) / 60_000;
    let ago = match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    };
    let reason = words(reason);
    format!(
        "for {domain} {messages} wait, the oldest for {ago}: {reason} (more: pearvault-node federation why {domain})"
    )
}

/// Whether what answers is this node, as far as it says so itself.
fn is_own(report: &mut Report, domain: &str, found: &Found, own: &str) {
    let named = found.place.host();
    if named != own {
        report.wrong(
            format!("{domain} names {named}, and this node says that it is {own}"),
            "Let keypears.json of the domain name this node, or set --api-domain, without a port.",
        );
        return;
    }
    match &found.node {
        None => report.wrong(
            format!("what answers at {named} is no Pearvault node"),
            "Let its reverse proxy pass /api on to this node.",
        ),
        Some(node) if node.api_domain != own => report.wrong(
            format!(
                "what answers at {named} says that it is {}",
                words(&node.api_domain)
            ),
            "It is another node, or this one under other settings: give doctor those of serve.",
        ),
        Some(_) => report.well(format!("{domain} names this node, {own}")),
    }
}

fn peers(config: &Config) -> Result<Peers, HttpsError> {
    Peers::reach(config, Arc::new(SystemClock))
}
