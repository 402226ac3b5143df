//! New keys: made, learnt of by other devices, and what was sealed before and after.

use std::error::Error;

use engine::{Engine, EngineError, MessageOrder, NodeError};
use proto::{
    address::Address,
    bridge::popup::{
        AppStatus, Conversation, KeyView, MessageContent, NodeState, RecoveryState, RecoveryWords,
        SentState,
    },
    bytes::Hex,
    error::ErrorCode,
    ids::{ItemId, KeyNumber, MessageId},
    limits::SESSION_IDLE_MS,
    vault::{SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    node::MemoryNode,
    run::{both, finish, pause, until_death},
    store::Fault,
    transport::Outage,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";
const SECOND: KeyNumber = KeyNumber(2);

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

fn make(engine: &Engine<Device>) -> Result<Vec<KeyView>, EngineError> {
    finish(engine.make_key(&secret(PASSWORD), SECOND)).map(|it| it.keys)
}

/// Number, locked, active.
fn listed(keys: &[KeyView]) -> Vec<(u32, bool, bool)> {
    let view = |key: &KeyView| (key.number.0, key.locked, key.active);
    keys.iter().map(view).collect()
}

fn save(engine: &Engine<Device>, title: &str) -> Result<ItemId, EngineError> {
    let login = items::login(title, "ada", "p4ssw0rd", "https://example.com");
    finish(engine.save(login)).map(|saved| saved.id)
}

/// Everything opens: lists and secrets.
fn opens(engine: &Engine<Device>, wanted: usize) -> Outcome {
    let found = finish(engine.search("", 0, 100))?.items;
    assert_eq!(found.len(), wanted);
    for item in found {
        finish(engine.reveal(item.id, &SecretField::Password))?;
    }
    Ok(())
}

fn synced(engine: &Engine<Device>) -> Outcome {
    let report = finish(engine.sync())?;
    assert_eq!(
        (report.node, report.problem, report.unreadable),
        (NodeState::Online, None, 0)
    );
    Ok(())
}

fn recovery(engine: &Engine<Device>) -> Option<RecoveryState> {
    match finish(engine.status()) {
        AppStatus::Unlocked { recovery, .. } => Some(recovery),
        _ => None,
    }
}

fn confirmed(engine: &Engine<Device>) -> Result<SecretText, EngineError> {
    let RecoveryWords { words, asked, .. } = finish(engine.recovery_words())?;
    let typed: Vec<SecretText> = asked
        .iter()
        .map(|place| words[*place as usize - 1].clone())
        .collect();
    finish(engine.confirm_recovery(&secret(PASSWORD), &typed))?;
    let words: Vec<&str> = words.iter().map(SecretText::expose_secret).collect();
    Ok(secret(&words.join(" ")))
}

/// A header that solves a challenge: of difficulty 1 any does.
fn solved(order: &MessageOrder) -> Hex<64> {
    let Hex(mut header) = order.challenge.header;
    header[31] = 1;
    Hex(header)
}

async fn go_on(engine: &Engine<Device>) -> Result<(), EngineError> {
    engine.pull_messages().await?;
    engine.send_messages().await?;
    while let Some(order) = engine.message_work() {
        engine.submit_message_work(solved(&order)).await?;
        engine.send_messages().await?;
    }
    engine.pull_messages().await?;
    Ok(())
}

fn write(device: &Device, engine: &Engine<Device>, to: &str, number: u8, text: &str) -> Outcome {
    let id = MessageId::make(device.clock.now(), [number; 10]);
    finish(engine.send_message(id, &to.parse()?, &secret(text)))?;
    device.clock.advance(1);
    Ok(())
}

fn with(engine: &Engine<Device>, other: &str) -> Outcome<Conversation> {
    let other: Address = other.parse()?;
    Ok(finish(engine.conversation(&other, None))?)
}

/// The texts of a conversation; what is not open in brackets.
fn texts(engine: &Engine<Device>, other: &str) -> Outcome<Vec<String>> {
    let said = with(engine, other)?.messages.into_iter().map(|message| {
        match message.content {
            // EXPOSE: a test looks at it.
            MessageContent::Text { text } => text.expose_secret().to_owned(),
            MessageContent::Locked {} => "(locked)".to_owned(),
            _ => "(else)".to_owned(),
        }
    });
    Ok(said.collect())
}

/// Why the last message waits.
fn waits_for(engine: &Engine<Device>, other: &str) -> Outcome<Option<String>> {
    let last = with(engine, other)?.messages.pop().ok_or("nothing said")?;
    Ok(match last.sent {
        Some(SentState::Waiting { reason }) => reason.map(|it| it.message),
        _ => None,
    })
}

#[test]
fn new_key_is_active_and_everything_stays_readable() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    let words = confirmed(&engine)?;
    save(&engine, "Under the first")?;
    synced(&engine)?;
    let before = finish(engine.keys())?.keys;
    assert_eq!(listed(&before), [(1, false, true)]);

    let wrong = finish(engine.make_key(&secret("not the password"), SECOND));
    assert_eq!(wrong.err(), Some(EngineError::PasswordWrong));
    let after = make(&engine)?;
    assert_eq!(listed(&after), [(1, false, false), (2, false, true)]);
    assert_eq!(after[0].fingerprint, before[0].fingerprint);
    assert_ne!(after[0].fingerprint, after[1].fingerprint);
    assert!(after.iter().all(|key| key.added_at.is_some()));
    assert_eq!(recovery(&engine), Some(RecoveryState::Confirmed));

    save(&engine, "Under the second")?;
    synced(&engine)?;
    opens(&engine, 2)?;
    finish(engine.lock());
    finish(engine.unlock(&secret(PASSWORD)))?;
    opens(&engine, 2)?;
    synced(&engine)?;
    // Sent twice it is one act.
    assert_eq!(make(&engine)?.len(), 2);
    // Who logs in, and who comes with the words, has both keys and what both signed.
    let logged_in = Device::new(&node, 3).log_in(ADA)?;
    synced(&logged_in)?;
    opens(&logged_in, 2)?;
    let recovered = Device::new(&node, 4).recover(ADA, &words, "a whole new password")?;
    synced(&recovered)?;
    opens(&recovered, 2)?;
    assert_eq!(
        listed(&finish(recovered.keys())?.keys),
        [(1, false, false), (2, false, true)]
    );
    Ok(())
}

#[test]
fn worker_that_dies_over_a_new_key_has_it_all_the_same() -> Outcome {
    let mut deaths = Vec::new();
    for (commit, fault) in (1..3).flat_map(|n| [(n, Fault::DiesBefore), (n, Fault::DiesAfter)]) {
        let node = MemoryNode::new(1);
        let device = Device::new(&node, 2);
        let engine = device.create(ADA)?;
        let words = confirmed(&engine)?;
        save(&engine, "Under the first")?;
        synced(&engine)?;
        device.store.die_at(commit, fault);
        let password = secret(PASSWORD);
        let died = until_death(engine.make_key(&password, SECOND)).is_none();
        deaths.push(died);

        let engine = device.open()?;
        finish(engine.sync())?;
        opens(&engine, 1)?;
        save(&engine, "Meanwhile")?;
        // The popup asks once more: there are two keys and no third.
        let keys = make(&engine)?;
        assert_eq!(listed(&keys), [(1, false, false), (2, false, true)]);
        assert_eq!(recovery(&engine), Some(RecoveryState::Confirmed));
        save(&engine, "Under the second")?;
        synced(&engine)?;
        let recovered = Device::new(&node, 3).recover(ADA, &words, "a whole new password")?;
        synced(&recovered)?;
        opens(&recovered, 3)?;
    }
    assert_eq!(deaths, [true, true, false, false]);
    Ok(())
}

/// Two devices of an account that write, and the second key made on the first of them.
fn made_on_another_device() -> Outcome<(MemoryNode, Engine<Device>, Device, Engine<Device>)> {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    save(&engine, "Under the first")?;
    synced(&engine)?;
    let device = Device::new(&node, 3);
    let other = device.log_in(ADA)?;
    synced(&other)?;
    make(&engine)?;
    save(&engine, "Under the second")?;
    synced(&engine)?;
    Ok((node, engine, device, other))
}

#[test]
fn another_device_says_what_is_locked_and_opens_it_with_the_password() -> Outcome {
    for unlocks in [true, false] {
        let (_node, engine, _device, other) = made_on_another_device()?;
        save(&other, "Written there meanwhile")?;
        let report = finish(other.sync())?;
        let problem = report.problem.map(|problem| problem.code);
        assert_eq!(problem, Some(ErrorCode::VaultKeyMissing));
        opens(&other, 2)?;
        if unlocks {
            // It was written down that there is one: the next unlocking opens it.
            finish(other.lock());
            finish(other.unlock(&secret(PASSWORD)))?;
        } else {
            let keys = finish(other.keys())?.keys;
            assert_eq!(listed(&keys), [(1, false, false), (2, true, true)]);
            // Nothing has shown yet that it is the account's.
            assert_eq!(keys[1].fingerprint, "");
            let wrong = finish(other.open_keys(&secret("not the password"), None));
            assert_eq!(wrong.err(), Some(EngineError::PasswordWrong));
            let keys = finish(other.open_keys(&secret(PASSWORD), None))?.keys;
            assert_eq!(listed(&keys), [(1, false, false), (2, false, true)]);
            assert_eq!(keys[1].fingerprint.len(), 30);
            let nothing_left = finish(other.open_keys(&secret(PASSWORD), None));
            assert_eq!(nothing_left.err(), Some(EngineError::KeysLocked));
        }
        synced(&other)?;
        opens(&other, 3)?;
        synced(&engine)?;
        opens(&engine, 3)?;
    }
    Ok(())
}

#[test]
fn device_whose_session_ends_before_it_opened_the_new_key_logs_in_again() -> Outcome {
    let (_node, _engine, device, other) = made_on_another_device()?;
    device.clock.advance(SESSION_IDLE_MS + 1);
    let open = |other: &Engine<Device>| -> Outcome {
        finish(other.lock());
        finish(other.unlock(&secret(PASSWORD)))?;
        Ok(())
    };
    open(&other)?;
    save(&other, "Written there meanwhile")?;
    assert_eq!(finish(other.sync())?.node, NodeState::SignedOut);
    opens(&other, 2)?;
    finish(device.begin_again(&other, ADA))?;
    synced(&other)?;
    opens(&other, 3)?;
    // With both keys its session goes on by itself.
    device.clock.advance(SESSION_IDLE_MS + 1);
    open(&other)?;
    synced(&other)
}

#[test]
fn words_that_do_not_open_the_new_key_do_not_count() -> Outcome {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create(ADA)?;
    confirmed(&engine)?;
    let put_back = node.remember_words();
    make(&engine)?;
    put_back();
    finish(engine.recovery())?;
    assert_eq!(recovery(&engine), Some(RecoveryState::NotConfirmed));
    // New ones open all there is.
    let words = confirmed(&engine)?;
    save(&engine, "Under the second")?;
    synced(&engine)?;
    let recovered = Device::new(&node, 3).recover(ADA, &words, "a whole new password")?;
    synced(&recovered)?;
    opens(&recovered, 1)
}

#[test]
fn words_of_a_device_that_has_the_older_key_open_the_new_one_too() -> Outcome {
    let (node, _engine, _device, other) = made_on_another_device()?;
    let words = confirmed(&other)?;
    assert_eq!(recovery(&other), Some(RecoveryState::Confirmed));
    let recovered = Device::new(&node, 4).recover(ADA, &words, "a whole new password")?;
    synced(&recovered)?;
    opens(&recovered, 2)
}

#[test]
fn node_that_has_lost_a_key_is_given_no_new_one() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    node.forget_keys();
    assert_eq!(make(&engine).err(), Some(NodeError::Misbehaved.into()));
    Ok(())
}

