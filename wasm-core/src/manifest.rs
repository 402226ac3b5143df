//! The vault's manifest: a chain of signed statements of what the vault is.
//!
//! A node orders the writes of a vault and hands them out; it could leave some out, hand out an older
//! state, or different states to different devices. Each device signs what it knows the vault to be
//! after it wrote, with the hash of the statement before; the next device compares.

use proto::{
    address::Address,
    api::{manifest::VaultManifest, vault::VaultContent},
    bytes::Hex,
    ids::{ItemId, ItemVersion, Revision},
};

use crate::{
    hazmat::sha256,
    keys::{KeyError, KeyPair, PublicKey, Signature, SignatureError},
};

/// What is known of one item: which version is its newest, where it stands in the log, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Newest version.
    pub version: ItemVersion,
    /// Its place in the log.
    pub revision: Revision,
    /// [`content_hash`] of it.
    pub hash: [u8; 32],
}

/// Bytes of a head beside its item's id, as [`Head::to_bytes`] writes it.
pub const HEAD_BYTES: usize = 8 + 8 + 32;

impl Head {
    /// `version(8) ‖ revision(8) ‖ hash(32)`, big-endian.
    pub fn to_bytes(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..8].copy_from_slice(&self.version.0.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.revision.0.to_be_bytes());
        bytes[16..].copy_from_slice(&self.hash);
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8; HEAD_BYTES]) -> Self {
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            u64::from_be_bytes(number)
        };
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[16..]);
        Self {
            version: ItemVersion(number(0)),
            revision: Revision(number(8)),
            hash,
        }
    }
}

/// SHA-256 of a version as the node has it:
/// `kind(1) ‖ key number(4) ‖ length of the overview or tombstone(4) ‖ it ‖ secrets`.
pub fn content_hash(content: &VaultContent) -> [u8; 32] {
    let (kind, key, first, rest) = match content {
        VaultContent::Item(item) => (1_u8, item.key_number, &item.overview.0, &item.secrets.0[..]),
        VaultContent::Tombstone(end) => (2, end.key_number, &end.sealed.0, &[][..]),
    };
    // Cannot truncate: halves have at most 64 KiB.
    let length = u32::try_from(first.len()).unwrap_or(u32::MAX);
    sha256(&[
        &[kind],
        &key.0.to_be_bytes(),
        &length.to_be_bytes(),
        first,
        rest,
    ])
}

/// SHA-256 over all heads, in the order of their items' ids: `label ‖ (id(16) ‖ head(48))*`.
///
/// `heads` must be sorted by id.
pub fn digest<'a>(heads: impl Iterator<Item = (&'a ItemId, &'a Head)>) -> (u64, [u8; 32]) {
    let mut bytes = b"Pearvault vault heads v1".to_vec();
    let mut count = 0;
    for (id, head) in heads {
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&head.to_bytes());
        count += 1;
    }
    (count, sha256(&[&bytes]))
}

/// The bytes that are signed:
/// `label ‖ length of the address(2) ‖ address ‖ number(8) ‖ previous(32) ‖ revision(8) ‖ items(8) ‖
/// digest(32) ‖ signed at(8) ‖ key number(4)`.
fn message(account: &Address, manifest: &VaultManifest) -> Vec<u8> {
    let address = account.as_str().as_bytes();
    // Cannot truncate: an address has at most 64 + 1 + 253 bytes.
    let length = u16::try_from(address.len()).unwrap_or(u16::MAX);
    [
        b"Pearvault vault manifest v1".as_slice(),
        &length.to_be_bytes(),
        address,
        &manifest.number.to_be_bytes(),
        &manifest.previous.0,
        &manifest.revision.0.to_be_bytes(),
        &manifest.items.to_be_bytes(),
        &manifest.digest.0,
        &manifest.signed_at.0.to_be_bytes(),
        &manifest.key_number.0.to_be_bytes(),
    ]
    .concat()
}

/// Signs a manifest; its `signature` is overwritten.
///
/// # Errors
/// [`KeyError`], which a checked key never gives.
pub fn sign(
    account: &Address,
    manifest: VaultManifest,
    pair: &KeyPair,
) -> Result<VaultManifest, KeyError> {
    let signature = pair.sign(&message(account, &manifest))?;
    Ok(VaultManifest {
        signature: Hex(signature.0),
        ..manifest
    })
}

