//! What a content script may say is limited: a page that forges its messages gains nothing by
//! larger ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proto::{
    bridge::{content::ContentRequest, frame::RequestFrame},
    error::ErrorCode,
};
use serde_json::{Value, json};

/// Facts of a page with one field in one form with one button.
fn facts() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/frames.json")).unwrap();
    let accepted = vectors["content"]["accept"].as_array().unwrap();
    let frame = accepted
        .iter()
        .find(|frame| frame["body"]["type"] == "facts");
    frame.unwrap()["body"]["payload"].clone()
}

fn check(kind: &str, payload: &Value) -> Result<(), ErrorCode> {
    let body = json!({"type": kind, "payload": payload});
    let read: ContentRequest = serde_json::from_value(body).unwrap();
    read.check().map_err(|error| error.code)
}

/// The facts with `count` fields, each in a form of its own.
fn with_fields(count: u32) -> Value {
    let mut facts = facts();
    let (field, form) = (facts["fields"][0].clone(), facts["forms"][0].clone());
    let fields = (0..count).map(|index| {
        let mut field = field.clone();
        field["index"] = json!(index);
        field["form"] = json!(index);
        field
    });
    facts["fields"] = fields.collect();
    facts["forms"] = (0..count).map(|_| form.clone()).collect();
    facts
}

fn with(place: &str, value: Value) -> Value {
    let mut facts = facts();
    *facts.pointer_mut(place).unwrap() = value;
    facts
}

#[test]
fn what_the_script_says_is_within_the_limits() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/frames.json")).unwrap();
    for frame in vectors["content"]["accept"].as_array().unwrap() {
        let read: RequestFrame<ContentRequest> = serde_json::from_value(frame.clone()).unwrap();
        assert_eq!(read.body.check(), Ok(()), "{frame}");
    }
    assert_eq!(check("facts", &facts()), Ok(()));
    assert_eq!(check("facts", &with_fields(500)), Ok(()));
}

#[test]
fn more_fields_forms_or_buttons_are_refused() {
    assert_eq!(check("facts", &with_fields(501)), Err(ErrorCode::TooLarge));
    let form = facts()["forms"][0].clone();
    let forms = with("/forms", json!([form, form]));
    assert_eq!(check("facts", &forms), Err(ErrorCode::TooLarge));
    let button = facts()["buttons"][0].clone();
    let many = |count| with("/buttons", vec![button.clone(); count].into());
    assert_eq!(check("facts", &many(100)), Ok(()));
    assert_eq!(check("facts", &many(101)), Err(ErrorCode::TooLarge));
}

#[test]
fn longer_texts_are_refused() {
    for place in [
        "/title",
        "/path",
        "/language",
        "/fields/0/tag",
        "/fields/0/kind",
        "/fields/0/name",
        "/fields/0/id",
        "/fields/0/class",
        "/fields/0/autocomplete",
        "/fields/0/placeholder",
        "/fields/0/label",
        "/fields/0/nearby",
        "/forms/0/id",
        "/forms/0/name",
        "/forms/0/class",
        "/forms/0/action",
        "/forms/0/heading",
        "/buttons/0/text",
    ] {
        let long = |count| with(place, "é".repeat(count).into());
        assert_eq!(check("facts", &long(200)), Ok(()), "{place}");
        assert_eq!(
            check("facts", &long(201)),
            Err(ErrorCode::TooLarge),
            "{place}"
        );
    }
    for name in ["pattern", "passwordRules"] {
        let mut facts = facts();
        facts["fields"][0][name] = "é".repeat(201).into();
        assert_eq!(check("facts", &facts), Err(ErrorCode::TooLarge), "{name}");
    }
}

#[test]
fn fields_out_of_order_or_in_no_form_are_refused() {
    let mut twice = with_fields(2);
    twice["fields"][1]["index"] = json!(0);
    assert_eq!(check("facts", &twice), Err(ErrorCode::InvalidField));
    for place in ["/fields/0/form", "/buttons/0/form"] {
        let elsewhere = with(place, json!(1));
        assert_eq!(check("facts", &elsewhere), Err(ErrorCode::InvalidField));
    }
}

#[test]
fn facts_are_checked_wherever_they_stand() {
    let many = with_fields(501);
    let attend = json!({"facts": many, "field": 0, "asked": true});
    assert_eq!(check("attend", &attend), Err(ErrorCode::TooLarge));
    let submitted = json!({"facts": many, "field": 0, "values": []});
    assert_eq!(check("submitted", &submitted), Err(ErrorCode::TooLarge));
}

#[test]
fn more_or_longer_values_are_refused() {
    let sent = |count: usize, length: usize| {
        let value = json!({"field": 0, "value": "é".repeat(length)});
        let values = vec![value; count];
        check(
            "submitted",
            &json!({"facts": facts(), "field": 0, "values": values}),
        )
    };
    assert_eq!(sent(20, 1000), Ok(()));
    assert_eq!(sent(21, 1), Err(ErrorCode::TooLarge));
    assert_eq!(sent(1, 1001), Err(ErrorCode::TooLarge));
    let answered = |length: usize| {
        let id = "01234567-89ab-7def-8123-456789abcdef";
        check(
            "answered",
            &json!({"id": id, "answer": "save", "username": "é".repeat(length)}),
        )
    };
    assert_eq!(answered(320), Ok(()));
    assert_eq!(answered(321), Err(ErrorCode::TooLarge));
    let fields: Vec<u32> = (0..501).collect();
    let filled = json!({"ticket": 7, "fields": fields, "stale": false});
    assert_eq!(check("filled", &filled), Err(ErrorCode::TooLarge));
}
