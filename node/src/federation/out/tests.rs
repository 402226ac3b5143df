//! The way out, against servers that do what they like.

#[expect(dead_code, reason = "tests of whole programs use the rest")]
mod authority;
#[cfg(target_os = "linux")]
mod inside;
mod server;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::net::TcpListener;

use self::{authority::Authority, server::Says};
use crate::clock::SystemClock;

use super::{
    discovery::DiscoveryError,
    https::{Https, HttpsError, OutError},
    names::{DevPeer, NameError, Names},
    peers::{PeerError, Peers},
};

const KEY: &str = "02f857d139d14ef0b87fe9f11cd1510cc50c8eaa7c519d9ab4ce48805b3e048c29";
/// For what is to be answered at once.
const LONG: Duration = Duration::from_mins(1);

/// Names of nobody.
struct NoNames;

#[async_trait]
impl Names for NoNames {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("no such host"))
    }
}

fn https(authority: &Authority, peers: &[(&str, SocketAddr)], timeout: Duration) -> Https {
    let dev: Vec<_> = peers
        .iter()
        .map(|(host, at)| DevPeer {
            host: (*host).to_owned(),
            at: *at,
        })
        .collect();
    Https::new(Arc::new(NoNames), &dev, Some(&authority.file), timeout).unwrap()
}

fn peers_by(https: Https) -> Peers {
    Peers::new(https, Arc::new(SystemClock))
}

/// A domain whose file is `file`, and its API at `host`.
async fn domain(file: &str, host: &str, path: &'static str) -> (Peers, [server::Server; 2]) {
    let authority = Authority::new();
    let known = vec![("/.well-known/keypears.json", file.to_owned())];
    let known = authority.serve("b.test", Says::Paths(known)).await;
    let key = format!("{{\"json\":{{\"publicKey\":\"{KEY}\",\"ed25519PublicKey\":\"00\"}}}}");
    let api = authority.serve(host, Says::Paths(vec![(path, key)])).await;
    let peers = [("b.test", known.at), (host, api.at)];
    (peers_by(https(&authority, &peers, LONG)), [known, api])
}

