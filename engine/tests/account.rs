//! Making accounts, logging in, unlocking, locking.

use std::error::Error;

use engine::{ActivityKind, EngineError};
use proto::{
    api::{
        challenge::{Challenge, Purpose},
        info::Availability,
    },
    bridge::{
        popup::{AppStatus, NodeState, Settings, WorkStage, WorkTask},
        solver::{EngineKind, EnginePlace, EngineReport},
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{Difficulty, UnixMillis},
    limits::DRAFT_MAX_BYTES,
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    kdf::TestKdf,
    node::MemoryNode,
    run::{both, finish, until_death},
    store::Fault,
    transport::Outage,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const MINUTE: u64 = 60_000;

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

fn is_unlocked(status: &AppStatus) -> bool {
    matches!(status, AppStatus::Unlocked { .. })
}

fn is_locked(status: &AppStatus) -> bool {
    matches!(status, AppStatus::Locked { .. })
}

#[test]
fn account_is_made_in_steps_that_the_status_tells() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    assert_eq!(finish(engine.status()), AppStatus::Empty { problem: None });
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    let working = finish(engine.status());
    assert!(
        matches!(
            working,
            AppStatus::Working {
                task: WorkTask::CreateAccount,
                stage: WorkStage::Work,
                ..
            }
        ),
        "{working:?}"
    );
    assert!(is_unlocked(&device.work(&engine)?));
    assert!(engine.work().is_none());
    assert_eq!(device.session.slots(), ["unlocked"]);
    Ok(())
}

#[test]
fn the_real_key_derivation_makes_an_account_that_opens() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device {
        kdf: TestKdf::REAL,
        ..Device::new(&node, 2)
    };
    let engine = device.create(ADA)?;
    finish(engine.lock());
    assert!(is_unlocked(&finish(engine.unlock(&secret(PASSWORD)))?));
    Ok(())
}

#[test]
fn order_outlives_the_worker() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    finish(
        device
            .open()?
            .begin_create(ADA, None, &secret(PASSWORD), "Test"),
    )?;
    let engine = device.open()?;
    assert!(engine.work().is_some());
    assert!(is_unlocked(&device.work(&engine)?));
    Ok(())
}

#[test]
fn order_does_not_outlive_the_browser() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    finish(
        device
            .open()?
            .begin_create(ADA, None, &secret(PASSWORD), "Test"),
    )?;
    device.session.end_browser();
    let engine = device.open()?;
    assert!(engine.work().is_none());
    assert_eq!(finish(engine.status()), AppStatus::Empty { problem: None });
    Ok(())
}

#[test]
fn cancelled_work_leaves_nothing() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    finish(engine.cancel_work());
    assert!(engine.work().is_none());
    assert_eq!(device.session.slots(), Vec::<String>::new());
    assert_eq!(
        finish(engine.submit_work(Hex([0; 64]))).err(),
        Some(EngineError::NoWork)
    );
    Ok(())
}

#[test]
fn cancelling_while_it_begins_stops_it() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    let password = secret(PASSWORD);
    let cancel = async {
        testkit::run::pause().await;
        engine.cancel_work().await;
    };
    let (begun, ()) = both(engine.begin_create(ADA, None, &password, "Test"), cancel);
    assert_eq!(begun, Err(EngineError::Cancelled));
    assert_eq!(finish(engine.status()), AppStatus::Empty { problem: None });
    Ok(())
}

#[test]
fn the_same_request_sent_twice_is_one_order() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    let first = engine.work();
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    assert_eq!(engine.work(), first);
    let other = finish(engine.begin_create("bob@localhost", None, &secret(PASSWORD), "Test"));
    assert_eq!(other, Err(EngineError::AlreadyRunning));
    Ok(())
}

#[test]
fn expired_challenge_is_asked_for_again() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    let first = engine.work();
    finish(engine.renew_work())?;
    assert_eq!(engine.work(), first, "it has not expired yet");
    device.clock.advance(16 * MINUTE);
    let status = device.work(&engine)?;
    assert!(
        matches!(
            status,
            AppStatus::Working {
                stage: WorkStage::Work,
                ..
            }
        ),
        "{status:?}"
    );
    assert_ne!(engine.work(), first);
    device.clock.advance(16 * MINUTE);
    finish(engine.renew_work())?;
    assert!(is_unlocked(&device.work(&engine)?));
    Ok(())
}

