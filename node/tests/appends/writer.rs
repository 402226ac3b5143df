//! Clients that append to lists over plain HTTP and are killed while they do.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use proto::{
    api::vault::{ItemVersions, SealedItem, VaultContent, WriteItemRequest},
    bytes::Base64,
    error::ErrorCode,
    ids::{ItemId, ItemVersion, KeyNumber, UnixMillis},
};
use tokio::time::{sleep, timeout};

use crate::{
    Stop,
    chance::Chance,
    client::{Client, Outcome, update},
    history::{Append, Element, End, History},
};

/// Lists that are written to at a time: few, so that writers meet.
const LISTS: u64 = 12;
/// Elements after which a list is full: the node keeps a hundred versions of each.
const ELEMENTS_MAX: usize = 48;
/// Pause before an append, milliseconds: ten minutes of writes must stay within one vault.
const PAUSE: (u64, u64) = (5, 60);
/// Time after which a client is killed, milliseconds.
const LIFE: (u64, u64) = (100, 4_000);
/// What one request may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the writers of one account share.
pub(crate) struct Board {
    lists: Mutex<Vec<ItemId>>,
    made: AtomicU64,
    written: AtomicU64,
    killed: AtomicU64,
    history: Mutex<History>,
}

impl Board {
    pub(crate) fn new() -> Arc<Self> {
        let board = Self {
            lists: Mutex::default(),
            made: AtomicU64::new(0),
            written: AtomicU64::new(0),
            killed: AtomicU64::new(0),
            history: Mutex::default(),
        };
        for _ in 0..LISTS {
            let list = board.make_list();
            lock(&board.lists).push(list);
        }
        Arc::new(board)
    }

    /// The newest revision that anybody was told of.
    pub(crate) fn known(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Somebody was told of a revision.
    pub(crate) fn tell(&self, revision: u64) {
        self.written.fetch_max(revision, Ordering::SeqCst);
    }

    /// Clients that were killed so far.
    pub(crate) fn killed(&self) -> u64 {
        self.killed.load(Ordering::Relaxed)
    }

    /// Writes something down.
    pub(crate) fn note(&self, note: impl FnOnce(&mut History)) {
        note(&mut lock(&self.history));
    }

    /// All that was written down.
    pub(crate) fn take_history(&self) -> History {
        std::mem::take(&mut lock(&self.history))
    }

    fn make_list(&self) -> ItemId {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&number.to_be_bytes());
        ItemId::make(UnixMillis(1), random)
    }

    fn pick(&self, chance: &Chance) -> Option<ItemId> {
        chance.pick(&lock(&self.lists))
    }

    /// A full list makes room for an empty one, whoever notices first.
    fn retire(&self, full: ItemId) {
        if let Some(place) = lock(&self.lists).iter_mut().find(|list| **list == full) {
            *place = self.make_list();
        }
    }
}

/// A client, as far as it outlives its process: what it has on disk.
pub(crate) struct Writer {
    number: u64,
    begun: u64,
    /// The append that is under way: sent again, word for word, until its end is known.
    outbox: Option<Pending>,
    /// Where the nodes are, and its session.
    way: (String, String),
    client: Client,
    board: Arc<Board>,
    chance: Chance,
}

struct Pending {
    element: Element,
    list: ItemId,
    request: WriteItemRequest,
}

/// What a request that had no good answer means.
enum Trouble {
    /// The append is still to be done.
    Away,
    /// This client did something that no client does.
    Wrong(Box<dyn std::error::Error + Send + Sync>),
}

impl Writer {
    /// The writer of a number, no other one's. `url` is the nodes', `token` that of a session.
    pub(crate) fn new(
        number: u64,
        (url, token): (&str, &str),
        board: &Arc<Board>,
        chance: Chance,
    ) -> Self {
        Self {
            number,
            begun: 0,
            outbox: None,
            way: (url.to_owned(), token.to_owned()),
            client: Client::new(url).with_token(token),
            board: Arc::clone(board),
            chance,
        }
    }

    /// Appends until it is told to stop, and is killed again and again meanwhile; then lives until
    /// its last append is done.
    pub(crate) async fn live(mut self, stop: Stop) -> Outcome {
        while !stop.is_over() {
            let life = self.chance.millis(LIFE.0, LIFE.1);
            tokio::select! {
                failed = self.append_for_ever(&stop) => return failed,
                () = sleep(life) => {
                    self.board.killed.fetch_add(1, Ordering::Relaxed);
                    // The next one has connections of its own.
                    self.client = Client::new(self.way.0.as_str()).with_token(&self.way.1);
                }
            }
        }
        let finished = timeout(crate::nodes::PATIENCE, self.finish()).await;
        finished.map_err(|_| format!("writer {} gets no answer", self.number))?
    }

