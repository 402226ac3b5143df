//! The lists of `wasm-core/vectors/`.
//!
//! | accepted | refused |
//! | --- | --- |
//! | `signatures` | `wrong_signatures` |
//! | `sealed` | `unopenable` |
//! | `sealed_key_pairs` | `unopenable_key_pairs` |
//! | `items` | `unopenable_items` |
//! | `tombstones` | `unopenable_tombstones` |
//! | `challenges` | `forged_challenges` |
//! | `kdf` | `kdf_differs` |

use pow::vectors::{Entry, Fault, refused};
use proto::{
    address::Address,
    api::{
        account::SealedKeyPair,
        challenge::{ProofOfWork, Purpose},
        vault::{SealedItem, SealedTombstone},
    },
    bytes::{Base64, Hex},
    ids::{ItemId, ItemVersion, KeyNumber, UnixMillis},
    vault::{ItemOverview, ItemSecrets},
};
use serde::de::DeserializeOwned;

use super::{
    Replay,
    kp1::{key_pair, public_key, refusal, secret},
};
use crate::{
    challenge::{self, Claims},
    hazmat::NONCE_BYTES,
    key_wrap::{open_key_pair, seal_key_pair},
    keys::Signature,
    seal::{self, Context, ObjectKind},
    secret::{ChallengeKey, EncryptionKey, LocalKey, NodeSecret},
    vault::{SealedSecrets, Vault},
};

pub(super) fn check(list: &str, entry: Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match list {
        "signatures" => check_signature(entry),
        "wrong_signatures" => check_wrong_signature(entry),
        "sealed" => check_sealed(entry),
        "unopenable" => check_unopenable(entry),
        "sealed_key_pairs" => check_key_pair(entry),
        "unopenable_key_pairs" => check_unopenable_key_pair(entry),
        "items" => check_item(entry),
        "unopenable_items" => check_unopenable_item(entry),
        "tombstones" => check_tombstone(entry),
        "unopenable_tombstones" => check_unopenable_tombstone(entry),
        "challenges" => check_challenge(entry),
        "forged_challenges" => check_forged_challenge(entry),
        #[cfg(not(target_arch = "wasm32"))]
        "kdf" => native::check_kdf(entry),
        #[cfg(not(target_arch = "wasm32"))]
        "kdf_differs" => refused(native::check_kdf(entry).is_err()),
        _ => return None,
    })
}

/// A field that `serde` reads.
pub(super) fn read<T: DeserializeOwned>(entry: Entry<'_>, field: &'static str) -> Result<T, Fault> {
    entry
        .0
        .get(field)
        .and_then(|value| serde_json::from_value(value.clone()).ok())
        .ok_or(Fault::Field(field))
}

fn check_signature(entry: Entry<'_>) -> Result<(), Fault> {
    let message = entry.bytes("message")?;
    let signature = Signature(entry.array("signature")?);
    public_key(entry, "publicKey")?
        .verify(&message, &signature)
        .map_err(refusal)?;
    if entry.has("privateKey") {
        let pair = key_pair(entry, "privateKey")?;
        entry.expect_bytes("publicKey", pair.public().as_bytes())?;
        entry.expect_bytes("signature", &pair.sign(&message).map_err(refusal)?.0)?;
    }
    Ok(())
}

fn check_wrong_signature(entry: Entry<'_>) -> Result<(), Fault> {
    let signature = Signature(entry.array("signature")?);
    refused(
        public_key(entry, "publicKey")?
            .verify(&entry.bytes("message")?, &signature)
            .is_err(),
    )
}

struct Sealed {
    key: LocalKey,
    account: Address,
    kind: ObjectKind,
    object: Vec<u8>,
    version: u64,
    number: KeyNumber,
    envelope: Vec<u8>,
}

impl Sealed {
    fn read(entry: Entry<'_>) -> Result<Self, Fault> {
        let kind = match entry.0["kind"].as_u64() {
            Some(1) => ObjectKind::PrivateKey,
            Some(2) => ObjectKind::ItemOverview,
            Some(3) => ObjectKind::ItemSecrets,
            Some(4) => ObjectKind::SessionSecret,
            Some(5) => ObjectKind::Draft,
            Some(6) => ObjectKind::LocalRecord,
            _ => return Err(Fault::Field("kind")),
        };
        Ok(Self {
            key: LocalKey::new(secret(entry, "key")?),
            account: read(entry, "account")?,
            kind,
            object: entry.bytes("object")?,
            version: read(entry, "version")?,
            number: read(entry, "keyNumber")?,
            envelope: entry.bytes("sealed")?,
        })
    }

