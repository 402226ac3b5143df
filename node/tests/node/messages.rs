//! Messages between accounts of one node and of two, over TLS, with everything that goes wrong on the way.

use node::{config::Config, federation::why::doctor};
use proto::{
    api::message::{
        AddressKey, Delivery, KeyStanding, Message, MessageAccepted, MessageChallenge,
        MessagePrices, RenewWorkRequest, SetPricesRequest, StandRequest, Standing, Way,
    },
    error::ErrorCode,
    ids::{Difficulty, MessageId},
};

use crate::{
    client::{Outcome, PUBLIC_KEY},
    two::{ADA, BOB, Two, Writer, message, message_id, says, wish},
};

const MINUTE_MS: u64 = 60_000;

fn is_received(message: &Message) -> bool {
    let key = KeyStanding::Active;
    message.way == Way::Received { key }
}

fn fares(message: &Message, delivery: Delivery) -> bool {
    matches!(&message.way, Way::Sent { delivery: now, .. } if *now == delivery)
}

fn why(message: &Message) -> &str {
    match &message.way {
        Way::Sent {
            reason: Some(reason),
            ..
        } => reason,
        _ => "",
    }
}

async fn standing(writer: &Writer, of: &str) -> Outcome<Option<Standing>> {
    let page = writer.page().await?;
    let found = page.correspondents.into_iter();
    let mut found = found.filter(|other| other.address.as_str() == of);
    Ok(found.next().map(|other| other.standing))
}

