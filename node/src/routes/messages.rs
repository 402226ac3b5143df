//! Messages of an account: what its devices send, what pays for it, what became of it.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::{
        challenge::ProofOfWork,
        message::{
            KeyStanding, MessageAccepted, MessageChallenge, MessageChallengeRequest, MessagePage,
            RenewWorkRequest, SendMessageRequest,
        },
    },
    error::{ErrorCode, WireError},
    federation::{PowAsked, PowChallenge},
    ids::{MessageId, Position},
    limits::{KP1_MESSAGE_MAX_BYTES, KP1_MESSAGE_MIN_BYTES, MESSAGE_PAGE_MAX},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::keys::PublicKey;

use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::{Json, PathParameter, QueryString, SignedIn},
    federation::{
        delivery::KEPT_MS,
        hand_over::hand_over,
        out::PeerError,
        pow_challenge::{Asked, offer},
        refusal::Fault,
    },
    store::{NewSent, PullToken, Sealed, Session, StoreError, Work},
};

/// Longest time for which work may be good, milliseconds; KeyPears' is for fifteen minutes.
const WORK_LASTS_MAX_MS: u64 = 24 * 60 * 60 * 1000;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(challenge))
        .routes(routes!(send))
        .routes(routes!(renew))
}

/// Query of `GET /messages`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where to begin, as an earlier answer said; without it, at the start.
    cursor: Option<String>,
    /// Most messages, and most correspondents, to answer with, 1 to 500, which is the default.
    limit: Option<u32>,
}

/// What changed of messages and correspondents after a place in their log, oldest first.
///
/// Where `readTo` is before `latest` there is more, from `cursor` on. Where the cursor that came is of another database, or
/// beyond the end of this log, the answer is the first page of all there is, and says so by `snapshot`.
#[utoipa::path(
    get,
    path = "/messages",
    tag = "messages",
    security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = MessagePage),
        (status = "4XX", description = "`SessionInvalid`, `CursorInvalid`", body = WireError)
    )
)]
async fn page(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    QueryString(query): QueryString<PageQuery>,
) -> Result<axum::Json<MessagePage>, ApiError> {
    let limit = query.limit.unwrap_or(MESSAGE_PAGE_MAX);
    if !(1..=MESSAGE_PAGE_MAX).contains(&limit) {
        let invalid = ApiError::new(ErrorCode::InvalidField).with("field", "limit");
        return Err(invalid.with("max", MESSAGE_PAGE_MAX));
    }
    let from: Option<Cursor<Position>> = Cursor::parse_any(query.cursor.as_deref())?;
    let database = app.store.database();
    let read = async |since| {
        let page = app.store.message_page(session.account, since, limit);
        page.await
    };
    let mut page = read(from.map_or(Position(0), |from| from.place)).await?;
    if from.is_some_and(|from| !from.is_in(database, page.latest)) {
        page = read(Position(0)).await?;
        page.snapshot = true;
    }
    let place = page.read_to;
    page.cursor = Some(Cursor { database, place }.seal()?);
    Ok(axum::Json(page))
}

/// A challenge of the recipient's server, this one or another. The wish is signed with the account's active key; nobody is asked
/// before the signature holds.
#[utoipa::path(
    post,
    path = "/messages/challenge",
    tag = "messages",
    security(("session" = [])),
    request_body = MessageChallengeRequest,
    responses(
        (status = 200, body = MessageChallenge),
        (
            status = "4XX",
            description = "`SessionInvalid`, `RecipientUnknown`, `SenderBlocked`, `ClockWrong`, `PeerUnreachable`, `PeerRefused`",
            body = WireError
        )
    )
)]
async fn challenge(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<MessageChallengeRequest>,
) -> Result<axum::Json<MessageChallenge>, ApiError> {
    let from = &session.address;
    let asked = Asked {
        from,
        to: &ask.recipient,
        timestamp: ask.timestamp.0,
        key: ask.sender_key.0,
        signature: ask.signature.0,
    };
    app.check_open(&ask.recipient).map_err(Fault::from)?;
    let active = app.store.active_public_key(from).await?;
    if active != Some(asked.key) || !asked.is_signed() {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "signature"));
    }
    let made = if app.finds(&ask.recipient).await? {
        offer(&app, &asked).await?
    } else {
        let wish = PowAsked {
            recipient_address: ask.recipient.to_string(),
            sender_address: from.to_string(),
            sender_pub_key: ask.sender_key,
            signature: ask.signature,
            timestamp: ask.timestamp,
        };
        app.peers.pow_challenge(&ask.recipient, &wish).await?
    };
    let PowChallenge {
        header,
        target,
        expires_at,
        difficulty,
        signature,
        ..
    } = made;
    Ok(axum::Json(MessageChallenge {
        header,
        target,
        difficulty,
        expires_at,
        signature,
    }))
}

