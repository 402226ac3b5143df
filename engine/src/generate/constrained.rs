//! New passwords for a site that has rules for them.

use proto::{
    bridge::popup::{Generate, GeneratedFor, IgnoredRule, PasswordConstraints},
    vault::SecretText,
};

use super::{
    GenerateError, LENGTHS, SEPARATOR_MAX_CHARS, WORDS,
    alphabet::{Alphabet, DIGITS, LOWERCASE, SYMBOLS, UPPERCASE},
    chars::Chars,
    check, generate,
    machine::{Demands, Machine, TooComplex},
    pattern::Pattern,
    rules::{self, Rules},
};

/// What a password should have at least, bits, where the rules permit.
const BITS_WANTED: f64 = 64.0;
/// Letters of the shortest and the longest word of the list.
const WORD_LETTERS: (usize, usize) = (3, 9);

/// The rules of a site, read.
struct Site {
    min: u32,
    max: u32,
    rules: Rules,
    pattern: Pattern,
    ignored: Vec<IgnoredRule>,
}

impl Site {
    fn read(constraints: &PasswordConstraints) -> Result<Self, GenerateError> {
        let mut rules = rules::parse(&constraints.rules);
        let mut ignored = std::mem::take(&mut rules.ignored);
        let pattern = Pattern::parse(&constraints.pattern).unwrap_or_else(|why| {
            ignored.push(why);
            Pattern::default()
        });
        let min = constraints.min.max(rules.min).max(1);
        let stated = [rules.max, (constraints.max > 0).then_some(constraints.max)];
        let max = stated.into_iter().flatten().min().unwrap_or(u32::MAX);
        if min > max || min > *LENGTHS.end() {
            return Err(GenerateError::Rules);
        }
        let max = max.min(*LENGTHS.end());
        // A row cannot be longer than the password.
        rules.run_max = rules.run_max.filter(|run| *run < max);
        Ok(Self {
            min,
            max,
            rules,
            pattern,
            ignored,
        })
    }

    /// Whether it says nothing but how long a password is.
    fn is_length_only(&self) -> bool {
        self.rules.allowed.is_none() && self.rules.run_max.is_none() && self.pattern.is_empty()
    }

    /// The automaton for an alphabet, with one of each of the recipe's sets that it has any of.
    fn machine(&self, alphabet: Chars, recipe: &[Chars]) -> Result<Machine, TooComplex> {
        let alphabet = alphabet.and(self.rules.allowed.unwrap_or(Chars::PRINTABLE));
        let mut required = self.rules.required.clone();
        let theirs = recipe.iter().map(|set| set.and(alphabet));
        required.extend(theirs.filter(|set| !set.is_empty()));
        required.sort_unstable();
        required.dedup();
        let demands = Demands {
            alphabet,
            required,
            run_max: self.rules.run_max,
            pattern: &self.pattern,
        };
        Machine::new(&demands, self.max)
    }

    /// Leaves out what makes the rules too much: the pattern, and then how often a character may
    /// stand in a row. Whether there was any of it.
    fn relax(&mut self) -> bool {
        if !self.pattern.is_empty() {
            self.pattern = Pattern::default();
            self.ignored.push(IgnoredRule::Pattern);
            true
        } else if self.rules.run_max.take().is_some() {
            self.ignored.push(IgnoredRule::Value);
            true
        } else {
            false
        }
    }

    /// The length to take: the one wanted, or the next longer one that is strong enough, or the
    /// next shorter one; where none is strong enough, the strongest.
    fn length(&self, machine: &Machine, wanted: u32) -> Option<(u32, f64)> {
        let wanted = wanted.clamp(self.min, self.max);
        let mut best: Option<(u32, f64)> = None;
        for length in (wanted..=self.max).chain((self.min..wanted).rev()) {
            let Some(bits) = machine.bits(length) else {
                continue;
            };
            if bits >= BITS_WANTED {
                return Some((length, bits));
            }
            if best.is_none_or(|(_, most)| bits > most) {
                best = Some((length, bits));
            }
        }
        best
    }
}

/// Makes a password that a site takes.
///
/// # Errors
/// [`GenerateError`]; `Rules` where no password of up to 128 characters fits.
pub fn generate_for(
    constraints: &PasswordConstraints,
    recipe: &Generate,
    fill: &dyn Fn(&mut [u8]),
) -> Result<GeneratedFor, GenerateError> {
    check(recipe)?;
    let mut site = Site::read(constraints)?;
    if site.is_length_only() {
        let mut recipe = recipe.clone();
        while follows(&recipe, site.min, site.max) {
            let made = generate(&recipe, fill)?;
            if made.bits >= BITS_WANTED {
                return Ok(GeneratedFor {
                    value: made.value,
                    bits: made.bits,
                    ignored: site.ignored,
                });
            }
            recipe = longer(recipe);
        }
    }
    let (length, sets, unambiguous) = characters_of(recipe);
    let chosen: Vec<Chars> = sets
        .iter()
        .map(|set| Chars::of(&Alphabet::new([*set].into_iter(), unambiguous).text()))
        .collect();
    let made = loop {
        match strongest(&site, &chosen, length) {
            Err(TooComplex) if site.relax() => {}
            made => break made,
        }
    };
    let (machine, length, bits) = made.ok().flatten().ok_or(GenerateError::Rules)?;
    let text = machine.draw(length, fill).ok_or(GenerateError::Random)?;
    Ok(GeneratedFor {
        value: SecretText::new(text.as_str()),
        bits,
        ignored: site.ignored,
    })
}

