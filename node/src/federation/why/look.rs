//! The steps to another server, each with what to do where it fails.

use proto::{
    federation::{ApiPlace, Rpc, ServerInfo},
    limits::KP1_CLOCK_MAX_MS,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::out::{DiscoveryError, Https, OutError, Peers, is_global, words},
    Report,
};
use crate::clock::{Clock as _, SystemClock};

/// How far clocks may be apart before that is told, milliseconds: well before requests are refused.
const CLOCK_TELL_MS: u64 = KP1_CLOCK_MAX_MS / 5;

/// The server of a domain.
pub(super) struct Found {
    /// Where its API lies.
    pub(super) place: ApiPlace,
    /// What it says of itself, where it is a Pearvault node.
    pub(super) node: Option<Node>,
}

/// What every version of Pearvault says at `/api/v1/info`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    domains: Vec<String>,
    pub(super) api_domain: String,
}

/// All steps to the server of a domain, as far as they lead.
pub(super) async fn look(report: &mut Report, peers: &Peers, domain: &str) -> Option<Found> {
    if !look_up(report, &peers.https, domain).await {
        return None;
    }
    let said = match peers.domain(domain).await {
        Ok(said) => said,
        Err(error) => {
            report.wrong(error.to_string(), advice_of_discovery(&error));
            return None;
        }
    };
    let (place, admin) = (said.place, said.admin);
    report.well(format!(
        "https://{domain}/.well-known/keypears.json names {}, administrator {}",
        place.url("").trim_end_matches('/'),
        admin.map_or_else(|| "not named".to_owned(), |admin| admin.to_string()),
    ));
    if place.host() != domain && !look_up(report, &peers.https, place.host()).await {
        return None;
    }
    ask(report, &peers.https, place, domain).await
}

/// DNS, and whether this node would connect.
async fn look_up(report: &mut Report, https: &Https, host: &str) -> bool {
    if let Some(at) = https.dev_peer(host) {
        report.well(format!("{host} is at {at}, as --dev-peer says"));
        return true;
    }
    let found = match https.all_addresses(host).await {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            report.wrong(format!("{host} has no address"), NO_ADDRESS);
            return false;
        }
        Err(error) => {
            report.wrong(format!("{host} has no address: {error}"), NO_ADDRESS);
            return false;
        }
    };
    let (global, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|ip| is_global(*ip));
    let list = |all: &[std::net::IpAddr]| {
        let all: Vec<_> = all.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    if global.is_empty() {
        report.wrong(
            format!(
                "{host} has only addresses that are not public: {}",
                list(&other)
            ),
            "No node connects to these. Its DNS must name a public address.",
        );
        return false;
    }
    report.well(format!("{host} has the addresses {}", list(&global)));
    if !other.is_empty() {
        report.wrong(
            format!(
                "{host} also has addresses that are not public: {}",
                list(&other)
            ),
            "They are never connected to. Take them out of its DNS.",
        );
    }
    true
}

/// TLS, API, whom it answers for, and clock.
async fn ask(report: &mut Report, https: &Https, place: ApiPlace, domain: &str) -> Option<Found> {
    let url = place.url("serverInfo");
    let answer = match https.post(&url, json!({}).to_string().into_bytes()).await {
        Ok(answer) => answer,
        Err(error) => {
            report.wrong(format!("{url}: {error}"), advice_of_way(&error));
            return None;
        }
    };
    let said = serde_json::from_slice::<Rpc<ServerInfo>>(&answer.body);
    let Some(said) = said.ok().filter(|_| answer.status == 200) else {
        let is_json = serde_json::from_slice::<Value>(&answer.body).is_ok();
        let what = if is_json { "other JSON" } else { "no JSON" };
        report.wrong(
            format!("{url} answers with status {} and {what}", answer.status),
            "Something else answers there: is its reverse proxy set up for /api?",
        );
        return None;
    };
    let node = node(https, &place).await;
    serves(report, &url, &said.json.domain, node.as_ref(), domain);
    if let Some(date) = answer.date {
        let apart = SystemClock.now().0.abs_diff(date.0);
        let seconds = apart / 1000;
        if apart > CLOCK_TELL_MS {
            report.wrong(
                format!("its clock and ours are {seconds} s apart"),
                "Requests are refused from 5 minutes on. Let both machines keep their time by NTP.",
            );
        } else {
            report.well(format!("its clock and ours are {seconds} s apart"));
        }
    }
    Some(Found { place, node })
}

