//! Two real programs that write to one another over TLS, killed with SIGKILL again and again: no message is lost, none
//! comes twice.
//!
//! `PEARVAULT_MESSAGES=10000` sends that many.

#![cfg(unix)]

#[path = "../src/federation/out/tests/authority.rs"]
#[expect(clippy::unwrap_used, reason = "this is how a test fails")]
mod authority;
#[path = "node/client.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod client;
#[path = "program/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use authority::Authority;
use client::{Client, Outcome, PUBLIC_KEY};
use node::clock::{Clock as _, SystemClock};
use pow::{Header, Target};
use program::Program;
use proto::{
    api::{
        account::SessionOpened,
        challenge::ProofOfWork,
        message::{
            Delivery, KeyStanding, MessageChallenge, MessageChallengeRequest, MessagePage,
            RenewWorkRequest, SendMessageRequest, Suite, Way,
        },
    },
    bytes::{Base64, Hex},
    ids::MessageId,
};
use tokio::{sync::watch, time::sleep};
use wasm_core::{keys::KeyPair, kp1::pow::request_message, secret::AddressSecret};

const DOMAINS: [&str; 2] = ["a.test", "b.test"];
/// Messages of both, where nobody says otherwise.
const MESSAGES: u32 = 160;
/// Answers after which a program is killed.
const EVERY: u32 = 20;
/// Who writes at once, on each side.
const WRITERS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(20);
/// Looks between two times that the other one speaks.
const SPEAKS_EVERY: u32 = 50;
/// Looks at what has become of all, at most.
const LOOKS: u32 = 6000;

/// One server, whichever program it is by now.
struct Server {
    domain: &'static str,
    flags: Vec<String>,
    folder: tempfile::TempDir,
    front: watch::Sender<Option<SocketAddr>>,
    program: Mutex<Option<Program>>,
    session: Mutex<Option<SessionOpened>>,
}

fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    fn start(&self) -> Outcome {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let program = Program::start(self.folder.path(), &flags)?;
        let at: SocketAddr = program.url().trim_start_matches("http://").parse()?;
        self.front.send_replace(Some(at));
        *lock(&self.program) = Some(program);
        Ok(())
    }

    /// SIGKILL, and another one on the same folder.
    fn die(&self) -> Outcome {
        drop(lock(&self.program).take());
        self.start()
    }

    fn address(&self) -> String {
        format!("me@{}", self.domain)
    }

    /// Its user, at wherever it listens now.
    fn client(&self) -> Outcome<Client> {
        let url = lock(&self.program).as_ref().map(|it| it.url().to_owned());
        let client = Client::new(url.ok_or("it is down")?);
        Ok(match &*lock(&self.session) {
            Some(session) => client.signed_in(session),
            None => client,
        })
    }

    async fn work(&self, to: &str) -> Outcome<ProofOfWork> {
        let now = SystemClock.now();
        // The key whose public half is the curve's generator, as all accounts of tests have it.
        let pair = KeyPair::from_secret(AddressSecret::init_with(|one| one[31] = 1))?;
        let said = request_message(&self.address(), to, now.0);
        let wish = MessageChallengeRequest {
            recipient: to.parse()?,
            sender_key: Hex::parse(PUBLIC_KEY)?,
            signature: Hex(pair.sign(said.as_bytes())?.0),
            timestamp: now,
        };
        let path = "/api/v1/messages/challenge";
        let made: MessageChallenge = self.client()?.json("POST", path, &wish).await?.ok()?;
        let target = Target::new(made.target.0)?;
        let start = Header::new(made.header.0);
        let mut headers = (0..1 << 20).map(|position| start.at(0, position));
        let solved = headers.find(|header| pow::verify(header, &target).is_ok());
        Ok(ProofOfWork {
            solved_header: Hex(*solved.ok_or("no solution")?.as_bytes()),
            target: made.target,
            expires_at: made.expires_at,
            signature: made.signature,
        })
    }

    /// Sends a message, however often it takes; each of its requests may find nobody.
    async fn write(&self, to: &str, number: u32) {
        loop {
            let Ok(pow) = self.work(to).await else {
                sleep(PAUSE).await;
                continue;
            };
            let sent = async {
                let request = SendMessageRequest {
                    recipient: to.parse()?,
                    suite: Suite::Kp1,
                    content: Base64(text(self.domain, number)),
                    sender_key: Hex::parse(PUBLIC_KEY)?,
                    recipient_key: Hex::parse(PUBLIC_KEY)?,
                    pow,
                };
                let path = format!("/api/v1/messages/{}", id(self.domain, number));
                let answer = self.client()?.json("PUT", &path, &request).await?;
                Outcome::Ok(answer.status)
            };
            match sent.await {
                Ok(200) => return,
                _ => sleep(PAUSE).await,
            }
        }
    }

    /// All messages of its user.
    async fn page(&self) -> Outcome<BTreeMap<MessageId, (Way, Vec<u8>)>> {
        let mut all = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/messages?{cursor}");
            let page: MessagePage = self.client()?.get(&path).await?.ok()?;
            let found = page.messages.into_iter();
            all.extend(found.map(|message| (message.id, (message.way, message.content.0))));
            if page.read_to == page.latest {
                return Ok(all);
            }
            let place = page.cursor.ok_or("no cursor")?;
            cursor = format!("cursor={}", place.as_str());
        }
    }
}

