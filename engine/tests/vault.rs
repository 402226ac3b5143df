//! Items: saving, finding, deleting, filling, and what the store and the node see of it.

use std::error::Error;

use engine::{Engine, EngineError, UserAct, release::Refusal};
use proto::{
    bridge::{
        endpoint::{FrameId, FrameSender, TabId},
        popup::AppStatus,
    },
    error::ErrorCode,
    ids::{ItemId, ItemVersion},
    vault::{CustomField, ItemDraft, ItemKind, ItemSecrets, SecretField, SecretText, UrlMatch},
};
use testkit::{
    device::{Device, PASSWORD},
    items::{card, editing, identity, login, numbered},
    node::MemoryNode,
    run::{both, finish, until_death},
    store::Fault,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";

fn device() -> Device {
    Device::new(&MemoryNode::new(1), 2)
}

fn password(engine: &Engine<Device>, id: ItemId) -> Result<String, EngineError> {
    // EXPOSE: a test looks at it.
    Ok(finish(engine.reveal(id, &SecretField::Password))?
        .value
        .expose_secret()
        .to_owned())
}

fn titles(engine: &Engine<Device>, query: &str) -> Result<Vec<String>, EngineError> {
    Ok(finish(engine.search(query, 0, 200))?
        .items
        .into_iter()
        .map(|item| item.title)
        .collect())
}

fn page(origin: &str) -> FrameSender {
    FrameSender {
        tab: TabId(1),
        frame: FrameId(0),
        origin: origin.parse().ok(),
        ancestors: Vec::new(),
    }
}

#[test]
fn item_is_saved_edited_and_shown() -> Outcome {
    let engine = device().create(ADA)?;
    let saved = finish(engine.save(login("", " ada ", "first", "www.orchard.test/login")))?;
    let view = finish(engine.item(saved.id))?;
    assert_eq!(view.version, ItemVersion(1));
    assert_eq!(
        (
            view.overview.title.as_str(),
            view.overview.subtitle.as_str()
        ),
        ("orchard.test", "ada")
    );
    assert_eq!(view.overview.urls[0].url, "https://www.orchard.test/login");
    assert!(view.pending && view.overview.has_password && !view.overview.has_totp);
    assert_eq!(view.secret_fields.len(), 1);
    let mut draft = finish(engine.edit(saved.id))?;
    draft.title = "Orchard".to_owned();
    if let ItemSecrets::Login {
        password,
        totp,
        fields,
        notes,
    } = &mut draft.secrets
    {
        *password = SecretText::new("second");
        *totp = SecretText::new("GEZD GNBV GY3T QOJQ");
        fields.push(CustomField {
            name: "PIN".to_owned(),
            value: SecretText::new("42"),
            concealed: true,
        });
        *notes = SecretText::new("of the garden");
    }
    let saved = finish(engine.save(draft))?;
    assert_eq!(saved.version, ItemVersion(2));
    assert_eq!(password(&engine, saved.id)?, "second");
    let fields: Vec<_> = finish(engine.item(saved.id))?
        .secret_fields
        .into_iter()
        .map(|f| f.field)
        .collect();
    assert_eq!(
        fields,
        [
            SecretField::Password,
            SecretField::TotpCode,
            SecretField::Custom(0),
            SecretField::Notes
        ]
    );
    let code = finish(engine.reveal(saved.id, &SecretField::TotpCode))?;
    // EXPOSE: a test looks at it.
    assert_eq!(code.value.expose_secret().len(), 6);
    assert!(code.expires_at.is_some());
    assert_eq!(
        finish(engine.reveal(saved.id, &SecretField::CardPin)).err(),
        Some(EngineError::ItemMissing)
    );
    Ok(())
}

#[test]
fn every_kind_of_item_is_kept() -> Outcome {
    let engine = device().create(ADA)?;
    let text = SecretText::new;
    let kinds = [
        (
            ItemKind::Note,
            ItemSecrets::Note {
                text: text("a note"),
            },
            SecretField::Notes,
            "a note",
        ),
        (
            ItemKind::Card,
            ItemSecrets::Card {
                number: text("4111111111111111"),
                expiry: text("12/30"),
                code: text("123"),
                pin: text(""),
                notes: text(""),
            },
            SecretField::CardNumber,
            "4111111111111111",
        ),
        (
            ItemKind::Identity,
            ItemSecrets::Identity {
                email: text("ada@example.com"),
                phone: text(""),
                organization: text("Orchard Ltd"),
                address: text("1 Orchard Lane"),
                city: text("Kew"),
                region: text(""),
                postal_code: text("TW9"),
                country: text("United Kingdom"),
                fields: Vec::new(),
                notes: text(""),
            },
            SecretField::PostalAddress,
            "1 Orchard Lane",
        ),
    ];
    for (kind, secrets, field, want) in kinds {
        let draft = ItemDraft {
            edits: None,
            title: String::new(),
            subtitle: String::new(),
            urls: Vec::new(),
            secrets,
        };
        let saved = finish(engine.save(draft))?;
        assert_eq!(finish(engine.item(saved.id))?.overview.kind, kind);
        // EXPOSE: a test looks at it.
        assert_eq!(
            finish(engine.reveal(saved.id, &field))?
                .value
                .expose_secret(),
            want
        );
        if kind == ItemKind::Identity {
            let fields = finish(engine.item(saved.id))?.secret_fields;
            let fields: Vec<_> = fields.into_iter().map(|field| field.field).collect();
            let want = [
                SecretField::Email,
                SecretField::Organization,
                SecretField::PostalAddress,
                SecretField::City,
                SecretField::PostalCode,
                SecretField::Country,
            ];
            assert_eq!(fields, want, "what is empty is not shown");
        }
    }
    Ok(())
}

#[test]
fn drafts_that_break_a_rule_are_refused() -> Outcome {
    let engine = device().create(ADA)?;
    let refused = |draft: ItemDraft| finish(engine.save(draft)).err().map(|error| error.code());
    let good = || login("a", "b", "c", "https://a.test");
    let invalid = Some(ErrorCode::ItemInvalid);
    assert_eq!(
        refused(ItemDraft {
            title: "x".repeat(201),
            ..good()
        }),
        invalid
    );
    assert_eq!(
        refused(ItemDraft {
            subtitle: "x".repeat(201),
            ..good()
        }),
        invalid
    );
    assert_eq!(refused(login("a", "b", "c", "ftp://a.test")), invalid);
    assert_eq!(refused(login("a", "b", "c", "no address")), invalid);
    assert_eq!(
        refused(login("a", "b", &"x".repeat(66_000), "https://a.test")),
        Some(ErrorCode::TooLarge)
    );
    let mut bad_totp = good();
    if let ItemSecrets::Login { totp, .. } = &mut bad_totp.secrets {
        *totp = SecretText::new("not base32!");
    }
    assert_eq!(refused(bad_totp), invalid);
    let many = vec![good().urls[0].clone(); 51];
    assert_eq!(
        refused(ItemDraft {
            urls: many,
            ..good()
        }),
        invalid
    );
    let saved = finish(engine.save(good()))?;
    let note = ItemSecrets::Note {
        text: SecretText::new("x"),
    };
    let other_kind = ItemDraft {
        secrets: note,
        ..editing(good(), saved.id, saved.version)
    };
    assert_eq!(refused(other_kind), invalid);
    Ok(())
}

#[test]
fn edit_of_an_older_version_is_refused_and_a_repeated_one_is_not() -> Outcome {
    let engine = device().create(ADA)?;
    let saved = finish(engine.save(login("a", "b", "one", "https://a.test")))?;
    let edit = editing(
        login("a", "b", "two", "https://a.test"),
        saved.id,
        saved.version,
    );
    let second = finish(engine.save(edit.clone()))?;
    assert_eq!(
        finish(engine.save(edit))?,
        second,
        "the same request, sent once more"
    );
    let stale = editing(
        login("a", "b", "three", "https://a.test"),
        saved.id,
        saved.version,
    );
    assert_eq!(
        finish(engine.save(stale)).err(),
        Some(EngineError::VersionConflict {
            version: ItemVersion(2)
        })
    );
    assert_eq!(password(&engine, saved.id)?, "two");
    Ok(())
}

#[test]
fn new_item_sent_twice_is_one_item() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let first = finish(engine.save(login("a", "b", "c", "https://a.test")))?;
    assert_eq!(
        finish(engine.save(login("a", "b", "c", "https://a.test")))?,
        first
    );
    assert_ne!(
        finish(engine.save(login("a", "b", "other", "https://a.test")))?.id,
        first.id
    );
    device.clock.advance(61_000);
    assert_ne!(
        finish(engine.save(login("a", "b", "c", "https://a.test")))?.id,
        first.id
    );
    Ok(())
}

