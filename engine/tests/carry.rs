//! What goes from one engine of an account to the next.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{
    address::Address,
    api::message::Standing,
    bridge::{
        account::{Carried, CarriedRecord},
        popup::Settings,
    },
    bytes::Base64,
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    items,
    node::MemoryNode,
    run::finish,
    transport::Outage,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";

/// The present owner and the next, of one account.
struct Pair {
    node: MemoryNode,
    from: (Device, Engine<Device>),
    to: (Device, Engine<Device>),
}

impl Pair {
    fn new() -> Outcome<Self> {
        let node = MemoryNode::new(1);
        let (one, two) = (Device::new(&node, 2), Device::new(&node, 3));
        let (from, to) = (one.create(ADA)?, two.log_in(ADA)?);
        Ok(Self {
            node,
            from: (one, from),
            to: (two, to),
        })
    }

    /// All parts, over the wire; how many.
    fn carry(&self) -> Outcome<usize> {
        self.carry_as(true)
    }

    fn carry_as(&self, owner: bool) -> Outcome<usize> {
        let (mut after, mut parts) = (String::new(), 0);
        loop {
            let text = serde_json::to_string(&finish(self.from.1.carry_out(&after))?)?;
            let carried: Carried = serde_json::from_str(&text)?;
            finish(self.to.1.carry_in(&carried, owner))?;
            parts += 1;
            match carried.records.last() {
                Some(last) if carried.more => after.clone_from(&last.key),
                _ => return Ok(parts),
            }
        }
    }
}

fn record(key: &str) -> Carried {
    Carried {
        records: vec![
            CarriedRecord {
                key: "draft/editor".to_owned(),
                value: Base64(vec![1]),
            },
            CarriedRecord {
                key: key.to_owned(),
                value: Base64(vec![1]),
            },
        ],
        more: false,
        contacts: Vec::new(),
        settings: None,
    }
}

#[test]
fn what_only_one_engine_had_the_next_one_has() -> Outcome {
    let pair = Pair::new()?;
    let (engine, next) = (&pair.from.1, &pair.to.1);
    let pages = ["https://one.test", "https://two.test"];
    let first = finish(engine.save(items::login("A", "ada", "pw-a", "https://one.test")))?.id;
    finish(engine.save(items::login("B", "ada", "pw-b", "https://one.test")))?;
    let gone = finish(engine.save(items::login("Gone", "ada", "pw-c", pages[1])))?.id;
    finish(engine.delete(gone))?;
    pair.from.0.clock.advance(1_000);
    finish(engine.used(first))?;
    let made = SecretText::new("correct-pear-5");
    let kept = finish(engine.keep_generated(&pages[0].parse()?, &made))?;
    finish(engine.add_never("never.test"))?;
    finish(engine.keep_draft("editor", &SecretText::new("half typed")))?;
    let settings = Settings {
        lock_after_minutes: 7,
        ..Settings::default()
    };
    finish(engine.set_settings(settings.clone()))?;
    finish(engine.sync_now())?;
    finish(next.sync_now())?;

    assert_eq!(pair.carry()?, 1);
    let trash = finish(next.trash())?.items;
    assert_eq!(trash.iter().map(|it| it.id).collect::<Vec<_>>(), [gone]);
    finish(next.undelete(gone))?;
    assert_eq!(finish(next.reveal_generated(kept))?.value, made);
    assert_eq!(finish(next.never_list())?, ["never.test"]);
    let draft = finish(next.draft("editor"))?.content;
    assert_eq!(draft, SecretText::new("half typed"));
    assert_eq!(next.settings(), settings);
    let fitting = finish(next.logins_for(&pages[0].parse()?))?;
    assert_eq!(fitting.first().map(|it| it.id), Some(first));
    // It is in the store, not in memory alone.
    let next = pair.to.0.open()?;
    finish(next.status());
    assert_eq!(finish(next.never_list())?, ["never.test"]);
    let fitting = finish(next.logins_for(&pages[0].parse()?))?;
    assert_eq!(fitting.first().map(|it| it.id), Some(first));
    Ok(())
}

#[test]
fn neither_keys_nor_sessions_nor_waiting_writes_are_carried() -> Outcome {
    let pair = Pair::new()?;
    let (device, engine) = &pair.from;
    finish(engine.set_pin(&SecretText::new("824617")))?;
    device.transport.set_outage(Outage::Away);
    finish(engine.save(items::login("A", "ada", "pw-a", "https://one.test")))?;
    finish(engine.keep_draft("editor", &SecretText::new("half typed")))?;
    assert_eq!(engine.is_settled(), Ok(false));
    let carried = finish(engine.carry_out(""))?;
    let keys: Vec<_> = carried.records.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["draft/editor"]);
    let text = serde_json::to_string(&carried)?;
    assert!(!text.contains("half typed") && !text.contains("824617"));
    Ok(())
}

#[test]
fn a_part_with_a_record_of_another_kind_is_not_taken_at_all() -> Outcome {
    let pair = Pair::new()?;
    let (device, engine) = &pair.to;
    let before = device.store.contents();
    for key in [
        "account",
        "settings",
        "meta",
        "item/1",
        "outbox/0",
        "pin",
        "session",
        "",
        "mail/meta",
    ] {
        let taken = finish(engine.carry_in(&record(key), true));
        let refused = EngineError::ItemInvalid { field: "records" };
        assert_eq!(taken, Err(refused), "{key}");
    }
    let long = format!("draft/{}", "x".repeat(200));
    assert!(finish(engine.carry_in(&record(&long), true)).is_err());
    assert_eq!(device.store.contents(), before);
    Ok(())
}

