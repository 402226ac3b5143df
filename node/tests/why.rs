//! The real program says why another server cannot be reached.

#![cfg(unix)]

#[path = "../src/federation/out/tests/authority.rs"]
#[expect(clippy::unwrap_used, reason = "this is how a test fails")]
mod authority;
#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
mod program;

use std::net::SocketAddr;

use authority::Authority;
use client::{Client, Outcome};
use program::{Program, plain_command};
use tokio::sync::watch;

/// A server that does not move.
fn always(server: SocketAddr) -> watch::Receiver<Option<SocketAddr>> {
    watch::channel(Some(server)).1
}

/// What `pearvault-node federation …` says, and whether all is well.
fn say(
    words: &[&str],
    authority: &Authority,
    peers: &[(&str, SocketAddr)],
) -> Outcome<(bool, String)> {
    let peers: Vec<_> = peers
        .iter()
        .map(|(host, at)| format!("{host}={at}"))
        .collect();
    let folder = tempfile::tempdir()?;
    let mut command = plain_command();
    command.arg("federation").args(words);
    command.arg("--data").arg(folder.path());
    command.arg("--authorities").arg(&authority.file);
    if !peers.is_empty() {
        command.args(["--dev-peer", &peers.join(",")]);
    }
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(said)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn way_to_another_node_is_looked_at_step_by_step() -> Outcome {
    let authority = Authority::new();
    let folder = tempfile::tempdir()?;
    let flags = [
        "--domain",
        "b.test",
        "--api-domain",
        "kp.b.test",
        "--admin",
        "ada@b.test",
        "--account-difficulty",
        "1",
    ];
    let node = Program::start(folder.path(), &flags)?;
    let plain: SocketAddr = node.url().trim_start_matches("http://").parse()?;
    let domain = authority.before("b.test", always(plain)).await;
    let api = authority.before("kp.b.test", always(plain)).await;
    let peers = [("b.test", domain), ("kp.b.test", api)];

    let (well, said) = say(&["why", "b.test"], &authority, &peers)?;
    assert!(well, "{said}");
    for expected in [
        "ok    b.test is at",
        "ok    https://b.test/.well-known/keypears.json names https://kp.b.test/api, administrator ada@b.test",
        "ok    https://kp.b.test/api/serverInfo answers for b.test",
        "ok    its clock and ours are 0 s apart",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }

    let denied = ["why", "b.test", "--deny-domain", "b.test"];
    let (well, said) = say(&denied, &authority, &peers)?;
    assert!(
        !well && said.contains("exchanges nothing with b.test"),
        "{said}"
    );

    Client::new(node.url()).create("bob@b.test").await?;
    let (well, said) = say(&["why", "bob@b.test"], &authority, &peers)?;
    assert!(
        well && said.contains("bob@b.test has a key, 036b17d1"),
        "{said}"
    );
    for (address, expected) in [
        ("carol@b.test", "carol@b.test has no key there"),
        ("Bob@b.test", "such as bob@example.com"),
    ] {
        let (well, said) = say(&["why", address], &authority, &peers)?;
        assert!(!well && said.contains(expected), "{said}");
    }

    let doctor = ["doctor", "--domain", "b.test", "--api-domain", "kp.b.test"];
    let (well, said) = say(&doctor, &authority, &peers)?;
    assert!(
        well && said.contains("b.test names this node, kp.b.test"),
        "{said}"
    );
    let (well, said) = say(&["doctor", "--domain", "b.test"], &authority, &peers)?;
    assert!(!well, "it is said to be elsewhere");
    assert!(
        said.contains("names kp.b.test, and this node says that it is b.test"),
        "{said}"
    );
    node.stop()?;

    // Gone.
    let (well, said) = say(&["why", "b.test"], &authority, &peers)?;
    assert!(!well && said.contains("WRONG"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn node_that_answers_for_others_or_is_another_one_is_told() -> Outcome {
    let authority = Authority::new();
    let folder = tempfile::tempdir()?;
    let flags = [
        "--domain",
        "c.test",
        "--also-domain",
        "d.test",
        "--api-domain",
        "b.test",
    ];
    let node = Program::start(folder.path(), &flags)?;
    let plain: SocketAddr = node.url().trim_start_matches("http://").parse()?;
    let b = authority.before("b.test", always(plain)).await;
    let d = authority.before("d.test", always(plain)).await;
    let peers = [("b.test", b), ("d.test", d)];
    for words in [
        &["doctor", "--domain", "b.test"][..],
        &["why", "bob@b.test"],
        &["why", "b.test"],
    ] {
        let (well, said) = say(words, &authority, &peers)?;
        assert!(!well, "{words:?}: {said}");
        assert!(
            said.contains("/api/serverInfo answers for c.test, not for b.test")
                && said.contains("--also-domain b.test"),
            "{words:?}: {said}"
        );
    }
    // One of several that it serves, not its first.
    let words = ["doctor", "--domain", "d.test", "--api-domain", "b.test"];
    let (well, said) = say(&words, &authority, &peers)?;
    assert!(
        well && said.contains("/api/serverInfo answers for d.test"),
        "{said}"
    );

    // Where this one sends others, another one answers.
    let other = tempfile::tempdir()?;
    let flags = [
        "--domain",
        "d.test",
        "--also-domain",
        "b.test",
        "--api-domain",
        "kp.d.test",
    ];
    let other = Program::start(other.path(), &flags)?;
    let plain: SocketAddr = other.url().trim_start_matches("http://").parse()?;
    let b = authority.before("b.test", always(plain)).await;
    let (well, said) = say(&words, &authority, &[("b.test", b), ("d.test", d)])?;
    assert!(
        !well && said.contains("what answers at b.test says that it is kp.d.test"),
        "{said}"
    );
    other.stop()?;
    node.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_named_with_what_to_do() -> Outcome {
    let authority = Authority::new();
    let folder = tempfile::tempdir()?;
    let node = Program::start(folder.path(), &["--domain", "b.test"])?;
    let plain: SocketAddr = node.url().trim_start_matches("http://").parse()?;
    let foreign = authority.before("c.test", always(plain)).await;
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for (domain, at, expected, advice) in [
        ("B.test", None, "\"B.test\" is no domain", "in lower case"),
        (
            "none.invalid",
            None,
            "none.invalid has no address",
            "Is it spelled right?",
        ),
        (
            "alice@localhost",
            None,
            "localhost is this computer; other servers cannot reach it",
            "of a domain in the DNS",
        ),
        (
            "nonsense",
            None,
            "\"nonsense\" is no domain",
            "such as bob@example.com",
        ),
        ("b.test", Some(plain), "speaks no TLS", "reverse proxy"),
        ("b.test", Some(nobody), "no connection", "firewall"),
        (
            "b.test",
            Some(foreign),
            "no trusted certificate",
            "--authorities",
        ),
    ] {
        let peers: Vec<_> = at.map(|at| (domain, at)).into_iter().collect();
        let (well, said) = say(&["why", domain], &authority, &peers)?;
        assert!(!well, "{domain}: {said}");
        assert!(
            said.contains(expected) && said.contains(advice),
            "{domain}: {said}"
        );
    }
    // Nothing is looked at for what cannot be an address.
    let (well, said) = say(&["why", "B ob@b.test"], &authority, &[("b.test", plain)])?;
    assert!(!well, "{said}");
    assert!(
        said.starts_with("WRONG \"B ob@b.test\" is no address"),
        "{said}"
    );
    let (well, said) = say(&["doctor"], &authority, &[])?;
    assert!(!well && said.contains("--domain"), "{said}");
    node.stop()
}