    fn context(&self) -> Context<'_> {
        Context {
            account: &self.account,
            kind: self.kind,
            object: &self.object,
            version: self.version,
            key: self.number,
        }
    }
}

/// The nonce of one of our envelopes, to seal the same again.
pub(super) fn nonce(sealed: &[u8]) -> Replay<'_> {
    Replay(sealed.get(1..=NONCE_BYTES).unwrap_or_default())
}

fn check_sealed(entry: Entry<'_>) -> Result<(), Fault> {
    let it = Sealed::read(entry)?;
    let opened = seal::open(&it.key, &it.context(), &it.envelope).map_err(refusal)?;
    entry.expect_bytes("plaintext", &opened)?;
    let again =
        seal::seal(&it.key, &it.context(), &opened, &mut nonce(&it.envelope)).map_err(refusal)?;
    entry.expect_bytes("sealed", &again)
}

fn check_unopenable(entry: Entry<'_>) -> Result<(), Fault> {
    let it = Sealed::read(entry)?;
    refused(seal::open(&it.key, &it.context(), &it.envelope).is_err())
}

fn sealed_key_pair(entry: Entry<'_>) -> Result<(EncryptionKey, Address, SealedKeyPair), Fault> {
    let sealed = SealedKeyPair {
        number: read(entry, "keyNumber")?,
        public_key: Hex(entry.array("publicKey")?),
        sealed_private_key: Base64(entry.bytes("sealed")?),
    };
    Ok((
        EncryptionKey::new(secret(entry, "encryptionKey")?),
        read(entry, "account")?,
        sealed,
    ))
}

fn check_key_pair(entry: Entry<'_>) -> Result<(), Fault> {
    let (key, account, sealed) = sealed_key_pair(entry)?;
    let pair = open_key_pair(&key, &account, &sealed).map_err(refusal)?;
    // EXPOSE: a vector is compared.
    entry.expect_bytes("privateKey", pair.secret().expose_secret())?;
    let again = seal_key_pair(
        &key,
        &account,
        sealed.number,
        &pair,
        &mut nonce(&sealed.sealed_private_key.0),
    )
    .map_err(refusal)?;
    entry.expect_bytes("sealed", &again.sealed_private_key.0)
}

fn check_unopenable_key_pair(entry: Entry<'_>) -> Result<(), Fault> {
    let (key, account, sealed) = sealed_key_pair(entry)?;
    refused(open_key_pair(&key, &account, &sealed).is_err())
}

struct Item {
    vault: Vault,
    id: ItemId,
    version: ItemVersion,
    sealed: SealedItem,
}

impl Item {
    fn read(entry: Entry<'_>) -> Result<Self, Fault> {
        let number = read(entry, "keyNumber")?;
        let account: Address = read(entry, "account")?;
        let sealed_under = if entry.has("sealedUnder") {
            read(entry, "sealedUnder")?
        } else {
            number
        };
        Ok(Self {
            vault: Vault::derive(&key_pair(entry, "privateKey")?, &account, number),
            id: read(entry, "id")?,
            version: read(entry, "version")?,
            sealed: SealedItem {
                key_number: sealed_under,
                overview: Base64(entry.bytes("sealedOverview")?),
                secrets: Base64(entry.bytes("sealedSecrets")?),
            },
        })
    }

    fn open_overview(&self) -> Result<ItemOverview, seal::OpenError> {
        self.vault
            .open_overview(&self.id, self.version, &self.sealed)
    }

    fn open_secrets(&self) -> Result<ItemSecrets, seal::OpenError> {
        SealedSecrets::new(self.id, self.version, &self.sealed).open_vector(&self.vault)
    }
}

fn check_item(entry: Entry<'_>) -> Result<(), Fault> {
    let item = Item::read(entry)?;
    let overview = item.open_overview().map_err(refusal)?;
    let secrets = item.open_secrets().map_err(refusal)?;
    if overview != read(entry, "overview")? || secrets != read(entry, "secrets")? {
        return Err(Fault::Refused("another item came out".to_owned()));
    }
    let nonces = [
        &item.sealed.overview.0[1..=NONCE_BYTES],
        &item.sealed.secrets.0[1..=NONCE_BYTES],
    ]
    .concat();
    let again = item
        .vault
        .seal_item(
            &item.id,
            item.version,
            &overview,
            &secrets,
            &mut Replay(&nonces),
        )
        .map_err(refusal)?;
    entry.expect_bytes("sealedOverview", &again.overview.0)?;
    entry.expect_bytes("sealedSecrets", &again.secrets.0)
}