/// What a Pearvault node says of itself; `None` where it is another server.
async fn node(https: &Https, place: &ApiPlace) -> Option<Node> {
    let answer = https.get(&place.url("v1/info")).await.ok()?;
    let said = serde_json::from_slice(&answer.body).ok()?;
    (answer.status == 200).then_some(said)
}

/// Whether it answers for the domain. `serverInfo` names the first of a server's domains only.
fn serves(report: &mut Report, url: &str, first: &str, node: Option<&Node>, domain: &str) {
    let first = words(first);
    match node {
        Some(node) if !node.domains.iter().any(|served| served == domain) => report.wrong(
            format!("{url} answers for {first}, not for {domain}"),
            format!("Start it with --domain or --also-domain {domain}."),
        ),
        None if first != domain => report.note(format!(
            "{url} answers for {first}; whether for {domain} too, it does not say"
        )),
        _ => report.well(format!("{url} answers for {domain}")),
    }
}

const NO_ADDRESS: &str = "Is it spelled right? Is it in the DNS? Does DNS work on this machine?";

fn advice_of_discovery(error: &DiscoveryError) -> &'static str {
    match error {
        DiscoveryError::Out { reason, .. } => advice_of_way(reason),
        DiscoveryError::Absent { .. } => {
            "Whoever runs the domain has to serve that file, such as {\"apiDomain\":\"…\"}."
        }
        _ => "Whoever runs the domain has to mend that file.",
    }
}

fn advice_of_way(error: &OutError) -> &'static str {
    match error {
        OutError::Name(_) => NO_ADDRESS,
        OutError::Unreachable(_) => {
            "Is a server running there? Does a firewall keep port 443 shut, here or there?"
        }
        OutError::Certificate(_) => {
            "Its certificate has to name the host, be in its time, and be of an authority that is \
             trusted; one of your own is named with --authorities."
        }
        OutError::NoTls => {
            "Is it plain HTTP? A reverse proxy with a certificate has to listen on port 443 there."
        }
        OutError::TimedOut => "It is too slow, or a firewall drops what is sent.",
        OutError::TooLarge | OutError::Redirect => {
            "The server has to answer at that place itself, and briefly."
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, net::IpAddr, sync::Arc};

    use async_trait::async_trait;

    use super::*;
    use crate::federation::out::Names;

    const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

    struct Fixed(Vec<IpAddr>);

    #[async_trait]
    impl Names for Fixed {
        async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.clone())
        }
    }

    #[tokio::test]
    async fn addresses_that_are_not_public_are_told() {
        for (addresses, goes_on, expected) in [
            (
                &["10.0.0.1"][..],
                false,
                "only addresses that are not public: 10.0.0.1",
            ),
            (
                &["10.0.0.1", "93.184.216.34"],
                true,
                "also has addresses that are not public: 10.0.0.1",
            ),
            (&[], false, "has no address"),
        ] {
            let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
            let https = Https::new(Arc::new(Fixed(addresses)), &[], None, TIMEOUT).unwrap();
            let mut report = Report::default();
            assert_eq!(look_up(&mut report, &https, "b.test").await, goes_on);
            let said = report.to_string();
            assert!(!report.is_well() && said.contains(expected), "{said}");
        }
    }

    #[test]
    fn other_servers_may_serve_more_than_they_name() {
        let told = |first: &str, node: Option<&[&str]>| {
            let mut report = Report::default();
            let node = node.map(|domains| Node {
                domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
                api_domain: "b.test".to_owned(),
            });
            serves(&mut report, "URL", first, node.as_ref(), "b.test");
            (report.is_well(), report.to_string())
        };
        assert_eq!(
            told("b.test", None),
            (true, "ok    URL answers for b.test".into())
        );
        let (well, said) = told("c.test", None);
        assert!(
            well && said.starts_with("note  URL answers for c.test"),
            "{said}"
        );
        assert!(told("c.test", Some(&["c.test", "b.test"])).0);
        assert!(!told("c.test", Some(&["c.test"])).0);
    }
}
