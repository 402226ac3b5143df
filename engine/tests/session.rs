//! Sessions that go on without the password, those that must not, and the names of devices.

use std::error::Error;

use engine::{Engine, EngineError, NodeError};
use proto::{
    bridge::popup::{DeviceView, NodeState},
    error::ErrorCode,
    ids::{SessionId, UnixMillis},
    limits::{DEVICE_KEPT_MS, SESSION_IDLE_MS, SESSION_MAX_MS},
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    node::MemoryNode,
    run::finish,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const RENEWAL: &str = "/sessions/current/renewal";
const NEW: &str = "a whole new password";

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

/// Opens the vault and asks the node.
fn come_back(engine: &Engine<Device>) -> Outcome<NodeState> {
    finish(engine.unlock(&secret(PASSWORD)))?;
    Ok(finish(engine.sync())?.node)
}

/// How often a device has asked for a renewal.
fn renewals(device: &Device) -> usize {
    let seen = device.transport.seen();
    seen.iter().filter(|asked| asked.ends_with(RENEWAL)).count()
}

fn devices(engine: &Engine<Device>) -> Outcome<Vec<DeviceView>> {
    Ok(finish(engine.sessions())?.devices)
}

fn other(engine: &Engine<Device>) -> Outcome<SessionId> {
    let devices = devices(engine)?;
    let other = devices.iter().find(|device| !device.current);
    Ok(other.ok_or("no other device")?.id)
}

#[test]
fn session_that_ended_by_age_goes_on_without_asking() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    for away in [SESSION_IDLE_MS, SESSION_MAX_MS, DEVICE_KEPT_MS - 1] {
        device.clock.advance(away);
        finish(engine.unlock(&secret(PASSWORD)))?;
        finish(engine.save(items::login("Orchard", "ada", "x", "https://orchard.test")))?;
        let report = finish(engine.sync())?;
        assert_eq!((report.node, report.problem), (NodeState::Online, None));
        assert_eq!(report.pushed, 1);
        assert_eq!(devices(&engine)?.len(), 1);
    }
    assert_eq!(renewals(&device), 3);
    // The new session outlives the worker.
    let engine = device.open()?;
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    assert_eq!(renewals(&device), 3);
    // Whoever was away for longer enters the password, and loses nothing.
    device.clock.advance(DEVICE_KEPT_MS);
    assert_eq!(come_back(&engine)?, NodeState::SignedOut);
    finish(device.begin_again(&engine, ADA))?;
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    Ok(())
}

#[test]
fn session_is_renewed_before_it_ends() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let mut days = Vec::new();
    for day in 1..=45 {
        device.clock.advance(SESSION_IDLE_MS - 1);
        assert_eq!(come_back(&engine)?, NodeState::Online);
        if renewals(&device) > days.len() {
            days.push(day);
        }
    }
    assert_eq!(days, [21, 42]);
    Ok(())
}

#[test]
fn any_request_renews_a_session_that_is_over() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.advance(SESSION_IDLE_MS);
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(devices(&engine)?.len(), 1);
    assert_eq!(engine.node_state(), NodeState::Online);
    // A feed that the node has closed goes on; one of a device that was signed out does not.
    assert!(finish(engine.session_goes_on()));
    node.end_sessions();
    assert!(!finish(engine.session_goes_on()));
    assert_eq!(engine.node_state(), NodeState::SignedOut);
    Ok(())
}

#[test]
fn device_that_was_signed_out_stays_out() -> Outcome {
    for by in ["one", "others", "password"] {
        let node = MemoryNode::new(1);
        let lost = Device::new(&node, 2);
        let engine = lost.create(ADA)?;
        // Also one that was renewed before.
        lost.clock.advance(SESSION_IDLE_MS);
        assert_eq!(come_back(&engine)?, NodeState::Online);
        let home = Device::new(&node, 3).log_in(ADA)?;
        match by {
            "one" => assert_eq!(
                finish(home.revoke_session(&other(&home)?))?.devices.len(),
                1
            ),
            "others" => assert_eq!(finish(home.revoke_others())?.devices.len(), 1),
            _ => {
                finish(home.change_password(&secret(PASSWORD), &secret(NEW)))?;
            }
        }
        assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut, "{by}");
        let asked = renewals(&lost);
        for _ in 0..3 {
            assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut, "{by}");
        }
        // Refused once is refused: the node is not asked again and again.
        assert_eq!(renewals(&lost), asked, "{by}");
        let engine = lost.open()?;
        assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut, "{by}");
        lost.clock.advance(SESSION_IDLE_MS);
        assert_eq!(come_back(&engine)?, NodeState::SignedOut, "{by}");
        let wanted = if by == "password" { NEW } else { PASSWORD };
        finish(home.unlock(&secret(wanted)))?;
        assert_eq!(devices(&home)?.len(), 1, "{by}");
    }
    Ok(())
}

