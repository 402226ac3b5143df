//! Two devices change one item, and what an item was before.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{
    bridge::popup::{Keep, PartValue, VersionDeed},
    ids::{ItemId, ItemVersion},
    vault::{ItemDraft, ItemPart, ItemSecrets, SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items::{editing, login},
    node::MemoryNode,
    run::finish,
    transport::Outage,
};

type Outcome = Result<(), Box<dyn Error>>;

/// Both engines, and the item that they changed.
type Changed = ([Engine<Device>; 2], ItemId);

const ADA: &str = "ada@localhost";
const SITE: &str = "https://bank.test";

fn pair() -> Result<([Device; 2], [Engine<Device>; 2]), EngineError> {
    let node = MemoryNode::new(1);
    let devices = [Device::new(&node, 2), Device::new(&node, 3)];
    let engines = [devices[0].create(ADA)?, devices[1].log_in(ADA)?];
    Ok((devices, engines))
}

fn bank(title: &str, username: &str, password: &str) -> ItemDraft {
    login(title, username, password, SITE)
}

/// `title username password` of every item, sorted.
fn lines(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let mut lines = Vec::new();
    for item in finish(engine.search("", 0, 200))?.items {
        let password = password(engine, item.id)?;
        lines.push(format!("{} {} {password}", item.title, item.subtitle));
    }
    lines.sort();
    Ok(lines)
}

fn password(engine: &Engine<Device>, id: ItemId) -> Result<String, EngineError> {
    let revealed = finish(engine.reveal(id, &SecretField::Password))?;
    // EXPOSE: a test looks at it.
    Ok(revealed.value.expose_secret().to_owned())
}

fn settle(engines: &[Engine<Device>; 2]) -> Outcome {
    for _ in 0..3 {
        for engine in engines {
            assert_eq!(finish(engine.sync())?.problem, None);
        }
    }
    Ok(())
}

/// Both devices change an item that both have, the first reaches the node first.
fn both_change(first: &[ItemDraft], second: &[ItemDraft]) -> Result<Changed, Box<dyn Error>> {
    let (_, engines) = pair()?;
    let saved = finish(engines[0].save(bank("Bank", "ada", "old")))?;
    settle(&engines)?;
    for (engine, drafts) in engines.iter().zip([first, second]) {
        let mut version = saved.version;
        for draft in drafts {
            version = finish(engine.save(editing(draft.clone(), saved.id, version)))?.version;
        }
    }
    settle(&engines)?;
    Ok((engines, saved.id))
}

#[test]
fn changes_of_different_fields_become_one_item() -> Outcome {
    let (engines, id) = both_change(
        &[bank("My bank", "ada", "old")],
        &[
            bank("Bank", "ada", "newer"),
            bank("Bank", "ada@work", "newer"),
        ],
    )?;
    for engine in &engines {
        assert_eq!(lines(engine)?, ["My bank ada@work newer"]);
        assert_eq!(finish(engine.item(id))?.other_versions, []);
    }
    Ok(())
}

#[test]
fn same_change_on_both_devices_is_one() -> Outcome {
    let same = [bank("Bank", "ada", "same")];
    let (engines, id) = both_change(&same, &same)?;
    assert_eq!(lines(&engines[1])?, ["Bank ada same"]);
    assert_eq!(finish(engines[0].item(id))?.version, ItemVersion(2));
    Ok(())
}

#[test]
fn write_that_arrived_is_what_the_next_is_merged_on() -> Outcome {
    let (devices, engines) = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(bank("Bank", "ada", "old")))?;
    settle(&engines)?;
    // Two writes of the first device, of which the node gets one before it is away.
    let one = finish(a.save(editing(bank("Bank", "ada", "one"), saved.id, saved.version)))?;
    finish(a.sync())?;
    devices[0].transport.set_outage(Outage::Away);
    finish(a.save(editing(bank("Bank", "ada", "two"), saved.id, one.version)))?;
    finish(b.sync())?;
    finish(b.save(editing(bank("Bank", "bob", "one"), saved.id, one.version)))?;
    finish(b.sync())?;
    devices[0].transport.set_outage(Outage::None);
    settle(&engines)?;
    assert_eq!(lines(a)?, ["Bank bob two"]);
    assert_eq!(lines(b)?, lines(a)?);
    Ok(())
}

