//! What waits to be sent: whose key, which challenge, whose work, and the node's answer.

use proto::{
    address::Address,
    api::{
        challenge::ProofOfWork,
        message::{
            Delivery, MessageChallenge, MessageChallengeRequest, RenewWorkRequest,
            SendMessageRequest,
        },
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{MessageId, UnixMillis},
};
use wasm_core::kp1::pow::request_message;

use super::{
    model::{Outgoing, Passed, SealedOnce, Stage, Stored},
    sealing,
    store::{contact_key, message_key, outgoing_key},
};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::NodeError,
    platform::{Change, Platform},
};

/// A server that refuses and does not say why is asked so often for one message.
const REFUSALS_MAX: u32 = 5;
/// The longest pause between two tries, milliseconds: an hour.
const LONGEST_MS: u64 = 60 * 60 * 1000;
/// The span of the first, milliseconds.
const FIRST_MS: u64 = 5_000;

/// A challenge that pays for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageOrder {
    /// Which message.
    pub id: MessageId,
    /// To whom.
    pub address: Address,
    /// What to solve.
    pub challenge: MessageChallenge,
}

impl<P: Platform> Engine<P> {
    /// What a solver is to work on for messages: one at a time, the oldest first.
    pub fn message_work(&self) -> Option<MessageOrder> {
        let now = self.platform().now();
        let state = self.state();
        let open = state.open.as_ref()?;
        open.mail.outbox.iter().find_map(|(id, outgoing)| {
            let Stage::Ordered { challenge, .. } = &outgoing.stage else {
                return None;
            };
            (challenge.expires_at > now).then(|| MessageOrder {
                id: *id,
                address: outgoing.address.clone(),
                challenge: MessageChallenge::clone(challenge),
            })
        })
    }

    /// When something that waits is to be tried next; `None` where nothing waits.
    pub fn next_message_try(&self) -> Option<UnixMillis> {
        let state = self.state();
        let open = state.open.as_ref()?;
        let all = open.mail.outbox.values();
        let due = all.filter_map(|outgoing| match &outgoing.stage {
            Stage::Fresh => Some(outgoing.due_at),
            Stage::Ordered { challenge, .. } => Some(challenge.expires_at),
            Stage::Failed { .. } => None,
        });
        due.min()
    }

