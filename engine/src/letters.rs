//! Messages that are being written: one for each conversation.
//!
//! Several pages may be open, and each knows only what it was told last. So none of them writes more than the one message
//! that was changed there; they are put together here. They lie in one draft, so that what is in the store names nobody.

use proto::{
    address::Address,
    bridge::popup::{Letter, Letters},
    ids::{MessageId, UnixMillis},
    vault::SecretText,
};
use zeroize::Zeroizing;

use crate::{
    Engine,
    drafts::{LETTERS, key},
    error::EngineError,
    platform::{Platform, StoreError},
};

/// Bytes of all texts together; the oldest are forgotten first.
const MAX_BYTES: usize = 100 * 1024;
/// How long an empty one is kept, milliseconds: what was typed before it may come after it.
const GONE_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// Keeps a message that is being written; an empty one forgets it, and so does one that was sent meanwhile. Of two of
    /// one conversation the one that was changed last stays.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::TooLarge`], [`EngineError::Store`].
    pub async fn keep_letter(&self, mut letter: Letter) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        if let Some(id) = letter.sending
            && self.is_kept(&letter.address, id).await?
        {
            letter = gone(letter.address, letter.at);
        }
        self.put_letter(letter).await
    }

    /// The messages that are being written, those changed last come last. Empty ones were sent or emptied a short time ago.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn letters(&self) -> Result<Letters, EngineError> {
        self.ensure_open().await?;
        self.read_letters().await
    }

    /// A message was put into the outbox: it is not being written any more, unless something else is by now.
    pub(crate) async fn letter_sent(&self, to: &Address, id: MessageId) -> Result<(), EngineError> {
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        let letters = self.read_letters().await?.letters;
        let sent = letters
            .into_iter()
            .find(|it| it.address == *to && it.sending == Some(id));
        match sent {
            Some(sent) => self.put_letter(gone(sent.address, sent.at)).await,
            None => Ok(()),
        }
    }

    async fn put_letter(&self, letter: Letter) -> Result<(), EngineError> {
        let mut letters = self.read_letters().await?;
        put(&mut letters.letters, letter, self.platform().now());
        let bytes = if letters.letters.is_empty() {
            Vec::new()
        } else {
            serde_json::to_vec(&letters).map_err(|_| StoreError)?
        };
        self.write_draft(&key(LETTERS)?, &Zeroizing::new(bytes))
            .await
    }

    async fn read_letters(&self) -> Result<Letters, EngineError> {
        let kept = self.read_draft(&key(LETTERS)?).await?;
        // What another version of Pearvault has written counts as nothing.
        let letters = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
        Ok(letters.unwrap_or(Letters {
            letters: Vec::new(),
        }))
    }
}

/// One that is not being written any more since `at`.
fn gone(address: Address, at: UnixMillis) -> Letter {
    Letter {
        address,
        text: SecretText::default(),
        sending: None,
        at,
    }
}

/// Puts one among the others, unless there is a newer one of its conversation.
fn put(letters: &mut Vec<Letter>, mut letter: Letter, now: UnixMillis) {
    letter.at = letter.at.min(now);
    // One of a time to come was written before the clock was set back.
    let is_newer = |it: &Letter| it.at > letter.at && it.at <= now;
    if letters
        .iter()
        .any(|it| it.address == letter.address && is_newer(it))
    {
        return;
    }
    let is_over = |it: &Letter| is_gone(it) && now.0.abs_diff(it.at.0) >= GONE_MS;
    letters.retain(|it| it.address != letter.address && !is_over(it));
    let place = letters.partition_point(|it| it.at <= letter.at);
    letters.insert(place, letter);
    while letters.len() > 1 && bytes(letters) > MAX_BYTES {
        letters.remove(0);
    }
}

fn is_gone(letter: &Letter) -> bool {
    letter.text.is_empty()
}

fn bytes(letters: &[Letter]) -> usize {
    // EXPOSE: only its length is looked at.
    let lengths = letters.iter().map(|it| it.text.expose_secret().len());
    lengths.sum()
}

#[cfg(test)]
mod tests {
    use proto::address::AddressError;

