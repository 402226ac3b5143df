//! `getPowChallenge`.

use std::{num::NonZeroU64, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use proto::{
    address::Address,
    api::message::Standing,
    bytes::Hex,
    federation::{PowAsked, PowChallenge, Rpc, RpcError},
    limits::KP1_CLOCK_MAX_MS,
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use wasm_core::{
    keys::{PublicKey, Signature},
    kp1::pow::request_message,
};

use super::{
    fields::Fields,
    refusal::{Fault, Refusal},
    rpc::{Failure, input, output},
    sender::active_key,
    work,
};
use crate::{app::App, config::DomainStanding, store::Terms};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(challenge).map(|methods| methods.fallback(challenge)))
}

/// A challenge for a message to an address of this node. The sender signs the request with the key that its own server
/// names as the active one; nobody is asked before the signature holds.
#[utoipa::path(
    post,
    path = "/api/getPowChallenge",
    tag = "keypears",
    request_body = Rpc<PowAsked>,
    responses(
        (status = 200, body = Rpc<PowChallenge>),
        (status = "4XX", description = "oRPC error", body = Rpc<RpcError>)
    )
)]
async fn challenge(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let input = input(request).await?;
    let mut fields = Fields::of(input.as_ref())?;
    let sender = fields.text("senderAddress");
    let recipient = fields.text("recipientAddress");
    let key = fields.text("senderPubKey");
    let signature = fields.text("signature");
    let timestamp = fields.number("timestamp");
    fields.finish()?;

    let (from, to) = addresses(sender, recipient)?;
    let asked = Asked {
        from: &from,
        to: &to,
        timestamp,
        key: Hex::parse(key).map_err(|_| Refusal::SignatureWrong)?.0,
        signature: Hex::parse(signature)
            .map_err(|_| Refusal::SignatureWrong)?
            .0,
    };
    let challenge = offer(&app, &asked).await?;
    if !app.serves(&from) {
        hurry(&app, from.domain()).await;
    }
    Ok(output(challenge))
}

/// Tries what waits for a domain: it has just shown that it is there. Fails in silence: it is tried later anyway.
pub(super) async fn hurry(app: &App, domain: &str) {
    // Anybody can make a domain of their own speak as often as they like.
    if app.hurries.check_key(&domain.to_owned()).is_err() {
        return;
    }
    match app.store.hurry(domain, app.now()).await {
        Ok(0) => {}
        Ok(_) => app.deliver.notify_one(),
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::debug!(error, "could not hurry deliveries");
        }
    }
}

/// The wish to write to an address of this node.
pub(crate) struct Asked<'a> {
    pub(crate) from: &'a Address,
    pub(crate) to: &'a Address,
    pub(crate) timestamp: u64,
    pub(crate) key: [u8; 33],
    pub(crate) signature: [u8; 64],
}

impl Asked<'_> {
    /// Whether the key has signed it.
    pub(crate) fn is_signed(&self) -> bool {
        let said = request_message(self.from.as_str(), self.to.as_str(), self.timestamp);
        PublicKey::parse(&self.key).ok().is_some_and(|key| {
            let signature = Signature(self.signature);
            key.verify(said.as_bytes(), &signature).is_ok()
        })
    }
}

/// A challenge for whoever may write.
///
/// # Errors
/// A [`Refusal`], or this node failed.
pub(crate) async fn offer(app: &App, asked: &Asked<'_>) -> Result<PowChallenge, Fault> {
    let (from, to) = (asked.from, asked.to);
    app.check_open(from)?;
    let found = if app.finds(to).await? {
        app.store.terms(to, from).await?
    } else {
        None
    };
    let terms = found.ok_or(Refusal::RecipientUnknown)?;
    if app.now().0.abs_diff(asked.timestamp) > KP1_CLOCK_MAX_MS {
        return Err(Refusal::ClockDiffers.into());
    }
    if !asked.is_signed() {
        return Err(Refusal::SignatureWrong.into());
    }
    match active_key(app, from).await? {
        None => return Err(Refusal::SenderUnknown.into()),
        Some(active) if active != asked.key => return Err(Refusal::SenderKeyOther.into()),
        Some(_) => {}
    }
    // Only the sender is told: whom somebody has blocked is nobody else's business.
    if terms.standing == Some(Standing::Blocked) {
        return Err(Refusal::SenderBlocked.into());
    }
    let is_known = terms.standing == Some(Standing::Accepted)
        && app.domain_standing(from) == DomainStanding::Open;
    let price = prices(app, &terms);
    let difficulty = if is_known { price.1 } else { price.0 };
    Ok(work::make(
        &app.message_key,
        &*app.random,
        app.now(),
        (from, to),
        difficulty,
    )?)
}

/// Average tries of a first and of a later message to an account of this node.
pub(crate) fn prices(app: &App, terms: &Terms) -> (NonZeroU64, NonZeroU64) {
    let least = app.config.message_difficulty;
    let wanted = |wanted: Option<u64>, otherwise| {
        let wanted = wanted.and_then(NonZeroU64::new).unwrap_or(otherwise);
        wanted.max(least)
    };
    (
        wanted(terms.first_difficulty, app.config.first_message_difficulty),
        wanted(terms.later_difficulty, least),
    )
}

/// Both addresses, exactly as they are.
pub(super) fn addresses(sender: &str, recipient: &str) -> Result<(Address, Address), Refusal> {
    let read = |text: &str, what| text.parse().map_err(|_| Refusal::AddressInvalid(what));
    Ok((
        read(sender, "The sender")?,
        read(recipient, "The recipient")?,
    ))
}