/// The first alphabet whose passwords are strong enough, or the strongest, with the length to take
/// and its bits. `None` where no password fits; too complex where one might, and no alphabet makes
/// an automaton that is small enough.
fn strongest(
    site: &Site,
    chosen: &[Chars],
    wanted: u32,
) -> Result<Option<(Machine, u32, f64)>, TooComplex> {
    let mut best: Option<(Machine, u32, f64)> = None;
    let mut too_complex = None;
    for (alphabet, recipe) in alphabets(chosen, &site.rules) {
        let machine = match site.machine(alphabet, &recipe) {
            Ok(machine) => machine,
            Err(error) => {
                too_complex = Some(error);
                continue;
            }
        };
        let Some((length, bits)) = site.length(&machine, wanted) else {
            continue;
        };
        if best.as_ref().is_none_or(|(.., most)| bits > *most) {
            best = Some((machine, length, bits));
        }
        if bits >= BITS_WANTED {
            break;
        }
    }
    match (best, too_complex) {
        (None, Some(error)) => Err(error),
        (best, _) => Ok(best),
    }
}

/// Alphabets to try, each with the sets that all must be met: what the user chose and the site
/// requires, then the same without a word of what must be met, then whatever nearly every site
/// takes, then all that can be typed.
fn alphabets(chosen: &[Chars], rules: &Rules) -> Vec<(Chars, Vec<Chars>)> {
    let all = |sets: &[Chars]| sets.iter().fold(Chars::EMPTY, |all, set| all.or(*set));
    let usual = [LOWERCASE, UPPERCASE, DIGITS, SYMBOLS].map(Chars::of);
    // Of what the site requires only the usual, where that is enough.
    let required = rules.required.iter().map(|set| {
        let (plain, clear) = (set.and(all(&usual)), set.and(all(chosen)));
        let of_it = if clear.is_empty() { plain } else { clear };
        if of_it.is_empty() { *set } else { of_it }
    });
    let required = all(&required.collect::<Vec<_>>());
    let no_space = Chars::PRINTABLE.and(Chars::SPACE.not());
    vec![
        (all(chosen).or(required), chosen.to_vec()),
        (all(chosen).or(required), Vec::new()),
        (all(&usual).or(required), Vec::new()),
        (no_space, Vec::new()),
        (Chars::PRINTABLE, Vec::new()),
    ]
}

/// A recipe for one character or word more.
fn longer(mut recipe: Generate) -> Generate {
    match &mut recipe {
        Generate::Characters { length, .. } => *length += 1,
        Generate::Passphrase { words, .. } => *words += 1,
    }
    recipe
}

/// Whether everything that a recipe makes has a length within these bounds.
fn follows(recipe: &Generate, min: u32, max: u32) -> bool {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let (shortest, longest) = match recipe {
        Generate::Characters { length, .. } => (size(*length), size(*length)),
        Generate::Passphrase {
            words,
            separator,
            number,
            ..
        } => {
            let words = size((*words).min(*WORDS.end()));
            let between = separator.chars().count().min(SEPARATOR_MAX_CHARS);
            let more = between * words.saturating_sub(1) + usize::from(*number);
            (words * WORD_LETTERS.0 + more, words * WORD_LETTERS.1 + more)
        }
    };
    size(min) <= shortest && longest <= size(max)
}

/// Length, sets, and whether to leave out what looks alike. A passphrase that a site does not take
/// becomes twenty characters of all sets.
fn characters_of(recipe: &Generate) -> (u32, Vec<&'static str>, bool) {
    match recipe {
        Generate::Characters {
            length,
            uppercase,
            digits,
            symbols,
            unambiguous,
        } => {
            let sets = [
                Some(LOWERCASE),
                uppercase.then_some(UPPERCASE),
                digits.then_some(DIGITS),
                symbols.then_some(SYMBOLS),
            ];
            (*length, sets.into_iter().flatten().collect(), *unambiguous)
        }
        Generate::Passphrase { .. } => (20, vec![LOWERCASE, UPPERCASE, DIGITS, SYMBOLS], true),
    }
}

#[cfg(test)]
mod tests;
