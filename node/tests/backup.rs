//! The real program: backup and restore, and the way to PostgreSQL, each shown by a log-in after it.

#![cfg(unix)]

#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
mod program;

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use client::{Client, Outcome, item, live};
use program::{Program, plain_command};
use proto::{
    api::{account::SessionOpened, feed::FeedCursor, vault::VaultPage},
    error::ErrorCode,
};

const ADA: &str = "ada@localhost";
const FLAGS: [&str; 6] = [
    "--rate",
    "off",
    "--account-difficulty",
    "1",
    "--login-difficulty",
    "1",
];
/// Items of the account that is carried about.
const ITEMS: u16 = 250;

/// An account with items, on a node that goes on running.
async fn fill(program: &Program) -> Outcome<(SessionOpened, FeedCursor)> {
    let client = Client::new(program.url());
    let opened = client.create(ADA).await?;
    let client = client.signed_in(&opened);
    for number in 0..ITEMS {
        client.put(item(number), 1, b"sealed").await?.accepted()?;
    }
    let page: VaultPage = client.get("/api/v1/vault?limit=500").await?.ok()?;
    Ok((opened, page.cursor.ok_or("no cursor")?))
}

/// Logs in with the password, and finds every item.
async fn expect_all(program: &Program) -> Outcome {
    let client = Client::new(program.url());
    let session: SessionOpened = client.log_in(ADA, 1, 7).await?.ok()?;
    let page: VaultPage = client
        .signed_in(&session)
        .get("/api/v1/vault?limit=500")
        .await?
        .ok()?;
    assert_eq!(page.records.len(), usize::from(ITEMS));
    assert_eq!(page.latest.0, u64::from(ITEMS));
    let whole = |record: &proto::api::vault::VaultRecord| record.content == live(b"sealed");
    assert!(page.records.iter().all(whole));
    Ok(())
}

/// Runs it to its end: what it said, and whether it did what it was told.
fn run(words: &[&OsStr]) -> Outcome<(bool, String)> {
    let output = plain_command().args(words).output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(said)?))
}

fn backup_or_restore(verb: &str, file: &Path, data: &Path) -> Outcome<(bool, String)> {
    let words = [
        verb.as_ref(),
        file.as_os_str(),
        "--data".as_ref(),
        data.as_os_str(),
    ];
    run(&words)
}

/// What lies in a folder.
fn names(folder: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_of_a_running_node_is_whole_and_changed_ones_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    let file = folder.path().join("vaults.backup");
    let program = Program::start(&old, &FLAGS)?;
    let (session, cursor) = fill(&program).await?;
    let (done, said) = backup_or_restore("backup", &file, &old)?;
    assert!(done && said.contains("1 accounts, 250 items"), "{said}");
    let place = file.display();
    assert!(
        said.ends_with(&format!(", in {place} and {place}.sha256\n")),
        "{said}"
    );
    // What comes later is not in it.
    let late = Client::new(program.url()).create("bob@localhost").await?;
    drop(late);
    program.stop()?;

    assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    let check = Command::new("sha256sum")
        .args(["--check", "--quiet", "vaults.backup.sha256"])
        .current_dir(folder.path())
        .status()?;
    assert!(check.success());
    let (done, said) = backup_or_restore("backup", &file, &old)?;
    assert!(!done && said.contains("is there already"), "{said}");
    let (done, said) = backup_or_restore("restore", &file, &old)?;
    assert!(
        !done && said.contains("is there already; name another folder with --data"),
        "{said}"
    );

    let good = fs::read(&file)?;
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&file, &bad)?;
    let (done, said) = backup_or_restore("restore", &file, &new)?;
    assert!(
        !done && said.contains("use another one, or copy it again"),
        "{said}"
    );
    assert!(!new.exists(), "nothing is left of it");

    fs::write(&file, &good)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
    // The journal of a database that was put aside would be played into this one.
    fs::create_dir(&new)?;
    fs::write(new.join("pearvault.db-wal"), "")?;
    let (done, said) = backup_or_restore("restore", &file, &new)?;
    assert!(
        !done && said.contains("pearvault.db-wal is there"),
        "{said}"
    );
    fs::remove_file(new.join("pearvault.db-wal"))?;
    // Whatever else is there is somebody's.
    fs::write(new.join("pearvault.db.part"), "mine")?;
    let (done, said) = backup_or_restore("restore", &file, &new)?;
    assert!(done && said.contains("1 sessions ended"), "{said}");
    // Its own rights, whoever may read the backup.
    let database = fs::metadata(new.join("pearvault.db"))?;
    assert_eq!(database.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(new.join("pearvault.db.part"))?, b"mine");
    assert_eq!(
        names(&new)?,
        ["node.lock", "pearvault.db", "pearvault.db.part"]
    );
    let program = Program::start(&new, &FLAGS)?;
    // The session that was in the backup may have been revoked since.
    let old = Client::new(program.url()).signed_in(&session);
    let refused = old.get("/api/v1/vault").await?.refusal()?;
    assert_eq!(refused, (401, ErrorCode::SessionInvalid));
    expect_all(&program).await?;
    // Another database than the one that the cursor is of: all of it, from its start.
    let again: SessionOpened = Client::new(program.url()).log_in(ADA, 1, 8).await?.ok()?;
    let page: VaultPage = old
        .signed_in(&again)
        .get(&format!("/api/v1/vault?cursor={}", cursor.as_str()))
        .await?
        .ok()?;
    assert!(page.snapshot && page.records.len() == usize::from(ITEMS));
    let taken = Client::new(program.url()).create("bob@localhost").await;
    assert!(taken.is_ok());
    // A node is there: nothing is put under it.
    let (done, said) = backup_or_restore("restore", &file, &new)?;
    assert!(!done && said.contains("another node runs"), "{said}");
    program.stop()
}

