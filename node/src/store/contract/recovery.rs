//! Recovery words and passwords.

use std::sync::Arc;

use proto::ids::{AccountId, DeviceId, KeyNumber, SessionId, UnixMillis};
use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

use super::make::delete;
use crate::store::{
    KeyForWords, NewAccount, NewKey, NewRecovery, NewSession, PasswordChange, Proven, Store,
    StoreError, StoredKey, StoredRecovery, TokenHash,
};

const NOW: UnixMillis = UnixMillis(1_795_226_516_049);

pub(crate) async fn newer_words_replace_the_older(store: &Arc<dyn Store>) {
    let id = account(store, "words@r.example", 1).await;
    assert!(store.recovery(id).await.unwrap().is_none());
    assert!(store.recovery_keys(id).await.unwrap().is_empty());
    let address = "words@r.example".parse().unwrap();
    assert!(store.recovery_by_address(&address).await.unwrap().is_none());

    let older = words(id, 1, vec![key(1, 11), key(2, 12)]);
    store.set_recovery(older).await.unwrap();
    store
        .set_recovery(words(id, 2, vec![key(1, 21)]))
        .await
        .unwrap();
    let set = store.recovery_by_address(&address).await.unwrap().unwrap();
    assert_eq!((set.account, set.login_hash.as_bytes()), (id, &[2; 32]));
    assert_eq!(
        (set.number, set.key_number, set.confirmed_at),
        (2, KeyNumber(1), NOW)
    );
    assert_eq!(set.sealed_key, [2; 61]);
    assert_eq!(store.recovery_keys(id).await.unwrap(), [key(1, 21)]);
    // Made at the same time on another device, or before.
    for number in [2, 1] {
        let mut late = words(id, 3, vec![key(1, 31)]);
        late.recovery.number = number;
        let refused = store.set_recovery(late).await;
        assert!(matches!(refused, Err(StoreError::RecoveryOutdated)));
    }
    // Sent once more they are one act.
    let again = words(id, 2, vec![key(1, 21)]);
    store.set_recovery(again).await.unwrap();
    assert_eq!(store.recovery_keys(id).await.unwrap(), [key(1, 21)]);
    let unknown = "nobody@r.example".parse().unwrap();
    assert!(store.recovery_by_address(&unknown).await.unwrap().is_none());
}

pub(crate) async fn key_is_added_for_the_words_that_are_set_or_not_at_all(store: &Arc<dyn Store>) {
    let id = account(store, "rotates@r.example", 13).await;
    let third = |byte| NewKey {
        account: id,
        key: key(3, 3),
        proven: Proven::Password(StoredLoginHash::from_bytes([13; 32])),
        for_words: Some(KeyForWords {
            words: RecoveryHash::from_bytes([byte; 32]),
            sealed_private_key: vec![33; 61],
        }),
        created_at: NOW,
    };
    let refused = store.add_key(third(1)).await;
    assert!(matches!(refused, Err(StoreError::RecoveryOutdated)));
    let set = words(id, 1, vec![key(1, 11), key(2, 12)]);
    store.set_recovery(set).await.unwrap();
    let refused = store.add_key(third(2)).await;
    assert!(matches!(refused, Err(StoreError::RecoveryOutdated)));
    assert_eq!(store.keys(id).await.unwrap().len(), 2);
    for _ in 0..2 {
        store.add_key(third(1)).await.unwrap();
        assert_eq!(store.keys(id).await.unwrap().len(), 3);
        let opened = store.recovery_keys(id).await.unwrap();
        assert_eq!(opened, [key(1, 11), key(2, 12), key(3, 33)]);
    }
}

pub(crate) async fn words_open_keys_of_their_account_only(store: &Arc<dyn Store>) {
    let id = account(store, "strict@r.example", 2).await;
    let first = words(id, 1, vec![key(1, 11)]);
    store.set_recovery(first).await.unwrap();
    let mut another = key(1, 11);
    another.public_key = [3; 33];
    for keys in [vec![key(1, 9), key(3, 9)], vec![another]] {
        let refused = store.set_recovery(words(id, 9, keys)).await;
        assert!(matches!(refused, Err(StoreError::KeyMissing)));
    }
    let set = store.recovery(id).await.unwrap().unwrap();
    assert_eq!(set.login_hash.as_bytes(), &[1; 32]);
    assert_eq!(store.recovery_keys(id).await.unwrap(), [key(1, 11)]);
    let nobody = words(AccountId::make(NOW, [77; 10]), 1, vec![key(1, 1)]);
    let refused = store.set_recovery(nobody).await;
    assert!(matches!(refused, Err(StoreError::AccountMissing)));
}

pub(crate) async fn words_go_with_their_account(store: &Arc<dyn Store>) {
    let id = account(store, "gone@r.example", 3).await;
    store
        .set_recovery(words(id, 1, vec![key(1, 11)]))
        .await
        .unwrap();
    delete(store, id).await.unwrap();
    assert!(store.recovery(id).await.unwrap().is_none());
    assert!(store.recovery_keys(id).await.unwrap().is_empty());
    let late = store.change_password(change(id, 3, 4)).await;
    assert!(matches!(late, Err(StoreError::AccountMissing)));
}

