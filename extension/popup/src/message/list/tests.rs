use proto::{address::AddressError, vault::SecretText};

use super::*;
use crate::message::tests::summary;

fn with(address: &str) -> Result<Entry, AddressError> {
    Ok(Entry::With(address.parse()?))
}

fn four() -> Result<Vec<ConversationSummary>, AddressError> {
    let mut all = vec![
        summary("ada@example.com")?,
        summary("bob@example.com")?,
        summary("cyd@other.example")?,
        summary("dan@example.com")?,
    ];
    all[1].standing = Standing::Request;
    all[3].standing = Standing::Blocked;
    all[2].preview = SecretText::new("See you at the Bank");
    Ok(all)
}

#[test]
fn requests_stand_first_and_who_is_blocked_last() -> Result<(), AddressError> {
    let all = four()?;
    assert_eq!(
        entries(&all, Shelf::All, " ", &[]),
        [
            Entry::Shelf(Shelf::Requests),
            with("ada@example.com")?,
            with("cyd@other.example")?,
            Entry::Shelf(Shelf::Blocked),
        ]
    );
    assert_eq!(
        entries(&all, Shelf::Requests, "nobody", &[]),
        [with("bob@example.com")?]
    );
    assert_eq!(
        entries(&all, Shelf::Blocked, "", &[]),
        [with("dan@example.com")?]
    );
    assert_eq!(
        entries(&all[..1], Shelf::All, "", &[]),
        [with("ada@example.com")?]
    );
    Ok(())
}

#[test]
fn search_finds_addresses_and_words_wherever_they_lie() -> Result<(), AddressError> {
    let all = four()?;
    for (query, found) in [
        ("bank", vec![with("cyd@other.example")?]),
        ("EXAMPLE.COM dan", vec![with("dan@example.com")?]),
        ("zed", vec![]),
    ] {
        assert_eq!(entries(&all, Shelf::All, query, &[]), found, "{query}");
    }
    Ok(())
}

#[test]
fn no_line_moves_while_the_pointer_is_on_it() -> Result<(), AddressError> {
    let shown = four()?;
    let mut fresh = vec![summary("eve@example.com")?];
    fresh.extend(shown.iter().rev().cloned());
    fresh.retain(|it| it.address.name() != "bob");
    fresh[2].unread = 3;
    let arranged = arranged(&shown, &fresh);
    let names: Vec<&str> = arranged.iter().map(|it| it.address.name()).collect();
    assert_eq!(names, ["ada", "cyd", "dan", "eve"]);
    assert_eq!(arranged[1].unread, 3);
    Ok(())
}

#[test]
fn the_second_line_says_who_wrote() -> Result<(), AddressError> {
    let mut one = summary("ada@example.com")?;
    assert_eq!(preview(&one), "Hello");
    one.is_sent = true;
    assert_eq!(preview(&one), "You: Hello");
    one.preview = SecretText::default();
    assert_eq!(preview(&one), "No messages");
    Ok(())
}

#[test]
fn the_gravest_mark_is_shown() -> Result<(), AddressError> {
    let mut one = summary("ada@example.com")?;
    assert_eq!(Mark::of(&one), None);
    one.waiting = 2;
    assert_eq!(Mark::of(&one), Some(Mark::Waiting));
    one.has_failed = true;
    assert_eq!(Mark::of(&one), Some(Mark::Failed));
    one.is_key_changed = true;
    assert_eq!(Mark::of(&one), Some(Mark::KeyChanged));
    Ok(())
}

#[test]
fn badges_stay_short() {
    assert_eq!(badge(0), None);
    assert_eq!(badge(99).as_deref(), Some("99"));
    assert_eq!(badge(100).as_deref(), Some("99+"));
}

#[test]
fn a_line_is_read_out_whole() -> Result<(), AddressError> {
    let mut one = summary("ada@example.com")?;
    one.unread = 2;
    one.has_failed = true;
    assert_eq!(
        spoken(&one, "14:05"),
        "ada@example.com, 2 unread, A message was not delivered, Hello, 14:05"
    );
    Ok(())
}
