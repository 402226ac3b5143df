//! The lists of `wasm-core/vectors/devices.json`.

use pow::vectors::{Entry, Fault, refused};
use proto::{
    api::session::{RenewalChallenge, SealedDeviceName},
    bytes::{Base64, Hex},
    ids::DeviceId,
};

use super::{
    kp1::{key_pair, public_key, refusal, secret},
    ours::{nonce, read},
};
use crate::{
    renewal::{self, Renewal},
    secret::{ChallengeKey, NodeSecret},
    vault::Vault,
};

pub(super) fn check(list: &str, entry: Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match list {
        "device_names" => check_name(entry),
        "unopenable_device_names" => name(entry).and_then(|(vault, device, sealed)| {
            refused(vault.open_device_name(&device, &sealed).is_err())
        }),
        "renewals" => check_renewal(entry).and_then(|()| check_signature(entry)),
        "next_tokens" => check_next(entry),
        "next_tokens_differ" => refused(check_next(entry).is_err()),
        "wrong_renewals" => refused(check_renewal(entry).is_err()),
        _ => return None,
    })
}

fn name(entry: Entry<'_>) -> Result<(Vault, DeviceId, SealedDeviceName), Fault> {
    let number = read(entry, "keyNumber")?;
    let pair = key_pair(entry, "privateKey")?;
    let vault = Vault::derive(&pair, &read(entry, "account")?, number);
    let sealed = SealedDeviceName {
        key_number: number,
        sealed: Base64(entry.bytes("sealed")?),
    };
    Ok((vault, read(entry, "device")?, sealed))
}

fn check_name(entry: Entry<'_>) -> Result<(), Fault> {
    let (vault, device, sealed) = name(entry)?;
    let opened = vault.open_device_name(&device, &sealed).map_err(refusal)?;
    if opened != entry.text("name")? {
        return Err(Fault::Refused("another name came out".to_owned()));
    }
    let again = vault
        .seal_device_name(&device, &opened, &mut nonce(&sealed.sealed.0))
        .map_err(refusal)?;
    entry.expect_bytes("sealed", &again.sealed.0)
}

/// What a node checks: its own challenge, and who signed it.
fn check_renewal(entry: Entry<'_>) -> Result<(), Fault> {
    let key = ChallengeKey::derive(&NodeSecret::new(secret(entry, "nodeSecret")?));
    let token_hash = renewal::token_hash(&read(entry, "token")?);
    let challenge = challenge(entry)?;
    renewal::check_challenge(&key, &token_hash, &challenge).map_err(refusal)?;
    let address = read(entry, "address")?;
    let signed = Renewal {
        address: &address,
        account: read(entry, "account")?,
        device: read(entry, "device")?,
        token_hash: &token_hash,
        challenge: &challenge,
    };
    let signature = Hex(entry.array("signature")?);
    signed
        .verify(&public_key(entry, "publicKey")?, &signature)
        .map_err(refusal)
}

/// RFC 6979 makes the same signature again.
fn check_signature(entry: Entry<'_>) -> Result<(), Fault> {
    let (address, challenge) = (read(entry, "address")?, challenge(entry)?);
    let token_hash = renewal::token_hash(&read(entry, "token")?);
    let signed = Renewal {
        address: &address,
        account: read(entry, "account")?,
        device: read(entry, "device")?,
        token_hash: &token_hash,
        challenge: &challenge,
    };
    let pair = key_pair(entry, "privateKey")?;
    entry.expect_bytes("signature", &signed.sign(&pair).map_err(refusal)?.0)
}

fn check_next(entry: Entry<'_>) -> Result<(), Fault> {
    let before = renewal::token_hash(&read(entry, "token")?);
    let seed = Hex(entry.array("seed")?);
    entry.expect_bytes("next", &renewal::next_token(&before, &seed).0.0)
}

fn challenge(entry: Entry<'_>) -> Result<RenewalChallenge, Fault> {
    Ok(RenewalChallenge {
        challenge: Hex(entry.array("challenge")?),
        expires_at: read(entry, "expiresAt")?,
        mac: Hex(entry.array("mac")?),
    })
}
