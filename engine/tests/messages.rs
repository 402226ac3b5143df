//! Two people and one node: what is written, shared, paid for, refused, and whose keys are believed.

use std::error::Error;

use engine::{ActivityKind, Engine, EngineError, MessageOrder};
use proto::{
    address::Address,
    api::message::{Delivery, KeyStanding, Standing},
    bridge::popup::{AppStatus, Conversation, ConversationSummary, MessageContent, SentState},
    bytes::Hex,
    error::ErrorCode,
    ids::{Difficulty, MessageId},
    limits::MESSAGE_PRICE_MAX,
    vault::{SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items::login,
    node::{MemoryNode, Post},
    run::{finish, until_death},
    store::Fault,
    transport::Outage,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";

struct Side {
    device: Device,
    engine: Engine<Device>,
    address: Address,
}

impl Side {
    fn new(node: &MemoryNode, seed: u64, address: &str) -> Outcome<Self> {
        let device = Device::new(node, seed);
        Ok(Self {
            engine: device.create(address)?,
            device,
            address: address.parse()?,
        })
    }

    fn id(&self, number: u8) -> MessageId {
        MessageId::make(self.device.clock.now(), [number; 10])
    }

    /// Keeps a text to be sent.
    fn write(&self, to: &Self, number: u8, text: &str) -> Outcome<MessageId> {
        let id = self.id(number);
        let text = SecretText::new(text);
        finish(self.engine.send_message(id, &to.address, &text))?;
        Ok(id)
    }

    /// Does all that can be done by itself: reads, prepares, works, sends.
    fn go_on(&self) -> Outcome {
        Ok(finish(go_on(&self.engine))?)
    }

    fn with(&self, other: &Self) -> Outcome<Conversation> {
        Ok(finish(self.engine.conversation(&other.address, None))?)
    }

    fn summary(&self) -> Outcome<ConversationSummary> {
        let mut all = finish(self.engine.conversations())?.conversations;
        Ok(all.pop().ok_or("no conversation")?)
    }

    fn unread(&self) -> u32 {
        match finish(self.engine.status()) {
            AppStatus::Unlocked { unread, .. } => unread,
            _ => u32::MAX,
        }
    }
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

fn two() -> Outcome<(MemoryNode, Side, Side)> {
    let node = MemoryNode::new(1);
    let (ada, bob) = (Side::new(&node, 2, ADA)?, Side::new(&node, 3, BOB)?);
    Ok((node, ada, bob))
}

/// The texts of a conversation, own ones with a mark.
fn texts(conversation: &Conversation) -> Vec<String> {
    let said = conversation.messages.iter().map(|message| {
        let text = match &message.content {
            // EXPOSE: a test looks at it.
            MessageContent::Text { text } => text.expose_secret(),
            MessageContent::Secret { .. } => "(secret)",
            MessageContent::Locked {} => "(locked)",
            MessageContent::Unreadable {} => "(unreadable)",
        };
        let mark = if message.sent.is_some() { "> " } else { "" };
        format!("{mark}{text}")
    });
    said.collect()
}

#[test]
fn text_is_written_paid_for_read_and_answered() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "hello")?;
    let waiting = ada.with(&bob)?;
    assert_eq!(
        waiting.messages[0].sent,
        Some(SentState::Waiting { reason: None })
    );
    assert_eq!(ada.summary()?.waiting, 1);
    ada.go_on()?;
    let sent = ada.with(&bob)?;
    assert_eq!(texts(&sent), ["> hello"]);
    assert_eq!(sent.messages[0].sent, Some(SentState::Delivered {}));
    assert_eq!(ada.summary()?.waiting, 0);

    bob.go_on()?;
    assert_eq!(bob.unread(), 1);
    let came = bob.summary()?;
    assert_eq!((came.standing, came.unread), (Standing::Request, 1));
    // EXPOSE: a test looks at it.
    assert_eq!(came.preview.expose_secret(), "hello");
    assert_eq!(texts(&bob.with(&ada)?), ["hello"]);
    finish(bob.engine.mark_read(&ada.address))?;
    assert_eq!(bob.unread(), 0);
    bob.device.clock.advance(1000);
    bob.write(&ada, 2, "and you")?;
    bob.go_on()?;
    assert_eq!(bob.summary()?.standing, Standing::Accepted);
    ada.go_on()?;
    assert_eq!(texts(&ada.with(&bob)?), ["> hello", "and you"]);
    assert_eq!(ada.unread(), 1);
    assert_eq!(node.count_messages(&ada.address), 2);
    Ok(())
}

#[test]
fn another_device_and_another_day_read_the_same() -> Outcome {
    let (node, ada, bob) = two()?;
    for number in 1..=7 {
        ada.write(&bob, number, &format!("text {number}"))?;
        ada.go_on()?;
        ada.device.clock.advance(1000);
    }
    bob.go_on()?;
    let all: Vec<String> = (1..=7).map(|number| format!("text {number}")).collect();
    assert_eq!(texts(&bob.with(&ada)?), all);
    // However much somebody new writes, it is one request.
    assert_eq!((bob.summary()?.unread, bob.unread()), (7, 1));
    // A worker that was killed finds everything in the store, also without the node.
    bob.device.transport.set_outage(Outage::Away);
    let engine = bob.device.open()?;
    let found = finish(engine.conversation(&ada.address, None))?;
    assert_eq!(texts(&found), all);
    assert!(finish(engine.pull_messages()).is_err(), "the node is away");
    // A second device has it from the node, its own side too.
    let second = Device::new(&node, 9);
    let engine = second.log_in(ADA)?;
    finish(engine.pull_messages())?;
    let found = finish(engine.conversation(&bob.address, None))?;
    let own: Vec<String> = all.iter().map(|text| format!("> {text}")).collect();
    assert_eq!(texts(&found), own);
    // Read twice, nothing is counted twice.
    finish(engine.pull_messages())?;
    assert_eq!(
        texts(&finish(engine.conversation(&bob.address, None))?),
        own
    );
    Ok(())
}

#[test]
fn older_messages_come_page_by_page() -> Outcome {
    let (_, ada, bob) = two()?;
    for number in 1..=60 {
        ada.write(&bob, number, &format!("{number}"))?;
        ada.device.clock.advance(1000);
    }
    ada.go_on()?;
    bob.go_on()?;
    let newest = bob.with(&ada)?;
    assert!(newest.has_more && newest.messages.len() == 50);
    assert_eq!(texts(&newest)[49], "60");
    let first = newest.messages[0].id;
    let older = finish(bob.engine.conversation(&ada.address, Some(first)))?;
    assert_eq!((older.messages.len(), older.has_more), (10, false));
    assert_eq!(texts(&older)[0], "1");
    Ok(())
}

#[test]
fn a_page_of_a_long_conversation_reads_what_it_shows() -> Outcome {
    let (_, ada, bob) = two()?;
    for number in 1..=120 {
        ada.write(&bob, number, &format!("{number}"))?;
        ada.device.clock.advance(1000);
    }
    ada.go_on()?;
    bob.go_on()?;
    let rows_of_a_look = || -> Outcome<u64> {
        let before = bob.device.store.rows_read();
        bob.with(&ada)?;
        Ok(bob.device.store.rows_read() - before)
    };
    assert!(rows_of_a_look()? >= 120, "it is read once as a whole");
    assert_eq!(rows_of_a_look()?, 50);

    // What comes, goes and waits meanwhile is followed: nothing is read again, and nothing is amiss.
    bob.device.clock.advance(200_000);
    ada.device.clock.advance(100_000);
    ada.write(&bob, 121, "came later")?;
    ada.go_on()?;
    bob.go_on()?;
    bob.write(&ada, 122, "waits")?;
    assert_eq!(rows_of_a_look()?, 50);
    let waits = texts(&bob.with(&ada)?);
    assert_eq!(waits[48..], ["came later", "> waits"]);
    bob.go_on()?;
    assert_eq!(rows_of_a_look()?, 50);
    assert_eq!(texts(&bob.with(&ada)?), waits);
    finish(bob.engine.lock());
    finish(bob.engine.unlock(&SecretText::new(PASSWORD)))?;
    assert_eq!(texts(&bob.with(&ada)?), waits);

    finish(bob.engine.clear_conversation(&ada.address))?;
    bob.go_on()?;
    assert!(bob.with(&ada)?.messages.is_empty());
    Ok(())
}

#[test]
fn what_waits_survives_death_and_goes_once() -> Outcome {
    let mut deaths = 0;
    for fault in 1..=12 {
        let (node, ada, bob) = two()?;
        ada.write(&bob, 1, "through it all")?;
        ada.device.store.die_at(fault, Fault::DiesBefore);
        let died = until_death(go_on(&ada.engine)).is_none();
        let ada = Side {
            engine: ada.device.open()?,
            ..ada
        };
        ada.go_on()?;
        bob.go_on()?;
        assert_eq!(
            texts(&bob.with(&ada)?),
            ["through it all"],
            "{fault} {died}"
        );
        assert_eq!(texts(&ada.with(&bob)?), ["> through it all"], "{fault}");
        assert_eq!(node.count_messages(&ada.address), 1);
        assert_eq!((bob.unread(), ada.summary()?.waiting), (1, 0));
        deaths += u32::from(died);
    }
    assert!(deaths >= 5, "{deaths}");
    Ok(())
}

#[test]
fn lost_answer_is_found_in_the_log() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "hello")?;
    finish(ada.engine.send_messages())?;
    let order = ada.engine.message_work().ok_or("no work")?;
    ada.device.transport.set_outage(Outage::AnswersLost);
    let sent = finish(ada.engine.submit_message_work(solved(&order)));
    assert_eq!(
        sent.map_err(|error| error.code()),
        Err(ErrorCode::NodeUnreachable)
    );
    ada.device.transport.set_outage(Outage::None);
    assert_eq!(texts(&ada.with(&bob)?), ["> hello"]);
    // The same solution once more, and the log: one message.
    ada.go_on()?;
    bob.go_on()?;
    assert_eq!(texts(&ada.with(&bob)?), ["> hello"]);
    assert_eq!(texts(&bob.with(&ada)?), ["hello"]);
    assert_eq!(node.count_messages(&bob.address), 1);
    Ok(())
}

