//! Messages, their delivery, and what pays for them.

use std::{collections::BTreeSet, sync::Arc};

use proto::{
    address::Address,
    api::message::{Delivery, KeyStanding, Message, Standing, Suite, Way},
    bytes::Hex,
    ids::{AccountId, MessageId, Position, UnixMillis},
};
use wasm_core::kp1::token::pull_token_hash;

use super::make::{NOW, account, address, delete};
use crate::store::{
    DueDelivery, HeldUp, NewReceived, NewSent, Outcome, Places, PullToken, Sealed, ShownWork,
    Store, StoreError, Work, WorkState,
};

/// More than any of them needs.
const ROOM: u64 = 1 << 20;
const BOB: &str = "bob@b.example";

fn sealed(byte: u8, length: usize) -> Sealed {
    Sealed {
        suite: Suite::Kp1,
        content: vec![byte; length],
        sender_key: [2; 33],
        recipient_key: [3; 33],
    }
}

fn id(number: u8) -> MessageId {
    MessageId::make(NOW, [number; 10])
}

fn work(byte: u8) -> Work {
    Work {
        solved_header: [byte; 64],
        target: [byte; 32],
        expires_at: NOW.plus(900_000),
        signature: [byte; 32],
    }
}

fn sent(account: AccountId, number: u8, to: &str) -> NewSent {
    let mut token = [number; 32];
    token[..16].copy_from_slice(account.as_bytes());
    NewSent {
        account,
        message: id(number),
        to: address(to),
        sealed: sealed(number, 100),
        token: PullToken(token),
        work: work(number),
        at: NOW,
        ends_at: NOW.plus(1_000_000),
    }
}

fn received(account: AccountId, number: u8, from: &str) -> NewReceived {
    NewReceived {
        account,
        message: id(number),
        from: address(from),
        sealed: sealed(number, 100),
        key: KeyStanding::Earlier,
        challenge: None,
        at: NOW,
    }
}

async fn all(store: &Arc<dyn Store>, account: AccountId) -> Vec<Message> {
    let page = store.message_page(account, Position(0), 1000).await;
    page.unwrap().messages
}

async fn standing(store: &Arc<dyn Store>, account: AccountId) -> Option<Standing> {
    let page = store.message_page(account, Position(0), 1000).await;
    let found = page.unwrap().correspondents;
    let found = found.into_iter().find(|it| it.address == address(BOB));
    found.map(|it| it.standing)
}

fn places(free: u32) -> Places {
    Places {
        free,
        of_a_domain: 1000,
        of_an_account: 1000,
        ..Places::default()
    }
}

/// What is due of one account; other facts have deliveries of theirs.
async fn due(store: &Arc<dyn Store>, account: AccountId, now: UnixMillis) -> Vec<DueDelivery> {
    let claimed = store
        .claim(now, now.plus(1000), places(1000))
        .await
        .unwrap();
    let own = claimed.into_iter().filter(|due| due.account == account);
    own.collect()
}

