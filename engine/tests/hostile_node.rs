//! A node that shows another vault than it was given.

use std::error::Error;

use engine::{Engine, EngineError, SyncReport};
use proto::{
    bridge::popup::PartValue,
    error::ErrorCode,
    vault::{ItemDraft, SecretField, SecretText},
};
use testkit::{
    device::Device,
    items::{editing, login, numbered},
    node::{Lie, MemoryNode},
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";

fn titles(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let found = finish(engine.search("", 0, 200))?;
    Ok(found.items.into_iter().map(|item| item.title).collect())
}

fn save(engine: &Engine<Device>, title: &str) -> Outcome {
    finish(engine.save(login(title, "ada", "secret", "https://a.test")))?;
    Ok(())
}

fn code(report: &SyncReport) -> Option<ErrorCode> {
    report.problem.as_ref().map(|problem| problem.code)
}

/// A device that has written three items, of which the first was changed twice, and its node.
fn written() -> Result<(MemoryNode, Device, Engine<Device>), Box<dyn Error>> {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let draft = login("One", "ada", "secret", "https://a.test");
    let mut saved = finish(engine.save(draft.clone()))?;
    for _ in 0..2 {
        saved = finish(engine.save(editing(draft.clone(), saved.id, saved.version)))?;
    }
    save(&engine, "Two")?;
    save(&engine, "Three")?;
    assert_eq!(code(&finish(engine.sync())?), None);
    assert_eq!(node.manifests(), 1, "what was written is signed");
    Ok((node, device, engine))
}

#[test]
fn honest_node_is_believed() -> Outcome {
    let (node, _, engine) = written()?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    for round in 0..5 {
        for (name, engine) in [("a", &engine), ("b", &other)] {
            save(engine, &format!("{name}{round}"))?;
            assert_eq!(code(&finish(engine.sync())?), None);
        }
    }
    assert_eq!(code(&finish(engine.sync())?), None);
    assert_eq!(titles(&engine)?, titles(&other)?);
    assert_eq!(
        node.manifests(),
        11,
        "a link for each time that something was written"
    );
    // Nobody signs what was signed already.
    finish(other.sync())?;
    assert_eq!(node.manifests(), 11);
    Ok(())
}

#[test]
fn every_lie_to_a_new_device_is_noticed() -> Outcome {
    for lie in [
        Lie::Omits,
        Lie::ShowsOld,
        Lie::Reorders,
        Lie::ForgesManifest,
        Lie::Swaps,
        Lie::Replays,
    ] {
        let (node, _, _) = written()?;
        node.tell(Some(lie));
        let new = Device::new(&node, 3).log_in(ADA)?;
        let report = finish(new.sync())?;
        assert_eq!(code(&report), Some(ErrorCode::VaultAltered), "{lie:?}");
        let message = report.problem.map(|problem| problem.message);
        assert!(message.is_some_and(|text| text.contains("ask whoever runs the server")));
        node.tell(None);
        assert_eq!(code(&finish(new.sync())?), None, "{lie:?}: over");
    }
    Ok(())
}

#[test]
fn old_state_put_on_top_is_noticed_by_who_knows_better() -> Outcome {
    let (node, _, engine) = written()?;
    node.tell(Some(Lie::Replays));
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    assert_eq!(titles(&engine)?, ["One", "Three", "Two"]);
    Ok(())
}

#[test]
fn chain_that_is_hidden_is_missed() -> Outcome {
    let (node, _, engine) = written()?;
    node.tell(Some(Lie::HidesManifests));
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    Ok(())
}

#[test]
fn node_that_was_set_back_is_named_and_nothing_is_sent() -> Outcome {
    let (node, device, engine) = written()?;
    save(&engine, "Four")?;
    finish(engine.sync())?;
    node.forget_writes(1);
    save(&engine, "Five")?;
    let report = finish(engine.sync())?;
    assert_eq!(
        (code(&report), report.pushed),
        (Some(ErrorCode::VaultRolledBack), 0)
    );
    assert_eq!(titles(&engine)?, ["Five", "Four", "One", "Three", "Two"]);
    // Also for the worker that starts anew.
    drop(engine);
    let engine = device.open()?;
    assert_eq!(
        code(&finish(engine.sync())?),
        Some(ErrorCode::VaultRolledBack)
    );
    Ok(())
}

#[test]
fn other_line_that_grew_longer_is_noticed() -> Outcome {
    let (node, _, engine) = written()?;
    save(&engine, "Four")?;
    finish(engine.sync())?;
    node.forget_writes(1);
    // Somebody who does not know better goes on from there, past what the first device knows.
    let new = Device::new(&node, 3).log_in(ADA)?;
    for title in ["Five", "Six", "Seven"] {
        save(&new, title)?;
        assert_eq!(code(&finish(new.sync())?), None);
    }
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    Ok(())
}

#[test]
fn device_that_was_away_follows_the_chain() -> Outcome {
    let (node, _, engine) = written()?;
    let away = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(away.sync())?), None);
    for round in 0..12 {
        save(&engine, &format!("Item {round}"))?;
        finish(engine.sync())?;
    }
    assert_eq!(node.manifests(), 13);
    assert_eq!(code(&finish(away.sync())?), None);
    assert_eq!(titles(&away)?, titles(&engine)?);
    Ok(())
}

