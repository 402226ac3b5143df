//! Two nodes that reach one another as servers do: by names, TLS under an authority, a proxy in front.

use std::{net::SocketAddr, path::PathBuf};

use node::{config::Config, federation::DevPeer};
use pow::{Header, Target};
use proto::{
    address::Address,
    api::{
        challenge::ProofOfWork,
        message::{
            Message, MessageAccepted, MessageChallenge, MessageChallengeRequest, MessagePage,
            SendMessageRequest, Suite,
        },
    },
    bytes::{Base64, Hex},
    ids::{MessageId, UnixMillis},
};
use tokio::sync::watch;
use wasm_core::{keys::KeyPair, kp1::pow::request_message, secret::AddressSecret};

use crate::{
    authority::Authority,
    client::{Answer, Client, Outcome, PUBLIC_KEY},
    harness::{Harness, MockClock},
};

pub(crate) const ADA: &str = "ada@a.test";
pub(crate) const BOB: &str = "bob@b.test";

/// Both nodes, and what stands between them.
pub(crate) struct Two {
    pub(crate) a: Harness,
    pub(crate) b: Harness,
    /// Where the proxies lead; `None`: nowhere.
    pub(crate) to_a: watch::Sender<Option<SocketAddr>>,
    pub(crate) to_b: watch::Sender<Option<SocketAddr>>,
    /// Where that of `evil.test` leads.
    pub(crate) to_evil: watch::Sender<Option<SocketAddr>>,
    /// Where those of two domains lead that have no node.
    pub(crate) to_club: watch::Sender<Option<SocketAddr>>,
    pub(crate) to_guild: watch::Sender<Option<SocketAddr>>,
    pub(crate) ada: Writer,
    pub(crate) bob: Writer,
    /// Where each of them is, for a node that is started again.
    pub(crate) peers: Vec<DevPeer>,
    pub(crate) authorities: PathBuf,
    _authority: Authority,
}

impl Two {
    /// Both run, and each has an account.
    pub(crate) async fn start() -> Outcome<Self> {
        Self::with(|_| {}, |_| {}).await
    }

    /// The same; both are told more.
    pub(crate) async fn with(
        more_a: impl FnOnce(&mut Config),
        more_b: impl FnOnce(&mut Config),
    ) -> Outcome<Self> {
        let authority = Authority::new();
        let (to_a, at_a) = watch::channel(None);
        let (to_b, at_b) = watch::channel(None);
        let front_a = authority.before("a.test", at_a).await;
        let front_b = authority.before("b.test", at_b).await;
        let (to_evil, at_evil) = watch::channel(None);
        let front_evil = authority.before("evil.test", at_evil).await;
        let (to_club, at_club) = watch::channel(None);
        let front_club = authority.before("club.test", at_club).await;
        let (to_guild, at_guild) = watch::channel(None);
        let front_guild = authority.before("guild.test", at_guild).await;
        let own = authority.file.clone();
        let peers = [
            ("a.test", front_a),
            ("b.test", front_b),
            ("evil.test", front_evil),
            ("club.test", front_club),
            ("guild.test", front_guild),
        ];
        let peers = peers.map(|(host, at)| format!("{host}={at}").parse::<DevPeer>());
        let peers: Vec<DevPeer> = peers.into_iter().flatten().collect();
        let all = peers.clone();
        let told = move |config: &mut Config, domain: &str| {
            config.domains = vec![domain.to_owned()];
            config.authorities = Some(own.clone());
            config.dev_peers.clone_from(&all);
        };
        let a = Harness::with(|config| {
            told(config, "a.test");
            more_a(config);
        });
        let a = a.await?;
        let b = Harness::with(|config| {
            told(config, "b.test");
            more_b(config);
        });
        let b = b.await?;
        to_a.send_replace(Some(a.address));
        to_b.send_replace(Some(b.address));
        let ada = Writer::new(&a, ADA).await?;
        let bob = Writer::new(&b, BOB).await?;
        Ok(Self {
            a,
            b,
            to_a,
            to_b,
            to_evil,
            to_club,
            to_guild,
            ada,
            bob,
            peers,
            authorities: authority.file.clone(),
            _authority: authority,
        })
    }

    pub(crate) async fn stop(self) -> Outcome {
        self.a.stop().await?;
        self.b.stop().await
    }
}

