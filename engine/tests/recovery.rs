//! Recovery words, the change of a password, and keys with passwords of their own.

use std::error::Error;

use engine::{Engine, EngineError, NodeError};
use proto::{
    bridge::popup::{AppStatus, KeyView, NodeState, RecoveryState, RecoveryWords},
    error::ErrorCode,
    ids::{ItemId, KeyNumber},
    limits::SESSION_IDLE_MS,
    vault::{SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    node::MemoryNode,
    run::{finish, until_death},
    store::Fault,
    transport::Outage,
};
use wasm_core::{
    kdf, key_wrap,
    keys::KeyPair,
    random::{Random, RandomError},
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const NEW: &str = "a whole new password";
const PASSWORD_URL: &str = "http://localhost:8787/api/v1/account/password";

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

/// The words as a user writes them down.
fn written(words: &RecoveryWords) -> SecretText {
    let words: Vec<&str> = words.words.iter().map(SecretText::expose_secret).collect();
    secret(&words.join(" "))
}

/// What a user types who has the words.
fn typed(words: &RecoveryWords) -> Vec<SecretText> {
    let places = words.asked.iter();
    places
        .map(|place| words.words[*place as usize - 1].clone())
        .collect()
}

fn confirmed(engine: &Engine<Device>) -> Result<SecretText, EngineError> {
    let words = finish(engine.recovery_words())?;
    finish(engine.confirm_recovery(&secret(PASSWORD), &typed(&words)))?;
    Ok(written(&words))
}

fn state(engine: &Engine<Device>) -> Option<RecoveryState> {
    match finish(engine.status()) {
        AppStatus::Unlocked { recovery, .. } => Some(recovery),
        _ => None,
    }
}

fn problem(engine: &Engine<Device>) -> Option<ErrorCode> {
    engine.work_problem().map(|error| error.code)
}

fn save(engine: &Engine<Device>, title: &str) -> Result<ItemId, EngineError> {
    let login = items::login(title, "ada", "p4ssw0rd", "https://example.com");
    finish(engine.save(login)).map(|saved| saved.id)
}

fn titles(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let found = finish(engine.search("", 0, 100))?;
    Ok(found.items.into_iter().map(|item| item.title).collect())
}

fn password_of(engine: &Engine<Device>, id: ItemId) -> Result<SecretText, EngineError> {
    Ok(finish(engine.reveal(id, &SecretField::Password))?.value)
}

fn unlocks(engine: &Engine<Device>, password: &str) -> bool {
    finish(engine.lock());
    finish(engine.unlock(&secret(password))).is_ok()
}

/// Makes words and confirms them with a password.
fn confirm_with(engine: &Engine<Device>, password: &str) -> Outcome {
    let words = finish(engine.recovery_words())?;
    finish(engine.confirm_recovery(&secret(password), &typed(&words)))?;
    Ok(())
}

#[test]
fn words_count_once_four_of_them_were_typed() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    assert_eq!(state(&engine), Some(RecoveryState::NotConfirmed));
    let words = finish(engine.recovery_words())?;
    assert_eq!((words.words.len(), words.asked.len()), (24, 4));
    assert!(words.asked.is_sorted_by(|one, next| one < next));
    assert!(words.asked.iter().all(|place| (1..=24).contains(place)));

    let mut wrong = typed(&words);
    wrong[2] = secret("pearvault");
    let refused = finish(engine.confirm_recovery(&secret(PASSWORD), &wrong));
    let place = words.asked[2];
    assert_eq!(refused.err(), Some(EngineError::WordsDiffer { place }));
    let refused = finish(engine.confirm_recovery(&secret(PASSWORD), &typed(&words)[..3]));
    let place = words.asked[3];
    assert_eq!(refused.err(), Some(EngineError::WordsDiffer { place }));
    let refused = finish(engine.confirm_recovery(&secret("another password"), &typed(&words)));
    assert_eq!(refused.err(), Some(EngineError::PasswordWrong));
    assert_eq!(state(&engine), Some(RecoveryState::NotConfirmed));

    let loud: Vec<_> = typed(&words)
        .iter()
        .map(|word| secret(&format!(" {} ", word.expose_secret().to_uppercase())))
        .collect();
    let view = finish(engine.confirm_recovery(&secret(PASSWORD), &loud))?;
    assert_eq!(view.state, RecoveryState::Confirmed);
    assert_eq!(view.confirmed_at, Some(device.clock.now()));
    assert_eq!(state(&engine), Some(RecoveryState::Confirmed));
    assert_eq!(device.session.slots(), ["unlocked"]);
    // It is remembered, and another device learns it from the node.
    assert_eq!(state(&device.open()?), Some(RecoveryState::Confirmed));
    let other = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(state(&other), Some(RecoveryState::Unknown));
    finish(other.recovery())?;
    assert_eq!(state(&other), Some(RecoveryState::Confirmed));
    Ok(())
}

#[test]
fn words_that_were_shown_wait_sealed_and_in_memory_only() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let words = finish(engine.recovery_words())?;
    assert_eq!(finish(engine.recovery_words())?, words);
    assert_eq!(device.session.slots(), ["unlocked", "words"]);
    let refused = |engine: &Engine<Device>| finish(engine.recovery_words()).err();

    finish(engine.lock());
    assert_eq!(refused(&engine), Some(EngineError::Locked));
    let engine = device.open()?;
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(finish(engine.recovery_words())?, words);

    device.session.end_browser();
    let engine = device.open()?;
    finish(engine.unlock(&secret(PASSWORD)))?;
    let gone = finish(engine.confirm_recovery(&secret(PASSWORD), &typed(&words)));
    assert_eq!(gone.err(), Some(EngineError::WordsGone));
    assert_ne!(finish(engine.recovery_words())?, words);
    Ok(())
}

