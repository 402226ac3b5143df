//! Making parts fit: what is too long, no web address or no key goes where there is room for it.

use proto::{
    limits::{ITEM_FIELDS_MAX, ITEM_OVERVIEW_MAX_BYTES, ITEM_TITLE_MAX_CHARS, ITEM_URLS_MAX},
    vault::{CustomField, ItemUrl},
};
use url::Url;
use wasm_core::totp::Totp;

use super::{Entry, Kind, json_bytes};
use crate::report::Fate;

/// JSON of an item's title, user name and addresses, bytes: what the rest of its overview, an envelope
/// and its padding leave of the limit.
const NAMES_MAX_BYTES: usize = ITEM_OVERVIEW_MAX_BYTES - 200 - 29 - 4;

impl Entry {
    /// Titles and user names that are too long stay whole in the notes.
    pub(super) fn fit_texts(&mut self) {
        for (name, long) in [("Title", true), ("User name", false)] {
            let text = if long {
                &mut self.title
            } else {
                &mut self.subtitle
            };
            let trimmed = text.trim();
            if trimmed.chars().count() <= ITEM_TITLE_MAX_CHARS {
                *text = trimmed.to_owned();
                continue;
            }
            let whole = trimmed.to_owned();
            *text = whole.chars().take(ITEM_TITLE_MAX_CHARS).collect();
            self.line(name, &whole);
        }
    }

    /// Addresses of web sites; others (apps, files, nonsense) become fields.
    pub(super) fn fit_urls(&mut self) -> Vec<ItemUrl> {
        let mut urls: Vec<ItemUrl> = Vec::new();
        let names = json_bytes(&self.title) + json_bytes(&self.subtitle);
        let mut room = NAMES_MAX_BYTES.saturating_sub(names);
        for (given, matching) in std::mem::take(&mut self.urls) {
            let url = web_address(&given).map(|url| ItemUrl { url, matching });
            let taken = url.as_ref().map_or(0, |url| json_bytes(url) + 1);
            match url {
                Some(url)
                    if matches!(self.kind, Kind::Login { .. })
                        && urls.len() < ITEM_URLS_MAX
                        && taken <= room =>
                {
                    // An address of the vault has neither user nor password in it.
                    if has_credentials(&given) {
                        self.field("Address", &given, true);
                        self.remark("Address", Fate::Field);
                    }
                    if urls.iter().all(|known| known.url != url.url) {
                        room -= taken;
                        urls.push(url);
                    }
                }
                _ => self.field("Address", &given, false),
            }
        }
        urls
    }

    /// A key that makes no codes is kept, but not as one.
    pub(super) fn fit_totp(&mut self) {
        let Kind::Login { totp, .. } = &mut self.kind else {
            return;
        };
        if totp.is_empty() || Totp::parse(totp).is_ok() {
            return;
        }
        let key = std::mem::take(totp);
        self.fields.push(CustomField {
            name: "One-time code".to_owned(),
            value: key,
            concealed: true,
        });
        self.remark("One-time code", Fate::Field);
    }

    /// Fields where there is room and place for them; the others become lines of the notes.
    pub(super) fn fit_fields(&mut self) {
        let holds = matches!(self.kind, Kind::Login { .. } | Kind::Identity(_));
        for mut field in std::mem::take(&mut self.fields) {
            let short = field.name.chars().count() <= ITEM_TITLE_MAX_CHARS;
            if holds && short && self.fields.len() < ITEM_FIELDS_MAX {
                self.fields.push(field);
                continue;
            }
            let name = std::mem::take(&mut field.name);
            // EXPOSE: the value moves into the notes, which are as secret.
            self.line(&name, field.value.expose_secret());
        }
    }
}

/// Whether a URL names a user or holds a password (RFC 3986 § 3.2.1).
fn has_credentials(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// An http or https URL as Pearvault keeps it; a bare host is one of https.
pub(super) fn web_address(text: &str) -> Option<String> {
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if text.contains('.') && !text.contains(char::is_whitespace) => {
            Url::parse(&format!("https://{text}")).ok()?
        }
        Err(_) => return None,
    };
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    // `example.com:8443` reads as a scheme.
    if !is_web && !text.contains("//") && text.contains('.') {
        let url = Url::parse(&format!("https://{text}")).ok()?;
        return url.has_host().then(|| url.into());
    }
    is_web.then(|| url.into())
}