#[test]
fn challenges_that_make_no_sense_are_refused() -> Outcome {
    type Spoil = fn(&mut Challenge);
    let spoils: [(Spoil, ErrorCode); 7] = [
        (|it| it.target = Hex([0; 32]), ErrorCode::NodeMisbehaved),
        (
            |it| it.difficulty = Difficulty(0),
            ErrorCode::NodeMisbehaved,
        ),
        (
            |it| it.difficulty = Difficulty(2),
            ErrorCode::NodeMisbehaved,
        ),
        (
            |it| it.difficulty = Difficulty(u64::MAX),
            ErrorCode::NodeMisbehaved,
        ),
        (|it| it.purpose = Purpose::Login, ErrorCode::NodeMisbehaved),
        (|it| it.expires_at = UnixMillis(0), ErrorCode::ClockWrong),
        (
            |it| it.expires_at = UnixMillis(u64::MAX),
            ErrorCode::ClockWrong,
        ),
    ];
    for (spoil, expected) in spoils {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.open()?;
        node.spoil_challenges(spoil);
        let begun = finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"));
        assert_eq!(begun.map_err(|error| error.code()), Err(expected));
        assert_eq!(engine.work(), None);
        assert_eq!(engine.work_problem().map(|it| it.code), Some(expected));
    }
    Ok(())
}

#[test]
fn renewal_that_is_refused_ends_the_attempt() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    device.clock.advance(16 * MINUTE);
    device.transport.set_outage(Outage::Away);
    assert!(finish(engine.renew_work()).is_err());
    assert!(engine.work().is_some(), "it is tried again");
    device.transport.set_outage(Outage::None);
    node.spoil_challenges(|challenge| challenge.expires_at = UnixMillis(1));
    finish(engine.renew_work())?;
    assert_eq!(engine.work(), None);
    let problem = engine.work_problem().map(|it| it.code);
    assert_eq!(problem, Some(ErrorCode::ClockWrong));
    Ok(())
}

#[test]
fn account_whose_answer_was_lost_is_logged_in_to() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    device.transport.set_outage(Outage::AnswersLost);
    let lost = device.work(&engine).map_err(WireError::from);
    assert_eq!(
        lost.map_err(|error| error.code),
        Err(ErrorCode::NodeUnreachable)
    );
    device.transport.set_outage(Outage::None);
    // The same solution is spent; what is there now is the account itself.
    let status = device.work(&engine)?;
    assert!(
        matches!(
            status,
            AppStatus::Working {
                task: WorkTask::LogIn,
                ..
            }
        ),
        "{status:?}"
    );
    assert!(is_unlocked(&device.work(&engine)?));
    Ok(())
}

#[test]
fn work_that_a_busy_node_swallowed_is_done_again() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    // The challenge is spent first, and only then the node finds that it has no time.
    node.set_busy(true);
    let busy = device.work(&engine).map_err(|error| error.code());
    assert_eq!(busy.err(), Some(ErrorCode::NodeUnreachable));
    node.set_busy(false);
    let status = device.work(&engine)?;
    assert!(
        matches!(
            status,
            AppStatus::Working {
                task: WorkTask::CreateAccount,
                ..
            }
        ),
        "{status:?}"
    );
    assert!(is_unlocked(&device.work(&engine)?));
    Ok(())
}

#[test]
fn worker_may_die_while_the_account_is_submitted() -> Outcome {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.open()?;
        finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
        let order = engine.work().ok_or("no order")?;
        device.store.die_at(1, fault);
        assert!(until_death(engine.submit_work(order.challenge.header)).is_none());
        let engine = device.open()?;
        for _ in 0..2 {
            if engine.work().is_some() {
                device.work(&engine)?;
            }
        }
        finish(engine.unlock(&secret(PASSWORD)))?;
        let saved = finish(engine.save(items::login("a", "b", "c", "https://a.test")))?;
        assert_eq!(finish(engine.sync())?.pushed, 1);
        finish(engine.item(saved.id))?;
    }
    Ok(())
}

