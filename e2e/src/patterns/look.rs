//! What a page holds.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;

use super::words::{NEW_PASSWORD, Words};
use crate::{pages::user::User, site::PASSWORD};

const SCRIPT: &str = include_str!("look.js");

/// What was seen of a document.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// What controls hold, by selector; none where there is no such control.
    values: BTreeMap<String, Option<String>>,
    /// What the page believes.
    state: BTreeMap<String, Option<String>>,
    /// Controls that nobody named and that hold something of the vault, with what.
    strays: Vec<(String, String)>,
}

type Wanted = BTreeMap<String, String>;

impl Seen {
    /// Looks at the document that the driver is in.
    pub(super) async fn take(
        user: &User,
        values: &Wanted,
        state: &Wanted,
        words: &Words,
    ) -> Result<Self> {
        let telling: Vec<_> = words.telling().collect();
        let arguments = vec![
            json!(values.keys().collect::<Vec<_>>()),
            json!(state.keys().collect::<Vec<_>>()),
            json!(telling),
        ];
        let seen = user.browser.client.execute(SCRIPT, arguments).await?;
        serde_json::from_value(seen).context("looking at the page")
    }

    /// What is not as wanted, for people.
    pub(super) fn differences(self, values: &Wanted, state: &Wanted, words: &Words) -> Vec<String> {
        let mut made = None;
        let mut wrong = Vec::new();
        let seen = self.values.iter().chain(&self.state);
        for (place, found) in seen {
            let wanted = values.get(place).or_else(|| state.get(place));
            let (Some(wanted), Some(found)) = (wanted, found) else {
                wrong.push(format!("there is no {place}"));
                continue;
            };
            let right = if wanted == NEW_PASSWORD {
                let same = made.get_or_insert(found) == &found;
                same && !found.is_empty() && found != PASSWORD
            } else {
                words.means(wanted, found)
            };
            if !right {
                let wanted = if wanted.is_empty() { "nothing" } else { wanted };
                wrong.push(format!("{place} holds {}, not {wanted}", words.name(found)));
            }
        }
        for (place, held) in &self.strays {
            wrong.push(format!("{place} holds {}", words.name(held)));
        }
        wrong
    }
}
