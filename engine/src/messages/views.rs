//! Conversations as pages show them.

use std::cmp::Reverse;

use proto::{
    address::Address,
    api::message::{Delivery, KeyStanding, Standing},
    bridge::popup::{
        Conversation, ConversationSummary, Conversations, MessageContent, MessageView, SentState,
    },
    bytes::Hex,
    ids::MessageId,
    vault::SecretText,
};

use super::{
    model::{Contact, Kept, Mail, Outgoing, Passed, Stage, Stored},
    order::Place,
};
use crate::{Engine, error::EngineError, platform::Platform, state::count};

/// Messages of one answer.
const PAGE: usize = 50;

impl<P: Platform> Engine<P> {
    /// All conversations, the newest message first.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn conversations(&self) -> Result<Conversations, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| {
            let mail = &open.mail;
            let own = open.keyring.signing_public();
            let mut conversations: Vec<_> = mail
                .contacts
                .values()
                .map(|contact| summary(mail, contact, own))
                .collect();
            conversations.sort_by_key(|summary| Reverse(summary.at));
            Ok(Conversations { conversations })
        })
    }

    /// A page of a conversation, the newest messages or those before one of them.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`].
    pub async fn conversation(
        &self,
        address: &Address,
        before: Option<MessageId>,
    ) -> Result<Conversation, EngineError> {
        self.page(address, |all| match before {
            None => all.len(),
            Some(before) => all.iter().position(|(_, id)| *id == before).unwrap_or(0),
        })
        .await
    }

    /// The page of a conversation that has a message, with what came before and after it; the newest page where it is not
    /// there any more.
    ///
    /// # Errors
    /// As of [`Self::conversation`].
    pub async fn conversation_at(
        &self,
        address: &Address,
        id: MessageId,
    ) -> Result<Conversation, EngineError> {
        self.page(address, |all| {
            let place = all.iter().position(|(_, known)| *known == id);
            place.map_or(all.len(), |place| (place + PAGE / 2).min(all.len()))
        })
        .await
    }

    /// The page before the message at which it ends.
    async fn page(
        &self,
        address: &Address,
        end: impl FnOnce(&[Place]) -> usize,
    ) -> Result<Conversation, EngineError> {
        self.ensure_open().await?;
        let contact = self.contact_or_new(address, Standing::Accepted)?;
        // The number of somebody new is still anybody's.
        let mut all = match self.contact_of(address)? {
            Some(known) => self.order_of(&known).await?,
            None => Vec::new(),
        };
        let waiting: Vec<Place> = self.with_open(|open| {
            let waiting = open.mail.outbox.iter();
            let theirs = waiting.filter(|(_, it)| it.address == *address && !it.renews);
            Ok(theirs.map(|(id, it)| (it.written_at, *id)).collect())
        })?;
        // A node that lies may have another message by the id of one that waits: both are shown.
        all.extend(&waiting);
        all.sort_unstable();
        let end = end(&all);
        let begin = end.saturating_sub(PAGE);
        let mut stored = self.stored_at(&contact, &all[begin..end]).await?;
        self.with_open(|open| {
            let mail = &open.mail;
            let view = |place: &Place| {
                let id = place.1;
                let outgoing = mail.outbox.get(&id).filter(|_| waiting.contains(place));
                // What is nowhere was deleted meanwhile.
                match outgoing {
                    Some(outgoing) => Some(view_of_waiting(mail, id, outgoing)),
                    None => stored
                        .remove(&id)
                        .map(|stored| view_of_stored(mail, &contact, id, stored)),
                }
            };
            let messages = all[begin..end].iter().filter_map(view).collect();
            Ok(Conversation {
                summary: summary(mail, &contact, open.keyring.signing_public()),
                messages,
                has_more: begin > 0,
                has_newer: end < all.len(),
            })
        })
    }
}

/// `own_key`: the account's key of now.
fn summary(mail: &Mail, contact: &Contact, own_key: Hex<33>) -> ConversationSummary {
    let waits = |outgoing: &&Outgoing| outgoing.address == contact.address && !outgoing.renews;
    let is_failed = |outgoing: &Outgoing| matches!(outgoing.stage, Stage::Failed { .. });
    let own = || mail.outbox.values().filter(waits);
    let failed_there = contact
        .under_way
        .values()
        .filter(|delivery| **delivery == Delivery::Failed)
        .count();
    let failed_here = own().filter(|outgoing| is_failed(outgoing)).count();
    let waiting = own().count() - failed_here + contact.under_way.len() - failed_there;
    let last = contact.last.as_ref();
    ConversationSummary {
        address: contact.address.clone(),
        standing: contact.standing,
        unread: contact.unread,
        at: last.map_or(contact.at, |last| last.at),
        preview: last.map_or_else(SecretText::default, |last| last.preview.clone()),
        is_sent: last.is_some_and(|last| last.is_sent),
        waiting: count(waiting),
        has_failed: failed_here + failed_there > 0,
        is_key_changed: contact.offered.is_some(),
        is_verified: contact.is_verified_with(own_key),
    }
}

fn view_of_stored(mail: &Mail, contact: &Contact, id: MessageId, stored: Stored) -> MessageView {
    let (sent, key) = match stored.way {
        // Whatever their domain says of it: a key that the user has not agreed to may be anybody's.
        Passed::Received { sealed_by, .. } if !contact.owns(sealed_by) => {
            (None, Some(KeyStanding::Other))
        }
        Passed::Received { key, .. } => (None, Some(key)),
        Passed::Sent { delivery, reason } => {
            let renewal = mail.outbox.get(&id).filter(|outgoing| outgoing.renews);
            let state = match (delivery, renewal) {
                (Delivery::Delivered, _) => SentState::Delivered {},
                (Delivery::Failed, _) => SentState::Failed {
                    reason: reason.unwrap_or_default(),
                },
                (Delivery::WorkWanted, Some(renewal)) => waiting(mail, id, renewal),
                (Delivery::UnderWay | Delivery::WorkWanted, _) => SentState::UnderWay { reason },
            };
            (Some(state), None)
        }
    };
    MessageView {
        id,
        at: stored.at,
        content: told(&stored.content),
        sent,
        key,
        saved: stored.saved,
    }
}

fn view_of_waiting(mail: &Mail, id: MessageId, outgoing: &Outgoing) -> MessageView {
    MessageView {
        id,
        at: outgoing.written_at,
        content: told(&outgoing.content),
        sent: Some(waiting(mail, id, outgoing)),
        key: None,
        saved: None,
    }
}

fn waiting(mail: &Mail, id: MessageId, outgoing: &Outgoing) -> SentState {
    match &outgoing.stage {
        Stage::Fresh => SentState::Waiting {
            reason: outgoing.problem.clone(),
        },
        Stage::Ordered { .. } => SentState::Working {
            progress: mail
                .progress
                .as_ref()
                .filter(|(of, _)| *of == id)
                .map(|(_, progress)| progress.clone()),
        },
        Stage::Failed { reason } => SentState::Failed {
            reason: reason.clone(),
        },
    }
}

fn told(content: &Kept) -> MessageContent {
    match content {
        Kept::Text { text } => MessageContent::Text { text: text.clone() },
        Kept::Secret { secret } => MessageContent::Secret {
            name: secret.name.clone(),
            kind: secret.secret_type.clone(),
            fields: secret
                .fields
                .iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
        },
        Kept::Locked {} => MessageContent::Locked {},
        Kept::Unreadable {} => MessageContent::Unreadable {},
    }
}
