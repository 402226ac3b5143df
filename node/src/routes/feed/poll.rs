//! The feed as a long poll.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use proto::{
    api::feed::{FEED_POLL_MS, FeedNews},
    error::WireError,
    ids::Position,
};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

use super::hearing::{Hearing, take};
use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::{QueryString, Token},
};

/// Query of the long poll.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PollQuery {
    /// Where the client stands, as an earlier answer said.
    cursor: Option<String>,
    /// Position of the newest change of messages that it knows of; without it, it does not wait for them.
    messages: Option<u64>,
}

/// Answers when the account is at another place than the cursor and `messages` say: at once without a cursor, else with the next
/// write, and after 25 s unchanged. The client then asks again with the cursor of the answer.
#[utoipa::path(
    get,
    path = "/vault/feed/poll",
    tag = "vault",
    security(("session" = [])),
    params(PollQuery),
    responses(
        (status = 200, body = FeedNews),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CursorInvalid`",
            body = WireError
        ),
        (status = 503, description = "`Busy`: too many feeds, or the node goes away", body = WireError)
    )
)]
pub(super) async fn poll(
    State(app): State<Arc<App>>,
    Token(token): Token,
    QueryString(query): QueryString<PollQuery>,
) -> Result<axum::Json<FeedNews>, ApiError> {
    let from = Cursor::parse_any(query.cursor.as_deref())?;
    let _waiting = take(&app.waiting)?;
    let mut hearing = Hearing::begin(&app, token, take(&app.feeds)?).await?;
    // Before the request itself is over its time.
    let most = Duration::from_millis(FEED_POLL_MS.into()).min(app.config.request_timeout * 5 / 6);
    let end = Instant::now() + most;
    let here = |hearing: &Hearing| {
        from.is_some_and(|from| {
            from.place == hearing.latest().vault && from.database == app.store.database()
        }) && query
            .messages
            .is_none_or(|known| Position(known) == hearing.latest().messages)
    };
    while here(&hearing) {
        tokio::select! {
            waited = hearing.wait() => waited?,
            () = sleep_until(end) => break,
        }
        hearing.look().await?;
    }
    Ok(axum::Json(hearing.news(from)?))
}
