//! Generated passwords that are kept for a while.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{bridge::popup::AppStatus, vault::SecretText};
use testkit::{
    device::{Device, PASSWORD},
    node::MemoryNode,
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn sites(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let kept = finish(engine.generated())?;
    Ok(kept.into_iter().map(|kept| kept.site).collect())
}

fn unlock(engine: &Engine<Device>) -> Result<AppStatus, EngineError> {
    finish(engine.status());
    finish(engine.unlock(&SecretText::new(PASSWORD)))
}

#[test]
fn generated_password_is_found_again() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let orchard = "https://www.orchard.test".parse()?;
    let id = finish(engine.keep_generated(&orchard, &SecretText::new("correct-pear-5")))?;
    device.clock.advance(1_000);
    finish(engine.keep_generated(&"http://localhost:3000".parse()?, &SecretText::new("two")))?;
    assert_eq!(sites(&engine)?, ["localhost:3000", "orchard.test"]);
    // After the worker's death as well, and nowhere in the clear.
    let engine = device.open()?;
    let value = finish(engine.reveal_generated(id))?.value;
    assert_eq!(value, SecretText::new("correct-pear-5"));
    let contents = device.store.contents();
    let stored = contents
        .values()
        .map(|value| String::from_utf8_lossy(value));
    for text in stored {
        assert!(
            !text.contains("correct-pear-5") && !text.contains("orchard"),
            "{text}"
        );
    }
    // It is no item of the vault.
    assert_eq!(finish(engine.search("", 0, 10))?.total, 0);
    finish(engine.forget_generated(id))?;
    assert_eq!(sites(&engine)?, ["localhost:3000"]);
    assert_eq!(
        finish(engine.reveal_generated(id)).err(),
        Some(EngineError::ItemMissing)
    );
    Ok(())
}

#[test]
fn generated_password_is_forgotten_after_thirty_days() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let page = "https://orchard.test".parse()?;
    let id = finish(engine.keep_generated(&page, &SecretText::new("one")))?;
    device.clock.advance(30 * DAY);
    unlock(&engine)?;
    assert_eq!(sites(&engine)?.len(), 1);
    device.clock.advance(1);
    assert_eq!(
        sites(&engine)?.len(),
        0,
        "the time is over while the vault is open"
    );
    assert_eq!(
        finish(engine.reveal_generated(id)).err(),
        Some(EngineError::ItemMissing)
    );
    finish(engine.lock());
    unlock(&engine)?;
    let left = device
        .store
        .contents()
        .into_keys()
        .filter(|key| key.starts_with("generated/"));
    assert_eq!(left.count(), 0, "and nothing of it is left");
    Ok(())
}

#[test]
fn newest_generated_passwords_stay() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    for n in 0..203 {
        let page = format!("https://site-{n}.test").parse()?;
        finish(engine.keep_generated(&page, &SecretText::new("x")))?;
        device.clock.advance(1);
    }
    let sites = sites(&engine)?;
    assert_eq!(sites.len(), 200);
    assert_eq!(
        (sites[0].as_str(), sites[199].as_str()),
        ("site-202.test", "site-3.test")
    );
    // One site cannot crowd out the others.
    for n in 0..30 {
        let page = format!("https://host-{n}.orchard.test").parse()?;
        finish(engine.keep_generated(&page, &SecretText::new("x")))?;
        device.clock.advance(1);
    }
    let sites = self::sites(&engine)?;
    let of_site = |site: &&String| site.ends_with("orchard.test");
    assert_eq!(sites.iter().filter(of_site).count(), 20);
    assert_eq!((sites.len(), &*sites[0]), (200, "host-29.orchard.test"));
    assert_eq!(
        (&*sites[20], &*sites[199]),
        ("site-202.test", "site-23.test")
    );
    Ok(())
}

#[test]
fn generated_password_needs_an_open_vault_and_a_sane_length() -> Outcome {
    let engine = Device::new(&MemoryNode::new(1), 2).create("ada@localhost")?;
    let page = "https://orchard.test".parse()?;
    let long = SecretText::new("x".repeat(1_025));
    assert!(finish(engine.keep_generated(&page, &long)).is_err());
    let id = finish(engine.keep_generated(&page, &SecretText::new("one")))?;
    finish(engine.lock());
    let locked = Some(EngineError::Locked);
    assert_eq!(finish(engine.generated()).err(), locked);
    assert_eq!(finish(engine.reveal_generated(id)).err(), locked);
    assert_eq!(
        finish(engine.keep_generated(&page, &long))
            .err()
            .map(|e| e.code()),
        Some(proto::error::ErrorCode::TooLarge)
    );
    assert_eq!(
        finish(engine.keep_generated(&page, &SecretText::new("x"))).err(),
        locked
    );
    Ok(())
}