    use super::*;

    const ADA: &str = "ada@b.de";
    const BOB: &str = "bob@b.de";
    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn letter(address: &str, text: &str, at: u64) -> Result<Letter, AddressError> {
        Ok(Letter {
            address: address.parse()?,
            text: SecretText::new(text),
            sending: None,
            at: UnixMillis(at),
        })
    }

    /// What is there after these came, in this order, as `address text`.
    fn check(came: &[(&str, &str, u64)], expect: &[&str]) -> Result<(), AddressError> {
        let mut letters = Vec::new();
        for (address, text, at) in came {
            put(&mut letters, letter(address, text, *at)?, NOW);
        }
        let texts: Vec<String> = letters
            .iter()
            .filter(|it| !is_gone(it))
            // EXPOSE: a test looks at it.
            .map(|it| format!("{} {}", it.address, it.text.expose_secret()))
            .collect();
        assert_eq!(texts, expect, "{} came", came.len());
        Ok(())
    }

    #[test]
    fn of_each_conversation_the_newest_stays() -> Result<(), AddressError> {
        check(
            &[(ADA, "Hi", 1), (BOB, "Ho", 2)],
            &["ada@b.de Hi", "bob@b.de Ho"],
        )?;
        check(
            &[(ADA, "Hi", 1), (BOB, "Ho", 2), (ADA, "Hi!", 3)],
            &["bob@b.de Ho", "ada@b.de Hi!"],
        )?;
        check(&[(ADA, "new", 2), (ADA, "old", 1)], &["ada@b.de new"])?;
        check(&[(ADA, "one", 2), (ADA, "other", 2)], &["ada@b.de other"])?;
        check(
            &[(BOB, "Ho", 2), (ADA, "Hi", 1)],
            &["ada@b.de Hi", "bob@b.de Ho"],
        )
    }

    #[test]
    fn one_that_was_sent_or_emptied_does_not_come_back() -> Result<(), AddressError> {
        let now = NOW.0;
        check(
            &[
                (ADA, "Hi", now - 9),
                (ADA, "", now - 5),
                (ADA, "Hi", now - 7),
            ],
            &[],
        )?;
        check(
            &[
                (ADA, "", now - 5),
                (BOB, "Ho", now - 1),
                (ADA, "Hi", now - 7),
            ],
            &["bob@b.de Ho"],
        )?;
        // Something else is written by now.
        check(
            &[
                (ADA, "Hi", now - 9),
                (ADA, "more", now - 4),
                (ADA, "", now - 9),
            ],
            &["ada@b.de more"],
        )
    }

    #[test]
    fn that_one_was_sent_is_forgotten_after_a_minute() -> Result<(), AddressError> {
        let mut letters = Vec::new();
        put(&mut letters, letter(ADA, "", 1)?, UnixMillis(1));
        put(&mut letters, letter(BOB, "", 60_000)?, UnixMillis(60_000));
        assert_eq!(letters.len(), 2);
        put(&mut letters, letter(BOB, "", 60_001)?, UnixMillis(60_001));
        assert_eq!(letters, [letter(BOB, "", 60_001)?]);
        Ok(())
    }

    #[test]
    fn a_clock_that_was_set_back_holds_nothing_up() -> Result<(), AddressError> {
        let mut letters = Vec::new();
        put(
            &mut letters,
            letter(ADA, "before", 5_000)?,
            UnixMillis(5_000),
        );
        put(&mut letters, letter(ADA, "after", 10)?, UnixMillis(10));
        assert_eq!(letters, [letter(ADA, "after", 10)?]);
        // And a page's own clock counts no further than this one.
        put(&mut letters, letter(ADA, "ahead", 700)?, UnixMillis(20));
        assert_eq!(letters, [letter(ADA, "ahead", 20)?]);
        Ok(())
    }

    #[test]
    fn the_oldest_are_forgotten_where_all_are_too_much() -> Result<(), AddressError> {
        let long = "a".repeat(60 * 1024);
        let came = [(ADA, long.as_str(), 1), (BOB, long.as_str(), 2)];
        check(&came, &[&format!("{BOB} {long}")])
    }
}