#[test]
fn messages_before_and_after_a_new_key_are_read_on_both_sides() -> Outcome {
    let node = MemoryNode::new(1);
    let (ada_device, bob_device) = (Device::new(&node, 2), Device::new(&node, 3));
    let (ada, bob) = (ada_device.create(ADA)?, bob_device.create(BOB)?);
    write(&ada_device, &ada, BOB, 1, "before")?;
    finish(go_on(&ada))?;
    finish(go_on(&bob))?;
    write(&bob_device, &bob, ADA, 2, "answered before")?;
    finish(go_on(&bob))?;

    make(&bob)?;
    finish(go_on(&bob))?;
    assert_eq!(texts(&bob, ADA)?, ["before", "answered before"]);
    finish(go_on(&ada))?;
    write(&ada_device, &ada, BOB, 3, "after")?;
    finish(go_on(&ada))?;
    let reason = waits_for(&ada, BOB)?.ok_or("it does not wait")?;
    assert!(reason.contains("key has changed"), "{reason}");
    let address: Address = BOB.parse()?;
    let contact = finish(ada.contact(&address))?;
    let offered = contact.offered.ok_or("no other key")?;
    finish(ada.trust_key(&address, offered.key, Some(&offered.safety_code)))?;
    finish(go_on(&ada))?;
    finish(go_on(&bob))?;
    write(&bob_device, &bob, ADA, 4, "answered after")?;
    finish(go_on(&bob))?;
    finish(go_on(&ada))?;
    let all = ["before", "answered before", "after", "answered after"];
    assert_eq!(texts(&ada, BOB)?, all);
    assert_eq!(texts(&bob, ADA)?, all);
    // What was compared was compared with the key of then: with another one the numbers are others.
    assert!(with(&ada, BOB)?.summary.is_verified);
    make(&ada)?;
    assert!(!with(&ada, BOB)?.summary.is_verified);
    let contact = finish(ada.contact(&address))?;
    assert!(contact.key.is_some_and(|key| !key.is_verified));
    // Nor does the number count that was on the screen before.
    let late = ada.trust_key(&address, offered.key, Some(&offered.safety_code));
    assert_eq!(finish(late).err(), Some(EngineError::NumberOutdated));
    // Also on a device that reads them for the first time.
    let bob_elsewhere = Device::new(&node, 4).log_in(BOB)?;
    finish(go_on(&bob_elsewhere))?;
    assert_eq!(texts(&bob_elsewhere, ADA)?, all);
    Ok(())
}

