//! Messages that are being written: one for each conversation, kept as one draft, so that what lies in the browser's
//! store names nobody.

use proto::{
    address::Address,
    ids::{MessageId, UnixMillis},
};
use serde::{Deserialize, Serialize};

use crate::draft::{Kept, REOPEN_MS};

/// Bytes of all texts together; the oldest are forgotten first.
const MAX_BYTES: usize = 100 * 1024;

/// All of them. Not `Debug`: they are secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letters {
    /// Those changed last come last.
    letters: Vec<Letter>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// To whom.
    pub address: Address,
    /// As typed.
    pub text: String,
    /// Under which id this very text was sent, where no answer came: sent again, it is the same message.
    pub sending: Option<MessageId>,
    /// When it was last changed.
    pub at: UnixMillis,
}

impl Kept for Letters {
    const SCREEN: &'static str = "messages";
}

impl Letters {
    /// Keeps one; an empty text forgets it.
    pub(crate) fn put(&mut self, letter: Letter) {
        self.forget(&letter.address);
        if letter.text.is_empty() {
            return;
        }
        self.letters.push(letter);
        while self.letters.len() > 1 && self.bytes() > MAX_BYTES {
            self.letters.remove(0);
        }
    }

    /// Forgets one.
    pub(crate) fn forget(&mut self, address: &Address) {
        self.letters.retain(|letter| letter.address != *address);
    }

    /// The one to somebody.
    pub(crate) fn to(&self, address: &Address) -> Option<&Letter> {
        self.letters.iter().find(|it| it.address == *address)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// To whom the newest is, where it is so fresh that the user is still at it.
    pub(crate) fn reopens(&self, now: UnixMillis) -> Option<Address> {
        let newest = self.letters.last()?;
        (now < newest.at.plus(REOPEN_MS)).then(|| newest.address.clone())
    }

    fn bytes(&self) -> usize {
        self.letters.iter().map(|letter| letter.text.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proto::address::AddressError;

    use super::*;

    fn letter(address: &str, text: &str, at: u64) -> Result<Letter, AddressError> {
        Ok(Letter {
            address: address.parse()?,
            text: text.to_owned(),
            sending: None,
            at: UnixMillis(at),
        })
    }

    #[test]
    fn each_conversation_has_its_own() -> Result<(), AddressError> {
        let (ada, bob) = (letter("ada@b.de", "Hi", 1)?, letter("bob@b.de", "Ho", 2)?);
        let mut letters = Letters::default();
        letters.put(ada.clone());
        letters.put(bob.clone());
        letters.put(letter("ada@b.de", "Hi!", 3)?);
        assert_eq!(letters.to(&ada.address).map(|it| &*it.text), Some("Hi!"));
        assert_eq!(letters.to(&bob.address).map(|it| &*it.text), Some("Ho"));
        letters.put(letter("ada@b.de", "", 4)?);
        assert!(letters.to(&ada.address).is_none());
        letters.forget(&bob.address);
        assert!(letters.is_empty());
        Ok(())
    }

    #[test]
    fn the_newest_opens_its_conversation_for_ten_minutes() -> Result<(), AddressError> {
        let mut letters = Letters::default();
        assert_eq!(letters.reopens(UnixMillis(0)), None);
        let bob = letter("bob@b.de", "Ho", 2)?;
        letters.put(letter("ada@b.de", "Hi", 1)?);
        letters.put(bob.clone());
        assert_eq!(letters.reopens(UnixMillis(3)), Some(bob.address));
        assert_eq!(letters.reopens(UnixMillis(2 + 600_000)), None);
        Ok(())
    }

    #[test]
    fn the_oldest_are_forgotten_where_all_are_too_much() -> Result<(), AddressError> {
        let long = "a".repeat(60 * 1024);
        let mut letters = Letters::default();
        letters.put(letter("ada@b.de", &long, 1)?);
        letters.put(letter("bob@b.de", &long, 2)?);
        assert!(letters.to(&"ada@b.de".parse()?).is_none());
        assert!(letters.to(&"bob@b.de".parse()?).is_some());
        Ok(())
    }
}
