//! The real program: how it is told things, and what it says when they are wrong.

#![cfg(unix)]

#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
mod program;

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::Path};

use client::{Client, Outcome};
use program::{Program, command, plain_command};
use proto::{api::info::NodeInfo, error::ErrorCode};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn flag_beats_environment_and_environment_beats_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = "domain = \"file.example\"\naccount_difficulty = 3\nlogin_difficulty = 4\n";
    fs::write(folder.path().join("pearvault.toml"), file)?;
    let environment = [
        ("PEARVAULT_DOMAIN", "env.example"),
        ("PEARVAULT_LOGIN_DIFFICULTY", "5"),
    ];
    let flags = ["--domain", "flag.example"];
    let program = Program::start_with(folder.path(), &flags, &environment)?;
    let info: NodeInfo = Client::new(program.url()).get("/api/v1/info").await?.ok()?;
    assert_eq!(info.domains, ["flag.example"]);
    assert_eq!(info.api_domain, "flag.example");
    assert_eq!((info.account_difficulty.0, info.login_difficulty.0), (3, 5));
    program.stop()?;
    let program = Program::start_with(folder.path(), &[], &environment)?;
    let info: NodeInfo = Client::new(program.url()).get("/api/v1/info").await?.ok()?;
    assert_eq!(info.domains, ["env.example"]);
    program.stop()
}

#[test]
fn new_folder_is_its_owners_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("made/by/the/node");
    Program::start(&data, &[])?.stop()?;
    let mode = |path: &str| -> Outcome<u32> {
        Ok(fs::metadata(data.join(path))?.permissions().mode() & 0o777)
    };
    assert_eq!(mode("")?, 0o700);
    assert_eq!(mode("secret.key")?, 0o600);
    assert_eq!(mode("pearvault.db")?, 0o600);
    // The log of the database was moved into it at the end.
    assert!(!data.join("pearvault.db-wal").exists());
    assert!(fs::metadata(data.join("pearvault.db"))?.len() > 0);
    Ok(())
}

#[test]
fn mistakes_are_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    Program::start(&data, &[])?.stop()?;

    let taken = TcpListener::bind("127.0.0.1:0")?;
    let listen = taken.local_addr()?.to_string();
    let said = run_to_failure(&data, &["--listen", &listen])?;
    assert!(
        said.contains("cannot listen on") && said.contains("--listen"),
        "{said}"
    );

    let said = run_to_failure(&data, &["--domain", "Example.com"])?;
    assert!(said.contains("domain = \"Example.com\""), "{said}");

    let file = folder.path().join("file");
    fs::write(&file, "x")?;
    let said = run_to_failure(&file, &[])?;
    assert!(said.contains("is a file, not a folder"), "{said}");

    fs::write(data.join("pearvault.toml"), "domian = \"example.com\"")?;
    let said = run_to_failure(&data, &[])?;
    assert!(said.contains("unknown field `domian`"), "{said}");
    fs::remove_file(data.join("pearvault.toml"))?;

    let secret = data.join("secret.key");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644))?;
    let said = run_to_failure(&data, &[])?;
    assert!(said.contains("chmod 600"), "{said}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
    fs::write(&secret, "short")?;
    let said = run_to_failure(&data, &[])?;
    assert!(
        said.contains("has not 32 bytes but 5; put it aside"),
        "{said}"
    );

    fs::write(&secret, vec![1; 32])?;
    // In place of one that is another user's, which these tests may be allowed to write.
    fs::create_dir(folder.path().join("kept"))?;
    fs::create_dir(folder.path().join("kept/pearvault.db"))?;
    let said = run_to_failure(&folder.path().join("kept"), &[])?;
    assert!(
        said.contains("cannot write to ") && said.contains("kept/pearvault.db; "),
        "{said}"
    );
    fs::write(data.join("pearvault.db"), vec![b'x'; 4096])?;
    let said = run_to_failure(&data, &[])?;
    assert!(said.contains("pearvault.db"), "{said}");
    assert_eq!(said.matches("not a database").count(), 1, "{said}");

    let said = run_to_failure(&folder.path().join("other"), &["--log", "=="])?;
    assert!(
        said.contains("log = ") && said.contains("debug or trace"),
        "{said}"
    );
    Ok(())
}

