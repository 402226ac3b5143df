//! Sessions.

use std::sync::Arc;

use proto::{
    api::session::SealedDeviceName,
    bytes::Base64,
    ids::{AccountId, KeyNumber, UnixMillis},
    limits::{DEVICE_KEPT_MS, SESSION_IDLE_MS, SESSION_MAX_MS, SESSIONS_MAX},
};
use wasm_core::kdf::server::StoredLoginHash;

use super::make::{NOW, account, device, new_session};
use crate::store::{
    KeptSession, NewKey, NewSession, PasswordChange, Proven, Renewal, SpentChallenge, Store,
    StoreError, StoredKey, TokenHash,
};

pub(crate) async fn device_has_one_session(store: &Arc<dyn Store>) {
    let id = account(store, "sessions@a.example").await;
    let phone = device(1);
    let first = new_session(id, phone, 1, NOW);
    let second = new_session(id, phone, 2, NOW.plus(5));
    assert!(store.open_session(first.clone()).await.unwrap());
    assert!(!store.open_session(second.clone()).await.unwrap());
    assert!(
        store
            .session_by_token(&first.token, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let found = store
        .session_by_token(&second.token, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.account), (second.id, id));
    assert_eq!(
        (found.created_at, found.last_used_at),
        (NOW.plus(5), NOW.plus(5))
    );

    // The last used comes first; a use never goes back in time.
    store.touch_session(second.id, NOW.plus(100)).await.unwrap();
    store.touch_session(second.id, NOW.plus(50)).await.unwrap();
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].id, list[0].last_used_at),
        (second.id, NOW.plus(100))
    );
    let gone = NOW.plus(100 + DEVICE_KEPT_MS);
    let list = store.sessions(id, UnixMillis(gone.0 - 1)).await.unwrap();
    assert_eq!(list.len(), 1);
    assert!(store.sessions(id, gone).await.unwrap().is_empty());

    let stranger = account(store, "stranger@a.example").await;
    assert!(!store.end_session(stranger, second.id).await.unwrap());
    assert!(store.end_session(id, second.id).await.unwrap());
    assert!(!store.end_session(id, second.id).await.unwrap());
    assert!(
        store
            .session_by_token(&second.token, NOW)
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn full_list_of_sessions_makes_room(store: &Arc<dyn Store>) {
    let id = account(store, "devices@a.example").await;
    for number in 0..u8::try_from(SESSIONS_MAX).unwrap() + 2 {
        let at = NOW.plus(1 + u64::from(number));
        let session = new_session(id, device(number), 1000 + u16::from(number), at);
        assert!(store.open_session(session).await.unwrap());
    }
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), SESSIONS_MAX as usize);
    assert_eq!(list[0].created_at, NOW.plus(u64::from(SESSIONS_MAX) + 2));
    assert_eq!(list[list.len() - 1].created_at, NOW.plus(3));
}

pub(crate) async fn session_ends_by_age(store: &Arc<dyn Store>) {
    let id = account(store, "age@a.example").await;
    let session = new_session(id, device(1), 1, NOW);
    store.open_session(session.clone()).await.unwrap();
    let is_good = async |at: UnixMillis| {
        let found = store.session_by_token(&session.token, at).await.unwrap();
        found.is_some()
    };
    assert!(is_good(NOW.plus(SESSION_IDLE_MS - 1)).await);
    assert!(!is_good(NOW.plus(SESSION_IDLE_MS)).await);
    // Each use begins the day anew; the thirty days it does not.
    let end = NOW.plus(SESSION_MAX_MS);
    let mut at = NOW;
    while at.plus(SESSION_IDLE_MS) < end {
        at = at.plus(SESSION_IDLE_MS - 1);
        assert!(is_good(at).await);
        store.touch_session(session.id, at).await.unwrap();
    }
    assert!(is_good(UnixMillis(end.0 - 1)).await);
    assert!(!is_good(end).await);
}

