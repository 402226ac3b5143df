//! A user name and a password that stand in two form elements are one login.

use proto::bridge::content::{ButtonFacts, PageFacts};

use super::Draft;
use crate::{field::Signs, text::Text, topic::Topic};

/// Puts a user name that stands alone to the password that stands alone right behind it, where
/// nothing contradicts.
pub(super) fn join<'a>(page: &'a PageFacts, drafts: Vec<Draft<'a>>) -> Vec<Draft<'a>> {
    let mut joined: Vec<Draft<'a>> = Vec::new();
    for mut draft in drafts {
        let before = joined.iter().rposition(|it| it.any(|_| true));
        let name = before
            .filter(|at| joined.get(*at).is_some_and(|it| fit(page, it, &draft)))
            .map(|at| joined.remove(at));
        if let Some(mut name) = name {
            name.fields.append(&mut draft.fields);
            draft.fields = name.fields;
        }
        joined.push(draft);
    }
    joined
}

fn fit(page: &PageFacts, name: &Draft<'_>, password: &Draft<'_>) -> bool {
    let (Some(first), Some(second)) = (only(name), only_password(password)) else {
        return false;
    };
    let between = |button: &&ButtonFacts| {
        (button.form.is_some() && button.form == name.form)
            || (button.after_fields > first && button.after_fields <= second)
    };
    !page.buttons.iter().filter(between).any(sends)
}

/// The index of a user name that nothing stands beside.
fn only(draft: &Draft<'_>) -> Option<u32> {
    let mut usable = draft.usable();
    let (Some((field, signs)), None) = (usable.next(), usable.next()) else {
        return None;
    };
    let names = signs.declared_username || signs.username || signs.email;
    let other = signs.captcha
        || signs.search
        || signs.newsletter
        || signs.code
        || signs.new_name
        || signs.shown_password
        || signs.other_secret;
    (signs.textual && !signs.secret && names && !other).then_some(field.index)
}

/// The index of the first field of a group that asks for the password in use and for no name.
fn only_password(draft: &Draft<'_>) -> Option<u32> {
    let asked = |signs: &Signs| signs.textual && !signs.captcha && !signs.search;
    let mut asked = draft.usable().filter(|(_, signs)| asked(signs));
    let (Some((field, signs)), None) = (asked.next(), asked.next()) else {
        return None;
    };
    (signs.secret && !signs.new && !signs.declared_new && !signs.code).then_some(field.index)
}

/// Whether a button carries a form out, or says that something of its own ends there.
fn sends(button: &ButtonFacts) -> bool {
    let text = Text::of(&[&button.text]);
    button.submits || super::ends_form(button) || text.has(Topic::Next)
}
