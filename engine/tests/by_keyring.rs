//! The system's keyring in place of the password: what it opens, and when that ends.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{
    bridge::popup::{AppStatus, NodeState},
    bytes::Hex,
    error::ErrorCode,
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    node::MemoryNode,
    run::finish,
};
use wasm_core::secret::KeyringSecret;

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const NEW: &str = "a whole new password";
const ENTRY: Hex<16> = Hex([7; 16]);
const HOUR: u64 = 60 * 60 * 1000;

fn secret(byte: u8) -> KeyringSecret {
    KeyringSecret::init_with(|bytes| bytes.fill(byte))
}

/// A device with an open vault that the keyring opens for eight hours.
fn with_keyring(node: &MemoryNode) -> Result<(Device, Engine<Device>), Box<dyn Error>> {
    let device = Device::new(node, 2);
    let engine = device.create(ADA)?;
    finish(engine.set_by_keyring(ENTRY, &secret(1), 8 * HOUR))?;
    Ok((device, engine))
}

fn attempt(engine: &Engine<Device>, byte: u8) -> Result<AppStatus, EngineError> {
    let begun = engine.begin_by_keyring()?;
    finish(engine.unlock_by_keyring(begun, Some(&secret(byte))))
}

fn is_unlocked(engine: &Engine<Device>) -> bool {
    matches!(finish(engine.status()), AppStatus::Unlocked { .. })
}

fn is_gone(device: &Device, engine: &Engine<Device>) {
    assert_eq!(engine.by_keyring(), None);
    assert_eq!(attempt(engine, 1).err(), Some(EngineError::KeyringGone));
    assert!(!device.store.contents().contains_key("by_keyring"));
}

#[test]
fn secret_opens_the_vault_until_its_time_is_over() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    let until = device.clock.now().plus(8 * HOUR);
    for lives in [&engine, &device.open()?] {
        finish(lives.lock());
        assert_eq!(lives.by_keyring(), Some((ENTRY, until)));
        attempt(lives, 1)?;
        assert!(is_unlocked(lives));
    }
    // Also as its time is all but over; then no more.
    device.clock.advance(8 * HOUR - 1);
    assert!(!is_unlocked(&engine), "it has locked by itself");
    attempt(&engine, 1)?;
    finish(engine.lock());
    device.clock.advance(1);
    assert_eq!(engine.by_keyring(), None);
    assert_eq!(attempt(&engine, 1).err(), Some(EngineError::KeyringGone));
    assert_eq!(finish(engine.end_by_keyring())?, Some(ENTRY));
    is_gone(&device, &engine);
    Ok(())
}

#[test]
fn clock_that_is_put_back_ends_it() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    finish(engine.lock());
    // By little: clocks are set right.
    device.clock.turn_back(4_000);
    assert!(engine.by_keyring().is_some());
    device.clock.advance(2 * HOUR);
    finish(engine.watch_by_keyring())?;
    // What was seen is known to the next engine, too.
    device.clock.turn_back(HOUR);
    for engine in [engine, device.open()?] {
        assert_eq!(engine.by_keyring(), None);
        assert_eq!(attempt(&engine, 1).err(), Some(EngineError::KeyringGone));
    }
    Ok(())
}

#[test]
fn nothing_on_the_disk_or_in_memory_opens_it_alone() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    let open = finish(engine::platform::SessionStore::load(
        &device.session,
        "unlocked",
    ));
    let open: serde_json::Value = serde_json::from_slice(&open.ok_or("not open")?)?;
    let key = open["keys"][0]["secret"].as_str().ok_or("no key")?;
    finish(engine.lock());
    assert_eq!(device.session.slots(), Vec::<String>::new());
    let kept = device.store.contents();
    let kept = String::from_utf8_lossy(&kept["by_keyring"]).into_owned();
    assert!(!kept.contains(key), "{kept}");
    assert_eq!(attempt(&engine, 2).err(), Some(EngineError::KeyringGone));
    assert!(!is_unlocked(&engine));
    is_gone(&device, &engine);
    Ok(())
}

#[test]
fn time_that_another_has_written_opens_nothing() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    finish(engine.lock());
    let kept = device.store.contents();
    let mut kept: serde_json::Value = serde_json::from_slice(&kept["by_keyring"])?;
    let until = kept["until"].as_u64().ok_or("no time")?;
    kept["until"] = (until + 1).into();
    let change = engine::platform::Change::Put {
        key: "by_keyring".to_owned(),
        value: serde_json::to_vec(&kept)?,
    };
    finish(engine::platform::Store::commit(&device.store, vec![change]))?;
    let engine = device.open()?;
    assert!(engine.by_keyring().is_some());
    assert_eq!(attempt(&engine, 1).err(), Some(EngineError::KeyringGone));
    Ok(())
}

#[test]
fn it_ends_with_password_session_account_and_wish() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    finish(engine.change_password(&SecretText::new(PASSWORD), &SecretText::new(NEW)))?;
    is_gone(&device, &engine);

    finish(engine.set_by_keyring(ENTRY, &secret(1), HOUR))?;
    assert_eq!(finish(engine.end_by_keyring())?, Some(ENTRY));
    is_gone(&device, &engine);

    finish(engine.set_by_keyring(ENTRY, &secret(1), HOUR))?;
    node.end_sessions();
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    assert!(is_unlocked(&engine));
    is_gone(&device, &engine);
    let refused = finish(engine.set_by_keyring(ENTRY, &secret(1), HOUR)).err();
    assert_eq!(
        refused.map(|error| error.code()),
        Some(ErrorCode::SessionInvalid)
    );

    let (device, engine) = with_keyring(&MemoryNode::new(1))?;
    finish(engine.remove_account())?;
    assert_eq!(engine.by_keyring(), None);
    assert!(!device.store.contents().contains_key("by_keyring"));
    assert_eq!(attempt(&engine, 1).err(), Some(EngineError::KeyringGone));
    Ok(())
}

#[test]
fn only_an_open_vault_gives_its_keys_away() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    finish(engine.lock());
    let refused = finish(engine.set_by_keyring(ENTRY, &secret(1), HOUR)).err();
    assert_eq!(refused, Some(EngineError::Locked));
    assert_eq!(engine.by_keyring(), None);
    Ok(())
}

#[test]
fn lock_while_the_keyring_is_asked_stops_the_unlock() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    finish(engine.lock());
    let begun = engine.begin_by_keyring()?;
    finish(engine.on_system_lock());
    let refused = finish(engine.unlock_by_keyring(begun, Some(&secret(1)))).err();
    assert_eq!(refused, Some(EngineError::Locked));
    assert!(!is_unlocked(&engine));
    attempt(&device.open()?, 1)?;
    Ok(())
}

#[test]
fn keyring_that_has_it_no_more_ends_it_and_no_other() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = with_keyring(&node)?;
    let begun = engine.begin_by_keyring()?;
    let another = Hex([8; 16]);
    finish(engine.set_by_keyring(another, &secret(2), HOUR))?;
    finish(engine.lock());
    let refused = finish(engine.unlock_by_keyring(begun, None)).err();
    assert_eq!(refused, Some(EngineError::KeyringGone));
    assert!(engine.by_keyring().is_some(), "that of the user's new wish");
    let begun = engine.begin_by_keyring()?;
    assert_eq!(begun.entry, another);
    assert!(finish(engine.unlock_by_keyring(begun, None)).is_err());
    is_gone(&device, &engine);
    Ok(())
}