pub(crate) async fn message_is_on_its_way_until_it_is_delivered(store: &Arc<dyn Store>) {
    let ada = account(store, "way@a.example").await;
    let new = sent(ada, 1, BOB);
    let hash = pull_token_hash(&Hex(new.token.0).to_string());
    let position = store.send(new.clone(), ROOM).await.unwrap();
    assert_eq!(store.send(new.clone(), ROOM).await.unwrap(), position);
    assert_eq!(standing(store, ada).await, Some(Standing::Accepted));

    let claimed = due(store, ada, NOW).await;
    let expected = DueDelivery {
        account: ada,
        message: new.message,
        sender: address("way@a.example"),
        recipient: address(BOB),
        token: new.token,
        work: Some(new.work),
        tries: 0,
        works: 1,
        ends_at: new.ends_at,
    };
    assert_eq!(claimed, [expected]);
    assert_eq!(due(store, ada, NOW.plus(999)).await, []);
    let again = due(store, ada, NOW.plus(1000)).await;
    assert_eq!(again[0].tries, 1, "who took it is gone");
    store.release_claims(NOW.plus(1001)).await.unwrap();
    let again = due(store, ada, NOW.plus(1001)).await;
    assert_eq!(again[0].tries, 2, "and nobody waits for whoever it was");
    let (from, to, content) = store.pulled(&hash).await.unwrap().unwrap();
    assert_eq!((from, to), (address("way@a.example"), address(BOB)));
    assert_eq!(content, new.sealed);
    assert!(store.pulled(&[9; 32]).await.unwrap().is_none());

    let failed = Outcome::Failed {
        reason: "an earlier try".into(),
    };
    let told = store.conclude(&claimed[0], failed.clone()).await;
    assert_eq!(told.unwrap(), None, "somebody else tries it by now");
    // What is there is there, whoever says so.
    let told = store.conclude(&claimed[0], Outcome::Delivered).await;
    assert_eq!(told.unwrap(), Some(Position(position.0 + 1)));
    let told = store.conclude(&again[0], failed).await;
    assert_eq!(told.unwrap(), None, "it is there");
    assert_eq!(due(store, ada, NOW.plus(1 << 40)).await, []);
    assert!(store.pulled(&hash).await.unwrap().is_none());
    let kept = all(store, ada).await;
    let delivered = Way::Sent {
        delivery: Delivery::Delivered,
        reason: None,
    };
    assert_eq!((kept.len(), &kept[0].way), (1, &delivered));
    assert_eq!(kept[0].content.0, new.sealed.content);
}

pub(crate) async fn delivery_waits_for_its_time_and_for_other_work(store: &Arc<dyn Store>) {
    let ada = account(store, "waits@a.example").await;
    let new = sent(ada, 1, "bob@slow.example");
    store.send(new.clone(), ROOM).await.unwrap();
    let tried = due(store, ada, NOW).await;
    let hurried = store.hurry("slow.example", NOW).await;
    assert_eq!(hurried.unwrap(), 0, "somebody tries it just now");
    let again = |due_at| Outcome::Again {
        due_at,
        reason: "away".into(),
    };
    let first = store.conclude(&tried[0], again(NOW.plus(5000))).await;
    assert!(first.unwrap().is_some());
    let same = store.conclude(&tried[0], again(NOW.plus(5000))).await;
    assert_eq!(same.unwrap(), None, "for the same reason");
    assert_eq!(due(store, ada, NOW.plus(4999)).await, []);
    assert_eq!(store.hurry("b.example", NOW.plus(1)).await.unwrap(), 0);
    assert_eq!(store.hurry("slow.example", NOW.plus(1)).await.unwrap(), 1);
    let tried = due(store, ada, NOW.plus(1)).await;
    assert_eq!((tried.len(), tried[0].tries), (1, 1));

    let wanted = Outcome::WorkWanted {
        reason: "burnt".into(),
    };
    store.conclude(&tried[0], wanted.clone()).await.unwrap();
    assert_eq!(due(store, ada, NOW.plus(999_999)).await, []);
    let hurried = store.hurry("slow.example", NOW.plus(1 << 41)).await;
    assert_eq!(hurried.unwrap(), 0, "there is no work to show");
    let over = due(store, ada, NOW.plus(1_000_000)).await;
    assert_eq!((over.len(), over[0].work), (1, None), "nobody did the work");
    let kept = all(store, ada).await;
    let waits = Way::Sent {
        delivery: Delivery::WorkWanted,
        reason: Some("burnt".into()),
    };
    assert_eq!(kept[0].way, waits);
    let later = NOW.plus(20_000);
    store.renew_work(ada, id(1), work(7), later).await.unwrap();
    let claimed = due(store, ada, later).await;
    assert_eq!((claimed.len(), claimed[0].work), (1, Some(work(7))));
    assert_eq!(claimed[0].works, 2);
    let stale = store.conclude(&tried[0], wanted).await;
    assert_eq!(stale.unwrap(), None, "of the work before");
    let failed = Outcome::Failed {
        reason: "30 days".into(),
    };
    store.conclude(&claimed[0], failed).await.unwrap();
    let gone = store.renew_work(ada, id(1), work(8), later).await;
    assert!(matches!(gone, Err(StoreError::ItemMissing)), "{gone:?}");
}

