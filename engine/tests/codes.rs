//! One-time codes: an account by invitation, a password set anew, and what goes wrong on the way.

use std::error::Error;

use engine::{Engine, EngineError, NodeError};
use proto::{
    address::Address,
    api::domain::CodePurpose,
    bridge::popup::{AppStatus, NodeState, RecoveryState, RecoveryWords, WorkTask},
    error::ErrorCode,
    ids::{ItemId, KeyNumber},
    limits::CODE_LIFETIME_MS,
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

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";
const NEW: &str = "a whole new password";
const REDEEM: &str = "/codes/redeem";

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

fn code_for(node: &MemoryNode, address: &str, purpose: CodePurpose) -> Outcome<SecretText> {
    Ok(node.give_code(&address.parse()?, purpose))
}

fn redeem(
    engine: &Engine<Device>,
    code: &SecretText,
    purpose: CodePurpose,
    password: &str,
) -> Result<AppStatus, EngineError> {
    finish(engine.redeem_code(ADA, None, code, purpose, &secret(password), "Test"))
}

fn save(engine: &Engine<Device>, title: &str) -> Result<ItemId, EngineError> {
    let login = items::login(title, "ada", "p4ssw0rd", "https://example.com");
    finish(engine.save(login)).map(|saved| saved.id)
}

/// The titles of all items, each of which opens.
fn titles(engine: &Engine<Device>) -> Outcome<Vec<String>> {
    let found = finish(engine.search("", 0, 100))?.items;
    for item in &found {
        finish(engine.reveal(item.id, &SecretField::Password))?;
    }
    Ok(found.into_iter().map(|item| item.title).collect())
}

/// Number, locked, active.
fn keys(engine: &Engine<Device>) -> Outcome<Vec<(u32, bool, bool)>> {
    let keys = finish(engine.keys())?.keys;
    let view = keys
        .iter()
        .map(|key| (key.number.0, key.locked, key.active));
    Ok(view.collect())
}

fn recovery(engine: &Engine<Device>) -> Option<RecoveryState> {
    match finish(engine.status()) {
        AppStatus::Unlocked { recovery, .. } => Some(recovery),
        _ => None,
    }
}

fn is_open(status: &AppStatus) -> bool {
    matches!(status, AppStatus::Unlocked { .. })
}

fn logs_in(status: &AppStatus) -> bool {
    matches!(status, AppStatus::Working { task, .. } if *task == WorkTask::LogIn)
}

fn problem(engine: &Engine<Device>) -> Option<ErrorCode> {
    engine.work_problem().map(|error| error.code)
}

fn refused(code: ErrorCode) -> impl Fn(EngineError) -> bool {
    move |error| matches!(&error, EngineError::Node(NodeError::Refused(it)) if it.code == code)
}

fn confirmed(engine: &Engine<Device>) -> Result<SecretText, EngineError> {
    confirmed_with(engine, PASSWORD)
}

fn confirmed_with(engine: &Engine<Device>, password: &str) -> Result<SecretText, EngineError> {
    let RecoveryWords { words, asked, .. } = finish(engine.recovery_words())?;
    let typed: Vec<SecretText> = asked
        .iter()
        .map(|place| words[*place as usize - 1].clone())
        .collect();
    finish(engine.confirm_recovery(&secret(password), &typed))?;
    let words: Vec<&str> = words.iter().map(SecretText::expose_secret).collect();
    Ok(secret(&words.join(" ")))
}

/// An account with one item, on a device of its own.
fn ada(node: &MemoryNode) -> Outcome<(Device, Engine<Device>)> {
    let device = Device::new(node, 2);
    let engine = device.create(ADA)?;
    save(&engine, "Before")?;
    finish(engine.sync())?;
    Ok((device, engine))
}

#[test]
fn invitation_makes_an_account_where_registration_is_closed_and_without_work() -> Outcome {
    let node = MemoryNode::new(1);
    node.close_registration();
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    let closed = finish(engine.begin_create(ADA, None, &secret(PASSWORD), "Test"));
    let closed = closed.map_err(|error| error.code());
    assert_eq!(closed, Err(ErrorCode::RegistrationClosed));

    let code = code_for(&node, ADA, CodePurpose::Account)?;
    let found = finish(engine.check_code(" Ada@localhost", None, &code))?;
    assert_eq!(found.address, ADA.parse::<Address>()?);
    assert_eq!(found.purpose, CodePurpose::Account);
    assert_eq!(found.expires_at, device.clock.now().plus(CODE_LIFETIME_MS));
    let asked = device.transport.seen().len();
    let status = redeem(&engine, &code, CodePurpose::Account, PASSWORD)?;
    assert!(is_open(&status), "{status:?}");
    assert_eq!(engine.work(), None);
    let seen = device.transport.seen().split_off(asked);
    assert!(!seen.iter().any(|it| it.contains("challenge")), "{seen:?}");
    assert_eq!(keys(&engine)?, [(1, false, true)]);
    assert_eq!(recovery(&engine), Some(RecoveryState::NotConfirmed));
    save(&engine, "First")?;
    assert_eq!(finish(engine.sync())?.problem, None);
    // Who made the account signs first.
    assert_eq!(node.manifests(), 1);
    // Nothing of it stays behind, and it is an account as any other.
    assert_eq!(device.session.slots(), ["unlocked"]);
    let other = Device::new(&node, 3).log_in(ADA)?;
    assert_eq!(finish(other.sync())?.problem, None);
    assert_eq!(titles(&other)?, ["First"]);
    Ok(())
}

#[test]
fn code_is_read_as_people_type_it() -> Outcome {
    let node = MemoryNode::new(1);
    let code = code_for(&node, ADA, CodePurpose::Account)?;
    let engine = Device::new(&node, 2).open()?;
    let digits = code.expose_secret();
    let (one, other) = digits.split_at(7);
    for typed in [
        digits.to_owned(),
        digits.to_uppercase(),
        format!(" {one}-{other}\n"),
        digits.split("").collect::<Vec<_>>().join(" "),
    ] {
        assert!(
            finish(engine.check_code(ADA, None, &secret(&typed))).is_ok(),
            "{typed}"
        );
    }
    for typed in [
        "",
        "0123",
        "no code",
        &digits[1..],
        &format!("{digits}0"),
        &"0".repeat(10_000),
    ] {
        let read = finish(engine.check_code(ADA, None, &secret(typed)));
        assert_eq!(read, Err(EngineError::CodeWrong));
    }
    Ok(())
}

#[test]
fn code_does_nothing_but_what_it_is_for() -> Outcome {
    let node = MemoryNode::new(1);
    let invitation = code_for(&node, ADA, CodePurpose::Account)?;
    let device = Device::new(&node, 2);
    let engine = device.open()?;
    let wrong = refused(ErrorCode::CodeWrong);
    let of_bob = finish(engine.check_code(BOB, None, &invitation));
    assert!(of_bob.is_err_and(&wrong));
    let as_reset = redeem(&engine, &invitation, CodePurpose::Reset, NEW);
    assert_eq!(as_reset, Err(EngineError::CodeWrong));
    let weak = redeem(&engine, &invitation, CodePurpose::Account, "short");
    assert_eq!(weak, Err(EngineError::PasswordWeak));
    let nowhere = finish(engine.check_code("ada@elsewhere.test", None, &invitation));
    assert!(nowhere.is_err());
    // It is good for all that, until it is over.
    assert!(finish(engine.check_code(ADA, None, &invitation)).is_ok());
    device.clock.advance(CODE_LIFETIME_MS);
    assert!(finish(engine.check_code(ADA, None, &invitation)).is_err_and(&wrong));
    let late = redeem(&engine, &invitation, CodePurpose::Account, NEW);
    assert_eq!(late, Err(EngineError::CodeWrong));
    assert_eq!(problem(&engine), Some(ErrorCode::CodeWrong));
    assert_eq!(engine.work(), None);
    // Nor is one for a new password an invitation, and nobody logs in instead.
    Device::new(&node, 4).create(BOB)?;
    let reset = code_for(&node, BOB, CodePurpose::Reset)?;
    let password = secret(NEW);
    let account = CodePurpose::Account;
    let as_account = finish(engine.redeem_code(BOB, None, &reset, account, &password, "Test"));
    assert_eq!(as_account, Err(EngineError::CodeWrong));
    // A device that has an account uses no codes.
    let code = code_for(&node, ADA, CodePurpose::Account)?;
    let taken = Device::new(&node, 3).log_in(BOB)?;
    let refused = redeem(&taken, &code, CodePurpose::Account, NEW);
    assert_eq!(refused, Err(EngineError::AccountExists));
    Ok(())
}

#[test]
fn reset_leaves_what_was_before_locked_until_the_old_password_is_typed() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, before) = ada(&node)?;
    let code = code_for(&node, ADA, CodePurpose::Reset)?;
    let other = Device::new(&node, 3);
    let engine = other.open()?;
    let found = finish(engine.check_code(ADA, None, &code))?;
    assert_eq!(found.purpose, CodePurpose::Reset);
    let status = redeem(&engine, &code, CodePurpose::Reset, NEW)?;
    assert!(is_open(&status), "{status:?}");
    assert_eq!(keys(&engine)?, [(1, true, false), (2, false, true)]);
    finish(engine.sync())?;
    assert!(titles(&engine)?.is_empty());
    save(&engine, "After")?;
    finish(engine.sync())?;
    assert_eq!(titles(&engine)?, ["After"]);
    // The other device is out, and the old password opens no session.
    assert_eq!(finish(before.sync())?.node, NodeState::SignedOut);
    let old = Device::new(&node, 4).log_in(ADA);
    assert!(old.is_ok_and(|old| problem(&old) == Some(ErrorCode::CredentialsWrong)));

    let wrong = finish(engine.open_keys(&secret(NEW), Some(&secret("not the old one"))));
    assert_eq!(wrong.err(), Some(EngineError::KeysLocked));
    finish(engine.open_keys(&secret(NEW), Some(&secret(PASSWORD))))?;
    assert_eq!(keys(&engine)?, [(1, false, false), (2, false, true)]);
    assert_eq!(finish(engine.sync())?.problem, None);
    assert_eq!(titles(&engine)?, ["After", "Before"]);
    // From then on the new password opens both, here and on a device that comes later.
    finish(engine.lock());
    finish(engine.unlock(&secret(NEW)))?;
    assert_eq!(titles(&engine)?, ["After", "Before"]);
    drop(device);
    Ok(())
}

