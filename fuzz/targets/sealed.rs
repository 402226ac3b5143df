//! Ciphertexts: the first byte says of what kind, the rest is the thing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::{
    address::Address,
    api::{
        account::SealedKeyPair,
        vault::{SealedItem, SealedTombstone},
    },
    bytes::{Base64, Hex},
    ids::{ItemId, ItemVersion, KeyNumber, UnixMillis},
};
use wasm_core::{
    key_wrap::open_key_pair,
    keys::{KeyPair, PublicKey, Signature},
    kp1,
    secret::{AddressSecret, EncryptionKey},
    vault::{SealedSecrets, Vault},
};

fn pair() -> KeyPair {
    let secret = AddressSecret::copy_from(&[0x22; 32]).expect("in range");
    KeyPair::from_secret(secret).expect("in range")
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let account: Address = "ada@example.com".parse().expect("an address");
    let pair = pair();
    let vault = Vault::derive(&pair, &account, KeyNumber(1));
    let key = EncryptionKey::init_with(|key| key.fill(1));
    let (id, version) = (ItemId::make(UnixMillis(1), [1; 10]), ItemVersion(1));
    match kind % 6 {
        0 => {
            let (overview, secrets) = bytes.split_at(bytes.len() / 2);
            let item = SealedItem {
                key_number: KeyNumber(1),
                overview: Base64(overview.to_vec()),
                secrets: Base64(secrets.to_vec()),
            };
            assert!(vault.open_overview(&id, version, &item).is_err());
            let secrets = SealedSecrets::new(id, version, &item);
            assert_eq!(secrets.id(), id);
        }
        1 => {
            let tombstone = SealedTombstone {
                key_number: KeyNumber(1),
                sealed: Base64(bytes.to_vec()),
            };
            assert!(vault.open_tombstone(&id, version, &tombstone).is_err());
        }
        2 => {
            let sealed = SealedKeyPair {
                number: KeyNumber(1),
                public_key: Hex(*pair.public().as_bytes()),
                sealed_private_key: Base64(bytes.to_vec()),
            };
            assert!(open_key_pair(&key, &account, &sealed).is_err());
        }
        3 => assert!(kp1::open_private_key(&key, bytes).is_err()),
        4 => {
            if let Ok(public) = PublicKey::parse(bytes) {
                assert_eq!(public.as_bytes(), bytes);
                let shared = kp1::message_key(&pair, &public).expect("a point of the curve");
                assert!(kp1::open_message(&shared, bytes).is_err());
            }
        }
        _ => {
            if let Ok(signature) = <[u8; 64]>::try_from(bytes) {
                let signature = Signature(signature);
                assert!(pair.public().verify(b"never signed", &signature).is_err());
            }
        }
    }
});