#[test]
fn nobody_and_a_server_that_is_away_are_told_apart() -> Outcome {
    let (node, ada, bob) = two()?;
    let nobody: Address = "nobody@localhost".parse()?;
    let text = SecretText::new("hello");
    finish(ada.engine.send_message(ada.id(1), &nobody, &text))?;
    ada.go_on()?;
    let found = finish(ada.engine.conversation(&nobody, None))?;
    let Some(SentState::Failed { reason }) = &found.messages[0].sent else {
        return Err(format!("{:?}", found.messages[0].sent).into());
    };
    assert_eq!(reason, ErrorCode::RecipientUnknown.message());
    assert!(found.summary.has_failed);
    finish(ada.engine.withdraw_message(found.messages[0].id))?;
    let found = finish(ada.engine.conversation(&nobody, None))?;
    assert!(found.messages.is_empty() && !found.summary.has_failed);

    node.set_post(Post::PeersAway);
    ada.write(&bob, 2, "later")?;
    ada.go_on()?;
    let found = ada.with(&bob)?;
    let Some(SentState::Waiting { reason: Some(why) }) = &found.messages[0].sent else {
        return Err(format!("{:?}", found.messages[0].sent).into());
    };
    assert_eq!(why.code, ErrorCode::PeerUnreachable);
    assert!(ada.engine.next_message_try().is_some());
    node.set_post(Post::Prompt);
    ada.device.clock.advance(20_000);
    ada.go_on()?;
    bob.go_on()?;
    assert_eq!(texts(&bob.with(&ada)?), ["later"]);
    Ok(())
}

