//! Sets of ASCII characters, and the classes that rules name.

/// A set of ASCII characters: bit n is the character n. Passwords are made of no others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Chars(u128);

impl Chars {
    pub(super) const EMPTY: Self = Self(0);
    /// From the space to the tilde.
    pub(super) const PRINTABLE: Self = Self::range(' ', '~');
    pub(super) const LOWER: Self = Self::range('a', 'z');
    pub(super) const UPPER: Self = Self::range('A', 'Z');
    pub(super) const DIGIT: Self = Self::range('0', '9');
    /// White space of ASCII, as a pattern's `\s` has it.
    pub(super) const SPACE: Self = Self(1 << 32 | 0b11_1110_0000_0000);
    /// Letters, digits and the underscore, as a pattern's `\w` has it.
    pub(super) const WORD: Self =
        Self(Self::LOWER.0 | Self::UPPER.0 | Self::DIGIT.0 | 1 << b'_' as u128);
    /// What is printable and none of letter and digit.
    pub(super) const SPECIAL: Self =
        Self(Self::PRINTABLE.0 & !(Self::LOWER.0 | Self::UPPER.0 | Self::DIGIT.0));
    /// What ends a line.
    pub(super) const LINE_END: Self = Self(1 << 10 | 1 << 13);

    /// All from one ASCII character to another.
    pub(super) const fn range(first: char, last: char) -> Self {
        let (first, last) = (first as u32, last as u32);
        if first > last || first > 127 {
            return Self(0);
        }
        let below_last = if last >= 127 {
            u128::MAX
        } else {
            (1 << (last + 1)) - 1
        };
        Self(below_last & !((1 << first) - 1))
    }

    /// One; none where it is not ASCII.
    pub(super) const fn one(c: char) -> Self {
        Self::range(c, c)
    }

    /// Those of a text.
    pub(super) fn of(text: &str) -> Self {
        text.chars()
            .fold(Self::EMPTY, |all, c| all.or(Self::one(c)))
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn not(self) -> Self {
        Self(!self.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, c: char) -> bool {
        c.is_ascii() && self.0 >> u32::from(c) & 1 == 1
    }

    /// In their order.
    pub(super) fn iter(self) -> impl Iterator<Item = char> {
        (0_u8..128).map(char::from).filter(move |c| self.has(*c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_their_characters() {
        let text = |set: Chars| set.iter().collect::<String>();
        assert_eq!(text(Chars::DIGIT), "0123456789");
        assert_eq!(text(Chars::SPACE), "\t\n\x0b\x0c\r ");
        assert_eq!(text(Chars::of("zaéa")), "az");
        assert_eq!(Chars::PRINTABLE.iter().count(), 95);
        assert_eq!(Chars::SPECIAL.iter().count(), 33);
        assert_eq!(Chars::WORD.iter().count(), 63);
        assert!(Chars::range('z', 'a').is_empty() && Chars::one('é').is_empty());
        assert_eq!(Chars::range('\0', '\x7f').not(), Chars::EMPTY);
    }
}