#[test]
fn clash_waits_for_the_users_choice() -> Outcome {
    for (keep, want) in [
        (Keep::Original, &["Bank ada first"][..]),
        (Keep::Copy, &["Bank ada second"]),
        (
            Keep::Both,
            &["Bank (conflicted copy) ada second", "Bank ada first"],
        ),
    ] {
        let (engines, id) = both_change(
            &[bank("Bank", "ada", "first")],
            &[bank("Bank", "ada", "second")],
        )?;
        let [a, b] = &engines;
        assert_eq!(lines(a)?.len(), 2, "nothing is overwritten");
        // Either device offers the choice.
        let others = finish(a.item(id))?.other_versions;
        assert_eq!(others.len(), 1);
        assert_eq!(finish(b.item(id))?.other_versions, others);
        let compared = finish(a.compare(others[0]))?;
        assert_eq!((compared.original, compared.title.as_str()), (id, "Bank"));
        let parts: Vec<_> = compared.changes.iter().map(|it| it.part.clone()).collect();
        assert_eq!(parts, [ItemPart::Password]);
        let seen = (compared.original_version, compared.copy_version);
        let older = (seen.0, ItemVersion(seen.1.0 + 1));
        let refused = finish(a.choose(others[0], older, keep)).err();
        assert!(matches!(refused, Some(EngineError::VersionConflict { .. })));
        finish(a.choose(others[0], seen, keep))?;
        settle(&engines)?;
        assert_eq!(lines(b)?, want);
        assert_eq!(lines(a)?, want);
        assert_eq!(finish(b.item(id))?.other_versions, [], "it was chosen");
        let again = finish(a.compare(others[0]));
        assert_eq!(again.err(), Some(EngineError::ItemMissing));
    }
    Ok(())
}

#[test]
fn edit_of_the_other_version_keeps_the_choice_open() -> Outcome {
    let (engines, id) = both_change(
        &[bank("Bank", "ada", "first")],
        &[bank("Bank", "ada", "second")],
    )?;
    let other = finish(engines[0].item(id))?.other_versions[0];
    let draft = finish(engines[0].edit(other))?;
    finish(engines[0].save(ItemDraft {
        subtitle: "eve".to_owned(),
        ..draft
    }))?;
    assert_eq!(finish(engines[0].item(id))?.other_versions, [other]);
    Ok(())
}

#[test]
fn history_says_what_each_version_changed() -> Outcome {
    let (_, engines) = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(bank("Bank", "ada", "one")))?;
    let id = saved.id;
    let two = finish(a.save(editing(bank("My bank", "ada", "two"), id, saved.version)))?;
    finish(a.delete(id))?;
    finish(a.undelete(id))?;
    settle(&engines)?;
    // Another device, that has seen none of it but the last, tells the same.
    let history = finish(b.history(id, None))?;
    let deeds: Vec<_> = history
        .versions
        .iter()
        .map(|it| (it.version.0, it.deed))
        .collect();
    assert_eq!(
        deeds,
        [
            (4, VersionDeed::Restored),
            (3, VersionDeed::Deleted),
            (2, VersionDeed::Changed),
            (1, VersionDeed::Made),
        ]
    );
    assert!(!history.has_more);
    let changes = &history.versions[2].changes;
    let text = |text: &str| Some(PartValue::Text(text.to_owned()));
    let told: Vec<_> = changes
        .iter()
        .map(|it| (it.part.clone(), it.before.clone(), it.after.clone()))
        .collect();
    let concealed = Some(PartValue::Concealed);
    assert_eq!(
        told,
        [
            (ItemPart::Title, text("Bank"), text("My bank")),
            (ItemPart::Password, concealed.clone(), concealed),
        ]
    );
    let old = finish(b.reveal_version(id, saved.version, &ItemPart::Password))?;
    // EXPOSE: a test looks at it.
    assert_eq!(old.value.expose_secret(), "one");
    let deleted = finish(b.reveal_version(id, ItemVersion(3), &ItemPart::Password));
    assert_eq!(deleted.err(), Some(EngineError::ItemMissing));
    let page = finish(b.history(id, Some(two.version)))?;
    assert_eq!(page.versions.len(), 1);

    // One field of any version, or all of it.
    finish(b.restore_version(id, saved.version, Some(&[ItemPart::Password])))?;
    assert_eq!(lines(b)?, ["My bank ada one"]);
    finish(b.restore_version(id, saved.version, None))?;
    assert_eq!(lines(b)?, ["Bank ada one"]);
    settle(&engines)?;
    assert_eq!(lines(a)?, ["Bank ada one"]);
    assert_eq!(finish(a.history(id, None))?.versions.len(), 6);
    Ok(())
}

