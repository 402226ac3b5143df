//! Which part of a card or of an identity a field asks for: by `autocomplete` where it names one,
//! else by the words that a person reads, else by its name.

use proto::bridge::content::{CardPart, FieldFacts, IdentityPart};

use crate::{
    analysis::{FieldLabel, FieldReason, FormKind, LabelledField},
    field::{self, Signs},
    groups::Draft,
    text::Text,
    topic::Topic,
};

const DECLARED: &str = "autocomplete says so";
const SHOWN: &str = "the words beside it say so";
const NAMED: &str = "its name says so";

/// A part, and why it is taken for that.
type Found<T> = Option<(T, &'static str)>;

/// HTML § 4.10.18.7.1.
const CARD_TOKENS: &[(&str, CardPart)] = &[
    ("cc-number", CardPart::Number),
    ("cc-name", CardPart::Holder),
    ("cc-exp", CardPart::Expiry),
    ("cc-exp-month", CardPart::ExpiryMonth),
    ("cc-exp-year", CardPart::ExpiryYear),
    ("cc-csc", CardPart::Code),
];

/// HTML § 4.10.18.7.1.
const IDENTITY_TOKENS: &[(&str, IdentityPart)] = &[
    ("name", IdentityPart::FullName),
    ("given-name", IdentityPart::GivenName),
    ("family-name", IdentityPart::FamilyName),
    ("email", IdentityPart::Email),
    ("tel", IdentityPart::Phone),
    ("tel-national", IdentityPart::Phone),
    ("organization", IdentityPart::Organization),
    ("street-address", IdentityPart::Street),
    ("address-line1", IdentityPart::StreetLine1),
    ("address-line2", IdentityPart::StreetLine2),
    ("address-line3", IdentityPart::StreetLine2),
    ("address-level2", IdentityPart::City),
    ("address-level1", IdentityPart::Region),
    ("postal-code", IdentityPart::PostalCode),
    ("country", IdentityPart::Country),
    ("country-name", IdentityPart::Country),
];

/// In the order in which they are asked: "e-mail address" is no address, "company name" no name, and
/// the Arabic word for post stands for both kinds.
const IDENTITY_WORDS: &[(Topic, IdentityPart)] = &[
    (Topic::PostalCode, IdentityPart::PostalCode),
    (Topic::Email, IdentityPart::Email),
    (Topic::Phone, IdentityPart::Phone),
    // A house has a name too.
    (Topic::StreetLine2, IdentityPart::StreetLine2),
    (Topic::FamilyName, IdentityPart::FamilyName),
    (Topic::GivenName, IdentityPart::GivenName),
    (Topic::Organization, IdentityPart::Organization),
    (Topic::Country, IdentityPart::Country),
    (Topic::City, IdentityPart::City),
    (Topic::Region, IdentityPart::Region),
    (Topic::Street, IdentityPart::Street),
    (Topic::FullName, IdentityPart::FullName),
];

/// Boxes that are shorter hold a piece of a card's number.
const NUMBER_MIN: u32 = 12;
/// Digits that the pieces of a number hold together (ISO/IEC 7812-1: 19 at most).
const PIECES: std::ops::RangeInclusive<u32> = 13..=19;

/// The part of a card that a field asks for by itself; among fields of no card that may be wrong.
fn card_part(field: &FieldFacts) -> Found<CardPart> {
    if !takes_detail(field) {
        return None;
    }
    let declared = CARD_TOKENS
        .iter()
        .find(|(token, _)| field::has_token(field, token));
    if let Some((_, part)) = declared {
        return Some((*part, DECLARED));
    }
    let texts = [
        (field::shown(field), SHOWN),
        (Text::of(&[&field.name, &field.id]), NAMED),
    ];
    texts.iter().find_map(|(text, why)| {
        let part = if text.has(Topic::CardCode) {
            CardPart::Code
        } else if text.has(Topic::CardExpiry) {
            expiry(field, text)
        } else if text.has(Topic::CardHolder) {
            CardPart::Holder
        } else if text.has(Topic::CardNumber) {
            CardPart::Number
        } else {
            return None;
        };
        Some((part, *why))
    })
}

/// Whether a field for the expiry wants the month, the year or both.
fn expiry(field: &FieldFacts, text: &Text) -> CardPart {
    let short = field.tag == "select" || matches!(field.max_length, 1..=4);
    match (text.has(Topic::Month), text.has(Topic::Year)) {
        (true, false) => CardPart::ExpiryMonth,
        (false, true) => CardPart::ExpiryYear,
        // "Expiry (MM/YY)" before two boxes: their names say which is which.
        _ if short => {
            let names = Text::of(&[&field.name, &field.id, &field.placeholder]);
            match (names.has(Topic::Month), names.has(Topic::Year)) {
                (true, false) => CardPart::ExpiryMonth,
                (false, true) => CardPart::ExpiryYear,
                _ => CardPart::Expiry,
            }
        }
        _ => CardPart::Expiry,
    }
}

fn identity_part(field: &FieldFacts) -> Found<IdentityPart> {
    if !takes_detail(field) {
        return None;
    }
    let declared = IDENTITY_TOKENS
        .iter()
        .find(|(token, _)| field::has_token(field, token));
    if let Some((_, part)) = declared {
        return Some((*part, DECLARED));
    }
    match field.kind.as_str() {
        "email" => return Some((IdentityPart::Email, "its type says so")),
        "tel" => return Some((IdentityPart::Phone, "its type says so")),
        _ => {}
    }
    let texts = [
        (field::shown(field), SHOWN),
        (Text::of(&[&field.name, &field.id]), NAMED),
    ];
    texts.iter().find_map(|(text, why)| {
        let found = IDENTITY_WORDS.iter().find(|(topic, _)| text.has(*topic));
        found.map(|(_, part)| (*part, *why))
    })
}

fn takes_detail(field: &FieldFacts) -> bool {
    field::is_textual(&field.kind)
        || matches!(field.kind.as_str(), "month")
        || matches!(field.tag.as_str(), "select" | "textarea")
}

/// Whether a group asks for a card: for its number, and for its end or its code.
pub(crate) fn asks_for_card(draft: &Draft<'_>) -> bool {
    let parts: Vec<(CardPart, &str)> = draft
        .usable()
        .filter(|(_, signs)| !signs.declared_current && !signs.declared_new)
        .filter_map(|(field, _)| card_part(field))
        .collect();
    let number = parts.iter().any(|(part, _)| *part == CardPart::Number);
    let declared = parts.iter().any(|(_, why)| *why == DECLARED);
    let second = |part: &CardPart| !matches!(part, CardPart::Number | CardPart::Holder);
    number && (declared || parts.iter().any(|(part, _)| second(part)))
}

/// How many different parts of an identity a group asks for.
pub(crate) fn identity_parts(draft: &Draft<'_>) -> usize {
    let mut parts: Vec<IdentityPart> = draft
        .usable()
        .filter(|(_, signs)| is_free(signs))
        .filter_map(|(field, _)| Some(identity_part(field)?.0))
        .collect();
    parts.sort_unstable();
    parts.dedup();
    parts.len()
}

/// Labels what is left of a group of a known kind.
pub(crate) fn label(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    // Where one logs in, a card's number is the user name.
    if !matches!(
        kind,
        FormKind::SignUp | FormKind::Card | FormKind::Identity | FormKind::Other
    ) {
        return;
    }
    let card = asks_for_card(draft);
    let whole = pieces_make_a_number(draft);
    let has = |wanted: &[IdentityPart]| {
        let part = |field| identity_part(field).map(|(part, _)| part);
        draft
            .usable()
            .any(|(field, _)| part(field).is_some_and(|part| wanted.contains(&part)))
    };
    let second_line = has(&[IdentityPart::StreetLine2]);
    let first_line = has(&[IdentityPart::Street, IdentityPart::StreetLine1]);
    for ((facts, signs), field) in draft.fields.iter().zip(fields) {
        let password = matches!(
            field.label,
            FieldLabel::CurrentPassword | FieldLabel::NewPassword
        );
        let found = card_part(facts).or_else(|| part_of_date(facts));
        if let Some((part, why)) = found.filter(|_| card && !password) {
            let piece = part == CardPart::Number && is_piece(facts);
            field.label = if piece && !whole {
                FieldLabel::Other
            } else {
                FieldLabel::Card(part)
            };
            field.reasons = because(if piece {
                "a piece of a card's number"
            } else {
                why
            });
            continue;
        }
        let open = matches!(field.label, FieldLabel::Other | FieldLabel::Email) && is_free(signs);
        if !open {
            continue;
        }
        match identity_part(facts) {
            // A sign-up's address is what one will log in with.
            Some((IdentityPart::Email, _)) if kind == FormKind::SignUp => {}
            Some((IdentityPart::Street, why)) if second_line && why != DECLARED => {
                field.label = FieldLabel::Identity(IdentityPart::StreetLine1);
                field.reasons = because(why);
            }
            // Where a house stands and what it is called, in one line.
            Some((IdentityPart::StreetLine2, why)) if !first_line && why != DECLARED => {
                field.label = FieldLabel::Identity(IdentityPart::Street);
                field.reasons = because(why);
            }
            Some((part, why)) => {
                field.label = FieldLabel::Identity(part);
                field.reasons = because(why);
            }
            None => {}
        }
    }
}

fn is_piece(field: &FieldFacts) -> bool {
    (1..NUMBER_MIN).contains(&field.max_length)
}

/// Whether the boxes for pieces of a card's number hold a whole one together.
fn pieces_make_a_number(draft: &Draft<'_>) -> bool {
    let pieces = draft
        .usable()
        .map(|(field, _)| field)
        .filter(|field| is_piece(field))
        .filter(|field| matches!(card_part(field), Some((CardPart::Number, _))));
    let digits = pieces.fold(0_u32, |sum, piece| sum.saturating_add(piece.max_length));
    PIECES.contains(&digits)
}

/// Lists that only say "month" and "year": beside a card's number they are its end.
fn part_of_date(field: &FieldFacts) -> Found<CardPart> {
    if field.tag != "select" {
        return None;
    }
    let text = field::shown(field);
    match (text.has(Topic::Month), text.has(Topic::Year)) {
        (true, false) => Some((CardPart::ExpiryMonth, SHOWN)),
        (false, true) => Some((CardPart::ExpiryYear, SHOWN)),
        _ => None,
    }
}

/// Whether a field may hold a part of an identity at all.
fn is_free(signs: &Signs) -> bool {
    !(signs.secret || signs.search || signs.captcha || signs.code || signs.declared_username)
}

fn because(why: &'static str) -> Vec<FieldReason> {
    vec![FieldReason { points: 0, why }]
}
