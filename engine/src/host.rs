//! The extension's end of the channel to the native host: what to say next, and what was heard.
//!
//! It has neither port nor clock: it is given the frames that came, and hands back those to be sent.
//! A fault of either side ends it; who wants to go on begins another.

use proto::{
    bridge::{
        frame::BRIDGE_VERSION,
        host::{Begin, HostFrame, PairingMessage, Refusal},
    },
    bytes::{Base64, Hex},
    limits::HOST_FRAME_MAX_BYTES,
};
pub use wasm_core::random::{Random, RandomError};
use wasm_core::{
    channel::{
        Channel, ChannelError, ChannelKey, ChannelPublicKey, Expected, Handshake, Side,
        code::{self, CodeNonce},
    },
    secret::ChannelSecret,
};
use zeroize::Zeroizing;

/// This extension's key towards the host.
#[derive(Debug)]
pub struct HostKey(ChannelKey);

/// Which host this extension was paired with: its public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairedHost(pub [u8; 32]);

/// What came of a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum HostNews {
    /// Nothing to tell.
    Nothing,
    /// The code that the user is to compare with the one in the terminal.
    Code(String),
    /// The user at the terminal has agreed; the extension's has to, or has.
    Agreed,
    /// Both have: from now on it is this host, and requests may go.
    Paired(PairedHost),
    /// The paired host is there: requests may go.
    Open,
    /// A text of the host.
    Text(Zeroizing<Vec<u8>>),
}

/// Why there is no channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostLineError {
    /// The host will not speak.
    #[error("the host refuses: {0:?}")]
    Refused(Refusal),
    /// The user at the terminal has seen another code, or has given up.
    #[error("pairing was declined in the terminal")]
    Declined,
    /// What came is not what a host says, or not from the one that was paired.
    #[error("what answers is not the host that was paired")]
    Foreign,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The line to a host.
#[derive(Debug)]
pub struct HostLine {
    /// Whether the two have met before.
    is_known: bool,
    /// What this side adds to the code of a first meeting.
    ours: CodeNonce,
    state: State,
    /// To be sent, in their order.
    frames: Vec<String>,
}

#[derive(Debug)]
enum State {
    /// Until the host has greeted.
    Begun(Handshake),
    Shaking(Handshake),
    Meeting(Meeting),
    Open(Channel),
    Over,
}

/// A first meeting.
#[derive(Debug)]
struct Meeting {
    channel: Channel,
    committed: Option<[u8; 32]>,
    is_shown: bool,
    host_agreed: bool,
    own_agreed: bool,
}

impl HostKey {
    /// A new one.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make(random: &mut dyn Random) -> Result<Self, RandomError> {
        ChannelKey::make(random).map(Self)
    }

    /// From 32 bytes that were kept; `None` for another number of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let secret = ChannelSecret::copy_from(bytes)?;
        Some(Self(ChannelKey::from_secret(secret)))
    }

    /// The 32 bytes, to be sealed and kept.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // EXPOSE: the caller seals it under a key that never leaves the browser.
        Zeroizing::new(self.0.secret().expose_secret().to_vec())
    }
}

impl HostLine {
    /// Begins: with the host that was paired, or to pair with whichever answers.
    ///
    /// # Errors
    /// [`HostLineError::Random`].
    pub fn begin(
        own: &HostKey,
        paired: Option<PairedHost>,
        random: &mut dyn Random,
    ) -> Result<Self, HostLineError> {
        let expected = paired.map_or(Expected::Anybody, |host| {
            Expected::Known(ChannelPublicKey(host.0))
        });
        let ours = code::make_nonce(random)?;
        let handshake = Handshake::begin(Side::Extension, &own.0, expected, random)?;
        let mut line = Self {
            is_known: paired.is_some(),
            ours,
            state: State::Begun(handshake),
            frames: Vec::new(),
        };
        line.put(&HostFrame::Begin(Begin {
            versions: vec![BRIDGE_VERSION],
            key: Hex(own.0.public().0),
            pair: paired.is_none(),
        }));
        Ok(line)
    }

    /// What is to be sent now, in its order.
    pub fn frames(&mut self) -> Vec<String> {
        std::mem::take(&mut self.frames)
    }

    /// Takes the next frame of the host.
    ///
    /// # Errors
    /// [`HostLineError`]; the line is over then.
    pub fn take(&mut self, frame: &str) -> Result<HostNews, HostLineError> {
        let state = std::mem::replace(&mut self.state, State::Over);
        if frame.len() > HOST_FRAME_MAX_BYTES {
            return Err(HostLineError::Foreign);
        }
        let frame = serde_json::from_str(frame).map_err(|_| HostLineError::Foreign)?;
        let (state, news) = match (state, frame) {
            (State::Begun(_), HostFrame::Refused(refused)) => {
                return Err(HostLineError::Refused(refused.reason));
            }
            (State::Begun(handshake), HostFrame::Begun(begun)) => {
                if begun.version != BRIDGE_VERSION {
                    return Err(HostLineError::Refused(Refusal::Version));
                }
                (self.shake(handshake)?, HostNews::Nothing)
            }
            (State::Shaking(mut handshake), HostFrame::Shake(Base64(message))) => {
                handshake.read(&message)?;
                let state = self.shake(handshake)?;
                let is_open = matches!(state, State::Open(_));
                (
                    state,
                    if is_open {
                        HostNews::Open
                    } else {
                        HostNews::Nothing
                    },
                )
            }
            (State::Meeting(meeting), HostFrame::Sealed(Base64(message))) => {
                self.meet(meeting, &message)?
            }
            (State::Open(mut channel), HostFrame::Sealed(Base64(message))) => {
                let news = match channel.open(&message)? {
                    Some(text) => HostNews::Text(text),
                    None => HostNews::Nothing,
                };
                (State::Open(channel), news)
            }
            _ => return Err(HostLineError::Foreign),
        };
        self.state = state;
        Ok(news)
    }