#[test]
fn fresh_device_with_the_words_has_everything() -> Outcome {
    let node = MemoryNode::new(1);
    let old = Device::new(&node, 2);
    let engine = old.create(ADA)?;
    let id = save(&engine, "Orchard")?;
    finish(engine.sync())?;
    let words = confirmed(&engine)?;

    let fresh = Device::new(&node, 3);
    let recovered = fresh.recover(ADA, &words, NEW)?;
    finish(recovered.sync())?;
    assert_eq!(titles(&recovered)?, ["Orchard"]);
    assert_eq!(password_of(&recovered, id)?.expose_secret(), "p4ssw0rd");
    finish(recovered.recovery())?;
    assert_eq!(state(&recovered), Some(RecoveryState::Confirmed));
    assert!(unlocks(&recovered, NEW));
    assert!(!unlocks(&recovered, PASSWORD));

    // The old password opens nothing that is not on a device already.
    let third = Device::new(&node, 4).log_in(ADA)?;
    assert_eq!(problem(&third), Some(ErrorCode::CredentialsWrong));
    // The words go on to open the account.
    let again = Device::new(&node, 5).recover(ADA, &words, "and once more a new one")?;
    finish(again.sync())?;
    assert_eq!(titles(&again)?, ["Orchard"]);
    Ok(())
}

#[test]
fn old_device_learns_that_it_is_signed_out_and_opens_with_the_new_password() -> Outcome {
    let node = MemoryNode::new(1);
    let old = Device::new(&node, 2);
    let engine = old.create(ADA)?;
    save(&engine, "Orchard")?;
    finish(engine.sync())?;
    let words = confirmed(&engine)?;
    Device::new(&node, 3).recover(ADA, &words, NEW)?;

    // What waits there is not lost.
    save(&engine, "Offline")?;
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    for locked in [false, true] {
        if locked {
            finish(engine.lock());
        }
        let refused = finish(engine.begin_log_in(ADA, None, &secret(NEW), "Test"));
        assert_eq!(refused.err(), Some(EngineError::PasswordWrong));
    }
    finish(engine.begin_log_in_again(None, &secret("not that one"), "Test"))?;
    old.work(&engine)?;
    assert_eq!(problem(&engine), Some(ErrorCode::CredentialsWrong));
    finish(engine.unlock(&secret(PASSWORD)))?;
    finish(engine.begin_log_in_again(None, &secret(NEW), "Test"))?;
    old.work(&engine)?;
    let report = finish(engine.sync())?;
    assert_eq!((report.node, report.pushed), (NodeState::Online, 1));
    assert_eq!(titles(&engine)?.len(), 2);
    assert!(unlocks(&engine, NEW));
    assert!(!unlocks(&engine, PASSWORD));
    Ok(())
}