#[test]
fn message_that_was_sealed_before_goes_out_with_the_new_key() -> Outcome {
    let node = MemoryNode::new(1);
    let (ada_device, bob_device) = (Device::new(&node, 2), Device::new(&node, 3));
    let (ada, bob) = (ada_device.create(ADA)?, bob_device.create(BOB)?);
    write(&bob_device, &bob, ADA, 1, "first")?;
    finish(go_on(&bob))?;
    finish(go_on(&ada))?;
    write(&bob_device, &bob, ADA, 2, "sealed before")?;
    finish(bob.send_messages())?;
    let order = bob.message_work().ok_or("nothing to work for")?;
    make(&bob)?;
    finish(bob.submit_message_work(solved(&order)))?;
    finish(go_on(&bob))?;
    finish(go_on(&ada))?;
    assert_eq!(texts(&ada, BOB)?, ["first", "sealed before"]);
    let seen = finish(ada.conversations())?.conversations.pop();
    assert!(seen.is_some_and(|it| it.is_key_changed));
    Ok(())
}

#[test]
fn device_without_the_new_key_sends_nothing_and_says_why() -> Outcome {
    let node = MemoryNode::new(1);
    let ada = Device::new(&node, 2).create(ADA)?;
    let bob = Device::new(&node, 3).create(BOB)?;
    let device = Device::new(&node, 4);
    let other = device.log_in(BOB)?;
    make(&bob)?;
    write(&device, &other, ADA, 1, "from there")?;
    finish(go_on(&other))?;
    let reason = waits_for(&other, ADA)?.ok_or("it does not wait")?;
    assert!(reason.contains("newer key"), "{reason}");
    // Nor is a number of the older key compared.
    let address: Address = ADA.parse()?;
    let contact = finish(other.contact(&address))?;
    let key = contact.key.ok_or("no key")?;
    assert!(contact.is_own_locked);
    let compared = finish(other.trust_key(&address, key.key, Some(&key.safety_code)));
    assert_eq!(compared.err(), Some(EngineError::OwnKeyLocked));
    // What comes for that key is kept, and read once it is open.
    let ada_device = Device::new(&node, 5);
    let ada_elsewhere = ada_device.log_in(ADA)?;
    write(&ada_device, &ada_elsewhere, BOB, 2, "for the new key")?;
    finish(go_on(&ada_elsewhere))?;
    device.clock.advance(1);
    finish(other.pull_messages())?;
    assert!(texts(&other, ADA)?.contains(&"(locked)".to_owned()));
    finish(other.open_keys(&secret(PASSWORD), None))?;
    finish(go_on(&other))?;
    assert!(texts(&other, ADA)?.contains(&"for the new key".to_owned()));
    let key = finish(other.contact(&address))?.key.ok_or("no key")?;
    let contact = finish(other.trust_key(&address, key.key, Some(&key.safety_code)))?;
    assert!(!contact.is_own_locked);
    finish(go_on(&ada))?;
    assert!(texts(&ada, BOB)?.contains(&"from there".to_owned()));
    Ok(())
}

