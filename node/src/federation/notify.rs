//! `notifyMessage`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use proto::{
    address::Address,
    api::message::{Standing, Suite},
    bytes::Hex,
    federation::{MessagePow, Notified, NotifyRequest, PulledMessage, Rpc, RpcError},
    ids::{MessageId, UnixMillis},
    limits::{KP1_MESSAGE_MAX_BYTES, KP1_MESSAGE_MIN_BYTES},
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use wasm_core::{keys::PublicKey, kp1::token::pull_token_hash};

use super::{
    fields::Fields,
    pow_challenge::{addresses, hurry},
    refusal::{Fault, Refusal},
    rpc::{Failure, input, output},
    sender::standing_of,
    work,
};
use crate::{
    app::App,
    error::ApiError,
    store::{NewReceived, Sealed, ShownWork, StoreError, Terms, WorkState},
};

/// Characters of a pull token.
const TOKEN_MAX_CHARS: usize = 256;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(notify).map(|methods| methods.fallback(notify)))
}

/// A message waits at the sender's server: it is pulled from there and is here when the answer comes.
#[utoipa::path(
    post,
    path = "/api/notifyMessage",
    tag = "keypears",
    request_body = Rpc<NotifyRequest>,
    responses(
        (status = 200, body = Rpc<Notified>),
        (status = "4XX", description = "oRPC error", body = Rpc<RpcError>)
    )
)]
async fn notify(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let input = input(request).await?;
    let mut fields = Fields::of(input.as_ref())?;
    let sender = fields.text("senderAddress");
    let recipient = fields.text("recipientAddress");
    let token = fields.text("pullToken");
    let shown = fields.inside("pow", |pow| {
        (
            pow.text("solvedHeader"),
            pow.text("target"),
            pow.number("expiresAt"),
            pow.text("signature"),
        )
    });
    fields.finish()?;

    let (from, to) = addresses(sender, recipient)?;
    let shown = shown.and_then(read_work).ok_or(Refusal::WorkForged)?;
    let token = token.to_owned();
    // It goes on where the caller does not wait for it: the work is taken by then, and some ask only once.
    let taken = tokio::spawn(async move {
        take_in(&app, (&from, &to), &token, &shown).await?;
        if !app.serves(&from) {
            hurry(&app, from.domain()).await;
        }
        Ok::<_, Fault>(())
    });
    taken.await.map_err(|error| ApiError::internal(&error))??;
    Ok(output(Notified { success: true }))
}

/// Takes a message in that waits at its sender's server, this one or another: pulls it, looks at it, keeps it.
///
/// # Errors
/// A [`Refusal`], or this node failed.
pub(super) async fn take_in(
    app: &App,
    (from, to): (&Address, &Address),
    token: &str,
    shown: &MessagePow,
) -> Result<(), Fault> {
    let (terms, challenge) = admit(app, (from, to), shown).await?;
    if token.is_empty() || token.len() > TOKEN_MAX_CHARS {
        return Err(Refusal::MessageInvalid("its token is of no known form").into());
    }
    let taken = app.store.take_work(ShownWork {
        challenge,
        token_hash: pull_token_hash(token),
        expires_at: shown.expires_at,
    });
    match taken.await {
        Ok(WorkState::Done) => return Ok(()),
        Ok(WorkState::Pull(_)) => {}
        Err(StoreError::AlreadySpent) => return Err(Refusal::WorkSpent.into()),
        Err(error) => return Err(error.into()),
    }
    let pulled = pull(app, from, token).await?;
    let message = checked(app, (from, to), &terms, pulled, challenge).await?;
    let account = terms.account;
    match app
        .store
        .receive(message, app.config.messages_max_bytes)
        .await
    {
        Ok(position) => {
            app.news.tell_of_messages(account, position);
            Ok(())
        }
        Err(StoreError::SenderBlocked) => Err(Refusal::SenderBlocked.into()),
        Err(StoreError::QuotaExceeded { .. }) => Err(Refusal::RecipientFull.into()),
        Err(StoreError::AccountMissing) => Err(Refusal::RecipientUnknown.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether somebody may bring a message to an address of this node by the work that they show, before anything of it is looked at: on
/// which terms, and the half of the challenge by which the work is known.
///
/// # Errors
/// A [`Refusal`], or this node failed.
pub(super) async fn admit(
    app: &App,
    (from, to): (&Address, &Address),
    shown: &MessagePow,
) -> Result<(Terms, [u8; 32]), Fault> {
    app.check_open(from)?;
    let terms = if app.finds(to).await? {
        app.store.terms(to, from).await?
    } else {
        None
    };
    let terms = terms.ok_or(Refusal::RecipientUnknown)?;
    let challenge = work::check(&app.message_key, app.now(), (from, to), shown)?;
    if terms.standing == Some(Standing::Blocked) {
        return Err(Refusal::SenderBlocked.into());
    }
    Ok((terms, challenge))
}

fn read_work(
    (header, target, expires_at, signature): (&str, &str, u64, &str),
) -> Option<MessagePow> {
    Some(MessagePow {
        solved_header: Hex::parse(header).ok()?,
        target: Hex::parse(target).ok()?,
        expires_at: UnixMillis(expires_at),
        signature: Hex::parse(signature).ok()?,
        sender_address: None,
        recipient_address: None,
    })
}

/// The message, from wherever its sender lives.
async fn pull(app: &App, from: &Address, token: &str) -> Result<PulledMessage, Fault> {
    if !app.finds(from).await? {
        let pulled = app.peers.pull(from, token).await;
        return Ok(pulled.map_err(|error| Refusal::SenderUnreachable(error.to_string()))?);
    }
    let found = app.store.pulled(&pull_token_hash(token)).await?;
    Ok(found
        .map(super::pull::answer)
        .ok_or(Refusal::TokenUnknown)?)
}

/// A pulled message, as it is kept.
async fn checked(
    app: &App,
    (from, to): (&Address, &Address),
    terms: &Terms,
    pulled: PulledMessage,
    challenge: [u8; 32],
) -> Result<NewReceived, Fault> {
    if pulled.sender_address != from.as_str() || pulled.recipient_address != to.as_str() {
        return Err(Refusal::MessageInvalid("it is between other addresses").into());
    }
    let length = pulled.encrypted_content.0.len();
    if !(KP1_MESSAGE_MIN_BYTES..=KP1_MESSAGE_MAX_BYTES).contains(&length) {
        return Err(Refusal::MessageInvalid("it is too short or too long").into());
    }
    if PublicKey::parse(&pulled.sender_pub_key.0).is_err() {
        return Err(Refusal::MessageInvalid("the sender's key is none").into());
    }
    if !terms.keys.contains(&pulled.recipient_pub_key.0) {
        let why = "it is sealed for a key that the recipient never had";
        return Err(Refusal::MessageInvalid(why).into());
    }
    let key = standing_of(app, from, &pulled.sender_pub_key.0).await?;
    Ok(NewReceived {
        account: terms.account,
        message: MessageId::make(app.now(), app.random.bytes()?),
        from: from.clone(),
        sealed: Sealed {
            suite: Suite::Kp1,
            content: pulled.encrypted_content.0,
            sender_key: pulled.sender_pub_key.0,
            recipient_key: pulled.recipient_pub_key.0,
        },
        key,
        challenge: Some(challenge),
        at: app.now(),
    })
}