#[test]
fn recovery_words_open_after_a_reset_what_the_old_password_had() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, before) = ada(&node)?;
    let words = confirmed(&before)?;
    let code = code_for(&node, ADA, CodePurpose::Reset)?;
    let device = Device::new(&node, 3);
    let engine = device.open()?;
    redeem(&engine, &code, CodePurpose::Reset, NEW)?;
    finish(engine.sync())?;
    assert_eq!(keys(&engine)?, [(1, true, false), (2, false, true)]);
    finish(engine.begin_recover(ADA, None, &words, &secret(NEW), "Test"))?;
    let status = device.work(&engine)?;
    assert!(is_open(&status), "{status:?}");
    assert_eq!(problem(&engine), None);
    assert_eq!(keys(&engine)?, [(1, false, false), (2, false, true)]);
    finish(engine.sync())?;
    assert_eq!(titles(&engine)?, ["Before"]);
    Ok(())
}

#[test]
fn vault_goes_on_unsigned_until_the_user_goes_on_without_the_old_password() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, before) = ada(&node)?;
    confirmed(&before)?;
    let signed = node.manifests();
    let code = code_for(&node, ADA, CodePurpose::Reset)?;
    let device = Device::new(&node, 3);
    let engine = device.open()?;
    redeem(&engine, &code, CodePurpose::Reset, NEW)?;
    save(&engine, "After")?;
    finish(engine.sync())?;
    let other = Device::new(&node, 4);
    let later = other.open()?;
    finish(later.begin_log_in(ADA, None, &secret(NEW), "Test"))?;
    other.work(&later)?;
    for engine in [&engine, &later] {
        let told = finish(engine.sync())?.problem.map(|problem| problem.code);
        assert_eq!(told, Some(ErrorCode::VaultKeyOlder));
        assert_eq!(titles(engine)?, ["After"]);
        // The words are those of the key that is locked.
        assert_eq!(finish(engine.recovery())?.state, RecoveryState::Locked);
    }
    assert_eq!(node.manifests(), signed);
    // From what the server shows the new key signs on, on every device.
    finish(engine.repair())?;
    assert_eq!(node.manifests(), signed + 1);
    save(&engine, "Signed")?;
    for engine in [&engine, &later] {
        assert_eq!(finish(engine.sync())?.problem, None);
        assert_eq!(titles(engine)?, ["After", "Signed"]);
    }
    assert_eq!(node.manifests(), signed + 2);
    // And new words take the place of those.
    confirmed_with(&engine, NEW)?;
    for engine in [&engine, &later] {
        let found = finish(engine.recovery())?;
        assert_eq!(found.state, RecoveryState::Confirmed);
    }
    confirmed_with(&later, NEW)?;
    Ok(())
}