async fn stand(writer: &Writer, of: &str, standing: Standing) -> Outcome {
    let path = format!("/api/v1/correspondents/{of}");
    let said = StandRequest { standing };
    let _: MessageAccepted = writer.client.json("PUT", &path, &said).await?.ok()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn message_goes_from_one_server_to_another_and_back() -> Outcome {
    let two = Two::start().await?;
    let key = "/api/v1/addresses/bob@b.test/key";
    let found: AddressKey = two.ada.client.get(key).await?.ok()?;
    let found = found.public_key.map(|key| key.to_string());
    assert_eq!(found.as_deref(), Some(PUBLIC_KEY));

    let sent = two.ada.write(BOB, "hello", &two.a.clock).await?;
    let own = |message: &Message| fares(message, Delivery::Delivered);
    assert_eq!(two.ada.until(own).await?.id, sent);
    let came = two.bob.until(is_received).await?;
    assert!(says(&came, "hello"));
    assert_eq!(came.address.as_str(), ADA);
    assert_eq!(came.recipient_key.to_string(), PUBLIC_KEY);
    assert_eq!(standing(&two.bob, ADA).await?, Some(Standing::Request));
    assert_eq!(standing(&two.ada, BOB).await?, Some(Standing::Accepted));

    // Who was written to need not be asked: the answer costs less.
    let challenge: MessageChallenge = two.bob.ask(ADA, &two.b.clock).await?.ok()?;
    assert_eq!(challenge.difficulty, Difficulty(20));
    two.bob.write(ADA, "and you", &two.b.clock).await?;
    let came = two.ada.until(is_received).await?;
    assert!(says(&came, "and you"));
    assert_eq!(standing(&two.bob, ADA).await?, Some(Standing::Accepted));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn message_stays_on_its_server_where_both_live_there() -> Outcome {
    let two = Two::start().await?;
    // Nobody outside is asked.
    two.to_a.send_replace(None);
    let carol = Writer::new(&two.a, "carol@a.test").await?;
    let challenge: MessageChallenge = two.ada.ask("carol@a.test", &two.a.clock).await?.ok()?;
    assert_eq!(challenge.difficulty, Difficulty(40));
    two.ada.write("carol@a.test", "near", &two.a.clock).await?;
    assert!(says(&carol.until(is_received).await?, "near"));
    let own = |message: &Message| fares(message, Delivery::Delivered);
    two.ada.until(own).await?;
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn message_waits_for_a_server_that_is_away_and_comes_once() -> Outcome {
    let two = Two::start().await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    two.to_b.send_replace(None);
    two.ada.send(BOB, "late", pow).await?;
    let waits = |message: &Message| fares(message, Delivery::UnderWay) && !why(message).is_empty();
    let waiting = two.ada.until(waits).await?;
    assert!(why(&waiting).starts_with("b.test: "), "{waiting:?}");
    assert!(two.bob.page().await?.messages.is_empty());
    let told = doctor(&Config::new(two.a.folder().to_owned())).await?;
    let told = told.to_string();
    assert!(
        told.contains("for b.test 1 wait, the oldest for "),
        "{told}"
    );
    assert!(told.contains(": b.test: "), "why: {told}");

    two.to_b.send_replace(Some(two.b.address));
    // A first retry comes within 5 s, a second within 10.
    two.a.clock.forward(15_001);
    let own = |message: &Message| fares(message, Delivery::Delivered);
    assert_eq!(why(&two.ada.until(own).await?), "");
    two.a.clock.forward(90 * MINUTE_MS);
    two.bob.until(is_received).await?;
    assert_eq!(two.bob.page().await?.messages.len(), 1);
    let told = doctor(&Config::new(two.a.folder().to_owned())).await?;
    let told = told.to_string();
    assert!(
        told.contains("ok    no message was tried in vain"),
        "{told}"
    );
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_speaks_again_is_sent_at_once_what_waits_for_it() -> Outcome {
    let two = Two::start().await?;
    two.bob.write(ADA, "first", &two.b.clock).await?;
    two.ada.until(is_received).await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    two.to_b.send_replace(None);
    two.ada.send(BOB, "late", pow).await?;
    // Tried so often that the next try may be far away.
    for _ in 0..8 {
        two.a.clock.forward(MINUTE_MS);
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    }
    let waits = |message: &Message| fares(message, Delivery::UnderWay) && !why(message).is_empty();
    two.ada.until(waits).await?;
    two.b.clock.forward(8 * MINUTE_MS);
    two.to_b.send_replace(Some(two.b.address));
    // The clock stands: nothing is due but by this.
    two.bob.write(ADA, "again", &two.b.clock).await?;
    let late = |message: &Message| is_received(message) && says(message, "late");
    two.bob.until(late).await?;
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_over_is_done_again_for_the_same_message() -> Outcome {
    let two = Two::start().await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    for clock in [&two.a.clock, &two.b.clock] {
        clock.forward(16 * MINUTE_MS);
    }
    let (id, _) = two.ada.send(BOB, "old", pow).await?;
    let wanted = |message: &Message| fares(message, Delivery::WorkWanted);
    assert!(why(&two.ada.until(wanted).await?).contains("proof of work"));
    let path = format!("/api/v1/messages/{id}/work");
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    let renewal = RenewWorkRequest { pow };
    let _: MessageAccepted = two.ada.client.json("PUT", &path, &renewal).await?.ok()?;
    assert!(says(&two.bob.until(is_received).await?, "old"));
    let own = |message: &Message| fares(message, Delivery::Delivered);
    two.ada.until(own).await?;
    let late = two.ada.client.json("PUT", &path, &renewal).await?;
    assert_eq!(late.refusal()?, (404, ErrorCode::NotFound));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_work_pays_for_one_message() -> Outcome {
    let two = Two::start().await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    two.ada.send(BOB, "paid", pow.clone()).await?;
    two.bob.until(is_received).await?;
    two.ada.send(BOB, "not paid", pow.clone()).await?;
    let refused = |message: &Message| fares(message, Delivery::WorkWanted);
    let refused = two.ada.until(refused).await?;
    assert!(
        why(&refused).contains("used for another message"),
        "{refused:?}"
    );
    // Nor does it pay between others: it is bound to both addresses.
    let eve = Writer::new(&two.a, "eve@a.test").await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    eve.send(BOB, "stolen", pow).await?;
    let refused = |message: &Message| fares(message, Delivery::WorkWanted);
    let refused = eve.until(refused).await?;
    assert!(
        why(&refused).contains("between these two addresses"),
        "{refused:?}"
    );
    assert_eq!(two.bob.page().await?.messages.len(), 1);
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_who_wants_none_are_told_before_any_work() -> Outcome {
    let two = Two::start().await?;
    let asked = two.ada.ask("nobody@b.test", &two.a.clock).await?;
    assert_eq!(asked.refusal()?, (404, ErrorCode::RecipientUnknown));
    stand(&two.bob, ADA, Standing::Blocked).await?;
    let asked = two.ada.ask(BOB, &two.a.clock).await?;
    assert_eq!(asked.refusal()?, (403, ErrorCode::SenderBlocked));
    stand(&two.bob, ADA, Standing::Accepted).await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    stand(&two.bob, ADA, Standing::Blocked).await?;
    two.ada.send(BOB, "unwanted", pow).await?;
    let failed = |message: &Message| fares(message, Delivery::Failed);
    assert!(why(&two.ada.until(failed).await?).contains("takes no messages"));
    assert!(two.bob.page().await?.messages.is_empty());
    two.to_b.send_replace(None);
    let asked = two.ada.ask(BOB, &two.a.clock).await?;
    assert_eq!(asked.refusal()?, (424, ErrorCode::PeerUnreachable));
    assert!(asked.param("reason")?.contains("b.test"));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn recipient_says_what_a_message_costs() -> Outcome {
    let two = Two::start().await?;
    let path = "/api/v1/messages/prices";
    let told: MessagePrices = two.bob.client.get(path).await?.ok()?;
    let of = |first, later, least| MessagePrices {
        first: Difficulty(first),
        later: Difficulty(later),
        least: Difficulty(least),
    };
    assert_eq!(told, of(40, 20, 20));
    let say = |first, later| SetPricesRequest {
        first: Difficulty(first),
        later: Difficulty(later),
    };
    for (first, later, field) in [
        (19, 20, "first"),
        (40, 19, "later"),
        (u64::MAX, 20, "first"),
    ] {
        let refused = two.bob.client.json("PUT", path, &say(first, later)).await?;
        assert_eq!(refused.refusal()?.1, ErrorCode::InvalidField);
        assert_eq!(
            (refused.param("field")?, refused.param("min")?),
            (field.into(), "20".into())
        );
    }
    let told: MessagePrices = two
        .bob
        .client
        .json("PUT", path, &say(300, 30))
        .await?
        .ok()?;
    assert_eq!(told, of(300, 30, 20));
    let challenge: MessageChallenge = two.ada.ask(BOB, &two.a.clock).await?.ok()?;
    assert_eq!(challenge.difficulty, Difficulty(300));
    stand(&two.bob, ADA, Standing::Accepted).await?;
    let challenge: MessageChallenge = two.ada.ask(BOB, &two.a.clock).await?.ok()?;
    assert_eq!(challenge.difficulty, Difficulty(30));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_that_is_denied_writes_nothing_and_is_not_written_to() -> Outcome {
    let two = Two::with(
        |_| {},
        |config| config.federation.deny = vec!["a.test".into()],
    )
    .await?;
    let asked = two.ada.ask(BOB, &two.a.clock).await?;
    assert_eq!(asked.refusal()?.1, ErrorCode::PeerRefused);
    assert!(
        asked
            .param("reason")?
            .contains("exchanges no messages with a.test")
    );
    let asked = two.bob.ask(ADA, &two.b.clock).await?;
    assert_eq!(asked.refusal()?.1, ErrorCode::PeerRefused);
    let key = two
        .bob
        .client
        .get("/api/v1/addresses/ada@a.test/key")
        .await?;
    assert_eq!(key.refusal()?.1, ErrorCode::PeerRefused);
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_on_the_greylist_pays_for_each_message_as_for_the_first() -> Outcome {
    let two = Two::with(
        |_| {},
        |config| config.federation.greylist = vec!["a.test".into()],
    )
    .await?;
    stand(&two.bob, ADA, Standing::Accepted).await?;
    let challenge: MessageChallenge = two.ada.ask(BOB, &two.a.clock).await?.ok()?;
    assert_eq!(challenge.difficulty, Difficulty(40));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn wish_that_its_key_has_not_signed_goes_nowhere() -> Outcome {
    let two = Two::start().await?;
    let now = node::clock::Clock::now(&*two.a.clock);
    let path = "/api/v1/messages/challenge";
    let good = wish(ADA, BOB, now)?;
    let mut other_time = good.clone();
    other_time.timestamp = now.plus(1);
    for bad in [other_time, wish("eve@a.test", BOB, now)?] {
        let refused = two.ada.client.json("POST", path, &bad).await?;
        assert_eq!(refused.refusal()?.1, ErrorCode::InvalidField);
        assert_eq!(refused.param("field")?, "signature");
    }
    let late = wish(ADA, BOB, now.plus(6 * MINUTE_MS))?;
    let refused = two.ada.client.json("POST", path, &late).await?;
    assert_eq!(refused.refusal()?.1, ErrorCode::PeerRefused);
    assert!(refused.param("reason")?.contains("clock"), "in its words");
    let near = wish(ADA, "ada@a.test", now.plus(6 * MINUTE_MS))?;
    let refused = two.ada.client.json("POST", path, &near).await?;
    assert_eq!(refused.refusal()?, (403, ErrorCode::ClockWrong));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn same_message_twice_is_one_and_another_under_its_id_is_refused() -> Outcome {
    let two = Two::start().await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    let (id, first) = two.ada.send(BOB, "once", pow.clone()).await?;
    let (_, again) = two.ada.send(BOB, "once", pow.clone()).await?;
    assert_eq!(first.position, again.position);
    let path = format!("/api/v1/messages/{id}");
    let other = message(BOB, "other", pow.clone())?;
    let refused = two.ada.client.json("PUT", &path, &other).await?;
    assert_eq!(
        (refused.refusal()?.1, refused.param("field")?),
        (ErrorCode::InvalidField, "message".into())
    );
    let mut wrong = message(BOB, "wrong", pow)?;
    wrong.content.0.truncate(29);
    let path = format!("/api/v1/messages/{}", message_id("wrong"));
    let refused = two.ada.client.json("PUT", &path, &wrong).await?;
    assert_eq!(refused.param("field")?, "content");
    wrong.content.0.resize(25_001, 0);
    let refused = two.ada.client.json("PUT", &path, &wrong).await?;
    assert_eq!(refused.param("field")?, "content");
    wrong.content.0.truncate(100);
    wrong.recipient_key.0[0] = 9;
    let refused = two.ada.client.json("PUT", &path, &wrong).await?;
    assert_eq!(refused.param("field")?, "recipientKey");
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn conversation_is_cleared_and_pages_tell() -> Outcome {
    let two = Two::start().await?;
    for text in ["one", "two", "three"] {
        two.ada.write(BOB, text, &two.a.clock).await?;
        let there = |message: &Message| is_received(message) && says(message, text);
        two.bob.until(there).await?;
    }
    let page = two.bob.page().await?;
    let all: Vec<MessageId> = page.messages.iter().map(|message| message.id).collect();
    assert_eq!((all.len(), page.read_to), (3, page.latest));
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let from = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let path = format!("/api/v1/messages?limit=1{from}");
        let page: proto::api::message::MessagePage = two.bob.client.get(&path).await?.ok()?;
        seen.extend(page.messages.iter().map(|message| message.id));
        cursor = page.cursor.map(String::from);
        if page.read_to == page.latest {
            break;
        }
    }
    assert_eq!(seen, all);
    let cursor = cursor.ok_or("no cursor")?;
    let path = "/api/v1/correspondents/ada@a.test/messages";
    let _: MessageAccepted = two.bob.client.raw("DELETE", path, None, "").await?.ok()?;
    let path = format!("/api/v1/messages?cursor={cursor}");
    let page: proto::api::message::MessagePage = two.bob.client.get(&path).await?.ok()?;
    assert!(page.messages.is_empty() && !page.snapshot);
    assert_eq!(page.correspondents[0].cleared, page.latest);
    assert!(two.bob.page().await?.messages.is_empty());
    assert_eq!(two.ada.page().await?.messages.len(), 3, "hers are hers");
    // A cursor of the vault is none of messages.
    let vault: serde_json::Value = two.bob.client.get("/api/v1/vault").await?.ok()?;
    let of_vault = vault["cursor"].as_str().ok_or("no cursor")?;
    let path = format!("/api/v1/messages?cursor={of_vault}");
    let refused = two.bob.client.get(&path).await?;
    assert_eq!(refused.refusal()?.1, ErrorCode::CursorInvalid);
    two.stop().await
}