#[test]
fn device_of_the_account_recovers_too_and_keeps_what_waits() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let words = confirmed(&engine)?;
    device.transport.set_outage(Outage::Away);
    save(&engine, "Offline")?;
    device.transport.set_outage(Outage::None);
    finish(engine.lock());
    let engine = device.recover(ADA, &words, NEW)?;
    finish(engine.unlock(&secret(NEW)))?;
    assert_eq!(finish(engine.sync())?.pushed, 1);
    let refused = finish(engine.begin_recover("eve@localhost", None, &words, &secret(NEW), "Test"));
    assert_eq!(refused.err(), Some(EngineError::AccountExists));
    Ok(())
}

#[test]
fn wrong_words_are_refused() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let words = finish(engine.recovery_words())?;
    let device = Device::new(&node, 3);
    // Words that were never confirmed open nothing.
    let recovered = device.recover(ADA, &written(&words), NEW)?;
    assert_eq!(problem(&recovered), Some(ErrorCode::RecoveryWrong));
    confirmed(&engine)?;
    let others = Device::new(&node, 4).create("eve@localhost")?;
    let others = written(&finish(others.recovery_words())?);
    let recovered = device.recover(ADA, &others, NEW)?;
    assert_eq!(problem(&recovered), Some(ErrorCode::RecoveryWrong));

    let fresh = Device::new(&node, 5).open()?;
    let text = written(&words);
    let text = text.expose_secret();
    let (first, rest) = text.split_once(' ').ok_or("words")?;
    for (text, rule, place) in [
        (rest.to_owned(), "count", None),
        (format!("pear{first} {rest}"), "unknown", Some("1")),
        (format!("{rest} {first}"), "checksum", None),
    ] {
        let check = fresh.check_words(&secret(&text));
        let found = check.problem.ok_or("no problem")?;
        assert_eq!(found.code, ErrorCode::WordsInvalid);
        assert_eq!(found.params["rule"], rule);
        assert_eq!(found.params.get("place").map(String::as_str), place);
        let refused = finish(fresh.begin_recover(ADA, None, &secret(&text), &secret(NEW), "Test"));
        assert_eq!(
            refused.err().map(|e| e.code()),
            Some(ErrorCode::WordsInvalid)
        );
    }
    assert_eq!(fresh.check_words(&secret(text)).problem, None);
    let endless = fresh.check_words(&secret(&"abandon ".repeat(1000)));
    assert_eq!(endless.problem.map(|e| e.code), Some(ErrorCode::TooLarge));
    let weak = finish(fresh.begin_recover(ADA, None, &secret(text), &secret("short"), "Test"));
    assert_eq!(weak.err(), Some(EngineError::PasswordWeak));
    Ok(())
}

#[test]
fn newer_words_replace_the_older() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let (older, newer) = (confirmed(&engine)?, confirmed(&engine)?);
    assert_ne!(older, newer);
    let recovered = Device::new(&node, 3).recover(ADA, &older, NEW)?;
    assert_eq!(problem(&recovered), Some(ErrorCode::RecoveryWrong));
    let recovered = Device::new(&node, 4).recover(ADA, &newer, NEW)?;
    assert!(unlocks(&recovered, NEW));
    Ok(())
}

