//! Messages of a node in memory, between the accounts that it has.

use std::collections::BTreeMap;

use proto::{
    address::Address,
    api::message::{
        AddressKey, Correspondent, Delivery, KeyStanding, Message, MessageAccepted,
        MessageChallenge, MessageChallengeRequest, MessagePage, MessagePrices, RenewWorkRequest,
        SendMessageRequest, SetPricesRequest, StandRequest, Standing, Suite, Way,
    },
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    ids::{Difficulty, MessageId, Position, UnixMillis},
    limits::{CHALLENGE_LIFETIME_MS, MESSAGE_PRICE_MAX},
};
use wasm_core::{
    keys::{PublicKey, Signature},
    kp1::pow::request_message,
};

use super::{Answer, MemoryNode, json};

/// Average tries below which no price may be.
const LEAST_PRICE: Difficulty = Difficulty(1);

/// Messages and correspondents of one account.
#[derive(Default)]
pub(super) struct Mailbox {
    position: u64,
    messages: BTreeMap<MessageId, Message>,
    correspondents: BTreeMap<Address, Correspondent>,
    /// Of a first message and of a later one, where the owner has said.
    prices: Option<SetPricesRequest>,
}

/// What a node in memory does with messages that are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Post {
    /// Delivers them at once.
    #[default]
    Prompt,
    /// Keeps them under way.
    Slow,
    /// Wants other work for them.
    WantsWork,
    /// Has other servers that cannot be reached.
    PeersAway,
}

impl Mailbox {
    fn advance(&mut self) -> Position {
        self.position += 1;
        Position(self.position)
    }

    fn stand(&mut self, address: &Address, standing: Standing, at: UnixMillis) -> Position {
        let position = self.advance();
        let cleared = self.correspondents.get(address).map(|it| it.cleared);
        let correspondent = Correspondent {
            address: address.clone(),
            position,
            standing,
            cleared: cleared.unwrap_or_default(),
            changed_at: at,
        };
        self.correspondents.insert(address.clone(), correspondent);
        position
    }

    fn standing(&self, address: &Address) -> Option<Standing> {
        self.correspondents.get(address).map(|it| it.standing)
    }

    fn page(&self, query: &str) -> MessagePage {
        let since = query
            .split('&')
            .find_map(|part| part.strip_prefix("cursor=m-"))
            .and_then(|place| place.parse().ok())
            .map_or(Position(0), Position);
        let mut messages: Vec<_> = self.messages.values().cloned().collect();
        messages.retain(|message| message.position > since);
        messages.sort_by_key(|message| message.position);
        // Small pages, so that every test goes through several.
        messages.truncate(3);
        let latest = Position(self.position);
        let read_to = match messages.len() {
            3 => messages.last().map_or(latest, |last| last.position),
            _ => latest,
        };
        let mut correspondents: Vec<_> = self.correspondents.values().cloned().collect();
        correspondents.retain(|it| it.position > since && it.position <= read_to);
        MessagePage {
            messages,
            correspondents,
            read_to,
            latest,
            cursor: format!("m-{read_to}").try_into().ok(),
            snapshot: false,
        }
    }
}

impl MemoryNode {
    /// What it does with messages from now on.
    pub fn set_post(&self, post: Post) {
        self.state().post = post;
    }

    /// Says what became of every message of an account that is under way.
    pub fn conclude(&self, address: &Address, delivery: Delivery, why: Option<&str>) {
        let mut state = self.state();
        let Some(account) = state.accounts.get_mut(address) else {
            return;
        };
        let mail = &mut account.mail;
        let under_way: Vec<_> = mail
            .messages
            .values()
            .filter(|it| matches!(&it.way, Way::Sent { delivery, .. } if *delivery == Delivery::UnderWay))
            .map(|it| it.id)
            .collect();
        for id in under_way {
            let position = mail.advance();
            if let Some(message) = mail.messages.get_mut(&id) {
                message.position = position;
                message.way = Way::Sent {
                    delivery,
                    reason: why.map(str::to_owned),
                };
            }
        }
    }

    /// Puts another key beside the one of an address, as its server does that was taken over.
    pub fn name_key(&self, address: &Address, key: Hex<33>) {
        self.state().named.insert(address.clone(), key);
    }

    /// Names the true key of an address again.
    pub fn forget_named(&self, address: &Address) {
        self.state().named.remove(address);
    }