#[test]
fn key_that_is_opened_while_messages_are_read_opens_those_of_before() -> Outcome {
    let node = MemoryNode::new(1);
    let ada_device = Device::new(&node, 2);
    let ada = ada_device.create(ADA)?;
    let bob = Device::new(&node, 3).create(BOB)?;
    let device = Device::new(&node, 4);
    let other = device.log_in(BOB)?;
    make(&bob)?;
    write(&ada_device, &ada, BOB, 1, "for the new key")?;
    finish(go_on(&ada))?;
    finish(other.pull_messages())?;
    assert_eq!(texts(&other, ADA)?, ["(locked)"]);
    write(&ada_device, &ada, BOB, 2, "meanwhile")?;
    finish(go_on(&ada))?;
    // The next page is on its way while the key is opened.
    device.transport.hold_answers_to(Some("/messages"));
    let password = secret(PASSWORD);
    let (pulled, opened) = both(other.pull_messages(), async {
        for _ in 0..10 {
            pause().await;
        }
        let opened = other.open_keys(&password, None).await;
        device.transport.hold_answers_to(None);
        opened
    });
    assert!(pulled? && !opened?.keys.is_empty());
    let all = ["for the new key", "meanwhile"];
    assert_eq!(texts(&other, ADA)?, all);
    assert_eq!(texts(&device.open()?, ADA)?, all);
    Ok(())
}

