//! A node that answers from another database than before.

use std::error::Error;

use engine::{Carrier, Engine, EngineError, SyncReport};
use proto::error::ErrorCode;
use testkit::{device::Device, items::login, node::MemoryNode, run::finish};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";

fn titles(engine: &Engine<Device>) -> Result<Vec<String>, EngineError> {
    let found = finish(engine.search("", 0, 200))?;
    Ok(found.items.into_iter().map(|item| item.title).collect())
}

fn save(engine: &Engine<Device>, title: &str) -> Outcome {
    finish(engine.save(login(title, "ada", "secret", "https://a.test")))?;
    finish(engine.sync())?;
    Ok(())
}

fn code(report: &SyncReport) -> Option<ErrorCode> {
    report.problem.as_ref().map(|problem| problem.code)
}

/// A device with more items than a page has; what it wrote is signed unless that is kept from the node.
fn written(signs: bool) -> Result<(MemoryNode, Device, Engine<Device>), Box<dyn Error>> {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    if !signs {
        device.transport.fail_path("/vault/manifest");
    }
    for number in 0..120 {
        let title = format!("Item {number}");
        finish(engine.save(login(&title, "ada", "secret", "https://a.test")))?;
    }
    finish(engine.sync())?;
    // What was pulled brought a cursor.
    finish(engine.sync())?;
    save(&Device::new(&node, 9).log_in(ADA)?, "Of another device")?;
    finish(engine.sync())?;
    assert_eq!(titles(&engine)?.len(), 121);
    Ok((node, device, engine))
}

#[test]
fn whole_backup_changes_nothing() -> Outcome {
    let (node, device, engine) = written(true)?;
    node.change_database();
    let asked = device.transport.seen().len();
    assert_eq!(code(&finish(engine.sync())?), None);
    assert!(
        device.transport.seen().len() > asked + 2,
        "all pages were read"
    );
    assert_eq!(titles(&engine)?.len(), 121);
    // It is known again from now on, also by the next worker.
    drop(engine);
    let engine = device.open()?;
    let asked = device.transport.seen().len();
    assert_eq!(code(&finish(engine.sync())?), None);
    assert_eq!(device.transport.seen().len(), asked + 1);
    // What goes on there comes, and what is written here goes.
    let other = Device::new(&node, 3).log_in(ADA)?;
    save(&other, "There")?;
    save(&engine, "Here")?;
    assert_eq!(code(&finish(other.sync())?), None);
    assert_eq!(titles(&engine)?, titles(&other)?);
    Ok(())
}

#[test]
fn backup_that_went_on_without_what_is_here_is_noticed() -> Outcome {
    for changed in [true, false] {
        let (node, device, engine) = written(false)?;
        // One write is lost, another stands in its place: the number of writes does not tell.
        node.forget_writes(1);
        if changed {
            node.change_database();
        }
        let other = Device::new(&node, 3);
        other.transport.fail_path("/vault/manifest");
        let other = other.log_in(ADA)?;
        save(&other, "Instead")?;
        let report = finish(engine.sync())?;
        if !changed {
            // Without any signature nothing else would tell of it.
            assert_eq!(code(&report), None);
            continue;
        }
        assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
        // Again and again, also to the next worker, until the user has it repaired.
        drop(engine);
        let engine = device.open()?;
        let report = finish(engine.sync())?;
        assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
        assert!(!titles(&engine)?.contains(&"Instead".to_owned()));
        device.transport.fail_path("nothing");
        finish(engine.repair())?;
        assert_eq!(code(&finish(engine.sync())?), None);
        let all = titles(&engine)?;
        assert_eq!(all.len(), 122);
        finish(other.sync())?;
        assert_eq!(titles(&other)?, all);
    }
    Ok(())
}

#[test]
fn shorter_log_is_noticed_under_every_name() -> Outcome {
    for changed in [true, false] {
        let (node, _, engine) = written(true)?;
        node.forget_writes(1);
        if changed {
            node.change_database();
        }
        let report = finish(engine.sync())?;
        assert_eq!(code(&report), Some(ErrorCode::VaultRolledBack));
    }
    Ok(())
}

#[test]
fn feed_tells_of_another_database_and_of_what_is_new() -> Outcome {
    let (_, _, engine) = written(true)?;
    let nothing = r#"{"latest":121,"cursor":"0-121"}"#;
    // The messages were not asked for yet: what is there when they are is history, and nobody is told of it.
    assert!(engine.hear(nothing)?.is_news);
    finish(engine.pull_messages())?;
    for (message, is_news) in [
        (nothing, false),
        (r#"{"latest":122,"cursor":"0-122"}"#, true),
        (r#"{"latest":121,"messages":1,"cursor":"0-121"}"#, true),
        (r#"{"latest":121,"cursor":"1-121","snapshot":true}"#, true),
    ] {
        assert_eq!(engine.hear(message)?.is_news, is_news, "{message}");
    }
    for bad in ["", "{}", r#"{"latest":1,"cursor":"a b"}"#] {
        assert!(engine.hear(bad).is_err(), "{bad}");
    }
    Ok(())
}

#[test]
fn no_carrier_shows_the_session_in_its_url() -> Outcome {
    let (_, _, engine) = written(true)?;
    let heard = engine
        .hear(r#"{"latest":7,"messages":3,"cursor":"0-7"}"#)?
        .place;
    for (carrier, heard, url) in [
        (
            Carrier::WebSocket,
            None,
            "ws://localhost:8787/api/v1/vault/feed",
        ),
        (
            Carrier::Events,
            None,
            "http://localhost:8787/api/v1/vault/feed/events?cursor=0-121",
        ),
        (
            Carrier::Poll,
            None,
            "http://localhost:8787/api/v1/vault/feed/poll",
        ),
        (
            Carrier::Poll,
            Some(heard),
            "http://localhost:8787/api/v1/vault/feed/poll?cursor=0-7&messages=3",
        ),
    ] {
        let feed = engine.feed(carrier, heard)?;
        assert_eq!(feed.url, url);
        let token = feed.secret.as_str();
        let hello = carrier == Carrier::WebSocket;
        assert_eq!(token.contains("\"token\":"), hello);
        assert_eq!(token.contains("\"cursor\":\"0-121\""), hello);
        assert!(hello || token.len() == 64);
    }
    Ok(())
}
