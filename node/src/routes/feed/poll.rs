//! The feed as a long poll.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use proto::{
    api::feed::{FEED_POLL_MS, FeedNews},
    error::WireError,
};
use tokio::time::{Instant, sleep_until};

use super::{
    FeedQuery,
    hearing::{Hearing, take},
};
use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::{QueryString, Token},
};

/// Answers when the account is at another place than the cursor says: at once without one, else with the next write, and
/// after 25 s unchanged. The client then asks again with the cursor of the answer.
#[utoipa::path(
    get,
    path = "/vault/feed/poll",
    tag = "vault",
    security(("session" = [])),
    params(FeedQuery),
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
    QueryString(query): QueryString<FeedQuery>,
) -> Result<axum::Json<FeedNews>, ApiError> {
    let from = Cursor::parse_any(query.cursor.as_deref())?;
    let _waiting = take(&app.waiting)?;
    let mut hearing = Hearing::begin(&app, token, take(&app.feeds)?).await?;
    // Before the request itself is over its time.
    let most = Duration::from_millis(FEED_POLL_MS.into()).min(app.config.request_timeout * 5 / 6);
    let end = Instant::now() + most;
    let here = |hearing: &Hearing| {
        from.is_some_and(|from| {
            from.revision == hearing.latest() && from.database == app.store.database()
        })
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
