//! What was typed and waits: in memory, for as long as its purpose lasts, and never past a lock.

use std::{cell::RefCell, collections::BTreeMap};

use engine::Submission;
use forms::FormKind;
use proto::{
    bridge::endpoint::{FrameId, TabId},
    ids::{OfferId, UnixMillis},
    origin::Origin,
    vault::SecretText,
};

/// How long a form waits for what becomes of it, milliseconds.
pub(super) const SENT_MS: u64 = 25_000;
/// How long a user name waits for the page with its password, milliseconds.
pub(super) const NAME_MS: u64 = 600_000;
/// Frames that are remembered at once.
const PLACES_MAX: usize = 100;
/// Forms of a site that are compared with the vault within [`COMPARED_MS`]: a script gone bad must
/// not try passwords by what is offered.
const COMPARED_MAX: usize = 10;
const COMPARED_MS: u64 = 600_000;

/// A frame of a tab.
pub(super) type Place = (TabId, FrameId);

/// All that waits.
#[derive(Default)]
pub(crate) struct Captures(RefCell<Inner>);

#[derive(Default)]
struct Inner {
    sent: BTreeMap<Place, Sent>,
    names: BTreeMap<Place, Named>,
    offers: BTreeMap<TabId, Waiting>,
    /// When forms of a site were compared.
    compared: BTreeMap<String, Vec<UnixMillis>>,
    /// Counts the locks.
    round: u64,
}

/// A form with a password that was sent.
pub(super) struct Sent {
    pub(super) submission: Submission,
    pub(super) kind: FormKind,
    /// The script that told of it, which lives as long as its document.
    pub(super) script: u64,
    pub(super) ticket: u64,
    pub(super) at: UnixMillis,
}

/// A user name that was sent without a password: the first page of two.
struct Named {
    name: SecretText,
    origin: Origin,
    at: UnixMillis,
}

/// An offer that a tab has made.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) id: OfferId,
    /// Where the form stood.
    pub(super) origin: Origin,
}

impl Captures {
    /// Changes with every lock: what was begun in another round is not kept.
    pub(super) fn round(&self) -> u64 {
        self.0.borrow().round
    }

    /// The vault was locked: nothing that was typed is remembered any more.
    pub(crate) fn forget(&self) {
        let mut inner = self.0.borrow_mut();
        let round = inner.round + 1;
        *inner = Inner {
            round,
            compared: std::mem::take(&mut inner.compared),
            ..Inner::default()
        };
    }

    /// Drops what has waited for too long.
    pub(super) fn forget_old(&self, now: UnixMillis) {
        let inner = &mut *self.0.borrow_mut();
        let young = |at: UnixMillis, age: u64| now.0.abs_diff(at.0) <= age;
        inner.names.retain(|_, named| young(named.at, NAME_MS));
        inner.sent.retain(|_, sent| young(sent.at, SENT_MS));
        for times in inner.compared.values_mut() {
            times.retain(|at| young(*at, COMPARED_MS));
        }
        inner.compared.retain(|_, times| !times.is_empty());
    }

    /// Keeps a form; whether there was room for it.
    pub(super) fn keep_sent(&self, place: Place, sent: Sent) -> bool {
        let mut inner = self.0.borrow_mut();
        let room = inner.sent.len() < PLACES_MAX || inner.sent.contains_key(&place);
        if room {
            inner.sent.insert(place, sent);
        }
        room
    }

    /// Keeps a user name.
    pub(super) fn keep_name(&self, place: Place, name: SecretText, origin: Origin, at: UnixMillis) {
        let mut inner = self.0.borrow_mut();
        if inner.names.len() < PLACES_MAX || inner.names.contains_key(&place) {
            inner.names.insert(place, Named { name, origin, at });
        }
    }

    /// The user name of the page before.
    pub(super) fn name_for(&self, place: Place, origin: &Origin) -> Option<SecretText> {
        let inner = self.0.borrow();
        let named = inner.names.get(&place)?;
        (named.origin == *origin).then(|| named.name.clone())
    }

    /// The script of the form that was sent then, while that waits.
    pub(super) fn script_of(&self, place: Place, at: UnixMillis) -> Option<u64> {
        let inner = self.0.borrow();
        let sent = inner.sent.get(&place).filter(|sent| sent.at == at)?;
        Some(sent.script)
    }