#[test]
fn what_is_missing_or_no_backup_is_named_and_makes_no_folder() -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let at = |name: &str| folder.path().join(name);
    let expect = |verb, file: &str, expected: &[&str]| -> Outcome {
        let (done, said) = backup_or_restore(verb, &at(file), &data)?;
        for words in expected {
            assert_eq!(said.matches(words).count(), 1, "{words:?} in {said}");
        }
        assert!(!done && !data.exists(), "{said}");
        Ok(())
    };
    expect("backup", "new", &["data/pearvault.db", "with --data"])?;
    expect("restore", "new", &["there is no backup", "/new;"])?;
    fs::write(at("junk"), "no database, but whole".repeat(100))?;
    expect("restore", "junk", &["junk.sha256 is missing", "beside"])?;
    let sum = Command::new("sha256sum").arg(at("junk")).output()?.stdout;
    fs::write(at("junk.sha256"), sum)?;
    let expected = ["junk is no backup of a node", "file is not a database"];
    expect("restore", "junk", &expected)?;

    Program::start(&data, &[])?.stop()?;
    let (done, said) = backup_or_restore("backup", &at("none/new"), &data)?;
    assert!(!done && said.contains("there is no folder"), "{said}");
    assert!(said.contains("/none; make it"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_moves_to_postgres_once() -> Outcome {
    let Some(database) = testkit::postgres::database() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let program = Program::start(folder.path(), &FLAGS)?;
    let (session, cursor) = fill(&program).await?;
    let words: [&OsStr; 5] = [
        "migrate".as_ref(),
        "--from".as_ref(),
        folder.path().as_os_str(),
        "--to".as_ref(),
        database.as_ref(),
    ];
    let (done, said) = run(&words)?;
    assert!(!done && said.contains("another node runs"), "{said}");
    program.stop()?;
    let (done, said) = run(&words)?;
    assert!(done, "{said}");
    for line in ["account: 1\n", "session: 1\n", "vault_item: 250\n"] {
        assert!(said.contains(line), "{said}");
    }
    let (done, said) = run(&words)?;
    assert!(!done && said.contains("name an empty database"), "{said}");

    let mut flags = FLAGS.to_vec();
    flags.extend(["--database", &database]);
    let program = Program::start(folder.path(), &flags)?;
    // It is the same database at another place.
    let client = Client::new(program.url()).signed_in(&session);
    let path = format!("/api/v1/vault?cursor={}", cursor.as_str());
    let page: VaultPage = client.get(&path).await?.ok()?;
    assert!(!page.snapshot && page.records.is_empty());
    expect_all(&program).await?;
    program.stop()
}
