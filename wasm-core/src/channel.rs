//! The channel between extension and native host: nobody between the two reads or says anything.
//!
//! ```text
//! pairing   Noise_XX_25519_AESGCM_SHA256, then a short code that the user compares   [`code`]
//! later     Noise_KK_25519_AESGCM_SHA256: both know the other's key
//! prologue  "Pearvault host channel v1"
//! text      pieces of at most 65 518 bytes, each one Noise message: more(1) ‖ piece; more = 1 but for the last
//! ```
//! The extension is the initiator. Handshake messages carry no payload: the first of KK may be one
//! that was recorded, and says nothing then. In the channel every message has a number of its own,
//! so that one which is left out, told twice or out of order ends it.
//!
//! Source: The Noise Protocol Framework, revision 34.

pub mod code;
mod noise;

use std::fmt;

use proto::limits::HOST_TEXT_MAX_BYTES;
use snow::{Builder, HandshakeState, TransportState};
use zeroize::Zeroizing;

use crate::{
    random::{Random, RandomError},
    secret::ChannelSecret,
};

const PROLOGUE: &[u8] = b"Pearvault host channel v1";
const PAIR: &str = "Noise_XX_25519_AESGCM_SHA256";
const KNOWN: &str = "Noise_KK_25519_AESGCM_SHA256";
/// Longest Noise message.
const MESSAGE_MAX_BYTES: usize = 65_535;
/// Bytes of text in one: all but the tag and the flag.
const PIECE_MAX_BYTES: usize = MESSAGE_MAX_BYTES - 16 - 1;

/// The handshake or a message was refused, whatever the reason: another key than the one that was
/// paired, a message changed, left out or told twice, one at the wrong time. The channel is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the channel to the native host was refused")]
pub struct ChannelError;

/// Public half of a side's key: X25519, 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelPublicKey(pub [u8; 32]);

/// A side's own key.
#[derive(Debug)]
pub struct ChannelKey {
    secret: ChannelSecret,
    public: ChannelPublicKey,
}

/// Which side this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Begins.
    Extension,
    /// Answers.
    Host,
}

/// Whom this side expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Anybody: the user will compare a code.
    Anybody,
    /// Whoever has the private half of this key.
    Known(ChannelPublicKey),
}

/// A handshake under way.
pub struct Handshake {
    state: HandshakeState,
}

/// The channel.
pub struct Channel {
    transport: TransportState,
    hash: [u8; 32],
    remote: ChannelPublicKey,
    /// Pieces of the text that is coming.
    begun: Zeroizing<Vec<u8>>,
    /// After a refusal nothing goes through any more.
    over: bool,
}

impl ChannelKey {
    /// A new one.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make(random: &mut dyn Random) -> Result<Self, RandomError> {
        let secret = ChannelSecret::new(crate::random::make_secret(random)?);
        Ok(Self::from_secret(secret))
    }

    /// From 32 bytes that were kept.
    pub fn from_secret(secret: ChannelSecret) -> Self {
        let public = ChannelPublicKey(noise::public_of(&secret));
        Self { secret, public }
    }

    /// The public half.
    pub fn public(&self) -> ChannelPublicKey {
        self.public
    }

    /// The private half, to be sealed.
    pub fn secret(&self) -> &ChannelSecret {
        &self.secret
    }
}

impl Handshake {
    /// Begins one.
    ///
    /// # Errors
    /// [`ChannelError`] where no random bytes could be had.
    pub fn begin(
        side: Side,
        own: &ChannelKey,
        expected: Expected,
        random: &mut dyn Random,
    ) -> Result<Self, ChannelError> {
        let pattern = match expected {
            Expected::Anybody => PAIR,
            Expected::Known(_) => KNOWN,
        };
        let parameters = pattern.parse().map_err(|_| ChannelError)?;
        let resolver = noise::Ours::new(random).map_err(|_| ChannelError)?;
        // EXPOSE: the handshake computes with it.
        let own = own.secret.expose_secret();
        let mut builder = Builder::with_resolver(parameters, Box::new(resolver))
            .prologue(PROLOGUE)
            .and_then(|builder| builder.local_private_key(own))
            .map_err(|_| ChannelError)?;
        if let Expected::Known(remote) = &expected {
            builder = builder
                .remote_public_key(&remote.0)
                .map_err(|_| ChannelError)?;
        }
        let state = match side {
            Side::Extension => builder.build_initiator(),
            Side::Host => builder.build_responder(),
        };
        let state = state.map_err(|_| ChannelError)?;
        Ok(Self { state })
    }

