//! Messages on their way out: taken when they are due, told to the recipient's server, tried again for 30 days.
//!
//! A delivery is in the database before anybody is told of it. Whoever dies in between, somebody takes it again once its claim is
//! over; the recipient's server knows the same message by its work and by its content.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use proto::{
    bytes::Hex,
    federation::{MessagePow, NotifyRequest},
    ids::{AccountId, Position, UnixMillis},
};
use tokio::time::{Instant, sleep, timeout};

use super::{notify::take_in, out::PeerError, refusal::Fault};
use crate::{
    app::App,
    store::{DueDelivery, Outcome, Places, Work},
};

/// How long a message is tried, milliseconds: 30 days.
pub(crate) const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Deliveries that are under way at once: requests to other servers have more places, for what comes in must not wait for them.
const AT_ONCE: u32 = 128;
/// Those to one domain: one that is slow leaves room for the others.
const OF_A_DOMAIN: u32 = 32;
/// Those of one account: whoever writes to many slow domains leaves room for everybody else.
const OF_AN_ACCOUNT: u32 = 16;
/// How long one is claimed, milliseconds: longer than discovery and a call take together.
const CLAIM_MS: u64 = 60_000;
/// Between two looks at what is due, where nobody says that something is.
const EVERY: Duration = Duration::from_secs(1);
/// Between two looks at least: each is a write, and what came meanwhile is taken together.
const REST: Duration = Duration::from_millis(5);
/// The same while something that is due has no place: it is passed over with each look.
const LIMITED_REST: Duration = Duration::from_millis(25);
/// How many times as long as a look took the next one is waited for: however much waits for servers that are slow, most of the
/// database's time is everybody's.
const REST_PER_LOOK: u32 = 4;
/// The longest of that.
const REST_MAX: Duration = Duration::from_secs(10);
/// The span of a first retry, and of the longest, milliseconds.
const FIRST_MS: u64 = 5_000;
const LONGEST_MS: u64 = 60 * 60 * 1000;
/// A server that does not say why it refuses has this many works of one message; then it is given up.
const UNEXPLAINED_MAX: u32 = 3;
/// So many has one that says that the work is wrong.
const WORKS_MAX: u32 = 5;
/// By this node's clock the work must be over for so long before nobody is asked any more, milliseconds: the server that
/// made it has a clock of its own.
const CLOCK_SLACK_MS: u64 = 60 * 60 * 1000;
/// Characters of a reason that are kept.
const REASON_MAX_CHARS: usize = 300;

/// Delivers until it is dropped.
pub(crate) async fn run(app: Arc<App>) {
    if !app.store.is_shared() {
        // What this node was at when it died need not wait for the end of its claim.
        match app.store.release_claims(app.now()).await {
            Ok(0) => {}
            Ok(number) => tracing::info!(number, "deliveries go on where they were cut off"),
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "claims of deliveries could not be ended");
            }
        }
    }
    let mut running = FuturesUnordered::new();
    let mut under_way = UnderWay::default();
    while !app.is_stopping() {
        let (mut found, look) = (0, Instant::now());
        if !under_way.is_full() {
            let due = claim(&app, under_way.places()).await;
            found = due.len();
            for delivery in due {
                let place = under_way.begin(&delivery);
                running.push(settle(&app, delivery).map(|()| place));
            }
        }
        let is_limited = under_way.is_limited();
        let rest = rest_after(look.elapsed(), is_limited);
        // Whoever keeps a message wakes us; what other processes keep, and retries, are found by looking.
        let (idle, rest) = (timeout(EVERY, app.deliver.notified()), sleep(rest));
        tokio::pin!(idle, rest);
        let (mut wanted, mut rested) = (found > 0, false);
        while !(wanted && rested) {
            tokio::select! {
                () = &mut rest, if !rested => rested = true,
                Some((domain, account)) = running.next() => {
                    under_way.end(&domain, account);
                    wanted |= is_limited;
                }
                _ = &mut idle, if !wanted => wanted = true,
            }
        }
    }
    // What was told is concluded, if there is time.
    while running.next().await.is_some() {}
}

/// How long nobody looks after a look that took so long.
fn rest_after(look: Duration, is_limited: bool) -> Duration {
    let least = if is_limited { LIMITED_REST } else { REST };
    (look * REST_PER_LOOK).min(REST_MAX).max(least)
}

