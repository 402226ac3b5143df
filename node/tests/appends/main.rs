//! Lists that many append to at once while nodes, clients and connections die: nothing that was
//! acknowledged is lost, no reader of the log misses anything, nothing is there twice.
//!
//! Two accounts are written to behind one proxy. In the first, 24 clients on 3 sessions append to
//! shared lists over plain HTTP, two readers follow the feed, and [`check`] judges every version and
//! every page. In the second, 3 devices with the real engine append with 8 writers each, and what
//! each shows in the end is compared.
//!
//! A run of ten minutes on each database:
//! `PEARVAULT_APPENDS_SECONDS=600 cargo test --release -p pearvault-node --test appends -- --nocapture`.

#![cfg(unix)]

mod chance;
mod check;
#[path = "../node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
mod device;
mod history;
mod nodes;
#[path = "../program/program.rs"]
mod program;
mod proxy;
mod reader;
#[path = "../program/remote.rs"]
mod remote;
mod writer;

use std::{collections::BTreeSet, env, sync::atomic::Ordering, time::Duration};

use futures_util::future::join_all;
use proto::api::account::SessionOpened;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use chance::Chance;
use client::{Client, Outcome};
use device::{DEVICES, Running, Shared, Shown, WRITERS};
use nodes::Nodes;
use proxy::Proxy;
use reader::Reader;
use remote::Remote;
use writer::{Board, Writer};

/// How long is written where nobody says how long.
const SECONDS: u64 = 12;
/// Account of the clients over HTTP, and of the devices with the engine.
const ACCOUNTS: [&str; 2] = ["ada@localhost", "bob@localhost"];
/// Who follow the feed.
const READERS: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn appends_survive_on_sqlite() -> Outcome {
    append("SQLite", 1, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_survive_on_postgres_with_two_nodes() -> Outcome {
    match testkit::postgres::database() {
        Some(database) => append("PostgreSQL, two nodes", 2, Some(&database)).await,
        None => Ok(()),
    }
}

/// A moment that all wait for.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(crate) fn is_over(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn wait(&self) {
        // Where whoever says it is gone, it is over too.
        drop(self.0.clone().wait_for(|over| *over).await);
    }

    /// Whether it comes within a time.
    pub(crate) async fn within(&self, time: Duration) -> bool {
        timeout(time, self.wait()).await.is_ok()
    }
}

async fn append(name: &str, count: usize, database: Option<&str>) -> Outcome {
    node::server::allow_many_files();
    let seconds = number("PEARVAULT_APPENDS_SECONDS")?.unwrap_or(SECONDS);
    let seed = number("PEARVAULT_APPENDS_SEED")?.unwrap_or_else(|| u64::from(std::process::id()));
    println!("{name}: seed {seed}");
    let chance = Chance::new(seed);
    let proxy = Proxy::start(count, chance.fork()).await?;
    let nodes = Nodes::start(count, database, &proxy).await?;
    let plain = Client::new(proxy.url());
    let sessions = sessions(&plain).await?;

    let (end, stop) = watch::channel(false);
    let stop = Stop(stop);
    let shared = Shared::new();
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        let (url, seed) = (proxy.url().to_owned(), chance.next());
        let remote = move || Remote::new(&url, seed);
        let who = (ACCOUNTS[1], number);
        let mut device = Running::start(remote, who, &shared, chance.fork(), stop.clone())?;
        // The first one makes the account.
        device.wait_until_ready().await?;
        devices.push(device);
    }
    let board = Board::new();
    let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
    for number in 0..DEVICES * WRITERS {
        let session = &sessions[usize::try_from(number % DEVICES)?];
        let token = session.token.0.to_string();
        let writer = Writer::new(number, (proxy.url(), &token), &board, chance.fork());
        writers.spawn(writer.live(stop.clone()));
    }
    for number in 0..READERS {
        let token = sessions[0].token.0.to_string();
        let reader = Reader::new(number, (proxy.url(), &token), &board, chance.fork());
        readers.spawn(reader.live(stop.clone()));
    }
    proxy.set_breaks(true);
    let killing = nodes.kill_again_and_again(chance.fork(), nodes::EVERY, stop.clone());

    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        sleep(Duration::from_millis(100)).await;
        // Whoever gives up early says why; the others would only wait.
        while let Some(ended) = writers.try_join_next() {
            ended??;
        }
    }
    end.send_replace(true);
    let nodes = killing.await??;
    proxy.set_breaks(false);
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    let client = plain.signed_in(&sessions[0]);
    let mut deaf = 0;
    while let Some(reader) = readers.join_next().await {
        deaf += reader??.live_until(board.known()).await?;
    }
    let mut history = board.take_history();
    history.log = reader::whole_log(&client).await?;
    let verdict = check::check(&history);
    let (kept, copies) = compare(&proxy, devices, chance.next()).await?;
    println!(
        "appends on {name}: {} s, {} kills of nodes, {} of clients, {} of engines, {} answers cut off, \
         {deaf} feeds lost; {verdict}; engines: {kept} saves on {DEVICES} devices, {copies} other versions, \
         {} times the node was doubted, 0 lost, 0 doubled (seed {seed})",
        began.elapsed().as_secs(),
        nodes.kills(),
        board.killed(),
        shared.kills.load(Ordering::Relaxed),
        proxy.broken(),
        shared.suspicions.load(Ordering::Relaxed),
    );
    let first: Vec<_> = verdict.faults.iter().take(20).collect();
    assert!(first.is_empty(), "seed {seed}: {first:?}");
    assert!(verdict.acknowledged > 0 && verdict.pages > 0 && nodes.kills() > 0);
    nodes.stop()
}

