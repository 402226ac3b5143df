//! What a page says of itself.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::{act::Act, words};

/// One act on a page, and what must come of it: the JSON in a page's `#expect`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// The frame that all selectors of this step are of.
    pub frame: Option<String>,
    /// What is clicked before the act.
    pub click: Option<String>,
    /// What must be there before the act, after the click.
    pub after: Option<String>,
    /// What controls must hold, by selector.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What the page must believe: properties of its global `practice`.
    #[serde(default)]
    pub state: BTreeMap<String, String>,
    /// Whether it must be refused because there is nothing to fill.
    #[serde(default)]
    pub refused: bool,
    /// Whether the document may be gone before Pearvault can tell what it did: then its answer is
    /// not looked at.
    #[serde(default)]
    pub gone: bool,
    /// What comes next, on this page or on the one that the click leads to.
    pub then: Option<Box<Step>>,
}

impl Step {
    /// The first field that asks for a new password; where none does, any password.
    pub(super) fn new_field(&self) -> Option<&str> {
        let asks = |(_, value): &(&String, &String)| value.as_str() == words::NEW_PASSWORD;
        let found = self.values.iter().find(asks);
        found
            .or_else(|| self.values.iter().next_back())
            .map(|(selector, _)| selector.as_str())
    }

    /// What is wanted, in the words of the page.
    pub(super) fn wants(&self) -> impl Iterator<Item = &str> {
        self.values
            .values()
            .chain(self.state.values())
            .map(String::as_str)
    }

    pub(super) fn tells_code(&self) -> bool {
        self.wants().any(|wanted| wanted.starts_with("CODE"))
    }

    /// Checks what reading alone does not.
    pub(super) fn check(&self) -> Result<()> {
        for wanted in self.wants() {
            ensure!(
                words::is_plain_or_known(wanted),
                "`{wanted}` has no meaning"
            );
        }
        let fills = self.wants().any(|wanted| !wanted.is_empty());
        ensure!(fills || self.refused, "it expects nothing");
        self.then.as_ref().map_or(Ok(()), |next| next.check())
    }
}
