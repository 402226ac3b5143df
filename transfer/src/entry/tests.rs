//! Where parts of items go.

use proto::limits::ITEM_TITLE_MAX_CHARS;

use super::{fit::web_address, *};
use crate::report::Fate;

fn finished(entry: Entry) -> Imported {
    entry
        .finish()
        .unwrap_or_else(|left| unreachable!("{left:?}"))
}

#[test]
fn addresses_become_web_addresses_or_fields() {
    for (given, want) in [
        (
            "https://pear.example/login?a=b",
            Some("https://pear.example/login?a=b"),
        ),
        ("http://pear.example", Some("http://pear.example/")),
        ("pear.example", Some("https://pear.example/")),
        ("pear.example:8443/x", Some("https://pear.example:8443/x")),
        ("localhost", None),
        ("androidapp://com.pear", None),
        ("javascript:alert(1)", None),
        ("just some words. really", None),
        ("", None),
    ] {
        assert_eq!(web_address(given).as_deref(), want, "{given}");
    }
}

#[test]
fn nothing_is_dropped_without_a_word() {
    let mut entry = Entry::login(&"t".repeat(300), "ada", "secret");
    entry.address("androidapp://com.pear");
    entry.address("pear.example");
    entry.address("https://pear.example/");
    entry.field(&"n".repeat(300), "value", false);
    if let Kind::Login { totp, .. } = &mut entry.kind {
        *totp = SecretText::new("not a key!");
    }
    entry.lost("scan.pdf", WhyLeft::Attachment);
    let done = finished(entry);
    assert_eq!(done.draft.title.chars().count(), ITEM_TITLE_MAX_CHARS);
    assert_eq!(done.draft.urls.len(), 1);
    let ItemSecrets::Login {
        fields,
        notes,
        totp,
        ..
    } = &done.draft.secrets
    else {
        unreachable!("a login")
    };
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["Address", "One-time code"]);
    assert!(totp.is_empty());
    // EXPOSE: made up above.
    let notes = notes.expose_secret();
    assert!(notes.contains(&"t".repeat(300)) && notes.contains(": value"));
    let fates: Vec<_> = done.remarks.iter().map(|remark| remark.fate).collect();
    assert_eq!(
        fates,
        [
            Fate::Lost(WhyLeft::Attachment),
            Fate::Notes,
            Fate::Field,
            Fate::Notes
        ]
    );
}

#[test]
fn empty_and_oversized_items_are_named() {
    let left = Entry::new(Kind::Note, "Nothing").finish();
    assert_eq!(
        left.map_err(|left| (left.name, left.why)),
        Err(("Nothing".to_owned(), WhyLeft::Empty))
    );
    let mut large = Entry::new(Kind::Note, "Book");
    large.notes.push_str(&"x".repeat(ITEM_SECRETS_MAX_BYTES));
    assert_eq!(
        large.finish().map_err(|left| left.why),
        Err(WhyLeft::TooLarge)
    );
    // A page that is known by its name alone is worth keeping.
    let mut page = Entry::login("Pear", "ada", "");
    page.address("https://pear.example");
    assert!(page.finish().is_ok());
}

#[test]
fn expiry_is_month_and_year() {
    for (month, year, want) in [
        ("4", "2027", "04/27"),
        ("04", "27", "04/27"),
        ("", "", ""),
        ("13", "2027", "13/2027"),
        ("4", "20x7", "4/20x7"),
    ] {
        assert_eq!(expiry(month, year), want);
    }
}

#[test]
fn a_password_within_an_address_is_kept() {
    let mut entry = Entry::login("Router", "ada", "secret");
    entry.address("http://admin:pear@192.168.1.1/");
    let done = finished(entry);
    assert_eq!(done.draft.urls.len(), 1);
    let ItemSecrets::Login { fields, .. } = &done.draft.secrets else {
        unreachable!("a login")
    };
    assert!(fields.len() == 1 && fields[0].concealed);
    assert_eq!(done.remarks[0].fate, Fate::Field);
}

#[test]
fn addresses_beyond_an_overview_become_fields() {
    let mut entry = Entry::login("Pear", "ada", "secret");
    for number in 0..40 {
        entry.address(&format!(
            "https://pear.example/{number}/{}",
            "x".repeat(1000)
        ));
    }
    let done = finished(entry);
    assert_eq!(done.draft.urls.len(), 15);
    let ItemSecrets::Login { fields, .. } = &done.draft.secrets else {
        unreachable!("a login")
    };
    assert_eq!(fields.len(), 25);
}