#[test]
fn what_is_there_already_stays_unless_its_owner_brings_it_again() -> Outcome {
    let pair = Pair::new()?;
    finish(pair.from.1.add_never("older.test"))?;
    finish(pair.to.1.add_never("newer.test"))?;
    let settings = Settings {
        lock_after_minutes: 7,
        ..Settings::default()
    };
    finish(pair.from.1.set_settings(settings.clone()))?;
    for (engine, text) in [(&pair.from.1, "theirs"), (&pair.to.1, "ours")] {
        finish(engine.keep_draft("editor", &SecretText::new(text)))?;
    }
    pair.carry_as(false)?;
    let draft = finish(pair.to.1.draft("editor"))?.content;
    assert_eq!(draft, SecretText::new("ours"));
    assert_eq!(pair.to.1.settings(), Settings::default());
    // What can be of both is.
    let both = ["newer.test", "older.test"];
    assert_eq!(finish(pair.to.1.never_list())?, both);
    pair.carry_as(false)?;
    assert_eq!(finish(pair.to.1.never_list())?, both);
    // A try that broke off has brought an older draft.
    for text in ["older", "newer"] {
        finish(pair.from.1.keep_draft("editor", &SecretText::new(text)))?;
        pair.carry_as(true)?;
        let draft = finish(pair.to.1.draft("editor"))?.content;
        assert_eq!(draft, SecretText::new(text));
    }
    assert_eq!(finish(pair.to.1.never_list())?, ["older.test"]);
    assert_eq!(pair.to.1.settings(), settings);
    Ok(())
}

#[test]
fn when_an_item_was_used_counts_wherever_it_was() -> Outcome {
    let pair = Pair::new()?;
    let (ours, theirs) = (&pair.to, &pair.from);
    let page = "https://one.test";
    let mut made = Vec::new();
    for title in ["A", "B", "C"] {
        let item = items::login(title, "ada", "pw", page);
        made.push(finish(theirs.1.save(item))?.id);
    }
    finish(theirs.1.sync_now())?;
    finish(ours.1.sync_now())?;
    let start = theirs.0.clock.now();
    for (device, after, item) in [(ours, 1_000, 2), (theirs, 2_000, 1), (ours, 3_000, 0)] {
        device
            .0
            .clock
            .advance(after - (device.0.clock.now().0 - start.0));
        finish(device.1.used(made[item]))?;
    }
    pair.carry_as(false)?;
    let fitting = finish(ours.1.logins_for(&page.parse()?))?;
    let order: Vec<_> = fitting.iter().map(|it| it.id).collect();
    assert_eq!(order, made);
    let next = ours.0.open()?;
    finish(next.status());
    let fitting = finish(next.logins_for(&page.parse()?))?;
    assert_eq!(fitting.iter().map(|it| it.id).collect::<Vec<_>>(), made);
    Ok(())
}

#[test]
fn whom_the_user_has_compared_is_compared() -> Outcome {
    let pair = Pair::new()?;
    let bob: Address = "bob@localhost".parse()?;
    Device::new(&pair.node, 4).create("bob@localhost")?;
    let compare = |engine: &Engine<Device>| -> Outcome {
        finish(engine.set_standing(&bob, Standing::Accepted))?;
        let key = finish(engine.contact(&bob))?.key.ok_or("no key")?;
        finish(engine.trust_key(&bob, key.key, Some(&key.safety_code)))?;
        Ok(())
    };
    let is_compared = |engine: &Engine<Device>| -> Outcome<bool> {
        let key = finish(engine.contact(&bob))?.key;
        Ok(key.is_some_and(|key| key.is_verified))
    };
    let (engine, next) = (&pair.from.1, &pair.to.1);
    compare(engine)?;
    assert!(!is_compared(next)?);
    pair.carry()?;
    assert!(is_compared(next)?);
    assert!(is_compared(&pair.to.0.open()?)?);
    // One that has not compared does not undo it where both use the account.
    let other = Device::new(&pair.node, 5).log_in(ADA)?;
    finish(other.set_standing(&bob, Standing::Accepted))?;
    finish(next.carry_in(&finish(other.carry_out(""))?, false))?;
    assert!(is_compared(next)?);
    Ok(())
}

#[test]
fn much_goes_in_parts() -> Outcome {
    let pair = Pair::new()?;
    let text = "x".repeat(60 * 1024);
    for number in 0..20 {
        let screen = format!("screen-{number:02}");
        finish(pair.from.1.keep_draft(&screen, &SecretText::new(&text)))?;
    }
    let parts = pair.carry()?;
    assert!((2..=5).contains(&parts), "{parts}");
    for number in 0..20 {
        let draft = finish(pair.to.1.draft(&format!("screen-{number:02}")))?.content;
        assert_eq!(draft, SecretText::new(&text), "{number}");
    }
    Ok(())
}

#[test]
fn locked_vault_hands_over_and_takes_nothing() -> Outcome {
    let pair = Pair::new()?;
    let carried = finish(pair.from.1.carry_out(""))?;
    finish(pair.from.1.lock());
    finish(pair.to.1.lock());
    assert_eq!(
        finish(pair.from.1.carry_out("")).err(),
        Some(EngineError::Locked)
    );
    assert_eq!(
        finish(pair.to.1.carry_in(&carried, true)),
        Err(EngineError::Locked)
    );
    Ok(())
}

#[test]
fn password_is_told_from_others_without_a_node() -> Outcome {
    let pair = Pair::new()?;
    pair.from.0.transport.set_outage(Outage::Away);
    let checked = |text: &str| finish(pair.from.1.check_password(&SecretText::new(text)));
    assert_eq!(checked(PASSWORD), Ok(()));
    assert_eq!(checked("another one"), Err(EngineError::PasswordWrong));
    Ok(())
}
