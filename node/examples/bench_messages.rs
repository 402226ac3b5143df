//! Figures of messages: `cargo run --release -p pearvault-node --example bench_messages`.
//!
//! A message counts when its recipient's server has it on disk and its sender's server has noted that. Each is paid for by work of one try,
//! made beforehand: what is measured is the node. The bare loop commits rows of the same size to the same disk and
//! does nothing else. `PEARVAULT_BENCH_MESSAGES` is how many are sent in a round, 4 000 where it is not set.

#[path = "../src/federation/out/tests/authority.rs"]
#[expect(clippy::unwrap_used, reason = "figures end where this fails")]
mod authority;
#[path = "served/bare.rs"]
mod bare;
#[path = "../tests/node/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
#[path = "served/served.rs"]
mod served;
#[path = "served/writer.rs"]
mod writer;

use std::time::Duration;

use authority::Authority;
use client::{Client, Outcome};
use served::{Place, Server, number, print};
use tokio::{sync::watch, task::JoinSet, time::Instant};
use writer::Writer;

/// Messages of one round.
const MESSAGES: u32 = 4000;
/// Rounds of each, by turns with the bare loop.
const ROUNDS: u32 = 3;
/// Pairs of correspondents, each of which writes in one direction.
const PAIRS: u32 = 32;
/// Messages that are sent one after the other, for the time that one takes.
const ALONE: u32 = 200;
/// Bytes of a row of the bare loop: those of a short message with all that is kept beside it.
const ROW_BYTES: usize = 400;
/// Time of the bare loop in a round.
const BARE: Duration = Duration::from_secs(2);
const DOMAINS: [&str; 2] = ["a.test", "b.test"];

fn main() -> anyhow::Result<()> {
    if served::serve_if_child()? {
        return Ok(());
    }
    served::run(measure())
}

async fn measure() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), None)?;
    let client = Client::new(server.url());
    let pairs = pairs([(&client, "localhost"), (&client, "localhost")]).await?;
    compare("messages.local", pairs, true).await?;
    memory("messages.local_memory", &server);
    drop(server);

    let authority = Authority::new();
    let mut fronts = Vec::new();
    let mut peers = Vec::new();
    for domain in DOMAINS {
        let (front, at) = watch::channel(None);
        peers.push(format!("{domain}={}", authority.before(domain, at).await));
        fronts.push(front);
    }
    let mut servers = Vec::new();
    for (domain, front) in DOMAINS.iter().zip(&fronts) {
        let folder = tempfile::tempdir()?;
        let place = Place {
            domain: (*domain).to_owned(),
            authorities: authority.file.clone(),
            peers: peers.clone(),
        };
        let server = Server::start_at(folder.path(), &place)?;
        front.send_replace(Some(server.url().trim_start_matches("http://").parse()?));
        servers.push((server, folder));
    }
    let clients = [0, 1].map(|which: usize| Client::new(servers[which].0.url()));
    let [a, b] = &clients;
    let pairs = self::pairs([(a, DOMAINS[0]), (b, DOMAINS[1])]).await?;
    compare("messages.federated", pairs, false).await?;
    memory("messages.federated_memory", &servers[0].0);
    Ok(())
}

fn memory(name: &str, server: &Server) {
    if let Some(bytes) = server.resident_bytes() {
        print(name, bytes / 1e6, "MB");
    }
}

async fn pairs(at: [(&Client, &str); 2]) -> Outcome<Vec<[Writer; 2]>> {
    let mut pairs = Vec::new();
    for number in 0..PAIRS {
        let [(a, of_a), (b, of_b)] = at;
        pairs.push([
            Writer::new(a, format!("from{number}@{of_a}")).await?,
            Writer::new(b, format!("to{number}@{of_b}")).await?,
        ]);
    }
    Ok(pairs)
}

/// Rounds of messages; `with_bare`: beside bare commits.
async fn compare(name: &str, mut pairs: Vec<[Writer; 2]>, with_bare: bool) -> Outcome {
    let each = number("PEARVAULT_BENCH_MESSAGES", MESSAGES)?.div_ceil(PAIRS);
    let messages = f64::from(each * PAIRS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        Step::Work(each).of_all(&mut pairs).await?;
        let took = began.elapsed().as_secs_f64();
        print(&format!("{name}_challenges_per_s"), messages / took, "1/s");

        let began = Instant::now();
        Step::Send.of_all(&mut pairs).await?;
        let took = began.elapsed().as_secs_f64();
        print(&format!("{name}_kept_per_s"), messages / took, "1/s");
        Step::Wait(each).of_all(&mut pairs).await?;
        let took = began.elapsed().as_secs_f64();
        print(&format!("{name}_per_s"), messages / took, "1/s");
        if with_bare {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join("bare.db");
            let straight = bare::commits_per_second(&file, ROW_BYTES, BARE)?;
            print(&format!("{name}_per_s.straight"), straight, "1/s");
        }
    }
    let [from, to] = &mut pairs[0];
    from.work(to.address(), ALONE).await?;
    let mut times = Vec::new();
    while from.has_work() {
        let began = Instant::now();
        from.send_one(to.address()).await?;
        to.wait_for(1).await?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    print(&format!("{name}_p50"), times[times.len() / 2], "ms");
    print(&format!("{name}_p99"), times[times.len() * 99 / 100], "ms");
    Ok(())
}

/// What all pairs do at once.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The first of each works for so many messages.
    Work(u32),
    /// It sends one for each work.
    Send,
    /// So many have come, and the sender's server knows.
    Wait(u32),
}

impl Step {
    async fn of(self, [from, to]: &mut [Writer; 2]) -> Outcome {
        match self {
            Self::Work(count) => from.work(to.address(), count).await,
            Self::Send => from.send(to.address()).await,
            Self::Wait(count) => {
                to.wait_for(count).await?;
                from.wait_for(count).await
            }
        }
    }

    async fn of_all(self, pairs: &mut Vec<[Writer; 2]>) -> Outcome {
        let mut running = JoinSet::new();
        for mut pair in pairs.drain(..) {
            running.spawn(async move {
                self.of(&mut pair).await?;
                Outcome::Ok(pair)
            });
        }
        while let Some(pair) = running.join_next().await {
            pairs.push(pair??);
        }
        Ok(())
    }
}
