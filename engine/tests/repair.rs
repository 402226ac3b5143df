//! Going on with a node that was set back, or has lost something: nothing that a device has is lost.

use std::{collections::BTreeMap, error::Error};

use engine::{Engine, EngineError, SyncReport};
use proto::{
    bridge::popup::AppStatus,
    error::ErrorCode,
    ids::ItemId,
    vault::{ItemDraft, ItemSecrets, SecretField, SecretText},
};
use testkit::{
    device::Device,
    items::{editing, login},
    node::{Lie, MemoryNode},
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;
/// A node, the device that wrote everything, and the ids of its items by title.
type Written = (MemoryNode, Engine<Device>, BTreeMap<String, ItemId>);

const ADA: &str = "ada@localhost";

fn code(report: &SyncReport) -> Option<ErrorCode> {
    report.problem.as_ref().map(|problem| problem.code)
}

/// A login with notes.
fn noted(title: &str, password: &str, notes: &str) -> ItemDraft {
    let mut draft = login(title, "ada", password, "https://a.test");
    if let ItemSecrets::Login { notes: field, .. } = &mut draft.secrets {
        *field = SecretText::new(notes);
    }
    draft
}

fn bank(password: &str) -> ItemDraft {
    login("Bank", "ada", password, "https://a.test")
}

fn edit(engine: &Engine<Device>, id: ItemId, draft: ItemDraft) -> Outcome {
    let version = finish(engine.item(id))?.version;
    finish(engine.save(editing(draft, id, version)))?;
    Ok(())
}

/// Title and password of every item, sorted.
fn lines(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let found = finish(engine.search("", 0, 200))?;
    let open = |item: proto::vault::ItemSummary| {
        let password = finish(engine.reveal(item.id, &SecretField::Password))?.value;
        // EXPOSE: a test looks at it.
        Ok(format!("{} {}", item.title, password.expose_secret()))
    };
    let mut lines: Vec<String> = found
        .items
        .into_iter()
        .map(open)
        .collect::<Result<_, EngineError>>()?;
    lines.sort();
    Ok(lines)
}

fn pending(engine: &Engine<Device>) -> u32 {
    match finish(engine.status()) {
        AppStatus::Unlocked { pending, .. } => pending,
        _ => u32::MAX,
    }
}

/// A device that has written items with these titles, one signature each time, and its node.
fn written(titles: &[&str]) -> Result<Written, Box<dyn Error>> {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let mut ids = BTreeMap::new();
    for title in titles {
        let saved = finish(engine.save(noted(title, "old", "none")))?;
        assert_eq!(code(&finish(engine.sync())?), None);
        ids.insert((*title).to_owned(), saved.id);
    }
    Ok((node, engine, ids))
}

#[test]
fn what_the_node_took_and_lost_is_not_lost_to_a_queued_edit() -> Outcome {
    let (node, a, ids) = written(&["Bank"])?;
    let id = ids["Bank"];
    edit(&a, id, noted("Bank", "new", "none"))?;
    assert_eq!(code(&finish(a.sync())?), None);
    // A backup without the new password is restored, and the device edits something else.
    node.forget_writes(1);
    assert_eq!(code(&finish(a.sync())?), Some(ErrorCode::VaultRolledBack));
    edit(&a, id, noted("Bank", "new", "changed"))?;
    // Another device goes on from the backup.
    let c = Device::new(&node, 3).log_in(ADA)?;
    finish(c.sync())?;
    for title in ["One", "Two"] {
        edit(&c, id, noted(title, "old", "none"))?;
        assert_eq!(code(&finish(c.sync())?), None);
    }
    finish(a.repair())?;
    assert_eq!(
        lines(&a)?,
        ["Bank new", "Two (conflicted copy) old"],
        "both passwords are there"
    );
    assert_eq!((code(&finish(a.sync())?), pending(&a)), (None, 0));
    finish(c.sync())?;
    assert_eq!(lines(&c)?, lines(&a)?);
    Ok(())
}

#[test]
fn queued_writes_go_over_what_a_backup_has() -> Outcome {
    let (node, a, ids) = written(&["Bank", "Mail", "Shop"])?;
    edit(&a, ids["Bank"], noted("Bank", "two", "none"))?;
    finish(a.sync())?;
    node.forget_writes(1);
    // An edit, a deletion and a new item wait.
    edit(&a, ids["Bank"], noted("Bank", "three", "none"))?;
    finish(a.delete(ids["Mail"]))?;
    finish(a.save(login("New", "ada", "x", "https://a.test")))?;
    finish(a.repair())?;
    assert_eq!(lines(&a)?, ["Bank three", "New x", "Shop old"]);
    assert_eq!(pending(&a), 0);
    let new = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(lines(&new)?, lines(&a)?);
    Ok(())
}

#[test]
fn deletion_of_what_the_node_never_had_is_done() -> Outcome {
    let (node, a, ids) = written(&["Bank", "Mail"])?;
    finish(a.delete(ids["Mail"]))?;
    // The node goes back to before the item was made.
    node.forget_writes(1);
    assert_eq!(code(&finish(a.sync())?), Some(ErrorCode::VaultRolledBack));
    finish(a.repair())?;
    assert_eq!((code(&finish(a.sync())?), pending(&a)), (None, 0));
    assert_eq!(lines(&a)?, ["Bank old"]);
    Ok(())
}

#[test]
fn node_that_denies_an_item_which_it_has_shown_is_named() -> Outcome {
    let (node, a, ids) = written(&["Bank", "Mail"])?;
    node.lose(ids["Bank"]);
    finish(a.delete(ids["Bank"]))?;
    let report = finish(a.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultAltered));
    assert_eq!(pending(&a), 1, "it is not taken for done");
    finish(a.repair())?;
    assert_eq!((code(&finish(a.sync())?), pending(&a)), (None, 0));
    Ok(())
}

