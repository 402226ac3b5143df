//! Two real programs on one database serve one account.

#![cfg(unix)]

#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
mod program;

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use client::{Client, Outcome, item, live};
use futures_util::{SinkExt as _, StreamExt as _};
use program::{Program, command};
use proto::api::{account::SessionOpened, feed::FeedNews, vault::VaultPage};
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

const ADA: &str = "ada@localhost";
/// What news may take that comes by the slowest way.
const SOON: Duration = Duration::from_mins(1);

/// Two nodes with one secret.
struct Pair {
    here: Program,
    there: Program,
    _folders: [TempDir; 2],
}

impl Pair {
    /// None where this machine has no `PostgreSQL`.
    fn start(more: &[&str]) -> Outcome<Option<Self>> {
        let Some(database) = testkit::postgres::database() else {
            return Ok(None);
        };
        let mut flags = vec![
            "--database",
            &database,
            "--rate",
            "off",
            "--account-difficulty",
            "1",
            "--login-difficulty",
            "1",
        ];
        flags.extend(more);
        let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
        let here = Program::start(folders[0].path(), &flags)?;
        let secret = |folder: &TempDir| folder.path().join("secret.key");
        std::fs::copy(secret(&folders[0]), secret(&folders[1]))?;
        let there = Program::start(folders[1].path(), &flags)?;
        Ok(Some(Self {
            here,
            there,
            _folders: folders,
        }))
    }
}

struct Feed(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Feed {
    async fn open(program: &Program, session: &SessionOpened) -> Outcome<Self> {
        let url = program.url().replace("http://", "ws://");
        let (mut socket, _) = connect_async(format!("{url}/api/v1/vault/feed")).await?;
        let hello = format!(r#"{{"token":"{}"}}"#, session.token.0);
        socket.send(Message::text(hello)).await?;
        Ok(Self(socket))
    }

    /// Waits until it is told of a revision.
    async fn hear(&mut self, revision: u64) -> Outcome {
        timeout(SOON, async {
            loop {
                let Some(Ok(Message::Text(text))) = self.0.next().await else {
                    return Err("the feed ended".into());
                };
                let news: FeedNews = serde_json::from_str(&text)?;
                if news.latest.0 == revision {
                    return Ok(());
                }
            }
        })
        .await?
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn account_lives_on_both_and_each_hears_of_the_others_writes() -> Outcome {
    let Some(pair) = Pair::start(&[])? else {
        return Ok(());
    };
    let (here, there) = (Client::new(pair.here.url()), Client::new(pair.there.url()));
    let laptop = here.create(ADA).await?;
    let phone: SessionOpened = there.log_in(ADA, 1, 2).await?.ok()?;
    let mut feeds = [
        Feed::open(&pair.here, &phone).await?,
        Feed::open(&pair.there, &laptop).await?,
    ];
    for (revision, client) in (1..).zip([
        here.signed_in(&phone),
        there.signed_in(&laptop),
        here.signed_in(&laptop),
    ]) {
        let number = u16::try_from(revision)?;
        let accepted = client.put(item(number), 1, b"sealed").await?.accepted()?;
        assert_eq!(accepted.revision.0, revision);
        for feed in &mut feeds {
            feed.hear(revision).await?;
        }
    }
    let page: VaultPage = there.signed_in(&phone).get("/api/v1/vault").await?.ok()?;
    assert_eq!((page.records.len(), page.latest.0), (3, 3));
    assert!(
        page.records
            .iter()
            .all(|record| record.content == live(b"sealed"))
    );
    pair.here.stop()?;
    pair.there.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_tells_nodes_of_one_anothers_writes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let Some(nats) = Nats::start(folder.path()).await? else {
        return Ok(());
    };
    let flags = ["--nats", &nats.url, "--log", "node=debug"];
    let Some(pair) = Pair::start(&flags)? else {
        return Ok(());
    };
    let (here, there) = (Client::new(pair.here.url()), Client::new(pair.there.url()));
    let laptop = here.create(ADA).await?;
    let mut feed = Feed::open(&pair.there, &laptop).await?;
    feed.hear(0).await?;
    // Nobody forges news: an account's id alone makes the node ask the database.
    let stranger = async_nats::connect(&nats.url).await?;
    stranger
        .publish("pearvault.written", "nonsense".into())
        .await?;
    stranger
        .publish("pearvault.written", laptop.account.to_string().into())
        .await?;
    stranger.flush().await?;
    for revision in 1..=5_u16 {
        let client = here.signed_in(&laptop);
        client.put(item(revision), 1, b"sealed").await?.accepted()?;
        feed.hear(revision.into()).await?;
    }
    // Without NATS they go on.
    drop(nats);
    here.signed_in(&laptop)
        .put(item(6), 1, b"sealed")
        .await?
        .accepted()?;
    feed.hear(6).await?;
    drop(there);
    pair.here.stop()?;
    let log = pair.there.stop_and_read_log()?;
    let told = log.matches("told of a write on another node").count();
    assert!(told > 1, "only the stranger's came over NATS: {log}");
    assert!(!log.contains(&laptop.account.to_string()), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn node_outlives_its_connections_to_the_database() -> Outcome {
    let Some(database) = testkit::postgres::database() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let flags = [
        "--database",
        &database,
        "--account-difficulty",
        "1",
        "--login-difficulty",
        "1",
    ];
    let program = Program::start(folder.path(), &flags)?;
    let client = Client::new(program.url());
    let client = client.signed_in(&client.create(ADA).await?);
    client.put(item(1), 1, b"before").await?.accepted()?;
    let mut connection = sqlx::PgConnection::connect(&database).await?;
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&mut connection)
    .await?;
    client.put(item(2), 1, b"after").await?.accepted()?;
    let page: VaultPage = client.get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.records.len(), 2);
    program.stop()
}

#[test]
fn database_that_is_away_is_named_without_its_password() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = "postgres://ada:hunter2@127.0.0.1:1/vault";
    let output = command(folder.path(), &["--database", url]).output()?;
    let said = String::from_utf8(output.stderr)?;
    assert!(!output.status.success());
    assert!(
        said.contains("vault of PostgreSQL on 127.0.0.1:1")
            && said.contains("is PostgreSQL running there")
            && !said.contains("hunter2"),
        "{said}"
    );
    Ok(())
}

/// A server of NATS; dropping it kills it.
struct Nats {
    child: Child,
    url: String,
}

impl Nats {
    /// None, with a word on standard error, where this machine has none.
    async fn start(folder: &Path) -> Outcome<Option<Self>> {
        let started = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            eprintln!("skipped: no NATS here (on Debian: apt install nats-server)");
            return Ok(None);
        };
        let mut server = Self {
            child,
            url: String::new(),
        };
        let path = folder.join(format!("nats-server_{}.ports", server.child.id()));
        server.url = timeout(SOON, async {
            loop {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                if let Ok(ports) = serde_json::from_str::<serde_json::Value>(&text)
                    && let Some(url) = ports["nats"][0].as_str()
                {
                    return url.to_owned();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await?;
        Ok(Some(server))
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
