//! Counts out of what test programs print.

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) skipped: u32,
    /// Why whole parts were left out, in words.
    pub(super) skipped_why: Vec<String>,
}

impl Tally {
    /// Nothing ran, and why.
    pub(super) fn skip(reason: &str) -> Self {
        Self {
            skipped_why: vec![reason.to_owned()],
            ..Self::default()
        }
    }

    /// Adds up every closing line of cargo's test harness, of Node's test runner (TAP) and of the
    /// stories (`3 passed, 0 failed, 1 skipped`).
    pub(super) fn parse(text: &str) -> Self {
        let mut tally = Self::default();
        for line in text.lines().map(str::trim) {
            if let Some((_, counts)) = line
                .strip_prefix("test result: ")
                .and_then(|rest| rest.split_once(". "))
            {
                tally.add_counts(counts, ';');
            } else if let Some(count) = line.strip_prefix("# ") {
                tally.add_tap(count);
            } else if is_closing_line(line) {
                tally.add_counts(line, ',');
            }
        }
        tally
    }

    /// Adds another part's counts.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.skipped_why.extend(other.skipped_why);
    }

    /// The closing line; a part that was left out counts as one skipped.
    pub(super) fn in_words(&self) -> String {
        let parts = u32::try_from(self.skipped_why.len()).unwrap_or(u32::MAX);
        let skipped = self.skipped.saturating_add(parts);
        format!(
            "{} passed, {} failed, {skipped} skipped",
            self.passed, self.failed
        )
    }

    fn add_counts(&mut self, counts: &str, separator: char) {
        for part in counts.split(separator) {
            let mut words = part.split_whitespace();
            let number = words.next().and_then(|word| word.parse().ok());
            if let (Some(number), Some(what)) = (number, words.next()) {
                self.add_one(number, what);
            }
        }
    }

    fn add_tap(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if let (Some(what), Some(number), None) = (words.next(), words.next(), words.next())
            && let Ok(number) = number.parse()
        {
            self.add_one(number, what);
        }
    }

    fn add_one(&mut self, number: u32, what: &str) {
        match what {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }
}

/// Whether a line is `N passed, N failed`, with or without `, N skipped`.
fn is_closing_line(line: &str) -> bool {
    let names = ["passed", "failed", "skipped"];
    let parts: Vec<&str> = line.split(", ").collect();
    (2..=3).contains(&parts.len())
        && parts.iter().zip(names).all(|(part, name)| {
            part.split_once(' ')
                .is_some_and(|(number, word)| number.parse::<u32>().is_ok() && word == name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, passed: u32, failed: u32, skipped: u32) {
        let expect = Tally {
            passed,
            failed,
            skipped,
            ..Tally::default()
        };
        assert_eq!(Tally::parse(text), expect, "{text}");
    }

    #[test]
    fn every_harness_is_understood() {
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out",
            12,
            0,
            1,
        );
        check(
            "test result: FAILED. 1 passed; 2 failed; 0 ignored",
            1,
            2,
            0,
        );
        check(
            "# tests 4\n# suites 0\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 0\n",
            3,
            1,
            0,
        );
        check("8 passed, 0 failed, 2 skipped", 8, 0, 2);
        check("8 passed, 1 failed", 8, 1, 0);
    }

    #[test]
    fn counts_are_added_up() {
        check(
            "test result: ok. 2 passed; 0 failed\nx\ntest result: ok. 3 passed; 1 failed",
            5,
            1,
            0,
        );
    }

    #[test]
    fn other_lines_do_not_count() {
        check(
            "we passed, 3 failed\n5 passed\n# pass 3 of 4\ntest a ... ok",
            0,
            0,
            0,
        );
    }

    #[test]
    fn a_part_left_out_shows_in_the_closing_line() {
        let mut tally = Tally {
            passed: 2,
            ..Tally::default()
        };
        tally.add(Tally::skip("no reason"));
        assert_eq!(tally.in_words(), "2 passed, 0 failed, 1 skipped");
    }
}
