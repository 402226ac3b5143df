//! Where the API of a domain lies, as that domain says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use proto::{
    address::Address,
    federation::{ApiPlace, DomainKeyHash, PlaceError, WellKnownAny},
    ids::UnixMillis,
};

use super::{
    https::{Https, OutError},
    words::words,
};

/// How long what a domain says is believed, milliseconds, KeyPears' figure: a changed `admin` loses its rights within
/// that time.
const BELIEVED_MS: u64 = 60_000;
/// How long a domain that could not be asked is left alone, milliseconds.
const LEFT_ALONE_MS: u64 = 5_000;
/// Domains that are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// Each time that so many more are remembered, those that are over are forgotten.
const FORGET_EVERY: usize = 250;

/// What a domain says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Domain {
    pub(crate) place: ApiPlace,
    pub(crate) admin: Option<Address>,
    pub(crate) key: DomainKeyHash,
}

/// Why it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DiscoveryError {
    /// The file cannot be fetched.
    #[error("keypears.json of {domain}: {reason}")]
    Out { domain: String, reason: OutError },
    /// There is none.
    #[error("{domain} has no /.well-known/keypears.json (HTTP status {status})")]
    Absent { domain: String, status: u16 },
    /// It is no such file.
    #[error("keypears.json of {domain} is no such file: {reason}")]
    Invalid { domain: String, reason: String },
    /// It names no place.
    #[error("keypears.json of {domain} {reason}")]
    Place { domain: String, reason: PlaceError },
}

/// What is remembered of a domain, and since when.
type Remembered = (UnixMillis, Result<Domain, DiscoveryError>);

/// Asks domains, and remembers for a moment what they said.
#[derive(Default)]
pub(crate) struct Discovery {
    known: Mutex<HashMap<String, Remembered>>,
    /// Domains that are being asked, each by one alone.
    asked: Mutex<HashMap<String, Arc<Turn>>>,
}

/// Held by who asks a domain.
type Turn = tokio::sync::Mutex<()>;

/// Ends a turn, also where whoever asks goes away: one that comes later takes a turn of its own, and finds what is
/// remembered.
struct Asked<'a> {
    of: &'a Discovery,
    domain: &'a str,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        lock(&self.of.asked).remove(self.domain);
    }
}

impl Discovery {
    /// What a domain says of itself.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub(crate) async fn ask(
        &self,
        https: &Https,
        domain: &str,
        now: UnixMillis,
    ) -> Result<Domain, DiscoveryError> {
        if let Some(known) = self.remembered(domain, now) {
            return known;
        }
        let turn = Arc::clone(lock(&self.asked).entry(domain.to_owned()).or_default());
        let _turn = turn.lock().await;
        let _asked = Asked { of: self, domain };
        // Who had it before has asked already.
        if let Some(known) = self.remembered(domain, now) {
            return known;
        }
        let said = fetch(https, domain).await;
        self.remember(domain, said.clone(), now);
        said
    }

    /// Forgets a domain: what it said has led nowhere.
    pub(crate) fn forget(&self, domain: &str) {
        lock(&self.known).remove(domain);
    }

    #[cfg(test)]
    pub(super) fn take_for_granted(&self, domain: &str, place: ApiPlace, now: UnixMillis) {
        let said = Domain {
            place,
            admin: None,
            key: DomainKeyHash::Absent,
        };
        self.remember(domain, Ok(said), now);
    }

    fn remembered(&self, domain: &str, now: UnixMillis) -> Option<Result<Domain, DiscoveryError>> {
        let known = lock(&self.known);
        let (since, said) = known.get(domain)?;
        is_fresh(*since, now, said).then(|| said.clone())
    }

    fn remember(&self, domain: &str, said: Result<Domain, DiscoveryError>, now: UnixMillis) {
        let mut known = lock(&self.known);
        if known.len() >= REMEMBERED_MAX || known.len() % FORGET_EVERY == FORGET_EVERY - 1 {
            known.retain(|_, (since, said)| is_fresh(*since, now, said));
        }
        // Asked for that many within a minute, it asks anew.
        if known.len() < REMEMBERED_MAX {
            known.insert(domain.to_owned(), (now, said));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_fresh(since: UnixMillis, now: UnixMillis, said: &Result<Domain, DiscoveryError>) -> bool {
    let lasts = if said.is_ok() {
        BELIEVED_MS
    } else {
        LEFT_ALONE_MS
    };
    // A clock that was set back must not keep it for ever.
    since <= now && now < since.plus(lasts)
}

async fn fetch(https: &Https, domain: &str) -> Result<Domain, DiscoveryError> {
    let url = format!("https://{domain}/.well-known/keypears.json");
    let answer = https.get(&url).await;
    let answer = answer.map_err(|reason| DiscoveryError::Out {
        domain: domain.to_owned(),
        reason,
    })?;
    if answer.status != 200 {
        return Err(DiscoveryError::Absent {
            domain: domain.to_owned(),
            status: answer.status,
        });
    }
    let file: WellKnownAny =
        serde_json::from_slice(&answer.body).map_err(|error| DiscoveryError::Invalid {
            domain: domain.to_owned(),
            reason: words(&error.to_string()),
        })?;
    let place = file.place().map_err(|reason| DiscoveryError::Place {
        domain: domain.to_owned(),
        reason,
    })?;
    Ok(Domain {
        place,
        admin: file.admin,
        key: file.domain_pub_key_hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_believed_for_a_minute() {
        let discovery = Discovery::default();
        let place = ApiPlace::of_host("kp.b.test").unwrap();
        let (then, known) = (UnixMillis(1_000_000), |now| {
            discovery.remembered("b.test", UnixMillis(now)).is_some()
        });
        discovery.take_for_granted("b.test", place, then);
        assert!(known(1_000_000) && known(1_059_999));
        assert!(!known(1_060_000), "it is over");
        assert!(!known(999_999), "the clock was set back");
        let absent = DiscoveryError::Absent {
            domain: "b.test".into(),
            status: 404,
        };
        discovery.remember("b.test", Err(absent), then);
        assert!(known(1_004_999) && !known(1_005_000));
        discovery.forget("b.test");
        assert!(!known(1_000_000));
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let discovery = Discovery::default();
        let place = ApiPlace::of_host("kp.b.test").unwrap();
        for number in 0..=REMEMBERED_MAX {
            let domain = format!("{number}.test");
            discovery.take_for_granted(&domain, place.clone(), UnixMillis(1));
        }
        assert_eq!(lock(&discovery.known).len(), REMEMBERED_MAX);
        discovery.take_for_granted("later.test", place, UnixMillis(1_000_000));
        assert_eq!(lock(&discovery.known).len(), 1, "what is over made room");
    }
}