#[test]
fn two_saves_at_once_are_two_writes() -> Outcome {
    let engine = device().create(ADA)?;
    let (a, b) = both(engine.save(numbered(1)), engine.save(numbered(2)));
    assert_ne!(a?.id, b?.id);
    let report = finish(engine.sync())?;
    assert_eq!((report.pushed, report.problem), (2, None));
    Ok(())
}

#[test]
fn deleted_item_comes_back() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let saved = finish(engine.save(login("Orchard", "ada", "secret", "https://orchard.test")))?;
    finish(engine.sync())?;
    for pushed in [false, true] {
        let deleted = finish(engine.delete(saved.id))?;
        assert_eq!(
            finish(engine.delete(saved.id))?,
            deleted,
            "deleting twice is deleting once"
        );
        assert_eq!(finish(engine.search("", 0, 10))?.total, 0);
        assert_eq!(
            finish(engine.item(saved.id)).err(),
            Some(EngineError::ItemMissing)
        );
        if pushed {
            finish(engine.sync())?;
        }
        let back = finish(engine.undelete(saved.id))?;
        assert_eq!(back.version.0, deleted.version.0 + 1);
        assert_eq!(finish(engine.undelete(saved.id))?, back);
        assert_eq!(password(&engine, saved.id)?, "secret");
        assert_eq!(titles(&engine, "orch")?, ["Orchard"]);
    }
    finish(engine.delete(saved.id))?;
    device.clock.advance(31 * 24 * 60 * 60 * 1_000);
    finish(engine.status());
    finish(engine.unlock(&SecretText::new(PASSWORD)))?;
    assert_eq!(
        finish(engine.undelete(saved.id)).err(),
        Some(EngineError::ItemMissing)
    );
    Ok(())
}