#[test]
fn lost_answer_of_a_renewal_is_made_good() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.advance(SESSION_IDLE_MS);
    device.transport.lose_answers_to(Some(RENEWAL));
    assert_eq!(come_back(&engine)?, NodeState::Offline);
    device.transport.lose_answers_to(None);
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    assert_eq!(devices(&engine)?.len(), 1);
    Ok(())
}

#[test]
fn renewal_that_could_not_be_written_down_is_made_good() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.advance(SESSION_IDLE_MS);
    finish(engine.unlock(&secret(PASSWORD)))?;
    device.store.fail_at(1);
    assert_eq!(devices(&engine)?.len(), 1);
    assert_eq!(engine.node_state(), NodeState::Online);
    // The next worker has the older token.
    let engine = device.open()?;
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    assert_eq!(renewals(&device), 2);
    Ok(())
}

#[test]
fn node_without_renewal_asks_for_the_password() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.advance(SESSION_IDLE_MS);
    let url = "http://localhost:8787/api/v1/sessions/current/challenge";
    let not_found = r#"{"code":105,"kind":"refused","message":""}"#;
    device.transport.serve(url, 404, not_found);
    assert_eq!(come_back(&engine)?, NodeState::SignedOut);
    device.transport.serve(url, 200, "<html>");
    assert_eq!(
        finish(engine.sessions()).err(),
        Some(EngineError::Node(NodeError::Misbehaved))
    );
    device.transport.stop_serving(url);
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    Ok(())
}

#[test]
fn devices_have_names_that_only_the_account_reads() -> Outcome {
    const NAME: &str = "Anna’s red laptop";
    let node = MemoryNode::new(1);
    let home = Device::new(&node, 2).create(ADA)?;
    let work = Device::new(&node, 3).log_in(ADA)?;
    let id = other(&home)?;
    let named = finish(home.rename_device(&id, &format!(" {NAME}\n")))?.devices;
    let names: Vec<_> = named.iter().map(|device| device.name.as_deref()).collect();
    assert_eq!(names.iter().flatten().collect::<Vec<_>>(), [&NAME]);
    let seen = devices(&work)?;
    let own = seen.iter().find(|device| device.current).ok_or("gone")?;
    assert_eq!(
        (own.name.as_deref(), &*own.description),
        (Some(NAME), "Test")
    );
    let kept = node.device_names();
    let sealed = kept.first().ok_or("no name")?;
    assert_eq!((kept.len(), sealed.sealed.0.len()), (1, 256));
    let text = String::from_utf8_lossy(&sealed.sealed.0).into_owned();
    assert!(!text.contains("Anna"));
    // Given to another device it opens nothing, and is told by nobody.
    node.swap_device_names();
    assert!(devices(&work)?.iter().all(|device| device.name.is_none()));
    node.swap_device_names();
    let long = "x".repeat(51);
    let refused = finish(home.rename_device(&id, &long)).err();
    assert_eq!(refused, Some(EngineError::TooLarge { max: 50 }));
    let own = finish(home.rename_device(&id, "  "))?.devices;
    assert!(own.iter().all(|device| device.name.is_none()));
    let gone = SessionId::make(UnixMillis(1), [0; 10]);
    let refused = finish(home.rename_device(&gone, "x")).err();
    assert_eq!(refused.map(|error| error.code()), Some(ErrorCode::NotFound));
    Ok(())
}

#[test]
fn changed_password_leaves_a_copy_of_the_device_nothing() -> Outcome {
    for proof in ["password", "login"] {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.create(ADA)?;
        // Whoever has it has the token, and with the older password the key that renews it.
        let copy = Device::new(&node, 9);
        for (key, value) in device.store.contents() {
            copy.store.tamper(&key, Some(value));
        }
        let thief = copy.open()?;
        assert_eq!(come_back(&thief)?, NodeState::Online);
        if proof == "password" {
            finish(engine.change_password(&secret(PASSWORD), &secret(NEW)))?;
            assert_eq!(finish(engine.sync())?.node, NodeState::Online);
        } else {
            finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
            device.work(&engine)?;
        }
        assert_eq!(finish(thief.sync())?.node, NodeState::SignedOut, "{proof}");
        assert_eq!(finish(engine.sync())?.node, NodeState::Online, "{proof}");
        // It outlives the worker.
        let engine = device.open()?;
        assert_eq!(finish(engine.sync())?.node, NodeState::Online, "{proof}");
    }
    Ok(())
}
