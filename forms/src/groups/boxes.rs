//! Boxes for one character each that stand in a row are one box for a code.

use proto::bridge::content::FieldFacts;

use super::Draft;
use crate::{field::Signs, text::Text, topic::Topic};

/// Digits of the codes that sites send.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// Marks the boxes of every code: by their length, else by names that differ in a digit alone
/// where something speaks of a code.
pub(super) fn join(draft: &mut Draft<'_>) {
    let told = tells_code(draft);
    for run in draft.fields.chunk_by_mut(goes_on) {
        let any = |test: fn(&Signs) -> bool| run.iter().any(|(_, signs)| test(signs));
        let one_time = told || any(|s| s.one_time);
        // Digits that are hidden may be those of a PIN.
        let speaks = one_time || (any(|s| s.digit) && !any(|s| s.secret));
        let boxes = speaks || run.iter().all(|(_, signs)| signs.is_box());
        if DIGITS.contains(&run.len()) && boxes && !any(|s| s.personal) {
            for (place, (_, signs)) in run.iter_mut().enumerate() {
                signs.code = true;
                signs.one_time |= one_time;
                signs.continues = place > 0;
            }
        }
    }
}

/// Whether two neighbours may be boxes of one code.
fn goes_on((a, of_a): &(&FieldFacts, Signs), (b, of_b): &(&FieldFacts, Signs)) -> bool {
    if of_a.is_box() || of_b.is_box() {
        return of_a.is_box() == of_b.is_box();
    }
    let may = |field: &FieldFacts, signs: &Signs| {
        signs.textual && signs.seen && field.max_length == 0 && field.kind != "email"
    };
    may(a, of_a)
        && may(b, of_b)
        && a.kind == b.kind
        && ((of_a.digit && of_b.digit) || without_digits(a) == without_digits(b))
}

/// What a field is called, without the numbers that tell it from its neighbours.
fn without_digits(field: &FieldFacts) -> [String; 4] {
    [&field.name, &field.id, &field.label, &field.placeholder]
        .map(|text| text.chars().filter(|c| !c.is_numeric()).collect())
}

/// Whether the page or the form says that it asks for a code that is good once.
fn tells_code(draft: &Draft<'_>) -> bool {
    let page = draft.page;
    let form = draft.form_facts();
    let says = |text: &str| Text::of(&[text]).has(Topic::OneTimeCode);
    says(&page.title)
        || says(&page.path)
        || form.is_some_and(|form| {
            let texts = [
                &form.heading,
                &form.id,
                &form.name,
                &form.class,
                &form.action,
            ];
            texts.into_iter().any(|text| says(text))
        })
}
