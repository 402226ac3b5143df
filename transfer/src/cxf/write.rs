//! A vault as CXF, for other programs. Readable by anybody.
//!
//! What CXF has no place for becomes a custom field, as the format means it to; where that would not
//! come back the same, an extension that others pass over says what it was. [`super::read`] believes
//! such an extension only as far as the part that it is of still says the same.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{
    address::Address,
    export::ExportedItem,
    ids::UnixMillis,
    vault::{CustomField, ItemDraft, ItemSecrets, SecretText, UrlMatch},
};
use sha2::{Digest as _, Sha256};
use url::Url;
use wasm_core::totp::Totp;
use zeroize::Zeroizing;

use super::{
    parts::totp_text,
    shape::{Account, Credential, Extension, Field, Header, Item, Scope, Version},
};
use crate::report::{Fate, Remark};

/// Who wrote it: a domain, as `WebAuthn` names relying parties.
const EXPORTER: &str = "pearvault.app";
/// Bytes of an account's id.
const ACCOUNT_ID_BYTES: usize = 16;
/// What comes after the last item.
const TAIL: &str = "]}]}\n";

/// Writes a vault as CXF 1.0, item by item. The file is [`Self::head`], each text of [`Self::item`]
/// in its order, and [`Self::tail`].
#[derive(Debug, Default)]
pub struct CxfWriter {
    written: u32,
}

impl CxfWriter {
    /// What comes before the first item. `now`: when it is written.
    pub fn head(account: &Address, now: UnixMillis) -> String {
        let id = Sha256::digest(account.to_string());
        let header = Header {
            version: Version { major: 1, minor: 0 },
            exporter_rp_id: EXPORTER,
            exporter_display_name: "Pearvault",
            timestamp: now.0 / 1000,
            accounts: [Account {
                id: URL_SAFE_NO_PAD.encode(&id[..ACCOUNT_ID_BYTES]),
                username: account.to_string(),
                email: "",
                collections: [],
                items: [],
            }],
        };
        // Cannot fail: a struct of texts and numbers.
        let mut text = serde_json::to_string(&header).unwrap_or_default();
        text.truncate(text.len() - TAIL.trim_end().len());
        text
    }

    /// An item, and what of it is not where Pearvault has it.
    pub fn item(&mut self, item: &ExportedItem) -> (Zeroizing<String>, Vec<Remark>) {
        let (item, remarks) = written(self.written, item);
        // Cannot fail: a struct of texts and numbers.
        let json = Zeroizing::new(serde_json::to_string(&item).unwrap_or_default());
        let comma = if self.written == 0 { "\n" } else { ",\n" };
        self.written += 1;
        (Zeroizing::new([comma, &json].concat()), remarks)
    }

    /// Items that were written.
    pub fn written(&self) -> u32 {
        self.written
    }

    /// What comes after the last item.
    pub fn tail() -> &'static str {
        TAIL
    }
}

/// Parts of an item, put where CXF has them.
#[derive(Default)]
struct Parts<'a> {
    credentials: Vec<Credential<'a>>,
    /// Parts that CXF has no place for.
    homeless: Vec<Field<'a>>,
    subtitle: &'a str,
    extension: Extension<'a>,
    remarks: Vec<Remark>,
}

fn written(number: u32, item: &ExportedItem) -> (Item<'_>, Vec<Remark>) {
    let draft = &item.draft;
    let mut parts = Parts {
        extension: Extension::of(item.created_at, item.updated_at),
        ..Parts::default()
    };
    parts.take(draft);
    let urls = &draft.urls;
    if urls.iter().any(|url| url.matching != UrlMatch::default()) {
        parts.extension.matching = urls.iter().map(|url| url.matching).collect();
        parts.remark("Rules of its addresses", Fate::Extension);
    }
    let scope = (!urls.is_empty()).then(|| Scope {
        urls: urls.iter().map(|url| url.url.as_str()).collect(),
        android_apps: [],
    });
    let item = Item {
        id: URL_SAFE_NO_PAD.encode(number.to_be_bytes()),
        creation_at: item.created_at.0 / 1000,
        modified_at: item.updated_at.0 / 1000,
        title: &draft.title,
        subtitle: parts.subtitle,
        scope,
        credentials: parts.credentials,
        extensions: [parts.extension],
    };
    (item, parts.remarks)
}

