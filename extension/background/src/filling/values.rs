//! A plan with its values, and what became of it.

use std::cell::Cell;

use engine::{CardValues, Credential, IdentityValues};
use forms::FillPlan;
use proto::{
    bridge::{
        content::{CardPart, FieldFacts, FillRole, FillStep, Filled, IdentityPart},
        popup::FillReport,
    },
    vault::SecretText,
};

use super::Candidate;

/// Boxes that are shorter hold a piece of a card's number.
const NUMBER_MIN: u32 = 12;

/// The values of a login for the fields of a plan; empty ones go nowhere.
pub(super) fn of_login(plan: &FillPlan, credential: &Credential) -> Vec<FillStep> {
    steps(plan, |_, role| match role {
        FillRole::Username => Some(credential.username.clone()),
        FillRole::Password => Some(credential.password.clone()),
        FillRole::Totp => Some(credential.totp.clone()),
        FillRole::NewPassword | FillRole::Card(_) | FillRole::Identity(_) => None,
    })
}

/// A password just made, for every field that asks for one.
pub(super) fn of_new_password(plan: &FillPlan, password: &SecretText) -> Vec<FillStep> {
    steps(plan, |_, role| {
        (role == FillRole::NewPassword).then(|| password.clone())
    })
}

/// The values of a card, in the way that each field wants them.
pub(super) fn of_card(candidate: &Candidate, card: &CardValues) -> Vec<FillStep> {
    let fields = &candidate.facts.fields;
    let told = Cell::new(0);
    steps(&candidate.plan, |index, role| {
        let FillRole::Card(part) = role else {
            return None;
        };
        let field = fields.iter().find(|field| field.index == index)?;
        Some(match part {
            CardPart::Number if (1..NUMBER_MIN).contains(&field.max_length) => {
                piece(&card.number, &told, field.max_length)
            }
            CardPart::Number => card.number.clone(),
            CardPart::Holder => card.holder.clone(),
            CardPart::Code => card.code.clone(),
            CardPart::ExpiryMonth => card.expiry_month.clone(),
            CardPart::ExpiryYear if field.max_length == 2 => last_two(&card.expiry_year),
            CardPart::ExpiryYear => card.expiry_year.clone(),
            CardPart::Expiry => expiry(field, card),
        })
    })
}

/// The next digits of a number that stands in several boxes, in their order.
fn piece(number: &SecretText, told: &Cell<usize>, length: u32) -> SecretText {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let from = told.get();
    told.set(from.saturating_add(length));
    // EXPOSE: as in `expiry`.
    let digits = number.expose_secret().chars();
    let digits = digits.filter(char::is_ascii_digit);
    SecretText::new(digits.skip(from).take(length).collect::<String>())
}

/// The values of an identity.
pub(super) fn of_identity(plan: &FillPlan, of: &IdentityValues) -> Vec<FillStep> {
    let line = |at: usize| of.street.get(at).cloned().unwrap_or_default();
    steps(plan, |_, role| {
        let FillRole::Identity(part) = role else {
            return None;
        };
        Some(match part {
            IdentityPart::FullName => of.name.clone(),
            IdentityPart::GivenName => halves(&of.name).0,
            IdentityPart::FamilyName => halves(&of.name).1,
            IdentityPart::Email => of.email.clone(),
            IdentityPart::Phone => of.phone.clone(),
            IdentityPart::Organization => of.organization.clone(),
            IdentityPart::Street => joined(&of.street),
            IdentityPart::StreetLine1 => line(0),
            IdentityPart::StreetLine2 => line(1),
            IdentityPart::City => of.city.clone(),
            IdentityPart::Region => of.region.clone(),
            IdentityPart::PostalCode => of.postal_code.clone(),
            IdentityPart::Country => of.country.clone(),
        })
    })
}

fn steps(plan: &FillPlan, value: impl Fn(u32, FillRole) -> Option<SecretText>) -> Vec<FillStep> {
    plan.steps
        .iter()
        .filter_map(|&(field, role)| {
            let value = value(field, role).filter(|value| !value.is_empty())?;
            Some(FillStep { field, role, value })
        })
        .collect()
}

/// `MM/YY`, or as the field says: four digits of the year where it has room for them or shows them,
/// `YYYY-MM` for `type=month` (HTML § 2.3.5.1).
fn expiry(field: &FieldFacts, card: &CardValues) -> SecretText {
    if card.expiry_month.is_empty() {
        return SecretText::default();
    }
    // EXPOSE: the gate has let this card into this frame; the parts are put together for its field.
    let (month, year) = (
        card.expiry_month.expose_secret(),
        card.expiry_year.expose_secret(),
    );
    if field.kind == "month" {
        return SecretText::new(format!("{year}-{month}"));
    }
    let shown = format!("{} {}", field.placeholder, field.label).to_lowercase();
    let long = ["yyyy", "jjjj", "aaaa"].iter().any(|it| shown.contains(it));
    let year = if long || field.max_length == 7 {
        year
    } else {
        year.get(2..).unwrap_or(year)
    };
    let between = if field.max_length == 4 { "" } else { "/" };
    SecretText::new(format!("{month}{between}{year}"))
}

fn last_two(year: &SecretText) -> SecretText {
    // EXPOSE: as in `expiry`.
    let year = year.expose_secret();
    SecretText::new(year.get(2..).unwrap_or(year))
}

/// Given and family name: the last word is the family's.
fn halves(name: &SecretText) -> (SecretText, SecretText) {
    // EXPOSE: the gate has let this identity into this frame, and it asks for the parts of the name.
    let name = name.expose_secret().trim();
    match name.rsplit_once(char::is_whitespace) {
        Some((given, family)) => (SecretText::new(given.trim_end()), SecretText::new(family)),
        None => (SecretText::new(name), SecretText::default()),
    }
}

fn joined(lines: &[SecretText]) -> SecretText {
    // EXPOSE: as in `halves`.
    let lines: Vec<&str> = lines.iter().map(SecretText::expose_secret).collect();
    SecretText::new(lines.join("\n"))
}

/// What the fields hold that were to be filled.
pub(super) fn report(plan: &FillPlan, filled: &Filled) -> FillReport {
    let did = |test: fn(FillRole) -> bool| {
        plan.steps
            .iter()
            .any(|&(field, role)| test(role) && filled.fields.contains(&field))
    };
    FillReport {
        username: did(|role| role == FillRole::Username),
        password: did(|role| matches!(role, FillRole::Password | FillRole::NewPassword)),
        totp: did(|role| role == FillRole::Totp),
    }
}

#[cfg(test)]
mod tests;