#[test]
fn what_nobody_signed_is_signed_by_who_finds_it() -> Outcome {
    let (node, device, engine) = written()?;
    // The device dies between its write and its signature.
    save(&engine, "Four")?;
    device.transport.fail_path("/vault/manifest");
    finish(engine.sync())?;
    assert_eq!(node.manifests(), 1);
    let other = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(
        code(&finish(other.sync())?),
        None,
        "it looks up what was signed"
    );
    assert_eq!(node.manifests(), 1, "the other one may still sign");
    node.clock().advance(61_000);
    assert_eq!(code(&finish(other.sync())?), None);
    assert_eq!(node.manifests(), 2);
    Ok(())
}

#[test]
fn node_that_was_restored_from_a_backup_gets_everything_again() -> Outcome {
    let (node, _, engine) = written()?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.sync())?;
    save(&engine, "Four")?;
    let found = finish(engine.search("Two", 0, 1))?.items[0].id;
    finish(engine.delete(found))?;
    finish(engine.sync())?;
    finish(other.sync())?;
    node.forget_writes(2);
    for engine in [&engine, &other] {
        let report = finish(engine.sync())?;
        assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    }
    let repaired = finish(engine.repair())?;
    assert_eq!(repaired.sent, 2);
    assert_eq!(titles(&engine)?, ["Four", "One", "Three"]);
    // The other device knows of the line that is gone, until its user says so too.
    assert_eq!(
        code(&finish(other.sync())?),
        Some(ErrorCode::VaultRolledBack)
    );
    finish(other.repair())?;
    assert_eq!(titles(&other)?, ["Four", "One", "Three"]);
    for engine in [&engine, &other, &Device::new(&node, 4).log_in(ADA)?] {
        assert_eq!(code(&finish(engine.sync())?), None);
        assert_eq!(titles(engine)?, ["Four", "One", "Three"]);
    }
    Ok(())
}

