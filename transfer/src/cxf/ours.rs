//! What Pearvault says of its items beside the format (`docs/FORMATS.md`, "Plain export"). It is
//! believed only where the format's own parts still say the same: another program may have changed
//! them since.

use proto::{
    ids::UnixMillis,
    vault::{SecretText, UrlMatch},
};
use serde::Deserialize;
use serde_json::Value;
use wasm_core::totp::Totp;

use super::shape::EXTENSION;
use crate::text::seconds;

/// The extension of an item.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Ours {
    pub(super) created_at: Millis,
    pub(super) modified_at: Millis,
    matching: Vec<UrlMatch>,
    totp: SecretText,
}

/// A time in milliseconds.
#[derive(Default, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Millis(u64);

impl Ours {
    /// Out of the extensions of an item; one that is not as we write it is none.
    pub(super) fn of(extensions: &Value) -> Option<Self> {
        Self::deserialize(named(extensions)?).ok()
    }

    /// Each address with its rule.
    pub(super) fn rules<'a>(
        &self,
        urls: &'a [String],
    ) -> impl Iterator<Item = (&'a str, UrlMatch)> {
        let believed = self.matching.len() == urls.len();
        let rules = self.matching.iter().filter(move |_| believed).copied();
        let rules: Vec<UrlMatch> = rules.collect();
        urls.iter().enumerate().map(move |(place, url)| {
            let rule = rules.get(place).copied().unwrap_or_default();
            (url.as_str(), rule)
        })
    }

    /// The key of one-time codes as it was typed, where it makes the same codes.
    pub(super) fn typed(&self, told: SecretText) -> SecretText {
        match (Totp::parse(&self.totp), Totp::parse(&told)) {
            (Ok(ours), Ok(theirs)) if is_same(&ours, &theirs) => self.totp.clone(),
            _ => told,
        }
    }

    /// Whether that is what was typed.
    pub(super) fn has_typed(&self, totp: &SecretText) -> bool {
        !self.totp.is_empty() && self.totp == *totp
    }
}

impl Millis {
    /// The time that the format tells in seconds, as exact as it is known.
    pub(super) fn moment(self, at: u64) -> Option<UnixMillis> {
        if self.0 / 1000 == at {
            Some(UnixMillis(self.0))
        } else {
            seconds(at)
        }
    }
}

/// Which part of ours a field is; empty for any other field.
pub(super) fn part_of(field: &Value) -> String {
    let part = field.get("extensions").and_then(named);
    let part = part.and_then(|ours| ours.get("part")?.as_str());
    part.unwrap_or_default().to_owned()
}

/// Our own of some extensions.
fn named(extensions: &Value) -> Option<&Value> {
    let is_ours = |it: &&Value| it.get("name").and_then(Value::as_str) == Some(EXTENSION);
    extensions.as_array()?.iter().find(is_ours)
}

fn is_same(one: &Totp, other: &Totp) -> bool {
    let how = |totp: &Totp| (totp.period_seconds(), totp.digits(), totp.algorithm());
    one.secret() == other.secret() && how(one) == how(other)
}
