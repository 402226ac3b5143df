//! Challenges for messages: KeyPears' form, bound to sender and recipient, by a key that makes no others.

use std::num::NonZeroU64;

use pow::{Header, Target};
use proto::{
    address::Address,
    bytes::Hex,
    federation::{MessagePow, PowChallenge},
    ids::{Difficulty, UnixMillis},
    limits::CHALLENGE_LIFETIME_MS,
};
use wasm_core::{kp1::pow::Claims, secret::ChallengeKey};

use super::refusal::Refusal;
use crate::random::{Random, RandomError};

/// A new challenge for a message from one address to another.
///
/// # Errors
/// [`RandomError`].
pub(super) fn make(
    key: &ChallengeKey,
    random: &dyn Random,
    now: UnixMillis,
    (sender, recipient): (&Address, &Address),
    difficulty: NonZeroU64,
) -> Result<PowChallenge, RandomError> {
    let header = random.bytes()?;
    let target = *Target::from_difficulty(difficulty).as_bytes();
    let expires_at = now.plus(CHALLENGE_LIFETIME_MS);
    let claims = Claims {
        header: &header,
        target: &target,
        expires_at: expires_at.0,
        addresses: Some((sender.as_str(), recipient.as_str())),
    };
    Ok(PowChallenge {
        header: Hex(header),
        target: Hex(target),
        expires_at,
        difficulty: Difficulty(difficulty.get()),
        signature: Hex(claims.sign(key)),
        sender_address: Some(sender.to_string()),
        recipient_address: Some(recipient.to_string()),
    })
}

/// Checks a solved challenge, cheapest first: time, MAC, one hash. Returns its second half, by which it is known.
///
/// # Errors
/// [`Refusal::WorkExpired`], [`Refusal::WorkForged`], [`Refusal::WorkUnsolved`].
pub(super) fn check(
    key: &ChallengeKey,
    now: UnixMillis,
    (sender, recipient): (&Address, &Address),
    shown: &MessagePow,
) -> Result<[u8; 32], Refusal> {
    if now >= shown.expires_at {
        return Err(Refusal::WorkExpired);
    }
    let claims = Claims {
        header: &shown.solved_header.0,
        target: &shown.target.0,
        expires_at: shown.expires_at.0,
        addresses: Some((sender.as_str(), recipient.as_str())),
    };
    if !claims.is_signed(key, &shown.signature.0) {
        return Err(Refusal::WorkForged);
    }
    let header = Header::new(shown.solved_header.0);
    let target = Target::new(shown.target.0).map_err(|_| Refusal::WorkForged)?;
    pow::verify(&header, &target).map_err(|_| Refusal::WorkUnsolved)?;
    let mut challenge = [0; 32];
    challenge.copy_from_slice(header.challenge());
    Ok(challenge)
}
