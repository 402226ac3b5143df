//! One who writes or reads messages, for figures.

use std::time::Duration;

use node::clock::{Clock as _, SystemClock};
use pow::{Header, Target};
use proto::{
    api::{
        challenge::ProofOfWork,
        message::{
            Delivery, MessageChallenge, MessageChallengeRequest, MessagePage, SendMessageRequest,
            Suite, Way,
        },
    },
    bytes::{Base64, Hex},
    ids::{MessageId, UnixMillis},
};
use tokio::time::sleep;
use wasm_core::{keys::KeyPair, kp1::pow::request_message, secret::AddressSecret};

use crate::client::{Client, Outcome, PUBLIC_KEY};

/// Bytes of a short message with its seal.
const MESSAGE_BYTES: usize = 120;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

pub(crate) struct Writer {
    client: Client,
    address: String,
    works: Vec<ProofOfWork>,
    sent: u64,
    cursor: String,
}

impl Writer {
    /// A new account.
    pub(crate) async fn new(client: &Client, address: String) -> Outcome<Self> {
        let session = client.create(&address).await?;
        Ok(Self {
            client: client.signed_in(&session),
            address,
            works: Vec::new(),
            sent: 0,
            cursor: String::new(),
        })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.works.is_empty()
    }

    /// Works for `count` messages.
    pub(crate) async fn work(&mut self, to: &str, count: u32) -> Outcome {
        // The key whose public half is the curve's generator, as all accounts here have it.
        let pair = KeyPair::from_secret(AddressSecret::init_with(|one| one[31] = 1))?;
        let now = SystemClock.now();
        let said = request_message(&self.address, to, now.0);
        let wish = MessageChallengeRequest {
            recipient: to.parse()?,
            sender_key: Hex::parse(PUBLIC_KEY)?,
            signature: Hex(pair.sign(said.as_bytes())?.0),
            timestamp: now,
        };
        for _ in 0..count {
            let path = "/api/v1/messages/challenge";
            let made: MessageChallenge = self.client.json("POST", path, &wish).await?.ok()?;
            let target = Target::new(made.target.0)?;
            let start = Header::new(made.header.0);
            let mut headers = (0..1 << 20).map(|position| start.at(0, position));
            let solved = headers.find(|header| pow::verify(header, &target).is_ok());
            self.works.push(ProofOfWork {
                solved_header: Hex(*solved.ok_or("no solution")?.as_bytes()),
                target: made.target,
                expires_at: made.expires_at,
                signature: made.signature,
            });
        }
        Ok(())
    }

    /// Sends a message for each work.
    pub(crate) async fn send(&mut self, to: &str) -> Outcome {
        while self.has_work() {
            self.send_one(to).await?;
        }
        Ok(())
    }

    pub(crate) async fn send_one(&mut self, to: &str) -> Outcome {
        let pow = self.works.pop().ok_or("no work")?;
        self.sent += 1;
        let mut content = vec![7; MESSAGE_BYTES];
        content[..8].copy_from_slice(&self.sent.to_be_bytes());
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.sent.to_be_bytes());
        let request = SendMessageRequest {
            recipient: to.parse()?,
            suite: Suite::Kp1,
            content: Base64(content),
            sender_key: Hex::parse(PUBLIC_KEY)?,
            recipient_key: Hex::parse(PUBLIC_KEY)?,
            pow,
        };
        let path = format!(
            "/api/v1/messages/{}",
            MessageId::make(UnixMillis(1), random)
        );
        let answer = self.client.json("PUT", &path, &request).await?;
        if answer.status == 200 {
            return Ok(());
        }
        Err(answer.text().into())
    }

    /// Waits until so many more have come, or those that were sent are delivered.
    pub(crate) async fn wait_for(&mut self, count: u32) -> Outcome {
        let mut left = count;
        while left > 0 {
            let path = format!("/api/v1/messages?{}", self.cursor);
            let page: MessagePage = self.client.get(&path).await?.ok()?;
            for message in &page.messages {
                match &message.way {
                    Way::Received { .. } => left = left.saturating_sub(1),
                    Way::Sent { delivery, reason } => match delivery {
                        Delivery::Delivered => left = left.saturating_sub(1),
                        Delivery::UnderWay => {}
                        _ => return Err(format!("{delivery:?}: {reason:?}").into()),
                    },
                }
            }
            let is_all = page.read_to == page.latest;
            let cursor = page.cursor.ok_or("no cursor")?;
            self.cursor = format!("cursor={}", cursor.as_str());
            if left > 0 && is_all {
                sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}
