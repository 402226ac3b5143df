//! The PIN: what it opens, what counts as a try, and where it ends.

use std::error::Error;

use engine::{Engine, EngineError, platform::SessionStore};
use proto::{
    bridge::popup::{AppStatus, NodeState, PinEnd, PinState, RecoveryWords},
    error::{ErrorCode, WireError},
    ids::KeyNumber,
    limits::PIN_TRIES,
    pin::PinProblem,
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    kdf::TestKdf,
    node::MemoryNode,
    run::{both, finish, pause, until_death},
    store::Fault,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const PIN: &str = "7305";
const WRONG: &str = "7306";
const NEW: &str = "a whole new password";
const MINUTE: u64 = 60_000;

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

/// A device with an open vault of one item and a PIN.
fn with_pin(node: &MemoryNode) -> Result<(Device, Engine<Device>), Box<dyn Error>> {
    let device = Device::new(node, 2);
    let engine = device.create(ADA)?;
    finish(engine.save(items::login(
        "Orchard",
        "ada",
        "pear tree",
        "https://a.test",
    )))?;
    finish(engine.set_pin(&secret(PIN)))?;
    Ok((device, engine))
}

fn attempt(engine: &Engine<Device>, pin: &str) -> Result<AppStatus, EngineError> {
    finish(engine.unlock_with_pin(&secret(pin)))
}

fn is_unlocked(engine: &Engine<Device>) -> bool {
    matches!(finish(engine.status()), AppStatus::Unlocked { .. })
}

fn pin(engine: &Engine<Device>) -> PinState {
    match finish(engine.status()) {
        AppStatus::Locked { pin, .. } | AppStatus::Unlocked { pin, .. } => pin,
        AppStatus::Empty { .. } | AppStatus::Working { .. } | AppStatus::Away { .. } => {
            PinState::Off
        }
    }
}

fn set(tries_left: u32) -> PinState {
    PinState::Set { tries_left }
}

fn ended(why: PinEnd) -> PinState {
    PinState::Ended { why }
}

/// What lies in the slot, as text.
fn slot(device: &Device) -> Result<String, Box<dyn Error>> {
    let bytes = finish(device.session.load("pin")).ok_or("the slot is empty")?;
    Ok(String::from_utf8(bytes.to_vec())?)
}

#[test]
fn pin_opens_the_vault_after_a_lock_by_button_screen_and_time() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    assert_eq!(pin(&engine), set(PIN_TRIES));
    for lock in 0..3 {
        match lock {
            0 => drop(finish(engine.lock())),
            1 => assert!(finish(engine.on_system_lock())),
            _ => device.clock.advance(15 * MINUTE),
        }
        assert!(!is_unlocked(&engine));
        assert_eq!(device.session.slots(), ["pin"]);
        let status = attempt(&engine, PIN)?;
        assert!(
            matches!(status, AppStatus::Unlocked { items: 1, pin, .. } if pin == set(PIN_TRIES)),
            "{status:?}"
        );
    }
    // The time to lock comes while nobody is there, too.
    device.clock.advance(15 * MINUTE);
    let revived = device.open()?;
    assert!(!is_unlocked(&revived));
    attempt(&revived, PIN)?;
    assert!(is_unlocked(&device.open()?), "the keys outlive the worker");
    Ok(())
}

#[test]
fn the_real_key_derivation_makes_a_pin_that_opens() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device {
        kdf: TestKdf::REAL,
        ..Device::new(&node, 2)
    };
    let engine = device.create(ADA)?;
    finish(engine.set_pin(&secret(PIN)))?;
    finish(engine.lock());
    assert_eq!(
        attempt(&engine, WRONG).err(),
        Some(EngineError::PinWrong { left: 4 })
    );
    attempt(&engine, PIN)?;
    Ok(())
}