#[test]
fn address_somebody_has_is_refused_before_the_work() -> Outcome {
    let node = MemoryNode::new(1);
    Device::new(&node, 2).create(ADA)?;
    let engine = Device::new(&node, 3).open()?;
    let taken = finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"));
    assert_eq!(
        taken.map_err(|error| error.code()),
        Err(ErrorCode::AddressTaken)
    );
    let AppStatus::Empty {
        problem: Some(problem),
    } = finish(engine.status())
    else {
        return Err("the status tells why".into());
    };
    assert_eq!(problem.code, ErrorCode::AddressTaken);
    Ok(())
}

#[test]
fn addresses_are_checked_with_their_node() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    device.create(ADA)?;
    let announced = r#"{"apiDomain":"kp.example.com"}"#;
    device.transport.serve(
        "https://example.com/.well-known/keypears.json",
        200,
        announced,
    );
    let engine = Device::new(&node, 3).open()?;
    let check = |address: &str, server: Option<&str>| finish(engine.check_address(address, server));
    let found = |address: &str, server: Option<&str>| {
        let check = check(address, server);
        (
            check.availability,
            check.problem.map(|problem| problem.code),
        )
    };
    assert_eq!(found(ADA, None), (Some(Availability::Taken), None));
    assert_eq!(
        found(" Bob@LOCALHOST ", None),
        (Some(Availability::Available), None)
    );
    assert_eq!(
        found("ada@other.example", Some("http://localhost:8787")),
        (Some(Availability::ForeignDomain), None)
    );
    assert_eq!(found("ada", None), (None, Some(ErrorCode::AddressInvalid)));
    assert_eq!(
        found("ada@localhost", Some("http://node.example")),
        (None, Some(ErrorCode::InvalidField))
    );
    assert!(check("1.a@localhost", None).warnings.len() == 2);
    let announced = finish(
        Device {
            transport: device.transport.clone(),
            ..Device::new(&node, 4)
        }
        .open()?
        .check_address("eve@example.com", None),
    );
    assert_eq!(announced.availability, Some(Availability::Available));
    assert!(
        device
            .transport
            .seen()
            .contains(&"GET https://kp.example.com/api/v1/addresses/eve@example.com".to_owned())
    );
    device.transport.set_outage(Outage::Away);
    Ok(())
}

#[test]
fn node_that_is_away_makes_no_account() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    device.transport.set_outage(Outage::Away);
    let engine = device.open()?;
    let away = finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"));
    assert_eq!(
        away.map_err(|error| error.code()),
        Err(ErrorCode::NodeUnreachable)
    );
    assert_eq!(
        finish(engine.check_address(ADA, None))
            .problem
            .map(|p| p.code),
        Some(ErrorCode::NodeUnreachable)
    );
    Ok(())
}

#[test]
fn weak_and_endless_passwords_are_refused() -> Outcome {
    let engine = Device::new(&MemoryNode::new(1), 2).open()?;
    let weak = finish(engine.begin_create(ADA, None, &secret("ninechars"), "Test"));
    assert_eq!(weak, Err(EngineError::PasswordWeak));
    let endless = finish(engine.begin_create(ADA, None, &secret(&"x".repeat(1_025)), "Test"));
    assert_eq!(endless, Err(EngineError::TooLarge { max: 1_024 }));
    Ok(())
}

#[test]
fn second_device_sees_the_vault_of_the_first() -> Outcome {
    let node = MemoryNode::new(1);
    let first = Device::new(&node, 2).create(ADA)?;
    finish(first.save(items::login(
        "Orchard",
        "ada",
        "secret",
        "https://orchard.test",
    )))?;
    finish(first.sync())?;
    let second = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(finish(second.sync())?.pulled, 1);
    assert_eq!(finish(second.search("orch", 0, 10))?.total, 1);
    let devices = finish(second.sessions())?.devices;
    assert_eq!(devices.len(), 2);
    let other = devices
        .iter()
        .find(|session| !session.current)
        .ok_or("no other")?;
    assert_eq!(finish(second.revoke_session(&other.id))?.devices.len(), 1);
    assert_eq!(finish(first.sync())?.node, NodeState::SignedOut);
    Ok(())
}