#[test]
fn long_history_comes_in_pages() -> Outcome {
    let (_, engines) = pair()?;
    let a = &engines[0];
    let mut saved = finish(a.save(bank("Bank", "ada", "0")))?;
    for n in 1..45 {
        let draft = editing(bank("Bank", "ada", &n.to_string()), saved.id, saved.version);
        saved = finish(a.save(draft))?;
    }
    finish(a.sync())?;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = finish(a.history(saved.id, before))?;
        for version in &page.versions {
            let password: Vec<_> = version.changes.iter().map(|it| it.part.clone()).collect();
            let made = version.deed == VersionDeed::Made;
            assert!(made || password == [ItemPart::Password], "{version:?}");
            seen.push(version.version.0);
        }
        before = page.versions.last().map(|last| last.version);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen, (1..=45).rev().collect::<Vec<_>>());
    Ok(())
}

#[test]
fn deleted_items_stand_in_the_trash() -> Outcome {
    let (devices, engines) = pair()?;
    let saved = finish(engines[0].save(bank("Bank", "ada", "one")))?;
    settle(&engines)?;
    finish(engines[0].delete(saved.id))?;
    settle(&engines)?;
    for engine in &engines {
        let trash = finish(engine.trash())?.items;
        assert_eq!(trash.len(), 1);
        assert_eq!((trash[0].id, trash[0].title.as_str()), (saved.id, "Bank"));
    }
    finish(engines[1].undelete(saved.id))?;
    settle(&engines)?;
    assert_eq!(finish(engines[0].trash())?.items, []);
    assert_eq!(lines(&engines[0])?, ["Bank ada one"]);
    finish(engines[0].delete(saved.id))?;
    devices[0].clock.advance(31 * 24 * 60 * 60 * 1000);
    let left = finish(engines[0].trash());
    assert!(
        left.is_err_and(|error| error == EngineError::Locked),
        "a month locks it"
    );
    let opened = finish(engines[0].unlock(&SecretText::new(PASSWORD)));
    opened?;
    assert_eq!(finish(engines[0].trash())?.items, []);
    Ok(())
}

#[test]
fn version_of_the_node_that_does_not_open_is_told() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let a = device.create(ADA)?;
    let saved = finish(a.save(bank("Bank", "ada", "one")))?;
    finish(a.sync())?;
    node.damage_items();
    finish(a.save(editing(bank("Bank", "ada", "two"), saved.id, saved.version)))?;
    finish(a.sync())?;
    let history = finish(a.history(saved.id, None))?;
    let deeds: Vec<_> = history.versions.iter().map(|it| it.deed).collect();
    assert_eq!(deeds, [VersionDeed::Changed, VersionDeed::Unreadable]);
    let restored = finish(a.restore_version(saved.id, saved.version, None));
    assert_eq!(restored.err(), Some(EngineError::Unreadable));
    Ok(())
}

#[test]
fn items_of_other_kinds_are_merged_too() -> Outcome {
    let (_, engines) = pair()?;
    let [a, b] = &engines;
    let note = |title: &str, text: &str| ItemDraft {
        edits: None,
        title: title.to_owned(),
        subtitle: String::new(),
        urls: Vec::new(),
        secrets: ItemSecrets::Note {
            text: SecretText::new(text),
        },
    };
    let saved = finish(a.save(note("Note", "text")))?;
    settle(&engines)?;
    finish(a.save(editing(note("Renamed", "text"), saved.id, saved.version)))?;
    finish(b.save(editing(
        note("Note", "longer text"),
        saved.id,
        saved.version,
    )))?;
    settle(&engines)?;
    assert_eq!(finish(b.item(saved.id))?.overview.title, "Renamed");
    let text = finish(a.reveal(saved.id, &SecretField::Notes))?.value;
    // EXPOSE: a test looks at it.
    assert_eq!(text.expose_secret(), "longer text");
    Ok(())
}

