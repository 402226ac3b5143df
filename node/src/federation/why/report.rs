//! What was found, in words.

use std::{borrow::Cow, fmt};

/// What was found, in the order in which it was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(Vec<Finding>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    mark: Mark,
    text: String,
    /// What to do about it.
    advice: Option<Cow<'static, str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Well,
    /// It cannot be told whether it is well.
    Note,
    Wrong,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.0.iter().all(|finding| finding.mark != Mark::Wrong)
    }

    pub(super) fn well(&mut self, text: String) {
        self.push(Mark::Well, text, None);
    }

    pub(super) fn note(&mut self, text: String) {
        self.push(Mark::Note, text, None);
    }

    pub(super) fn wrong(&mut self, text: String, advice: impl Into<Cow<'static, str>>) {
        self.push(Mark::Wrong, text, Some(advice.into()));
    }

    fn push(&mut self, mark: Mark, text: String, advice: Option<Cow<'static, str>>) {
        self.0.push(Finding { mark, text, advice });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let mark = match finding.mark {
                Mark::Well => "ok   ",
                Mark::Note => "note ",
                Mark::Wrong => "WRONG",
            };
            write!(f, "{mark} {}", finding.text)?;
            if let Some(advice) = &finding.advice {
                write!(f, "\n      {advice}")?;
            }
        }
        Ok(())
    }
}