pub(crate) async fn delivery_is_claimed_by_one_of_many(store: &Arc<dyn Store>) {
    let ada = account(store, "claimed@a.example").await;
    for number in 0..30 {
        store.send(sent(ada, number, BOB), ROOM).await.unwrap();
    }
    let claiming: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.claim(NOW, NOW.plus(1000), places(10)).await })
        })
        .collect();
    let mut claimed = Vec::new();
    for one in claiming {
        claimed.extend(one.await.unwrap().unwrap());
    }
    claimed.extend(due(store, ada, NOW).await);
    let own = claimed.iter().filter(|due| due.account == ada);
    let own: Vec<_> = own.map(|due| due.message).collect();
    let different: BTreeSet<_> = own.iter().collect();
    assert_eq!((own.len(), different.len()), (30, 30));
}

pub(crate) async fn slow_domain_leaves_room_for_others(store: &Arc<dyn Store>) {
    let ada = account(store, "room@a.example").await;
    for number in 0..9 {
        let to = if number < 8 { "eve@slow.example" } else { BOB };
        let mut new = sent(ada, number, to);
        new.at = NOW.plus(u64::from(number));
        store.send(new, ROOM).await.unwrap();
    }
    let now = NOW.plus(100);
    let take = async |free, busy: u32| {
        let places = Places {
            free,
            of_a_domain: 3,
            of_an_account: 1000,
            under_way: [("slow.example".to_owned(), busy)].into(),
            ..Places::default()
        };
        let claimed = store.claim(now, now.plus(1000), places).await.unwrap();
        let own = claimed.into_iter().filter(|due| due.account == ada);
        own.map(|due| due.message).collect::<Vec<_>>()
    };
    assert_eq!(take(1000, 1).await, [id(0), id(1), id(8)]);
    assert_eq!(take(1000, 3).await, [], "there is no place");
    assert_eq!(take(1000, 2).await, [id(2)], "and now there is one");
    assert_eq!(take(1000, 0).await, [id(3), id(4), id(5)]);
    let of_one = async |busy: u32| {
        let places = Places {
            free: 1000,
            of_a_domain: 1000,
            of_an_account: 2,
            by_account: [(ada, busy)].into(),
            ..Places::default()
        };
        let now = NOW.plus(5_000);
        let claimed = store.claim(now, now.plus(1000), places).await.unwrap();
        claimed.iter().filter(|due| due.account == ada).count()
    };
    assert_eq!(
        [of_one(2).await, of_one(1).await, of_one(0).await],
        [0, 1, 2]
    );

    let of_slow = async || {
        let all = store.held_up(1000).await.unwrap();
        all.into_iter().find(|one| one.domain == "slow.example")
    };
    assert_eq!(of_slow().await, None, "nothing was tried in vain");
    for claimed in due(store, ada, NOW.plus(10_000)).await {
        let outcome = Outcome::Again {
            due_at: NOW.plus(20_000),
            reason: "no answer in time".into(),
        };
        store.conclude(&claimed, outcome).await.unwrap();
    }
    let held_up = of_slow().await.unwrap();
    let expected = HeldUp {
        domain: "slow.example".into(),
        messages: 8,
        since: NOW,
        reason: "no answer in time".into(),
    };
    assert_eq!(held_up, expected);
}

