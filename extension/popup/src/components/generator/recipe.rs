//! What a password is made of: the two ways, each with what was set last.

use proto::bridge::popup::Generate;

/// The two ways, and which of them is chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    pub passphrase: bool,
    pub characters: Characters,
    pub words: Words,
}

/// Single characters.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four switches on the screen")]
pub(super) struct Characters {
    pub length: u32,
    pub uppercase: bool,
    pub digits: bool,
    pub symbols: bool,
    pub unambiguous: bool,
}

/// Words of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    pub count: u32,
    pub separator: String,
    pub capitalize: bool,
    pub number: bool,
}

impl Recipe {
    /// One way as it was set; the other as it is at first.
    pub(super) fn new(set: Generate) -> Self {
        let mut recipe = Self {
            passphrase: matches!(set, Generate::Passphrase { .. }),
            characters: Characters::default(),
            words: Words::default(),
        };
        match set {
            Generate::Characters {
                length,
                uppercase,
                digits,
                symbols,
                unambiguous,
            } => {
                recipe.characters = Characters {
                    length,
                    uppercase,
                    digits,
                    symbols,
                    unambiguous,
                };
            }
            Generate::Passphrase {
                words: count,
                separator,
                capitalize,
                number,
            } => {
                recipe.words = Words {
                    count,
                    separator,
                    capitalize,
                    number,
                };
            }
        }
        recipe
    }
}

impl Default for Characters {
    fn default() -> Self {
        Self {
            length: 20,
            uppercase: true,
            digits: true,
            symbols: true,
            unambiguous: true,
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            count: 5,
            separator: "-".to_owned(),
            capitalize: false,
            number: false,
        }
    }
}

impl From<Characters> for Generate {
    fn from(set: Characters) -> Self {
        Self::Characters {
            length: set.length,
            uppercase: set.uppercase,
            digits: set.digits,
            symbols: set.symbols,
            unambiguous: set.unambiguous,
        }
    }
}

impl From<Words> for Generate {
    fn from(set: Words) -> Self {
        Self::Passphrase {
            words: set.count,
            separator: set.separator,
            capitalize: set.capitalize,
            number: set.number,
        }
    }
}

impl From<Recipe> for Generate {
    fn from(recipe: Recipe) -> Self {
        if recipe.passphrase {
            recipe.words.into()
        } else {
            recipe.characters.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::bridge::popup::Settings;

    use super::*;

    fn characters() -> Generate {
        Generate::Characters {
            length: 33,
            uppercase: false,
            digits: true,
            symbols: false,
            unambiguous: true,
        }
    }

    fn words() -> Generate {
        Generate::Passphrase {
            words: 7,
            separator: ".".to_owned(),
            capitalize: true,
            number: false,
        }
    }

    #[test]
    fn what_was_set_is_asked_for_again() {
        for set in [characters(), words(), Settings::default().generator] {
            assert_eq!(Generate::from(Recipe::new(set.clone())), set);
        }
    }

    #[test]
    fn the_other_way_starts_with_what_is_good_for_most() {
        let mut recipe = Recipe::new(words());
        recipe.passphrase = false;
        assert_eq!(
            Generate::from(recipe),
            Generate::from(Characters::default())
        );
        assert_eq!(Recipe::new(characters()).words, Words::default());
    }

    #[test]
    fn going_to_the_other_way_and_back_loses_nothing() {
        let mut recipe = Recipe::new(characters());
        recipe.passphrase = true;
        recipe.words.count = 9;
        recipe.passphrase = false;
        assert_eq!(Generate::from(recipe), characters());
    }
}
