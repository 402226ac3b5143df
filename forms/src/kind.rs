//! Decides what a group is for.
//!
//! Where it has passwords, by points that were learnt ([`crate::points`]); where it has none, by
//! points that were set by reason, because saved pages show too few such logins to learn from.

#[cfg_attr(
    not(test),
    expect(clippy::enum_glob_use, reason = "most of them are named here")
)]
use crate::observation::Observation::*;
use crate::{
    analysis::{FormKind, Group, Reason},
    details,
    evidence::{Count, Evidence},
    field::Signs,
    groups::Draft,
    labels,
    observation::Observation,
    points::LEARNT,
};

/// The kinds that a group with passwords may be of, in the order of a row of [`Points`].
pub(crate) const KINDS: [FormKind; 3] =
    [FormKind::Login, FormKind::SignUp, FormKind::ChangePassword];

/// What each observation is worth for each of [`KINDS`].
pub(crate) type Points = [[i16; KINDS.len()]; Observation::COUNT];

/// The points that ship; what was not learnt yet is worth nothing.
pub(crate) const POINTS: Points = {
    let mut points = [[0; KINDS.len()]; Observation::COUNT];
    let mut at = 0;
    while at < LEARNT.len() {
        let (seen, row) = LEARNT[at];
        points[seen as usize] = row;
        at += 1;
    }
    points
};

/// Judges a group and labels its fields.
pub(crate) fn judge(draft: &Draft<'_>, evidence: &Evidence, points: &Points) -> Group {
    let count = Count::of(draft);
    let reasons: Vec<Reason> = if count.passwords > 0 {
        learnt(evidence, points).collect()
    } else {
        set(evidence).collect()
    };
    let sum = |kind: FormKind| -> i32 {
        let of_kind = reasons.iter().filter(|reason| reason.kind == kind);
        of_kind.map(|reason| reason.points).sum()
    };
    let (kind, score) = if count.passwords > 0 {
        with_passwords(draft, sum)
    } else {
        without_passwords(draft, &count, evidence, sum)
    };
    Group {
        kind,
        score,
        fields: labels::label(kind, draft),
        reasons,
    }
}

/// What each observation is worth for a group with passwords.
fn learnt(evidence: &Evidence, points: &Points) -> impl Iterator<Item = Reason> {
    evidence.0.iter().flat_map(|&seen| {
        let row = points.get(seen as usize).copied().unwrap_or_default();
        KINDS
            .into_iter()
            .zip(row)
            .filter(|(_, points)| *points != 0)
            .map(move |(kind, points)| Reason {
                kind,
                points: points.into(),
                why: seen.why(),
            })
    })
}

fn with_passwords(draft: &Draft<'_>, sum: impl Fn(FormKind) -> i32) -> (FormKind, i32) {
    let passwords = || draft.usable().filter(|(_, s)| draft.is_password(s));
    let card = details::asks_for_card(draft);
    // Codes and numbers of cards that the page hides as if they were passwords.
    let no_password = |s: &Signs| (s.code && !s.password) || s.other_secret;
    if passwords().all(|(_, s)| no_password(s) && !s.declared_current) {
        let code = passwords().all(|(_, s)| s.code);
        let kind = match (card, code) {
            (true, _) => FormKind::Card,
            (false, true) => FormKind::Otp,
            (false, false) => FormKind::Other,
        };
        return (kind, 10);
    }
    let mut kinds = KINDS.map(|kind| (sum(kind), kind));
    kinds.sort_by_key(|(points, _)| -points);
    let [(most, kind), (next, _), _] = kinds;
    (kind, most - next)
}

