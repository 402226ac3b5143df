//! Two devices and one node, in all weathers.

use std::{collections::BTreeMap, error::Error};

use engine::{Engine, EngineError};
use proto::{
    bridge::popup::{AppStatus, NodeState},
    error::ErrorCode,
    ids::ItemId,
    vault::SecretField,
};
use testkit::{
    device::Device,
    items::{editing, login, numbered},
    node::MemoryNode,
    run::{both, finish, until_death},
    store::Fault,
    transport::Outage,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";

struct Pair {
    node: MemoryNode,
    devices: [Device; 2],
    engines: [Engine<Device>; 2],
}

/// Two devices of one account.
fn pair() -> Result<Pair, EngineError> {
    let node = MemoryNode::new(1);
    let devices = [Device::new(&node, 2), Device::new(&node, 3)];
    let engines = [devices[0].create(ADA)?, devices[1].log_in(ADA)?];
    Ok(Pair {
        node,
        devices,
        engines,
    })
}

/// Title and password of every item, by id.
fn contents(engine: &Engine<Device>) -> Result<BTreeMap<ItemId, (String, String)>, EngineError> {
    let found = finish(engine.search("", 0, 200))?;
    let open = |item: proto::vault::ItemSummary| {
        let password = finish(engine.reveal(item.id, &SecretField::Password))?.value;
        // EXPOSE: a test looks at it.
        Ok((item.id, (item.title, password.expose_secret().to_owned())))
    };
    found.items.into_iter().map(open).collect()
}

/// `title password` of every item, sorted.
fn lines(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let mut lines: Vec<_> = contents(engine)?
        .into_values()
        .map(|(title, password)| format!("{title} {password}"))
        .collect();
    lines.sort();
    Ok(lines)
}

fn pending(engine: &Engine<Device>) -> u32 {
    match finish(engine.status()) {
        AppStatus::Unlocked { pending, .. } => pending,
        _ => u32::MAX,
    }
}

/// Synchronises both until nothing moves.
fn settle(engines: &[Engine<Device>; 2]) -> Outcome {
    for _ in 0..3 {
        for engine in engines {
            let report = finish(engine.sync())?;
            assert_eq!(report.problem, None);
            assert_eq!(report.node, NodeState::Online);
        }
    }
    Ok(())
}

/// A pull does not wait for the disk. Where the power fails then, it is done again, and nothing else is:
/// nothing of this device's own is lost, doubled or taken for another vault.
#[test]
fn power_that_fails_after_a_pull_costs_a_pull() -> Outcome {
    let Pair {
        devices: [_, device],
        engines: [a, b],
        ..
    } = pair()?;
    let mut engine = b;
    let mut all = Vec::new();
    for round in 0..3 {
        let theirs = format!("theirs {round}");
        finish(a.save(login(&theirs, "ada", "one", "https://a.test")))?;
        finish(a.sync())?;
        // After the pull, before what was signed of it is noted.
        device.store.die_at(2, Fault::DiesBefore);
        assert!(until_death(engine.sync()).is_none(), "it dies");
        assert!(device.store.lose_power(), "the pull is gone");
        engine = device.open()?;
        assert_eq!(lines(&engine)?, all, "and nothing but the pull");
        assert_eq!(finish(engine.sync())?.pulled, 1);
        // What the user writes on top of a pull is on the disk when it is said to be saved.
        let mine = format!("mine {round}");
        finish(engine.save(login(&mine, "ada", "two", "https://b.test")))?;
        assert!(!device.store.lose_power(), "a saved login is on the disk");
        engine = device.open()?;
        all.extend([format!("{mine} two"), format!("{theirs} one")]);
        all.sort();
        assert_eq!(lines(&engine)?, all);
        let report = finish(engine.sync())?;
        assert_eq!((report.problem, report.conflicts), (None, 0));
        finish(a.sync())?;
    }
    assert_eq!(lines(&a)?, all);
    settle(&[a, engine])
}

#[test]
fn what_one_writes_the_other_reads() -> Outcome {
    let Pair {
        engines: [a, b], ..
    } = pair()?;
    let saved = finish(a.save(login("Orchard", "ada", "one", "https://orchard.test")))?;
    assert_eq!(finish(a.sync())?.pushed, 1);
    assert_eq!(finish(b.sync())?.pulled, 1);
    assert_eq!(lines(&b)?, ["Orchard one"]);
    finish(b.save(editing(
        login("Orchard", "ada", "two", "https://orchard.test"),
        saved.id,
        saved.version,
    )))?;
    finish(b.sync())?;
    finish(a.sync())?;
    assert_eq!(lines(&a)?, ["Orchard two"]);
    finish(a.delete(saved.id))?;
    finish(a.sync())?;
    finish(b.sync())?;
    assert_eq!(lines(&b)?, Vec::<String>::new());
    finish(b.undelete(saved.id))?;
    finish(b.sync())?;
    finish(a.sync())?;
    assert_eq!(lines(&a)?, ["Orchard two"]);
    Ok(())
}

#[test]
fn what_came_is_shown_before_anything_else_is_done() -> Outcome {
    let Pair {
        engines: [a, b], ..
    } = pair()?;
    finish(a.save(login("Orchard", "ada", "one", "https://orchard.test")))?;
    finish(a.sync())?;
    let (mut told, mut shown) = (vec![], vec![]);
    finish(b.sync_telling(|report| {
        told.push(report.pulled);
        shown.push(lines(&b).unwrap_or_default());
    }))?;
    // After the pull, and at the end.
    assert_eq!(told, [1, 1]);
    assert_eq!(shown[0], ["Orchard one"]);
    Ok(())
}

#[test]
fn large_vault_comes_in_pages() -> Outcome {
    let Pair {
        engines: [a, b],
        devices,
        ..
    } = pair()?;
    for n in 0..250 {
        finish(a.save(numbered(n)))?;
    }
    assert_eq!(finish(a.sync())?.pushed, 250);
    assert_eq!(finish(b.sync())?.pulled, 250);
    assert_eq!(finish(b.search("", 0, 1))?.total, 250);
    let pages = devices[1]
        .transport
        .seen()
        .iter()
        .filter(|line| line.contains("/vault?"))
        .count();
    assert_eq!(pages, 3);
    assert_eq!(finish(a.sync())?.pulled, 0, "one's own writes are no news");
    Ok(())
}

#[test]
fn both_edit_and_nothing_is_lost() -> Outcome {
    let Pair { engines, .. } = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(login("Bank", "ada", "old", "https://bank.test")))?;
    settle(&engines)?;
    finish(a.save(editing(
        login("Bank", "ada", "from a", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    finish(b.save(editing(
        login("Bank", "ada", "from b", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    finish(a.sync())?;
    let report = finish(b.sync())?;
    assert_eq!(report.conflicts, 1);
    settle(&engines)?;
    assert_eq!(lines(a)?, ["Bank (conflicted copy) from b", "Bank from a"]);
    assert_eq!(lines(b)?, lines(a)?);
    assert_eq!((pending(a), pending(b)), (0, 0));
    Ok(())
}

#[test]
fn edit_against_deletion_loses_nothing() -> Outcome {
    for (a_deletes, want) in [
        (true, ["Bank (conflicted copy) edited"]),
        (false, ["Bank edited"]),
    ] {
        let Pair { engines, .. } = pair()?;
        let saved = finish(engines[0].save(login("Bank", "ada", "old", "https://bank.test")))?;
        settle(&engines)?;
        let (deleter, editor) = if a_deletes { (0, 1) } else { (1, 0) };
        finish(engines[deleter].delete(saved.id))?;
        let edit = editing(
            login("Bank", "ada", "edited", "https://bank.test"),
            saved.id,
            saved.version,
        );
        finish(engines[editor].save(edit))?;
        // The first device always reaches the node first.
        settle(&engines)?;
        assert_eq!(lines(&engines[0])?, want);
        assert_eq!(lines(&engines[1])?, want);
    }
    Ok(())
}

#[test]
fn both_delete_and_that_is_that() -> Outcome {
    let Pair { engines, .. } = pair()?;
    let saved = finish(engines[0].save(login("Bank", "ada", "old", "https://bank.test")))?;
    settle(&engines)?;
    finish(engines[0].delete(saved.id))?;
    finish(engines[1].delete(saved.id))?;
    settle(&engines)?;
    assert_eq!(lines(&engines[0])?, Vec::<String>::new());
    assert_eq!((pending(&engines[0]), pending(&engines[1])), (0, 0));
    Ok(())
}

#[test]
fn writes_wait_while_the_node_is_away() -> Outcome {
    let Pair {
        engines: [a, b],
        devices,
        ..
    } = pair()?;
    devices[0].transport.set_outage(Outage::Away);
    let saved = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    finish(a.save(editing(
        login("Bank", "ada", "two", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    finish(a.save(login("Mail", "ada", "three", "https://mail.test")))?;
    let report = finish(a.sync())?;
    assert_eq!((report.node, report.pushed), (NodeState::Offline, 0));
    assert_eq!(pending(&a), 3);
    let a = devices[0].open()?;
    assert_eq!(pending(&a), 3, "they outlive the worker");
    devices[0].transport.set_outage(Outage::None);
    assert_eq!(finish(a.sync())?.pushed, 3);
    finish(b.sync())?;
    assert_eq!(lines(&b)?, ["Bank two", "Mail three"]);
    Ok(())
}

#[test]
fn lost_answers_make_no_copies() -> Outcome {
    let Pair {
        engines, devices, ..
    } = pair()?;
    let a = &engines[0];
    finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    // The pull's answer arrives, the push's does not.
    let breaking = async {
        for _ in 0..8 {
            testkit::run::pause().await;
            if devices[0]
                .transport
                .seen()
                .iter()
                .any(|line| line.starts_with("PUT"))
            {
                break;
            }
            if devices[0]
                .transport
                .seen()
                .iter()
                .any(|line| line.contains("/vault?"))
            {
                devices[0].transport.set_outage(Outage::AnswersLost);
            }
        }
    };
    let (report, ()) = both(a.sync(), breaking);
    assert_eq!(report?.node, NodeState::Offline);
    devices[0].transport.set_outage(Outage::None);
    settle(&engines)?;
    assert_eq!(lines(&engines[1])?, ["Bank one"]);
    assert_eq!(lines(a)?, ["Bank one"]);
    assert_eq!(pending(a), 0);
    Ok(())
}

#[test]
fn worker_may_die_at_any_commit_of_a_synchronisation() -> Outcome {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for n in 1..=8 {
            let Pair {
                engines: [a, b],
                devices,
                ..
            } = pair()?;
            let shared = finish(a.save(login("Bank", "ada", "old", "https://bank.test")))?;
            finish(a.sync())?;
            finish(b.sync())?;
            finish(a.save(editing(
                login("Bank", "ada", "from a", "https://bank.test"),
                shared.id,
                shared.version,
            )))?;
            finish(a.save(login("Only a", "ada", "x", "https://a.test")))?;
            finish(a.sync())?;
            finish(b.save(editing(
                login("Bank", "ada", "from b", "https://bank.test"),
                shared.id,
                shared.version,
            )))?;
            finish(b.save(login("Only b", "ada", "y", "https://b.test")))?;
            devices[1].store.die_at(n, fault);
            let died = until_death(b.sync()).is_none();
            let b = devices[1].open()?;
            let engines = [a, b];
            settle(&engines)?;
            let want = [
                "Bank (conflicted copy) from b",
                "Bank from a",
                "Only a x",
                "Only b y",
            ];
            assert_eq!(lines(&engines[0])?, want, "{fault:?} at {n}, died: {died}");
            assert_eq!(lines(&engines[1])?, want, "{fault:?} at {n}, died: {died}");
            assert_eq!(pending(&engines[1]), 0);
        }
    }
    Ok(())
}

#[test]
fn worker_may_die_while_it_waits_for_the_node() -> Outcome {
    let Pair {
        engines: [a, _],
        devices,
        ..
    } = pair()?;
    finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    devices[0].transport.set_outage(Outage::Death);
    assert!(until_death(a.sync()).is_none());
    devices[0].transport.set_outage(Outage::None);
    // The same engine, whose run was dropped, and a new one: neither believes that a run is on.
    assert_eq!(finish(a.sync())?.pushed, 1);
    assert_eq!(pending(&devices[0].open()?), 0);
    Ok(())
}

#[test]
fn saving_goes_on_during_a_synchronisation() -> Outcome {
    let Pair { engines, .. } = pair()?;
    let [a, b] = &engines;
    let saved = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    let edit = editing(
        login("Bank", "ada", "two", "https://bank.test"),
        saved.id,
        saved.version,
    );
    let (report, edited) = both(a.sync(), async {
        testkit::run::pause().await;
        let edited = a.save(edit).await;
        // Asked for while one is running: it returns at once, and the other runs once more.
        a.sync().await.map(|_| edited)
    });
    assert_eq!(report?.problem, None);
    edited??;
    settle(&engines)?;
    assert_eq!(lines(b)?, ["Bank two"]);
    assert_eq!(pending(a), 0);
    Ok(())
}

#[test]
fn answer_for_an_account_that_left_changes_nothing_of_the_next() -> Outcome {
    let Pair {
        devices, engines, ..
    } = pair()?;
    let ([device, _], [a, b]) = (&devices, &engines);
    for pauses in 0..60 {
        // News for `a`, on top of what it has.
        finish(b.save(numbered(pauses)))?;
        finish(b.sync())?;
        device.transport.hold_next_answer(pauses);
        let (report, again) = both(a.sync(), async {
            testkit::run::pause().await;
            testkit::run::pause().await;
            a.remove_account().await?;
            device.begin_again(a, ADA).await
        });
        assert!(
            matches!(
                report,
                Ok(_) | Err(EngineError::NoAccount | EngineError::Locked)
            ),
            "{report:?}"
        );
        again?;
        assert_eq!(finish(a.sync())?.problem, None, "after {pauses}");
        assert_eq!(lines(a)?, lines(b)?, "after {pauses}");
    }
    Ok(())
}

#[test]
fn saving_does_not_wait_for_a_node_that_owes_a_history() -> Outcome {
    let Pair {
        devices, engines, ..
    } = pair()?;
    let ([device, _], [a, b]) = (&devices, &engines);
    let edit = |engine: &Engine<Device>, id, password: &str| -> Outcome {
        let version = finish(engine.item(id))?.version;
        let draft = login("Bank", "ada", password, "https://bank.test");
        finish(engine.save(editing(draft, id, version)))?;
        Ok(())
    };
    let saved = finish(a.save(login("Bank", "ada", "old", "https://bank.test")))?;
    settle(&engines)?;
    // A write waits, and the node is two versions ahead: whether it has arrived is asked.
    edit(a, saved.id, "from a")?;
    for password in ["one", "two"] {
        edit(b, saved.id, password)?;
        finish(b.sync())?;
    }
    device.transport.hold_answers_to(Some("/versions"));
    let (report, ()) = both(a.sync(), async {
        let asks = || device.transport.seen().last().cloned().unwrap_or_default();
        while !asks().contains("/versions") {
            testkit::run::pause().await;
        }
        assert!(
            a.save(login("Mail", "ada", "x", "https://mail.test"))
                .await
                .is_ok()
        );
        device.transport.hold_answers_to(None);
    });
    assert_eq!(report?.problem, None);
    settle(&engines)?;
    let want = ["Bank (conflicted copy) from a", "Bank two", "Mail x"];
    assert_eq!(
        (lines(a)?, lines(b)?),
        (
            want.map(str::to_owned).to_vec(),
            want.map(str::to_owned).to_vec()
        )
    );
    Ok(())
}

#[test]
fn damaged_items_are_told_and_do_not_stop_the_rest() -> Outcome {
    let Pair {
        node,
        engines: [a, b],
        ..
    } = pair()?;
    let saved = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    finish(a.sync())?;
    node.damage_items();
    finish(a.save(login("Mail", "ada", "two", "https://mail.test")))?;
    finish(a.sync())?;
    let report = finish(b.sync())?;
    assert_eq!((report.pulled, report.unreadable), (2, 1));
    assert_eq!(lines(&b)?, ["Mail two"]);
    let AppStatus::Unlocked { unreadable, .. } = finish(b.status()) else {
        return Err("locked".into());
    };
    assert_eq!(unreadable, 1);
    // The device that can still read it writes it anew, and all is well.
    finish(a.save(editing(
        login("Bank", "ada", "three", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    finish(a.sync())?;
    assert_eq!(finish(b.sync())?.unreadable, 0);
    assert_eq!(lines(&b)?, ["Bank three", "Mail two"]);
    Ok(())
}

#[test]
fn node_cannot_delete() -> Outcome {
    let Pair {
        node,
        engines: [a, b],
        ..
    } = pair()?;
    let saved = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    finish(a.sync())?;
    finish(b.sync())?;
    node.delete_items();
    for engine in [&a, &b] {
        assert_eq!(finish(engine.sync())?.unreadable, 1);
        assert_eq!(lines(engine)?, ["Bank one"]);
    }
    // Writing it anew puts everything right.
    let newer = login("Bank", "ada", "two", "https://bank.test");
    finish(a.save(editing(newer, saved.id, saved.version)))?;
    assert_eq!(finish(a.sync())?.problem, None);
    assert_eq!(finish(b.sync())?.unreadable, 0);
    assert_eq!(lines(&b)?, ["Bank two"]);
    Ok(())
}

#[test]
fn unreadable_version_takes_nothing_off_the_queue() -> Outcome {
    let Pair {
        node,
        engines: [a, b],
        ..
    } = pair()?;
    let bank = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    let mail = finish(a.save(login("Mail", "ada", "one", "https://mail.test")))?;
    finish(a.sync())?;
    finish(b.sync())?;
    // An edit and a deletion wait while the node puts rubbish over both items.
    let newer = login("Bank", "ada", "two", "https://bank.test");
    finish(a.save(editing(newer, bank.id, bank.version)))?;
    finish(a.delete(mail.id))?;
    node.delete_items();
    let report = finish(a.sync())?;
    assert_eq!((report.conflicts, report.problem), (0, None));
    assert_eq!(lines(&a)?, ["Bank two"], "no copies");
    assert_eq!((finish(a.sync())?.unreadable, pending(&a)), (0, 0));
    // The deletion cannot be told from the node's own: the other device keeps its item and says so.
    assert_eq!(finish(b.sync())?.unreadable, 1);
    assert_eq!(lines(&b)?, ["Bank two", "Mail one"]);
    Ok(())
}

#[test]
fn write_over_an_unreadable_version_goes_on_top() -> Outcome {
    let Pair {
        node,
        engines: [a, b],
        ..
    } = pair()?;
    let saved = finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    finish(a.sync())?;
    finish(b.sync())?;
    finish(a.save(editing(
        login("Bank", "ada", "two", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    finish(a.sync())?;
    node.damage_items();
    assert_eq!(finish(b.sync())?.unreadable, 1);
    assert_eq!(lines(&b)?, ["Bank one"], "what is here stays readable");
    finish(b.save(editing(
        login("Bank", "ada", "three", "https://bank.test"),
        saved.id,
        saved.version,
    )))?;
    let report = finish(b.sync())?;
    let problem = report.problem.map(|problem| problem.code);
    assert_eq!((problem, report.pushed), (Some(ErrorCode::VaultAltered), 1));
    assert_eq!(lines(&b)?, ["Bank three"]);
    finish(a.sync())?;
    assert_eq!(lines(&a)?, ["Bank three"]);
    // The device that knows what was damaged signs what came after it, and all is well.
    node.clock().advance(61_000);
    assert_eq!(finish(a.sync())?.problem, None);
    assert_eq!(finish(b.sync())?.problem, None);
    Ok(())
}

#[test]
fn node_that_goes_back_is_noticed() -> Outcome {
    let Pair {
        node,
        engines: [a, _],
        ..
    } = pair()?;
    finish(a.save(login("Bank", "ada", "one", "https://bank.test")))?;
    finish(a.save(login("Mail", "ada", "two", "https://mail.test")))?;
    finish(a.sync())?;
    node.forget_writes(1);
    let report = finish(a.sync())?;
    assert_eq!(
        report.problem.map(|problem| problem.code),
        Some(ErrorCode::VaultRolledBack)
    );
    assert_eq!(lines(&a)?, ["Bank one", "Mail two"], "nothing is lost here");
    Ok(())
}

#[test]
fn devices_converge_whatever_they_do() -> Outcome {
    for seed in 0..12 {
        let Pair {
            engines, devices, ..
        } = pair()?;
        let random = testkit::random::SeededRandom::new(seed);
        let mut secrets: Vec<String> = Vec::new();
        for step in 0..60 {
            let who = usize::try_from(random.next() % 2)?;
            let engine = &engines[who];
            let known: Vec<ItemId> = contents(engine)?.into_keys().collect();
            let pick = known
                .get(usize::try_from(random.next() % 64)? % known.len().max(1))
                .copied();
            match (random.next() % 10, pick) {
                (0..=2, _) | (_, None) => {
                    finish(engine.save(login(
                        &format!("new {step}"),
                        "ada",
                        &format!("s{step}"),
                        "https://a.test",
                    )))?;
                    secrets.push(format!("s{step}"));
                }
                (3..=5, Some(id)) => {
                    let view = finish(engine.item(id))?;
                    let draft = login(
                        &view.overview.title,
                        "ada",
                        &format!("s{step}"),
                        "https://a.test",
                    );
                    finish(engine.save(editing(draft, id, view.version)))?;
                    secrets.push(format!("s{step}"));
                }
                (6, _) => {
                    let outage = [Outage::None, Outage::Away][usize::try_from(random.next() % 2)?];
                    devices[who].transport.set_outage(outage);
                }
                (_, Some(_)) => {
                    finish(engine.sync())?;
                }
            }
        }
        for device in &devices {
            device.transport.set_outage(Outage::None);
        }
        settle(&engines)?;
        assert_eq!(
            contents(&engines[0])?,
            contents(&engines[1])?,
            "seed {seed}"
        );
        assert_eq!((pending(&engines[0]), pending(&engines[1])), (0, 0));
        // The last thing that was written anywhere is still to be found.
        let newest = secrets.last().ok_or("nothing was written")?;
        assert!(
            contents(&engines[0])?
                .values()
                .any(|(_, password)| password == newest),
            "seed {seed}"
        );
    }
    Ok(())
}

#[test]
fn when_it_was_alike_last_outlives_the_worker() -> Outcome {
    let Pair {
        node,
        devices,
        engines,
    } = pair()?;
    let synced_at = |engine: &Engine<Device>| match finish(engine.status()) {
        AppStatus::Unlocked { synced_at, .. } => synced_at,
        _ => None,
    };
    finish(engines[0].sync())?;
    let alike = synced_at(&engines[0]);
    assert_eq!(alike, Some(node.clock().now()));
    devices[0].transport.set_outage(Outage::Away);
    node.clock().advance(120_000);
    finish(engines[0].sync())?;
    assert_eq!(synced_at(&engines[0]), alike, "the node was not met");
    drop(engines);
    let engine = devices[0].open()?;
    assert_eq!(synced_at(&engine), alike);
    Ok(())
}

#[test]
fn store_is_not_written_for_every_look_at_the_node() -> Outcome {
    let Pair {
        node,
        devices,
        engines,
    } = pair()?;
    finish(engines[0].sync())?;
    let before = devices[0].store.commits();
    for _ in 0..11 {
        node.clock().advance(5_000);
        finish(engines[0].sync())?;
    }
    assert_eq!(devices[0].store.commits(), before);
    node.clock().advance(5_000);
    finish(engines[0].sync())?;
    assert_eq!(devices[0].store.commits(), before + 1);
    Ok(())
}