/// One who writes.
pub(crate) struct Writer {
    pub(crate) client: Client,
    pub(crate) address: Address,
}

/// A challenge, signed and asked for by a client.
pub(crate) fn wish(from: &str, to: &str, now: UnixMillis) -> Outcome<MessageChallengeRequest> {
    // The key whose public half is the curve's generator.
    let pair = KeyPair::from_secret(AddressSecret::init_with(|one| one[31] = 1))?;
    let said = request_message(from, to, now.0);
    Ok(MessageChallengeRequest {
        recipient: to.parse()?,
        sender_key: Hex::parse(PUBLIC_KEY)?,
        signature: Hex(pair.sign(said.as_bytes())?.0),
        timestamp: now,
    })
}

impl Writer {
    /// A new account.
    pub(crate) async fn new(node: &Harness, address: &str) -> Outcome<Self> {
        let session = node.client.create(address).await?;
        Ok(Self {
            client: node.client.signed_in(&session),
            address: address.parse()?,
        })
    }

    pub(crate) async fn ask(&self, to: &str, clock: &MockClock) -> Outcome<Answer> {
        let wish = wish(self.address.as_str(), to, node::clock::Clock::now(clock))?;
        self.client
            .json("POST", "/api/v1/messages/challenge", &wish)
            .await
    }

    /// Work for a message.
    pub(crate) async fn work(&self, to: &str, clock: &MockClock) -> Outcome<ProofOfWork> {
        solve(&self.ask(to, clock).await?.ok()?)
    }

    /// Sends `text` in place of a ciphertext.
    pub(crate) async fn send(
        &self,
        to: &str,
        text: &str,
        pow: ProofOfWork,
    ) -> Outcome<(MessageId, MessageAccepted)> {
        let id = message_id(text);
        let request = message(to, text, pow)?;
        let path = format!("/api/v1/messages/{id}");
        let accepted = self.client.json("PUT", &path, &request).await?.ok()?;
        Ok((id, accepted))
    }

    /// Works and sends.
    pub(crate) async fn write(
        &self,
        to: &str,
        text: &str,
        clock: &MockClock,
    ) -> Outcome<MessageId> {
        let pow = self.work(to, clock).await?;
        Ok(self.send(to, text, pow).await?.0)
    }

    pub(crate) async fn page(&self) -> Outcome<MessagePage> {
        self.client.get("/api/v1/messages").await?.ok()
    }

    /// Waits until one of its messages is as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Message) -> bool) -> Outcome<Message> {
        for _ in 0..1500 {
            let page = self.page().await?;
            if let Some(found) = page.messages.iter().find(|message| wanted(message)) {
                return Ok(found.clone());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Err(format!("in vain: {:?}", self.page().await?).into())
    }
}

/// The id of a message that is told apart by its text.
pub(crate) fn message_id(text: &str) -> MessageId {
    let update = crate::client::update(&text);
    MessageId::from_bytes(*update.as_bytes())
}

/// A message between the one key of all test accounts.
pub(crate) fn message(to: &str, text: &str, pow: ProofOfWork) -> Outcome<SendMessageRequest> {
    Ok(SendMessageRequest {
        recipient: to.parse()?,
        suite: Suite::Kp1,
        content: Base64(format!("{text:-<40}").into_bytes()),
        sender_key: Hex::parse(PUBLIC_KEY)?,
        recipient_key: Hex::parse(PUBLIC_KEY)?,
        pow,
    })
}

/// Whether a message says it.
pub(crate) fn says(message: &Message, text: &str) -> bool {
    message.content.0 == format!("{text:-<40}").into_bytes()
}

/// Tries nonces until one solves it.
pub(crate) fn solve(challenge: &MessageChallenge) -> Outcome<ProofOfWork> {
    let target = Target::new(challenge.target.0)?;
    let start = Header::new(challenge.header.0);
    let header = (0..1 << 30)
        .map(|position| start.at(0, position))
        .find(|header| pow::verify(header, &target).is_ok())
        .ok_or("no solution")?;
    Ok(ProofOfWork {
        solved_header: Hex(*header.as_bytes()),
        target: challenge.target,
        expires_at: challenge.expires_at,
        signature: challenge.signature,
    })
}