#[test]
fn work_that_the_node_wants_again_is_done_again() -> Outcome {
    let (node, ada, bob) = two()?;
    node.set_post(Post::WantsWork);
    ada.write(&bob, 1, "twice paid")?;
    ada.go_on()?;
    assert_eq!(ada.summary()?.waiting, 1);
    node.set_post(Post::Prompt);
    // The device that sent it does it, and at once.
    ada.go_on()?;
    assert_eq!(
        ada.with(&bob)?.messages[0].sent,
        Some(SentState::Delivered {})
    );
    bob.go_on()?;
    assert_eq!(texts(&bob.with(&ada)?), ["twice paid"]);
    Ok(())
}

#[test]
fn what_becomes_of_a_message_is_told() -> Outcome {
    let (node, ada, bob) = two()?;
    node.set_post(Post::Slow);
    ada.write(&bob, 1, "slow")?;
    ada.go_on()?;
    let under_way = SentState::UnderWay { reason: None };
    assert_eq!(ada.with(&bob)?.messages[0].sent, Some(under_way));
    node.conclude(
        &ada.address,
        Delivery::Failed,
        Some("They take no messages from you."),
    );
    ada.go_on()?;
    let failed = SentState::Failed {
        reason: "They take no messages from you.".into(),
    };
    assert_eq!(ada.with(&bob)?.messages[0].sent, Some(failed));
    assert!(ada.summary()?.has_failed);
    finish(ada.engine.mark_read(&bob.address))?;
    assert!(!ada.summary()?.has_failed, "it was looked at");
    Ok(())
}