#[test]
fn node_may_die_between_the_two_steps_of_a_recovery() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    save(&engine, "Orchard")?;
    finish(engine.sync())?;
    let words = confirmed(&engine)?;

    // Before the new password was set: the old one holds.
    let device = Device::new(&node, 3);
    device.transport.serve(PASSWORD_URL, 502, "gone");
    let fresh = device.open()?;
    finish(fresh.begin_recover(ADA, None, &words, &secret(NEW), "Test"))?;
    let away = Err(EngineError::Node(NodeError::Unreachable));
    assert_eq!(device.work(&fresh), away);
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    Device::new(&node, 4).log_in(ADA)?;
    device.transport.stop_serving(PASSWORD_URL);

    // After it was set, and the answer lost; the worker dies as well.
    device.transport.lose_answers_to(Some("/account/password"));
    let fresh = device.open()?;
    device.work(&fresh)?;
    assert_eq!(device.work(&fresh), away);
    device.transport.lose_answers_to(None);
    let fresh = device.open()?;
    device.work(&fresh)?;
    device.work(&fresh)?;
    finish(fresh.sync())?;
    assert_eq!(titles(&fresh)?, ["Orchard"]);
    assert!(unlocks(&fresh, NEW));
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    Ok(())
}

#[test]
fn node_that_swaps_or_confuses_sealed_keys_is_noticed() -> Outcome {
    for spoil in [MemoryNode::swap_recovery_keys, MemoryNode::confuse_copies] {
        let node = MemoryNode::new(1);
        let engine = Device::new(&node, 2).create(ADA)?;
        let words = confirmed(&engine)?;
        confirmed(&Device::new(&node, 3).create("eve@localhost")?)?;
        spoil(&node);
        let recovered = Device::new(&node, 4).recover(ADA, &words, NEW)?;
        assert_eq!(problem(&recovered), Some(ErrorCode::Unreadable));
        // Nothing was changed by it.
        assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    }
    Ok(())
}

#[test]
fn words_that_the_node_made_up_are_none() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let made_up = r#"{"words":{"recoveryKey":{"loginHash":"0000000000000000000000000000000000000000000000000000000000000000","keyNumber":1,"sealed":"AQID"},"confirmedAt":7,"keys":[1]}}"#;
    let url = "http://localhost:8787/api/v1/account/recovery";
    device.transport.serve(url, 200, made_up);
    assert_eq!(
        finish(engine.recovery())?.state,
        RecoveryState::NotConfirmed
    );
    let words = finish(engine.recovery_words())?;
    let kept = finish(engine.confirm_recovery(&secret(PASSWORD), &typed(&words)));
    assert_eq!(kept.err(), Some(NodeError::Misbehaved.into()));
    // The words wait for a node that keeps them.
    device.transport.stop_serving(url);
    assert_eq!(finish(engine.recovery_words())?, words);
    Ok(())
}

#[test]
fn changed_password_opens_and_the_other_device_is_signed_out() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let words = confirmed(&engine)?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    let change = |from: &str, to: &str| finish(engine.change_password(&secret(from), &secret(to)));
    assert_eq!(
        change("no password", NEW).err(),
        Some(EngineError::PasswordWrong)
    );
    assert_eq!(
        change(PASSWORD, "short").err(),
        Some(EngineError::PasswordWeak)
    );
    change(PASSWORD, NEW)?;
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    assert_eq!(finish(other.sync())?.node, NodeState::SignedOut);
    assert!(unlocks(&engine, NEW));
    assert!(!unlocks(&engine, PASSWORD));
    // The words are what they were.
    let recovered = Device::new(&node, 4).recover(ADA, &words, "a third password")?;
    assert!(unlocks(&recovered, "a third password"));
    Ok(())
}