#[test]
fn version_whose_secrets_do_not_open_takes_nothing() -> Outcome {
    for waits in [true, false] {
        let node = MemoryNode::new(1);
        let devices = [Device::new(&node, 2), Device::new(&node, 3)];
        let (a, b) = (devices[0].create(ADA)?, devices[1].log_in(ADA)?);
        let saved = finish(a.save(bank("Bank", "ada", "one")))?;
        finish(a.sync())?;
        finish(b.sync())?;
        finish(b.save(editing(
            bank("My bank", "ada", "one"),
            saved.id,
            saved.version,
        )))?;
        finish(b.sync())?;
        node.damage_secrets();
        if waits {
            finish(a.save(editing(bank("Bank", "ada", "two"), saved.id, saved.version)))?;
        }
        let report = finish(a.sync())?;
        let want = if waits { "two" } else { "one" };
        assert_eq!(password(&a, saved.id)?, want, "what is here stays");
        assert!(waits || report.unreadable == 1, "and it is told");
    }
    Ok(())
}

#[test]
fn edit_before_a_deletion_that_clashes_is_kept() -> Outcome {
    let (_, engines) = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(bank("Bank", "ada", "old")))?;
    settle(&engines)?;
    finish(a.save(editing(
        bank("Bank", "ada", "newer"),
        saved.id,
        saved.version,
    )))?;
    finish(a.delete(saved.id))?;
    finish(b.save(editing(
        bank("My bank", "ada", "old"),
        saved.id,
        saved.version,
    )))?;
    finish(b.sync())?;
    settle(&engines)?;
    assert_eq!(lines(a)?, ["My bank ada newer"]);
    assert_eq!(lines(b)?, lines(a)?);
    Ok(())
}

#[test]
fn write_whose_answer_was_lost_is_no_clash() -> Outcome {
    let (devices, engines) = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(bank("Bank", "ada", "old")))?;
    settle(&engines)?;
    finish(a.save(editing(
        bank("Bank", "ada", "newer"),
        saved.id,
        saved.version,
    )))?;
    // The write arrives, its answer does not.
    devices[0].transport.hold_next_answer(0);
    let breaking = async {
        for _ in 0..20 {
            testkit::run::pause().await;
            let seen = devices[0].transport.seen();
            if seen.last().is_some_and(|line| line.contains("/vault?")) {
                devices[0].transport.set_outage(Outage::AnswersLost);
            }
        }
    };
    let (report, ()) = testkit::run::both(a.sync(), breaking);
    report?;
    finish(b.sync())?;
    assert_eq!(lines(b)?, ["Bank ada newer"], "it has arrived");
    // Another device builds on it: it even puts the old password back.
    let version = finish(b.item(saved.id))?.version;
    finish(b.save(editing(bank("Bank", "ada", "old"), saved.id, version)))?;
    finish(b.sync())?;
    devices[0].transport.set_outage(Outage::None);
    settle(&engines)?;
    assert_eq!(
        lines(a)?,
        ["Bank ada old"],
        "what came last stands, without a copy"
    );
    // That the other device knew of it is the node's word alone: it can be had back.
    let trash = finish(a.trash())?.items;
    assert_eq!(trash.len(), 1);
    finish(a.undelete(trash[0].id))?;
    settle(&engines)?;
    assert_eq!(
        lines(b)?,
        ["Bank (conflicted copy) ada newer", "Bank ada old"]
    );
    Ok(())
}

/// A form that was opened after so many edits of its device waited, and what the second device made
/// of the password meanwhile is merged in.
fn merged_under_an_open_form(waiting: u64) -> Result<(Changed, ItemDraft), Box<dyn Error>> {
    let (_, engines) = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(bank("Bank", "ada", "old")))?;
    settle(&engines)?;
    let mut version = saved.version;
    for _ in 0..waiting {
        let draft = editing(bank("My bank", "ada", "old"), saved.id, version);
        version = finish(a.save(draft))?.version;
    }
    let form = finish(a.edit(saved.id))?;
    finish(b.save(editing(
        bank("Bank", "ada", "newer"),
        saved.id,
        saved.version,
    )))?;
    finish(b.sync())?;
    assert_eq!(finish(a.sync())?.problem, None);
    Ok(((engines, saved.id), form))
}