/// Deliveries that are under way, by their domains and by their accounts.
#[derive(Debug, Default)]
struct UnderWay {
    domains: BTreeMap<String, u32>,
    accounts: BTreeMap<AccountId, u32>,
}

impl UnderWay {
    fn begin(&mut self, delivery: &DueDelivery) -> (String, AccountId) {
        let (domain, account) = (delivery.recipient.domain().to_owned(), delivery.account);
        *self.domains.entry(domain.clone()).or_default() += 1;
        *self.accounts.entry(account).or_default() += 1;
        (domain, account)
    }

    fn end(&mut self, domain: &str, account: AccountId) {
        let less = |number: &mut u32| {
            *number -= 1;
            *number == 0
        };
        if self.domains.get_mut(domain).is_some_and(less) {
            self.domains.remove(domain);
        }
        if self.accounts.get_mut(&account).is_some_and(less) {
            self.accounts.remove(&account);
        }
    }

    fn places(&self) -> Places {
        let all: u32 = self.domains.values().sum();
        Places {
            free: AT_ONCE.saturating_sub(all),
            of_a_domain: OF_A_DOMAIN,
            of_an_account: OF_AN_ACCOUNT,
            under_way: self.domains.clone(),
            by_account: self.accounts.clone(),
        }
    }

    fn is_full(&self) -> bool {
        self.places().free == 0
    }

    /// Whether something that is due may have found no place.
    fn is_limited(&self) -> bool {
        self.is_full()
            || self.domains.values().any(|number| *number >= OF_A_DOMAIN)
            || self
                .accounts
                .values()
                .any(|number| *number >= OF_AN_ACCOUNT)
    }
}

/// Takes what is due.
async fn claim(app: &App, places: Places) -> Vec<DueDelivery> {
    let now = app.now();
    let claimed = app.store.claim(now, now.plus(CLAIM_MS), places).await;
    claimed.unwrap_or_else(|error| {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::warn!(error, "deliveries cannot be read; trying again");
        Vec::new()
    })
}

/// Tries one, and keeps what became of it.
async fn settle(app: &App, delivery: DueDelivery) {
    let outcome = attempt(app, &delivery).await;
    let kept = app.store.conclude(&delivery, outcome);
    match kept.await {
        Ok(None) => {}
        Ok(Some(position)) => tell(app, &delivery, position),
        // It is claimed for a while and then tried again, which changes nothing for the recipient.
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "the outcome of a delivery could not be kept");
        }
    }
}

fn tell(app: &App, delivery: &DueDelivery, position: Position) {
    app.news.tell_of_messages(delivery.account, position);
}

async fn attempt(app: &App, delivery: &DueDelivery) -> Outcome {
    let now = app.now();
    if now >= delivery.ends_at {
        return failed("It could not be delivered for 30 days.");
    }
    let work = match &delivery.work {
        Some(work) if work.expires_at.plus(CLOCK_SLACK_MS) > now => *work,
        _ => {
            let reason = "The proof of work was over before their server answered.".to_owned();
            return Outcome::WorkWanted { reason };
        }
    };
    if let Err(refusal) = app.check_open(&delivery.recipient) {
        return failed(&refusal.to_string());
    }
    let token = Hex(delivery.token.0).to_string();
    let shown = shown(&work);
    let is_here = match app.finds(&delivery.recipient).await {
        Ok(is_here) => is_here,
        Err(error) => return of_fault(app, delivery, error.into()),
    };
    if is_here {
        let (from, to) = (&delivery.sender, &delivery.recipient);
        return match take_in(app, (from, to), &token, &shown).await {
            Ok(()) => Outcome::Delivered,
            Err(fault) => of_fault(app, delivery, fault),
        };
    }
    let request = NotifyRequest {
        sender_address: delivery.sender.to_string(),
        recipient_address: delivery.recipient.to_string(),
        pull_token: token,
        pow: shown,
    };
    match app.peers.notify(&delivery.recipient, &request).await {
        Ok(()) => Outcome::Delivered,
        Err(error) => of_peer(app, delivery, &error),
    }
}

/// Work as it is shown to the recipient's server.
pub(super) fn shown(work: &Work) -> MessagePow {
    MessagePow {
        solved_header: Hex(work.solved_header),
        target: Hex(work.target),
        expires_at: work.expires_at,
        signature: Hex(work.signature),
        sender_address: None,
        recipient_address: None,
    }
}