#[test]
fn open_vault_is_locked_by_its_user_before_it_takes_the_new_password_after_a_reset() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, before) = ada(&node)?;
    let code = code_for(&node, ADA, CodePurpose::Reset)?;
    let other = Device::new(&node, 3).open()?;
    redeem(&other, &code, CodePurpose::Reset, NEW)?;
    save(&other, "After")?;
    finish(other.sync())?;
    assert_eq!(finish(before.sync())?.node, NodeState::SignedOut);
    assert_eq!(titles(&before)?, ["Before"]);
    let orchard = "https://www.orchard.test".parse()?;
    let made = finish(before.keep_generated(&orchard, &secret("correct-pear-5")))?;
    finish(before.begin_log_in_again(None, &secret(NEW), "Test"))?;
    let status = device.work(&before)?;
    assert!(is_open(&status), "{status:?}");
    assert_eq!(problem(&before), Some(ErrorCode::VaultWouldLock));
    assert_eq!(titles(&before)?, ["Before"]);
    finish(before.lock());
    finish(before.begin_log_in_again(None, &secret(NEW), "Test"))?;
    device.work(&before)?;
    assert_eq!(problem(&before), None);
    // What is cleared away at an unlocking is not what is only locked.
    finish(before.lock());
    assert!(is_open(&finish(before.unlock(&secret(NEW)))?));
    assert_eq!(keys(&before)?, [(1, true, false), (2, false, true)]);
    finish(before.sync())?;
    assert_eq!(titles(&before)?, ["After"]);
    finish(before.open_keys(&secret(NEW), Some(&secret(PASSWORD))))?;
    assert_eq!(finish(before.sync())?.problem, None);
    assert_eq!(titles(&before)?, ["After", "Before"]);
    assert!(finish(before.reveal_generated(made)).is_ok());
    Ok(())
}