#[test]
fn form_that_was_open_while_its_item_was_merged_takes_nothing_back() -> Outcome {
    for waiting in 0..4 {
        let ((engines, id), form) = merged_under_an_open_form(waiting)?;
        let a = &engines[0];
        let before = form.edits.as_ref().map(|edits| edits.version);
        let present = finish(a.item(id))?.version;
        assert!(
            waiting != 2 || before == Some(present),
            "of the same number"
        );
        let draft = ItemDraft {
            subtitle: "ada@work".to_owned(),
            ..form
        };
        let saved = finish(a.save(draft.clone()))?;
        let title = if waiting == 0 { "Bank" } else { "My bank" };
        let want = [format!("{title} ada@work newer")];
        assert_eq!(lines(a)?, want);
        assert_eq!((saved.id, saved.version.0), (id, present.0 + 1));
        assert_eq!(finish(a.save(draft))?, saved, "sent once more");
        settle(&engines)?;
        assert_eq!(lines(&engines[1])?, want);
    }
    Ok(())
}

#[test]
fn form_that_changes_the_same_as_another_device_leaves_both() -> Outcome {
    for waiting in 0..4 {
        let ((engines, id), form) = merged_under_an_open_form(waiting)?;
        let a = &engines[0];
        let ItemDraft { title, edits, .. } = form;
        let draft = ItemDraft {
            edits,
            ..bank(&title, "ada", "typed")
        };
        let saved = finish(a.save(draft.clone()))?;
        assert_eq!(finish(a.save(draft))?, saved, "sent once more");
        settle(&engines)?;
        for engine in &engines {
            let copy = format!("{title} (conflicted copy) ada typed");
            assert_eq!(lines(engine)?, [copy, format!("{title} ada newer")]);
            assert_eq!(finish(engine.item(id))?.other_versions.len(), 1);
        }
    }
    Ok(())
}

#[test]
fn two_forms_of_one_device_take_nothing_from_each_other() -> Outcome {
    let (_, engines) = pair()?;
    let a = &engines[0];
    let id = finish(a.save(bank("Bank", "ada", "old")))?.id;
    let (one, other) = (finish(a.edit(id))?, finish(a.edit(id))?);
    finish(a.save(ItemDraft {
        title: "My bank".to_owned(),
        ..one
    }))?;
    finish(a.save(ItemDraft {
        subtitle: "bob".to_owned(),
        ..other
    }))?;
    assert_eq!(lines(a)?, ["My bank bob old"]);
    Ok(())
}

#[test]
fn form_of_an_item_that_was_deleted_makes_a_new_one() -> Outcome {
    let (_, engines) = pair()?;
    let [a, b] = &engines;
    let id = finish(a.save(bank("Bank", "ada", "old")))?.id;
    settle(&engines)?;
    let form = finish(a.edit(id))?;
    finish(b.delete(id))?;
    settle(&engines)?;
    let draft = ItemDraft {
        subtitle: "bob".to_owned(),
        ..form
    };
    let saved = finish(a.save(draft.clone()))?;
    assert_ne!(saved.id, id);
    assert_eq!(finish(a.save(draft))?, saved, "sent once more");
    settle(&engines)?;
    assert_eq!(lines(b)?, ["Bank bob old"]);
    Ok(())
}

#[test]
fn version_of_an_item_in_the_trash_comes_back_whole() -> Outcome {
    let parts = [ItemPart::Password];
    for parts in [None, Some(&parts[..])] {
        let (_, engines) = pair()?;
        let [a, b] = &engines;
        let saved = finish(a.save(bank("Bank", "ada", "one")))?;
        let two = finish(a.save(editing(
            bank("My bank", "bob", "two"),
            saved.id,
            saved.version,
        )))?;
        settle(&engines)?;
        finish(a.delete(saved.id))?;
        settle(&engines)?;
        // There is nothing that one part could be brought back into.
        let restored = finish(b.restore_version(saved.id, saved.version, parts))?;
        assert_eq!(
            (restored.id, restored.version.0),
            (saved.id, two.version.0 + 2)
        );
        settle(&engines)?;
        for engine in &engines {
            assert_eq!(lines(engine)?, ["Bank ada one"]);
            assert_eq!(finish(engine.trash())?.items, []);
        }
    }
    Ok(())
}
