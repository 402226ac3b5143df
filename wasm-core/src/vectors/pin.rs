//! The lists of `wasm-core/vectors/pin.json`.

use pow::vectors::{Entry, Fault, refused};
use proto::{address::Address, ids::KeyNumber};

use super::{
    kp1::{key_pair, refusal, secret},
    ours::{nonce, read},
};
use crate::{
    keys::KeyPair,
    pin::{PIN_SALT_BYTES, open_pairs, seal_pairs},
    secret::PinKey,
};

pub(super) fn check(list: &str, entry: Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match list {
        "pins" => check_pin(entry),
        "unopenable_pins" => Sealed::read(entry).and_then(|it| refused(it.open().is_err())),
        _ => return None,
    })
}

struct Sealed {
    key: PinKey,
    account: Address,
    salt: [u8; PIN_SALT_BYTES],
    envelope: Vec<u8>,
}

impl Sealed {
    fn read(entry: Entry<'_>) -> Result<Self, Fault> {
        Ok(Self {
            key: PinKey::new(secret(entry, "pinKey")?),
            account: read(entry, "account")?,
            salt: entry.array("salt")?,
            envelope: entry.bytes("sealed")?,
        })
    }

    fn open(&self) -> Result<Vec<(KeyNumber, KeyPair)>, crate::seal::OpenError> {
        open_pairs(&self.key, &self.account, &self.salt, &self.envelope)
    }
}

fn check_pin(entry: Entry<'_>) -> Result<(), Fault> {
    let it = Sealed::read(entry)?;
    let opened = it.open().map_err(refusal)?;
    let pairs = entry.0["keyPairs"].as_array().map(Vec::as_slice);
    let pairs = pairs.ok_or(Fault::Field("keyPairs"))?;
    if pairs.len() != opened.len() {
        return Err(Fault::Refused("another number of keys came out".to_owned()));
    }
    for (expected, (number, pair)) in pairs.iter().zip(&opened) {
        let expected = Entry(expected);
        let same = key_pair(expected, "privateKey")?
            .secret()
            .ct_eq(pair.secret());
        if !same || *number != read(expected, "keyNumber")? {
            return Err(Fault::Refused("other keys came out".to_owned()));
        }
    }
    let pairs = opened.iter().map(|(number, pair)| (*number, pair));
    let again = seal_pairs(
        &it.key,
        &it.account,
        &it.salt,
        pairs,
        &mut nonce(&it.envelope),
    );
    entry.expect_bytes("sealed", &again.map_err(refusal)?)?;
    #[cfg(not(target_arch = "wasm32"))]
    check_key(entry)?;
    Ok(())
}

/// PBKDF2 runs in the process only natively; `tests/webcrypto.rs` does the same in wasm32.
#[cfg(not(target_arch = "wasm32"))]
fn check_key(entry: Entry<'_>) -> Result<(), Fault> {
    let pin = proto::vault::SecretText::new(entry.text("pin")?);
    let keys: Vec<_> = read(entry, "sealedKeyPairs")?;
    let derived = crate::kdf::native::run(&crate::pin::job(&entry.array("salt")?, &keys, &pin));
    // EXPOSE: a vector is compared.
    entry.expect_bytes("pinKey", derived.expose_secret())
}
