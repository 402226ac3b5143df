//! Domains, and the codes of their administrators.

use std::sync::Arc;

use proto::{
    api::domain::CodePurpose,
    ids::{AccountId, KeyNumber, UnixMillis},
};
use wasm_core::kdf::server::StoredLoginHash;

use super::make::{NOW, account, address, delete, device, new_account, new_session, write};
use crate::store::{
    AccountReset, AddressState, CodeHash, DomainClaim, NewCode, Store, StoreError, StoredKey,
};

const MAX: u32 = 3;

fn claim(domain: &str, admin: AccountId, at: u64) -> DomainClaim {
    DomainClaim {
        domain: domain.to_owned(),
        admin,
        public_key: (at > 0).then_some([3; 33]),
        at: NOW.plus(at),
        is_open: false,
    }
}

fn code(number: u8, name: &str, purpose: CodePurpose, made_by: Option<AccountId>) -> NewCode {
    NewCode {
        hash: CodeHash([number; 32]),
        address: address(name),
        purpose,
        made_by,
        expires_at: NOW.plus(1000),
    }
}

fn reset(id: AccountId, name: &str, number: u8, key: u32) -> AccountReset {
    AccountReset {
        account: id,
        address: address(name),
        code: CodeHash([number; 32]),
        login_hash: StoredLoginHash::from_bytes([77; 32]),
        key: StoredKey {
            number: KeyNumber(key),
            public_key: [3; 33],
            sealed_private_key: vec![7; 61],
        },
        session: new_session(id, device(9), 77, NOW),
        at: NOW,
    }
}

pub(crate) async fn domain_has_one_administrator(store: &Arc<dyn Store>) {
    let ada = account(store, "ada@domain.example").await;
    let bob = account(store, "bob@domain.example").await;
    assert_eq!(store.domain("x.example").await.unwrap(), None);
    store
        .claim_domain(claim("x.example", ada, 0), MAX)
        .await
        .unwrap();
    let found = store.domain("x.example").await.unwrap().unwrap();
    assert_eq!((found.admin, found.public_key), (Some(ada), None));
    assert_eq!(
        (found.claimed_at, found.registration_open),
        (Some(NOW), false)
    );
    assert_eq!(store.domain("X.example").await.unwrap(), None);

    // Claiming it once more leaves its registration as it is; the next one who takes it over opens it anew.
    store.set_registration("x.example", true).await.unwrap();
    store
        .claim_domain(claim("x.example", ada, 0), MAX)
        .await
        .unwrap();
    let found = store.domain("x.example").await.unwrap().unwrap();
    assert!(found.registration_open);
    store
        .claim_domain(claim("x.example", bob, 5), MAX)
        .await
        .unwrap();
    let found = store.domain("x.example").await.unwrap().unwrap();
    assert_eq!((found.admin, found.public_key), (Some(bob), Some([3; 33])));
    assert_eq!(
        (found.claimed_at, found.registration_open),
        (Some(NOW.plus(5)), false)
    );
    assert!(store.domains_of(ada).await.unwrap().is_empty());
    assert_eq!(store.domains_of(bob).await.unwrap(), [found]);

    // One of the configuration is open until its administrator closes it.
    let mut own = claim("ours.example", bob, 0);
    own.is_open = true;
    store.claim_domain(own.clone(), MAX).await.unwrap();
    let found = store.domain("ours.example").await.unwrap().unwrap();
    assert!(found.registration_open);
    store.set_registration("ours.example", false).await.unwrap();
    store
        .claim_domain(DomainClaim { admin: ada, ..own }, MAX)
        .await
        .unwrap();
    let found = store.domain("ours.example").await.unwrap().unwrap();
    assert!(!found.registration_open);

    // One that is only opened or closed is nobody's and was never claimed.
    store.set_registration("own.example", false).await.unwrap();
    let own = store.domain("own.example").await.unwrap().unwrap();
    assert_eq!((own.admin, own.claimed_at), (None, None));
    assert!(!own.registration_open);
    let claimed = store.claimed_domains().await.unwrap();
    let is_claimed = |name: &str| claimed.iter().any(|found| found.name == name);
    assert!(is_claimed("x.example") && !is_claimed("own.example"));

    // It goes elsewhere, and is here again when it says so or is claimed.
    for since in [Some(NOW.plus(7)), None, Some(NOW.plus(9))] {
        store.set_away("x.example", since).await.unwrap();
        let found = store.domain("x.example").await.unwrap().unwrap();
        assert_eq!(found.away_since, since);
    }
    store
        .claim_domain(claim("x.example", bob, 8), MAX)
        .await
        .unwrap();
    let found = store.domain("x.example").await.unwrap().unwrap();
    assert_eq!(found.away_since, None);

    for more in ["y.example", "z.example"] {
        store.claim_domain(claim(more, bob, 0), MAX).await.unwrap();
    }
    let full = store.claim_domain(claim("w.example", bob, 0), MAX).await;
    assert!(matches!(full, Err(StoreError::QuotaExceeded { max: 3 })));
    // Claiming one of them again is no further one.
    store
        .claim_domain(claim("y.example", bob, 1), MAX)
        .await
        .unwrap();

    // What an account has claimed stays here without it.
    delete(store, bob).await.unwrap();
    let left = store.domain("y.example").await.unwrap().unwrap();
    assert_eq!((left.admin, left.claimed_at), (None, Some(NOW.plus(1))));
    let gone = store.claim_domain(claim("y.example", bob, 2), MAX).await;
    assert!(matches!(gone, Err(StoreError::AccountMissing)));
}