    /// The extension's user has seen the same code at both ends.
    ///
    /// # Errors
    /// [`HostLineError::Foreign`] before there was a code.
    pub fn agree(&mut self) -> Result<HostNews, HostLineError> {
        let State::Meeting(mut meeting) = std::mem::replace(&mut self.state, State::Over) else {
            return Err(HostLineError::Foreign);
        };
        if !meeting.is_shown {
            return Err(HostLineError::Foreign);
        }
        if !std::mem::replace(&mut meeting.own_agreed, true) {
            self.say_in(&mut meeting.channel, &PairingMessage::Agreed {})?;
        }
        let (state, news) = meeting.go_on();
        self.state = state;
        Ok(news)
    }

    /// Seals a text for the host.
    ///
    /// # Errors
    /// [`HostLineError::Foreign`] where there is no channel, or the text is too long.
    pub fn say(&mut self, text: &[u8]) -> Result<(), HostLineError> {
        let State::Open(channel) = &mut self.state else {
            return Err(HostLineError::Foreign);
        };
        let messages = channel.seal(text)?;
        for message in messages {
            self.put(&HostFrame::Sealed(Base64(message)));
        }
        Ok(())
    }

    /// Whether requests may go.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Says what is to be said next of the handshake, if anything is.
    fn shake(&mut self, mut handshake: Handshake) -> Result<State, HostLineError> {
        if let Some(message) = handshake.write()? {
            self.put(&HostFrame::Shake(Base64(message)));
        }
        if !handshake.is_finished() {
            return Ok(State::Shaking(handshake));
        }
        let channel = handshake.finish()?;
        Ok(if self.is_known {
            State::Open(channel)
        } else {
            State::Meeting(Meeting {
                channel,
                committed: None,
                is_shown: false,
                host_agreed: false,
                own_agreed: false,
            })
        })
    }

    fn meet(
        &mut self,
        mut meeting: Meeting,
        message: &[u8],
    ) -> Result<(State, HostNews), HostLineError> {
        let Some(text) = meeting.channel.open(message)? else {
            return Ok((State::Meeting(meeting), HostNews::Nothing));
        };
        let said = serde_json::from_slice(&text).map_err(|_| HostLineError::Foreign)?;
        match (said, meeting.committed) {
            (PairingMessage::Commitment(committed), None) => {
                meeting.committed = Some(committed.0);
                self.say_in(&mut meeting.channel, &PairingMessage::Nonce(Hex(self.ours)))?;
                Ok((State::Meeting(meeting), HostNews::Nothing))
            }
            (PairingMessage::Nonce(theirs), Some(committed)) if !meeting.is_shown => {
                let code = code::checked(&meeting.channel, &committed, &self.ours, &theirs.0)?;
                meeting.is_shown = true;
                Ok((State::Meeting(meeting), HostNews::Code(code.to_string())))
            }
            (PairingMessage::Agreed {}, _) if meeting.is_shown => {
                meeting.host_agreed = true;
                Ok(meeting.go_on())
            }
            (PairingMessage::Declined {}, _) => Err(HostLineError::Declined),
            _ => Err(HostLineError::Foreign),
        }
    }

    fn say_in(
        &mut self,
        channel: &mut Channel,
        message: &PairingMessage,
    ) -> Result<(), HostLineError> {
        let text = serde_json::to_vec(message).map_err(|_| HostLineError::Foreign)?;
        for message in channel.seal(&text)? {
            self.put(&HostFrame::Sealed(Base64(message)));
        }
        Ok(())
    }

    fn put(&mut self, frame: &HostFrame) {
        // Cannot fail: frames are texts and numbers.
        self.frames.extend(serde_json::to_string(frame).ok());
    }
}

impl Meeting {
    /// Open, once both have agreed.
    fn go_on(self) -> (State, HostNews) {
        if self.host_agreed && self.own_agreed {
            let host = PairedHost(self.channel.remote().0);
            return (State::Open(self.channel), HostNews::Paired(host));
        }
        let news = if self.host_agreed {
            HostNews::Agreed
        } else {
            HostNews::Nothing
        };
        (State::Meeting(self), news)
    }
}

impl From<ChannelError> for HostLineError {
    fn from(_: ChannelError) -> Self {
        Self::Foreign
    }
}