/// Keeps a message and begins its delivery: it is on disk when the answer comes. The same request again changes nothing.
#[utoipa::path(
    put,
    path = "/messages/{message}",
    tag = "messages",
    security(("session" = [])),
    params(("message" = MessageId, Path, description = "Made by the client")),
    request_body = SendMessageRequest,
    responses(
        (status = 200, body = MessageAccepted),
        (
            status = "4XX",
            description = "`SessionInvalid`, `QuotaExceeded`, `InvalidField`",
            body = WireError
        )
    )
)]
async fn send(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(message): PathParameter<MessageId>,
    Json(ask): Json<SendMessageRequest>,
) -> Result<axum::Json<MessageAccepted>, ApiError> {
    let invalid = |field| ApiError::new(ErrorCode::InvalidField).with("field", field);
    let length = ask.content.0.len();
    if !(KP1_MESSAGE_MIN_BYTES..=KP1_MESSAGE_MAX_BYTES).contains(&length) {
        return Err(invalid("content").with("max", KP1_MESSAGE_MAX_BYTES));
    }
    check_work(&app, &ask.pow)?;
    let keys = app.store.keys(session.account).await?;
    let key = match keys
        .iter()
        .rposition(|key| key.public_key == ask.sender_key.0)
    {
        Some(place) if place + 1 == keys.len() => KeyStanding::Active,
        Some(_) => KeyStanding::Earlier,
        None => return Err(invalid("senderKey")),
    };
    let now = app.now();
    let new = NewSent {
        account: session.account,
        message,
        to: ask.recipient,
        sealed: Sealed {
            suite: ask.suite,
            content: ask.content.0,
            sender_key: ask.sender_key.0,
            recipient_key: ask.recipient_key.0,
        },
        token: PullToken(app.random.bytes()?),
        work: work(&ask.pow),
        at: now,
        ends_at: now.plus(KEPT_MS),
    };
    // Of a sender whose domain has gone elsewhere, that one is asked, as for all others.
    if app.serves(&new.to) && app.serves(&session.address) {
        let from = (&session.address, key);
        if let Some(position) = hand_over(&app, from, &new).await {
            return Ok(axum::Json(MessageAccepted { position }));
        }
    }
    // Of those who are here it was one of theirs, which saves a look at the curve.
    if PublicKey::parse(&new.sealed.recipient_key).is_err() {
        return Err(invalid("recipientKey"));
    }
    let sent = app.store.send(new, app.config.messages_max_bytes).await;
    let position = sent.map_err(|error| match error {
        StoreError::UpdateReused => invalid("message"),
        other => other.into(),
    })?;
    app.news.tell_of_messages(session.account, position);
    app.deliver.notify_one();
    Ok(axum::Json(MessageAccepted { position }))
}

/// Goes on with the delivery of a message by other work.
#[utoipa::path(
    put,
    path = "/messages/{message}/work",
    tag = "messages",
    security(("session" = [])),
    params(("message" = MessageId, Path, description = "Which")),
    request_body = RenewWorkRequest,
    responses(
        (status = 200, body = MessageAccepted),
        (
            status = "4XX",
            description = "`SessionInvalid`, `NotFound` (it is not on its way any more)",
            body = WireError
        )
    )
)]
async fn renew(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(message): PathParameter<MessageId>,
    Json(ask): Json<RenewWorkRequest>,
) -> Result<axum::Json<MessageAccepted>, ApiError> {
    check_work(&app, &ask.pow)?;
    let (account, now) = (session.account, app.now());
    let renewed = app.store.renew_work(account, message, work(&ask.pow), now);
    let told = renewed.await?;
    app.deliver.notify_one();
    if let Some(position) = told {
        app.news.tell_of_messages(account, position);
    }
    let position = match told {
        Some(position) => position,
        None => latest(&app, &session).await?,
    };
    Ok(axum::Json(MessageAccepted { position }))
}

async fn latest(app: &App, session: &Session) -> Result<Position, ApiError> {
    let found = app.store.latest_of(&[session.account]).await?;
    let latest = found.first().map(|(_, latest)| latest.messages);
    Ok(latest.ok_or(StoreError::AccountMissing)?)
}

/// Only the recipient's server can tell whether work is good; that it lasts for ever is told by nobody honest.
fn check_work(app: &App, shown: &ProofOfWork) -> Result<(), ApiError> {
    if shown.expires_at > app.now().plus(WORK_LASTS_MAX_MS) {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "pow"));
    }
    Ok(())
}

fn work(shown: &ProofOfWork) -> Work {
    Work {
        solved_header: shown.solved_header.0,
        target: shown.target.0,
        expires_at: shown.expires_at,
        signature: shown.signature.0,
    }
}

impl From<PeerError> for ApiError {
    /// As the client is told that asks through this node.
    fn from(error: PeerError) -> Self {
        let code = match &error {
            PeerError::Refused { code, .. } if code == "RECIPIENT_UNKNOWN" => {
                ErrorCode::RecipientUnknown
            }
            PeerError::Refused { code, .. } if code == "SENDER_BLOCKED" => ErrorCode::SenderBlocked,
            // A proxy before a server that is down, or a server that has enough to do.
            PeerError::Refused { status, code, .. }
                if code.is_empty() || matches!(status, 408 | 429 | 502..=504) =>
            {
                ErrorCode::PeerUnreachable
            }
            PeerError::Refused { .. } => ErrorCode::PeerRefused,
            PeerError::Discovery(_) | PeerError::Out { .. } | PeerError::Invalid { .. } => {
                ErrorCode::PeerUnreachable
            }
        };
        Self::new(code).with("reason", error)
    }
}