pub(crate) async fn password_changes_with_its_keys_and_ends_other_sessions(store: &Arc<dyn Store>) {
    let id = account(store, "change@r.example", 4).await;
    let others = store.sessions(id, NOW).await.unwrap();
    assert_eq!(others.len(), 2);
    // Who only seals keys anew keeps all sessions.
    let mut sealed = change(id, 4, 4);
    sealed.keys = vec![key(2, 32)];
    store.change_password(sealed).await.unwrap();
    assert_eq!(store.sessions(id, NOW).await.unwrap().len(), 2);
    assert_eq!(store.keys(id).await.unwrap(), [key(1, 1), key(2, 32)]);

    let mut changed = change(id, 4, 5);
    changed.keys = vec![key(1, 41)];
    // By a token that is another one by now.
    let late = store.change_password(changed.clone()).await;
    assert!(matches!(late, Err(StoreError::SessionMissing)));
    let stored = store.account(id).await.unwrap().unwrap();
    assert_eq!(stored.login_hash.as_bytes(), &[4; 32]);
    assert_eq!(store.keys(id).await.unwrap(), [key(1, 1), key(2, 32)]);
    changed.shown = token(id, 4);
    store.change_password(changed).await.unwrap();
    let stored = store.account(id).await.unwrap().unwrap();
    assert_eq!(stored.login_hash.as_bytes(), &[5; 32]);
    assert_eq!(store.keys(id).await.unwrap(), [key(1, 41), key(2, 32)]);
    let left = store.sessions(id, NOW).await.unwrap();
    assert_eq!(
        left.iter().map(|one| one.id).collect::<Vec<_>>(),
        [session(id, 1)]
    );
    // A copy of the token that was shown is good for nothing, not even for a renewal.
    let by = async |shown| store.session_by_token(&shown, NOW).await.unwrap();
    assert_eq!(by(token(id, 5)).await.unwrap().id, session(id, 1));
    let copied = new_session(id, 1).token;
    assert!(by(copied).await.is_none());
    let renewable = store.renewable_session(&copied, NOW).await.unwrap();
    assert!(renewable.is_none());
}

pub(crate) async fn words_allow_a_password(store: &Arc<dyn Store>) {
    let id = account(store, "forgot@r.example", 5).await;
    store
        .set_recovery(words(id, 7, vec![key(1, 11)]))
        .await
        .unwrap();
    let mut changed = change(id, 5, 5);
    changed.proven = Proven::Words(RecoveryHash::from_bytes([7; 32]));
    changed.keys = vec![key(1, 51)];
    changed.recovery_keys = vec![key(2, 52)];
    // For other words than are set they would open nothing, nor would the others beside them.
    let others = store.change_password(changed.clone()).await;
    assert!(matches!(others, Err(StoreError::RecoveryOutdated)));
    changed.words = Some(RecoveryHash::from_bytes([7; 32]));
    store.change_password(changed).await.unwrap();
    assert_eq!(store.keys(id).await.unwrap()[0], key(1, 51));
    assert_eq!(
        store.recovery_keys(id).await.unwrap(),
        [key(1, 11), key(2, 52)]
    );
    // With the words even the same password ends them: somebody else may know it.
    assert_eq!(store.sessions(id, NOW).await.unwrap().len(), 1);
}

pub(crate) async fn outdated_proof_changes_nothing(store: &Arc<dyn Store>) {
    let id = account(store, "proof@r.example", 6).await;
    let words_of_none = Proven::Words(RecoveryHash::from_bytes([0; 32]));
    let wrong = Proven::Password(StoredLoginHash::from_bytes([99; 32]));
    for proven in [words_of_none, wrong] {
        let mut refused = change(id, 6, 7);
        refused.proven = proven;
        refused.keys = vec![key(1, 61)];
        let refused = store.change_password(refused).await;
        assert!(matches!(refused, Err(StoreError::ProofOutdated)));
    }
    let mut foreign = change(id, 6, 7);
    foreign.keys = vec![key(1, 61), key(9, 69)];
    let refused = store.change_password(foreign).await;
    assert!(matches!(refused, Err(StoreError::KeyMissing)));
    let mut no_words = change(id, 6, 7);
    no_words.recovery_keys = vec![key(1, 61)];
    let refused = store.change_password(no_words).await;
    assert!(matches!(refused, Err(StoreError::KeyMissing)));
    let stored = store.account(id).await.unwrap().unwrap();
    assert_eq!(stored.login_hash.as_bytes(), &[6; 32]);
    assert_eq!(store.keys(id).await.unwrap(), [key(1, 1), key(2, 2)]);
    assert_eq!(store.sessions(id, NOW).await.unwrap().len(), 2);
}