#[test]
fn wrong_password_is_refused() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    finish(engine.lock());
    for wrong in ["correct horse batterY", "", "correct horse battery "] {
        assert_eq!(
            finish(engine.unlock(&secret(wrong))).err(),
            Some(EngineError::PasswordWrong),
            "{wrong}"
        );
    }
    assert!(is_locked(&finish(engine.status())));
    let other = Device::new(&node, 3).open()?;
    finish(other.begin_log_in(ADA, None, &secret("another password"), "Test"))?;
    let status = Device::new(&node, 4).work(&other.clone());
    assert!(status.is_ok_and(|status| matches!(
        status,
        AppStatus::Empty {
            problem: Some(WireError {
                code: ErrorCode::CredentialsWrong,
                ..
            })
        }
    )));
    let unknown = finish(other.begin_log_in("nobody@localhost", None, &secret(PASSWORD), "Test"));
    assert_eq!(
        unknown.map_err(|error| error.code()),
        Err(ErrorCode::CredentialsWrong)
    );
    Ok(())
}

#[test]
fn vault_unlocks_with_the_node_away() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let saved = finish(engine.save(items::login(
        "Orchard",
        "ada",
        "secret",
        "https://orchard.test",
    )))?;
    device.session.end_browser();
    device.transport.set_outage(Outage::Away);
    let engine = device.open()?;
    assert!(is_locked(&finish(engine.status())));
    finish(engine.unlock(&secret(PASSWORD)))?;
    // EXPOSE: a test looks at it.
    assert_eq!(
        finish(engine.reveal(saved.id, &proto::vault::SecretField::Password))?
            .value
            .expose_secret(),
        "secret"
    );
    let report = finish(engine.sync())?;
    assert_eq!(report.node, NodeState::Offline);
    assert_eq!(
        report.problem.map(|problem| problem.code),
        Some(ErrorCode::NodeUnreachable)
    );
    let AppStatus::Unlocked { pending, node, .. } = finish(engine.status()) else {
        return Err("locked".into());
    };
    assert_eq!((pending, node), (1, NodeState::Offline));
    Ok(())
}

#[test]
fn unlocked_vault_survives_the_worker_and_not_the_browser() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    finish(
        device
            .create(ADA)?
            .save(items::login("Orchard", "ada", "x", "https://orchard.test")),
    )?;
    let engine = device.open()?;
    assert!(is_unlocked(&finish(engine.status())));
    assert_eq!(finish(engine.search("", 0, 10))?.total, 1);
    device.session.end_browser();
    assert!(is_locked(&finish(device.open()?.status())));
    Ok(())
}

#[test]
fn deadline_is_absolute() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.advance(10 * MINUTE);
    finish(engine.touch(ActivityKind::Background));
    assert_eq!(
        engine.next_deadline(),
        Some(device.clock.now().plus(5 * MINUTE))
    );
    finish(engine.touch(ActivityKind::User));
    assert_eq!(
        engine.next_deadline(),
        Some(device.clock.now().plus(15 * MINUTE))
    );
    device.clock.advance(15 * MINUTE - 1);
    assert!(
        is_unlocked(&finish(device.open()?.status())),
        "the moved deadline outlives the worker"
    );
    device.clock.advance(1);
    assert_eq!(
        finish(engine.search("", 0, 1)).err(),
        Some(EngineError::Locked)
    );
    assert_eq!(
        device.session.slots(),
        Vec::<String>::new(),
        "the key is gone too"
    );
    assert!(is_locked(&finish(device.open()?.status())));
    Ok(())
}

#[test]
fn dead_worker_locks_at_the_deadline_too() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    device.create(ADA)?;
    device.clock.advance(15 * MINUTE);
    let engine = device.open()?;
    assert!(is_locked(&finish(engine.status())));
    assert_eq!(device.session.slots(), Vec::<String>::new());
    Ok(())
}

#[test]
fn clock_that_is_turned_back_locks() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    device.clock.turn_back(1_000);
    assert!(
        is_unlocked(&finish(engine.status())),
        "clocks are corrected all the time"
    );
    device.clock.turn_back(MINUTE);
    assert!(is_locked(&finish(device.open()?.status())));
    assert!(is_locked(&finish(engine.status())));
    Ok(())
}