pub(crate) async fn session_that_ended_by_age_is_renewed(store: &Arc<dyn Store>) {
    let id = account(store, "renew@a.example").await;
    let session = new_session(id, device(1), 1, NOW);
    store.open_session(session.clone()).await.unwrap();
    let later = NOW.plus(DEVICE_KEPT_MS - 1);
    let may = async |token, at| {
        let found = store.renewable_session(&token, at).await.unwrap();
        found.map(|found| found.id)
    };
    assert_eq!(may(session.token, later).await, Some(session.id));
    assert_eq!(may(session.token, later.plus(1)).await, None);
    assert_eq!(may(TokenHash([0; 32]), NOW).await, None);

    let first = renewal(&session, session.token, 1, later);
    store.renew_session(first.clone()).await.unwrap();
    let found = store.session_by_token(&first.token, later).await.unwrap();
    let found = found.unwrap();
    assert_eq!((found.id, found.device), (session.id, session.device));
    assert_eq!((found.created_at, found.last_used_at), (later, later));
    // No row is added to it and the one that the account was made with.
    assert_eq!(store.sessions(id, later).await.unwrap().len(), 2);
    // The older token opens nothing; where the answer was lost, it renews once more.
    let older = store.session_by_token(&session.token, later).await.unwrap();
    assert!(older.is_none());
    assert_eq!(may(session.token, later).await, Some(session.id));
    let again = renewal(&session, session.token, 2, later);
    store.renew_session(again.clone()).await.unwrap();
    let lost = store.session_by_token(&first.token, later).await.unwrap();
    assert!(lost.is_none());
    assert_eq!(may(first.token, later).await, None);
    let next = renewal(&session, again.token, 3, later);
    store.renew_session(next).await.unwrap();
    assert_eq!(may(session.token, later).await, None);
    let outdated = renewal(&session, session.token, 4, later);
    let refused = store.renew_session(outdated).await;
    assert!(matches!(refused, Err(StoreError::SessionMissing)));
}

pub(crate) async fn renewal_is_of_the_active_key_and_an_unspent_challenge(store: &Arc<dyn Store>) {
    let id = account(store, "key@a.example").await;
    let session = new_session(id, device(1), 1, NOW);
    store.open_session(session.clone()).await.unwrap();
    let once = renewal(&session, session.token, 1, NOW);
    store.renew_session(once.clone()).await.unwrap();
    let twice = Renewal {
        shown: once.token,
        token: TokenHash([77; 32]),
        ..once.clone()
    };
    let refused = store.renew_session(twice).await;
    assert!(matches!(refused, Err(StoreError::AlreadySpent)));
    let password = store.account(id).await.unwrap().unwrap().login_hash;
    let newer = NewKey {
        account: id,
        proven: Proven::Password(password),
        for_words: None,
        key: StoredKey {
            number: KeyNumber(2),
            public_key: [3; 33],
            sealed_private_key: vec![4; 61],
        },
        created_at: NOW,
    };
    store.add_key(newer).await.unwrap();
    let outdated = renewal(&session, once.token, 2, NOW);
    let refused = store.renew_session(outdated.clone()).await;
    assert!(matches!(refused, Err(StoreError::ProofOutdated)));
    // Nothing of what was refused stays: its challenge is not spent.
    let active = Renewal {
        key: [3; 33],
        ..outdated
    };
    store.renew_session(active).await.unwrap();
}

pub(crate) async fn ended_session_is_never_renewed(store: &Arc<dyn Store>) {
    let id = account(store, "revoked@a.example").await;
    let mut kept = new_session(id, device(1), 1, NOW);
    store.open_session(kept.clone()).await.unwrap();
    let mut number = 10;
    for end in ["one", "others", "password", "login"] {
        let lost = new_session(id, device(2), number, NOW.plus(number.into()));
        store.open_session(lost.clone()).await.unwrap();
        // One that was renewed before is known by two tokens.
        let renewed = renewal(&lost, lost.token, number, NOW);
        store.renew_session(renewed.clone()).await.unwrap();
        match end {
            "one" => assert!(store.end_session(id, lost.id).await.unwrap()),
            "others" => {
                // With it goes the session that the account was made with.
                let once = KeptSession {
                    account: id,
                    id: kept.id,
                    shown: kept.token,
                    token: TokenHash([88; 32]),
                };
                assert_eq!(store.end_other_sessions(once).await.unwrap(), 2);
                // Its own token is another one by now, and the one before renews nothing.
                let late = store.end_other_sessions(once).await;
                assert!(matches!(late, Err(StoreError::SessionMissing)));
                let found = store.renewable_session(&kept.token, NOW).await.unwrap();
                assert!(found.is_none());
                kept.token = once.token;
            }
            "password" => kept.token = change_password(store, id, &kept).await,
            _ => {
                let login = new_session(id, device(2), number + 1, NOW);
                store.open_session(login).await.unwrap();
            }
        }
        for token in [lost.token, renewed.token] {
            assert!(store.session_by_token(&token, NOW).await.unwrap().is_none());
            let found = store.renewable_session(&token, NOW).await.unwrap();
            assert!(found.is_none(), "{end}");
            number += 2;
            let refused = store
                .renew_session(renewal(&lost, token, number, NOW))
                .await;
            assert!(matches!(refused, Err(StoreError::SessionMissing)), "{end}");
        }
        number += 2;
    }
    let found = store.session_by_token(&kept.token, NOW).await.unwrap();
    assert!(found.is_some());
}