    async fn append_for_ever(&mut self, stop: &Stop) -> Outcome {
        self.finish().await?;
        while !stop.is_over() {
            sleep(self.chance.millis(PAUSE.0, PAUSE.1)).await;
            self.begin().await?;
            self.finish().await?;
        }
        Ok(())
    }

    /// Decides what to append where.
    async fn begin(&mut self) -> Outcome {
        let Some(list) = self.board.pick(&self.chance) else {
            return Err("there is no list".into());
        };
        let Some((version, elements)) = self.newest(list).await? else {
            return Ok(());
        };
        if elements.len() >= ELEMENTS_MAX {
            self.board.retire(list);
            return Ok(());
        }
        self.begun += 1;
        let element = Element(self.number << 40 | self.begun);
        self.outbox = Some(pending(element, list, version, elements));
        Ok(())
    }

    /// Sends what is in the outbox until its end is known.
    async fn finish(&mut self) -> Outcome {
        while self.outbox.is_some() {
            match self.send().await {
                Ok(()) => {}
                Err(Trouble::Away) => sleep(self.chance.millis(5, 80)).await,
                Err(Trouble::Wrong(error)) => return Err(error),
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), Trouble> {
        let Some(Pending {
            element,
            list,
            request,
        }) = &self.outbox
        else {
            return Ok(());
        };
        let (element, list) = (*element, *list);
        let path = format!("/api/v1/vault/{list}");
        let answer = timeout(PATIENCE, self.client.json("PUT", &path, request)).await;
        let Ok(Ok(answer)) = answer else {
            return Err(Trouble::Away);
        };
        if answer.status == 200 {
            let accepted = answer.accepted().map_err(Trouble::Wrong)?;
            let (version, revision) = (accepted.version.0, accepted.revision.0);
            self.board.tell(revision);
            self.end(element, list, End::Acknowledged { version, revision });
            return Ok(());
        }
        let (status, code) = answer.refusal().map_err(Trouble::Wrong)?;
        match code {
            ErrorCode::VersionConflict => {
                let newest = self.newest(list).await.map_err(Trouble::Wrong)?;
                let (version, elements) = newest.ok_or(Trouble::Away)?;
                if elements.contains(&element) {
                    self.end(element, list, End::Found);
                } else {
                    // That version is another's for ever: the one that was sent cannot arrive any more.
                    self.outbox = Some(pending(element, list, version, elements));
                }
                Ok(())
            }
            _ if status >= 500 => Err(Trouble::Away),
            _ => Err(Trouble::Wrong(format!("{status} {code:?}").into())),
        }
    }

    fn end(&mut self, element: Element, list: ItemId, end: End) {
        self.outbox = None;
        let append = Append { element, list, end };
        self.board.note(|history| history.appends.push(append));
    }

    /// A list as it is now; `None` where the node is away.
    async fn newest(&self, list: ItemId) -> Outcome<Option<(u64, Vec<Element>)>> {
        let path = format!("/api/v1/vault/{list}/versions?limit=1");
        let Ok(Ok(answer)) = timeout(PATIENCE, self.client.get(&path)).await else {
            return Ok(None);
        };
        if answer.status >= 500 {
            return Ok(None);
        }
        let page: ItemVersions = answer.ok()?;
        Ok(Some(match page.versions.first() {
            Some(newest) => (newest.version.0, elements_of(&newest.content)?),
            None => (0, Vec::new()),
        }))
    }
}

fn pending(element: Element, list: ItemId, version: u64, mut elements: Vec<Element>) -> Pending {
    elements.push(element);
    let bytes = elements.iter().flat_map(|element| element.0.to_be_bytes());
    let content = SealedItem {
        key_number: KeyNumber(1),
        overview: Base64(bytes.collect()),
        secrets: Base64(vec![7; 200]),
    };
    let version = version + 1;
    Pending {
        element,
        list,
        request: WriteItemRequest {
            update: update(&(element, list, version)),
            version: ItemVersion(version),
            content,
        },
    }
}

/// The list that a version is.
pub(crate) fn elements_of(content: &VaultContent) -> Outcome<Vec<Element>> {
    let item = content.item().ok_or("a tombstone that nobody wrote")?;
    let (elements, rest) = item.overview.0.as_chunks::<8>();
    if !rest.is_empty() {
        return Err("a list that nobody wrote".into());
    }
    let elements = elements
        .iter()
        .map(|bytes| Element(u64::from_be_bytes(*bytes)));
    Ok(elements.collect())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