    /// Takes a form that fulfils a condition.
    pub(super) fn take_sent(&self, place: Place, own: impl Fn(&Sent) -> bool) -> Option<Sent> {
        let mut inner = self.0.borrow_mut();
        if !inner.sent.get(&place).is_some_and(own) {
            return None;
        }
        inner.sent.remove(&place)
    }

    /// Whether one more form of a site may be compared; counts it.
    pub(super) fn may_compare(&self, site: String, now: UnixMillis) -> bool {
        self.forget_old(now);
        let mut inner = self.0.borrow_mut();
        let times = inner.compared.entry(site).or_default();
        let may = times.len() < COMPARED_MAX;
        if may {
            times.push(now);
        }
        may
    }

    /// A tab has an offer.
    pub(super) fn offered(&self, tab: TabId, offer: Waiting) {
        self.0.borrow_mut().offers.insert(tab, offer);
    }

    /// The offer of a tab.
    pub(super) fn offer_of(&self, tab: TabId) -> Option<Waiting> {
        self.0.borrow().offers.get(&tab).cloned()
    }

    /// An offer is answered; the tab that had it.
    pub(super) fn answered(&self, id: OfferId) -> Option<TabId> {
        let mut inner = self.0.borrow_mut();
        let (tab, _) = inner.offers.iter().find(|(_, offer)| offer.id == id)?;
        let tab = *tab;
        inner.offers.remove(&tab);
        Some(tab)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = (TabId(1), FrameId(0));
    const IFRAME: Place = (TabId(1), FrameId(4));

    fn origin(text: &str) -> Origin {
        text.parse().unwrap_or_else(|_| unreachable!("{text}"))
    }

    fn sent(at: u64) -> Sent {
        Sent {
            submission: Submission {
                origin: origin("https://a.example"),
                username: SecretText::new("ada"),
                password: SecretText::new("pear"),
                new_password: SecretText::default(),
            },
            kind: FormKind::Login,
            script: 7,
            ticket: 3,
            at: UnixMillis(at),
        }
    }

    #[test]
    fn a_frame_does_not_displace_the_form_of_its_page() {
        let captures = Captures::default();
        assert!(captures.keep_sent(HERE, sent(10)));
        assert!(captures.keep_sent(IFRAME, sent(20)));
        assert_eq!(captures.script_of(HERE, UnixMillis(10)), Some(7));
        assert!(captures.take_sent(IFRAME, |it| it.ticket == 4).is_none());
        assert!(captures.take_sent(IFRAME, |it| it.ticket == 3).is_some());
        assert!(captures.take_sent(HERE, |_| true).is_some());
    }

    #[test]
    fn nothing_typed_outlives_a_lock() {
        let captures = Captures::default();
        let round = captures.round();
        let site = origin("https://a.example");
        captures.keep_sent(HERE, sent(10));
        captures.keep_name(HERE, SecretText::new("ada"), site.clone(), UnixMillis(10));
        assert!(captures.name_for(HERE, &site).is_some());
        captures.forget();
        assert_ne!(captures.round(), round);
        assert!(captures.name_for(HERE, &site).is_none());
        assert!(captures.take_sent(HERE, |_| true).is_none());
    }

    #[test]
    fn what_waited_too_long_is_forgotten() {
        let captures = Captures::default();
        captures.keep_sent(HERE, sent(10));
        captures.forget_old(UnixMillis(10 + SENT_MS));
        assert_eq!(captures.script_of(HERE, UnixMillis(10)), Some(7));
        captures.forget_old(UnixMillis(11 + SENT_MS));
        assert_eq!(captures.script_of(HERE, UnixMillis(10)), None);
    }

    #[test]
    fn a_user_name_is_for_its_own_origin() {
        let captures = Captures::default();
        let site = origin("https://a.example");
        captures.keep_name(HERE, SecretText::new("ada"), site.clone(), UnixMillis(10));
        assert!(
            captures
                .name_for(HERE, &origin("https://b.example"))
                .is_none()
        );
        assert!(captures.name_for(IFRAME, &site).is_none());
    }

    #[test]
    fn passwords_cannot_be_tried_by_offers() {
        let captures = Captures::default();
        let may = |site: &str, at| captures.may_compare(site.to_owned(), UnixMillis(at));
        assert_eq!((0..100).filter(|at| may("a.example", *at)).count(), 10);
        assert!(may("b.example", 50));
        // A lock does not begin the count anew; time does.
        captures.forget();
        assert!(!may("a.example", 200));
        assert!(may("a.example", 101 + COMPARED_MS));
    }
}
