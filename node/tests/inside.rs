//! No packet of the real program reaches a network that is not public, whatever names lead there.
//!
//! The test runs in namespaces of its own: every address is routed to its loopback device, whose packets
//! are counted, and names are what its `/etc/hosts` says.

#![cfg(target_os = "linux")]

#[path = "../src/federation/out/tests/authority.rs"]
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "this is how a test fails; other tests use the rest"
)]
mod authority;
#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;

use std::{fmt::Write as _, fs, process::Command};

use authority::Authority;
use client::Outcome;
use program::plain_command;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Set where the test runs inside.
const INSIDE: &str = "PEARVAULT_TEST_INSIDE";

/// Makes the namespaces' network and names, and goes on with the command in its arguments.
const SETUP: &str = "set -e
ip link set lo up
ip route add default dev lo
ip -6 route add default dev lo
mount --bind \"$HOSTS\" /etc/hosts
exec \"$@\"";

/// Addresses of every kind that is not public.
const NOT_PUBLIC: [&str; 28] = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2001:db8::1",
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
];

/// Addresses that are.
const PUBLIC: [&str; 2] = ["93.184.216.34", "2606:2800:220:1::1"];

#[test]
fn no_packet_goes_to_a_network_that_is_not_public() -> Outcome {
    let hosts = tempfile::NamedTempFile::new()?;
    let mut names = String::new();
    for (number, address) in NOT_PUBLIC.iter().chain(&PUBLIC).enumerate() {
        writeln!(names, "{address} host{number}.test")?;
    }
    for address in NOT_PUBLIC {
        writeln!(names, "{address} all.test")?;
    }
    fs::write(hosts.path(), names)?;
    let apart = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--net", "--mount"]);
        unshare.args(command);
        unshare
    };
    let works = apart(&["ip", "link", "set", "lo", "up"]).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("skipped: install util-linux and iproute2, and let users make namespaces");
        return Ok(());
    }
    let output = apart(&["sh", "-c", SETUP, "sh"])
        .arg(std::env::current_exe()?)
        .args(["--exact", "inside", "--ignored", "--nocapture"])
        .env("HOSTS", hosts.path())
        .env(INSIDE, "1")
        .output()?;
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    Ok(())
}

/// Not a test of its own: what the one above runs in its namespaces.
#[test]
#[ignore = "runs inside of another test"]
fn inside() -> Outcome {
    if std::env::var_os(INSIDE).is_none() {
        return Ok(());
    }
    let authority = Authority::new();
    let folder = tempfile::tempdir()?;
    let look = |words: &[&str]| -> Outcome<String> {
        let mut command = plain_command();
        command.args(["federation", "why"]).args(words);
        command.arg("--data").arg(folder.path());
        command.arg("--authorities").arg(&authority.file);
        let output = command.output()?;
        assert!(!output.status.success(), "nobody is there");
        Ok(String::from_utf8(output.stdout)?)
    };

    // What is counted is counted.
    for (number, address) in PUBLIC.iter().enumerate() {
        let before = packets()?;
        look(&[&format!("host{}.test", NOT_PUBLIC.len() + number)])?;
        assert!(packets()? > before, "{address} is asked");
    }
    // As the domain of an address.
    let hosts = (0..NOT_PUBLIC.len()).map(|number| format!("host{number}.test"));
    let hosts: Vec<_> = hosts.chain(["all.test".to_owned()]).collect();
    let before = packets()?;
    for host in &hosts {
        let said = look(&[host])?;
        assert!(said.contains("not public"), "{host}: {said}");
    }
    assert_eq!(
        packets()? - before,
        0,
        "packets to domains that lead inside"
    );

    // As the place that a domain names; that it is asked for its file is all that is counted.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    for host in &hosts {
        let named = runtime.block_on(packets_after_naming(&authority, host, &look))?;
        assert_eq!(named, 0, "packets to {host}, which a domain named");
    }
    Ok(())
}

/// Packets on loopback after the file of a domain, which names `host`, was taken.
async fn packets_after_naming(
    authority: &Authority,
    host: &str,
    look: &impl Fn(&[&str]) -> Outcome<String>,
) -> Outcome<u64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let acceptor = authority.acceptor("b.test");
    let file = format!("{{\"apiDomain\":\"{host}\"}}");
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let mut stream = acceptor.accept(stream).await?;
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await?;
        let length = file.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{file}");
        stream.write_all(answer.as_bytes()).await?;
        // Until the other side closes, which ends what belongs to this connection.
        while matches!(stream.read(&mut request).await, Ok(length) if length > 0) {}
        Ok::<_, std::io::Error>(())
    });
    let before = connections()?;
    let said =
        tokio::task::block_in_place(|| look(&["b.test", "--dev-peer", &format!("b.test={at}")]))?;
    assert!(
        said.contains(&format!("names https://{host}/api")),
        "{said}"
    );
    assert!(said.contains("not public"), "{said}");
    served.await??;
    // The one to the domain itself is known.
    Ok(connections()? - before - 1)
}

/// Packets that were sent over loopback, which is where everything goes.
fn packets() -> Outcome<u64> {
    let counted = fs::read_to_string("/proc/net/dev")?;
    let line = counted
        .lines()
        .find(|line| line.trim_start().starts_with("lo:"));
    let sent = line.and_then(|line| line.split_whitespace().nth(10));
    Ok(sent.ok_or("no loopback device")?.parse()?)
}

/// Connections that were begun, answered or not.
fn connections() -> Outcome<u64> {
    let counted = fs::read_to_string("/proc/net/snmp")?;
    let mut lines = counted.lines().filter(|line| line.starts_with("Tcp:"));
    let names = lines.next().ok_or("no counters")?.split(' ');
    let numbers = lines.next().ok_or("no counters")?.split(' ');
    let opened = names.zip(numbers).find(|(name, _)| *name == "ActiveOpens");
    Ok(opened.ok_or("no counter")?.1.parse()?)
}