#[test]
fn node_leads_nobody_back_to_an_older_key_after_a_change_of_the_password() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = ada(&node)?;
    finish(engine.make_key(&secret(PASSWORD), KeyNumber(2)))?;
    save(&engine, "Under the newer key")?;
    finish(engine.sync())?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.change_password(&secret(PASSWORD), &secret(NEW)))?;
    node.spoil_key(&ADA.parse()?, KeyNumber(2));
    assert_eq!(finish(engine.sync())?.node, NodeState::SignedOut);
    for locked in [false, true] {
        if locked {
            finish(engine.lock());
        }
        finish(engine.begin_log_in_again(None, &secret(NEW), "Test"))?;
        device.work(&engine)?;
        assert_eq!(
            problem(&engine),
            Some(ErrorCode::NodeMisbehaved),
            "{locked}"
        );
    }
    finish(engine.unlock(&secret(PASSWORD)))?;
    assert_eq!(keys(&engine)?, [(1, false, false), (2, false, true)]);
    assert_eq!(titles(&engine)?, ["Before", "Under the newer key"]);
    Ok(())
}

#[test]
fn screen_that_is_locked_over_a_code_stays_so_for_whoever_goes_on() -> Outcome {
    let node = MemoryNode::new(1);
    let code = code_for(&node, ADA, CodePurpose::Account)?;
    let device = Device::new(&node, 3);
    let engine = device.open()?;
    device.transport.set_outage(Outage::Death);
    let password = secret(NEW);
    {
        let mut asked = std::pin::pin!(engine.redeem_code(
            ADA,
            None,
            &code,
            CodePurpose::Account,
            &password,
            "Test"
        ));
        assert!(until_death(asked.as_mut()).is_none());
        finish(engine.lock());
    }
    device.transport.set_outage(Outage::None);
    let engine = device.open()?;
    let status = redeem(&engine, &code, CodePurpose::Account, NEW)?;
    assert!(matches!(status, AppStatus::Locked { .. }), "{status:?}");
    assert!(is_open(&finish(engine.unlock(&password))?));
    Ok(())
}