#[test]
fn what_two_lines_made_of_an_item_stays() -> Outcome {
    for (ours, theirs) in [(1, 1), (1, 2), (2, 1)] {
        let (node, _, engine) = written()?;
        let id = finish(engine.search("One", 0, 1))?.items[0].id;
        let change = |engine: &Engine<Device>, title: &str, times: usize| -> Outcome {
            for _ in 0..times {
                let version = finish(engine.item(id))?.version;
                let draft = login(title, "ada", title, "https://a.test");
                finish(engine.save(editing(draft, id, version)))?;
            }
            assert_eq!(code(&finish(engine.sync())?), None);
            Ok(())
        };
        change(&engine, "Ours", ours)?;
        node.forget_writes(ours);
        let new = Device::new(&node, 3).log_in(ADA)?;
        finish(new.sync())?;
        change(&new, "Theirs", theirs)?;
        finish(engine.repair())?;
        let all = titles(&engine)?;
        assert!(all.iter().any(|title| title.starts_with("Ours")), "{all:?}");
        let beside = all.iter().any(|title| title.starts_with("Theirs"));
        // Where ours is further on, theirs is what it was before.
        let versions = finish(engine.history(id, None))?.versions;
        let text = Some(PartValue::Text("Theirs".to_owned()));
        let changes = versions.iter().flat_map(|version| &version.changes);
        let before = changes.filter(|change| change.before == text).count() > 0;
        assert!(beside || before, "{ours} {theirs}: {all:?}");
    }
    Ok(())
}

#[test]
fn other_line_takes_nothing_from_who_knows_better() -> Outcome {
    let (node, _, engine) = written()?;
    let id = finish(engine.search("One", 0, 1))?.items[0].id;
    let edit = |engine: &Engine<Device>, title: &str| -> Outcome {
        let version = finish(engine.item(id))?.version;
        let draft = login(title, "ada", title, "https://a.test");
        finish(engine.save(editing(draft, id, version)))?;
        finish(engine.sync())?;
        Ok(())
    };
    edit(&engine, "Ours")?;
    // The node is set back, and the same item goes further there than here.
    node.forget_writes(1);
    let new = Device::new(&node, 3).log_in(ADA)?;
    finish(new.sync())?;
    for title in ["Theirs", "Theirs again", "Theirs at last"] {
        edit(&new, title)?;
    }
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    assert_eq!(
        titles(&engine)?,
        ["Ours", "Three", "Two"],
        "nothing was changed here"
    );
    finish(engine.repair())?;
    let all = titles(&engine)?;
    assert!(all.contains(&"Theirs at last".to_owned()), "{all:?}");
    assert!(all.iter().any(|title| title.starts_with("Ours")), "{all:?}");
    Ok(())
}

#[test]
fn one_lie_after_another_is_noticed_too() -> Outcome {
    let (node, _, _) = written()?;
    node.tell(Some(Lie::Omits));
    let device = Device::new(&node, 3);
    let new = device.log_in(ADA)?;
    for lie in [Lie::Omits, Lie::ForgesManifest, Lie::ShowsOld] {
        node.tell(Some(lie));
        for _ in 0..2 {
            let report = finish(new.sync())?;
            assert_eq!(code(&report), Some(ErrorCode::VaultAltered), "{lie:?}");
            node.clock().advance(61_000);
        }
    }
    assert_eq!(node.manifests(), 1, "what was not compared is not signed");
    drop(new);
    let new = device.open()?;
    assert_eq!(code(&finish(new.sync())?), Some(ErrorCode::VaultAltered));
    node.tell(None);
    assert_eq!(code(&finish(new.sync_now())?), None);
    assert_eq!(titles(&new)?, ["One", "Three", "Two"]);
    Ok(())
}

#[test]
fn new_device_signs_nothing_where_no_chain_is_shown() -> Outcome {
    let (node, _, _) = written()?;
    node.tell(Some(Lie::HidesManifests));
    let new = Device::new(&node, 3).log_in(ADA)?;
    for _ in 0..3 {
        save(&new, "Mine")?;
        finish(new.sync())?;
        node.clock().advance(61_000);
    }
    assert_eq!(node.manifests(), 1);
    Ok(())
}