#[test]
fn what_waits_for_the_pin_is_sealed() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    let open = finish(device.session.load("unlocked")).ok_or("not open")?;
    let open: serde_json::Value = serde_json::from_slice(&open)?;
    let key = open["keys"][0]["secret"]
        .as_str()
        .ok_or("no key")?
        .to_owned();
    finish(engine.lock());
    assert_eq!(device.session.slots(), ["pin"]);
    let slot = slot(&device)?;
    assert!(!slot.contains(&key) && !slot.contains(PIN), "{slot}");
    let stored = device.store.contents();
    assert_eq!(
        stored.get("pin").map(Vec::as_slice),
        Some(b"true".as_slice()),
        "only that there is one"
    );
    Ok(())
}

#[test]
fn four_wrong_pins_and_the_right_one_open() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = with_pin(&node)?;
    for _ in 0..2 {
        finish(engine.lock());
        for left in [4, 3, 2, 1] {
            assert_eq!(
                attempt(&engine, WRONG).err(),
                Some(EngineError::PinWrong { left })
            );
            assert!(!is_unlocked(&engine));
            assert_eq!(pin(&engine), set(left));
        }
        attempt(&engine, PIN)?;
        assert_eq!(pin(&engine), set(PIN_TRIES), "success resets the count");
    }
    // So does the password.
    finish(engine.lock());
    assert!(attempt(&engine, WRONG).is_err());
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(pin(&engine), set(PIN_TRIES));
    Ok(())
}

#[test]
fn fifth_wrong_pin_deletes_the_keys_and_asks_for_the_password() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    for _ in 1..PIN_TRIES {
        assert!(attempt(&engine, WRONG).is_err());
    }
    assert!(slot(&device)?.contains("sealed"));
    assert_eq!(attempt(&engine, WRONG).err(), Some(EngineError::PinGone));
    assert!(!slot(&device)?.contains("sealed"));
    // Neither now nor in another life of the worker.
    for engine in [engine, device.open()?] {
        assert_eq!(pin(&engine), ended(PinEnd::Tries));
        assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
        assert!(!is_unlocked(&engine));
    }
    let engine = device.open()?;
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(pin(&engine), ended(PinEnd::Tries));
    finish(engine.set_pin(&secret("another 1")))?;
    finish(engine.lock());
    assert!(attempt(&engine, PIN).is_err());
    attempt(&engine, "another 1")?;
    Ok(())
}

#[test]
fn worker_that_dies_between_tries_forgets_none() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    for left in [4, 3, 2, 1] {
        assert_eq!(
            attempt(&device.open()?, WRONG).err(),
            Some(EngineError::PinWrong { left })
        );
    }
    assert_eq!(
        attempt(&device.open()?, WRONG).err(),
        Some(EngineError::PinGone)
    );
    Ok(())
}

#[test]
fn worker_that_dies_during_a_try_has_counted_it() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    let dying = Device {
        kdf: TestKdf::SILENT,
        ..device.clone()
    };
    for tried in 1..=PIN_TRIES {
        let engine = dying.open()?;
        assert_eq!(pin(&engine), set(PIN_TRIES - tried + 1));
        let right = secret(PIN);
        assert!(until_death(engine.unlock_with_pin(&right)).is_none());
    }
    let engine = device.open()?;
    assert_eq!(pin(&engine), ended(PinEnd::Tries));
    assert!(!slot(&device)?.contains("sealed"));
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    Ok(())
}

#[test]
fn try_that_cannot_be_counted_is_none() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    device.session.set_full(true);
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    assert!(!is_unlocked(&engine));
    assert_eq!(device.session.slots(), Vec::<String>::new());
    device.session.set_full(false);
    finish(engine.unlock(&secret(PASSWORD)))?;
    // Nor is a PIN set that the browser's memory has no room for, nor does an older one stay.
    finish(engine.set_pin(&secret("8264")))?;
    device.session.set_full(true);
    let refused = finish(engine.set_pin(&secret(PIN))).err();
    assert_eq!(
        refused.map(|error| error.code()),
        Some(ErrorCode::StoreFailed)
    );
    assert_eq!(pin(&engine), ended(PinEnd::Browser));
    assert_eq!(device.session.slots(), ["unlocked"]);
    Ok(())
}

