//! Messages: conversations on this device, what waits to be sent, and whose keys are believed.
//!
//! ```text
//! send ──▶ outbox ──▶ key, challenge ──▶ somebody solves ──▶ PUT /messages/{id} ──▶ log ──▶ conversation
//! share    (store)    (recipient's server, through the node)                          ▲
//!                                                                 GET /messages ──────┘
//! ```
//! Everything here is sealed under the vault's local key, whatever suite carried it: what a ratchet forgets is kept
//! in this form alone. The node keeps the log, so another device reads the same conversations.

mod carry;
mod contact;
mod model;
mod order;
mod outbox;
mod prices;
mod pull;
mod sealing;
mod search;
mod share;
mod store;
mod views;

use proto::{
    address::Address,
    api::message::Standing,
    bridge::popup::WorkProgress,
    ids::{MessageId, UnixMillis},
    limits::MESSAGE_TEXT_MAX_BYTES,
    vault::SecretText,
};

use self::model::{Last, Outgoing, Stage};
pub use self::outbox::MessageOrder;
pub(crate) use self::{
    model::{Contact, Kept, Mail},
    store::StoredMail,
};
use crate::{Engine, error::EngineError, platform::Platform};

impl<P: Platform> Engine<P> {
    /// Keeps a text to be sent, and no longer among those being written; the same id once more changes nothing. It goes on by [`Self::send_messages`].
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`] for an empty text or one to oneself, [`EngineError::TooLarge`], [`EngineError::Blocked`],
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn send_message(
        &self,
        id: MessageId,
        to: &Address,
        text: &SecretText,
    ) -> Result<(), EngineError> {
        // EXPOSE: it is looked at whether there is anything.
        let content = text.expose_secret();
        if content.trim().is_empty() {
            return Err(EngineError::ItemInvalid { field: "text" });
        }
        if content.len() > MESSAGE_TEXT_MAX_BYTES {
            return Err(EngineError::TooLarge {
                max: MESSAGE_TEXT_MAX_BYTES,
            });
        }
        let text = text.clone();
        self.keep_outgoing(id, to, Kept::Text { text }).await?;
        // It is on its way even where it stays among those that are being written.
        let _ = self.letter_sent(to, id).await;
        Ok(())
    }

    /// Whether a message was put into the outbox, or is there already.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub(crate) async fn is_kept(&self, to: &Address, id: MessageId) -> Result<bool, EngineError> {
        let waits = self.with_open(|open| Ok(open.mail.outbox.contains_key(&id)))?;
        let Some(contact) = self.contact_of(to)? else {
            return Ok(waits);
        };
        Ok(waits || self.has_message(&contact, id).await?)
    }

    /// Everything of a conversation was looked at; what failed is told no more in the list. Returns whether anything was new.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn mark_read(&self, address: &Address) -> Result<bool, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        let Some(mut contact) = self.contact_of(address)? else {
            return Ok(false);
        };
        let before = (contact.unread, contact.under_way.len());
        contact.unread = 0;
        contact.forget_failed();
        let is_new = before != (0, contact.under_way.len());
        if is_new {
            self.keep_contact(contact).await?;
        }
        Ok(is_new)
    }

    /// Lets somebody write, or takes nothing from them any more: on the node first, which is where it holds.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn set_standing(
        &self,
        address: &Address,
        standing: Standing,
    ) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        self.ask_node(async |node| node.stand(address, standing).await)
            .await?;
        let _writing = self.writing_in(epoch).await?;
        let mut contact = self.contact_or_new(address, standing)?;
        contact.standing = standing;
        if standing == Standing::Blocked {
            contact.unread = 0;
            self.withdraw_all(address).await?;
        }
        self.keep_contact(contact).await
    }

    /// Deletes all messages from and to somebody, on the node and here; what waits to be sent to them too.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn clear_conversation(&self, address: &Address) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        self.ask_node(async |node| node.clear(address).await)
            .await?;
        let _writing = self.writing_in(epoch).await?;
        self.forget_conversation(address).await
    }

    /// Whether everything was read that a feed has told of: as long as one is heard, there is nothing to ask for.
    pub fn messages_are_read(&self) -> bool {
        let state = self.state();
        state.open.as_ref().is_some_and(|open| open.mail.is_read())
    }

    /// Whether messages came, since this was last asked, of which the user is to be told: of people they write with, or a
    /// request while no other waits to be looked at. What a device reads of the time before it was one is no news.
    pub fn take_arrivals(&self) -> bool {
        let taken = self.with_open(|open| Ok(std::mem::take(&mut open.mail.arrived)));
        taken.unwrap_or(false)
    }

    /// Takes note of a solver's progress.
    pub fn note_message_progress(&self, id: MessageId, progress: WorkProgress) {
        let _ = self.with_open(|open| {
            open.mail.progress = Some((id, progress));
            Ok(())
        });
    }

    /// Puts a message into the outbox, and its recipient among the contacts.
    async fn keep_outgoing(
        &self,
        id: MessageId,
        to: &Address,
        content: Kept,
    ) -> Result<(), EngineError> {
        self.ensure_open().await?;
        if self.account()?.address == *to {
            return Err(EngineError::ItemInvalid { field: "address" });
        }
        let epoch = self.state().epoch;
        let _writing = self.writing_in(epoch).await?;
        let mut contact = self.contact_or_new(to, Standing::Accepted)?;
        if contact.standing == Standing::Blocked {
            return Err(EngineError::Blocked);
        }
        if self.is_kept(to, id).await? {
            return Ok(());
        }
        let now = self.platform().now();
        contact.last = Some(Last::of(id, now, true, &content));
        let outgoing = Outgoing {
            address: to.clone(),
            content,
            written_at: now,
            stage: Stage::Fresh,
            tries: 0,
            due_at: UnixMillis(0),
            problem: None,
            renews: false,
            kept: None,
            refusals: 0,
        };
        let changes = vec![
            self.mail_change(&store::contact_key(contact.number), &contact)?,
            self.mail_change(&store::outgoing_key(id), &outgoing)?,
            self.meta_change(&contact)?,
        ];
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            open.mail.take_contact(contact);
            open.mail.outbox.insert(id, outgoing);
            Ok(())
        })
    }
}
