//! `GET /vault/feed`: the change feed over a WebSocket.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{
        State,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use proto::{
    api::feed::{FEED_BEAT_MS, FEED_HELLO_MS, FEED_MESSAGE_MAX_BYTES, FeedHello, FeedNews, close},
    codec,
    error::{ErrorCode, WireError},
    ids::{AccountId, Revision},
};
use tokio::time::{MissedTickBehavior, interval, timeout};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    extract::{alive_session, token_hash},
    metrics::FEEDS,
    store::{Session, StoreError, TokenHash},
};

/// What a connection keeps for reading and for writing while it waits, bytes. Ten thousand may wait.
const BUFFER_BYTES: usize = 1024;
/// A feed alone is noted as a use of its session when the last one noted is this old, milliseconds: ten thousand that only
/// wait must not write all the time.
const TOUCH_AFTER_MS: u64 = 60 * 60 * 1000;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(feed))
}

/// Why a feed ends.
enum End {
    /// With a code of [`close`].
    Refused(u16),
    /// The node goes away.
    Stopping,
    /// The client did, or the store failed: it comes again.
    Gone,
}

/// Tells of every write of an account, at once. A WebSocket: the client says `FeedHello`, the node `FeedNews` at once, with
/// every write, and every 20 s. It closes with 4400 where no hello came, 4401 where the session is over, 4503 where it has
/// too many feeds.
#[utoipa::path(
    get,
    path = "/vault/feed",
    tag = "vault",
    responses(
        (status = 101, description = "FeedHello, then FeedNews again and again"),
        (status = "4XX", description = "`MalformedRequest`: no WebSocket", body = WireError)
    )
)]
async fn feed(
    State(app): State<Arc<App>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::new(ErrorCode::MalformedRequest))?;
    Ok(upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * FEED_MESSAGE_MAX_BYTES)
        .max_message_size(FEED_MESSAGE_MAX_BYTES)
        .max_frame_size(FEED_MESSAGE_MAX_BYTES)
        .on_upgrade(async move |mut socket| {
            let code = match serve(&app, &mut socket).await {
                End::Refused(code) => code,
                End::Stopping => axum::extract::ws::close_code::AWAY,
                End::Gone => return,
            };
            let frame = CloseFrame {
                code,
                reason: axum::extract::ws::Utf8Bytes::default(),
            };
            // A client that does not hear it notices by the connection's end.
            drop(socket.send(Message::Close(Some(frame))).await);
        }))
}

async fn serve(app: &App, socket: &mut WebSocket) -> End {
    let Ok(_place) = app.feeds.try_acquire() else {
        return End::Refused(close::BUSY);
    };
    let hello = tokio::select! {
        () = app.stopped() => return End::Stopping,
        hello = timeout(Duration::from_millis(FEED_HELLO_MS), hello(socket)) => hello,
    };
    let Ok(Some(FeedHello { token })) = hello else {
        return End::Refused(close::NO_HELLO);
    };
    let token = token_hash(&token);
    let session = match alive_session(app, token, TOUCH_AFTER_MS).await {
        Ok(Some(session)) => session,
        Ok(None) => return End::Refused(close::SESSION_INVALID),
        Err(_) => return End::Gone,
    };
    metrics::gauge!(FEEDS).increment(1);
    let end = tell(app, socket, token, &session).await;
    metrics::gauge!(FEEDS).decrement(1);
    end
}

async fn hello(socket: &mut WebSocket) -> Option<FeedHello> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return codec::decode(&text, FEED_MESSAGE_MAX_BYTES).ok(),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) => return None,
        }
    }
}

/// Tells until somebody goes.
async fn tell(app: &App, socket: &mut WebSocket, token: TokenHash, session: &Session) -> End {
    let mut stopped = pin!(app.stopped());
    let Some(mut news) = app.news.listen(session.account) else {
        return End::Refused(close::BUSY);
    };
    // Only now: what is written from here on is heard.
    let Ok(mut told) = latest(app, session.account).await else {
        return End::Gone;
    };
    if say(socket, told).await.is_err() {
        return End::Gone;
    }
    let mut beat = interval(Duration::from_millis(FEED_BEAT_MS.into()));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    loop {
        tokio::select! {
            () = &mut stopped => return End::Stopping,
            heard = socket.recv() => match heard {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                // A client has nothing more to say.
                _ => return End::Gone,
            },
            changed = news.changed() => {
                if changed.is_err() {
                    return End::Gone;
                }
                told = told.max(news.borrow_and_update().latest);
            },
            _ = beat.tick() => {}
        }
        match alive_session(app, token, TOUCH_AFTER_MS).await {
            Ok(Some(_)) => {}
            Ok(None) => return End::Refused(close::SESSION_INVALID),
            Err(_) => return End::Gone,
        }
        if say(socket, told).await.is_err() {
            return End::Gone;
        }
    }
}

async fn latest(app: &App, account: AccountId) -> Result<Revision, StoreError> {
    app.store.vault_latest(account).await
}

async fn say(socket: &mut WebSocket, latest: Revision) -> Result<(), axum::Error> {
    let news = FeedNews { latest };
    let text = serde_json::to_string(&news).map_err(axum::Error::new)?;
    socket.send(Message::Text(text.into())).await
}
