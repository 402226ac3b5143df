//! Each thing that can break between two servers, where it hurts: no message is lost, doubled or forged by it.

use std::time::Duration;

use proto::{
    api::message::{Delivery, KeyStanding, Message, Way},
    error::ErrorCode,
};
use tokio::time::sleep;

use crate::{
    between::{Between, Fault},
    client::Outcome,
    hostile::{Lies, challenge, code, tell},
    two::{BOB, Two, says},
};

const NOTIFY: &str = "/api/notifyMessage";
const PULL: &str = "/api/pullMessage";
const KEY: &str = "/api/getPublicKey";
const CHALLENGE: &str = "/api/getPowChallenge";

/// Both servers, each behind something that breaks.
async fn behind() -> Outcome<(Two, Between, Between)> {
    let two = Two::start().await?;
    let (before_a, at) = Between::before(two.a.address).await?;
    two.to_a.send_replace(Some(at));
    let (before_b, at) = Between::before(two.b.address).await?;
    two.to_b.send_replace(Some(at));
    Ok((two, before_a, before_b))
}

/// Lets time pass on the sender's server until its one message is delivered; how often it had to.
async fn until_delivered(two: &Two) -> Outcome<u32> {
    let delivered = |message: &Message| {
        let Way::Sent { delivery, .. } = &message.way else {
            return false;
        };
        *delivery == Delivery::Delivered
    };
    for times in 0..100 {
        if two.ada.page().await?.messages.iter().any(delivered) {
            return Ok(times);
        }
        sleep(Duration::from_millis(100)).await;
        // Within the time of its work: it must not take another one.
        if times % 10 == 9 {
            two.a.clock.forward(15_001);
        }
    }
    Err(format!("in vain: {:?}", two.ada.page().await?).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_once_between_two_servers_loses_and_doubles_nothing() -> Outcome {
    let broken = [
        (Fault::Unheard, true),
        (Fault::Unanswered, true),
        (Fault::HalfAnswered, true),
        (Fault::Away, true),
        // Here the message is there by then.
        (Fault::Unanswered, false),
        (Fault::HalfAnswered, false),
    ];
    let broken = broken.map(|(fault, all)| comes_once(fault, all));
    for outcome in futures_util::future::join_all(broken).await {
        outcome?;
    }
    Ok(())
}

/// Lets them fail to tell of a message and, with `all`, to pull it and to ask whose key it is.
async fn comes_once(fault: Fault, all: bool) -> Outcome {
    let (two, before_a, before_b) = behind().await?;
    let pow = two.ada.work(BOB, &two.a.clock).await?;
    before_b.fail(NOTIFY, fault);
    if all {
        before_a.fail(PULL, fault);
        before_a.fail(KEY, fault);
    }
    two.ada.send(BOB, "once", pow).await?;
    let times = until_delivered(&two).await?;
    assert!(times > 0, "{fault:?}: nothing has gone wrong");
    assert!(before_a.has_failed() && before_b.has_failed(), "{fault:?}");
    // What was tried again is not there again, neither now nor later.
    two.a.clock.forward(90 * 60_000);
    sleep(Duration::from_millis(1200)).await;
    let came = two.bob.page().await?.messages;
    assert_eq!(came.len(), 1, "{fault:?}: {came:?}");
    let key = KeyStanding::Active;
    assert_eq!(came[0].way, Way::Received { key }, "{fault:?}");
    assert!(says(&came[0], "once"));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn challenge_that_is_lost_is_asked_for_again() -> Outcome {
    let (two, before_a, before_b) = behind().await?;
    for fault in [Fault::Unheard, Fault::Unanswered, Fault::HalfAnswered] {
        before_b.fail(CHALLENGE, fault);
        let refused = two.ada.ask(BOB, &two.a.clock).await?;
        assert_eq!(refused.refusal()?, (424, ErrorCode::PeerUnreachable));
        before_a.fail(KEY, fault);
        let refused = two.ada.ask(BOB, &two.a.clock).await?;
        assert_eq!(refused.refusal()?, (424, ErrorCode::PeerUnreachable));
        assert!(before_a.has_failed() && before_b.has_failed());
        let asked = two.ada.ask(BOB, &two.a.clock).await?;
        assert_eq!(asked.status, 200, "{}", asked.text());
    }
    assert!(two.ada.page().await?.messages.is_empty());
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_without_end_or_from_elsewhere_is_no_message() -> Outcome {
    let two = Two::start().await?;
    let lies = Lies::start(&two).await?;
    let (before_evil, at) = Between::before(lies.address).await?;
    two.to_evil.send_replace(Some(at));
    let token = "ab".repeat(32);
    for fault in [Fault::Slow, Fault::Huge, Fault::Redirected] {
        let pow = challenge(&two).await?;
        before_evil.fail(PULL, fault);
        let told = tell(&two, &pow, &token).await?;
        assert_eq!(code(&told)?, "SENDER_UNREACHABLE", "{fault:?}");
        assert!(before_evil.has_failed());
        assert!(two.bob.page().await?.messages.is_empty(), "{fault:?}");
        // The same work brings it once it is there.
        if fault == Fault::Redirected {
            assert_eq!(tell(&two, &pow, &token).await?.status, 200);
        }
    }
    assert_eq!(two.bob.page().await?.messages.len(), 1);
    two.stop().await
}