#[test]
fn tries_at_the_same_time_are_counted_one_by_one() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = with_pin(&node)?;
    finish(engine.lock());
    let (one, two) = (secret(WRONG), secret("7307"));
    let (one, two) = both(engine.unlock_with_pin(&one), engine.unlock_with_pin(&two));
    assert_eq!(one.err(), Some(EngineError::PinWrong { left: 4 }));
    assert_eq!(two.err(), Some(EngineError::PinWrong { left: 3 }));
    Ok(())
}

#[test]
fn lock_stops_a_try_that_is_under_way() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = with_pin(&node)?;
    finish(engine.lock());
    let right = secret(PIN);
    let lock = async {
        pause().await;
        engine.on_system_lock().await
    };
    let (opened, _) = both(engine.unlock_with_pin(&right), lock);
    assert_eq!(opened.err(), Some(EngineError::Locked));
    assert!(!is_unlocked(&engine));
    assert_eq!(pin(&engine), set(PIN_TRIES), "it was the right one");
    Ok(())
}

#[test]
fn pin_that_anybody_tries_is_refused() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    for (code, problem) in [
        ("0000", PinProblem::Guessable),
        ("1234", PinProblem::Guessable),
        ("Ada", PinProblem::Short),
        ("1234567890123", PinProblem::Long),
    ] {
        let refused = finish(engine.set_pin(&secret(code))).err();
        let refused = refused.ok_or("it was taken")?;
        assert_eq!(refused, EngineError::PinWeak(problem));
        let told = WireError::from(refused);
        assert_eq!(told.message, problem.to_string());
        assert_eq!(told.params["rule"], problem.rule());
    }
    let other = Device::new(&node, 3).create("ada-lovelace@localhost")?;
    let refused = finish(other.set_pin(&secret("Ada-Lovelace"))).err();
    assert_eq!(
        refused,
        Some(EngineError::PinWeak(PinProblem::Guessable)),
        "it stands on the locked screen"
    );
    // The one that was set stays.
    finish(engine.lock());
    attempt(&device.open()?, PIN)?;
    Ok(())
}

#[test]
fn only_an_open_vault_takes_changes_or_loses_a_pin() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    let refused = finish(engine.set_pin(&secret("8264"))).err();
    assert_eq!(refused, Some(EngineError::Locked));
    assert_eq!(finish(engine.remove_pin()).err(), Some(EngineError::Locked));
    attempt(&engine, PIN)?;
    finish(engine.set_pin(&secret("8264")))?;
    finish(engine.lock());
    assert!(attempt(&engine, PIN).is_err(), "the older one is over");
    attempt(&engine, "8264")?;
    finish(engine.remove_pin())?;
    assert_eq!(pin(&engine), PinState::Off);
    assert_eq!(device.session.slots(), ["unlocked"]);
    finish(engine.lock());
    for engine in [engine, device.open()?] {
        assert_eq!(pin(&engine), PinState::Off);
        assert_eq!(attempt(&engine, "8264").err(), Some(EngineError::PinGone));
    }
    Ok(())
}

#[test]
fn pin_ends_with_the_browser_and_is_asked_for_again() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.lock());
    device.session.end_browser();
    let engine = device.open()?;
    assert_eq!(pin(&engine), ended(PinEnd::Browser));
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(pin(&engine), ended(PinEnd::Browser));
    finish(engine.set_pin(&secret(PIN)))?;
    assert_eq!(pin(&engine), set(PIN_TRIES));
    Ok(())
}

#[test]
fn pin_ends_with_the_password() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    let before = slot(&device)?;
    finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))?;
    assert_eq!(pin(&engine), ended(PinEnd::Password));
    finish(engine.lock());
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    // Even whoever has a copy of the slot cannot use it with what is on the disk now.
    finish(device.session.save("pin", before.as_bytes()));
    let engine = device.open()?;
    assert_eq!(
        attempt(&engine, PIN).err(),
        Some(EngineError::PinWrong { left: 4 })
    );
    finish(engine.unlock(&secret(NEW)))?;
    Ok(())
}