#[test]
fn forged_link_is_told_and_holds_up_nothing() -> Outcome {
    for lie in [Lie::ForgesManifest, Lie::ForgesFarAhead] {
        // With nothing new behind it, with something, and with a change of the same item.
        for news in 0..3 {
            let (node, _, engine) = written()?;
            let other = Device::new(&node, 3).log_in(ADA)?;
            finish(other.sync())?;
            let id = finish(engine.search("Two", 0, 1))?.items[0].id;
            let change = |engine: &Engine<Device>, title: &str, password: &str| -> Outcome {
                let draft = login(title, "ada", password, "https://a.test");
                let edits = finish(engine.edit(id))?.edits;
                finish(engine.save(ItemDraft { edits, ..draft }))?;
                Ok(())
            };
            if news > 0 {
                save(&other, "Four")?;
            }
            if news > 1 {
                change(&other, "Two", "newer")?;
            }
            finish(other.sync())?;
            let signed = node.manifests();
            node.tell(Some(lie));
            save(&engine, "Five")?;
            change(&engine, "Second", "secret")?;
            let report = finish(engine.sync())?;
            let pushed = if news > 1 { 1 } else { 2 };
            let told = Some(ErrorCode::VaultAltered);
            assert_eq!(
                (code(&report), report.pushed),
                (told, pushed),
                "{lie:?} {news}"
            );
            assert_eq!(code(&finish(engine.sync())?), told);
            assert_eq!(titles(&engine)?, ["Five", "One", "Second", "Three"]);
            node.clock().advance(61_000);
            finish(engine.sync())?;
            assert_eq!(
                node.manifests(),
                signed,
                "what was not compared is not signed"
            );
            node.tell(None);
            for _ in 0..2 {
                for engine in [&engine, &other] {
                    assert_eq!(code(&finish(engine.sync())?), None);
                    node.clock().advance(61_000);
                }
            }
            assert!(node.manifests() > signed);
            let mut want = vec!["Five", "Four", "One", "Second", "Three"];
            want.retain(|title| news > 0 || *title != "Four");
            for engine in [&engine, &other] {
                assert_eq!(titles(engine)?, want);
                let password = finish(engine.reveal(id, &SecretField::Password))?.value;
                let newer = SecretText::new(if news > 1 { "newer" } else { "secret" });
                assert!(password == newer, "both changes are there");
            }
        }
    }
    Ok(())
}

#[test]
fn forged_link_holds_up_nothing_of_a_new_device() -> Outcome {
    let (node, _, _) = written()?;
    node.tell(Some(Lie::ForgesManifest));
    let new = Device::new(&node, 3).log_in(ADA)?;
    save(&new, "Mine")?;
    let report = finish(new.sync())?;
    let told = Some(ErrorCode::VaultAltered);
    assert_eq!((code(&report), report.pushed), (told, 1));
    assert_eq!(titles(&new)?, ["Mine"], "nothing is taken over");
    node.clock().advance(61_000);
    finish(new.sync())?;
    assert_eq!(node.manifests(), 1);
    node.tell(None);
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(titles(&new)?, ["Mine", "One", "Three", "Two"]);
    Ok(())
}

/// How often a device asked for something.
fn asked(device: &Device, what: &str) -> usize {
    let seen = device.transport.seen();
    seen.iter().filter(|line| line.contains(what)).count()
}