#[test]
fn deletion_that_a_restore_undid_gives_way_to_a_later_change() -> Outcome {
    let (node, a, ids) = written(&["Bank"])?;
    finish(a.delete(ids["Bank"]))?;
    finish(a.sync())?;
    node.forget_writes(1);
    let c = Device::new(&node, 3).log_in(ADA)?;
    finish(c.sync())?;
    edit(&c, ids["Bank"], bank("changed"))?;
    assert_eq!(code(&finish(c.sync())?), None);
    assert_eq!(code(&finish(a.sync())?), Some(ErrorCode::VaultRolledBack));
    finish(a.repair())?;
    assert_eq!(lines(&a)?, ["Bank changed"], "as everywhere else");
    assert!(finish(a.trash())?.items.is_empty(), "it is no deleted item");
    assert_eq!(code(&finish(a.sync())?), None);
    Ok(())
}

#[test]
fn edit_before_a_deletion_that_gives_way_stays() -> Outcome {
    let (node, a, ids) = written(&["Bank"])?;
    edit(&a, ids["Bank"], bank("unsent"))?;
    finish(a.delete(ids["Bank"]))?;
    let c = Device::new(&node, 3).log_in(ADA)?;
    finish(c.sync())?;
    for password in ["one", "two"] {
        edit(&c, ids["Bank"], bank(password))?;
        finish(c.sync())?;
    }
    finish(a.repair())?;
    assert_eq!(lines(&a)?, ["Bank (conflicted copy) unsent", "Bank two"]);
    Ok(())
}

#[test]
fn forged_tombstone_is_written_over() -> Outcome {
    let (node, a, _) = written(&["Bank", "Mail"])?;
    node.delete_items();
    assert_eq!(finish(a.sync())?.unreadable, 2);
    assert_eq!(finish(a.repair())?.sent, 2);
    assert_eq!(finish(a.sync())?.unreadable, 0);
    let new = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(lines(&new)?, ["Bank old", "Mail old"]);
    Ok(())
}

#[test]
fn lost_item_is_sent_again_and_signed() -> Outcome {
    let (node, a, ids) = written(&["Bank", "Mail", "Shop"])?;
    node.lose(ids["Mail"]);
    let new = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(new.sync())?), Some(ErrorCode::VaultAltered));
    let before = node.manifests();
    assert_eq!(finish(a.repair())?.sent, 1);
    assert_eq!(code(&finish(a.sync())?), None);
    assert_eq!(node.manifests(), before + 1);
    assert_eq!(code(&finish(new.sync())?), None, "for the other one too");
    assert_eq!(lines(&new)?, ["Bank old", "Mail old", "Shop old"]);
    Ok(())
}

#[test]
fn chain_that_was_lost_begins_anew() -> Outcome {
    let (node, a, _) = written(&["Bank", "Mail"])?;
    node.lose_manifests();
    assert_eq!(code(&finish(a.sync())?), Some(ErrorCode::VaultRolledBack));
    finish(a.repair())?;
    assert_eq!(code(&finish(a.sync())?), None);
    assert_eq!(node.manifests(), 1);
    let new = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(lines(&new)?, lines(&a)?);
    Ok(())
}