#[test]
fn who_is_blocked_writes_in_vain_and_is_not_written_to() -> Outcome {
    let (_, ada, bob) = two()?;
    finish(bob.engine.set_standing(&ada.address, Standing::Blocked))?;
    ada.write(&bob, 1, "let me in")?;
    ada.go_on()?;
    assert!(matches!(
        ada.with(&bob)?.messages[0].sent,
        Some(SentState::Failed { .. })
    ));
    bob.go_on()?;
    assert!(bob.with(&ada)?.messages.is_empty());
    let refused = finish(
        bob.engine
            .send_message(bob.id(1), &ada.address, &SecretText::new("x")),
    );
    assert_eq!(refused, Err(EngineError::Blocked));
    finish(bob.engine.set_standing(&ada.address, Standing::Accepted))?;
    ada.device.clock.advance(1000);
    ada.write(&bob, 2, "now")?;
    ada.go_on()?;
    bob.go_on()?;
    assert_eq!(texts(&bob.with(&ada)?), ["now"]);
    Ok(())
}

#[test]
fn login_is_shared_once_saved_and_says_where_it_came_from() -> Outcome {
    let (_, ada, bob) = two()?;
    let item = finish(
        ada.engine
            .save(login("Mail", "ada", "hunter2", "https://mail.test")),
    )?
    .id;
    let id = ada.id(1);
    finish(ada.engine.share_item(id, &bob.address, item))?;
    ada.go_on()?;
    bob.go_on()?;
    let came = bob.with(&ada)?;
    let MessageContent::Secret { name, kind, fields } = &came.messages[0].content else {
        return Err("no secret".into());
    };
    // EXPOSE: a test looks at it.
    assert_eq!((name.expose_secret(), kind.as_str()), ("Mail", "login"));
    assert_eq!(fields, &["domain", "username", "password"]);
    let password = finish(bob.engine.reveal_message(
        &ada.address,
        came.messages[0].id,
        "password",
    ))?;
    // EXPOSE: a test looks at it.
    assert_eq!(password.value.expose_secret(), "hunter2");
    let saved = finish(bob.engine.save_message(&ada.address, came.messages[0].id))?;
    let again = finish(bob.engine.save_message(&ada.address, came.messages[0].id))?;
    assert_eq!(saved.id, again.id, "once");
    assert_eq!(bob.with(&ada)?.messages[0].saved, Some(saved.id));
    let view = finish(bob.engine.item(saved.id))?;
    assert_eq!(
        (
            view.overview.title.as_str(),
            view.overview.subtitle.as_str()
        ),
        ("Mail", "ada")
    );
    assert_eq!(view.overview.urls[0].url, "https://mail.test/");
    let revealed = finish(bob.engine.reveal(saved.id, &SecretField::Password))?;
    // EXPOSE: a test looks at it.
    assert_eq!(revealed.value.expose_secret(), "hunter2");
    let from = finish(bob.engine.reveal(saved.id, &SecretField::Custom(0)))?;
    // EXPOSE: a test looks at it.
    assert_eq!(from.value.expose_secret(), ADA);
    Ok(())
}