#[test]
fn whole_log_is_read_again_in_growing_pauses() -> Outcome {
    let (node, _, engine) = written()?;
    node.tell(Some(Lie::Omits));
    let device = Device::new(&node, 3);
    let new = device.log_in(ADA)?;
    let reads = || asked(&device, "since=0");
    let mut saved = 0;
    let mut altered = |engine: &Engine<Device>| -> Outcome {
        for _ in 0..3 {
            saved += 1;
            save(engine, &format!("Mine {saved}"))?;
            let report = finish(engine.sync())?;
            let told = Some(ErrorCode::VaultAltered);
            assert_eq!((code(&report), report.pushed), (told, 1));
        }
        Ok(())
    };
    altered(&new)?;
    assert_eq!(reads(), 2, "once more, and at once");
    // It is remembered over the worker's death.
    drop(new);
    let new = device.open()?;
    altered(&new)?;
    assert_eq!(reads(), 2);
    for (minutes, want) in [(1, 3), (1, 3), (1, 4), (2, 4), (2, 5)] {
        node.clock().advance(minutes * 60_000);
        altered(&new)?;
        assert_eq!(reads(), want);
    }
    // Another link is compared with what was read, and is no reason to read it again.
    let signed = node.manifests();
    node.tell(None);
    save(&engine, "Four")?;
    finish(engine.sync())?;
    assert_eq!(node.manifests(), signed + 1);
    altered(&new)?;
    assert_eq!(reads(), 5);
    // The user may wait no longer.
    assert_eq!(code(&finish(new.sync_now())?), None);
    assert_eq!(reads(), 6);
    finish(engine.sync())?;
    assert_eq!(titles(&new)?, titles(&engine)?);
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(reads(), 6);
    Ok(())
}

#[test]
fn many_unsigned_changes_are_compared_step_by_step_and_signed() -> Outcome {
    const ITEMS: u32 = 300;
    let node = MemoryNode::new(1);
    let first = Device::new(&node, 2);
    let engine = first.create(ADA)?;
    let saved: Vec<_> = (0..ITEMS)
        .map(|n| finish(engine.save(numbered(n))))
        .collect::<Result<_, _>>()?;
    finish(engine.sync())?;
    assert_eq!(node.manifests(), 1);
    // The device dies for good between its writes and its signature.
    first.transport.fail_path("/vault/manifest");
    for (n, saved) in (0..ITEMS).zip(saved) {
        let draft = numbered(n + ITEMS);
        finish(engine.save(editing(draft, saved.id, saved.version)))?;
    }
    assert_eq!(finish(engine.sync())?.pushed, ITEMS);
    drop(engine);

    let device = Device::new(&node, 3);
    let other = device.log_in(ADA)?;
    let looked_up = || asked(&device, "/versions?");
    assert_eq!(code(&finish(other.sync())?), None);
    assert_eq!(looked_up(), 256, "a bounded number at once");
    node.clock().advance(61_000);
    finish(other.sync())?;
    assert_eq!(looked_up(), 300, "and none twice");
    assert_eq!(node.manifests(), 1);
    node.clock().advance(61_000);
    assert_eq!(code(&finish(other.sync())?), None);
    assert_eq!((looked_up(), node.manifests()), (300, 2));
    Ok(())
}

#[test]
fn links_with_lower_numbers_are_another_line() -> Outcome {
    let (node, _, engine) = written()?;
    let away = Device::new(&node, 3).log_in(ADA)?;
    let more = |from: usize, to: usize| -> Outcome {
        for round in from..to {
            save(&engine, &format!("Item {round}"))?;
            assert_eq!(code(&finish(engine.sync())?), None);
        }
        Ok(())
    };
    more(0, 4)?;
    assert_eq!(code(&finish(away.sync())?), None);
    more(4, 8)?;
    for lie in [Lie::ShowsOldManifest, Lie::RepeatsManifests] {
        node.tell(Some(lie));
        let before = titles(&away)?;
        let report = finish(away.sync())?;
        assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack), "{lie:?}");
        assert_eq!(titles(&away)?, before, "nothing is taken over");
    }
    node.tell(None);
    assert_eq!(code(&finish(away.sync())?), None);
    Ok(())
}

#[test]
fn log_with_more_items_than_a_vault_can_have_is_refused() -> Outcome {
    let (node, device, engine) = written()?;
    drop(engine);
    // Five times as many as a vault holds, as if they had been read before: id and head each.
    for bucket in 0..=255_u8 {
        let entry = |n: u32| {
            let mut bytes = [0_u8; 64];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            bytes[15] = bucket;
            bytes[23] = 1;
            bytes[31] = 1;
            bytes
        };
        let value: Vec<u8> = (0..977).flat_map(entry).collect();
        device
            .store
            .tamper(&format!("head/{bucket:02x}"), Some(value));
    }
    let engine = device.open()?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    save(&other, "One too many")?;
    finish(other.sync())?;
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::NodeMisbehaved));
    assert_eq!(titles(&engine)?, ["One", "Three", "Two"]);
    Ok(())
}