/// Points for a group without passwords.
const SET: &[(Observation, FormKind, i32)] = {
    use FormKind::{ChangePassword, Login, Newsletter, Other, SignUp};
    &[
        (DeclaredUsername, Login, 15),
        (Remember, Login, 30),
        (NoText, Login, 15),
        (OneText, Login, 15),
        (ButtonLogin, Login, 40),
        (PressLogin, Login, 25),
        (LinkForgot, Login, 30),
        (LinkSignUp, Login, 10),
        (HeadingLogin, Login, 30),
        (NamedLogin, Login, 15),
        (ActionLogin, Login, 15),
        (TextNamedLogin, Login, 15),
        (TitleLogin, Login, 10),
        (ButtonSignUp, SignUp, 40),
        (PressSignUp, SignUp, 25),
        (LinkLogin, SignUp, 12),
        (HeadingSignUp, SignUp, 30),
        (NamedSignUp, SignUp, 15),
        (ActionSignUp, SignUp, 15),
        (TitleSignUp, SignUp, 15),
        (EmailRepeated, SignUp, 25),
        (Terms, SignUp, 30),
        (Radio, SignUp, 10),
        (PersonalDetail, SignUp, 20),
        (PersonalDetails, SignUp, 40),
        (SomeTexts, SignUp, 15),
        (ManyTexts, SignUp, 30),
        (OneList, SignUp, 8),
        (Lists, SignUp, 20),
        (TextArea, SignUp, 20),
        (NewName, SignUp, 20),
        (ButtonChange, ChangePassword, 40),
        (PressChange, ChangePassword, 25),
        (HeadingChange, ChangePassword, 30),
        (NamedChange, ChangePassword, 15),
        (ActionChange, ChangePassword, 15),
        (TitleChange, ChangePassword, 15),
        (NewsletterField, Newsletter, 40),
        (NewsletterBox, Newsletter, 20),
        (ButtonNewsletter, Newsletter, 40),
        (PressNewsletter, Newsletter, 25),
        (HeadingNewsletter, Newsletter, 30),
        (NamedNewsletter, Newsletter, 20),
        (TitleNewsletter, Newsletter, 15),
        (CardOrToken, Other, 20),
        (Guest, Other, 40),
    ]
};

fn set(evidence: &Evidence) -> impl Iterator<Item = Reason> {
    SET.iter()
        .filter(|(seen, ..)| evidence.has(*seen))
        .map(|&(seen, kind, points)| Reason {
            kind,
            points,
            why: seen.why(),
        })
}

fn without_passwords(
    draft: &Draft<'_>,
    count: &Count,
    evidence: &Evidence,
    sum: impl Fn(FormKind) -> i32,
) -> (FormKind, i32) {
    if details::asks_for_card(draft) {
        return (FormKind::Card, 10);
    }
    if draft.any(|s| s.code) && count.texts <= 8 && count.personal == 0 {
        return (FormKind::Otp, 10);
    }
    if draft.any(|s| s.search) && count.texts <= 2 {
        return (FormKind::Search, 10);
    }
    let sign_up = sum(FormKind::SignUp);
    let against = sign_up.max(sum(FormKind::ChangePassword)) + sum(FormKind::Other);
    let newsletter = sum(FormKind::Newsletter);
    let alone = count.texts == 1 && draft.any(|s| s.username);
    let goes_on = evidence.has(ButtonNext) || (alone && evidence.has(PressNext));
    let next = if goes_on && count.texts == 1 { 15 } else { 0 };
    let login = sum(FormKind::Login) + next;
    let name = draft.any(|s| s.username || s.email || s.phone || s.declared_username);
    if name && count.texts <= 2 && newsletter == 0 && login >= FIRST_MIN && login > against {
        return (FormKind::UsernameFirst, login - against);
    }
    if newsletter > 0 && newsletter >= sign_up {
        return (FormKind::Newsletter, newsletter);
    }
    let signs_up = [
        ButtonSignUp,
        PressSignUp,
        HeadingSignUp,
        NamedSignUp,
        ActionSignUp,
    ];
    let signs_up = signs_up.into_iter().any(|seen| evidence.has(seen));
    if !signs_up && details::identity_parts(draft) >= IDENTITY_MIN {
        return (FormKind::Identity, 10);
    }
    if sign_up > 20 {
        (FormKind::SignUp, sign_up)
    } else {
        (FormKind::Other, 0)
    }
}

/// Parts of an identity that make a form ask for one.
const IDENTITY_MIN: usize = 3;
/// Points that make a form with a user name alone the first page of a login.
const FIRST_MIN: i32 = 30;
