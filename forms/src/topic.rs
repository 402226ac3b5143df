//! What a text may speak of, and how that is found: all tables of [`crate::words`] in one pass.

use std::sync::OnceLock;

use crate::words::{self, details};

macro_rules! topics {
    ($($name:ident $table:expr,)*) => {
        /// What a text may speak of: one table of words each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Topic { $($name),* }

        /// Every topic with its words.
        pub(crate) const TABLES: &[(Topic, &str)] = &[$((Topic::$name, $table)),*];
    };
}

topics! {
    Login words::LOGIN,
    SignUp words::SIGN_UP,
    Change words::CHANGE,
    Forgot words::FORGOT,
    Remember words::REMEMBER,
    Repeat words::REPEAT,
    NewPassword words::NEW_PASSWORD,
    LengthRule words::LENGTH_RULE,
    CurrentPassword words::CURRENT_PASSWORD,
    Password words::PASSWORD,
    Username words::USERNAME,
    NewName words::NEW_NAME,
    Email words::EMAIL,
    Phone words::PHONE,
    OneTimeCode words::ONE_TIME_CODE,
    OneTimePassword words::ONE_TIME_PASSWORD,
    AnyCode words::ANY_CODE,
    Digit words::DIGIT,
    Sent words::SENT,
    Captcha words::CAPTCHA,
    Search words::SEARCH,
    Newsletter words::NEWSLETTER,
    Terms words::TERMS,
    Personal words::PERSONAL,
    OtherSecret words::OTHER_SECRET,
    Guest words::GUEST,
    Next words::NEXT,
    Save words::SAVE,
    Hint words::HINT,
    Strength words::STRENGTH,
    Bait words::BAIT,
    CardNumber details::CARD_NUMBER,
    CardHolder details::CARD_HOLDER,
    CardExpiry details::CARD_EXPIRY,
    CardCode details::CARD_CODE,
    Card details::CARD,
    Month details::MONTH,
    Year details::YEAR,
    GivenName details::GIVEN_NAME,
    FamilyName details::FAMILY_NAME,
    FullName details::FULL_NAME,
    Organization details::ORGANIZATION,
    Street details::STREET,
    StreetLine2 details::STREET_LINE_2,
    City details::CITY,
    Region details::REGION,
    PostalCode details::POSTAL_CODE,
    Country details::COUNTRY,
}

/// A set of topics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Topics(u64);

impl Topics {
    /// The topics of a folded text. A word with a space at an end must begin or end there; without,
    /// it may be a part of a longer one ("user" in "username").
    pub(crate) fn of(folded: &str) -> Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(Index::new).topics(folded.as_bytes())
    }

    /// Whether `topic` is among them.
    pub(crate) fn has(self, topic: Topic) -> bool {
        self.0 & Self::only(topic).0 != 0
    }

    const fn only(topic: Topic) -> Self {
        Self(1 << topic as u64)
    }
}

/// Bytes that a bucket is found by; each word has as many at least.
#[cfg(test)]
const PREFIX: usize = 3;
const BUCKETS: usize = 4096;

/// Words by a hash of their first bytes.
struct Index {
    words: Vec<(&'static [u8], Topics)>,
    /// Where the words of each bucket begin, and one past the last.
    starts: Vec<u32>,
}

impl Index {
    fn new() -> Self {
        let mut words: Vec<(&'static [u8], Topics)> = TABLES
            .iter()
            .flat_map(|&(topic, table)| {
                let words = table.split('|').skip(1);
                words.map(move |word| (word.as_bytes(), Topics::only(topic)))
            })
            .filter(|(word, _)| bucket(word).is_some())
            .collect();
        words.sort_by_key(|(word, _)| bucket(word));
        let start = |at| words.partition_point(|(word, _)| bucket(word) < Some(at));
        let starts = (0..=BUCKETS).map(|at| u32::try_from(start(at)).unwrap_or(0));
        Self {
            starts: starts.collect(),
            words,
        }
    }

    fn topics(&self, text: &[u8]) -> Topics {
        let mut found = 0;
        for at in 0..text.len() {
            let Some(rest) = text.get(at..) else { break };
            let Some(bucket) = bucket(rest) else { break };
            let start = |bucket: usize| {
                let start = self.starts.get(bucket).copied().unwrap_or(0);
                usize::try_from(start).unwrap_or(0)
            };
            let words = self.words.get(start(bucket)..start(bucket + 1));
            for (word, topic) in words.unwrap_or_default() {
                if rest.starts_with(word) {
                    found |= topic.0;
                }
            }
        }
        Topics(found)
    }
}

fn bucket(word: &[u8]) -> Option<usize> {
    let [a, b, c, ..] = *word else { return None };
    let [a, b, c] = [a, b, c].map(usize::from);
    Some((a * 961 + b * 31 + c) % BUCKETS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn every_word_is_found_as_texts_are_folded() {
        assert!(TABLES.len() <= 64, "a set has a bit for each");
        for &(topic, table) in TABLES {
            assert!(table.starts_with('|'), "{topic:?}");
            for word in table.split('|').skip(1) {
                assert!(word.len() >= PREFIX && !word.trim().is_empty(), "{word:?}");
                let text = Text::of(&[word]);
                assert!(text.has(topic), "{word:?} is never found; it is {text:?}");
            }
        }
    }

    #[test]
    fn a_space_in_a_word_is_its_border() {
        let has = |text: &str, topic| Topics::of(text).has(topic);
        assert!(has(" username ", Topic::Username) && !has(" xtank ", Topic::OneTimeCode));
        assert!(has(" tan ", Topic::OneTimeCode));
    }
}
