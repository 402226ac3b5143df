//! Figures of a node: `cargo run --release -p pearvault-node --example bench_node`.
//!
//! Prints one JSON object a line, `{name, value, unit}`.

#[path = "../tests/node/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
#[path = "served/load.rs"]
mod load;
#[path = "served/served.rs"]
#[expect(dead_code, reason = "other figures use the rest")]
mod served;

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::post};
use client::{Client, Outcome, item};
use node::config::Config;
use proto::{
    api::challenge::Purpose,
    ids::{AccountId, UnixMillis},
};
use serde_json::{Value, json};
use served::{Server, print};
use tokio::{net::TcpListener, time::Instant};
use wasm_core::{kdf::server::hash_login_key, secret::LoginKey};

/// Requests under way at once.
const CONCURRENCY: u16 = 64;
/// Time of one measurement.
const MEASURE: Duration = Duration::from_secs(5);
/// Time of one round of password checks.
const ROUND: Duration = Duration::from_secs(3);
/// Rounds of password checks.
const ROUNDS: usize = 3;
/// Sealed bytes of one half of an item, as a login has them.
const HALF_BYTES: usize = 300;

fn main() -> anyhow::Result<()> {
    if served::serve_if_child()? {
        return Ok(());
    }
    served::run(measure())
}

/// Threads of a node's password checks by default.
fn kdf_threads() -> usize {
    Config::new(Path::new("").to_owned()).kdf_threads
}

async fn measure() -> Outcome {
    let folder = tempfile::tempdir()?;
    let child = Server::start(folder.path(), None)?;
    let plain = Client::new(child.url());
    plain.get("/ready").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    if let Some(bytes) = child.resident_bytes() {
        print("node.memory_idle_mb", bytes / 1e6, "MB");
    }

    let client = plain.signed_in(&plain.create("ada@localhost").await?);
    let numbers = Arc::new(AtomicU64::new(0));
    let writes = throughput(|| {
        let (client, number) = (client.clone(), numbers.fetch_add(1, Ordering::Relaxed));
        async move {
            // Many items, each written again and again, as an account's life has it.
            let id = item(u16::try_from(number % 10_000)?);
            client
                .put(id, number / 10_000 + 1, &[7; HALF_BYTES])
                .await?
                .accepted()?;
            Ok(())
        }
    });
    print("node.vault_writes_per_s", writes.await?, "1/s");

    let node = child.url().trim_start_matches("http://").parse()?;
    let bare = bare_axum().await?;
    let body = json!({"json": {"address": "ada@localhost"}}).to_string();
    for _ in 0..ROUNDS {
        for (name, at) in [("", node), (".straight", bare)] {
            let (path, expected) = ("/api/getPublicKey", client::PUBLIC_KEY);
            let rate = load::answers_per_second(at, path, &body, expected, ROUND).await?;
            print(&format!("node.get_public_key_per_s{name}"), rate, "1/s");
        }
    }

    // By turns, so that whatever else the machine does meets both; whoever reads takes medians.
    let threads = kdf_threads();
    for _ in 0..ROUNDS {
        let bare = bare_pbkdf2(threads)?;
        let logins = logins(&plain, threads).await?;
        print("node.bare_pbkdf2_per_s", bare, "1/s");
        print("node.logins_per_s", logins, "1/s");
        print("node.logins_to_bare_pbkdf2", logins / bare, "ratio");
    }
    for (name, milliseconds) in refusals(&plain).await? {
        print(name, milliseconds, "ms");
    }
    if let Some(bytes) = child.resident_bytes() {
        print("node.memory_after_load_mb", bytes / 1e6, "MB");
    }
    Ok(())
}

/// axum alone: it reads the same JSON and answers with the same bytes, and has nothing to look up.
async fn bare_axum() -> Outcome<SocketAddr> {
    let answer =
        |Json(_): Json<Value>| async { Json(json!({"json": {"publicKey": client::PUBLIC_KEY}})) };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let router = Router::new().route("/api/getPublicKey", post(answer));
    // Ends with the program.
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(at)
}

/// Calls a second, with [`CONCURRENCY`] under way.
async fn throughput<F>(call: impl Fn() -> F) -> Outcome<f64>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..CONCURRENCY {
        running.spawn(call());
    }
    let mut done = 0.0;
    while let Some(result) = running.join_next().await {
        result??;
        if started.elapsed() < MEASURE {
            done += 1.0;
            running.spawn(call());
        }
    }
    Ok(done / MEASURE.as_secs_f64())
}

/// Logins a second with challenge, proof of work and a session at the end, so many at once that
/// every thread of the node's password checks has work.
async fn logins(client: &Client, threads: usize) -> Outcome<f64> {
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    let log_in = |number: u8| {
        let client = client.clone();
        async move {
            let pow = client.solved(Purpose::Login, "ada@localhost").await?;
            let ask = client::login("ada@localhost", 1, number, pow)?;
            let answer = client.json("POST", "/api/v1/sessions", &ask).await?;
            if answer.status == 200 {
                Outcome::Ok(number)
            } else {
                Err(answer.text().into())
            }
        }
    };
    for number in 0..u8::try_from(threads + 2).unwrap_or(50) {
        running.spawn(log_in(number));
    }
    let (mut done, mut last) = (0.0, 0.0);
    while let Some(result) = running.join_next().await {
        let number = result??;
        if started.elapsed() < ROUND {
            (done, last) = (done + 1.0, started.elapsed().as_secs_f64());
            running.spawn(log_in(number));
        }
    }
    Ok(done / last)
}

/// Median time to the refusal of a wrong password and of an unknown address, by turns, so that
/// whatever else the machine does meets both.
async fn refusals(client: &Client) -> Outcome<[(&'static str, f64); 2]> {
    let cases = [
        ("node.wrong_password_ms", "ada@localhost"),
        ("node.unknown_address_ms", "bob@localhost"),
    ];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..15 {
        for ((_, address), times) in cases.iter().zip(&mut times) {
            let pow = client.solved(Purpose::Login, address).await?;
            let ask = client::login(address, 9, 1, pow)?;
            let started = Instant::now();
            let answer = client.json("POST", "/api/v1/sessions", &ask).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            if answer.status != 401 {
                return Err(answer.text().into());
            }
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let [wrong, unknown] = &mut times;
    Ok([(cases[0].0, median(wrong)), (cases[1].0, median(unknown))])
}

/// The same hash a second with nothing around it, on as many threads.
fn bare_pbkdf2(threads: usize) -> Outcome<f64> {
    let account = AccountId::make(UnixMillis(1), [1; 10]);
    let started = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            std::thread::spawn(move || {
                let key = LoginKey::init_with(|bytes| bytes.fill(1));
                let mut done = 0.0;
                while started.elapsed() < ROUND {
                    std::hint::black_box(hash_login_key(&key, &account));
                    done += 1.0;
                }
                done / started.elapsed().as_secs_f64()
            })
        })
        .collect();
    let mut sum = 0.0;
    for worker in workers {
        sum += worker.join().map_err(|_| "a worker failed")?;
    }
    Ok(sum)
}