/// Whether a key signed a manifest for an account.
///
/// # Errors
/// [`SignatureError`].
pub fn verify(
    account: &Address,
    manifest: &VaultManifest,
    key: &PublicKey,
) -> Result<(), SignatureError> {
    let signature = Signature(manifest.signature.0);
    key.verify(&message(account, manifest), &signature)
}

/// SHA-256 of a manifest with its signature: what the next one names as `previous`.
pub fn hash(account: &Address, manifest: &VaultManifest) -> [u8; 32] {
    sha256(&[&message(account, manifest), &manifest.signature.0])
}

#[cfg(test)]
mod tests {
    use proto::{
        address::AddressError,
        api::vault::{SealedItem, SealedTombstone},
        bytes::Base64,
        ids::{KeyNumber, UnixMillis},
    };
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{random::RandomError, vectors::Stream};

    fn head(byte: u8) -> Head {
        Head {
            version: ItemVersion(byte.into()),
            revision: Revision(u64::MAX - u64::from(byte)),
            hash: [byte; 32],
        }
    }

    fn manifest() -> VaultManifest {
        VaultManifest {
            number: 2,
            previous: Hex([3; 32]),
            revision: Revision(9),
            items: 4,
            digest: Hex([5; 32]),
            signed_at: UnixMillis(6),
            key_number: KeyNumber(1),
            signature: Hex([0; 64]),
        }
    }

    #[test]
    fn head_is_read_as_it_was_written() {
        for byte in [0, 1, 200] {
            assert_eq!(Head::from_bytes(&head(byte).to_bytes()), head(byte));
        }
    }

    #[test]
    fn every_part_of_the_vault_changes_the_digest() {
        let ids = [ItemId::from_bytes([1; 16]), ItemId::from_bytes([2; 16])];
        let heads = [head(1), head(2)];
        let whole = digest(ids.iter().zip(&heads));
        assert_eq!(whole.0, 2);
        let swapped = [heads[1], heads[0]];
        assert_ne!(digest(ids.iter().zip(&swapped)), whole);
        assert_ne!(digest(ids.iter().zip(&heads).take(1)), whole);
        for change in [
            Head {
                version: ItemVersion(9),
                ..heads[1]
            },
            Head {
                revision: Revision(9),
                ..heads[1]
            },
            Head {
                hash: [9; 32],
                ..heads[1]
            },
        ] {
            assert_ne!(digest(ids.iter().zip(&[heads[0], change])), whole);
        }
    }

    #[test]
    fn halves_of_an_item_are_told_apart() {
        let item = |overview: &[u8], secrets: &[u8]| {
            content_hash(&VaultContent::Item(SealedItem {
                key_number: KeyNumber(1),
                overview: Base64(overview.to_vec()),
                secrets: Base64(secrets.to_vec()),
            }))
        };
        assert_ne!(item(b"ab", b"c"), item(b"a", b"bc"));
        let end = content_hash(&VaultContent::Tombstone(SealedTombstone {
            key_number: KeyNumber(1),
            sealed: Base64(b"abc".to_vec()),
        }));
        assert_ne!(end, item(b"abc", b""));
    }

    #[test]
    fn signature_is_of_every_field_and_of_the_account() -> Result<(), Box<dyn std::error::Error>> {
        let account: Address = "ada@example.com".parse()?;
        let pair = pair()?;
        let signed = sign(&account, manifest(), &pair)?;
        let check =
            |account: &Address, manifest: &VaultManifest| verify(account, manifest, pair.public());
        check(&account, &signed)?;
        assert_eq!(check(&other()?, &signed), Err(SignatureError));
        for changed in [
            VaultManifest {
                number: 3,
                ..signed.clone()
            },
            VaultManifest {
                previous: Hex([4; 32]),
                ..signed.clone()
            },
            VaultManifest {
                revision: Revision(8),
                ..signed.clone()
            },
            VaultManifest {
                items: 5,
                ..signed.clone()
            },
            VaultManifest {
                digest: Hex([6; 32]),
                ..signed.clone()
            },
            VaultManifest {
                signed_at: UnixMillis(7),
                ..signed.clone()
            },
            VaultManifest {
                key_number: KeyNumber(2),
                ..signed.clone()
            },
        ] {
            assert_eq!(
                check(&account, &changed),
                Err(SignatureError),
                "{changed:?}"
            );
            assert_ne!(hash(&account, &changed), hash(&account, &signed));
        }
        Ok(())
    }

    fn pair() -> Result<KeyPair, RandomError> {
        KeyPair::make(&mut Stream::new("manifest"))
    }

    fn other() -> Result<Address, AddressError> {
        "eve@example.com".parse()
    }
}