/// What was looked at before the password changed lets nobody in after it.
pub(crate) async fn proof_from_before_a_change_opens_nothing(store: &Arc<dyn Store>) {
    let id = account(store, "before@r.example", 9).await;
    let shown = Some(Proven::Password(StoredLoginHash::from_bytes([9; 32])));
    let mut late = new_session(id, 3);
    late.proven = shown;
    let mut late_words = words(id, 91, vec![key(1, 91)]);
    late_words.proven = shown;
    // As long as it is the password they are taken.
    store.set_recovery(late_words.clone()).await.unwrap();
    store.open_session(late.clone()).await.unwrap();
    store
        .set_recovery(words(id, 92, vec![key(1, 92)]))
        .await
        .unwrap();
    store.change_password(change(id, 9, 10)).await.unwrap();

    let refused = store.open_session(late).await;
    assert!(matches!(refused, Err(StoreError::ProofOutdated)));
    let refused = store.set_recovery(late_words).await;
    assert!(matches!(refused, Err(StoreError::ProofOutdated)));
    assert_eq!(store.sessions(id, NOW).await.unwrap().len(), 1);
    let set = store.recovery(id).await.unwrap().unwrap();
    assert_eq!(set.login_hash.as_bytes(), &[92; 32]);
    // The same of words that were replaced.
    let mut by_words = new_session(id, 4);
    by_words.proven = Some(Proven::Words(RecoveryHash::from_bytes([91; 32])));
    let refused = store.open_session(by_words).await;
    assert!(matches!(refused, Err(StoreError::ProofOutdated)));
}

pub(crate) async fn one_of_many_changes_the_password(store: &Arc<dyn Store>) {
    let id = account(store, "race@r.example", 8).await;
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let store = Arc::clone(store);
            let mut change = change(id, 8, 100 + number);
            change.keys = vec![key(1, 100 + number)];
            tokio::spawn(async move { store.change_password(change).await })
        })
        .collect();
    let mut done = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert!(matches!(error, StoreError::ProofOutdated), "{error}"),
        }
    }
    assert_eq!(done, 1);
    let hash = store.account(id).await.unwrap().unwrap().login_hash;
    let sealed = store.keys(id).await.unwrap()[0].sealed_private_key[0];
    assert_eq!(hash.as_bytes()[0], sealed);
}

/// An account with two key pairs and two sessions, whose password's hash is made of `byte`.
async fn account(store: &Arc<dyn Store>, name: &str, byte: u8) -> AccountId {
    let id = AccountId::make(NOW, [byte; 10]);
    let new = NewAccount {
        id,
        address: name.parse().unwrap(),
        login_hash: StoredLoginHash::from_bytes([byte; 32]),
        key: key(1, 1),
        session: new_session(id, 1),
        created_at: NOW,
    };
    store.create_account(new).await.unwrap();
    let second = NewKey {
        account: id,
        key: key(2, 2),
        proven: Proven::Password(StoredLoginHash::from_bytes([byte; 32])),
        for_words: None,
        created_at: NOW,
    };
    store.add_key(second).await.unwrap();
    store.open_session(new_session(id, 2)).await.unwrap();
    id
}

fn session(account: AccountId, number: u8) -> SessionId {
    let mut random = [number; 10];
    random[..5].copy_from_slice(&account.as_bytes()[11..]);
    SessionId::make(NOW, random)
}

fn new_session(account: AccountId, number: u8) -> NewSession {
    NewSession {
        id: session(account, number),
        account,
        device: DeviceId::make(NOW, [number; 10]),
        description: "A device".to_owned(),
        token: TokenHash(*blake3::hash(session(account, number).as_bytes()).as_bytes()),
        created_at: NOW,
        proven: None,
    }
}

fn key(number: u32, byte: u8) -> StoredKey {
    StoredKey {
        number: KeyNumber(number),
        public_key: [2; 33],
        sealed_private_key: vec![byte; 61],
    }
}

fn words(account: AccountId, byte: u8, keys: Vec<StoredKey>) -> NewRecovery {
    NewRecovery {
        recovery: StoredRecovery {
            account,
            login_hash: RecoveryHash::from_bytes([byte; 32]),
            number: byte.into(),
            key_number: KeyNumber(1),
            sealed_key: vec![byte; 61],
            confirmed_at: NOW,
        },
        keys,
        proven: None,
    }
}

/// From one password to another, without any key.
fn change(account: AccountId, from: u8, to: u8) -> PasswordChange {
    PasswordChange {
        account,
        proven: Proven::Password(StoredLoginHash::from_bytes([from; 32])),
        login_hash: StoredLoginHash::from_bytes([to; 32]),
        keys: Vec::new(),
        recovery_keys: Vec::new(),
        words: None,
        session: session(account, 1),
        shown: new_session(account, 1).token,
        token: token(account, to),
    }
}

/// What the first session is known by after a change.
fn token(account: AccountId, to: u8) -> TokenHash {
    TokenHash(*blake3::hash(format!("{account} {to}").as_bytes()).as_bytes())
}