#[test]
fn change_whose_answer_was_lost_is_found_done() -> Outcome {
    for dies in [false, true] {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let mut engine = device.create(ADA)?;
        device.transport.lose_answers_to(Some("/account/password"));
        let change = |engine: &Engine<Device>| {
            finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))
        };
        assert_eq!(change(&engine).err(), Some(EngineError::PasswordUnsure));
        if dies {
            engine = device.open()?;
        }
        assert!(unlocks(&engine, PASSWORD));
        device.transport.lose_answers_to(None);
        // The session goes on under the token that the node has by now, and so does the vault.
        assert_eq!(finish(engine.sync())?.node, NodeState::Online);
        assert!(!unlocks(&engine, PASSWORD));
        assert!(unlocks(&engine, NEW));
        change(&engine)?;
        // Asked once more, as the popup does after the worker's death, it is done.
        change(&engine)?;
        let wrong = finish(engine.change_password(&secret(PASSWORD), &secret("a third password")));
        assert_eq!(wrong.err(), Some(EngineError::PasswordWrong));
        assert_eq!(finish(device.open()?.sync())?.node, NodeState::Online);
        // Nothing of it is half done: the node takes what opens the vault here.
        confirm_with(&engine, NEW)?;
        finish(engine.change_password(&secret(NEW), &secret("a third password")))?;
        assert!(unlocks(&engine, "a third password"));
    }
    Ok(())
}

#[test]
fn change_that_did_not_arrive_changes_nothing() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.transport.fail_path("/account/password");
    let change = || finish(engine.change_password(&secret(PASSWORD), &secret(NEW)));
    for _ in 0..2 {
        assert_eq!(change().err(), Some(EngineError::PasswordUnsure));
    }
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    assert!(unlocks(&engine, PASSWORD));
    // A renewal goes by the token that is still good, and forgets the other one.
    device.clock.advance(SESSION_IDLE_MS);
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    confirm_with(&engine, PASSWORD)?;
    Ok(())
}

#[test]
fn change_that_could_not_be_written_down_is_found_done() -> Outcome {
    // The note of the token before anything is sent, and the new keys afterwards.
    for (commit, sent) in [(1, false), (2, true)] {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.create(ADA)?;
        device.store.fail_at(commit);
        let change = || finish(engine.change_password(&secret(PASSWORD), &secret(NEW)));
        assert_eq!(
            change().err().map(|error| error.code()),
            Some(ErrorCode::StoreFailed)
        );
        let asked = |device: &Device| {
            let seen = device.transport.seen();
            seen.iter()
                .any(|asked| asked.ends_with("/account/password"))
        };
        assert_eq!(asked(&device), sent);
        assert_eq!(finish(device.open()?.sync())?.node, NodeState::Online);
        change()?;
        assert!(unlocks(&engine, NEW));
        assert_eq!(finish(device.open()?.sync())?.node, NodeState::Online);
    }
    Ok(())
}

#[test]
fn node_that_drops_a_key_gets_no_password() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    node.forget_keys();
    let changed = finish(engine.change_password(&secret(PASSWORD), &secret(NEW)));
    assert_eq!(changed.err(), Some(NodeError::Misbehaved.into()));
    Ok(())
}

/// The random source of a device, as `wasm-core` takes it.
struct Source<'a>(&'a Device);

impl Random for Source<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.random.fill(bytes);
        Ok(())
    }
}

/// A second key of the account that has a password of its own, as an older client left it.
fn add_locked_key(node: &MemoryNode, device: &Device, password: &str) -> Outcome {
    let pair = KeyPair::make(&mut Source(device))?;
    add_key(node, device, &pair, password)
}

fn add_key(node: &MemoryNode, device: &Device, pair: &KeyPair, password: &str) -> Outcome {
    let address = ADA.parse()?;
    let password = secret(password);
    let key = finish(kdf::derive_encryption_key(&device.kdf, &address, &password))?;
    let mut random = Source(device);
    let sealed = key_wrap::seal_key_pair(&key, &address, KeyNumber(2), pair, &mut random)?;
    node.add_key(&address, sealed);
    Ok(())
}

