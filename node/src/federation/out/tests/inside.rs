//! No packet reaches a network that is not public, whatever names lead there.
//!
//! The test runs in namespaces of its own: every address is routed to their loopback device, whose packets
//! are counted, and the system's names are what their `/etc/hosts` says.

use std::{error::Error, fmt::Write as _, fs, process::Command, sync::Arc, time::Duration};

use super::{
    super::{
        https::{Https, OutError},
        names::{DevPeer, NameError, SystemNames},
        peers::PeerError,
    },
    authority::Authority,
    peers_by,
    server::Says,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Set where the test runs inside.
const INSIDE: &str = "PEARVAULT_TEST_INSIDE";
/// The test, which runs itself there.
const NAME: &str = "federation::out::tests::inside::no_packet_goes_to_a_network_that_is_not_public";
/// For what is answered.
const LONG: Duration = Duration::from_mins(1);
/// For those that are public, where nobody answers.
const SHORT: Duration = Duration::from_millis(500);

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

#[tokio::test(flavor = "multi_thread")]
async fn no_packet_goes_to_a_network_that_is_not_public() -> Outcome {
    if std::env::var_os(INSIDE).is_some() {
        return inside().await;
    }
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
        .args(["--exact", NAME, "--nocapture"])
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

/// What is looked at in the namespaces.
async fn inside() -> Outcome {
    let authority = Authority::new();
    let https = Https::new(Arc::new(SystemNames), &[], Some(&authority.file), SHORT)?;
    // What is counted is counted.
    for number in NOT_PUBLIC.len()..NOT_PUBLIC.len() + PUBLIC.len() {
        let before = packets()?;
        let answer = https.get(&format!("https://host{number}.test/")).await;
        assert!(answer.is_err(), "nobody is there");
        assert!(packets()? > before, "host {number} is asked");
    }
    let hosts = (0..NOT_PUBLIC.len()).map(|number| format!("host{number}.test"));
    let hosts: Vec<_> = hosts.chain(["all.test".to_owned()]).collect();
    // As the domain of an address.
    let peers = peers_by(https);
    let before = packets()?;
    for host in &hosts {
        let refused = peers.public_key(&format!("bob@{host}").parse()?).await;
        assert!(
            matches!(refused, Err(PeerError::Discovery(_))),
            "{refused:?}"
        );
    }
    assert_eq!(
        packets()? - before,
        0,
        "packets to domains that lead inside"
    );
    // Spelled as addresses, however.
    for address in NOT_PUBLIC
        .into_iter()
        .chain(["127.0.0.0x1", "0x7f000001", "127.1"])
    {
        let host = if address.contains(':') {
            format!("[{address}]")
        } else {
            address.to_owned()
        };
        let refused = peers.https.get(&format!("https://{host}/")).await;
        assert_eq!(refused, Err(OutError::Name(NameError::NotGlobal)), "{host}");
    }
    assert_eq!(packets()? - before, 0, "packets to addresses");
    // As the place that a domain names: that domain is asked, and nobody else.
    for host in &hosts {
        let file = format!("{{\"apiDomain\":\"{host}\"}}");
        let server = authority.serve("b.test", Says::Always(200, file)).await;
        let dev = [DevPeer {
            host: "b.test".to_owned(),
            at: server.at,
        }];
        let names = Arc::new(SystemNames);
        let peers = peers_by(Https::new(names, &dev, Some(&authority.file), LONG)?);
        let before = connections()?;
        let refused = peers.public_key(&"bob@b.test".parse()?).await;
        assert!(matches!(refused, Err(PeerError::Out { .. })), "{refused:?}");
        assert_eq!(
            connections()? - before,
            1,
            "connections, {host} being named"
        );
    }
    Ok(())
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
