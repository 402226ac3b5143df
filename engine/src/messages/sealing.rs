//! Between what a message says and what goes over the wire, suite by suite.

use proto::{
    api::message::{Message, Suite, Way},
    bytes::{Base64, Hex},
    kp1::Content,
};
use wasm_core::{
    keys::PublicKey,
    kp1::message::{message_key, open_message, seal_message},
    random::Random,
};

use super::model::{Kept, SealedOnce};
use crate::{error::EngineError, keyring::Keyring};

/// The account's key of a message of the log.
pub(super) fn own_key(message: &Message) -> &Hex<33> {
    match message.way {
        Way::Sent { .. } => &message.sender_key,
        Way::Received { .. } => &message.recipient_key,
    }
}

/// Opens a message of the log.
pub(super) fn open(keyring: &Keyring, message: &Message) -> Kept {
    let own = own_key(message);
    let theirs = match message.way {
        Way::Sent { .. } => &message.recipient_key,
        Way::Received { .. } => &message.sender_key,
    };
    let Some(pair) = keyring.pair_of(&own.0) else {
        return Kept::Locked {};
    };
    match message.suite {
        Suite::Kp1 => {
            let read = || {
                let theirs = PublicKey::parse(&theirs.0).ok()?;
                let key = message_key(pair, &theirs).ok()?;
                let json = open_message(&key, &message.content.0).ok()?;
                Content::read(&json).ok()
            };
            match read() {
                Some(Content::Text(text)) => Kept::Text { text },
                Some(Content::Secret(secret)) => Kept::Secret { secret },
                None => Kept::Unreadable {},
            }
        }
    }
}

/// Seals a message for a key of its recipient.
///
/// # Errors
/// [`EngineError::TooLarge`], [`EngineError::Unreadable`] for what says nothing or a key that is none.
pub(super) fn seal(
    keyring: &Keyring,
    recipient: Hex<33>,
    content: &Kept,
    random: &mut dyn Random,
) -> Result<SealedOnce, EngineError> {
    let content = match content {
        Kept::Text { text } => Content::Text(text.clone()),
        Kept::Secret { secret } => Content::Secret(secret.clone()),
        Kept::Locked {} | Kept::Unreadable {} => return Err(EngineError::Unreadable),
    };
    let (_, pair) = keyring.signing();
    let theirs = PublicKey::parse(&recipient.0).map_err(|_| EngineError::Unreadable)?;
    let key = message_key(pair, &theirs).map_err(|_| EngineError::Unreadable)?;
    let json = content.write().map_err(|_| EngineError::Unreadable)?;
    let max = proto::limits::KP1_MESSAGE_MAX_BYTES;
    if json.len() + 28 > max {
        return Err(EngineError::TooLarge { max });
    }
    Ok(SealedOnce {
        suite: Suite::Kp1,
        content: Base64(seal_message(&key, &json, random)?),
        sender_key: Hex(*pair.public().as_bytes()),
        recipient_key: recipient,
    })
}