/// Does something while the list of keys is on its way to a device that opens what another one made: the
/// answer comes so many `pauses` late.
fn while_keys_are_opened<R>(
    device: &Device,
    engine: &Engine<Device>,
    pauses: u32,
    act: impl AsyncFnOnce() -> R,
) -> (Result<Vec<KeyView>, EngineError>, R) {
    let password = secret(PASSWORD);
    device.transport.hold_next_answer(pauses);
    let (opened, done) = both(engine.open_keys(&password, None), async {
        pause().await;
        pause().await;
        act().await
    });
    (opened.map(|it| it.keys), done)
}

#[test]
fn key_that_is_learnt_of_while_another_is_opened_stays_known() -> Outcome {
    let (_node, engine, device, other) = made_on_another_device()?;
    let (opened, learnt) = while_keys_are_opened(&device, &other, 200, async || {
        engine.make_key(&secret(PASSWORD), KeyNumber(3)).await?;
        let learnt = other.keys().await;
        // What comes after the list it knows by itself.
        device.transport.set_outage(Outage::Away);
        learnt
    });
    let all = [(1, false, false), (2, false, false), (3, true, true)];
    assert_eq!(listed(&learnt?.keys).len(), 3);
    assert_eq!(listed(&opened?), all);
    Ok(())
}

#[test]
fn list_from_before_a_new_password_does_not_bring_the_old_one_back() -> Outcome {
    let mut refused = 0;
    for pauses in 0..12 {
        let (_node, _engine, device, other) = made_on_another_device()?;
        let new = secret("a whole new password");
        let (opened, changed) = while_keys_are_opened(&device, &other, pauses, async || {
            other.change_password(&secret(PASSWORD), &new).await
        });
        refused += u32::from(opened.err() == Some(EngineError::AlreadyRunning));
        let good = match changed {
            Ok(_) => new,
            Err(error) => {
                assert_eq!(error, EngineError::AlreadyRunning);
                secret(PASSWORD)
            }
        };
        finish(other.lock());
        finish(other.unlock(&good))?;
        synced(&other)?;
        opens(&other, 2)?;
    }
    assert_ne!(refused, 0, "the list came while the new keys were written");
    Ok(())
}