fn check_unopenable_item(entry: Entry<'_>) -> Result<(), Fault> {
    let item = Item::read(entry)?;
    match entry.text("half")? {
        "overview" => refused(item.open_overview().is_err()),
        "secrets" => refused(item.open_secrets().is_err()),
        _ => Err(Fault::Field("half")),
    }
}

struct Tombstone {
    vault: Vault,
    id: ItemId,
    version: ItemVersion,
    sealed: SealedTombstone,
}

impl Tombstone {
    fn read(entry: Entry<'_>) -> Result<Self, Fault> {
        let number = read(entry, "keyNumber")?;
        let account: Address = read(entry, "account")?;
        let key_number = if entry.has("sealedUnder") {
            read(entry, "sealedUnder")?
        } else {
            number
        };
        Ok(Self {
            vault: Vault::derive(&key_pair(entry, "privateKey")?, &account, number),
            id: read(entry, "id")?,
            version: read(entry, "version")?,
            sealed: SealedTombstone {
                key_number,
                sealed: Base64(entry.bytes("sealedTombstone")?),
            },
        })
    }

    fn open(&self) -> Result<UnixMillis, seal::OpenError> {
        self.vault
            .open_tombstone(&self.id, self.version, &self.sealed)
    }
}

fn check_tombstone(entry: Entry<'_>) -> Result<(), Fault> {
    let tombstone = Tombstone::read(entry)?;
    let deleted_at = tombstone.open().map_err(refusal)?;
    if deleted_at != read(entry, "deletedAt")? {
        return Err(Fault::Refused("another time came out".to_owned()));
    }
    let again = tombstone
        .vault
        .seal_tombstone(
            &tombstone.id,
            tombstone.version,
            deleted_at,
            &mut nonce(&tombstone.sealed.sealed.0),
        )
        .map_err(refusal)?;
    entry.expect_bytes("sealedTombstone", &again.sealed.0)
}

fn check_unopenable_tombstone(entry: Entry<'_>) -> Result<(), Fault> {
    refused(Tombstone::read(entry)?.open().is_err())
}

fn check_challenge(entry: Entry<'_>) -> Result<(), Fault> {
    let (key, purpose, address, pow) = challenge(entry)?;
    let claims = Claims {
        purpose,
        address: &address,
        header: &pow.solved_header,
        target: &pow.target,
        expires_at: pow.expires_at,
    };
    entry.expect_bytes("signature", &claims.sign(&key).0)?;
    challenge::verify(&key, purpose, &address, &pow).map_err(refusal)
}

fn check_forged_challenge(entry: Entry<'_>) -> Result<(), Fault> {
    let (key, purpose, address, pow) = challenge(entry)?;
    refused(challenge::verify(&key, purpose, &address, &pow).is_err())
}

fn challenge(entry: Entry<'_>) -> Result<(ChallengeKey, Purpose, Address, ProofOfWork), Fault> {
    let pow = ProofOfWork {
        solved_header: Hex(entry.array("header")?),
        target: Hex(entry.array("target")?),
        expires_at: UnixMillis(read(entry, "expiresAt")?),
        signature: Hex(entry.array("signature")?),
    };
    let key = ChallengeKey::derive(&NodeSecret::new(secret(entry, "nodeSecret")?));
    Ok((key, read(entry, "purpose")?, read(entry, "address")?, pow))
}

/// What needs PBKDF2 in the process. `tests/webcrypto.rs` checks the same lists in a browser's way.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use pow::vectors::{Entry, Fault};
    use proto::{ids::AccountId, vault::SecretText};

    use super::read;
    use crate::{
        kdf::{encryption_job, login_job, native::run, password_job, server},
        secret::{LoginKey, PasswordKey},
    };

    pub(super) fn check_kdf(entry: Entry<'_>) -> Result<(), Fault> {
        let job = password_job(
            &read(entry, "address")?,
            &SecretText::new(entry.text("password")?),
        );
        let password_key = PasswordKey::new(run(&job));
        // EXPOSE: vectors are compared.
        entry.expect_bytes(
            "encryptionKey",
            run(&encryption_job(&password_key)).expose_secret(),
        )?;
        let login_key = LoginKey::new(run(&login_job(&password_key)));
        entry.expect_bytes("loginKey", login_key.expose_secret())?;
        let account: AccountId = read(entry, "account")?;
        entry.expect_bytes(
            "storedHash",
            server::hash_login_key(&login_key, &account).as_bytes(),
        )
    }
}
