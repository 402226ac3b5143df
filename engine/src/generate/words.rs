//! EFF's long word list: 7 776 English words, five rolls of a die each.
//!
//! "EFF's Long Wordlist" by Joseph Bonneau for the Electronic Frontier Foundation,
//! <https://www.eff.org/dice>, licensed under CC BY 3.0 US; here without the numbers of the dice.

/// The words, in alphabetical order.
pub(super) fn list() -> Vec<&'static str> {
    include_str!("eff_long.txt").lines().collect()
}
