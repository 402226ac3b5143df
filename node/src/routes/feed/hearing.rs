//! What every carrier of the feed does: a place, a session that is looked at again and again, and
//! when to speak.

use std::{pin::Pin, sync::Arc, time::Duration};

use proto::{
    api::feed::{FEED_BEAT_MS, FeedNews},
    error::ErrorCode,
    ids::AccountId,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::alive_session,
    metrics::FEEDS,
    news::Known,
    store::{Latest, TokenHash},
};

/// A feed alone is noted as a use of its session when the last one noted is this old, milliseconds: ten thousand that only
/// wait must not write all the time.
const TOUCH_AFTER_MS: u64 = 60 * 60 * 1000;

/// Why a feed ends.
#[derive(Debug)]
pub(super) enum End {
    /// The node has as many as it may have, or the account has.
    Busy,
    /// The session is over, or never was one.
    SessionInvalid,
    /// The node goes away.
    Stopping,
    /// The store failed: the client comes again.
    Failed(ApiError),
}

impl From<End> for ApiError {
    fn from(end: End) -> Self {
        match end {
            // Who is told so goes to another node, or comes again.
            End::Busy | End::Stopping => ErrorCode::Busy.into(),
            End::SessionInvalid => ErrorCode::SessionInvalid.into(),
            End::Failed(error) => error,
        }
    }
}

/// A place of a feed.
pub(super) type Place = OwnedSemaphorePermit;

/// Takes a place, if there is one.
pub(super) fn take(places: &Arc<Semaphore>) -> Result<Place, End> {
    Arc::clone(places)
        .try_acquire_owned()
        .map_err(|_| End::Busy)
}

/// One who hears of an account's writes.
pub(super) struct Hearing {
    app: Arc<App>,
    token: TokenHash,
    news: watch::Receiver<Known>,
    told: Latest,
    beat: Interval,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    _counted: Counted,
    _place: Place,
}

impl Hearing {
    /// Hears from now on: what is written after this is told.
    pub(super) async fn begin(app: &Arc<App>, token: TokenHash, place: Place) -> Result<Self, End> {
        let account = account(app, token).await?;
        let stopped = Box::pin(app.stopped());
        let news = app.news.listen(account).ok_or(End::Busy)?;
        // Only now: what is written from here on is heard.
        let told = app.store.latest_of(&[account]).await;
        let told = told.map_err(|error| End::Failed(error.into()))?;
        let told = told.first().map(|(_, latest)| *latest);
        let mut beat = interval(Duration::from_millis(FEED_BEAT_MS.into()));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        Ok(Self {
            app: Arc::clone(app),
            token,
            news,
            told: told.ok_or(End::SessionInvalid)?,
            beat,
            stopped,
            _counted: Counted::new(),
            _place: place,
        })
    }

    /// What there is to say now; `from` is where the client stands by its own account.
    pub(super) fn news(&self, from: Option<Cursor>) -> Result<FeedNews, End> {
        let database = self.app.store.database();
        let place = self.told.vault;
        let cursor = Cursor { database, place }.seal().map_err(End::Failed)?;
        Ok(FeedNews {
            latest: place,
            messages: self.told.messages,
            cursor,
            snapshot: from.is_some_and(|from| !from.is_in(database, place)),
        })
    }

    /// How far the logs have got, as far as this has heard.
    pub(super) fn latest(&self) -> Latest {
        self.told
    }

    /// Waits until it is time to look and to speak. Dropped before that, nothing is lost.
    pub(super) async fn wait(&mut self) -> Result<(), End> {
        tokio::select! {
            () = &mut self.stopped => return Err(End::Stopping),
            changed = self.news.changed() => {
                if changed.is_err() {
                    return Err(End::Stopping);
                }
                self.told = self.told.max(self.news.borrow_and_update().latest);
            }
            _ = self.beat.tick() => {}
        }
        Ok(())
    }

    /// Whether the session is still alive.
    pub(super) async fn look(&mut self) -> Result<(), End> {
        account(&self.app, self.token).await.map(drop)
    }
}

async fn account(app: &App, token: TokenHash) -> Result<AccountId, End> {
    match alive_session(app, token, TOUCH_AFTER_MS).await {
        Ok(Some(session)) => Ok(session.account),
        Ok(None) => Err(End::SessionInvalid),
        Err(error) => Err(End::Failed(error.into())),
    }
}

/// A feed in the figures.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!(FEEDS).increment(1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(FEEDS).decrement(1);
    }
}