pub(crate) async fn users_are_those_of_one_domain(store: &Arc<dyn Store>) {
    let names = ["a-b", "a.b", "a", "ab", "b_a", "b"];
    for name in names {
        account(store, &format!("{name}@users.example")).await;
        account(store, &format!("{name}@users.example.org")).await;
    }
    account(store, "users.example@other.example").await;
    // In the order of the bytes, whatever the database's language.
    let expected = ["a", "a-b", "a.b", "ab", "b", "b_a"];
    for limit in [1, 2, 5, 6, 100] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = store.users("users.example", &after, limit).await.unwrap();
            assert!(page.users.len() <= limit as usize);
            for user in &page.users {
                assert_eq!(
                    (user.address.domain(), user.created_at),
                    ("users.example", NOW)
                );
                seen.push(user.address.name().to_owned());
            }
            if !page.has_more {
                break;
            }
            after = page.users.last().unwrap().address.to_string();
        }
        let mut sorted = expected.map(|name| format!("{name}@users.example"));
        sorted.sort();
        let names: Vec<_> = sorted
            .iter()
            .map(|it| it.split('@').next().unwrap())
            .collect();
        assert_eq!(seen, names, "{limit}");
    }
    let nobody = store.users("nobody.example", "", 10).await.unwrap();
    assert!(nobody.users.is_empty() && !nobody.has_more);
}