    /// Says of all that came to an account from somebody that it is from somebody else, as the server does that sends it.
    pub fn pass_off(&self, to: &Address, from: &Address, other: &Address) {
        let mut state = self.state();
        let Some(account) = state.accounts.get_mut(to) else {
            return;
        };
        for message in account.mail.messages.values_mut() {
            if message.address == *from {
                message.address = other.clone();
            }
        }
        account.mail.correspondents.remove(from);
    }

    /// Says that an account has sent a message, which it has not.
    pub fn claim_sent(&self, of: &Address, id: MessageId, to: &Address) {
        let now = self.now();
        let mut state = self.state();
        let Some(account) = state.accounts.get_mut(of) else {
            return;
        };
        let position = account.mail.advance();
        let message = Message {
            id,
            position,
            address: to.clone(),
            way: Way::Sent {
                delivery: Delivery::Delivered,
                reason: None,
            },
            suite: Suite::Kp1,
            content: Base64(vec![7; 60]),
            sender_key: account.active_key().unwrap_or(Hex([0; 33])),
            recipient_key: account.active_key().unwrap_or(Hex([0; 33])),
            written_at: now,
        };
        account.mail.messages.insert(id, message);
    }

    /// The key that the newest message of an account was sealed for.
    pub fn recipient_key(&self, of: &Address) -> Option<Hex<33>> {
        let state = self.state();
        let all = state.accounts.get(of)?.mail.messages.values();
        all.max_by_key(|it| it.position).map(|it| it.recipient_key)
    }

    /// Messages that an account has here.
    pub fn count_messages(&self, address: &Address) -> usize {
        let state = self.state();
        let account = state.accounts.get(address);
        account.map_or(0, |account| account.mail.messages.len())
    }

    pub(super) fn key_of(&self, address: &str) -> Answer {
        if self.state().post == Post::PeersAway {
            return Err(ErrorCode::PeerUnreachable.into());
        }
        Ok(json(&AddressKey {
            public_key: self.active_key(&parse(address)?),
        }))
    }

    fn active_key(&self, address: &Address) -> Option<Hex<33>> {
        let state = self.state();
        let named = state.named.get(address).copied();
        named.or_else(|| state.accounts.get(address)?.active_key())
    }

    /// What messages to an account cost.
    pub(super) fn prices(&self, of: &Address) -> Answer {
        let state = self.state();
        let account = state.accounts.get(of).ok_or(ErrorCode::NotFound)?;
        let (first, later) = match account.mail.prices {
            Some(set) => (set.first, set.later),
            None => (LEAST_PRICE, LEAST_PRICE),
        };
        Ok(json(&MessagePrices {
            first,
            later,
            least: LEAST_PRICE,
        }))
    }

    pub(super) fn set_prices(&self, of: &Address, prices: SetPricesRequest) -> Answer {
        let bounds = LEAST_PRICE..=Difficulty(MESSAGE_PRICE_MAX);
        if !bounds.contains(&prices.first) || !bounds.contains(&prices.later) {
            return Err(ErrorCode::InvalidField.into());
        }
        if let Some(account) = self.state().accounts.get_mut(of) {
            account.mail.prices = Some(prices);
        }
        self.prices(of)
    }

    pub(super) fn message_challenge(
        &self,
        from: &Address,
        ask: &MessageChallengeRequest,
    ) -> Answer {
        if self.state().post == Post::PeersAway {
            return Err(WireError::new(ErrorCode::PeerUnreachable).with("reason", "away"));
        }
        let said = request_message(from.as_str(), ask.recipient.as_str(), ask.timestamp.0);
        let signed = PublicKey::parse(&ask.sender_key.0).is_ok_and(|key| {
            let signature = Signature(ask.signature.0);
            key.verify(said.as_bytes(), &signature).is_ok()
        });
        if !signed || self.active_key(from) != Some(ask.sender_key) {
            return Err(ErrorCode::InvalidField.into());
        }
        let state = self.state();
        let Some(account) = state.accounts.get(&ask.recipient) else {
            return Err(ErrorCode::RecipientUnknown.into());
        };
        if account.mail.standing(from) == Some(Standing::Blocked) {
            return Err(ErrorCode::SenderBlocked.into());
        }
        Ok(json(&MessageChallenge {
            header: Hex(self.0.random.bytes()),
            target: Hex([0xff; 32]),
            difficulty: Difficulty(1),
            expires_at: self.0.clock.now().plus(CHALLENGE_LIFETIME_MS),
            signature: Hex(self.0.random.bytes()),
        }))
    }