#[test]
fn search_ranks_by_place_then_by_last_use() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    for (title, user, url) in [
        ("My Bank", "ada", "https://a.test"),
        ("Bank of Pears", "ada", "https://b.test"),
        ("Databanks", "ada", "https://c.test"),
        ("Ärzte", "bob", "https://bank.test"),
        ("Banking", "ada", "https://e.test"),
    ] {
        device.clock.advance(1_000);
        finish(engine.save(login(title, user, "x", url)))?;
    }
    assert_eq!(
        titles(&engine, "bank")?,
        ["Banking", "Bank of Pears", "Ärzte", "My Bank", "Databanks"]
    );
    assert_eq!(titles(&engine, "BANK pear")?, ["Bank of Pears"]);
    assert_eq!(titles(&engine, "arzte")?, ["Ärzte"]);
    assert_eq!(titles(&engine, "https")?, Vec::<String>::new());
    let all = titles(&engine, " ")?;
    assert_eq!(
        all,
        ["Ärzte", "Bank of Pears", "Banking", "Databanks", "My Bank"],
        "all, by title"
    );
    let paged = finish(engine.search("", 1, 2))?;
    assert_eq!(paged.total, 5);
    assert_eq!(
        paged
            .items
            .iter()
            .map(|item| item.title.as_str())
            .collect::<Vec<_>>(),
        all[1..3]
    );
    assert_eq!(finish(engine.search("", 9, 2))?.items.len(), 0);
    device.clock.advance(1_000);
    let id = finish(engine.search("bank of", 0, 1))?.items[0].id;
    finish(engine.used(id))?;
    assert_eq!(titles(&engine, "bank")?[0], "Bank of Pears", "used last");
    Ok(())
}

#[test]
fn logins_of_a_site_come_the_last_used_first() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let one = finish(engine.save(login("One", "one", "1", "https://login.orchard.test")))?;
    device.clock.advance(1_000);
    let two = login("Two", "two", "2", "https://orchard.test");
    let two = finish(engine.save(two))?;
    let none = login("old", "four", "", "https://orchard.test");
    finish(engine.save(none))?;
    finish(engine.save(login("Other", "three", "3", "https://other.test")))?;
    let site = "https://www.orchard.test".parse()?;
    let titles = |engine: &Engine<Device>| -> Result<Vec<String>, EngineError> {
        Ok(finish(engine.logins_for(&site))?
            .into_iter()
            .map(|item| item.title)
            .collect())
    };
    assert_eq!(titles(&engine)?, ["old", "One", "Two"], "by title");
    device.clock.advance(1_000);
    finish(engine.release(one.id, &page("https://orchard.test"), UserAct::Shortcut))?;
    assert_eq!(titles(&engine)?[0], "old", "released is not yet filled");
    finish(engine.used(one.id))?;
    assert_eq!(titles(&engine)?, ["One", "old", "Two"]);
    device.clock.advance(1_000);
    finish(engine.used(two.id))?;
    assert_eq!(titles(&engine)?, ["Two", "One", "old"]);
    assert_eq!(
        titles(&device.open()?)?,
        ["Two", "One", "old"],
        "the last use outlives the worker"
    );
    let has_password: Vec<bool> = finish(engine.logins_for(&site))?
        .into_iter()
        .map(|item| item.has_password)
        .collect();
    assert_eq!(has_password, [true, true, false]);
    Ok(())
}