#[tokio::test(flavor = "multi_thread")]
async fn server_is_found_by_every_generation_of_the_file() {
    for (file, path) in [
        (r#"{"apiDomain":"kp.b.test"}"#, "/api/getPublicKey"),
        (
            r#"{"version":1,"apiUrl":"https://kp.b.test/api"}"#,
            "/api/getPublicKey",
        ),
        (
            r#"{"version":2,"apiUrl":"https://kp.b.test/v2"}"#,
            "/v2/getPublicKey",
        ),
    ] {
        let (peers, [known, api]) = domain(file, "kp.b.test", path).await;
        let bob = "bob@b.test".parse().unwrap();
        for _ in 0..2 {
            let key = peers.public_key(&bob).await.unwrap();
            assert_eq!(key.map(hex::encode).as_deref(), Some(KEY), "{file}");
        }
        let (known, api) = (known.seen(), api.seen());
        assert_eq!(known.requests.len(), 1, "it is remembered: {file}");
        assert_eq!(api.names, ["kp.b.test"], "one connection, by its name");
        let request = &api.requests[1];
        assert!(request.starts_with(&format!("POST {path} HTTP/1.1\r\n")));
        assert!(request.contains("\r\nhost: kp.b.test\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"json\":{\"address\":\"bob@b.test\"}}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_domain_are_named() {
    let bob = "bob@b.test".parse().unwrap();
    for (says, expected) in [
        (Says::Always(404, "{}".into()), "has no /.well-known"),
        (Says::Always(200, "<html>".into()), "is no such file"),
        (Says::Always(200, "{}".into()), "neither `apiDomain`"),
        (
            Says::Always(200, r#"{"apiDomain":"127.0.0.1"}"#.into()),
            "no host name",
        ),
        (Says::Redirect("https://c.test/".into()), "a redirect"),
    ] {
        let authority = Authority::new();
        let known = authority.serve("b.test", says).await;
        let other = authority.serve("c.test", Says::Silence).await;
        let at = [("b.test", known.at), ("c.test", other.at)];
        let peers = peers_by(https(&authority, &at, LONG));
        let error = peers.public_key(&bob).await.unwrap_err();
        assert!(matches!(error, PeerError::Discovery(_)), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(other.seen().connections, 0, "nobody is followed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_come_with_their_words() {
    let authority = Authority::new();
    let refusal = r#"{"json":{"defined":false,"code":"POW_EXPIRED","status":403,"message":"Too\u0007 late"}}"#;
    let file = r#"{"apiDomain":"b.test"}"#;
    let known = authority
        .serve("b.test", Says::Always(200, file.into()))
        .await;
    let peers = peers_by(https(&authority, &[("b.test", known.at)], LONG));
    assert!(peers.domain("b.test").await.is_ok());
    // The file stays what it was; from now on the same host refuses.
    for (body, code, message) in [
        (refusal, "POW_EXPIRED", "Too  late"),
        ("<html>", "", "HTTP status 403"),
    ] {
        let refusing = authority
            .serve("b.test", Says::Always(403, body.into()))
            .await;
        let peers = peers_by(https(&authority, &[("b.test", refusing.at)], LONG));
        let place = proto::federation::ApiPlace::of_host("b.test").unwrap();
        let bob = "bob@b.test".parse().unwrap();
        peers.remember("b.test", place);
        let error = peers.public_key(&bob).await.unwrap_err();
        let expected = PeerError::Refused {
            host: "b.test".into(),
            status: 403,
            code: code.into(),
            message: message.into(),
        };
        assert_eq!(error, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_read_no_further_than_they_may_be_long() {
    for says in [Says::Announced, Says::Endless] {
        let authority = Authority::new();
        let server = authority.serve("b.test", says).await;
        let https = https(&authority, &[("b.test", server.at)], LONG);
        let answer = https.get("https://b.test/").await;
        assert_eq!(answer, Err(OutError::TooLarge));
        // What lies in buffers on the way is not read.
        assert!(server.seen().taken < 64 << 20, "{}", server.seen().taken);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_is_left() {
    for says in [Says::Drips, Says::Silence] {
        let authority = Authority::new();
        let server = authority.serve("b.test", says).await;
        let short = Duration::from_millis(300);
        let https = https(&authority, &[("b.test", server.at)], short);
        let answer = https.get("https://b.test/").await;
        assert_eq!(answer, Err(OutError::TimedOut));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_taken_for_another() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let other_host = authority.serve("c.test", Says::Silence).await;
    let other_authority = stranger.serve("b.test", Says::Silence).await;
    for server in [other_host, other_authority] {
        let https = https(&authority, &[("b.test", server.at)], LONG);
        let answer = https.get("https://b.test/").await;
        assert!(
            matches!(answer, Err(OutError::Certificate(_))),
            "{answer:?}"
        );
        assert_eq!(server.seen().requests, [""; 0], "nothing is said to it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_out_in_clear() {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let https = https(&authority, &[("b.test", at)], LONG);
    assert!(https.get("http://b.test/").await.is_err());
    let waited = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(waited.is_err(), "nobody connected");
}

/// Names that change between two questions.
struct Rebinding(AtomicUsize);

#[async_trait]
impl Names for Rebinding {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        let inside = ["127.0.0.1", "::1", "169.254.169.254", "::ffff:127.0.0.1"];
        Ok(vec![inside[asked % inside.len()].parse().unwrap()])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_lead_inside_are_refused_each_time() {
    let authority = Authority::new();
    let names = Arc::new(Rebinding(AtomicUsize::new(0)));
    let https = Https::new(names.clone(), &[], Some(&authority.file), LONG).unwrap();
    for url in [
        "https://b.test/",
        "https://b.test/",
        "https://localhost/",
        "https://b.test/",
    ] {
        let answer = https.get(url).await;
        assert_eq!(answer, Err(OutError::Name(NameError::NotGlobal)), "{url}");
    }
    assert_eq!(names.0.load(Ordering::SeqCst), 4, "asked once for each");
    let peers = peers_by(https);
    let error = peers.domain("b.test").await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Out { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn address_in_place_of_a_name_is_refused_in_every_spelling() {
    let authority = Authority::new();
    let names = Arc::new(Rebinding(AtomicUsize::new(0)));
    let https = Https::new(names.clone(), &[], Some(&authority.file), LONG).unwrap();
    for host in [
        "127.0.0.1",
        "127.0.0.0x1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "169.254.0xa9fe",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
    ] {
        let answer = https.get(&format!("https://{host}/")).await;
        assert_eq!(answer, Err(OutError::Name(NameError::NotGlobal)), "{host}");
    }
    assert_eq!(names.0.load(Ordering::SeqCst), 0, "none of them is a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_is_asked_once_by_many() {
    let authority = Authority::new();
    let file = r#"{"apiDomain":"b.test"}"#;
    let server = authority
        .serve("b.test", Says::Always(200, file.into()))
        .await;
    let peers = Arc::new(peers_by(https(&authority, &[("b.test", server.at)], LONG)));
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let peers = Arc::clone(&peers);
            tokio::spawn(async move { peers.domain("b.test").await.is_ok() })
        })
        .collect();
    for asks in asking {
        assert!(asks.await.unwrap());
    }
    assert_eq!(server.seen().requests.len(), 1);
}

#[test]
fn file_without_authorities_is_told_of() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let made = Https::new(Arc::new(NoNames), &[], Some(file.path()), LONG);
    assert!(matches!(made, Err(HttpsError::Authorities { .. })));
}