#[test]
fn pin_does_not_outlive_a_worker_that_dies_as_the_password_changes() -> Outcome {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        let node = MemoryNode::new(1);
        let (device, engine) = with_pin(&node)?;
        // The first commit keeps the token that comes next.
        device.store.die_at(2, fault);
        let (old, new) = (secret(PASSWORD), secret(NEW));
        assert!(until_death(engine.change_password(&old, &new)).is_none());
        let engine = device.open()?;
        finish(engine.lock());
        assert_eq!(pin(&engine), ended(PinEnd::Password), "{fault:?}");
    }
    Ok(())
}

#[test]
fn pin_ends_where_the_node_ends_the_session() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    node.end_sessions();
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    assert_eq!(pin(&engine), ended(PinEnd::SignedOut));
    assert!(!slot(&device)?.contains("sealed"));
    let refused = finish(engine.set_pin(&secret(PIN))).err();
    assert_eq!(
        refused.map(|error| error.code()),
        Some(ErrorCode::SessionInvalid)
    );
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    device.work(&engine)?;
    assert_eq!(pin(&engine), ended(PinEnd::SignedOut));
    finish(engine.set_pin(&secret(PIN)))?;
    finish(engine.lock());
    attempt(&engine, PIN)?;
    Ok(())
}

#[test]
fn pin_ends_where_the_feed_says_that_the_session_is_over() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = with_pin(&node)?;
    node.end_sessions();
    assert!(!finish(engine.session_goes_on()));
    finish(engine.lock());
    assert_eq!(pin(&engine), ended(PinEnd::SignedOut));
    Ok(())
}

#[test]
fn pin_ends_where_a_device_signs_itself_out() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = with_pin(&node)?;
    let own = finish(engine.sessions())?.devices.remove(0);
    finish(engine.revoke_session(&own.id))?;
    assert_eq!(pin(&engine), ended(PinEnd::SignedOut));
    Ok(())
}

#[test]
fn pin_ends_with_the_account_of_this_device() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    finish(engine.remove_account())?;
    assert_eq!(device.session.slots(), Vec::<String>::new());
    assert!(!device.store.contents().contains_key("pin"));
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::NoAccount));
    // Who comes next is not asked for one.
    let engine = device.log_in(ADA)?;
    assert_eq!(pin(&engine), PinState::Off);
    Ok(())
}

#[test]
fn pin_ends_where_the_account_is_recovered_on_its_device() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    let words = finish(engine.recovery_words())?;
    finish(engine.confirm_recovery(&secret(PASSWORD), &asked(&words)))?;
    finish(engine.lock());
    let written: Vec<&str> = words.words.iter().map(SecretText::expose_secret).collect();
    let engine = device.recover(ADA, &secret(&written.join(" ")), NEW)?;
    assert_eq!(pin(&engine), ended(PinEnd::Password));
    finish(engine.lock());
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    Ok(())
}

fn asked(words: &RecoveryWords) -> Vec<SecretText> {
    let places = words.asked.iter();
    places
        .map(|place| words.words[*place as usize - 1].clone())
        .collect()
}

#[test]
fn slot_of_another_account_is_none() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    let foreign = slot(&device)?.replace(ADA, "eve@localhost");
    finish(engine.lock());
    finish(device.session.save("pin", foreign.as_bytes()));
    let engine = device.open()?;
    assert_eq!(pin(&engine), ended(PinEnd::Browser));
    assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    Ok(())
}

#[test]
fn key_that_another_device_made_ends_the_pin_and_costs_no_try() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_pin(&node)?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.make_key(&secret(PASSWORD), KeyNumber(2)))?;
    finish(engine.keys())?;
    finish(engine.lock());
    for engine in [engine, device.open()?] {
        assert_eq!(pin(&engine), ended(PinEnd::Password));
        assert_eq!(attempt(&engine, PIN).err(), Some(EngineError::PinGone));
    }
    assert!(!slot(&device)?.contains("sealed"));
    let engine = device.open()?;
    finish(engine.unlock(&secret(PASSWORD)))?;
    // A PIN of now opens both keys, and is ended by none that was known.
    finish(engine.set_pin(&secret(PIN)))?;
    let keys = finish(engine.keys())?.keys;
    assert!(keys.len() == 2 && keys.iter().all(|key| !key.locked));
    finish(engine.lock());
    attempt(&engine, PIN)?;
    Ok(())
}
