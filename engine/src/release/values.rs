//! What goes into pages: the values of one item for one fill.

use proto::{
    bridge::endpoint::FrameSender,
    ids::UnixMillis,
    origin::Origin,
    vault::{ItemSecrets, SecretText},
};

use super::{
    CardValues, Credential, Held, IdentityValues, Refusal, Target, UserAct, open, shown::code,
};
use crate::error::EngineError;

/// One login for one fill of one frame.
pub(crate) fn credential(
    held: Held<'_>,
    frame: &FrameSender,
    act: Option<UserAct>,
    now: UnixMillis,
) -> Result<Credential, EngineError> {
    let username = SecretText::new(held.overview.subtitle.clone());
    let ItemSecrets::Login { password, totp, .. } = open(held, Target::Page(frame), act)? else {
        return Err(Refusal::SiteMismatch.into());
    };
    let totp = code(&totp, now)
        .map(|revealed| revealed.value)
        .unwrap_or_default();
    Ok(Credential {
        username,
        password,
        totp,
    })
}

/// One login for one answer to a server.
pub(crate) fn basic_auth(
    held: Held<'_>,
    challenger: &Origin,
    frame: &FrameSender,
) -> Result<Credential, EngineError> {
    let username = SecretText::new(held.overview.subtitle.clone());
    let target = Target::Request { challenger, frame };
    let ItemSecrets::Login { password, .. } = open(held, target, Some(UserAct::BasicAuth))? else {
        return Err(Refusal::SiteMismatch.into());
    };
    Ok(Credential {
        username,
        password,
        totp: SecretText::default(),
    })
}

/// One card for one fill of one frame.
pub(crate) fn card(
    held: Held<'_>,
    frame: &FrameSender,
    act: Option<UserAct>,
) -> Result<CardValues, EngineError> {
    let holder = SecretText::new(held.overview.subtitle.clone());
    let ItemSecrets::Card {
        number,
        expiry,
        code,
        ..
    } = open(held, Target::Page(frame), act)?
    else {
        return Err(Refusal::SiteMismatch.into());
    };
    let (expiry_month, expiry_year) = month_and_year(&expiry).unwrap_or_default();
    Ok(CardValues {
        number,
        holder,
        expiry_month,
        expiry_year,
        code,
    })
}

/// One identity for one fill of one frame.
pub(crate) fn identity(
    held: Held<'_>,
    frame: &FrameSender,
    act: Option<UserAct>,
) -> Result<IdentityValues, EngineError> {
    let name = SecretText::new(held.overview.subtitle.clone());
    let ItemSecrets::Identity {
        email,
        phone,
        organization,
        address,
        city,
        region,
        postal_code,
        country,
        ..
    } = open(held, Target::Page(frame), act)?
    else {
        return Err(Refusal::SiteMismatch.into());
    };
    // EXPOSE: taken apart into lines that are secret texts again.
    let lines = address.expose_secret().lines().map(str::trim);
    let street = lines.filter(|line| !line.is_empty()).map(SecretText::new);
    Ok(IdentityValues {
        name,
        email,
        phone,
        organization,
        street: street.collect(),
        city,
        region,
        postal_code,
        country,
    })
}

/// `MM/YY`, `MM/YYYY` and the like as two digits and four.
fn month_and_year(expiry: &SecretText) -> Option<(SecretText, SecretText)> {
    // EXPOSE: taken apart into secret texts.
    let text = expiry.expose_secret().trim();
    let (month, year) = text.split_once(|c: char| !c.is_ascii_digit())?;
    let year = year.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(month) || !digits(year) {
        return None;
    }
    let month: u8 = month
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let century = match year.len() {
        2 => "20",
        4 => "",
        _ => return None,
    };
    Some((
        SecretText::new(format!("{month:02}")),
        SecretText::new(format!("{century}{year}")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_a_month_and_a_year() {
        for (expiry, want) in [
            ("12/30", Some(("12", "2030"))),
            ("1/30", Some(("01", "2030"))),
            (" 07 / 2031 ", Some(("07", "2031"))),
            ("07-31", Some(("07", "2031"))),
            ("13/30", None),
            ("00/30", None),
            ("1230", None),
            ("12/3", None),
            ("12/30 or so", None),
            ("/30", None),
            ("", None),
        ] {
            let read = month_and_year(&SecretText::new(expiry));
            let want = want.map(|(m, y)| (SecretText::new(m), SecretText::new(y)));
            assert_eq!(read, want, "{expiry}");
        }
    }
}
