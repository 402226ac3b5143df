//! Facts about parts.

use super::*;

fn login(title: &str, urls: &[&str], password: &str, fields: &[(&str, &str)]) -> Parts {
    let urls = urls.iter().map(|url| ItemUrl {
        url: (*url).to_owned(),
        matching: UrlMatch::Site,
    });
    let fields = fields.iter().map(|(name, value)| CustomField {
        name: (*name).to_owned(),
        value: SecretText::new(*value),
        concealed: false,
    });
    let overview = ItemOverview {
        kind: ItemKind::Login,
        title: title.to_owned(),
        subtitle: "ada".to_owned(),
        urls: urls.collect(),
        has_password: !password.is_empty(),
        has_totp: false,
        created_at: UnixMillis(1),
        updated_at: UnixMillis(2),
        conflict_of: None,
    };
    let secrets = ItemSecrets::Login {
        password: SecretText::new(password),
        totp: SecretText::default(),
        fields: fields.collect(),
        notes: SecretText::new("a note"),
    };
    Parts::of(&overview, secrets)
}

fn base() -> Parts {
    login(
        "Bank",
        &["https://a.test/", "https://b.test/"],
        "old",
        &[("Pin", "1"), ("Pin", "2")],
    )
}

#[test]
fn item_taken_apart_and_put_together_is_the_same() {
    let (overview, secrets) = base().together(UnixMillis(1), UnixMillis(2), None);
    assert!(Parts::of(&overview, secrets) == base());
    let identity = ItemSecrets::Identity {
        email: SecretText::new("e"),
        phone: SecretText::new("p"),
        organization: SecretText::new("o"),
        address: SecretText::new("a"),
        city: SecretText::new("c"),
        region: SecretText::new("r"),
        postal_code: SecretText::new("z"),
        country: SecretText::new("l"),
        fields: vec![CustomField {
            name: "Passport".to_owned(),
            value: SecretText::new("x"),
            concealed: true,
        }],
        notes: SecretText::new("n"),
    };
    let card = ItemSecrets::Card {
        number: SecretText::new("4111"),
        expiry: SecretText::new("12/30"),
        code: SecretText::new("123"),
        pin: SecretText::new("9"),
        notes: SecretText::default(),
    };
    let note = ItemSecrets::Note {
        text: SecretText::new("t"),
    };
    for secrets in [identity, card, note] {
        let named = ItemOverview {
            kind: secrets.kind(),
            urls: Vec::new(),
            has_password: false,
            ..overview.clone()
        };
        let parts = Parts::of(&named, secrets.clone());
        let (made, again) = parts.together(UnixMillis(1), UnixMillis(2), None);
        assert!(again == secrets && made == named);
    }
}

#[test]
fn changes_of_different_parts_are_merged() {
    let ours = login(
        "Bank",
        &["https://b.test/", "https://c.test/"],
        "new",
        &[("Pin", "1"), ("Pin", "2")],
    );
    let theirs = login(
        "My bank",
        &["https://a.test/", "https://b.test/"],
        "old",
        &[("Pin", "1"), ("Pin", "3")],
    );
    let want = login(
        "My bank",
        &["https://b.test/", "https://c.test/"],
        "new",
        &[("Pin", "1"), ("Pin", "3")],
    );
    // Whoever is asked, the same comes of it.
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let merged = Parts::merge(&base(), ours, theirs);
        assert!(merged.is_ok_and(|merged| merged.differences(&want).next().is_none()));
    }
}

#[test]
fn same_change_on_both_sides_is_one() {
    let both = login("Bank", &[], "new", &[]);
    assert!(Parts::merge(&base(), &both, &both).is_ok_and(|merged| merged == both));
}

#[test]
fn different_changes_of_one_part_clash() {
    let ours = login("Bank", &["https://a.test/"], "ours", &[]);
    let theirs = login("Bank", &["https://a.test/"], "theirs", &[]);
    let clash = Parts::merge(&base(), &ours, &theirs).err();
    assert_eq!(clash, Some(vec![ItemPart::Password]));
    // Changed here, taken away there.
    let ours = login("Bank", &[], "old", &[("Pin", "1"), ("Pin", "7")]);
    let theirs = login("Bank", &[], "old", &[]);
    let second = ItemPart::Added {
        name: "Pin".to_owned(),
        nth: 1,
    };
    assert_eq!(
        Parts::merge(&base(), &ours, &theirs).err(),
        Some(vec![second])
    );
}

#[test]
fn merge_that_has_no_room_clashes() {
    let urls = |from: usize| -> Vec<String> {
        (from..from + 30)
            .map(|n| format!("https://{n}.test/"))
            .collect()
    };
    let many = |from| {
        let urls = urls(from);
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        login("Bank", &urls, "old", &[])
    };
    let empty = login("Bank", &[], "old", &[]);
    let clash = Parts::merge(&empty, &many(0), &many(30)).err();
    assert_eq!(clash.map(|parts| parts.len()), Some(60));
    assert!(Parts::merge(&empty, &many(0), &many(10)).is_ok());
}

#[test]
fn single_parts_come_back() {
    let now = login("Bank", &["https://c.test/"], "new", &[]);
    let back = now.clone().with(
        &base(),
        &[
            ItemPart::Password,
            ItemPart::Url("https://a.test/".to_owned()),
        ],
    );
    assert!(back.get(&ItemPart::Password) == base().get(&ItemPart::Password));
    let (overview, _) = back.together(UnixMillis(1), UnixMillis(2), None);
    let urls: Vec<_> = overview.urls.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(urls, ["https://c.test/", "https://a.test/"]);
    // A part that was not there goes.
    let gone = base().with(
        &now,
        &[ItemPart::Notes, ItemPart::Url("https://a.test/".to_owned())],
    );
    assert!(
        gone.get(&ItemPart::Url("https://a.test/".to_owned()))
            .is_none()
    );
}