    /// The next message to the other side; `None` where it is that one's turn, or all is said.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub fn write(&mut self) -> Result<Option<Vec<u8>>, ChannelError> {
        if self.is_finished() || !self.state.is_my_turn() {
            return Ok(None);
        }
        let mut message = vec![0; MESSAGE_MAX_BYTES];
        let length = self.state.write_message(&[], &mut message);
        message.truncate(length.map_err(|_| ChannelError)?);
        Ok(Some(message))
    }

    /// Takes the other side's next message.
    ///
    /// # Errors
    /// [`ChannelError`]; also where it carries anything.
    pub fn read(&mut self, message: &[u8]) -> Result<(), ChannelError> {
        let mut payload = vec![0; MESSAGE_MAX_BYTES];
        match self.state.read_message(message, &mut payload) {
            Ok(0) => Ok(()),
            _ => Err(ChannelError),
        }
    }

    /// Whether [`Self::finish`] gives a channel.
    pub fn is_finished(&self) -> bool {
        self.state.is_handshake_finished()
    }

    /// The channel.
    ///
    /// # Errors
    /// [`ChannelError`] before both have said all.
    pub fn finish(self) -> Result<Channel, ChannelError> {
        let hash = self.state.get_handshake_hash().try_into();
        let remote = self.state.get_remote_static().map(TryInto::try_into);
        let (Ok(hash), Some(Ok(remote))) = (hash, remote) else {
            return Err(ChannelError);
        };
        let transport = self.state.into_transport_mode().map_err(|_| ChannelError)?;
        Ok(Channel {
            transport,
            hash,
            remote: ChannelPublicKey(remote),
            begun: Zeroizing::default(),
            over: false,
        })
    }
}

impl Channel {
    /// What both sides hashed of the handshake: the same for both, and for no other two.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Whose key is at the other end. After [`Expected::Anybody`] nobody knows yet whose it is.
    pub fn remote(&self) -> ChannelPublicKey {
        self.remote
    }

    /// Seals a text of at most [`HOST_TEXT_MAX_BYTES`]: the messages that carry it, in their order.
    ///
    /// # Errors
    /// [`ChannelError`] for a longer one, or after a refusal.
    pub fn seal(&mut self, text: &[u8]) -> Result<Vec<Vec<u8>>, ChannelError> {
        if self.over || text.len() > HOST_TEXT_MAX_BYTES {
            return Err(ChannelError);
        }
        let pieces = text.len().div_ceil(PIECE_MAX_BYTES).max(1);
        let seal = |number: usize| {
            let from = number * PIECE_MAX_BYTES;
            let piece = &text[from..text.len().min(from + PIECE_MAX_BYTES)];
            let mut plain = Zeroizing::new(Vec::with_capacity(1 + piece.len()));
            plain.push(u8::from(number + 1 < pieces));
            plain.extend_from_slice(piece);
            let mut message = vec![0; plain.len() + 16];
            let sealed = self.transport.write_message(&plain, &mut message);
            sealed.map(|_| message).map_err(|_| ChannelError)
        };
        (0..pieces).map(seal).collect()
    }

    /// Opens the next message; the text, where it was its last.
    ///
    /// # Errors
    /// [`ChannelError`]; from then on always.
    pub fn open(&mut self, message: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, ChannelError> {
        let opened = self.open_piece(message);
        if opened.is_err() {
            self.over = true;
            self.begun = Zeroizing::default();
        }
        opened
    }

    fn open_piece(&mut self, message: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, ChannelError> {
        if self.over || message.len() > MESSAGE_MAX_BYTES {
            return Err(ChannelError);
        }
        let mut plain = Zeroizing::new(vec![0; message.len()]);
        let length = self.transport.read_message(message, &mut plain);
        let length = length.map_err(|_| ChannelError)?;
        let piece = plain.get(..length).ok_or(ChannelError)?;
        let (more, piece) = piece.split_first().ok_or(ChannelError)?;
        if *more > 1 || self.begun.len() + piece.len() > HOST_TEXT_MAX_BYTES {
            return Err(ChannelError);
        }
        append(&mut self.begun, piece);
        Ok((*more == 0).then(|| std::mem::take(&mut self.begun)))
    }
}

/// Appends, and wipes what the text has outgrown.
fn append(text: &mut Zeroizing<Vec<u8>>, piece: &[u8]) {
    if text.capacity() < text.len() + piece.len() {
        let mut larger = Vec::with_capacity(2 * (text.len() + piece.len()));
        larger.extend_from_slice(text);
        *text = Zeroizing::new(larger);
    }
    text.extend_from_slice(piece);
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake")
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}

#[cfg(test)]
mod tests;
