//! What other nodes on the same database wrote.
//!
//! Every second the node asks the database how far the accounts are that somebody waits for here.
//! With NATS it is told at once which one to ask about, and asks about all of them less often: a
//! message there is a hint that may be lost or forged, and is never believed by itself.

use std::{sync::Arc, time::Duration};

use async_nats::{Client, ConnectOptions, connection::State};
use futures_util::StreamExt as _;
use proto::ids::AccountId;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use super::Hint;
use crate::{app::App, config::NatsUrl, store::StoreError};

/// Hints that may wait for their way to NATS.
pub(crate) const HINTS: usize = 1024;
/// Time between two questions to the database.
const EVERY: Duration = Duration::from_secs(1);
/// Questions that NATS makes needless while it is connected: all but every so manieth.
const SPARED: u32 = 10;
/// Accounts in one question.
const ACCOUNTS: usize = 1000;
/// Where nodes tell of writes, and of the ends of sessions: an account's id as text.
const WRITTEN: &str = "pearvault.written";
const SESSION_ENDED: &str = "pearvault.session_ended";

/// Asks the database until it is dropped, where other nodes may write to it.
pub(crate) async fn run(app: Arc<App>, nats: Option<Nats>) {
    if !app.store.is_shared() {
        return;
    }
    let client = nats.as_ref().map(|nats| nats.client.clone());
    tokio::join!(ask(&app, client.as_ref()), async {
        if let Some(nats) = nats {
            nats.run(&app).await;
        }
    });
}

/// The way to other nodes.
pub(crate) struct Nats {
    client: Client,
    hints: mpsc::Receiver<Hint>,
}

impl Nats {
    /// Connects in the background, again and again: a node serves without it too.
    ///
    /// # Errors
    /// The URL is none.
    pub(crate) async fn connect(
        url: &NatsUrl,
        hints: mpsc::Receiver<Hint>,
    ) -> Result<Self, async_nats::ConnectError> {
        let options = ConnectOptions::new()
            .name("pearvault-node")
            .retry_on_initial_connect()
            .no_echo()
            .event_callback(async |event| tracing::info!(%event, "NATS"));
        let client = options.connect(url.as_str()).await?;
        Ok(Self { client, hints })
    }

    async fn run(self, app: &App) {
        let Self { client, mut hints } = self;
        let tell = async {
            while let Some(hint) = hints.recv().await {
                let (subject, account) = match hint {
                    Hint::Written(account) => (WRITTEN, account),
                    Hint::SessionEnded(account) => (SESSION_ENDED, account),
                };
                // What is lost here, they find out by asking the database.
                drop(client.publish(subject, account.to_string().into()).await);
            }
        };
        let hear = async {
            let (written, ended) = (
                client.subscribe(WRITTEN).await,
                client.subscribe(SESSION_ENDED).await,
            );
            let (Ok(mut written), Ok(mut ended)) = (written, ended) else {
                tracing::warn!("NATS takes no subscriptions; asking the database instead");
                return;
            };
            loop {
                tokio::select! {
                    Some(message) = written.next() => {
                        if let Some(account) = account(&message.payload)
                            && app.news.is_waited_for(account)
                        {
                            tracing::debug!("told of a write on another node");
                            note(refresh(app, &[account]).await);
                        }
                    }
                    Some(message) = ended.next() => {
                        if let Some(account) = account(&message.payload) {
                            app.news.hear_of_end(account);
                        }
                    }
                    else => return,
                }
            }
        };
        tokio::join!(tell, hear);
    }
}

async fn ask(app: &App, nats: Option<&Client>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut spared = 0;
    loop {
        ticks.tick().await;
        let told = nats.is_some_and(|nats| nats.connection_state() == State::Connected);
        spared = if told { (spared + 1) % SPARED } else { 0 };
        if spared != 0 {
            continue;
        }
        for accounts in app.news.waited_for().chunks(ACCOUNTS) {
            note(refresh(app, accounts).await);
        }
    }
}

/// Tells those who wait here how far accounts are.
async fn refresh(app: &App, accounts: &[AccountId]) -> Result<(), StoreError> {
    for (account, latest) in app.store.latest_of(accounts).await? {
        app.news.hear(account, latest);
    }
    Ok(())
}

fn note(result: Result<(), StoreError>) {
    if let Err(error) = result {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::debug!(error, "could not ask what other nodes wrote");
    }
}

fn account(payload: &[u8]) -> Option<AccountId> {
    std::str::from_utf8(payload).ok()?.parse().ok()
}