    /// Goes on with what waits and is due, until one of it needs work: asks for keys and challenges. Returns whether
    /// anything changed.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn send_messages(&self) -> Result<bool, EngineError> {
        self.ensure_open().await?;
        let _messaging = self.messaging().await;
        let epoch = self.state().epoch;
        let mut changed = false;
        while self.message_work().is_none() {
            let now = self.platform().now();
            let next = self.with_open(|open| {
                let mut all = open.mail.outbox.iter();
                let due = all.find(|(_, outgoing)| match &outgoing.stage {
                    Stage::Fresh => outgoing.due_at <= now,
                    Stage::Ordered { challenge, .. } => challenge.expires_at <= now,
                    Stage::Failed { .. } => false,
                });
                Ok(due.map(|(id, outgoing)| (*id, outgoing.clone())))
            })?;
            let Some((id, outgoing)) = next else { break };
            let next = self.prepare_message(epoch, outgoing).await?;
            changed = true;
            let _writing = self.writing_in(epoch).await?;
            // Withdrawn, or known to have arrived, meanwhile.
            if self.with_open(|open| Ok(open.mail.outbox.contains_key(&id)))? {
                self.keep_waiting(id, next).await?;
            }
        }
        Ok(changed)
    }

    /// The solution of a message's challenge. Sends the message.
    ///
    /// # Errors
    /// [`EngineError::NoWork`] where nothing waits for it, [`EngineError::Node`] where the node is away: try again;
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn submit_message_work(&self, solved: Hex<64>) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let order = self.message_work().ok_or(EngineError::NoWork)?;
        if order.challenge.header.0[32..] != solved.0[32..] {
            return Err(EngineError::NoWork);
        }
        let id = order.id;
        let outgoing = self.with_open(|open| Ok(open.mail.outbox.get(&id).cloned()))?;
        let outgoing = outgoing.ok_or(EngineError::NoWork)?;
        let pow = ProofOfWork {
            solved_header: solved,
            target: order.challenge.target,
            expires_at: order.challenge.expires_at,
            signature: order.challenge.signature,
        };
        let answer = match (&outgoing.stage, outgoing.renews) {
            (_, true) => {
                let request = RenewWorkRequest { pow };
                self.ask_node(async |node| node.renew_work(id, &request).await)
                    .await
            }
            (
                Stage::Ordered {
                    sealed: Some(sealed),
                    ..
                },
                false,
            ) => {
                let request = request(&outgoing.address, sealed, pow);
                self.ask_node(async |node| node.send(id, &request).await)
                    .await
            }
            _ => return Err(EngineError::NoWork),
        };
        match answer {
            Ok(_) => self.message_arrived(epoch, id, outgoing).await,
            Err(EngineError::Node(NodeError::Refused(error)))
                if error.code != ErrorCode::SessionInvalid =>
            {
                // Under way no more, or there already: the log says what became of it.
                if outgoing.renews || error.params.get("field").is_some_and(|it| it == "message") {
                    return self.message_arrived(epoch, id, outgoing).await;
                }
                self.message_failed(epoch, id, outgoing, error.message)
                    .await
            }
            Err(error) => Err(error),
        }
    }

    /// Stops sending a message, or forgets that it was given up. One that the node has goes on.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn withdraw_message(&self, id: MessageId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        let gone = self.with_open(|open| {
            let outgoing = open.mail.outbox.get(&id);
            Ok(outgoing.is_some_and(|outgoing| !outgoing.renews))
        })?;
        if !gone {
            return Ok(());
        }
        let key = outgoing_key(id);
        self.commit_mail(vec![Change::Remove { key }]).await?;
        self.with_open(|open| {
            open.mail.outbox.remove(&id);
            Ok(())
        })
    }

    /// Asks for the recipient's key and for a challenge. What stands in the way is kept with the message.
    async fn prepare_message(
        &self,
        epoch: u64,
        mut outgoing: Outgoing,
    ) -> Result<Outgoing, EngineError> {
        let kept = match std::mem::replace(&mut outgoing.stage, Stage::Fresh) {
            Stage::Ordered { sealed, .. } => sealed,
            Stage::Fresh | Stage::Failed { .. } => None,
        };
        match self.order_message(epoch, &outgoing, kept).await {
            Ok(stage) => {
                outgoing.stage = stage;
                outgoing.problem = None;
            }
            Err(EngineError::Store(error)) => return Err(error.into()),
            Err(EngineError::Locked) => return Err(EngineError::Locked),
            Err(EngineError::NoAccount) => return Err(EngineError::NoAccount),
            Err(error) => self.note_problem(&mut outgoing, error.into()),
        }
        Ok(outgoing)
    }

    async fn order_message(
        &self,
        epoch: u64,
        outgoing: &Outgoing,
        kept: Option<SealedOnce>,
    ) -> Result<Stage, EngineError> {
        let to = &outgoing.address;
        let sealed = if outgoing.renews {
            None
        } else {
            let key = self.believed_key(epoch, to).await?;
            let known = kept.filter(|kept| kept.recipient_key == key);
            Some(match known {
                Some(known) => known,
                None => self.with_open(|open| {
                    let mut random = OsRandom(self.platform());
                    sealing::seal(&open.keyring, key, &outgoing.content, &mut random)
                })?,
            })
        };
        let from = self.account()?.address.clone();
        let now = self.platform().now();
        let wish = self.with_open(|open| {
            let (_, pair) = open.keyring.signing();
            let said = request_message(from.as_str(), to.as_str(), now.0);
            let signature = pair.sign(said.as_bytes());
            Ok(MessageChallengeRequest {
                recipient: to.clone(),
                sender_key: Hex(*pair.public().as_bytes()),
                signature: Hex(signature.map_err(|_| EngineError::KeyDerivation)?.0),
                timestamp: now,
            })
        })?;
        let challenge = self
            .ask_node(async |node| node.message_challenge(&wish, now).await)
            .await?;
        let challenge = Box::new(challenge);
        Ok(Stage::Ordered { challenge, sealed })
    }

    fn note_problem(&self, outgoing: &mut Outgoing, problem: WireError) {
        outgoing.tries = outgoing.tries.saturating_add(1);
        let gives_up = match problem.code {
            ErrorCode::RecipientUnknown | ErrorCode::SenderBlocked | ErrorCode::TooLarge => true,
            ErrorCode::PeerRefused => outgoing.tries >= REFUSALS_MAX,
            _ => false,
        };
        if gives_up {
            let reason = problem.params.get("reason").cloned();
            let reason = reason.unwrap_or_else(|| problem.message.clone());
            outgoing.stage = Stage::Failed { reason };
            return;
        }
        let doubled = FIRST_MS.saturating_mul(1 << outgoing.tries.min(20));
        let mut random = [0; 8];
        self.platform().random(&mut random);
        let pause = u64::from_be_bytes(random) % (doubled.min(LONGEST_MS) + 1);
        outgoing.due_at = self.platform().now().plus(pause);
        outgoing.problem = Some(problem);
    }

    /// What waited for whatever reason is tried at once: the network is back, or the user asks.
    ///
    /// # Errors
    /// [`EngineError::Locked`].
    pub fn hurry_messages(&self) -> Result<(), EngineError> {
        let now = self.platform().now();
        self.with_open(|open| {
            for outgoing in open.mail.outbox.values_mut() {
                if !outgoing.renews {
                    outgoing.due_at = outgoing.due_at.min(now);
                }
            }
            Ok(())
        })
    }

    /// The node has it: from now on the log tells of it.
    async fn message_arrived(
        &self,
        epoch: u64,
        id: MessageId,
        outgoing: Outgoing,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let mut changes = vec![Change::Remove {
            key: outgoing_key(id),
        }];
        let contact = self.contact_of(&outgoing.address)?;
        let contact = contact.filter(|_| !outgoing.renews);
        let contact = match contact {
            Some(mut contact) if !self.has_message(&contact, id).await? => {
                let delivery = Delivery::UnderWay;
                contact.under_way.insert(id, delivery);
                let stored = Stored {
                    position: proto::ids::Position(0),
                    at: outgoing.written_at,
                    content: outgoing.content,
                    way: Passed::Sent {
                        delivery,
                        reason: None,
                    },
                    saved: None,
                };
                changes.push(self.mail_change(&message_key(contact.number, id), &stored)?);
                changes.push(self.mail_change(&contact_key(contact.number), &contact)?);
                Some(contact)
            }
            _ => None,
        };
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            open.mail.outbox.remove(&id);
            if let Some(contact) = contact {
                open.mail.take_contact(contact);
            }
            Ok(())
        })
    }

    async fn message_failed(
        &self,
        epoch: u64,
        id: MessageId,
        mut outgoing: Outgoing,
        reason: String,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        outgoing.stage = Stage::Failed { reason };
        self.keep_waiting(id, outgoing).await
    }
}

fn request(to: &Address, sealed: &SealedOnce, pow: ProofOfWork) -> SendMessageRequest {
    SendMessageRequest {
        recipient: to.clone(),
        suite: sealed.suite,
        content: sealed.content.clone(),
        sender_key: sealed.sender_key,
        recipient_key: sealed.recipient_key,
        pow,
    }
}