#[test]
fn link_under_a_key_that_nobody_has_is_told_of() -> Outcome {
    let (node, _, engine) = written()?;
    node.tell([Lie::ForeignKey, Lie::Withholds(4)]);
    let new = Device::new(&node, 3).log_in(ADA)?;
    for engine in [&engine, &new] {
        for _ in 0..2 {
            let report = finish(engine.sync())?;
            assert_eq!(code(&report), Some(ErrorCode::VaultKeyMissing));
            node.clock().advance(61_000);
        }
        save(engine, "More")?;
        finish(engine.sync())?;
        // Nor does the user go on from there: there is no key that was lost.
        assert!(finish(engine.repair()).is_err());
        for _ in 0..2 {
            let report = finish(engine.sync())?;
            assert_eq!(code(&report), Some(ErrorCode::VaultKeyMissing));
        }
    }
    assert_eq!(node.manifests(), 1, "what cannot be judged is not signed");
    node.tell(None);
    for engine in [&engine, &new] {
        finish(engine.sync())?;
        assert_eq!(code(&finish(engine.sync())?), None);
    }
    Ok(())
}

#[test]
fn node_that_forgets_what_it_would_be_compared_with_is_told_of() -> Outcome {
    let (node, device, engine) = written()?;
    let known = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(known.sync())?), None);
    let id = finish(engine.search("One", 0, 1))?.items[0].id;
    let raise = || -> Outcome {
        let version = finish(engine.item(id))?.version;
        let draft = login("One", "ada", "newer", "https://a.test");
        finish(engine.save(editing(draft, id, version)))?;
        finish(engine.sync())?;
        Ok(())
    };
    // Signed, and then raised above the link once more.
    raise()?;
    device.transport.fail_path("/vault/manifest");
    raise()?;
    // "Two" is not there, and what "One" was when it was signed is not either.
    node.tell([Lie::Withholds(4), Lie::ForgetsVersions]);
    let new = Device::new(&node, 4);
    let engine = new.log_in(ADA)?;
    let report = finish(engine.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultUnproven), "at once");
    drop(engine);
    let report = finish(new.open()?.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultUnproven));
    // Who has compared before waits for the next link, but not for ever.
    assert_eq!(code(&finish(known.sync())?), None);
    node.clock().advance(5 * 60_000);
    let report = finish(known.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultUnproven));
    assert_eq!(node.manifests(), 2);
    node.tell(None);
    assert_eq!(code(&finish(known.sync())?), None);
    Ok(())
}

#[test]
fn vault_without_a_chain_is_told_of_and_repaired() -> Outcome {
    let (node, _, _) = written()?;
    node.lose_manifests();
    let new = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(code(&finish(new.sync())?), None, "it may be signed soon");
    node.clock().advance(5 * 60_000);
    let report = finish(new.sync())?;
    assert_eq!(code(&report), Some(ErrorCode::VaultUnproven));
    finish(new.repair())?;
    assert_eq!(code(&finish(new.sync())?), None);
    assert_eq!(node.manifests(), 1);
    Ok(())
}

#[test]
fn empty_log_without_a_chain_makes_nobody_the_first() -> Outcome {
    let (node, _, _) = written()?;
    node.tell([Lie::Empty]);
    let new = Device::new(&node, 3).log_in(ADA)?;
    finish(new.sync())?;
    node.tell([Lie::HidesManifests]);
    for _ in 0..3 {
        save(&new, "Mine")?;
        finish(new.sync())?;
        node.clock().advance(61_000);
    }
    assert_eq!(node.manifests(), 1);
    Ok(())
}