    pub(super) fn send_message(
        &self,
        from: &Address,
        id: &str,
        request: SendMessageRequest,
    ) -> Answer {
        let id: MessageId = id.parse().map_err(|_| ErrorCode::InvalidField)?;
        let now = self.now();
        let mut state = self.state();
        let post = state.post;
        let account = state.accounts.get_mut(from).ok_or(ErrorCode::NotFound)?;
        if let Some(before) = account.mail.messages.get(&id) {
            if before.content != request.content {
                return Err(WireError::new(ErrorCode::InvalidField).with("field", "message"));
            }
            let position = Position(account.mail.position);
            return Ok(json(&MessageAccepted { position }));
        }
        if !matches!(
            account.mail.standing(&request.recipient),
            Some(Standing::Accepted)
        ) {
            account
                .mail
                .stand(&request.recipient, Standing::Accepted, now);
        }
        let position = account.mail.advance();
        let delivery = match post {
            Post::Prompt => Delivery::Delivered,
            Post::Slow | Post::PeersAway => Delivery::UnderWay,
            Post::WantsWork => Delivery::WorkWanted,
        };
        let message = Message {
            id,
            position,
            address: request.recipient.clone(),
            way: Way::Sent {
                delivery,
                reason: None,
            },
            suite: request.suite,
            content: request.content,
            sender_key: request.sender_key,
            recipient_key: request.recipient_key,
            written_at: now,
        };
        account.mail.messages.insert(id, message.clone());
        if delivery == Delivery::Delivered
            && let Some(recipient) = state.accounts.get_mut(&request.recipient)
        {
            receive(&mut recipient.mail, from, message, now);
        }
        Ok(json(&MessageAccepted { position }))
    }

    pub(super) fn renew_message(&self, from: &Address, id: &str, _: &RenewWorkRequest) -> Answer {
        let id: MessageId = id.parse().map_err(|_| ErrorCode::InvalidField)?;
        let now = self.now();
        let mut state = self.state();
        let account = state.accounts.get_mut(from).ok_or(ErrorCode::NotFound)?;
        let position = account.mail.advance();
        let found = account.mail.messages.get_mut(&id);
        let message = found.ok_or(ErrorCode::NotFound)?;
        message.position = position;
        message.way = Way::Sent {
            delivery: Delivery::Delivered,
            reason: None,
        };
        let message = message.clone();
        if let Some(recipient) = state.accounts.get_mut(&message.address) {
            receive(&mut recipient.mail, from, message, now);
        }
        Ok(json(&MessageAccepted { position }))
    }

    pub(super) fn messages(&self, of: &Address, query: &str) -> Answer {
        let state = self.state();
        let account = state.accounts.get(of).ok_or(ErrorCode::NotFound)?;
        Ok(json(&account.mail.page(query)))
    }

    pub(super) fn stand(&self, of: &Address, address: &str, request: StandRequest) -> Answer {
        let (address, now) = (parse(address)?, self.now());
        let mut state = self.state();
        let account = state.accounts.get_mut(of).ok_or(ErrorCode::NotFound)?;
        let position = account.mail.stand(&address, request.standing, now);
        Ok(json(&MessageAccepted { position }))
    }

    pub(super) fn clear(&self, of: &Address, address: &str) -> Answer {
        let address = parse(address)?;
        let mut state = self.state();
        let account = state.accounts.get_mut(of).ok_or(ErrorCode::NotFound)?;
        account.mail.messages.retain(|_, it| it.address != address);
        let position = account.mail.advance();
        if let Some(it) = account.mail.correspondents.get_mut(&address) {
            it.position = position;
            it.cleared = position;
        }
        Ok(json(&MessageAccepted { position }))
    }
}

fn receive(mail: &mut Mailbox, from: &Address, message: Message, now: UnixMillis) {
    if mail.standing(from).is_none() {
        mail.stand(from, Standing::Request, now);
    }
    let position = mail.advance();
    let received = Message {
        position,
        address: from.clone(),
        way: Way::Received {
            key: KeyStanding::Active,
        },
        written_at: now,
        ..message
    };
    mail.messages.insert(received.id, received);
}

fn parse(address: &str) -> Result<Address, WireError> {
    let parsed = address.replace("%2B", "+").parse();
    parsed.map_err(|_| ErrorCode::AddressInvalid.into())
}