#[test]
fn key_with_a_password_of_its_own_stays_locked_until_that_is_given() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let first = device.create(ADA)?;
    let words = confirmed(&first)?;
    save(&first, "Under the first")?;
    finish(first.sync())?;
    add_locked_key(&node, &device, "the other password")?;

    let engine = Device::new(&node, 3).log_in(ADA)?;
    finish(engine.sync())?;
    let shown = |keys: Vec<KeyView>| -> Vec<(u32, bool)> {
        keys.iter().map(|key| (key.number.0, key.locked)).collect()
    };
    let listed = |engine: &Engine<Device>| finish(engine.keys()).map(|it| shown(it.keys));
    assert_eq!(listed(&engine)?, [(1, false), (2, true)]);
    assert_eq!(titles(&engine)?, ["Under the first"]);
    // A change of the password leaves it as it is.
    finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))?;
    assert_eq!(listed(&engine)?, [(1, false), (2, true)]);

    let open = |password: &str, other: &str| {
        finish(engine.open_keys(&secret(password), Some(&secret(other))))
    };
    let refused = open(NEW, "not this one").err();
    assert_eq!(refused, Some(EngineError::KeysLocked));
    let refused = open(PASSWORD, "the other password").err();
    assert_eq!(refused, Some(EngineError::PasswordWrong));
    let opened = open(NEW, "the other password")?;
    let all = [(1, false), (2, false), (3, false)];
    assert_eq!(shown(opened.keys), all);
    // It is written under the newest key now; both passwords are one, and no session ended.
    save(&engine, "Under the third")?;
    let report = finish(engine.sync())?;
    assert_eq!((report.node, report.unreadable), (NodeState::Online, 0));
    assert!(unlocks(&engine, NEW));
    assert_eq!(titles(&engine)?.len(), 2);
    // The words open it too, from now on.
    let recovered = Device::new(&node, 4).recover(ADA, &words, "a third password")?;
    finish(recovered.sync())?;
    assert_eq!(titles(&recovered)?.len(), 2);
    assert_eq!(listed(&recovered)?, all);
    Ok(())
}

#[test]
fn key_under_another_password_never_becomes_the_active_one() -> Outcome {
    for lost in [None, Some("/keys"), Some("/account/password")] {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.create(ADA)?;
        finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))?;
        // Whoever knows the password of before, the node too, can make such a key.
        add_locked_key(&node, &device, PASSWORD)?;
        let open = || finish(engine.open_keys(&secret(NEW), Some(&secret(PASSWORD))));
        if lost.is_some() {
            device.transport.lose_answers_to(lost);
            assert!(open().is_err());
            device.transport.lose_answers_to(None);
        }
        let opened = open()?.keys;
        let shown = |key: &KeyView| (key.number.0, key.locked, key.active);
        let shown: Vec<_> = opened.iter().map(shown).collect();
        assert_eq!(
            shown,
            [(1, false, false), (2, false, false), (3, false, true)]
        );
    }
    Ok(())
}

/// Two devices that have the first key. The second one has another beside it, and saves `Under the second`
/// with that; `stays_locked`: to others the node shows it under a password of its own.
fn second_key_on_another_device(
    stays_locked: bool,
) -> Result<(Device, Engine<Device>), Box<dyn Error>> {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    save(&engine, "Under the first")?;
    finish(engine.sync())?;
    let pair = KeyPair::make(&mut Source(&device))?;
    add_key(&node, &device, &pair, PASSWORD)?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.sync())?;
    save(&other, "Under the second")?;
    finish(other.sync())?;
    if stays_locked {
        let account: serde_json::Value =
            serde_json::from_slice(&device.store.contents()["account"])?;
        node.forget_keys();
        node.add_key(
            &ADA.parse()?,
            serde_json::from_value(account["keys"][0].clone())?,
        );
        add_key(&node, &device, &pair, "the other password")?;
    }
    let report = finish(engine.sync())?;
    assert_eq!((titles(&engine)?.len(), report.unreadable), (1, 1));
    Ok((device, engine))
}

/// That everything is there and opens.
fn has_both(engine: &Engine<Device>) -> Outcome {
    let report = finish(engine.sync())?;
    assert_eq!((titles(engine)?.len(), report.unreadable), (2, 0));
    Ok(())
}

#[test]
fn logging_in_again_brings_what_another_key_sealed() -> Outcome {
    for locked in [false, true] {
        let (device, engine) = second_key_on_another_device(false)?;
        if locked {
            finish(engine.lock());
        }
        finish(device.begin_again(&engine, ADA))?;
        if locked {
            finish(engine.unlock(&secret(PASSWORD)))?;
        }
        has_both(&engine)?;
    }
    Ok(())
}

