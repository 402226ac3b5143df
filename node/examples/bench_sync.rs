//! How soon a device has what is on the node, and one what another wrote:
//! `cargo run --release -p pearvault-node --example bench_sync`.
//!
//! Devices run the engine natively, with their disks in memory; the node is a process of its own on
//! SQLite, reached over loopback. `PEARVAULT_BENCH_ITEMS` is how many items the vault has, 10 000 where
//! it is not set; a tenth of them change before a device catches up.

#[path = "../tests/node/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
#[path = "../tests/program/remote.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod remote;
#[path = "served/served.rs"]
#[expect(dead_code, reason = "other figures use the rest")]
mod served;

use client::Outcome;
use engine::{Carrier, Engine};
use futures_util::{SinkExt as _, StreamExt as _, future::try_join};
use proto::{
    bridge::popup::ImportItem,
    ids::{ImportId, ItemId, UnixMillis},
    limits::IMPORT_BATCH_MAX_ITEMS,
};
use remote::{Remote, told};
use served::{Server, number, print};
use testkit::items::numbered;
use tokio::{net::TcpStream, time::Instant};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// Items of the vault.
const ITEMS: u32 = 10_000;
/// Of so many items one changes before a device catches up.
const CHANGED: u32 = 10;
/// How often each is measured.
const ROUNDS: u32 = 3;
/// Changes whose way to the other device is measured.
const NEWS: u32 = 200;
const ADDRESS: &str = "bench@localhost";

type Device = Engine<Remote>;

fn main() -> anyhow::Result<()> {
    if served::serve_if_child()? {
        return Ok(());
    }
    // Engines stay on one thread.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime
        .block_on(measure())
        .map_err(anyhow::Error::from_boxed)
}

async fn measure() -> Outcome {
    let items = number("PEARVAULT_BENCH_ITEMS", ITEMS)?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), None)?;
    let here = Remote::new(server.url(), 1).create(ADDRESS).await?;
    fill(&here, items).await?;
    let began = Instant::now();
    synchronise(&here).await?;
    print(
        "sync.push_per_s",
        f64::from(items) / began.elapsed().as_secs_f64(),
        "1/s",
    );

    let mut there = Remote::new(server.url(), 2).log_in(ADDRESS).await?;
    for round in 0..ROUNDS {
        if round > 0 {
            there = Remote::new(server.url(), 2 + u64::from(round))
                .log_in(ADDRESS)
                .await?;
        }
        let began = Instant::now();
        synchronise(&there).await?;
        if total(&there, "").await? != items {
            return Err("the first synchronisation did not bring every item".into());
        }
        print(&format!("sync.first_{items}"), milliseconds(began), "ms");
    }
    for round in 0..ROUNDS {
        let changed = items / CHANGED;
        change(&here, changed, round).await?;
        synchronise(&here).await?;
        let began = Instant::now();
        synchronise(&there).await?;
        if total(&there, &format!("round{round}")).await? != changed {
            return Err("a device did not catch up".into());
        }
        print(
            &format!("sync.catch_up_{changed}"),
            milliseconds(began),
            "ms",
        );
    }
    let mut taken = Vec::new();
    let mut feed = listen(&there).await?;
    for news in 0..NEWS {
        taken.push(tell(&here, &there, &mut feed, news).await?);
    }
    taken.sort_by(f64::total_cmp);
    let part = |percent: usize| taken[(taken.len() - 1) * percent / 100];
    print("sync.other_device_p50", part(50), "ms");
    print("sync.other_device_p95", part(95), "ms");
    Ok(())
}

/// Fills a vault without sending anything.
async fn fill(device: &Device, items: u32) -> Outcome {
    let drafts = (0..items).map(|number| ImportItem {
        number,
        draft: numbered(number),
        created_at: None,
        updated_at: None,
    });
    let drafts: Vec<ImportItem> = drafts.collect();
    let import = ImportId::make(UnixMillis(1), [1; 10]);
    for batch in drafts.chunks(IMPORT_BATCH_MAX_ITEMS) {
        device.import(import, batch.to_vec()).await.map_err(told)?;
    }
    Ok(())
}

async fn change(device: &Device, items: u32, round: u32) -> Outcome {
    let mut left = items;
    let mut offset = 0;
    while left > 0 {
        let page = device
            .search("", offset, left.min(200))
            .await
            .map_err(told)?;
        if page.items.is_empty() {
            return Err("there are fewer items than are to be changed".into());
        }
        for item in &page.items {
            rewrite(device, item.id, &format!("{} round{round}", item.title)).await?;
        }
        let changed = u32::try_from(page.items.len())?;
        (left, offset) = (left - changed, offset + changed);
    }
    Ok(())
}

async fn rewrite(device: &Device, id: ItemId, title: &str) -> Outcome {
    let mut draft = device.edit(id).await.map_err(told)?;
    title.clone_into(&mut draft.title);
    device.save(draft).await.map(drop).map_err(told)
}

/// Milliseconds from the wish to save on one device to the list of the other that shows it.
async fn tell(here: &Device, there: &Device, feed: &mut Feed, news: u32) -> Outcome<f64> {
    let title = format!("news{news}x");
    let began = Instant::now();
    let write = async {
        let mut draft = numbered(news);
        draft.title = title.clone();
        here.save(draft).await.map_err(told)?;
        synchronise(here).await
    };
    let hear = async {
        while total(there, &title).await? == 0 {
            let Some(Ok(Message::Text(text))) = feed.next().await else {
                return Err("the feed ended".into());
            };
            if there.hear(&text).map_err(told)?.is_news {
                synchronise(there).await?;
            }
        }
        Ok(milliseconds(began))
    };
    let ((), taken) = try_join(write, hear).await?;
    Ok(taken)
}

type Feed = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn listen(device: &Device) -> Outcome<Feed> {
    let feed = device.feed(Carrier::WebSocket, None).map_err(told)?;
    let (mut socket, _) = connect_async(feed.url.as_str()).await?;
    socket.send(Message::text(feed.secret.as_str())).await?;
    Ok(socket)
}

async fn synchronise(device: &Device) -> Outcome {
    match device.sync().await.map_err(told)?.problem {
        Some(problem) => Err(format!("{problem:?}").into()),
        None => Ok(()),
    }
}

async fn total(device: &Device, query: &str) -> Outcome<u32> {
    Ok(device.search(query, 0, 50).await.map_err(told)?.total)
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