#[test]
fn changed_key_stops_what_is_sent_until_the_user_has_looked() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "first")?;
    ada.go_on()?;
    let known = finish(ada.engine.contact(&bob.address))?;
    let key = known.key.ok_or("no key")?;
    assert_eq!((known.exists, known.offered), (Some(true), None));
    assert_eq!(key.safety_number.split(' ').count(), 12);
    let theirs = finish(bob.engine.contact(&ada.address))?;
    let theirs = theirs.key.ok_or("no key")?;
    assert_eq!(theirs.safety_number, key.safety_number, "the same for both");
    let (own, of_other) = key.safety_code.split_at(30);
    assert_eq!(theirs.safety_code, format!("{of_other}{own}"));

    let other = finish(ada.engine.contact(&ada.address))?
        .key
        .ok_or("no key")?
        .key;
    node.name_key(&bob.address, other);
    ada.device.clock.advance(1000);
    ada.write(&bob, 2, "second")?;
    ada.go_on()?;
    let found = ada.with(&bob)?;
    assert!(found.summary.is_key_changed);
    let Some(SentState::Waiting { reason: Some(why) }) = &found.messages[1].sent else {
        return Err(format!("{:?}", found.messages[1].sent).into());
    };
    assert_eq!(why.code, ErrorCode::KeyChanged);
    assert_eq!(node.count_messages(&ada.address), 1, "nothing was sent");
    let offered = finish(ada.engine.contact(&bob.address))?;
    let offered = offered.offered.ok_or("no other key")?;
    assert_eq!((offered.key, offered.is_verified), (other, false));
    let foreign = Hex([2; 33]);
    let refused = finish(ada.engine.trust_key(&bob.address, foreign, Some("")));
    assert_eq!(
        refused.map_err(|error| error.code()).err(),
        Some(ErrorCode::ItemInvalid)
    );
    let taken = finish(
        ada.engine
            .trust_key(&bob.address, other, Some(&offered.safety_code)),
    )?;
    assert_eq!(
        taken.key.map(|key| (key.key, key.is_verified)),
        Some((other, true))
    );
    assert!(!ada.summary()?.is_key_changed && ada.summary()?.is_verified);
    ada.go_on()?;
    assert_eq!(node.count_messages(&ada.address), 2);
    Ok(())
}

#[test]
fn key_that_was_named_for_a_moment_is_not_forgotten() -> Outcome {
    let (node, ada, bob) = two()?;
    let eve = Side::new(&node, 4, "eve@localhost")?;
    ada.write(&bob, 1, "first")?;
    ada.go_on()?;
    finish(ada.engine.contact(&bob.address))?;
    // Bob's server names Eve's key, delivers what she wrote as his, and names his own again.
    let hers = finish(eve.engine.contact(&eve.address))?
        .key
        .ok_or("no key")?
        .key;
    node.name_key(&bob.address, hers);
    eve.write(&ada, 2, "pay Eve")?;
    eve.go_on()?;
    node.pass_off(&ada.address, &eve.address, &bob.address);
    ada.go_on()?;
    node.name_key(
        &bob.address,
        finish(bob.engine.contact(&bob.address))?
            .key
            .ok_or("no key")?
            .key,
    );
    node.forget_named(&bob.address);
    let found = ada.with(&bob)?;
    assert_eq!(texts(&found), ["> first", "pay Eve"]);
    assert_eq!(
        found.messages[1].key,
        Some(KeyStanding::Other),
        "it may be forged"
    );
    assert!(found.summary.is_key_changed);
    // Naming the old one again is no excuse.
    let told = finish(ada.engine.contact(&bob.address))?;
    assert_eq!(told.offered.map(|offered| offered.key), Some(hers));
    ada.device.clock.advance(1000);
    ada.write(&bob, 3, "second")?;
    ada.go_on()?;
    assert_eq!(node.count_messages(&bob.address), 1, "nothing was sent");
    let key = told.key.ok_or("no key")?;
    finish(
        ada.engine
            .trust_key(&bob.address, key.key, Some(&key.safety_code)),
    )?;
    ada.go_on()?;
    assert_eq!(node.count_messages(&bob.address), 2);
    assert_eq!(
        ada.with(&bob)?.messages[1].key,
        Some(KeyStanding::Other),
        "still"
    );
    Ok(())
}

#[test]
fn work_that_cannot_be_done_lets_others_pass() -> Outcome {
    let (_, ada, bob) = two()?;
    ada.write(&bob, 1, "heavy")?;
    finish(ada.engine.send_messages())?;
    let heavy = ada.engine.message_work().ok_or("no work")?.id;
    ada.device.clock.advance(1000);
    let light = ada.write(&bob, 2, "light")?;
    // Nobody has solved it in time.
    for _ in 0..4 {
        ada.device.clock.advance(4 * 60 * 1000);
        finish(ada.engine.touch(ActivityKind::User));
    }
    finish(ada.engine.send_messages())?;
    let next = ada.engine.message_work().ok_or("no work")?.id;
    assert_eq!((heavy != next, next), (true, light));
    Ok(())
}

