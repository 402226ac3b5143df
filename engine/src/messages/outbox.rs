//! What waits to be sent: whose key, which challenge, whose work, and the node's answer.

use proto::{
    address::Address,
    api::{
        challenge::ProofOfWork,
        message::{
            Delivery, MessageChallenge, MessageChallengeRequest, RenewWorkRequest,
            SendMessageRequest, Standing,
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
/// How long a message that nobody has taken is tried, milliseconds: 30 days.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
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
        // One at a time: while there is work, the others wait for its end.
        let works = open
            .mail
            .outbox
            .values()
            .any(|outgoing| match &outgoing.stage {
                Stage::Ordered { challenge, .. } => challenge.expires_at > self.platform().now(),
                _ => false,
            });
        let all = open.mail.outbox.values();
        let all = all.filter(|it| !works || matches!(it.stage, Stage::Ordered { .. }));
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
                let all = open.mail.outbox.iter();
                let due = all.filter(|(_, outgoing)| match &outgoing.stage {
                    Stage::Fresh => outgoing.due_at <= now,
                    Stage::Ordered { challenge, .. } => challenge.expires_at <= now,
                    Stage::Failed { .. } => false,
                });
                // One that was tried often lets the others pass.
                let next = due.min_by_key(|(id, outgoing)| (outgoing.tries, **id));
                Ok(next.map(|(id, outgoing)| (*id, outgoing.clone())))
            })?;
            let Some((id, outgoing)) = next else { break };
            if let Stage::Ordered { sealed, .. } = &outgoing.stage {
                // Its time was over before it was solved: others go first.
                let mut late = outgoing.clone();
                late.stage = Stage::Fresh;
                late.kept.clone_from(sealed);
                self.back_off(&mut late);
                self.keep_if_waiting(epoch, id, late).await?;
                changed = true;
                continue;
            }
            let next = self.prepare_message(epoch, outgoing).await?;
            changed = true;
            self.keep_if_waiting(epoch, id, next).await?;
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
            ) if !self.is_believed(&outgoing.address, sealed)? => {
                // The user has taken another key, or there is another one to look at, since it was sealed.
                let mut anew = outgoing;
                anew.stage = Stage::Fresh;
                return self.keep_if_waiting(epoch, id, anew).await;
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
                let is_over = match error.code {
                    ErrorCode::NotFound => outgoing.renews,
                    _ => error.params.get("field").is_some_and(|it| it == "message"),
                };
                if is_over {
                    return self.message_arrived(epoch, id, outgoing).await;
                }
                self.message_refused(epoch, id, outgoing, *error).await
            }
            // With another challenge and later: the node does not take this one, and would be asked without end.
            Err(EngineError::Node(error)) if error != NodeError::Unreachable => {
                let problem = EngineError::Node(error).into();
                self.message_refused(epoch, id, outgoing, problem).await
            }
            Err(error) => Err(error),
        }
    }

    /// Stops sending a message, or working for it again, or forgets that it was given up. One that the node has goes on there.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn withdraw_message(&self, id: MessageId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        if !self.with_open(|open| Ok(open.mail.outbox.contains_key(&id)))? {
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
        let kept = outgoing.kept.take();
        match self.order_message(epoch, &outgoing, kept.clone()).await {
            Ok(stage) => {
                outgoing.stage = stage;
                outgoing.problem = None;
            }
            Err(EngineError::Store(error)) => return Err(error.into()),
            Err(EngineError::Locked) => return Err(EngineError::Locked),
            Err(EngineError::NoAccount) => return Err(EngineError::NoAccount),
            Err(error) => {
                outgoing.kept = kept;
                self.note_problem(&mut outgoing, error.into());
            }
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
            let own = self.with_open(|open| Ok(*open.keyring.signing().1.public().as_bytes()))?;
            // Sealed with a key of before it would be told from the one that their server is asked for.
            let known = kept.filter(|kept| kept.recipient_key == key && kept.sender_key.0 == own);
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
        let asked = self
            .ask_node(async |node| node.message_challenge(&wish, now).await)
            .await;
        if let Err(EngineError::Node(error)) = &asked
            && error.is(ErrorCode::InvalidField)
        {
            // Another device may have made a key.
            self.learn_keys().await?;
            if self.is_active_key_locked()? {
                return Err(EngineError::OwnKeyLocked);
            }
        }
        let challenge = asked?;
        let challenge = Box::new(challenge);
        Ok(Stage::Ordered { challenge, sealed })
    }

    fn note_problem(&self, outgoing: &mut Outgoing, problem: WireError) {
        outgoing.refusals += u32::from(problem.code == ErrorCode::PeerRefused);
        let now = self.platform().now();
        let gives_up = match problem.code {
            ErrorCode::RecipientUnknown
            | ErrorCode::RecipientBlocked
            | ErrorCode::SenderBlocked
            | ErrorCode::TooLarge
            | ErrorCode::Unreadable => true,
            _ => outgoing.refusals >= REFUSALS_MAX || now >= outgoing.written_at.plus(KEPT_MS),
        };
        if gives_up {
            let reason = problem.params.get("reason").cloned();
            let reason = reason.unwrap_or_else(|| problem.message.clone());
            outgoing.stage = Stage::Failed { reason };
            return;
        }
        self.back_off(outgoing);
        outgoing.problem = Some(problem);
    }

    /// Full jitter: anywhere between now and a span that doubles with every try.
    fn back_off(&self, outgoing: &mut Outgoing) {
        outgoing.tries = outgoing.tries.saturating_add(1);
        let doubled = FIRST_MS.saturating_mul(1 << outgoing.tries.min(20));
        let mut random = [0; 8];
        self.platform().random(&mut random);
        let pause = u64::from_be_bytes(random) % (doubled.min(LONGEST_MS) + 1);
        outgoing.due_at = self.platform().now().plus(pause);
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
                    is_own: true,
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

    /// The user's own node does not take it.
    async fn message_refused(
        &self,
        epoch: u64,
        id: MessageId,
        mut outgoing: Outgoing,
        problem: WireError,
    ) -> Result<(), EngineError> {
        if let Stage::Ordered { sealed, .. } = std::mem::replace(&mut outgoing.stage, Stage::Fresh)
        {
            outgoing.kept = sealed;
        }
        let gives_up = matches!(
            problem.code,
            ErrorCode::InvalidField | ErrorCode::TooLarge | ErrorCode::QuotaExceeded
        );
        if gives_up && !outgoing.renews {
            let reason = problem.message;
            outgoing.stage = Stage::Failed { reason };
        } else {
            self.note_problem(&mut outgoing, problem);
        }
        self.keep_if_waiting(epoch, id, outgoing).await
    }

    /// Keeps how far a message is, unless it was withdrawn, or is known to have arrived, meanwhile.
    async fn keep_if_waiting(
        &self,
        epoch: u64,
        id: MessageId,
        outgoing: Outgoing,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        if self.with_open(|open| Ok(open.mail.outbox.contains_key(&id)))? {
            self.keep_waiting(id, outgoing).await?;
        }
        Ok(())
    }

    /// Whether a message is still sealed with the active key, for the one that is believed, of somebody who is
    /// not blocked.
    fn is_believed(&self, to: &Address, sealed: &SealedOnce) -> Result<bool, EngineError> {
        let contact = self.contact_of(to)?;
        let own = self.with_open(|open| Ok(*open.keyring.signing().1.public().as_bytes()))?;
        Ok(contact.is_some_and(|contact| {
            sealed.sender_key.0 == own
                && contact.key == Some(sealed.recipient_key)
                && contact.offered.is_none()
                && contact.standing != Standing::Blocked
        }))
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
