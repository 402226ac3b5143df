//! Clients that hear the feed and read what it tells of, page by page.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use proto::{
    api::{
        feed::FeedNews,
        vault::{ItemVersions, VaultPage},
    },
    ids::ItemId,
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    Stop,
    chance::Chance,
    client::{Client, Outcome},
    history::{Entry, Read, Seen, print},
    nodes::PATIENCE,
    writer::{Board, elements_of},
};

/// Items of a page: few, so that reading all takes several.
const PAGE: usize = 8;
/// What one request may take before its connection is given up.
const REQUEST: Duration = Duration::from_secs(10);

/// A client that only reads.
pub(crate) struct Reader {
    number: usize,
    client: Client,
    url: String,
    token: String,
    board: Arc<Board>,
    chance: Chance,
    /// How far it has read: what it would have on disk.
    since: u64,
    /// The newest revision that the feed told of.
    heard: u64,
    deaf: u64,
}

impl Reader {
    /// The reader of a number, no other one's. `url` is the nodes', `token` that of a session.
    pub(crate) fn new(
        number: usize,
        (url, token): (&str, &str),
        board: &Arc<Board>,
        chance: Chance,
    ) -> Self {
        Self {
            number,
            client: Client::new(url).with_token(token),
            url: url.replace("http://", "ws://"),
            token: token.to_owned(),
            board: Arc::clone(board),
            chance,
            since: 0,
            heard: 0,
            deaf: 0,
        }
    }

    /// Hears and reads until it is told to stop.
    pub(crate) async fn live(mut self, stop: Stop) -> Outcome<Self> {
        while !stop.is_over() {
            tokio::select! {
                ended = self.hear_and_read(None) => ended?,
                () = stop.wait() => {}
            }
        }
        Ok(self)
    }

    /// Hears and reads until all up to a revision is read, of which the feed has to tell. Returns how
    /// often it was cut off in its whole life.
    pub(crate) async fn live_until(mut self, revision: u64) -> Outcome<u64> {
        let number = self.number;
        let all = async {
            while self.since < revision {
                self.hear_and_read(Some(revision)).await?;
            }
            Ok(self.deaf)
        };
        let read = timeout(PATIENCE, all).await;
        read.map_err(|_| format!("reader {number} is not told of revision {revision}"))?
    }

    /// One connection, as long as it holds.
    async fn hear_and_read(&mut self, upto: Option<u64>) -> Outcome {
        let connected = timeout(REQUEST, self.connect()).await;
        let Ok(Ok(mut feed)) = connected else {
            sleep(self.chance.millis(5, 100)).await;
            return Ok(());
        };
        while let Some(Ok(message)) = feed.next().await {
            let Message::Text(text) = message else {
                continue;
            };
            let news: FeedNews = serde_json::from_str(&text)?;
            self.heard = self.heard.max(news.latest.0);
            self.board.tell(self.heard);
            while self.since < self.heard {
                if !self.read().await? {
                    sleep(self.chance.millis(5, 100)).await;
                }
            }
            if upto.is_some_and(|upto| self.since >= upto) {
                return Ok(());
            }
        }
        self.deaf += 1;
        Ok(())
    }

    /// Reads one page; whether it got one.
    async fn read(&mut self) -> Outcome<bool> {
        let known = self.board.known();
        let since = self.since;
        let path = format!("/api/v1/vault?since={since}&limit={PAGE}");
        let Ok(Ok(answer)) = timeout(REQUEST, self.client.get(&path)).await else {
            return Ok(false);
        };
        if answer.status >= 500 {
            return Ok(false);
        }
        let page: VaultPage = answer.ok()?;
        let mut records = Vec::with_capacity(page.records.len());
        for record in &page.records {
            records.push(Seen {
                list: record.id,
                version: record.version.0,
                revision: record.revision.0,
                print: print(&elements_of(&record.content)?),
            });
        }
        let read = Read {
            reader: self.number,
            since,
            latest: page.latest.0,
            has_more: page.has_more,
            known,
            records,
        };
        self.since = read.end();
        self.board.note(|history| history.reads.push(read));
        Ok(true)
    }

    async fn connect(&self) -> Outcome<WebSocketStream<MaybeTlsStream<TcpStream>>> {
        let (mut socket, _) = connect_async(format!("{}/api/v1/vault/feed", self.url)).await?;
        let hello = format!(r#"{{"token":"{}"}}"#, self.token);
        socket.send(Message::text(hello)).await?;
        Ok(socket)
    }
}

/// Every version of every item, as a node shows them when all is quiet.
pub(crate) async fn whole_log(client: &Client) -> Outcome<Vec<Entry>> {
    let (mut lists, mut since): (Vec<ItemId>, u64) = (Vec::new(), 0);
    loop {
        let path = format!("/api/v1/vault?since={since}");
        let page: VaultPage = client.get(&path).await?.ok()?;
        lists.extend(page.records.iter().map(|record| record.id));
        since = page.records.last().map_or(since, |last| last.revision.0);
        if !page.has_more {
            break;
        }
    }
    let mut log = Vec::new();
    for list in lists {
        let mut before = None;
        loop {
            let before_it = before.map_or(String::new(), |version| format!("?before={version}"));
            let path = format!("/api/v1/vault/{list}/versions{before_it}");
            let page: ItemVersions = client.get(&path).await?.ok()?;
            for record in &page.versions {
                log.push(Entry {
                    list,
                    version: record.version.0,
                    revision: record.revision.0,
                    elements: elements_of(&record.content)?,
                });
            }
            before = page.versions.last().map(|record| record.version);
            if !page.has_more {
                break;
            }
        }
    }
    Ok(log)
}
