//! The real program, killed with SIGKILL in the middle of a thousand writes.

#![cfg(unix)]

#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
mod program;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use client::{Client, Outcome, item, live};
use program::Program;
use proto::api::vault::VaultPage;

/// Writes that are under way at once.
const WRITES: u16 = 1000;
/// Answers after which the program is killed.
const ANSWERED: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() -> Outcome {
    kill_while_writing(&[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_on_postgres() -> Outcome {
    match testkit::postgres::database() {
        Some(database) => kill_while_writing(&["--database", &database]).await,
        None => Ok(()),
    }
}

async fn kill_while_writing(more: &[&str]) -> Outcome {
    // A thousand requests at once are a thousand connections.
    node::server::allow_many_files();
    let folder = tempfile::tempdir()?;
    let mut flags = vec![
        "--rate",
        "off",
        "--account-difficulty",
        "1",
        "--login-difficulty",
        "1",
    ];
    flags.extend(more);
    let program = Program::start(folder.path(), &flags)?;
    let plain = Client::new(program.url());
    let opened = plain.create("ada@localhost").await?;
    let client = plain.signed_in(&opened);

    let answered = Arc::new(AtomicUsize::new(0));
    let program = Arc::new(Mutex::new(Some(program)));
    let tasks: Vec<_> = (0..WRITES)
        .map(|number| {
            let (client, answered, program) =
                (client.clone(), Arc::clone(&answered), Arc::clone(&program));
            tokio::spawn(async move {
                let accepted = client
                    .put(item(number), 1, &bytes(number))
                    .await?
                    .accepted()?;
                if answered.fetch_add(1, Ordering::SeqCst) + 1 == ANSWERED {
                    // SIGKILL, at once, from whoever had the answer.
                    drop(
                        program
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .take(),
                    );
                }
                Outcome::Ok(accepted)
            })
        })
        .collect();

    let mut acknowledged = BTreeMap::new();
    for (number, task) in (0..WRITES).zip(tasks) {
        if let Ok(accepted) = task.await? {
            assert_eq!(accepted.version.0, 1);
            assert!(acknowledged.insert(accepted.revision.0, number).is_none());
        }
    }
    let lost = usize::from(WRITES) - acknowledged.len();
    assert!(acknowledged.len() >= ANSWERED, "{}", acknowledged.len());
    assert!(lost > 0, "every write was answered before the kill");

    let program = Program::start(folder.path(), &flags)?;
    let client = Client::new(program.url()).signed_in(&opened);
    let mut stored = BTreeMap::new();
    loop {
        let since = stored.keys().next_back().copied().unwrap_or(0);
        let page: VaultPage = client
            .get(&format!("/api/v1/vault?since={since}"))
            .await?
            .ok()?;
        for record in page.records {
            stored.insert(record.revision.0, record);
        }
        if !page.has_more {
            assert_eq!(page.latest.0, stored.len() as u64);
            break;
        }
    }
    // No gap: what was written but not answered stands in the log like the rest.
    let expected: Vec<u64> = (1..=stored.len() as u64).collect();
    assert_eq!(stored.keys().copied().collect::<Vec<_>>(), expected);
    for (revision, number) in &acknowledged {
        let record = stored
            .get(revision)
            .ok_or_else(|| format!("revision {revision} is lost"))?;
        assert_eq!((record.id, record.version.0), (item(*number), 1));
        assert_eq!(record.content, live(&bytes(*number)), "revision {revision}");
    }
    // And it goes on where it stopped.
    let next = client.put(item(WRITES), 1, b"after").await?.accepted()?;
    assert_eq!(next.revision.0, stored.len() as u64 + 1);
    program.stop()?;
    Ok(())
}

/// Content that no other item has, of some hundred bytes.
fn bytes(number: u16) -> Vec<u8> {
    (0..200 + number % 300)
        .flat_map(|at| (at ^ number).to_be_bytes())
        .collect()
}