#[test]
fn every_request_checks_the_deadline() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let id = finish(engine.save(items::login("a", "b", "c", "https://a.test")))?.id;
    device.clock.advance(15 * MINUTE);
    let locked = Some(EngineError::Locked);
    let frame = proto::bridge::endpoint::FrameSender {
        tab: proto::bridge::endpoint::TabId(1),
        frame: proto::bridge::endpoint::FrameId(0),
        origin: "https://a.test".parse().ok(),
        ancestors: Vec::new(),
    };
    assert_eq!(
        finish(engine.release(id, &frame, engine::UserAct::Chosen)).err(),
        locked
    );
    assert_eq!(finish(engine.item(id)).err(), locked);
    assert_eq!(finish(engine.edit(id)).err(), locked);
    assert_eq!(
        finish(engine.reveal(id, &proto::vault::SecretField::Password)).err(),
        locked
    );
    assert_eq!(
        finish(engine.save(items::login("a", "b", "c", "https://a.test"))).err(),
        locked
    );
    assert_eq!(finish(engine.delete(id)).err(), locked);
    assert_eq!(finish(engine.undelete(id)).err(), locked);
    assert_eq!(finish(engine.sync()).err(), locked);
    assert_eq!(finish(engine.sessions()).err(), locked);
    assert_eq!(
        finish(engine.delete_account(&secret(PASSWORD))).err(),
        locked
    );
    assert_eq!(
        finish(engine.logins_for(&"https://a.test".parse()?)).err(),
        locked
    );
    Ok(())
}

#[test]
fn system_lock_locks_where_the_user_wants_it() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    finish(engine.set_settings(Settings {
        lock_with_system: false,
        ..Settings::default()
    }))?;
    assert!(!finish(engine.on_system_lock()));
    finish(engine.set_settings(Settings::default()))?;
    assert!(finish(engine.on_system_lock()));
    assert!(is_locked(&finish(engine.status())));
    Ok(())
}

#[test]
fn lock_stops_an_unlock_that_is_under_way() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    finish(engine.lock());
    let password = secret(PASSWORD);
    let lock = async {
        testkit::run::pause().await;
        engine.on_system_lock().await
    };
    let (unlocked, _) = both(engine.unlock(&password), lock);
    assert_eq!(unlocked.err(), Some(EngineError::Locked));
    assert!(is_locked(&finish(engine.status())));
    Ok(())
}

#[test]
fn account_made_behind_a_locked_screen_stays_locked() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    finish(engine.on_system_lock());
    assert!(is_locked(&device.work(&engine)?));
    assert_eq!(device.session.slots(), Vec::<String>::new());
    assert!(is_unlocked(&finish(engine.unlock(&secret(PASSWORD)))?));
    Ok(())
}

#[test]
fn lock_is_remembered_when_the_worker_dies_during_work() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"))?;
    finish(engine.on_system_lock());
    let revived = device.open()?;
    assert!(is_locked(&device.work(&revived)?));
    assert_eq!(device.session.slots(), Vec::<String>::new());
    // What is begun after the lock opens as ever.
    finish(revived.remove_account())?;
    assert!(is_unlocked(&finish(device.log_in(ADA)?.status())));
    Ok(())
}

#[test]
fn node_that_drops_a_known_key_is_told() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    node.end_sessions();
    finish(engine.sync())?;
    node.forget_keys();
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    device.work(&engine)?;
    let problem = engine.work_problem().map(|problem| problem.code);
    assert_eq!(problem, Some(ErrorCode::NodeMisbehaved));
    assert!(
        is_unlocked(&finish(engine.status())),
        "nothing changed here"
    );
    Ok(())
}

#[test]
fn lock_by_time_is_not_undone_by_work_under_way() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    node.end_sessions();
    finish(engine.sync())?;
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    device.clock.advance(15 * MINUTE);
    assert!(finish(engine.lock_if_due()));
    finish(engine.renew_work())?;
    assert!(is_locked(&device.work(&engine)?));
    Ok(())
}

