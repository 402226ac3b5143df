//! Messages that are being written in several pages at once, and sent from one of them.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{
    address::Address,
    bridge::popup::Letter,
    ids::{MessageId, UnixMillis},
    vault::SecretText,
};
use testkit::{device::Device, node::MemoryNode, run::finish};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";
const CAROL: &str = "carol@localhost";

struct Desk {
    device: Device,
    engine: Engine<Device>,
}

impl Desk {
    fn new() -> Outcome<Self> {
        let device = Device::new(&MemoryNode::new(1), 2);
        let engine = device.create(ADA)?;
        Ok(Self { device, engine })
    }

    /// What a page has now, some seconds after the last.
    fn letter(&self, to: &str, text: &str) -> Outcome<Letter> {
        self.device.clock.advance(5_000);
        Ok(Letter {
            address: to.parse()?,
            text: SecretText::new(text),
            sending: None,
            at: self.device.clock.now(),
        })
    }

    fn keep(&self, letter: &Letter) -> Result<(), EngineError> {
        finish(self.engine.keep_letter(letter.clone()))
    }

    fn send(&self, letter: &Letter) -> Result<(), EngineError> {
        let id = letter.sending.unwrap_or_else(|| id(0));
        finish(self.engine.send_message(id, &letter.address, &letter.text))
    }

    /// `address text` of those that have a text.
    fn shown(&self) -> Outcome<Vec<String>> {
        shown(&self.engine)
    }
}

fn shown(engine: &Engine<Device>) -> Outcome<Vec<String>> {
    let letters = finish(engine.letters())?.letters;
    let texts = letters.iter().filter(|it| !it.text.is_empty());
    // EXPOSE: a test looks at it.
    let texts = texts.map(|it| format!("{} {}", it.address, it.text.expose_secret()));
    Ok(texts.collect())
}

fn id(number: u8) -> MessageId {
    MessageId::make(UnixMillis(u64::from(number)), [number; 10])
}

#[test]
fn each_page_writes_its_own_conversation_and_no_other() -> Outcome {
    let desk = Desk::new()?;
    let to_bob = desk.letter(BOB, "For Bob")?;
    desk.keep(&to_bob)?;
    let mut to_carol = desk.letter(CAROL, "For Carol")?;
    desk.keep(&to_carol)?;
    let both = ["bob@localhost For Bob", "carol@localhost For Carol"];
    assert_eq!(desk.shown()?, both);
    assert_eq!(
        shown(&desk.device.open()?)?,
        both,
        "after the worker's death"
    );

    to_carol.sending = Some(id(1));
    desk.keep(&to_carol)?;
    desk.send(&to_carol)?;
    assert_eq!(desk.shown()?, both[..1]);
    desk.keep(&desk.letter(BOB, "")?)?;
    assert!(desk.shown()?.is_empty());
    Ok(())
}

#[test]
fn one_that_was_sent_is_not_brought_back() -> Outcome {
    let desk = Desk::new()?;
    let mut letter = desk.letter(BOB, "Hi")?;
    desk.keep(&letter)?;
    let other_page = desk.letter(BOB, "Hi the")?;
    letter = desk.letter(BOB, "Hi there")?;
    letter.sending = Some(id(1));
    desk.keep(&letter)?;
    desk.send(&letter)?;
    assert!(desk.shown()?.is_empty());
    // What another page had typed before comes late.
    desk.keep(&other_page)?;
    assert!(desk.shown()?.is_empty());

    // The message itself may be faster than its draft.
    letter = desk.letter(BOB, "Once more")?;
    letter.sending = Some(id(2));
    desk.send(&letter)?;
    desk.keep(&letter)?;
    assert!(desk.shown()?.is_empty());

    // What is begun meanwhile stays.
    letter = desk.letter(BOB, "And then")?;
    letter.sending = Some(id(3));
    desk.keep(&letter)?;
    desk.keep(&desk.letter(BOB, "And now")?)?;
    desk.send(&letter)?;
    assert_eq!(desk.shown()?, ["bob@localhost And now"]);
    Ok(())
}

#[test]
fn one_that_could_not_be_sent_stays() -> Outcome {
    let desk = Desk::new()?;
    let mut letter = desk.letter(ADA, "To myself")?;
    letter.sending = Some(id(1));
    desk.keep(&letter)?;
    assert!(desk.send(&letter).is_err());
    assert_eq!(desk.shown()?, ["ada@localhost To myself"]);
    Ok(())
}

#[test]
fn the_store_names_nobody() -> Outcome {
    let desk = Desk::new()?;
    let bob: Address = BOB.parse()?;
    desk.keep(&desk.letter(bob.as_str(), "For Bob")?)?;
    let stored = desk.device.store.contents();
    assert!(stored.contains_key("draft/messages"));
    for (key, value) in &stored {
        let value = String::from_utf8_lossy(value);
        assert!(!key.contains("bob") && !value.contains(BOB), "{key}");
    }
    // No page writes all of them over what others have written.
    let all = SecretText::new("{\"letters\":[]}");
    let refused = finish(desk.engine.keep_draft("messages", &all));
    assert_eq!(refused, Err(EngineError::Setting { field: "screen" }));

    finish(desk.engine.lock());
    assert_eq!(finish(desk.engine.letters()), Err(EngineError::Locked));
    let late = desk.letter(BOB, "Late")?;
    assert_eq!(desk.keep(&late), Err(EngineError::Locked));
    Ok(())
}