pub(crate) async fn name_stays_with_the_device(store: &Arc<dyn Store>) {
    let id = account(store, "name@a.example").await;
    let stranger = account(store, "stranger@n.example").await;
    let session = new_session(id, device(1), 1, NOW);
    store.open_session(session.clone()).await.unwrap();
    let sealed = SealedDeviceName {
        key_number: KeyNumber(7),
        sealed: Base64(vec![8; 256]),
    };
    let name = Some(sealed.clone());
    let foreign = store.name_session(stranger, session.id, name.clone()).await;
    assert!(!foreign.unwrap());
    assert!(store.name_session(id, session.id, name).await.unwrap());
    // A new login of the device finds it again; another device does not.
    let again = new_session(id, device(1), 2, NOW.plus(1));
    store.open_session(again.clone()).await.unwrap();
    let other = new_session(id, device(2), 3, NOW.plus(2));
    store.open_session(other).await.unwrap();
    let list = store.sessions(id, NOW).await.unwrap();
    let names: Vec<_> = list.iter().map(|session| session.name.clone()).collect();
    assert_eq!(names, [None, Some(sealed), None]);
    assert!(store.name_session(id, again.id, None).await.unwrap());
    let list = store.sessions(id, NOW).await.unwrap();
    assert!(list.iter().all(|session| session.name.is_none()));
}

/// Statements that put an account into a database of schema 4, with a session that was opened 40 days
/// ago and used an hour ago, and one opened two days ago and used an hour ago. `blob`: how a blob
/// begins there.
pub(crate) fn of_schema_4(blob: &str) -> Vec<String> {
    let bytes = |byte: u8, length| format!("{blob}{}'", format!("{byte:02x}").repeat(length));
    let session = |byte, days: u64| {
        let (opened, used) = (NOW.0 - days * 24 * HOUR, NOW.0 - HOUR);
        format!(
            "INSERT INTO session (id, account_id, device_id, description, token_hash, created_at, \
             last_used_at, expires_at) VALUES ({}, {}, {}, 'A device', {}, {opened}, {used}, {})",
            bytes(byte, 16),
            bytes(1, 16),
            bytes(byte, 16),
            bytes(byte, 32),
            used + 90 * 24 * HOUR,
        )
    };
    vec![
        format!(
            "INSERT INTO account (id, address, login_key_hash, created_at) \
             VALUES ({}, 'old@a.example', {}, 1)",
            bytes(1, 16),
            bytes(1, 32),
        ),
        session(4, 40),
        session(5, 2),
    ]
}

/// What becomes of them.
pub(crate) async fn sessions_of_schema_4_go_on(store: &impl Store) {
    let account = AccountId::from_bytes([1; 16]);
    assert_eq!(store.sessions(account, NOW).await.unwrap().len(), 2);
    for (byte, good) in [(4, false), (5, true)] {
        let token = TokenHash([byte; 32]);
        let found = store.session_by_token(&token, NOW).await.unwrap();
        assert_eq!(found.is_some(), good, "{byte}");
        let found = store.renewable_session(&token, NOW).await.unwrap();
        assert_eq!(found.map(|found| found.name), Some(None), "{byte}");
    }
}

/// Milliseconds.
const HOUR: u64 = 60 * 60 * 1000;

/// A renewal by the key that `make` gives accounts; challenge and new token are made of `number`.
fn renewal(session: &NewSession, shown: TokenHash, number: u16, at: UnixMillis) -> Renewal {
    let named = |what: &str| {
        let name = format!("{what} {} {number}", session.account);
        *blake3::hash(name.as_bytes()).as_bytes()
    };
    Renewal {
        id: session.id,
        account: session.account,
        shown,
        key: [2; 33],
        challenge: SpentChallenge {
            challenge: named("challenge"),
            expires_at: at.plus(1),
        },
        token: TokenHash(named("token")),
        at,
    }
}

/// Changes the password; what the session is known by then.
async fn change_password(store: &Arc<dyn Store>, id: AccountId, kept: &NewSession) -> TokenHash {
    let before = store.account(id).await.unwrap().unwrap().login_hash;
    let change = PasswordChange {
        account: id,
        proven: Proven::Password(before),
        login_hash: StoredLoginHash::from_bytes([9; 32]),
        keys: Vec::new(),
        recovery_keys: Vec::new(),
        words: None,
        session: kept.id,
        shown: kept.token,
        token: TokenHash(*blake3::hash(kept.id.as_bytes()).as_bytes()),
    };
    store.change_password(change.clone()).await.unwrap();
    change.token
}