#[test]
fn who_writes_to_the_store_cannot_send_the_session_elsewhere() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    finish(engine.lock());
    let stored = device.store.contents().remove("account");
    let stored = String::from_utf8(stored.ok_or("no account")?)?;
    let (before, after) = stored.split_once(r#""api":""#).ok_or("no node")?;
    let (_, after) = after.split_once('"').ok_or("no node")?;
    let evil = format!(r#"{before}"api":"https://evil.test/api"{after}"#);
    device.store.tamper("account", Some(evil.into_bytes()));
    let engine = device.open()?;
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    assert!(is_unlocked(&device.work(&engine)?));
    assert_eq!(finish(engine.sync())?.node, NodeState::Online);
    let asked = device.transport.seen();
    assert!(
        !asked.iter().any(|request| request.contains("evil.test")),
        "{asked:?}"
    );
    Ok(())
}

#[test]
fn settings_out_of_range_are_refused() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let set =
        |settings: Settings| finish(engine.set_settings(settings)).map_err(|error| error.code());
    for minutes in [0, 1_441] {
        assert_eq!(
            set(Settings {
                lock_after_minutes: minutes,
                ..Settings::default()
            }),
            Err(ErrorCode::InvalidField)
        );
    }
    for seconds in [1, 9, 601] {
        assert_eq!(
            set(Settings {
                clear_clipboard_seconds: seconds,
                ..Settings::default()
            }),
            Err(ErrorCode::InvalidField)
        );
    }
    let wanted = Settings {
        lock_after_minutes: 1,
        clear_clipboard_seconds: 0,
        ..Settings::default()
    };
    assert_eq!(set(wanted.clone()), Ok(wanted.clone()));
    assert_eq!(
        engine.next_deadline(),
        Some(device.clock.now().plus(MINUTE))
    );
    assert_eq!(device.open()?.settings(), wanted);
    Ok(())
}

#[test]
fn session_that_ended_is_renewed_without_losing_what_waits() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    node.end_sessions();
    finish(engine.save(items::login(
        "Orchard",
        "ada",
        "secret",
        "https://orchard.test",
    )))?;
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    finish(engine.lock());
    let wrong = finish(engine.begin_log_in(ADA, None, &secret("wrong password"), "Test"));
    assert_eq!(
        wrong,
        Err(EngineError::PasswordWrong),
        "noticed without any work"
    );
    assert_eq!(
        finish(engine.begin_log_in("bob@localhost", None, &secret(PASSWORD), "Test")),
        Err(EngineError::AccountExists)
    );
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    assert!(is_unlocked(&device.work(&engine)?));
    assert_eq!(finish(engine.search("orch", 0, 10))?.total, 1);
    let report = finish(engine.sync())?;
    assert_eq!((report.node, report.pushed), (NodeState::Online, 1));
    let AppStatus::Unlocked { pending, .. } = finish(device.open()?.status()) else {
        return Err("locked".into());
    };
    assert_eq!(pending, 0);
    Ok(())
}

#[test]
fn removed_account_leaves_nothing_but_settings() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    finish(engine.save(items::login("Orchard", "ada", "x", "https://orchard.test")))?;
    assert_eq!(
        finish(engine.remove_account())?,
        AppStatus::Empty { problem: None }
    );
    assert_eq!(
        device.store.contents().keys().collect::<Vec<_>>(),
        ["settings"]
    );
    assert_eq!(device.session.slots(), Vec::<String>::new());
    assert!(
        is_unlocked(&finish(device.log_in(ADA)?.status())),
        "it is still on the node"
    );
    Ok(())
}

fn engine_report(kind: EngineKind, rate: f64) -> EngineReport {
    EngineReport {
        kind,
        place: EnginePlace::Browser,
        name: "x".repeat(300),
        units: 2,
        software: false,
        rate: Some(rate),
        problem: None,
    }
}

#[test]
fn measured_engines_belong_to_the_device_and_outlive_accounts() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    assert_eq!(engine.solver(), None);
    let rates = |engine: &engine::Engine<_>| -> Vec<_> {
        let (engines, _) = engine.solver().unwrap_or_default();
        engines.iter().map(|it| (it.kind, it.rate)).collect()
    };
    let (processor, graphics) = (EngineKind::Processor, EngineKind::Graphics);
    finish(engine.note_solver(vec![engine_report(graphics, 9.0)], false))?;
    finish(engine.note_solver(vec![engine_report(processor, 1.0)], false))?;
    finish(engine.note_solver(vec![engine_report(processor, 2.0)], false))?;
    let both = [(processor, Some(2.0)), (graphics, Some(9.0))];
    assert_eq!(rates(&engine), both);
    let (engines, _) = engine.solver().ok_or("measured")?;
    assert_eq!(engines[0].name.len(), 100);
    drop(engine);
    let engine = device.create(ADA)?;
    assert_eq!(rates(&engine), both);
    finish(engine.remove_account())?;
    drop(engine);
    let engine = device.open()?;
    assert_eq!(rates(&engine), both);
    // A complete measurement knows of no other engine.
    finish(engine.note_solver(vec![engine_report(processor, 3.0)], true))?;
    assert_eq!(rates(&engine), [(processor, Some(3.0))]);
    Ok(())
}

