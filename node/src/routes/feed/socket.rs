//! The feed over a WebSocket.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use proto::{
    api::feed::{FEED_HELLO_MS, FEED_MESSAGE_MAX_BYTES, FeedCursor, FeedHello, FeedNews, close},
    codec,
    error::{ErrorCode, WireError},
};
use tokio::time::timeout;

use super::hearing::{End, Hearing, take};
use crate::{app::App, cursor::Cursor, error::ApiError, extract::token_hash};

/// What a connection keeps for reading and for writing while it waits, bytes. Ten thousand may wait.
const BUFFER_BYTES: usize = 1024;

/// Tells of every write of an account, at once. A WebSocket: the client says `FeedHello`, the node `FeedNews` at once, with
/// every write, and every 20 s. It closes with 4400 where no hello came, 4401 where the session is over, 4422 where the cursor
/// cannot be read, 4503 where it has too many feeds.
#[utoipa::path(
    get,
    path = "/vault/feed",
    tag = "vault",
    responses(
        (status = 101, description = "FeedHello, then FeedNews again and again"),
        (status = "4XX", description = "`MalformedRequest`: no WebSocket", body = WireError)
    )
)]
pub(super) async fn feed(
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
            let Some(code) = serve(&app, &mut socket).await else {
                return;
            };
            let frame = CloseFrame {
                code,
                reason: axum::extract::ws::Utf8Bytes::default(),
            };
            // A client that does not hear it notices by the connection's end.
            drop(socket.send(Message::Close(Some(frame))).await);
        }))
}

/// Serves until somebody goes; the code to close with, `None` where the client is gone or the store
/// failed.
async fn serve(app: &Arc<App>, socket: &mut WebSocket) -> Option<u16> {
    let Ok(place) = take(&app.feeds) else {
        return Some(close::BUSY);
    };
    let hello = tokio::select! {
        () = app.stopped() => return Some(close_code::AWAY),
        hello = timeout(Duration::from_millis(FEED_HELLO_MS), hello(socket)) => hello,
    };
    let Ok(Some(FeedHello { token, cursor })) = hello else {
        return Some(close::NO_HELLO);
    };
    let Ok(from) = Cursor::parse_any(cursor.as_ref().map(FeedCursor::as_str)) else {
        return Some(close::CURSOR_INVALID);
    };
    let told = match Hearing::begin(app, token_hash(&token), place).await {
        Ok(mut hearing) => tell(&mut hearing, socket, from).await,
        Err(end) => Err(end),
    };
    match told {
        Err(End::Busy) => Some(close::BUSY),
        Err(End::SessionInvalid) => Some(close::SESSION_INVALID),
        Err(End::Stopping) => Some(close_code::AWAY),
        Err(End::Failed(_)) | Ok(()) => None,
    }
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

/// Tells until the node ends it, or the client is gone.
async fn tell(
    hearing: &mut Hearing,
    socket: &mut WebSocket,
    from: Option<Cursor>,
) -> Result<(), End> {
    let mut news = hearing.news(from)?;
    loop {
        if say(socket, &news).await.is_err() {
            return Ok(());
        }
        loop {
            tokio::select! {
                heard = socket.recv() => match heard {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    // A client has nothing more to say.
                    _ => return Ok(()),
                },
                waited = hearing.wait() => break waited?,
            }
        }
        hearing.look().await?;
        news = hearing.news(None)?;
    }
}

async fn say(socket: &mut WebSocket, news: &FeedNews) -> Result<(), axum::Error> {
    let text = serde_json::to_string(news).map_err(axum::Error::new)?;
    socket.send(Message::Text(text.into())).await
}