#[test]
fn cards_and_identities_come_the_last_used_first() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    finish(engine.save(login("Login", "ada", "1", "https://orchard.test")))?;
    let mut cards = Vec::new();
    for title in ["Blue", "amber", "Clay"] {
        cards.push(finish(engine.save(card(title, "Ada", "4111111111111111", "04/31")))?.id);
        finish(engine.save(identity(title, "Ada")))?;
    }
    let names = |items: Vec<proto::vault::ItemSummary>| -> Vec<String> {
        items.into_iter().map(|item| item.title).collect()
    };
    assert_eq!(names(finish(engine.cards())?), ["amber", "Blue", "Clay"]);
    finish(engine.used(cards[2]))?;
    assert_eq!(names(finish(engine.cards())?), ["Clay", "amber", "Blue"]);
    assert_eq!(
        names(finish(engine.identities())?),
        ["amber", "Blue", "Clay"]
    );
    finish(engine.delete(cards[2]))?;
    assert_eq!(names(finish(engine.cards())?), ["amber", "Blue"]);
    assert_eq!(
        finish(engine.used(cards[2])).err(),
        Some(EngineError::ItemMissing)
    );
    finish(engine.lock());
    assert_eq!(finish(engine.cards()).err(), Some(EngineError::Locked));
    Ok(())
}

#[test]
fn uses_are_remembered_within_bounds() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let site = "https://orchard.test".parse()?;
    let mut ids = Vec::new();
    for n in 0..505 {
        let draft = login(&format!("{n:03}"), "ada", "x", "https://orchard.test");
        ids.push(finish(engine.save(draft))?.id);
        device.clock.advance(10);
        finish(engine.used(ids[n]))?;
    }
    let listed: Vec<_> = finish(engine.logins_for(&site))?;
    assert_eq!(listed[0].title, "504");
    let forgotten: Vec<_> = listed[500..].iter().map(|item| &*item.title).collect();
    assert_eq!(forgotten, ["000", "001", "002", "003", "004"]);
    Ok(())
}

#[test]
fn card_and_identity_are_released_in_parts() -> Outcome {
    let engine = device().create(ADA)?;
    let card = card("Card", "Ada Pear", "4111111111111111", "4/31");
    let card = finish(engine.save(card))?.id;
    let shop = page("https://shop.test");
    let got = finish(engine.release_card(card, &shop, UserAct::Chosen))?;
    // EXPOSE: a test looks at it.
    let got = [
        got.number,
        got.holder,
        got.expiry_month,
        got.expiry_year,
        got.code,
    ]
    .map(|part| part.expose_secret().to_owned());
    assert_eq!(got, ["4111111111111111", "Ada Pear", "04", "2031", "123"]);
    let identity = finish(engine.save(identity("Me", "Ada Pear")))?.id;
    let got = finish(engine.release_identity(identity, &shop, UserAct::Chosen))?;
    let street: Vec<_> = ["1 Orchard Lane", "Flat 2"].map(SecretText::new).into();
    assert_eq!(got.street, street);
    // EXPOSE: a test looks at it.
    let got = [
        got.name,
        got.email,
        got.phone,
        got.organization,
        got.city,
        got.region,
        got.postal_code,
        got.country,
    ]
    .map(|part| part.expose_secret().to_owned());
    let want = [
        "Ada Pear",
        "ada@example.com",
        "+44 20 7946 0000",
        "Orchard Ltd",
        "Kew",
        "Surrey",
        "TW9 3AE",
        "United Kingdom",
    ];
    assert_eq!(got, want);
    Ok(())
}