#[test]
fn deleted_account_is_gone_for_good() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    assert_eq!(
        finish(engine.delete_account(&secret("wrong password"))).err(),
        Some(EngineError::PasswordWrong)
    );
    device.transport.set_outage(Outage::Away);
    let away = finish(engine.delete_account(&secret(PASSWORD))).map_err(|error| error.code());
    assert_eq!(away, Err(ErrorCode::NodeUnreachable));
    assert!(
        is_unlocked(&finish(engine.status())),
        "what is still there is still here"
    );
    device.transport.set_outage(Outage::None);
    assert_eq!(
        finish(engine.delete_account(&secret(PASSWORD)))?,
        AppStatus::Empty { problem: None }
    );
    let again = finish(Device::new(&node, 3).open()?.begin_create(
        ADA,
        None,
        &secret(PASSWORD),
        "Test",
    ));
    assert_eq!(
        again.map_err(|error| error.code()),
        Err(ErrorCode::AddressTaken)
    );
    Ok(())
}

#[test]
fn drafts_survive_the_worker_and_are_sealed_once_they_can_be() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let text = |engine: &engine::Engine<Device>, screen: &str| -> Result<String, EngineError> {
        // EXPOSE: a test looks at it.
        Ok(finish(engine.draft(screen))?
            .content
            .expose_secret()
            .to_owned())
    };
    let engine = device.open()?;
    finish(engine.keep_draft("welcome", &secret("ada@")))?;
    assert_eq!(text(&device.open()?, "welcome")?, "ada@");
    assert!(
        device.store.contents().is_empty(),
        "before there is a key it stays in memory"
    );
    let engine = device.create(ADA)?;
    finish(engine.keep_draft("item/new", &secret("a secret half typed")))?;
    assert_eq!(text(&device.open()?, "item/new")?, "a secret half typed");
    let stored = device.store.contents();
    let sealed = stored.get("draft/item/new").ok_or("not stored")?;
    assert!(!String::from_utf8_lossy(sealed).contains("secret"));
    finish(engine.lock());
    assert_eq!(text(&engine, "item/new")?, "");
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(text(&engine, "item/new")?, "a secret half typed");
    finish(engine.keep_draft("item/new", &secret("")))?;
    assert_eq!(text(&engine, "item/new")?, "");
    assert!(finish(engine.keep_draft("a b", &secret("x"))).is_err());
    let endless = secret(&"x".repeat(DRAFT_MAX_BYTES + 1));
    assert_eq!(
        finish(engine.keep_draft("a", &endless)),
        Err(EngineError::TooLarge {
            max: DRAFT_MAX_BYTES
        })
    );
    Ok(())
}

#[test]
fn damaged_session_token_leaves_the_vault_readable() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    finish(engine.save(items::login("Orchard", "ada", "x", "https://orchard.test")))?;
    let stored = String::from_utf8(
        device
            .store
            .contents()
            .remove("account")
            .unwrap_or_default(),
    )?;
    let (before, after) = stored.split_once(r#""session":""#).ok_or("no token")?;
    let damaged = format!(r#"{before}"session":"{}AAAA{}"#, &after[..40], &after[44..]);
    device.store.tamper("account", Some(damaged.into_bytes()));
    let engine = device.open()?;
    assert_eq!(finish(engine.search("orch", 0, 1))?.total, 1);
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    finish(engine.begin_log_in(ADA, None, &secret(PASSWORD), "Test"))?;
    assert!(is_unlocked(&device.work(&engine)?));
    assert_eq!(finish(engine.sync())?.pushed, 1);
    Ok(())
}