pub(crate) async fn message_on_this_node_is_with_both_or_with_neither(store: &Arc<dyn Store>) {
    let (ada, bob) = (
        account(store, "here@a.example").await,
        account(store, "there@a.example").await,
    );
    let (from, to) = ("here@a.example", "there@a.example");
    let mut challenge = [5; 32];
    challenge[..16].copy_from_slice(ada.as_bytes());
    let shown = ShownWork {
        challenge,
        token_hash: [1; 32],
        expires_at: NOW.plus(1000),
    };
    let hand = |number, shown, room| {
        let new = (sent(ada, number, to), received(bob, number, from));
        store.hand_over(new.0, new.1, shown, room)
    };
    let first = hand(1, shown, ROOM).await.unwrap();
    let Some(came) = first.1 else {
        panic!("it is new: {first:?}");
    };
    assert_eq!(hand(1, shown, ROOM).await.unwrap(), (first.0, None));
    let [of_ada, of_bob] = [all(store, ada).await, all(store, bob).await];
    assert_eq!((of_ada.len(), of_bob.len()), (1, 1));
    assert_eq!(of_ada[0].content, of_bob[0].content);
    let delivered = Way::Sent {
        delivery: Delivery::Delivered,
        reason: None,
    };
    assert_eq!(of_ada[0].way, delivered);
    let key = KeyStanding::Earlier;
    assert_eq!(of_bob[0].way, Way::Received { key });
    assert_eq!(of_bob[0].position, came);
    assert_eq!(due(store, ada, NOW.plus(1 << 40)).await, [], "it is there");
    let page = store.message_page(bob, Position(0), 10).await.unwrap();
    assert_eq!(page.correspondents[0].standing, Standing::Request);

    // Whatever speaks against it, both stand as before.
    let before = [all(store, ada).await, all(store, bob).await];
    let spent = hand(2, shown, ROOM).await;
    assert!(matches!(spent, Err(StoreError::AlreadySpent)), "{spent:?}");
    let next = |byte| ShownWork {
        challenge: {
            let mut other = challenge;
            other[31] = byte;
            other
        },
        ..shown
    };
    let full = hand(2, next(2), 100).await;
    assert!(
        matches!(full, Err(StoreError::QuotaExceeded { .. })),
        "{full:?}"
    );
    let ada_address = address(from);
    let blocked = store.stand(bob, &ada_address, Standing::Blocked, NOW).await;
    blocked.unwrap();
    let refused = hand(2, next(2), ROOM).await;
    assert!(
        matches!(refused, Err(StoreError::SenderBlocked)),
        "{refused:?}"
    );
    assert_eq!([all(store, ada).await, all(store, bob).await], before);
    let accepted = store
        .stand(bob, &ada_address, Standing::Accepted, NOW)
        .await;
    accepted.unwrap();
    hand(2, next(2), ROOM).await.unwrap();

    // Both write to one another at once, and neither waits for ever.
    let writing: Vec<_> = (10..30)
        .map(|number| {
            let store = Arc::clone(store);
            let (one, other, to, from) = if number % 2 == 0 {
                (ada, bob, to, from)
            } else {
                (bob, ada, from, to)
            };
            let new = (sent(one, number, to), received(other, number + 100, from));
            let shown = next(number);
            tokio::spawn(async move {
                // Who finds the other's account busy is told so at once.
                for _ in 0..1000 {
                    let (sent, received) = new.clone();
                    let handed = store.hand_over(sent, received, shown, ROOM).await;
                    if !matches!(handed, Err(StoreError::Unreachable(_))) {
                        return handed;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                Err(StoreError::Closed)
            })
        })
        .collect();
    for one in writing {
        one.await.unwrap().unwrap();
    }
    let [of_ada, of_bob] = [all(store, ada).await, all(store, bob).await];
    assert_eq!((of_ada.len(), of_bob.len()), (22, 22));
}

pub(crate) async fn same_message_twice_is_one(store: &Arc<dyn Store>) {
    let ada = account(store, "twice@a.example").await;
    let new = sent(ada, 1, BOB);
    store.send(new.clone(), ROOM).await.unwrap();
    let mut other = new.clone();
    other.sealed = sealed(9, 100);
    let reused = store.send(other, ROOM).await;
    assert!(
        matches!(reused, Err(StoreError::UpdateReused)),
        "{reused:?}"
    );
    let mut elsewhere = new;
    elsewhere.to = address("carol@b.example");
    let reused = store.send(elsewhere, ROOM).await;
    assert!(
        matches!(reused, Err(StoreError::UpdateReused)),
        "{reused:?}"
    );

    let came = store.receive(received(ada, 2, BOB), ROOM).await.unwrap();
    let mut again = received(ada, 3, BOB);
    again.sealed = sealed(2, 100);
    assert_eq!(store.receive(again, ROOM).await.unwrap(), came);
    assert_eq!(all(store, ada).await.len(), 2);
    let other_sender = received(ada, 4, "carol@b.example");
    store.receive(other_sender, ROOM).await.unwrap();
    assert_eq!(all(store, ada).await.len(), 3);
}

pub(crate) async fn strangers_wait_and_blocked_ones_stay_out(store: &Arc<dyn Store>) {
    let ada = account(store, "lets@a.example").await;
    let own = address("lets@a.example");
    let terms = |from: Address| {
        let (store, own) = (Arc::clone(store), own.clone());
        async move { store.terms(&own, &from).await.unwrap() }
    };
    let known = terms(address(BOB)).await.unwrap();
    assert_eq!((known.account, known.standing), (ada, None));
    assert_eq!(known.keys, [[2; 33]]);
    let nobody = store.terms(&address("nobody@a.example"), &own).await;
    assert_eq!(nobody.unwrap(), None);

    store.receive(received(ada, 1, BOB), ROOM).await.unwrap();
    assert_eq!(standing(store, ada).await, Some(Standing::Request));
    let standing_of = |it: Option<crate::store::Terms>| it.and_then(|terms| terms.standing);
    let now = standing_of(terms(address(BOB)).await);
    assert_eq!(now, Some(Standing::Request));
    // An answer lets them in.
    store.send(sent(ada, 2, BOB), ROOM).await.unwrap();
    assert_eq!(standing(store, ada).await, Some(Standing::Accepted));

    let bob = address(BOB);
    store
        .stand(ada, &bob, Standing::Blocked, NOW)
        .await
        .unwrap();
    let refused = store.receive(received(ada, 3, BOB), ROOM).await;
    assert!(
        matches!(refused, Err(StoreError::SenderBlocked)),
        "{refused:?}"
    );
    store.send(sent(ada, 4, BOB), ROOM).await.unwrap();
    assert_eq!(standing(store, ada).await, Some(Standing::Blocked));
    assert_eq!(all(store, ada).await.len(), 3);
}

pub(crate) async fn work_pays_for_one_message(store: &Arc<dyn Store>) {
    let ada = account(store, "paid@a.example").await;
    let mut challenge = [1; 32];
    challenge[..16].copy_from_slice(ada.as_bytes());
    let shown = ShownWork {
        challenge,
        token_hash: [1; 32],
        expires_at: NOW.plus(1000),
    };
    assert_eq!(store.take_work(shown).await.unwrap(), WorkState::Pull(1));
    assert_eq!(store.take_work(shown).await.unwrap(), WorkState::Pull(2));
    let other = ShownWork {
        token_hash: [2; 32],
        ..shown
    };
    let spent = store.take_work(other).await;
    assert!(matches!(spent, Err(StoreError::AlreadySpent)), "{spent:?}");
    let mut new = received(ada, 1, BOB);
    new.challenge = Some(challenge);
    store.receive(new, ROOM).await.unwrap();
    assert_eq!(store.take_work(shown).await.unwrap(), WorkState::Done);

    let mut endless = shown;
    endless.challenge[31] = 2;
    let mut tries = 0;
    while store.take_work(endless).await.is_ok() {
        tries += 1;
        assert!(tries < 100, "without end");
    }
    assert_eq!(tries, 20);
}

pub(crate) async fn pages_hold_every_change_once(store: &Arc<dyn Store>) {
    let ada = account(store, "pages@a.example").await;
    for number in 0..50 {
        let from = format!("who{}@b.example", number % 7);
        store
            .receive(received(ada, number, &from), ROOM)
            .await
            .unwrap();
    }
    for limit in [1, 3, 10, 49, 50, 51, 1000] {
        let (mut since, mut seen, mut who) = (Position(0), Vec::new(), BTreeSet::new());
        loop {
            let page = store.message_page(ada, since, limit).await.unwrap();
            let last = page.read_to == page.latest;
            assert!(last || page.read_to > since, "it goes on");
            assert!(page.messages.len() <= limit as usize);
            seen.extend(page.messages.into_iter().map(|it| it.position));
            who.extend(page.correspondents.into_iter().map(|it| it.position));
            since = page.read_to;
            if last {
                break;
            }
        }
        assert_eq!((seen.len(), who.len()), (50, 7), "pages of {limit}");
        assert!(seen.is_sorted(), "the oldest first");
    }
    let large = account(store, "large@a.example").await;
    for number in 0..6 {
        let mut new = received(large, number, BOB);
        new.sealed = sealed(number, 1 << 20);
        store.receive(new, 1 << 30).await.unwrap();
    }
    let page = store.message_page(large, Position(0), 1000).await.unwrap();
    assert!(page.messages.len() < 6 && page.read_to < page.latest);
    let rest = store.message_page(large, page.read_to, 1000).await.unwrap();
    assert_eq!(page.messages.len() + rest.messages.len(), 6);
}

pub(crate) async fn deleted_conversation_leaves_room(store: &Arc<dyn Store>) {
    let ada = account(store, "room@a.example").await;
    let room = 2 * (100 + 256);
    store.send(sent(ada, 1, BOB), room).await.unwrap();
    store.receive(received(ada, 2, BOB), room).await.unwrap();
    let full = |answer| matches!(answer, Err(StoreError::QuotaExceeded { .. }));
    assert!(full(store.receive(received(ada, 3, BOB), room).await));
    assert!(full(store.send(sent(ada, 3, BOB), room).await));
    store.clear(ada, &address(BOB), NOW).await.unwrap();
    assert_eq!(all(store, ada).await, []);
    assert_eq!(due(store, ada, NOW.plus(1 << 40)).await, []);
    let page = store.message_page(ada, Position(0), 10).await.unwrap();
    assert_eq!(page.correspondents[0].cleared, page.latest);
    store.receive(received(ada, 4, BOB), room).await.unwrap();
    store.send(sent(ada, 5, BOB), room).await.unwrap();
    assert_eq!(all(store, ada).await.len(), 2);
    let tried = due(store, ada, NOW).await;

    delete(store, ada).await.unwrap();
    assert_eq!(due(store, ada, NOW.plus(1 << 40)).await, []);
    let gone = store.receive(received(ada, 6, BOB), room).await;
    assert!(matches!(gone, Err(StoreError::AccountMissing)), "{gone:?}");
    let told = store.conclude(&tried[0], Outcome::Delivered).await;
    assert_eq!(told.unwrap(), None);
}

pub(crate) async fn keys_that_a_domain_has_named_are_known(store: &Arc<dyn Store>) {
    let bob = address(BOB);
    assert!(!store.has_seen_key(&bob, &[5; 33]).await.unwrap());
    store.see_key(&bob, [5; 33], NOW).await.unwrap();
    store.see_key(&bob, [5; 33], NOW.plus(1)).await.unwrap();
    store.see_key(&bob, [6; 33], NOW).await.unwrap();
    assert!(store.has_seen_key(&bob, &[5; 33]).await.unwrap());
    assert!(store.has_seen_key(&bob, &[6; 33]).await.unwrap());
    let carol = address("carol@b.example");
    assert!(!store.has_seen_key(&carol, &[5; 33]).await.unwrap());
}