/// What `pearvault-node admin …` says, and whether it did it.
fn administer(data: &Path, words: &[&str]) -> Outcome<(bool, String)> {
    let mut command = plain_command();
    command.arg("admin").args(words).arg("--data").arg(data);
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(said)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_invites_and_resets_beside_the_node_that_runs() -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let (well, said) = administer(data, &["users", "localhost"])?;
    assert!(!well && said.contains("no database in"), "{said}");
    let flags = ["--registration", "closed"];
    let program = Program::start(data, &flags)?;
    let client = Client::new(program.url());

    let (well, said) = administer(data, &["users", "localhost"])?;
    assert!(well && said == "no accounts\n", "{said}");
    let (well, said) = administer(data, &["invite", "ada@localhost"])?;
    assert!(
        well && said.contains("to make the account ada@localhost"),
        "{said}"
    );
    let code = said.lines().next().unwrap_or_default();
    let redeem = |code: &str, purpose: &str, key: u32, number: u8| {
        let key = client::key(key)?;
        let device = client::device(number);
        let body = json!({
            "address": "ada@localhost", "code": code, "purpose": purpose,
            "loginKey": client::login_key(number), "key": key, "device": device,
        });
        Outcome::Ok(body)
    };
    let wrong = redeem(&"0".repeat(32), "account", 1, 1)?;
    let wrong = client.json("POST", "/api/v1/codes/redeem", &wrong).await?;
    assert_eq!(wrong.refusal()?.1, ErrorCode::CodeWrong);
    let made = redeem(code, "account", 1, 1)?;
    let made = client.json("POST", "/api/v1/codes/redeem", &made).await?;
    assert_eq!(made.status, 200, "{}", made.text());
    let (well, said) = administer(data, &["users", "localhost"])?;
    assert!(well && said == "ada@localhost\n", "{said}");

    let (well, said) = administer(data, &["reset", "ada@localhost"])?;
    assert!(
        well && said.contains("new password for ada@localhost"),
        "{said}"
    );
    let code = said.lines().next().unwrap_or_default();
    let reset = redeem(code, "reset", 2, 2)?;
    let reset = client.json("POST", "/api/v1/codes/redeem", &reset).await?;
    assert_eq!(reset.status, 200, "{}", reset.text());

    for (words, expected) in [
        (["invite", "ada@localhost"], "ada@localhost is taken"),
        (["reset", "bob@localhost"], "no account bob@localhost"),
        (
            ["invite", "ada@other.example"],
            "none of this node's own domains, localhost",
        ),
        (["invite", "Ada@localhost"], "lower-case letters"),
        (["reset", "ada"], "expected an address, such as"),
    ] {
        let (well, said) = administer(data, &words)?;
        assert!(!well && said.contains(expected), "{said}");
    }
    program.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_holds_nothing_personal() -> Outcome {
    let folder = tempfile::tempdir()?;
    let flags = [
        "--log",
        "debug",
        "--account-difficulty",
        "1",
        "--login-difficulty",
        "1",
    ];
    let program = Program::start(folder.path(), &flags)?;
    let client = Client::new(program.url());
    let opened = client.create("secretname@localhost").await?;
    let signed_in = client.signed_in(&opened);
    signed_in
        .put(client::item(1), 1, b"sealed content")
        .await?
        .accepted()?;
    client.get("/api/v1/addresses/secretname@localhost").await?;
    client.get("/api/v1/vault?secretquery").await?;
    client.log_in("secretname@localhost", 7, 1).await?;
    let log = program.stop_and_read_log()?;
    assert!(log.contains("\"route\":\"/api/v1/vault/{item}\""), "{log}");
    assert!(log.contains("\"code\":\"CredentialsWrong\""), "{log}");
    let token = opened.token.0.to_string();
    let account = opened.account.to_string();
    let item = client::item(1).to_string();
    for secret in [
        "secretname",
        "secretquery",
        &token,
        &account,
        &item,
        "Device 1",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    // Each line is an object of its own.
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line)?;
    }
    Ok(())
}

/// Runs it where it must refuse to start; returns what it said.
fn run_to_failure(data: &Path, flags: &[&str]) -> Outcome<String> {
    let output = command(data, flags).output()?;
    let said = String::from_utf8(output.stderr)?;
    if output.status.success() {
        return Err(format!("it ended well: {said}").into());
    }
    Ok(said)
}