#[test]
fn code_whose_answer_was_lost_leads_in_by_a_login() -> Outcome {
    for purpose in [CodePurpose::Account, CodePurpose::Reset] {
        let node = MemoryNode::new(1);
        if purpose == CodePurpose::Reset {
            ada(&node)?;
        }
        let code = code_for(&node, ADA, purpose)?;
        let device = Device::new(&node, 3);
        let engine = device.open()?;
        device.transport.lose_answers_to(Some(REDEEM));
        let lost = redeem(&engine, &code, purpose, NEW);
        assert_eq!(lost, Err(EngineError::Node(NodeError::Unreachable)));
        device.transport.lose_answers_to(None);
        // The code is used; with another password it was not by this user.
        let status = redeem(&engine, &code, purpose, "quite another password")?;
        assert!(logs_in(&status), "{status:?}");
        device.work(&engine)?;
        assert_eq!(problem(&engine), Some(ErrorCode::CodeWrong));

        let status = redeem(&engine, &code, purpose, NEW)?;
        assert!(logs_in(&status), "{status:?}");
        // Sent twice, also to another worker, it is one act.
        let engine = device.open()?;
        let again = redeem(&engine, &code, purpose, NEW)?;
        assert!(logs_in(&again), "{again:?}");
        let status = device.work(&engine)?;
        assert!(is_open(&status), "{status:?}");
        let active = if purpose == CodePurpose::Reset { 2 } else { 1 };
        assert_eq!(keys(&engine)?.last(), Some(&(active, false, true)));
        assert_eq!(node.keys_of(&ADA.parse()?).len(), active as usize);
        assert_eq!(device.session.slots(), ["unlocked"]);
        if purpose == CodePurpose::Account {
            // It is this device that has made it, and signs what is in it.
            save(&engine, "First")?;
            assert_eq!(finish(engine.sync())?.problem, None);
            assert_eq!(node.manifests(), 1);
        }
    }
    Ok(())
}

#[test]
fn worker_that_dies_over_a_code_gets_in_all_the_same() -> Outcome {
    let mut deaths = Vec::new();
    for purpose in [CodePurpose::Account, CodePurpose::Reset] {
        for fault in [None, Some(Fault::DiesBefore), Some(Fault::DiesAfter)] {
            let node = MemoryNode::new(1);
            if purpose == CodePurpose::Reset {
                ada(&node)?;
            }
            let code = code_for(&node, ADA, purpose)?;
            let device = Device::new(&node, 3);
            let engine = device.open()?;
            match fault {
                Some(fault) => device.store.die_at(1, fault),
                None => device.transport.set_outage(Outage::Death),
            }
            let password = secret(NEW);
            let asked = engine.redeem_code(ADA, None, &code, purpose, &password, "Test");
            deaths.push(until_death(asked).is_none());
            device.transport.set_outage(Outage::None);
            let engine = device.open()?;
            let status = match finish(engine.status()) {
                // Nobody knows what became of it: the popup asks once more.
                AppStatus::Empty { .. } => {
                    let asked = redeem(&engine, &code, purpose, NEW)?;
                    if logs_in(&asked) {
                        device.work(&engine)?
                    } else {
                        asked
                    }
                }
                // The account was written down.
                AppStatus::Locked { .. } => finish(engine.unlock(&password))?,
                status => status,
            };
            assert!(is_open(&status), "{purpose:?} {fault:?}: {status:?}");
            let active = keys(&engine)?.pop().ok_or("no key")?;
            assert!(!active.1 && active.2, "{purpose:?} {fault:?}");
        }
    }
    assert_eq!(deaths, [true; 6]);
    Ok(())
}

#[test]
fn node_that_keeps_another_key_than_was_made_is_not_believed() -> Outcome {
    for purpose in [CodePurpose::Account, CodePurpose::Reset] {
        let node = MemoryNode::new(1);
        if purpose == CodePurpose::Reset {
            ada(&node)?;
        }
        Device::new(&node, 4).create(BOB)?;
        node.swap_redeemed(node.keys_of(&BOB.parse()?));
        let code = code_for(&node, ADA, purpose)?;
        let device = Device::new(&node, 3);
        let engine = device.open()?;
        let made = redeem(&engine, &code, purpose, NEW);
        assert_eq!(made, Err(EngineError::Node(NodeError::Misbehaved)));
        assert!(matches!(finish(engine.status()), AppStatus::Empty { .. }));
    }
    Ok(())
}