#[test]
fn changing_the_password_brings_what_another_key_sealed() -> Outcome {
    for lost in [false, true] {
        let (device, engine) = second_key_on_another_device(false)?;
        let change = || finish(engine.change_password(&secret(PASSWORD), &secret(NEW)));
        if lost {
            device.transport.lose_answers_to(Some("/account/password"));
            assert!(change().is_err());
            device.transport.lose_answers_to(None);
        }
        change()?;
        has_both(&engine)?;
        assert!(unlocks(&engine, NEW));
        has_both(&engine)?;
    }
    Ok(())
}

#[test]
fn worker_that_dies_while_keys_are_opened_leaves_nothing_out() -> Outcome {
    let mut deaths = 0;
    for (commit, fault) in (1..5).flat_map(|n| [(n, Fault::DiesBefore), (n, Fault::DiesAfter)]) {
        let (device, engine) = second_key_on_another_device(true)?;
        device.store.die_at(commit, fault);
        let (password, other) = (secret(PASSWORD), secret("the other password"));
        let opened = until_death(engine.open_keys(&password, Some(&other)));
        deaths += u32::from(opened.is_none());
        // The worker that comes has the keys that the browser kept, the next unlocking all of them.
        let engine = device.open()?;
        finish(engine.sync())?;
        finish(engine.lock());
        finish(engine.unlock(&password))?;
        let unknown = finish(engine.keys())?.keys.iter().any(|key| key.locked);
        // The first commit keeps the key that is made before, the second the token that comes next, the
        // third what was opened.
        let is_kept = (commit, fault) == (3, Fault::DiesAfter);
        assert_eq!(unknown, opened.is_none() && !is_kept);
        if unknown {
            finish(engine.open_keys(&password, Some(&other)))?;
        }
        has_both(&engine)?;
    }
    assert_eq!(deaths, 6);
    Ok(())
}

#[test]
fn link_by_a_key_that_is_not_here_is_told_of_and_not_believed() -> Outcome {
    let (device, engine) = second_key_on_another_device(false)?;
    let signed = device.transport.node().manifests();
    assert_eq!(signed, 2, "the other device signs with the newer key");
    for _ in 0..3 {
        save(&engine, "Mine")?;
        let report = finish(engine.sync())?;
        let problem = report.problem.map(|problem| problem.code);
        assert_eq!(
            (problem, report.pushed),
            (Some(ErrorCode::VaultKeyMissing), 1)
        );
        device.clock.advance(61_000);
    }
    assert_eq!(
        device.transport.node().manifests(),
        signed,
        "what was not compared is not signed"
    );
    // With the key it is compared, and what came after is signed.
    finish(device.begin_again(&engine, ADA))?;
    for _ in 0..2 {
        assert_eq!(finish(engine.sync())?.problem, None);
        device.clock.advance(61_000);
    }
    assert_eq!(device.transport.node().manifests(), signed + 1);
    Ok(())
}

#[test]
fn words_of_who_knew_the_password_before_do_not_come_after_its_change() -> Outcome {
    let node = MemoryNode::new(1);
    let devices = [Device::new(&node, 2), Device::new(&node, 3)];
    let [engine, other] = [devices[0].create(ADA)?, devices[1].log_in(ADA)?];
    let words = finish(other.recovery_words())?;
    // A log-in and new words are under way while the password changes.
    let late = Device::new(&node, 4);
    let logging_in = late.open()?;
    finish(logging_in.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))?;
    let confirmed = finish(other.confirm_recovery(&secret(PASSWORD), &typed(&words)));
    assert_eq!(
        confirmed.err().map(|error| error.code()),
        Some(ErrorCode::SessionInvalid)
    );
    late.work(&logging_in)?;
    assert_eq!(problem(&logging_in), Some(ErrorCode::CredentialsWrong));
    finish(engine.recovery())?;
    assert_eq!(state(&engine), Some(RecoveryState::NotConfirmed));
    let recovered = Device::new(&node, 5).recover(ADA, &written(&words), "a third password")?;
    assert_eq!(problem(&recovered), Some(ErrorCode::RecoveryWrong));
    Ok(())
}