impl<'a> Parts<'a> {
    fn take(&mut self, draft: &'a ItemDraft) {
        let subtitle = draft.subtitle.as_str();
        match &draft.secrets {
            ItemSecrets::Login {
                password,
                totp,
                fields,
                notes,
            } => {
                let parts = [
                    ("username", Field::plain(subtitle)),
                    ("password", Field::concealed(password)),
                ];
                self.credentials.push(Credential::of("basic-auth", parts));
                self.totp(totp);
                self.rest(fields, notes);
            }
            ItemSecrets::Note { text } => {
                self.subtitle = subtitle;
                self.rest(&[], text);
            }
            ItemSecrets::Card {
                number,
                expiry,
                code,
                pin,
                notes,
            } => {
                let expiry = self.month("expiry", "Expiry", expiry);
                let parts = [
                    ("number", Field::concealed(number)),
                    ("fullName", Field::plain(subtitle)),
                    ("expiryDate", expiry),
                    ("verificationNumber", Field::concealed(code)),
                    ("pin", Field::concealed(pin)),
                ];
                self.credentials.push(Credential::of("credit-card", parts));
                self.rest(&[], notes);
            }
            ItemSecrets::Identity {
                email,
                phone,
                organization,
                address,
                city,
                region,
                postal_code,
                country,
                fields,
                notes,
            } => {
                // A name that was never taken apart is not taken apart here.
                let name = [("given", Field::plain(subtitle))];
                self.credentials.push(Credential::of("person-name", name));
                self.homeless("email", "Email", "email", email);
                self.homeless("organization", "Organization", "string", organization);
                let region = self.code("region", "Region", "subdivision-code", region);
                let country = self.code("country", "Country", "country-code", country);
                let parts = [
                    ("streetAddress", Field::open(address)),
                    ("postalCode", Field::open(postal_code)),
                    ("city", Field::open(city)),
                    ("territory", region),
                    ("country", country),
                    ("tel", Field::open(phone)),
                ];
                let address = Credential::of("address", parts);
                if !address.is_empty() {
                    self.credentials.push(address);
                }
                self.rest(fields, notes);
            }
        }
    }

    /// Notes and fields, which every kind has them alike.
    fn rest(&mut self, fields: &'a [CustomField], notes: &'a SecretText) {
        let homeless = std::mem::take(&mut self.homeless);
        if !homeless.is_empty() {
            self.credentials.push(Credential::fields(homeless));
        }
        if !fields.is_empty() {
            let fields = fields.iter().map(Field::added).collect();
            self.credentials.push(Credential::fields(fields));
        }
        if !notes.is_empty() {
            let content = [("content", Field::open(notes))];
            self.credentials.push(Credential::of("note", content));
        }
    }

    /// A key of one-time codes: its bytes with how they are used, and the text that was typed where
    /// that says more.
    fn totp(&mut self, typed: &'a SecretText) {
        if typed.is_empty() {
            return;
        }
        let totp = Totp::parse(typed).ok();
        // CXF counts both in one byte.
        let totp = totp.filter(|totp| u8::try_from(totp.period_seconds()).is_ok());
        let Some(totp) = totp else {
            self.homeless("totp", "One-time code", "concealed-string", typed);
            return;
        };
        // EXPOSE: it is written into a file that is readable by anybody, as the user chose.
        let text = typed.expose_secret();
        let (period, digits) = (totp.period_seconds(), totp.digits());
        let algorithm = totp.algorithm().name();
        if totp_text(&totp.secret(), period.into(), digits.into(), algorithm) != *typed {
            self.extension.totp = Some(text);
        }
        let credential = Credential::totp(totp.secret(), period, digits, algorithm, issuer(text));
        self.credentials.push(credential);
    }

    /// A month as CXF has it, where it is one.
    fn month(
        &mut self,
        part: &'static str,
        label: &'static str,
        text: &'a SecretText,
    ) -> Field<'a> {
        // EXPOSE: as above.
        if let Some(month) = year_and_month(text.expose_secret()) {
            return Field::typed("year-month", Cow::Owned(month));
        }
        self.homeless(part, label, "string", text);
        Field::default()
    }

    /// A code of ISO 3166, where it is one.
    fn code(
        &mut self,
        part: &'static str,
        label: &'static str,
        kind: &'static str,
        text: &'a SecretText,
    ) -> Field<'a> {
        // EXPOSE: as above.
        let code = text.expose_secret();
        let (country, rest) = code.split_once('-').unwrap_or((code, ""));
        let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let fits = match kind {
            "country-code" => is_country && country == code,
            _ => is_country && is_subdivision(rest),
        };
        if fits {
            return Field::typed(kind, Cow::Borrowed(code));
        }
        self.homeless(part, label, "string", text);
        Field::default()
    }

    /// A part that CXF has no place for: a field that says which part of ours it is.
    fn homeless(
        &mut self,
        part: &'static str,
        label: &'static str,
        kind: &'static str,
        text: &'a SecretText,
    ) {
        if !text.is_empty() {
            // EXPOSE: as above.
            let field = Field::typed(kind, Cow::Borrowed(text.expose_secret()));
            self.homeless.push(field.labelled(label).of_part(part));
            self.remark(label, Fate::Field);
        }
    }

    fn remark(&mut self, part: &str, fate: Fate) {
        let part = part.to_owned();
        self.remarks.push(Remark { part, fate });
    }
}

/// `04/30` as `2030-04`.
fn year_and_month(text: &str) -> Option<String> {
    let (month, year) = text.split_once('/')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let is_month = digits(month) && ("01"..="12").contains(&month);
    (is_month && digits(year)).then(|| format!("20{year}-{month}"))
}

/// The second half of a code of ISO 3166-2.
fn is_subdivision(code: &str) -> bool {
    let letters = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (1..=3).contains(&code.len()) && code.bytes().all(letters)
}

/// Who a URI of one-time codes says that they are for.
fn issuer(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let found = url.query_pairs().find(|(name, _)| name == "issuer");
    found
        .map(|(_, issuer)| issuer.into_owned())
        .filter(|it| !it.is_empty())
}
