use proto::ids::{ItemId, ItemVersion, UnixMillis};

use super::*;

fn login(url: &str) -> ItemForm {
    let mut form = ItemForm::for_host("example.com");
    form.urls[0].url = url.to_owned();
    form
}

#[test]
fn web_addresses_get_their_scheme() {
    let check = |typed: &str, expect: Option<&str>| {
        assert_eq!(normal_url(typed).as_deref(), expect, "{typed}");
    };
    check("example.com", Some("https://example.com"));
    check(" HTTPS://example.com/a?b ", Some("https://example.com/a?b"));
    check("localhost:8080/x", Some("http://localhost:8080/x"));
    check("http://127.0.0.1:3000", Some("http://127.0.0.1:3000"));
    check("https://[::1]:443/", Some("https://[::1]:443/"));
    check("bücher.example", Some("https://bücher.example"));
    for bad in [
        "",
        "ftp://a.de",
        "https://",
        "https://a b.de",
        "javascript://x",
        "a@b.de",
        "https://a.de:99999",
        "https://[::1",
    ] {
        check(bad, None);
    }
}

#[test]
fn totp_keys_are_base32_or_links() {
    for good in [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP&issuer=A",
    ] {
        assert!(is_totp_key(good), "{good}");
    }
    for bad in [
        "123456",
        "JBSWY3DPEHPK3PX1",
        "otpauth://hotp/A?secret=X",
        "otpauth://totp/A",
    ] {
        assert!(!is_totp_key(bad), "{bad}");
    }
}

#[test]
fn problems_stand_at_their_fields() {
    let mut form = login("not a url");
    form.totp = "123".to_owned();
    form.add_field();
    form.fields[0].value = "x".to_owned();
    let fields: Vec<String> = form.problems().into_keys().collect();
    assert_eq!(fields, ["field-name-0", "totp", "url-0"]);

    let empty: Vec<String> = ItemForm::new(ItemKind::Login)
        .problems()
        .into_keys()
        .collect();
    assert_eq!(empty, ["title"]);
}

#[test]
fn card_and_identity_fields_are_checked() {
    let mut card = ItemForm::new(ItemKind::Card);
    card.title = "Card".to_owned();
    card.number = "4111 1111 1111 1111".to_owned();
    card.expiry = "04/29".to_owned();
    card.code = "123".to_owned();
    assert_eq!(card.problems(), Problems::new());
    card.expiry = "13/29".to_owned();
    card.code = "12".to_owned();
    card.number = "4111x".to_owned();
    let fields: Vec<String> = card.problems().into_keys().collect();
    assert_eq!(fields, ["card-code", "card-expiry", "card-number"]);

    let mut identity = ItemForm::new(ItemKind::Identity);
    identity.subtitle = "Ada".to_owned();
    identity.email = "ada".to_owned();
    assert!(identity.problems().contains_key("email"));
}

#[test]
fn a_draft_comes_back_as_it_was() {
    let mut form = login("example.com");
    form.subtitle = "ada".to_owned();
    form.password = " spaces stay ".to_owned();
    form.totp = "JBSWY3DPEHPK3PXP".to_owned();
    form.notes = "line\nline".to_owned();
    form.add_url("https://login.example.com");
    form.urls[1].matching = UrlMatch::Host;
    form.add_field();
    form.fields[0] = FieldRow {
        key: 9,
        name: "PIN".into(),
        value: "1234".into(),
        concealed: true,
    };
    assert!(ItemForm::from_draft(form.draft()).holds_same(&form));
}

#[test]
fn empty_rows_are_left_out() {
    let mut form = login("");
    form.add_url("  ");
    form.add_field();
    let draft = form.draft();
    assert!(draft.urls.is_empty());
    assert!(matches!(draft.secrets, ItemSecrets::Login { fields, .. } if fields.is_empty()));
}

#[test]
fn a_kept_form_is_read_again() -> Result<(), serde_json::Error> {
    let form = login("example.com");
    let read: ItemForm = serde_json::from_str(&serde_json::to_string(&form)?)?;
    assert!(read == form);
    Ok(())
}

#[test]
fn an_identity_comes_back_as_it_was() {
    let mut form = ItemForm::new(ItemKind::Identity);
    let texts = [
        (&mut form.title, "Home"),
        (&mut form.subtitle, "Ada Lovelace"),
        (&mut form.organization, "Analytical Engines"),
        (&mut form.email, "ada@example.com"),
        (&mut form.phone, "+44 20 7946 0000"),
        (&mut form.address, "12 St James's Square\nFlat 3"),
        (&mut form.city, "London"),
        (&mut form.region, "Greater London"),
        (&mut form.postal_code, "SW1Y 4JH"),
        (&mut form.country, "United Kingdom"),
        (&mut form.notes, "Ring twice"),
    ];
    for (field, text) in texts {
        text.clone_into(field);
    }
    form.add_field();
    form.fields[0].name = "Passport".to_owned();
    form.fields[0].value = "123".to_owned();
    let draft = form.draft();
    assert!(ItemForm::from_draft(draft.clone()).draft() == draft);
    let kept = serde_json::to_string(&draft).unwrap_or_default();
    for text in ["Analytical", "London", "Greater", "SW1Y", "Kingdom"] {
        assert!(kept.contains(text), "{text}");
    }
}

/// Before town, postal code and the like had fields of their own, all of it stood in `address`.
#[test]
fn an_old_identity_keeps_its_whole_address() -> Result<(), serde_json::Error> {
    let whole = "12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom";
    let secrets: ItemSecrets = serde_json::from_value(serde_json::json!({
        "kind": "identity", "email": "", "phone": "", "address": whole, "notes": ""
    }))?;
    let draft = ItemDraft {
        edits: None,
        title: "Home".to_owned(),
        subtitle: "Ada".to_owned(),
        urls: vec![],
        secrets,
    };
    let mut form = ItemForm::from_draft(draft.clone());
    assert_eq!(form.address, whole);
    assert!(form.draft() == draft);
    form.country = "Wales".to_owned();
    assert_eq!(ItemForm::from_draft(form.draft()).address, whole);
    Ok(())
}

#[test]
fn a_form_kept_by_an_older_version_is_read() -> Result<(), serde_json::Error> {
    let mut kept = serde_json::to_value(ItemForm::new(ItemKind::Identity))?;
    if let Some(fields) = kept.as_object_mut() {
        for new in ["organization", "city", "region", "postal_code", "country"] {
            assert!(fields.remove(new).is_some(), "{new}");
        }
    }
    let read: ItemForm = serde_json::from_value(kept)?;
    assert!(read == ItemForm::new(ItemKind::Identity));
    Ok(())
}

#[test]
fn an_edit_kept_by_an_older_version_knows_the_number_only() -> Result<(), serde_json::Error> {
    let id = ItemId::make(UnixMillis(1), [2; 10]);
    let mut kept = serde_json::to_value(ItemForm::new(ItemKind::Note))?;
    kept["edits"] = serde_json::json!([id, 3]);
    let read: ItemForm = serde_json::from_value(kept)?;
    let version = ItemVersion(3);
    let edits = Edited {
        id,
        version,
        content: None,
    };
    assert_eq!(read.draft().edits, Some(edits));
    Ok(())
}