/// What a refusal of this node itself means for a delivery.
fn of_fault(app: &App, delivery: &DueDelivery, fault: Fault) -> Outcome {
    match fault {
        Fault::Failed(_) => again(app, delivery, "This server failed; it tries again."),
        Fault::Refused(refusal) => of_code(app, delivery, refusal.code().1, &refusal.to_string()),
    }
}

/// What the answer of another server means for a delivery.
fn of_peer(app: &App, delivery: &DueDelivery, error: &PeerError) -> Outcome {
    let PeerError::Refused {
        status,
        code,
        message,
        ..
    } = error
    else {
        return again(app, delivery, &error.to_string());
    };
    // A proxy before a server that is down, or a server that has enough to do: it is no answer of the procedure.
    if is_known(code) || (*status == 500 && !code.is_empty()) || *status < 500 && *status != 429 {
        return of_code(app, delivery, code, message);
    }
    again(app, delivery, &error.to_string())
}

fn of_code(app: &App, delivery: &DueDelivery, code: &str, message: &str) -> Outcome {
    match verdict(code, delivery.works) {
        Verdict::Again => again(app, delivery, message),
        Verdict::WorkWanted => Outcome::WorkWanted {
            reason: short(message),
        },
        Verdict::UnexplainedWorkWanted => Outcome::WorkWanted {
            reason: short(&unexplained(message)),
        },
        Verdict::Failed => failed(message),
        Verdict::UnexplainedFailed => failed(&unexplained(message)),
    }
}

fn unexplained(message: &str) -> String {
    format!("Their server refuses and does not say why: {message}")
}

/// What is to be done after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Again,
    WorkWanted,
    UnexplainedWorkWanted,
    Failed,
    UnexplainedFailed,
}

/// Whether it is a code of our own servers.
fn is_known(code: &str) -> bool {
    !matches!(
        verdict(code, 0),
        Verdict::UnexplainedWorkWanted | Verdict::UnexplainedFailed
    )
}

/// `works`: how many were sent for the message.
fn verdict(code: &str, works: u32) -> Verdict {
    match code {
        "WORK_EXPIRED" | "WORK_FORGED" | "WORK_UNSOLVED" | "WORK_SPENT" if works < WORKS_MAX => {
            Verdict::WorkWanted
        }
        // It would be wrong a sixth time, or nothing helps.
        "WORK_EXPIRED" | "WORK_FORGED" | "WORK_UNSOLVED" | "WORK_SPENT" | "RECIPIENT_UNKNOWN"
        | "SENDER_BLOCKED" | "DOMAIN_CLOSED" | "ADDRESS_INVALID" | "MESSAGE_INVALID" => {
            Verdict::Failed
        }
        // They cannot reach us, or have no room: it may pass, and the work may still count.
        "SENDER_UNREACHABLE" | "RECIPIENT_FULL" | "SENDER_UNKNOWN" | "SENDER_KEY_OTHER" => {
            Verdict::Again
        }
        // As the reference refuses, whatever the reason; it has taken the work by then.
        _ if works < UNEXPLAINED_MAX => Verdict::UnexplainedWorkWanted,
        _ => Verdict::UnexplainedFailed,
    }
}

fn failed(reason: &str) -> Outcome {
    Outcome::Failed {
        reason: short(reason),
    }
}

fn again(app: &App, delivery: &DueDelivery, reason: &str) -> Outcome {
    Outcome::Again {
        due_at: next_try(app, delivery),
        reason: short(reason),
    }
}

/// Full jitter: anywhere between now and a span that grows with every try.
fn next_try(app: &App, delivery: &DueDelivery) -> UnixMillis {
    let random = app.random.bytes().map_or(u64::MAX, u64::from_be_bytes);
    let wait = random % (span_ms(delivery.tries) + 1);
    app.now().plus(wait).min(delivery.ends_at)
}

/// 5 s after the first try, twice as much after each further one, an hour at most.
fn span_ms(tries: u32) -> u64 {
    FIRST_MS.saturating_mul(1 << tries.min(20)).min(LONGEST_MS)
}

fn short(reason: &str) -> String {
    reason.chars().take(REASON_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests;
