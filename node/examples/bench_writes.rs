//! Durable writes of a node on both databases, beside a bare loop of commits:
//! `cargo run --release -p pearvault-node --example bench_writes`.
//!
//! The bare loop writes rows of the same size to the same disk, on the same database with the same
//! settings, and does nothing else. On SQLite it is one connection however many clients there are:
//! more than one transaction at a time it does not have. On `PostgreSQL` each client has its own.
//!
//! `PEARVAULT_BENCH_SECONDS` is the time of one measurement, 4 where it is not set. The disk is that of
//! the folder for temporary files.

#[path = "served/bare.rs"]
mod bare;
#[path = "../tests/node/client.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod client;
#[path = "served/served.rs"]
#[expect(dead_code, reason = "other figures use the rest")]
mod served;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use client::{Client, Outcome};
use proto::ids::{ItemId, UnixMillis};
use served::{Server, number, print};
use sqlx::{Connection as _, PgConnection};
use testkit::postgres;
use tokio::{task::JoinSet, time::Instant};

/// Clients at a time, each with an account of its own.
const CLIENTS: [usize; 3] = [1, 8, 64];
/// Rounds of each, node and bare loop by turns, so that whatever else the machine does meets both.
const ROUNDS: u32 = 3;
/// Time of one measurement, seconds.
const SECONDS: u32 = 4;
/// Sealed bytes of one half of an item, as a login has them.
const HALF_BYTES: usize = 300;

fn main() -> anyhow::Result<()> {
    if served::serve_if_child()? {
        return Ok(());
    }
    served::run(measure())
}

async fn measure() -> Outcome {
    let folder = tempfile::tempdir()?;
    let bare = Bare::Sqlite(folder.path().join("bare.db"));
    compare("node.sqlite_writes", folder.path(), None, &bare).await?;
    let Some(binaries) = postgres::binaries() else {
        eprintln!(
            "skipped: no PostgreSQL here (on Debian: apt install {})",
            postgres::PACKAGE
        );
        return Ok(());
    };
    let server = postgres::Server::start_durable(&binaries)?;
    let of_node = server.database()?;
    let bare = Bare::Postgres(server.database()?);
    let folder = tempfile::tempdir()?;
    compare("node.postgres_writes", folder.path(), Some(&of_node), &bare).await
}

async fn compare(name: &str, folder: &Path, database: Option<&str>, bare: &Bare) -> Outcome {
    let server = Server::start(folder, database)?;
    let plain = Client::new(server.url());
    let mut clients = Vec::new();
    for number in 0..CLIENTS[CLIENTS.len() - 1] {
        let session = plain.create(&format!("client{number}@localhost")).await?;
        clients.push(Client::new(server.url()).signed_in(&session));
    }
    let time = Duration::from_secs(number("PEARVAULT_BENCH_SECONDS", SECONDS)?.into());
    bare.prepare().await?;
    let mut items = 0..;
    for count in CLIENTS {
        let name = format!("{name}_{count}");
        for _ in 0..ROUNDS {
            let mut running = JoinSet::new();
            for client in &clients[..count] {
                running.spawn(write(
                    client.clone(),
                    items.next().unwrap_or_default(),
                    time,
                ));
            }
            print(&name, rate(running, time).await?, "1/s");
            let straight = bare.rate(count, time).await?;
            print(&format!("{name}.straight"), straight, "1/s");
        }
    }
    Ok(())
}

/// Writes new items, one after the other, until its time is over; how many were acknowledged by then.
async fn write(client: Client, part: u64, time: Duration) -> Outcome<u32> {
    let began = Instant::now();
    let mut done = 0;
    loop {
        client
            .put(item(part, done), 1, &[7; HALF_BYTES])
            .await?
            .accepted()?;
        if began.elapsed() >= time {
            return Ok(done);
        }
        done += 1;
    }
}

fn item(part: u64, number: u32) -> ItemId {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&number.to_be_bytes());
    ItemId::make(UnixMillis(part), random)
}

/// How many a second all of them did.
async fn rate(mut running: JoinSet<Outcome<u32>>, time: Duration) -> Outcome<f64> {
    let mut sum = 0;
    while let Some(done) = running.join_next().await {
        sum += done??;
    }
    Ok(f64::from(sum) / time.as_secs_f64())
}

/// A database with nothing before it, by its file or its URL.
enum Bare {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Bare {
    async fn prepare(&self) -> Outcome {
        if let Self::Postgres(url) = self {
            let mut connection = PgConnection::connect(url).await?;
            let table =
                "CREATE TABLE bare (number BIGSERIAL PRIMARY KEY, overview BYTEA, secrets BYTEA)";
            sqlx::query(table).execute(&mut connection).await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// Commits a second.
    async fn rate(&self, clients: usize, time: Duration) -> Outcome<f64> {
        match self {
            Self::Sqlite(file) => bare::commits_per_second(file, 2 * HALF_BYTES, time),
            Self::Postgres(url) => {
                let mut running = JoinSet::new();
                for _ in 0..clients {
                    let connection = PgConnection::connect(url).await?;
                    running.spawn(commit_to_postgres(connection, time));
                }
                rate(running, time).await
            }
        }
    }
}

async fn commit_to_postgres(mut connection: PgConnection, time: Duration) -> Outcome<u32> {
    let began = Instant::now();
    let mut done = 0;
    loop {
        sqlx::query("INSERT INTO bare (overview, secrets) VALUES ($1, $2)")
            .bind(&[7_u8; HALF_BYTES][..])
            .bind(&[7_u8; HALF_BYTES][..])
            .execute(&mut connection)
            .await?;
        if began.elapsed() >= time {
            connection.close().await?;
            return Ok(done);
        }
        done += 1;
    }
}
