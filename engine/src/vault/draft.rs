//! An item as it was typed, checked and brought into the form that is kept.

use proto::{
    ids::UnixMillis,
    limits::{ITEM_FIELDS_MAX, ITEM_TITLE_MAX_CHARS, ITEM_URLS_MAX},
    vault::{CustomField, Edited, ItemDraft, ItemKind, ItemOverview, ItemSecrets, ItemUrl},
};
use wasm_core::totp::Totp;

use crate::{
    error::EngineError,
    matching::{display_host, normalise},
};

/// A draft that may be written.
pub(super) struct Checked {
    pub(super) edits: Option<Edited>,
    title: String,
    subtitle: String,
    urls: Vec<ItemUrl>,
    pub(super) secrets: ItemSecrets,
}

/// Checks a draft.
///
/// # Errors
/// [`EngineError::ItemInvalid`] with the part that is wrong.
pub(super) fn check(draft: ItemDraft) -> Result<Checked, EngineError> {
    let ItemDraft {
        edits,
        title,
        subtitle,
        urls,
        secrets,
    } = draft;
    let invalid = |field| Err(EngineError::ItemInvalid { field });
    let subtitle = subtitle.trim().to_owned();
    if subtitle.chars().count() > ITEM_TITLE_MAX_CHARS {
        return invalid("subtitle");
    }
    let urls = check_urls(&urls)?;
    if let ItemSecrets::Login { totp, .. } = &secrets
        && !totp.is_empty()
        && Totp::parse(totp).is_err()
    {
        return invalid("totp");
    }
    if let ItemSecrets::Login { fields, .. } | ItemSecrets::Identity { fields, .. } = &secrets
        && !fields_fit(fields)
    {
        return invalid("fields");
    }
    let title = match title.trim() {
        "" => title_of(&urls, &subtitle, secrets.kind()),
        typed => typed.to_owned(),
    };
    if title.chars().count() > ITEM_TITLE_MAX_CHARS {
        return invalid("title");
    }
    Ok(Checked {
        edits,
        title,
        subtitle,
        urls,
        secrets,
    })
}

impl Checked {
    /// The half that lists and search need.
    pub(super) fn overview(&self, created_at: UnixMillis, updated_at: UnixMillis) -> ItemOverview {
        let (has_password, has_totp) = match &self.secrets {
            ItemSecrets::Login { password, totp, .. } => (!password.is_empty(), !totp.is_empty()),
            _ => (false, false),
        };
        ItemOverview {
            kind: self.secrets.kind(),
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            urls: self.urls.clone(),
            has_password,
            has_totp,
            created_at,
            updated_at,
            conflict_of: None,
        }
    }

    /// Whether an item looks like this draft.
    pub(super) fn shows_as(&self, overview: &ItemOverview) -> bool {
        let kept = self.overview(overview.created_at, overview.updated_at);
        *overview
            == ItemOverview {
                conflict_of: overview.conflict_of,
                ..kept
            }
    }
}

fn check_urls(typed: &[ItemUrl]) -> Result<Vec<ItemUrl>, EngineError> {
    let invalid = EngineError::ItemInvalid { field: "urls" };
    if typed.len() > ITEM_URLS_MAX {
        return Err(invalid);
    }
    let mut urls: Vec<ItemUrl> = Vec::with_capacity(typed.len());
    for url in typed.iter().filter(|url| !url.url.trim().is_empty()) {
        let kept = normalise(&url.url).map_err(|_| invalid.clone())?;
        let url = ItemUrl {
            url: kept,
            matching: url.matching,
        };
        if !urls.iter().any(|kept| kept.url == url.url) {
            urls.push(url);
        }
    }
    Ok(urls)
}

fn fields_fit(fields: &[CustomField]) -> bool {
    fields.len() <= ITEM_FIELDS_MAX
        && fields
            .iter()
            .all(|field| field.name.chars().count() <= ITEM_TITLE_MAX_CHARS)
}

fn title_of(urls: &[ItemUrl], subtitle: &str, kind: ItemKind) -> String {
    match urls.first() {
        Some(url) => display_host(&url.url).to_owned(),
        None if !subtitle.is_empty() => subtitle.to_owned(),
        None => match kind {
            ItemKind::Login => "Login",
            ItemKind::Note => "Note",
            ItemKind::Card => "Card",
            ItemKind::Identity => "Identity",
        }
        .to_owned(),
    }
}