#[test]
fn words_that_were_replaced_do_not_come_back() -> Outcome {
    let node = MemoryNode::new(1);
    let devices = [Device::new(&node, 2), Device::new(&node, 3)];
    let [engine, other] = [devices[0].create(ADA)?, devices[1].log_in(ADA)?];
    confirmed(&engine)?;
    let put_older_back = node.remember_words();
    // A device that has seen neither counts on from what there is.
    confirmed(&other)?;
    finish(engine.recovery())?;
    put_older_back();
    for engine in [&engine, &other] {
        let view = finish(engine.recovery())?;
        assert_eq!(view.state, RecoveryState::NotConfirmed);
        assert_eq!(view.confirmed_at, None);
        assert_eq!(state(engine), Some(RecoveryState::NotConfirmed));
    }
    // Also for the worker that starts anew, and after a log-in.
    finish(devices[0].begin_again(&engine, ADA))?;
    let engine = devices[0].open()?;
    finish(engine.recovery())?;
    assert_eq!(state(&engine), Some(RecoveryState::NotConfirmed));
    // Of a key that nobody has, they are none, and do not use the count up.
    node.misplace_words(u64::MAX);
    assert_eq!(
        finish(engine.recovery())?.state,
        RecoveryState::NotConfirmed
    );
    put_older_back();
    // New words count again, everywhere.
    let newest = confirmed(&engine)?;
    for engine in [&engine, &other] {
        assert_eq!(finish(engine.recovery())?.state, RecoveryState::Confirmed);
    }
    let recovered = Device::new(&node, 4).recover(ADA, &newest, NEW)?;
    assert!(unlocks(&recovered, NEW));
    Ok(())
}

#[test]
fn no_key_is_sealed_for_words_that_were_replaced() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let older = confirmed(&engine)?;
    let put_older_back = node.remember_words();
    confirmed(&engine)?;
    put_older_back();
    add_locked_key(&node, &device, "the other password")?;
    let other = secret("the other password");
    finish(engine.open_keys(&secret(PASSWORD), Some(&other)))?;
    let recovered = Device::new(&node, 3).recover(ADA, &older, NEW)?;
    let locked: Vec<bool> = finish(recovered.keys())?
        .keys
        .iter()
        .map(|key| key.locked)
        .collect();
    assert_eq!(
        locked,
        [false, true, true],
        "what they opened before, and no more"
    );
    Ok(())
}

#[test]
fn newer_key_that_the_password_does_not_open_is_told_and_not_as_a_wrong_password() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    add_locked_key(&node, &device, "the other password")?;
    let make = |number| finish(engine.make_key(&secret(PASSWORD), KeyNumber(number)));
    let refused = make(2).err().ok_or("there is a second key")?;
    assert_eq!(refused.code(), ErrorCode::NewerKeyLocked);
    // Who has seen it makes one above.
    let made = make(3)?.keys;
    let shown: Vec<_> = made.iter().map(|key| (key.locked, key.active)).collect();
    assert_eq!(shown, [(false, false), (true, false), (false, true)]);
    Ok(())
}

#[test]
fn list_with_two_keys_of_one_number_is_refused() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    add_locked_key(&node, &device, PASSWORD)?;
    add_locked_key(&node, &device, PASSWORD)?;
    let password = secret(PASSWORD);
    let misbehaved = Some(EngineError::from(NodeError::Misbehaved));
    assert_eq!(finish(engine.keys()).err(), misbehaved);
    assert_eq!(finish(engine.open_keys(&password, None)).err(), misbehaved);
    let made = finish(engine.make_key(&password, KeyNumber(3)));
    assert_eq!(made.err(), misbehaved);
    let changed = finish(engine.change_password(&password, &secret(NEW)));
    assert_eq!(changed.err(), misbehaved);
    let logged_in = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(problem(&logged_in), Some(ErrorCode::NodeMisbehaved));
    Ok(())
}