#[test]
fn credential_is_released_through_the_gate_only() -> Outcome {
    let engine = device().create(ADA)?;
    let mut draft = login("Orchard", "ada", "secret", "https://orchard.test");
    if let ItemSecrets::Login { totp, .. } = &mut draft.secrets {
        *totp = SecretText::new("GEZDGNBVGY3TQOJQ");
    }
    draft.urls[0].matching = UrlMatch::Host;
    let id = finish(engine.save(draft))?.id;
    let released = finish(engine.release(id, &page("https://orchard.test"), UserAct::Chosen))?;
    // EXPOSE: a test looks at it.
    assert_eq!(
        (
            released.username.expose_secret(),
            released.password.expose_secret()
        ),
        ("ada", "secret")
    );
    // EXPOSE: a test looks at it.
    assert_eq!(released.totp.expose_secret().len(), 6);
    for (frame, act, want) in [
        (
            page("https://www.orchard.test"),
            Some(UserAct::Chosen),
            Refusal::SiteMismatch,
        ),
        (
            page("http://orchard.test"),
            Some(UserAct::Chosen),
            Refusal::InsecurePage,
        ),
        (page("null"), Some(UserAct::Chosen), Refusal::OpaqueFrame),
        (page("https://orchard.test"), None, Refusal::NoUserAct),
    ] {
        let got = finish(engine.release(id, &frame, act)).err();
        assert_eq!(got, Some(EngineError::Refused(want)));
    }
    let note = ItemSecrets::Note {
        text: SecretText::new("x"),
    };
    let draft = ItemDraft {
        secrets: note,
        ..login("Note", "", "", "https://orchard.test")
    };
    let note = finish(engine.save(draft))?.id;
    let got = finish(engine.release(note, &page("https://orchard.test"), UserAct::Chosen)).err();
    assert_eq!(got, Some(EngineError::Refused(Refusal::SiteMismatch)));
    Ok(())
}

#[test]
fn neither_store_nor_node_sees_a_word_of_it() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let id = finish(engine.save(login(
        "Quince",
        "medlar",
        "loquat",
        "https://persimmon.test",
    )))?
    .id;
    finish(engine.keep_draft("item", &SecretText::new("damson")))?;
    finish(engine.release(id, &page("https://persimmon.test"), UserAct::Chosen))?;
    finish(engine.sync())?;
    let edit = editing(
        login("Quince", "medlar", "mirabelle", "https://persimmon.test"),
        id,
        ItemVersion(1),
    );
    finish(engine.save(edit))?;
    finish(engine.delete(id))?;
    let mut seen: Vec<String> = device
        .store
        .contents()
        .values()
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .collect();
    seen.extend(node.vault_texts());
    assert!(seen.len() > 8);
    for word in [
        "Quince",
        "quince",
        "medlar",
        "loquat",
        "persimmon",
        "damson",
        "mirabelle",
        PASSWORD,
    ] {
        assert!(!seen.iter().any(|text| text.contains(word)), "{word}");
    }
    Ok(())
}

/// Runs an act on a device whose worker dies at the act's `n`th commit; says whether it was
/// acknowledged.
fn acknowledged<T>(
    device: &Device,
    n: u64,
    fault: Fault,
    act: &impl AsyncFn(&Engine<Device>) -> Result<T, EngineError>,
) -> Result<Option<T>, EngineError> {
    let engine = device.open()?;
    device.store.die_at(n, fault);
    until_death(act(&engine)).transpose()
}

#[test]
fn worker_may_die_at_any_commit_of_save_and_delete() -> Outcome {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        let device = device();
        device.create(ADA)?;
        for round in 0..150_u32 {
            // The dead worker has acknowledged nothing; its successor sees all of it or nothing.
            let before = finish(device.open()?.search("", 0, 200))?.total;
            let saved = acknowledged(&device, 1, fault, &async |engine| {
                engine.save(numbered(round)).await
            })?;
            assert!(saved.is_none(), "the answer died with the worker");
            let engine = device.open()?;
            let total = finish(engine.search("", 0, 200))?.total;
            assert_eq!(
                total,
                before + u32::from(fault == Fault::DiesAfter),
                "round {round}"
            );
            let AppStatus::Unlocked { pending, items, .. } = finish(engine.status()) else {
                return Err("locked".into());
            };
            assert_eq!(items, total);
            assert_eq!(
                pending, total,
                "every item that is there waits for the node"
            );
            // Sent again, as the popup does: one item, whichever way it died.
            let saved = finish(engine.save(numbered(round)))?;
            assert_eq!(finish(engine.search("", 0, 200))?.total, before + 1);
            assert_eq!(
                password(&engine, saved.id)?,
                format!("correct horse {round}")
            );
        }
        let engine = device.open()?;
        for item in finish(engine.search("", 0, 60))?.items {
            let gone = acknowledged(&device, 1, fault, &async |engine| {
                engine.delete(item.id).await
            })?;
            assert!(gone.is_none());
            let engine = device.open()?;
            let here = finish(engine.item(item.id)).is_ok();
            assert_eq!(here, fault == Fault::DiesBefore);
            finish(engine.delete(item.id))?;
            finish(engine.undelete(item.id))?;
            assert!(finish(engine.item(item.id)).is_ok());
        }
    }
    Ok(())
}