pub(crate) async fn code_makes_one_account_once(store: &Arc<dyn Store>) {
    let (wanted, other) = ("invited@codes.example", "other@codes.example");
    let given = code(1, wanted, CodePurpose::Account, None);
    store.put_code(given.clone(), MAX).await.unwrap();
    let found = store.code(&given.hash, NOW).await.unwrap().unwrap();
    assert_eq!(
        (found.address, found.purpose),
        (address(wanted), CodePurpose::Account)
    );
    assert_eq!((found.made_by, found.expires_at), (None, NOW.plus(1000)));
    assert_eq!(store.code(&CodeHash([2; 32]), NOW).await.unwrap(), None);
    let over = NOW.plus(1000);
    assert_eq!(store.code(&given.hash, over).await.unwrap(), None);

    let wrong = store
        .create_invited(new_account(other, 1), given.hash)
        .await;
    assert!(matches!(wrong, Err(StoreError::CodeWrong)));
    let mut late = new_account(wanted, 1);
    late.created_at = over;
    let wrong = store.create_invited(late, given.hash).await;
    assert!(matches!(wrong, Err(StoreError::CodeWrong)));
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let (store, hash) = (Arc::clone(store), given.hash);
            let new = new_account(wanted, number);
            tokio::spawn(async move { store.create_invited(new, hash).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(()) => made += 1,
            Err(StoreError::CodeWrong | StoreError::AddressTaken) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(store.code(&given.hash, NOW).await.unwrap(), None);
    let state = store.address_state(&address(wanted)).await.unwrap();
    assert_eq!(state, AddressState::InUse);

    // Nobody is invited under a name that somebody has; a newer code takes the older one's place.
    let taken = store.put_code(code(3, wanted, CodePurpose::Account, None), MAX);
    assert!(matches!(taken.await, Err(StoreError::AddressTaken)));
    for number in [4, 5] {
        let newer = code(number, other, CodePurpose::Account, None);
        store.put_code(newer, MAX).await.unwrap();
    }
    assert_eq!(store.code(&CodeHash([4; 32]), NOW).await.unwrap(), None);
    // One that pays for no account is not used up by the attempt.
    store.create_account(new_account(other, 1)).await.unwrap();
    let taken = store
        .create_invited(new_account(other, 2), CodeHash([5; 32]))
        .await;
    assert!(matches!(taken, Err(StoreError::AddressTaken)));
    assert!(store.code(&CodeHash([5; 32]), NOW).await.unwrap().is_some());
    while store.purge(over, 7).await.unwrap() > 0 {}
    assert_eq!(
        store.code(&CodeHash([5; 32]), UnixMillis(0)).await.unwrap(),
        None
    );
}

pub(crate) async fn codes_go_with_who_gave_them(store: &Arc<dyn Store>) {
    let admin = account(store, "admin@gives.example").await;
    for (number, name) in [(11, "a"), (12, "b"), (13, "c")] {
        let name = format!("{name}@gives.example");
        let given = code(number, &name, CodePurpose::Account, Some(admin));
        store.put_code(given, MAX).await.unwrap();
    }
    let fourth = code(14, "d@gives.example", CodePurpose::Account, Some(admin));
    let full = store.put_code(fourth, MAX).await;
    assert!(matches!(full, Err(StoreError::QuotaExceeded { max: 3 })));
    let again = code(15, "c@gives.example", CodePurpose::Account, Some(admin));
    store.put_code(again, MAX).await.unwrap();
    delete(store, admin).await.unwrap();
    for number in [11, 12, 13, 15] {
        let gone = store.code(&CodeHash([number; 32]), NOW).await.unwrap();
        assert_eq!(gone, None);
    }
}

pub(crate) async fn reset_leaves_keys_and_vault_as_they_are(store: &Arc<dyn Store>) {
    let name = "forgetful@reset.example";
    let nobody = code(21, name, CodePurpose::Reset, None);
    assert!(matches!(
        store.put_code(nobody.clone(), MAX).await,
        Err(StoreError::ItemMissing)
    ));
    let new = new_account(name, 1);
    let (id, token, before) = (new.id, new.session.token, new.key.clone());
    store.create_account(new).await.unwrap();
    let other = account(store, "other@reset.example").await;
    write(store, id, 1, 1, Some(b"kept")).await.unwrap();
    store.put_code(nobody, MAX).await.unwrap();

    // Nor with the code of somebody else, nor with a key that is not the next one.
    let stranger = reset(other, "other@reset.example", 21, 2);
    let wrong = store.reset_account(stranger).await;
    assert!(matches!(wrong, Err(StoreError::CodeWrong)));
    let invited = store.create_invited(new_account("x@reset.example", 1), CodeHash([21; 32]));
    assert!(matches!(invited.await, Err(StoreError::CodeWrong)));
    let skipped = store.reset_account(reset(id, name, 21, 3)).await;
    assert!(matches!(skipped, Err(StoreError::VersionConflict { .. })));
    let mut same = reset(id, name, 21, 1);
    same.key = before.clone();
    let same = store.reset_account(same).await;
    assert!(matches!(same, Err(StoreError::KeyMissing)));
    assert!(store.session_by_token(&token, NOW).await.unwrap().is_some());

    let done = reset(id, name, 21, 2);
    store.reset_account(done.clone()).await.unwrap();
    let keys = store.keys(id).await.unwrap();
    assert_eq!(keys, [before, done.key.clone()]);
    let active = store.active_public_key(&address(name)).await.unwrap();
    assert_eq!(active, Some([3; 33]));
    let found = store.account(id).await.unwrap().unwrap();
    assert!(found.login_hash.matches(&done.login_hash));
    assert!(store.session_by_token(&token, NOW).await.unwrap().is_none());
    let sessions = store.sessions(id, NOW).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].id, done.session.id);
    assert_eq!(store.vault_latest(id).await.unwrap().0, 1);
    let again = store.reset_account(reset(id, name, 21, 3)).await;
    assert!(matches!(again, Err(StoreError::CodeWrong)));
}