/// A session for each device of the first account.
async fn sessions(plain: &Client) -> Outcome<Vec<SessionOpened>> {
    let mut sessions = vec![plain.create(ACCOUNTS[0]).await?];
    for device in 2..=u8::try_from(DEVICES)? {
        sessions.push(plain.log_in(ACCOUNTS[0], 1, device).await?.ok()?);
    }
    Ok(sessions)
}

/// What the devices show in the end, and one that was never there before: all the same, with all that
/// was answered and nothing twice. Returns how much was answered, and the items that are another
/// version of one.
async fn compare(proxy: &Proxy, devices: Vec<Running>, seed: u64) -> Outcome<(usize, usize)> {
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let (mut before, mut shown): (Vec<Shown>, Vec<Shown>) = (Vec::new(), Vec::new());
    let mut failed: Vec<String> = Vec::new();
    for end in join_all(devices.into_iter().map(Running::end)).await {
        match end {
            Ok(ended) => {
                kept.extend(ended.kept);
                before.push(ended.before);
                shown.push(ended.shown);
            }
            Err(error) => failed.push(error.to_string()),
        }
    }
    // Where one fails the others wait for it in vain: all of them say why.
    if !failed.is_empty() {
        return Err(failed.join("; ").into());
    }
    let url = proxy.url().to_owned();
    shown.push(device::first_look(move || Remote::new(&url, seed), ACCOUNTS[1]).await?);
    let first = &shown[0];
    for (number, other) in shown.iter().enumerate() {
        assert!(
            other == first,
            "device {number} shows another vault than device 0"
        );
    }
    let mut items: Vec<_> = first.values().collect();
    // Copies last: each has what its item had when they parted.
    items.sort_by_key(|(title, _)| device::is_copy(title));
    let (mut there, mut copies) = (BTreeSet::new(), 0);
    for (title, elements) in items {
        let is_copy = device::is_copy(title);
        copies += usize::from(is_copy);
        let mut here = BTreeSet::new();
        for element in elements {
            assert!(here.insert(element), "{element} is twice in {title}");
            assert!(
                there.insert(element) || is_copy,
                "{element} is in two lists"
            );
        }
    }
    let lost: Vec<_> = kept.iter().filter(|it| !there.contains(it)).collect();
    for element in &lost {
        for (number, shown) in before.iter().enumerate() {
            for (id, (title, elements)) in shown {
                if elements.contains(element) {
                    let now = first.get(id);
                    println!(
                        "{element} was on device {number} in {id} {title} {elements:?}, now {now:?}"
                    );
                }
            }
        }
    }
    assert!(lost.is_empty(), "lost: {lost:?}");
    Ok((kept.len(), copies))
}

fn number(variable: &str) -> Outcome<Option<u64>> {
    match env::var(variable) {
        Ok(text) => Ok(Some(
            text.parse().map_err(|_| format!("{variable}: {text}"))?,
        )),
        Err(_) => Ok(None),
    }
}