#[test]
fn failed_commit_changes_nothing() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let saved = finish(engine.save(login("a", "b", "one", "https://a.test")))?;
    device.store.fail_at(1);
    let edit = editing(
        login("a", "b", "two", "https://a.test"),
        saved.id,
        saved.version,
    );
    let failed = finish(engine.save(edit.clone())).map_err(|error| error.code());
    assert_eq!(failed, Err(ErrorCode::StoreFailed));
    assert_eq!(password(&engine, saved.id)?, "one");
    device.store.fail_at(1);
    assert!(finish(engine.delete(saved.id)).is_err());
    assert_eq!(finish(engine.search("", 0, 1))?.total, 1);
    assert_eq!(finish(engine.save(edit))?.version, ItemVersion(2));
    assert_eq!(password(&device.open()?, saved.id)?, "two");
    Ok(())
}

#[test]
fn index_is_the_same_however_it_was_written() -> Outcome {
    // Many changes of all kinds, so that journal and chunks are written many times over.
    let device = device();
    let engine = device.create(ADA)?;
    let mut live: Vec<(ItemId, ItemVersion)> = Vec::new();
    for round in 0..700_u32 {
        let random = device.random.next();
        let pick = usize::try_from(random >> 8)? % live.len().max(1);
        match random % 8 {
            0 if !live.is_empty() => {
                finish(engine.delete(live.swap_remove(pick).0))?;
            }
            1 | 2 if !live.is_empty() => {
                let (id, version) = live[pick];
                live[pick].1 =
                    finish(engine.save(editing(numbered(10_000 + round), id, version)))?.version;
            }
            _ => {
                let saved = finish(engine.save(numbered(round)))?;
                live.push((saved.id, saved.version));
            }
        }
    }
    let chunks = device
        .store
        .contents()
        .keys()
        .filter(|key| key.starts_with("index/"))
        .count();
    assert!(chunks >= 2, "{chunks}");
    let list = |engine: &Engine<Device>| -> Result<_, EngineError> {
        let mut all = finish(engine.search("", 0, 200))?.items;
        all.extend(finish(engine.search("", 200, 200))?.items);
        all.extend(finish(engine.search("", 400, 200))?.items);
        Ok(all)
    };
    let before = list(&engine)?;
    assert_eq!(before.len(), live.len());
    assert_eq!(list(&device.open()?)?, before, "read back");
    // A damaged chunk: everything is made anew out of the items.
    device
        .store
        .tamper("index/0000000000000001", Some(vec![0; 100]));
    assert_eq!(list(&device.open()?)?, before, "made anew");
    assert_eq!(list(&device.open()?)?, before, "and read back again");
    Ok(())
}

#[test]
fn journal_does_not_grow_without_end() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let mut saved = finish(engine.save(numbered(0)))?;
    for n in 1..200 {
        saved = finish(engine.save(editing(numbered(n), saved.id, saved.version)))?;
    }
    let records = |device: &Device| {
        device
            .store
            .contents()
            .keys()
            .filter(|key| key.starts_with("journal/"))
            .count()
    };
    assert!(records(&device) <= 64, "{}", records(&device));
    finish(engine.sync())?;
    let before = records(&device);
    finish(engine.sync())?;
    assert_eq!(records(&device), before, "nothing new is nothing written");
    assert_eq!(titles(&device.open()?, "")?, titles(&engine, "")?);
    Ok(())
}

#[test]
fn swapped_values_of_the_store_do_not_open() -> Outcome {
    let device = device();
    let engine = device.create(ADA)?;
    let a = finish(engine.save(login("a", "b", "one", "https://a.test")))?.id;
    let b = finish(engine.save(login("b", "b", "two", "https://b.test")))?.id;
    let stored = device.store.contents();
    device.store.tamper(
        &format!("item/{a}"),
        stored.get(&format!("item/{b}")).cloned(),
    );
    assert_eq!(password(&engine, a).err(), Some(EngineError::Unreadable));
    assert_eq!(password(&engine, b)?, "two");
    Ok(())
}
