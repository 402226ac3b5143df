//! Why messages do not get through, in words: the way to another server, step by step.

use std::{fmt, sync::Arc};

use proto::{
    address::{Address, check_domain},
    bytes::Hex,
    federation::{ApiPlace, Rpc, ServerInfo},
    limits::KP1_CLOCK_MAX_MS,
};
use serde_json::{Value, json};

use super::out::{DiscoveryError, Https, HttpsError, OutError, Peers, is_global, words};
use crate::{
    clock::{Clock as _, SystemClock},
    config::Config,
};

/// How far clocks may be apart before that is told, milliseconds: well before requests are refused.
const CLOCK_TELL_MS: u64 = KP1_CLOCK_MAX_MS / 5;

/// What was found, in the order in which it was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(Vec<Finding>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    is_well: bool,
    text: String,
    /// What to do about it.
    advice: Option<&'static str>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.0.iter().all(|finding| finding.is_well)
    }

    fn well(&mut self, text: String) {
        self.0.push(Finding {
            is_well: true,
            text,
            advice: None,
        });
    }

    fn wrong(&mut self, text: String, advice: &'static str) {
        self.0.push(Finding {
            is_well: false,
            text,
            advice: Some(advice),
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let mark = if finding.is_well { "ok   " } else { "WRONG" };
            write!(f, "{mark} {}", finding.text)?;
            if let Some(advice) = finding.advice {
                write!(f, "\n      {advice}")?;
            }
        }
        Ok(())
    }
}

/// Looks for another domain, or an address there, the way that the node does.
///
/// # Errors
/// [`HttpsError`].
pub async fn why(config: &Config, other: &str) -> Result<Report, HttpsError> {
    let mut report = Report::default();
    let peers = Peers::reach(config, Arc::new(SystemClock))?;
    let domain = other.rsplit('@').next().unwrap_or(other);
    let found = look(&mut report, &peers, domain).await;
    if found.is_some() && domain != other {
        look_for_key(&mut report, &peers, other).await;
    }
    Ok(report)
}

/// Whether an address is somebody's.
async fn look_for_key(report: &mut Report, peers: &Peers, address: &str) {
    let Ok(address) = address.parse::<Address>() else {
        report.wrong(
            format!("\"{}\" is no address", words(address)),
            "Write it as name@domain, in lower case.",
        );
        return;
    };
    match peers.public_key(&address).await {
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
    let peers = Peers::reach(config, Arc::new(SystemClock))?;
    for domain in &config.domains {
        if domain == "localhost" {
            report.wrong(
                "this node serves localhost, which no other server can reach".to_owned(),
                "Start it with --domain, under a name of yours that leads to it.",
            );
            continue;
        }
        let Some(place) = look(&mut report, &peers, domain).await else {
            continue;
        };
        let own = config.api_domain(config.listen);
        if place.host() == own {
            report.well(format!("{domain} names this node, {own}"));
        } else {
            report.wrong(
                format!(
                    "{domain} names {}, and this node says that it is {own}",
                    place.host()
                ),
                "Let keypears.json of the domain name this node, or set --api-domain.",
            );
        }
    }
    Ok(report)
}

/// All steps to a server, as far as they lead; where its API lies.
async fn look(report: &mut Report, peers: &Peers, domain: &str) -> Option<ApiPlace> {
    if check_domain(domain).is_err() {
        report.wrong(
            format!("\"{domain}\" is no domain"),
            "Write what stands behind the @ of an address, in lower case.",
        );
        return None;
    }
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
    ask(report, &peers.https, &place).await.then_some(place)
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

/// TLS, API and clock.
async fn ask(report: &mut Report, https: &Https, place: &ApiPlace) -> bool {
    let url = place.url("serverInfo");
    let answer = match https.post(&url, json!({}).to_string().into_bytes()).await {
        Ok(answer) => answer,
        Err(error) => {
            report.wrong(format!("{url}: {error}"), advice_of_way(&error));
            return false;
        }
    };
    let said = serde_json::from_slice::<Rpc<ServerInfo>>(&answer.body);
    match said {
        Ok(said) if answer.status == 200 => {
            report.well(format!("{url} answers for {}", words(&said.json.domain)));
        }
        _ => {
            let is_json = serde_json::from_slice::<Value>(&answer.body).is_ok();
            let what = if is_json { "other JSON" } else { "no JSON" };
            report.wrong(
                format!("{url} answers with status {} and {what}", answer.status),
                "Something else answers there: is its reverse proxy set up for /api?",
            );
            return false;
        }
    }
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
    true
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
        OutError::TimedOut => "It is too slow, or a firewall drops what is sent.",
        OutError::TooLarge | OutError::Redirect => {
            "The server has to answer at that place itself, and briefly."
        }
    }
}
