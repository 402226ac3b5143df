//! Messages that are being written, as this page knows them: one for each conversation. The background keeps them, as
//! other pages may write, too.

use proto::{
    address::Address,
    bridge::popup::{self, Letter},
    ids::UnixMillis,
};

use crate::draft::REOPEN_MS;

/// All of them. Not `Debug`: they are secret.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Letters {
    /// Those changed last come last.
    letters: Vec<Letter>,
}

impl Letters {
    /// What the background has. Empty ones were sent or emptied.
    pub(crate) fn of(kept: popup::Letters) -> Self {
        let mut letters = kept.letters;
        letters.retain(|letter| !letter.text.is_empty());
        Self { letters }
    }

    /// Puts one among them; an empty text forgets it.
    pub(crate) fn put(&mut self, letter: Letter) {
        self.forget(&letter.address);
        if !letter.text.is_empty() {
            self.letters.push(letter);
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

    /// To whom the newest is, where it is so fresh that the user is still at it.
    pub(crate) fn reopens(&self, now: UnixMillis) -> Option<Address> {
        let newest = self.letters.last()?;
        (now < newest.at.plus(REOPEN_MS)).then(|| newest.address.clone())
    }
}

#[cfg(test)]
mod tests {
    use proto::{address::AddressError, vault::SecretText};

    use super::*;

    fn letter(address: &str, text: &str, at: u64) -> Result<Letter, AddressError> {
        Ok(Letter {
            address: address.parse()?,
            text: SecretText::new(text),
            sending: None,
            at: UnixMillis(at),
        })
    }

    #[test]
    fn each_conversation_has_its_own() -> Result<(), AddressError> {
        let (ada, bob) = (letter("ada@b.de", "Hi", 1)?, letter("bob@b.de", "Ho", 2)?);
        let more = letter("ada@b.de", "Hi!", 3)?;
        let mut letters = Letters::default();
        letters.put(ada.clone());
        letters.put(bob.clone());
        letters.put(more.clone());
        assert_eq!(letters.to(&ada.address), Some(&more));
        assert_eq!(letters.to(&bob.address), Some(&bob));
        letters.put(letter("ada@b.de", "", 4)?);
        assert!(letters.to(&ada.address).is_none());
        letters.forget(&bob.address);
        assert!(letters == Letters::default());
        Ok(())
    }

    #[test]
    fn the_newest_opens_its_conversation_for_ten_minutes() -> Result<(), AddressError> {
        let bob = letter("bob@b.de", "Ho", 2)?;
        let sent = letter("cyd@b.de", "", 3)?;
        let kept = |letters: Vec<Letter>| Letters::of(popup::Letters { letters });
        assert_eq!(kept(vec![]).reopens(UnixMillis(0)), None);
        let letters = kept(vec![letter("ada@b.de", "Hi", 1)?, bob.clone(), sent]);
        assert_eq!(letters.reopens(UnixMillis(3)), Some(bob.address));
        assert_eq!(letters.reopens(UnixMillis(2 + 600_000)), None);
        Ok(())
    }
}
