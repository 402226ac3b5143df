//! Proof-of-work challenges of this node: made, and checked when they come back solved.
//!
//! The node remembers none. A challenge carries a MAC over its own content, its purpose and the
//! address that it is for ([`wasm_core::challenge`]); what is remembered is that one was spent.

use std::num::NonZeroU64;

use pow::{Header, Target};
use proto::{
    address::Address,
    api::challenge::{Challenge, ProofOfWork, Purpose},
    bytes::Hex,
    ids::{Difficulty, UnixMillis},
    limits::CHALLENGE_LIFETIME_MS,
};
use wasm_core::{
    challenge::{self, Claims},
    secret::ChallengeKey,
};

use crate::{
    random::{Random, RandomError},
    store::SpentChallenge,
};

/// A proof of work that pays for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// Over its time, whoever made it.
    #[error("the challenge has expired")]
    Expired,
    /// Made by this node for the same address and another purpose. One made for another address
    /// cannot be told from a forged one: its MAC names an address that is not in the request.
    #[error("the challenge is for something else")]
    Foreign,
    /// Not made by this node for this address.
    #[error("the challenge is not of this node")]
    Forged,
    /// The hash is not below the target.
    #[error("the challenge is not solved")]
    Unsolved,
}

/// A new challenge.
///
/// # Errors
/// [`RandomError`].
pub fn make(
    key: &ChallengeKey,
    random: &dyn Random,
    now: UnixMillis,
    purpose: Purpose,
    address: &Address,
    difficulty: NonZeroU64,
) -> Result<Challenge, RandomError> {
    let header = Hex(random.bytes()?);
    let target = Hex(*Target::from_difficulty(difficulty).as_bytes());
    let expires_at = now.plus(CHALLENGE_LIFETIME_MS);
    let signature = Claims {
        purpose,
        address,
        header: &header,
        target: &target,
        expires_at,
    }
    .sign(key);
    let difficulty = Difficulty(difficulty.get());
    Ok(Challenge {
        header,
        target,
        difficulty,
        purpose,
        expires_at,
        signature,
    })
}

/// Checks a solved challenge, cheapest first: time, MAC, then one hash. What it returns is still to
/// be spent.
///
/// The target that was signed counts, also where the node wants more work by now: who has done
/// the work that was asked for is not sent away.
///
/// # Errors
/// [`ChallengeError`].
pub fn check(
    key: &ChallengeKey,
    now: UnixMillis,
    purpose: Purpose,
    address: &Address,
    solved: &ProofOfWork,
) -> Result<SpentChallenge, ChallengeError> {
    if now >= solved.expires_at {
        return Err(ChallengeError::Expired);
    }
    if challenge::verify(key, purpose, address, solved).is_err() {
        // The one asked for was just refused: it does no harm among them.
        let foreign = Purpose::ALL
            .into_iter()
            .any(|other| challenge::verify(key, other, address, solved).is_ok());
        return Err(if foreign {
            ChallengeError::Foreign
        } else {
            ChallengeError::Forged
        });
    }
    let header = Header::new(solved.solved_header.0);
    let target = Target::new(solved.target.0).map_err(|_| ChallengeError::Forged)?;
    pow::verify(&header, &target).map_err(|_| ChallengeError::Unsolved)?;
    let mut spent = [0; 32];
    spent.copy_from_slice(header.challenge());
    Ok(SpentChallenge {
        challenge: spent,
        expires_at: solved.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const NOW: UnixMillis = UnixMillis(1_795_226_516_049);

    struct Case {
        key: ChallengeKey,
        ada: Address,
        solved: ProofOfWork,
    }

    fn solved(difficulty: u64) -> Result<Case, Box<dyn std::error::Error>> {
        let key = ChallengeKey::init_with(|bytes| bytes.fill(7));
        let ada: Address = "ada@example.com".parse()?;
        let difficulty = NonZeroU64::new(difficulty).ok_or("zero")?;
        let made = make(&key, &SystemRandom, NOW, Purpose::Login, &ada, difficulty)?;
        let target = Target::new(made.target.0)?;
        let header = (0..1 << 20)
            .map(|position| Header::new(made.header.0).at(0, position))
            .find(|header| pow::verify(header, &target).is_ok())
            .ok_or("no solution")?;
        let solved = ProofOfWork {
            solved_header: Hex(*header.as_bytes()),
            target: made.target,
            expires_at: made.expires_at,
            signature: made.signature,
        };
        Ok(Case { key, ada, solved })
    }

    #[test]
    fn solved_challenge_pays_for_its_purpose_only() -> Result<(), Box<dyn std::error::Error>> {
        let Case { key, ada, solved } = solved(50)?;
        let check = |now, purpose, address: &Address, solved: &ProofOfWork| {
            check(&key, now, purpose, address, solved).map(|spent| spent.challenge)
        };
        let spent: [u8; 32] = solved.solved_header.0[32..].try_into()?;
        assert_eq!(check(NOW, Purpose::Login, &ada, &solved), Ok(spent));
        let last = UnixMillis(NOW.0 + CHALLENGE_LIFETIME_MS - 1);
        assert_eq!(check(last, Purpose::Login, &ada, &solved), Ok(spent));
        let over = UnixMillis(NOW.0 + CHALLENGE_LIFETIME_MS);
        assert_eq!(
            check(over, Purpose::Login, &ada, &solved),
            Err(ChallengeError::Expired)
        );
        assert_eq!(
            check(NOW, Purpose::Account, &ada, &solved),
            Err(ChallengeError::Foreign)
        );
        let bob = "bob@example.com".parse()?;
        assert_eq!(
            check(NOW, Purpose::Login, &bob, &solved),
            Err(ChallengeError::Forged)
        );
        Ok(())
    }

    #[test]
    fn changed_challenge_is_forged() -> Result<(), Box<dyn std::error::Error>> {
        let Case { key, ada, solved } = solved(1)?;
        let forged = |change: &dyn Fn(&mut ProofOfWork)| {
            let mut changed = solved.clone();
            change(&mut changed);
            check(&key, NOW, Purpose::Login, &ada, &changed).err()
        };
        for byte in 32..64 {
            let change = |solved: &mut ProofOfWork| solved.solved_header.0[byte] ^= 1;
            assert_eq!(forged(&change), Some(ChallengeError::Forged), "{byte}");
        }
        for byte in 0..32 {
            let target = |solved: &mut ProofOfWork| solved.target.0[byte] ^= 1;
            assert_eq!(forged(&target), Some(ChallengeError::Forged), "{byte}");
            let signature = |solved: &mut ProofOfWork| solved.signature.0[byte] ^= 1;
            assert_eq!(forged(&signature), Some(ChallengeError::Forged), "{byte}");
        }
        let later = |solved: &mut ProofOfWork| solved.expires_at.0 += 1;
        assert_eq!(forged(&later), Some(ChallengeError::Forged));
        let other = ChallengeKey::init_with(|bytes| bytes.fill(8));
        let answer = check(&other, NOW, Purpose::Login, &ada, &solved).err();
        assert_eq!(answer, Some(ChallengeError::Forged));
        Ok(())
    }

    #[test]
    fn unsolved_header_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let Case {
            key,
            ada,
            mut solved,
        } = solved(1 << 12)?;
        // One nonce in 4 096 solves it; not two in a row.
        let unsolved = (0..2)
            .filter(|byte| {
                solved.solved_header.0[*byte] ^= 0xff;
                check(&key, NOW, Purpose::Login, &ada, &solved).err()
                    == Some(ChallengeError::Unsolved)
            })
            .count();
        assert_eq!(unsolved, 2);
        Ok(())
    }
}