#[test]
fn link_over_a_write_that_was_withheld_is_mended() -> Outcome {
    let (node, a, _) = written(&["Bank"])?;
    let device = Device::new(&node, 3);
    let b = device.log_in(ADA)?;
    finish(b.sync())?;
    // B's write is signed by nobody, and A does not get to see it.
    finish(b.save(login("Mail", "ada", "b", "https://a.test")))?;
    device.transport.fail_path("/vault/manifest");
    finish(b.sync())?;
    node.tell([Lie::Withholds(2)]);
    finish(a.save(login("Shop", "ada", "a", "https://a.test")))?;
    for _ in 0..3 {
        finish(a.sync())?;
        node.clock().advance(61_000);
    }
    assert_eq!(node.manifests(), 2, "signed without it");
    node.tell(None);
    device.transport.fail_path("/nothing");
    for _ in 0..2 {
        assert_eq!(code(&finish(b.sync())?), Some(ErrorCode::VaultAltered));
    }
    finish(b.repair())?;
    assert_eq!(code(&finish(b.sync())?), None);
    assert_eq!(node.manifests(), 3);
    for engine in [&a, &Device::new(&node, 4).log_in(ADA)?] {
        // The first time it finds out that what it had read has a hole.
        finish(engine.sync())?;
        assert_eq!(code(&finish(engine.sync())?), None);
        assert_eq!(lines(engine)?, lines(&b)?);
    }
    Ok(())
}

#[test]
fn log_without_an_end_mends_nothing() -> Outcome {
    let (node, a, ids) = written(&["Bank", "Mail"])?;
    let b = Device::new(&node, 3).log_in(ADA)?;
    finish(b.sync())?;
    // What both have stands behind more than is read.
    node.add_junk(1, 1_000);
    edit(&b, ids["Bank"], bank("new"))?;
    finish(b.sync())?;
    node.limit_pages(1);
    assert!(finish(a.repair()).is_err());
    assert_eq!(pending(&a), 0, "nothing was taken for lost");
    Ok(())
}

#[test]
fn many_conflicts_are_settled_in_one_synchronisation() -> Outcome {
    let titles: Vec<String> = (0..10).map(|n| format!("Item {n}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let (node, a, ids) = written(&titles)?;
    for id in ids.values() {
        edit(&a, *id, bank("two"))?;
    }
    finish(a.sync())?;
    node.forget_writes(10);
    for id in ids.values() {
        edit(&a, *id, bank("three"))?;
    }
    finish(a.repair())?;
    assert_eq!((code(&finish(a.sync())?), pending(&a)), (None, 0));
    assert_eq!(lines(&a)?, vec!["Bank three"; 10]);
    Ok(())
}

#[test]
fn junk_that_fills_the_account_can_be_removed() -> Outcome {
    let (node, a, _) = written(&["Bank"])?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.sync())?;
    node.limit_items(20);
    node.add_junk(1, 19);
    assert_eq!(finish(a.sync())?.unreadable, 19);
    finish(a.save(login("Mail", "ada", "x", "https://a.test")))?;
    assert_eq!(code(&finish(a.sync())?), Some(ErrorCode::QuotaExceeded));
    assert_eq!(finish(a.remove_unreadable())?, 19);
    // What waits in front of the deletions goes through once they have.
    finish(a.sync())?;
    let report = finish(a.sync())?;
    assert_eq!(
        (code(&report), report.unreadable, pending(&a)),
        (None, 0, 0)
    );
    finish(other.sync())?;
    assert_eq!(finish(other.sync())?.unreadable, 0);
    assert_eq!(lines(&other)?, ["Bank old", "Mail x"]);
    assert_eq!(finish(a.remove_unreadable())?, 0);
    Ok(())
}

#[test]
fn what_is_here_is_not_removed_with_the_junk() -> Outcome {
    let (node, a, _) = written(&["Bank", "Mail"])?;
    node.add_junk(1, 1);
    assert_eq!(finish(a.sync())?.unreadable, 1);
    node.delete_items();
    assert_eq!(finish(a.sync())?.unreadable, 3);
    assert_eq!(
        finish(a.remove_unreadable())?,
        1,
        "the forged deletions are of items here"
    );
    assert_eq!(lines(&a)?, ["Bank old", "Mail old"]);
    Ok(())
}