#[test]
fn what_the_user_decides_meanwhile_counts() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "sealed for the first key")?;
    finish(ada.engine.send_messages())?;
    assert!(ada.engine.message_work().is_some());
    // Blocked: what waits does not go.
    finish(ada.engine.set_standing(&bob.address, Standing::Blocked))?;
    assert!(ada.engine.message_work().is_none());
    assert!(ada.with(&bob)?.messages.is_empty());
    finish(ada.engine.set_standing(&bob.address, Standing::Accepted))?;
    // Another key is believed by the time that the work is done.
    ada.device.clock.advance(1000);
    ada.write(&bob, 2, "sealed for the second")?;
    finish(ada.engine.send_messages())?;
    let order = ada.engine.message_work().ok_or("no work")?;
    let other = finish(ada.engine.contact(&ada.address))?
        .key
        .ok_or("no key")?
        .key;
    node.name_key(&bob.address, other);
    finish(ada.engine.trust_key(&bob.address, other, None))?;
    finish(ada.engine.submit_message_work(solved(&order)))?;
    assert_eq!(
        node.count_messages(&ada.address),
        0,
        "it is sealed anew first"
    );
    ada.go_on()?;
    assert_eq!(node.recipient_key(&ada.address), Some(other));
    Ok(())
}

#[test]
fn who_is_blocked_on_another_device_gets_nothing_that_waits_here() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "before")?;
    finish(ada.engine.send_messages())?;
    let order = ada.engine.message_work().ok_or("no work")?;
    let second = Device::new(&node, 9);
    let engine = second.log_in(ADA)?;
    finish(engine.set_standing(&bob.address, Standing::Blocked))?;
    finish(ada.engine.pull_messages())?;
    finish(ada.engine.submit_message_work(solved(&order)))?;
    ada.go_on()?;
    assert_eq!(node.count_messages(&ada.address), 0);
    let sent = ada.with(&bob)?.messages.remove(0).sent;
    assert!(matches!(sent, Some(SentState::Failed { .. })), "{sent:?}");
    Ok(())
}

#[test]
fn feed_tells_when_there_is_something_to_read() -> Outcome {
    let (_, ada, bob) = two()?;
    let hear = |position: u64| {
        let said = format!(r#"{{"latest":0,"messages":{position},"cursor":"0-0"}}"#);
        ada.engine.hear(&said).map(|heard| heard.is_news)
    };
    assert!(!ada.engine.messages_are_read(), "nobody has told");
    // What comes first would be taken for what was there before this device.
    assert!(hear(0)?, "nothing was asked for");
    finish(ada.engine.pull_messages())?;
    assert!(ada.engine.messages_are_read() && !hear(0)?);
    bob.write(&ada, 1, "hello")?;
    bob.go_on()?;
    assert!(hear(2)?);
    assert!(!ada.engine.messages_are_read());
    finish(ada.engine.pull_messages())?;
    assert!(ada.engine.messages_are_read());
    assert!(!hear(2)?);
    assert!(hear(3)?);
    Ok(())
}

#[test]
fn node_that_does_not_take_a_message_is_not_asked_without_end() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "hello")?;
    finish(ada.engine.send_messages())?;
    let order = ada.engine.message_work().ok_or("no work")?;
    node.end_sessions();
    let _ = finish(ada.engine.submit_message_work(solved(&order)));
    assert!(
        ada.engine.message_work().is_none(),
        "no work for the same again"
    );
    assert_eq!(texts(&ada.with(&bob)?), ["> hello"], "it waits");
    Ok(())
}

#[test]
fn lie_about_what_waits_takes_nothing_away() -> Outcome {
    let (node, ada, bob) = two()?;
    let id = ada.write(&bob, 1, "not yet sent")?;
    let other: Address = "eve@localhost".parse()?;
    node.claim_sent(&ada.address, id, &other);
    finish(ada.engine.pull_messages())?;
    assert_eq!(texts(&ada.with(&bob)?), ["> not yet sent"]);
    node.claim_sent(&ada.address, id, &bob.address);
    finish(ada.engine.pull_messages())?;
    let waits = |conversation: Conversation| {
        let mut all = conversation.messages.into_iter();
        all.any(|it| matches!(it.sent, Some(SentState::Waiting { .. })))
    };
    assert!(waits(ada.with(&bob)?));
    Ok(())
}