fn text(domain: &str, number: u32) -> Vec<u8> {
    format!("message {number:06} from {domain}, and some more of it").into_bytes()
}

fn id(domain: &str, number: u32) -> MessageId {
    let update = client::update(&(domain, number));
    MessageId::from_bytes(*update.as_bytes())
}

async fn two(authority: &Authority) -> Outcome<[Arc<Server>; 2]> {
    let mut fronts = Vec::new();
    for domain in DOMAINS {
        let (to, at) = watch::channel(None);
        fronts.push((domain, to, authority.before(domain, at).await));
    }
    let named = fronts
        .iter()
        .map(|(domain, _, at)| format!("{domain}={at}"));
    let named = named.collect::<Vec<_>>().join(",");
    let own = authority.file.display().to_string();
    let mut servers = Vec::new();
    for (domain, front, _) in fronts {
        let flags = [
            ("--domain", domain),
            ("--dev-peer", named.as_str()),
            ("--authorities", own.as_str()),
            ("--account-difficulty", "1"),
            ("--login-difficulty", "1"),
            ("--first-message-difficulty", "4"),
            ("--message-difficulty", "2"),
            ("--rate-per-second", "off"),
        ];
        let server = Server {
            domain,
            flags: flags
                .iter()
                .flat_map(|(flag, value)| [(*flag).to_owned(), (*value).to_owned()])
                .collect(),
            folder: tempfile::tempdir()?,
            front,
            program: Mutex::new(None),
            session: Mutex::new(None),
        };
        server.start()?;
        let session = server.client()?.create(&server.address()).await?;
        *lock(&server.session) = Some(session);
        servers.push(Arc::new(server));
    }
    servers.try_into().map_err(|_| "two domains".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_or_doubled_while_both_die() -> Outcome {
    let messages = match std::env::var("PEARVAULT_MESSAGES") {
        Ok(number) => number.parse()?,
        Err(_) => MESSAGES,
    };
    let authority = Authority::new();
    let servers = two(&authority).await?;
    let sent = Arc::new(AtomicU32::new(0));
    let mut writers = Vec::new();
    for (which, server) in servers.iter().enumerate() {
        for writer in 0..WRITERS {
            let (server, other) = (Arc::clone(server), servers[1 - which].address());
            let sent = Arc::clone(&sent);
            let own = (0..messages / 2).filter(move |number| number % WRITERS == writer);
            writers.push(tokio::spawn(async move {
                for number in own {
                    server.write(&other, number).await;
                    sent.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }
    }
    let mut deaths = 0;
    while sent.load(Ordering::SeqCst) < messages / 2 * 2 {
        if sent.load(Ordering::SeqCst) >= (deaths + 1) * EVERY {
            // By turns, and now and then twice the same.
            let which = deaths * 7 / 5 % 2;
            servers[which as usize].die()?;
            deaths += 1;
        }
        sleep(PAUSE / 4).await;
    }
    for writer in writers {
        writer.await?;
    }
    assert!(deaths >= messages / EVERY / 2, "{deaths} deaths");

    for (server, other) in [(&servers[0], &servers[1]), (&servers[1], &servers[0])] {
        let mut left = LOOKS;
        let all = loop {
            let all = server.page().await?;
            let open = all.iter().filter(|(_, (way, _))| {
                let delivered = Delivery::Delivered;
                matches!(way, Way::Sent { delivery, .. } if *delivery != delivered)
            });
            let open: Vec<_> = open.map(|(id, (way, _))| (*id, way.clone())).collect();
            if open.is_empty() {
                break all;
            }
            for (id, way) in &open {
                let Way::Sent { delivery, reason } = way else {
                    continue;
                };
                assert_ne!(*delivery, Delivery::Failed, "{reason:?}");
                if *delivery == Delivery::WorkWanted {
                    let pow = server.work(&other.address()).await?;
                    let path = format!("/api/v1/messages/{id}/work");
                    let renewal = RenewWorkRequest { pow };
                    server.client()?.json("PUT", &path, &renewal).await?;
                }
            }
            // Who speaks to another server is sent at once what waits there.
            if left.is_multiple_of(SPEAKS_EVERY) {
                drop(other.work(&server.address()).await);
            }
            left -= 1;
            assert!(left > 0, "not delivered: {open:?}");
            sleep(PAUSE).await;
        };
        let own = (0..messages / 2).map(|number| id(server.domain, number));
        for id in own {
            assert!(all.contains_key(&id), "{id} is lost on its own server");
        }
    }
    for (server, other) in [(&servers[0], &servers[1]), (&servers[1], &servers[0])] {
        let all = server.page().await?;
        let mut came = Vec::new();
        for (way, content) in all.into_values() {
            if let Way::Received { key } = way {
                assert_eq!(key, KeyStanding::Active);
                came.push(content);
            }
        }
        came.sort();
        let expected: Vec<_> = (0..messages / 2)
            .map(|number| text(other.domain, number))
            .collect();
        assert_eq!(came.len(), expected.len());
        assert!(came == expected, "lost and doubled");
    }
    println!("{messages} messages, {deaths} deaths: 0 lost, 0 doubled");
    Ok(())
}
