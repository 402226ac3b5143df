//! Who waits for news of an account, and that there is some.
//!
//! Only a hint: what is true, is in the store. Who waits is told the newest revision, however many there were.
//! Where several nodes share a database, [`others`] hears of what the others wrote.

pub(crate) mod others;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use proto::ids::{AccountId, Position, Revision};
use tokio::sync::{mpsc, watch};

use crate::store::Latest;

/// Who may wait for one account at once: its sessions, each with the connection that it has just lost.
const WAITING_MAX: usize = 200;

/// The accounts that somebody waits for.
#[derive(Default)]
pub(crate) struct News {
    waited_for: Mutex<HashMap<AccountId, watch::Sender<Known>>>,
    /// Where other nodes are told.
    out: Option<mpsc::Sender<Hint>>,
}

/// What another node may want to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// An account's vault or messages were written.
    Written(AccountId),
    /// A session of an account is over.
    SessionEnded(AccountId),
}

/// What is known of an account that somebody waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The newest places that were told.
    pub(crate) latest: Latest,
    /// Counts the ends of sessions.
    ended: u64,
}

impl News {
    /// The same, with a way to other nodes.
    pub(crate) fn with_others(out: mpsc::Sender<Hint>) -> Self {
        Self {
            out: Some(out),
            ..Self::default()
        }
    }

    /// An account's vault has got to `latest` by a write here.
    pub(crate) fn tell(&self, account: AccountId, latest: Revision) {
        let messages = Position(0);
        self.hear(
            account,
            Latest {
                vault: latest,
                messages,
            },
        );
        self.hint(Hint::Written(account));
    }

    /// An account's messages have got to `latest` by a change here.
    pub(crate) fn tell_of_messages(&self, account: AccountId, latest: Position) {
        let vault = Revision(0);
        self.hear(
            account,
            Latest {
                vault,
                messages: latest,
            },
        );
        self.hint(Hint::Written(account));
    }

    /// A session of an account was ended here: who waits looks whether it was theirs.
    pub(crate) fn session_ended(&self, account: AccountId) {
        self.hear_of_end(account);
        self.hint(Hint::SessionEnded(account));
    }

    /// An account has got to `latest`, wherever it was written.
    pub(crate) fn hear(&self, account: AccountId, latest: Latest) {
        self.change(account, |known| {
            // Writes are acknowledged by several tasks, so a later one may come first.
            let newer = known.latest.max(latest);
            std::mem::replace(&mut known.latest, newer) != newer
        });
    }

    /// A session of an account was ended somewhere.
    pub(crate) fn hear_of_end(&self, account: AccountId) {
        self.change(account, |known| {
            known.ended += 1;
            true
        });
    }

    /// Tells other nodes; a hint that finds no room is lost, and they find out by asking the store.
    fn hint(&self, hint: Hint) {
        if let Some(out) = &self.out {
            let _ = out.try_send(hint);
        }
    }

    /// The accounts that somebody waits for now.
    pub(crate) fn waited_for(&self) -> Vec<AccountId> {
        let waited_for = self
            .waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut accounts = Vec::with_capacity(waited_for.len());
        accounts.extend(
            waited_for
                .iter()
                .filter(|(_, sender)| !sender.is_closed())
                .map(|(account, _)| *account),
        );
        accounts
    }

    /// Whether somebody waits for an account.
    pub(crate) fn is_waited_for(&self, account: AccountId) -> bool {
        let waited_for = self
            .waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waited_for
            .get(&account)
            .is_some_and(|sender| !sender.is_closed())
    }

    fn change(&self, account: AccountId, change: impl FnOnce(&mut Known) -> bool) {
        let waited_for = self
            .waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waited_for.get(&account) {
            sender.send_if_modified(change);
        }
    }

    /// Waits for an account from now on, unless [`WAITING_MAX`] do. Who looks into the store after this call misses nothing.
    pub(crate) fn listen(&self, account: AccountId) -> Option<watch::Receiver<Known>> {
        let mut waited_for = self
            .waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let sender = waited_for.entry(account).or_default();
        (sender.receiver_count() < WAITING_MAX).then(|| sender.subscribe())
    }

    /// Forgets accounts that nobody waits for any more.
    pub(crate) fn forget_idle(&self) {
        let mut waited_for = self
            .waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waited_for.retain(|_, sender| !sender.is_closed());
        waited_for.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    fn account(byte: u8) -> AccountId {
        AccountId::make(UnixMillis(1), [byte; 10])
    }

    #[test]
    fn only_who_waits_is_told_and_never_of_the_past() {
        let news = News::default();
        news.tell(account(1), Revision(1));
        let (Some(mut one), Some(two)) = (news.listen(account(1)), news.listen(account(2))) else {
            unreachable!("there is room")
        };
        news.tell(account(1), Revision(5));
        news.tell(account(1), Revision(4));
        assert_eq!(one.borrow_and_update().latest.vault, Revision(5));
        news.tell(account(1), Revision(5));
        assert!(matches!(one.has_changed(), Ok(false)));
        assert!(matches!(two.has_changed(), Ok(false)));
        news.session_ended(account(1));
        assert!(matches!(one.has_changed(), Ok(true)));
        assert_eq!(one.borrow_and_update().latest.vault, Revision(5));
    }

    #[test]
    fn messages_are_told_beside_the_vault() {
        let news = News::default();
        let Some(mut waits) = news.listen(account(1)) else {
            unreachable!("there is room")
        };
        news.tell(account(1), Revision(5));
        news.tell_of_messages(account(1), Position(3));
        let expected = Latest {
            vault: Revision(5),
            messages: Position(3),
        };
        assert_eq!(waits.borrow_and_update().latest, expected);
        news.tell_of_messages(account(1), Position(2));
        assert!(matches!(waits.has_changed(), Ok(false)));
    }

    #[test]
    fn one_account_takes_no_more_than_its_room() {
        let news = News::default();
        let waiting: Vec<_> = (0..WAITING_MAX)
            .filter_map(|_| news.listen(account(1)))
            .collect();
        assert_eq!(waiting.len(), WAITING_MAX);
        assert!(news.listen(account(1)).is_none());
        assert!(news.listen(account(2)).is_some());
        drop(waiting);
        assert!(news.listen(account(1)).is_some());
    }

    #[test]
    fn who_left_is_forgotten() {
        let news = News::default();
        let waits = news.listen(account(1));
        let known = || news.waited_for.lock().map(|all| all.len()).ok();
        news.forget_idle();
        assert_eq!(known(), Some(1));
        drop(waits);
        news.forget_idle();
        assert_eq!(known(), Some(0));
    }
}