#[test]
fn who_is_written_with_is_told_of_and_strangers_once_until_they_were_looked_at() -> Outcome {
    let (node, ada, bob) = two()?;
    let cyd = Side::new(&node, 4, "cyd@localhost")?;
    let write = |from: &Side, number: u8| -> Outcome<(u32, bool)> {
        from.write(&bob, number, "hello")?;
        from.go_on()?;
        bob.go_on()?;
        Ok((bob.unread(), bob.engine.take_arrivals()))
    };
    bob.go_on()?;
    assert!(!bob.engine.take_arrivals());
    assert_eq!(write(&ada, 1)?, (1, true));
    assert!(!bob.engine.take_arrivals(), "told twice");
    assert_eq!(write(&ada, 2)?, (1, false));
    assert_eq!(write(&cyd, 3)?, (2, false), "another stranger");
    finish(bob.engine.mark_read(&ada.address))?;
    finish(bob.engine.mark_read(&cyd.address))?;
    assert_eq!(write(&cyd, 4)?, (1, true), "he has looked");

    finish(bob.engine.set_standing(&ada.address, Standing::Accepted))?;
    assert_eq!(write(&ada, 5)?, (2, true));
    assert_eq!(write(&ada, 6)?, (3, true));
    // What he writes himself is no news, and neither is what becomes of it.
    finish(bob.engine.mark_read(&ada.address))?;
    bob.write(&ada, 7, "hello")?;
    bob.go_on()?;
    assert!(!bob.engine.take_arrivals());
    finish(bob.engine.set_standing(&cyd.address, Standing::Blocked))?;
    assert_eq!(write(&cyd, 8)?, (0, false));

    // What was said before a device was one is no news to it.
    let second = Device::new(&node, 9);
    let engine = second.log_in(BOB)?;
    finish(engine.pull_messages())?;
    assert!(!engine.take_arrivals());
    ada.write(&bob, 9, "to both")?;
    ada.go_on()?;
    finish(engine.pull_messages())?;
    assert!(engine.take_arrivals());
    finish(engine.lock());
    assert!(!engine.take_arrivals());
    Ok(())
}

#[test]
fn words_are_found_in_all_messages_and_lead_to_where_they_were_said() -> Outcome {
    let (_, ada, bob) = two()?;
    ada.write(&bob, 1, "Grüße from the ORCHARD: the pears are ripe")?;
    for number in 2..=120 {
        ada.device.clock.advance(1000);
        ada.write(&bob, number, &format!("filler {number}"))?;
    }
    ada.go_on()?;
    bob.go_on()?;
    let find = |side: &Side, query: &str| -> Outcome<Vec<(bool, String)>> {
        let found = finish(side.engine.search_messages(query))?;
        assert!(found.is_complete, "{query}");
        // EXPOSE: a test looks at it.
        let told = |text: &SecretText| text.expose_secret().to_owned();
        Ok(found
            .found
            .iter()
            .map(|it| (it.is_sent, told(&it.text)))
            .collect())
    };
    let text = "Grüße from the ORCHARD: the pears are ripe".to_owned();
    assert_eq!(find(&bob, "orchard GRUSSE")?, [(false, text.clone())]);
    assert_eq!(find(&ada, "pears")?, [(true, text)]);
    for none in ["", "  ", "orchard plums", "ADA@LOCALHOST"] {
        assert!(find(&bob, none)?.is_empty(), "{none}");
    }
    // More than are told of: the newest.
    let many = finish(bob.engine.search_messages("filler"))?;
    assert_eq!((many.found.len(), many.is_complete), (50, false));
    // EXPOSE: a test looks at it.
    assert_eq!(many.found[0].text.expose_secret(), "filler 120");

    let id = finish(bob.engine.search_messages("pears"))?.found[0].id;
    let at = finish(bob.engine.conversation_at(&ada.address, id))?;
    assert_eq!((at.has_more, at.has_newer), (false, true));
    assert_eq!(at.messages.first().map(|it| it.id), Some(id));
    let middle = bob.with(&ada)?.messages[0].id;
    let at = finish(bob.engine.conversation_at(&ada.address, middle))?;
    assert_eq!(
        (at.has_more, at.has_newer, at.messages.len()),
        (true, true, 50)
    );
    assert!(at.messages.iter().any(|it| it.id == middle));
    // Of one that is gone, the newest.
    let gone = finish(bob.engine.conversation_at(&ada.address, ada.id(200)))?;
    assert_eq!((gone.has_newer, gone.messages.len()), (false, 50));

    // What waits to be sent is found too, what was deleted and what is locked is not.
    bob.write(&ada, 130, "a letter under way")?;
    assert_eq!(
        find(&bob, "letter")?,
        [(true, "a letter under way".to_owned())]
    );
    finish(bob.engine.clear_conversation(&ada.address))?;
    assert!(find(&bob, "filler")?.is_empty());
    finish(bob.engine.lock());
    let locked = finish(bob.engine.search_messages("filler"));
    assert_eq!(locked, Err(EngineError::Locked));
    Ok(())
}

