//! Messages to somebody of this same node: both have one when its sender is answered.

use std::sync::Arc;

use proto::{
    address::Address,
    api::message::KeyStanding,
    bytes::Hex,
    ids::{MessageId, Position},
};
use wasm_core::kp1::token::pull_token_hash;

use super::{
    delivery::shown,
    notify::admit,
    refusal::{Fault, Refusal},
};
use crate::{
    app::App,
    store::{NewReceived, NewSent, ShownWork},
};

/// Keeps a message and takes it in at once, where its recipient is of this node and nothing speaks against it. `None`: it has to be
/// kept and delivered as all others, which finds out what is wrong and tells. `from`: the sender, and how the key stands to them that
/// sealed it.
pub(crate) async fn hand_over(
    app: &Arc<App>,
    from: (&Address, KeyStanding),
    new: &NewSent,
) -> Option<Position> {
    if !app.serves(&new.to) {
        return None;
    }
    // What is wrong is found again, and told, on the way of all others.
    let Ok((received, shown)) = look(app, from, new).await else {
        return None;
    };
    let (app, new) = (Arc::clone(app), new.clone());
    // Whoever asked may go away; the recipient hears of what was kept all the same.
    let told = tokio::spawn(async move { keep(&app, new, received, shown).await });
    told.await.ok().flatten()
}

async fn keep(
    app: &App,
    new: NewSent,
    received: NewReceived,
    shown: ShownWork,
) -> Option<Position> {
    let (of, to, max_bytes) = (new.account, received.account, app.config.messages_max_bytes);
    match app.store.hand_over(new, received, shown, max_bytes).await {
        Ok((position, of_recipient)) => {
            app.news.tell_of_messages(of, position);
            if let Some(of_recipient) = of_recipient {
                app.news.tell_of_messages(to, of_recipient);
            }
            Some(position)
        }
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::debug!(error, "a message is not handed over at once");
            None
        }
    }
}

/// What a recipient's server looks at, cheapest first.
async fn look(
    app: &App,
    (from, key): (&Address, KeyStanding),
    new: &NewSent,
) -> Result<(NewReceived, ShownWork), Fault> {
    let shown = shown(&new.work);
    let (terms, challenge) = admit(app, (from, &new.to), &shown).await?;
    if !terms.keys.contains(&new.sealed.recipient_key) {
        let why = "it is sealed for a key that the recipient never had";
        return Err(Refusal::MessageInvalid(why).into());
    }
    let received = NewReceived {
        account: terms.account,
        message: MessageId::make(app.now(), app.random.bytes()?),
        from: from.clone(),
        sealed: new.sealed.clone(),
        key,
        // It is taken with the message.
        challenge: None,
        at: app.now(),
    };
    let shown = ShownWork {
        challenge,
        token_hash: pull_token_hash(&Hex(new.token.0).to_string()),
        expires_at: shown.expires_at,
    };
    Ok((received, shown))
}