#[test]
fn conversation_is_deleted_on_every_device_and_the_node() -> Outcome {
    let (node, ada, bob) = two()?;
    ada.write(&bob, 1, "to be forgotten")?;
    ada.go_on()?;
    let second = Device::new(&node, 9);
    let engine = second.log_in(ADA)?;
    finish(engine.pull_messages())?;
    finish(ada.engine.clear_conversation(&bob.address))?;
    assert!(ada.with(&bob)?.messages.is_empty());
    assert_eq!(node.count_messages(&ada.address), 0);
    finish(engine.pull_messages())?;
    assert!(
        finish(engine.conversation(&bob.address, None))?
            .messages
            .is_empty()
    );
    bob.go_on()?;
    assert_eq!(texts(&bob.with(&ada)?), ["to be forgotten"], "his is his");
    Ok(())
}

#[test]
fn store_holds_no_word_and_no_address() -> Outcome {
    let (_, ada, bob) = two()?;
    ada.write(&bob, 1, "a rather secret text")?;
    ada.go_on()?;
    bob.device.clock.advance(1000);
    bob.go_on()?;
    bob.write(&ada, 2, "another secret text")?;
    for device in [&ada.device, &bob.device] {
        for (key, value) in device.store.contents() {
            let text = format!("{key} {}", String::from_utf8_lossy(&value));
            assert!(!text.contains("secret text"), "{key}");
            if key.starts_with("mail/") {
                assert!(!text.contains("bob@") && !text.contains("carol@"), "{key}");
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_no_message_is_refused() -> Outcome {
    let (_, ada, bob) = two()?;
    let send = |to: &Address, text: &str| {
        finish(
            ada.engine
                .send_message(ada.id(1), to, &SecretText::new(text)),
        )
    };
    for (to, text, code) in [
        (&bob.address, " \n ", ErrorCode::ItemInvalid),
        (&bob.address, &*"x".repeat(20_001), ErrorCode::TooLarge),
        (&ada.address, "to myself", ErrorCode::ItemInvalid),
    ] {
        let refused = send(to, text).map_err(|error| error.code());
        assert_eq!(refused, Err(code), "{} bytes", text.len());
    }
    assert!(finish(ada.engine.conversations())?.conversations.is_empty());
    finish(ada.engine.lock());
    assert_eq!(send(&bob.address, "x"), Err(EngineError::Locked));
    Ok(())
}

#[test]
fn prices_are_what_their_owner_has_set() -> Outcome {
    let (_node, ada, bob) = two()?;
    let least = finish(ada.engine.prices())?;
    assert_eq!((least.first, least.later), (least.least, least.least));
    let (first, later) = (Difficulty(4_000_000), Difficulty(40_000));
    let set = finish(ada.engine.set_prices(first, later))?;
    assert_eq!(
        (set.first, set.later, set.least),
        (first, later, least.least)
    );
    assert_eq!(finish(ada.engine.prices())?, set);
    assert_eq!(finish(bob.engine.prices())?, least);
    for wrong in [Difficulty(0), Difficulty(MESSAGE_PRICE_MAX + 1)] {
        let refused = finish(ada.engine.set_prices(wrong, later)).err();
        let refused = refused.map(|error| error.code());
        assert_eq!(refused, Some(ErrorCode::InvalidField));
    }
    assert_eq!(finish(ada.engine.prices())?, set);
    finish(ada.engine.lock());
    let locked = finish(ada.engine.prices()).err();
    assert_eq!(locked, Some(EngineError::Locked));
    Ok(())
}
