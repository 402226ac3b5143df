//! The primitives of Noise (§ 12), from where all others of this crate are.

use sha2::{Digest, Sha256};
use snow::{
    Error,
    params::{CipherChoice, DHChoice, HashChoice},
    resolvers::CryptoResolver,
    types::{Cipher, Dh, Hash, Random as NoiseRandom},
};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::{
    hazmat::{self, NONCE_BYTES, TAG_BYTES},
    random::{Random, RandomError, make_secret},
    secret::{ChannelSecret, Secret},
};

/// Bytes of a key of X25519, of AES-256 and of a hash.
const BYTES: usize = 32;

/// What a handshake computes with.
pub(super) struct Ours {
    /// The one ephemeral key that a handshake makes, from the caller's source.
    ephemeral: Secret<BYTES>,
}

/// The public half (RFC 7748 § 6.1).
pub(super) fn public_of(secret: &ChannelSecret) -> [u8; BYTES] {
    // EXPOSE: the public half is computed from it.
    let secret = StaticSecret::from(*secret.expose_secret());
    PublicKey::from(&secret).to_bytes()
}

impl Ours {
    pub(super) fn new(random: &mut dyn Random) -> Result<Self, RandomError> {
        let ephemeral = make_secret(random)?;
        Ok(Self { ephemeral })
    }
}

impl CryptoResolver for Ours {
    fn resolve_rng(&self) -> Option<Box<dyn NoiseRandom>> {
        // EXPOSE: it becomes the ephemeral key.
        let bytes = Secret::copy_from(self.ephemeral.expose_secret());
        Some(Box::new(Once(bytes)))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::new(X25519::default()) as _)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha(Sha256::new())) as _)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        let empty = || Box::new(AesGcm(Secret::init_with(|_| {}))) as _;
        matches!(choice, CipherChoice::AESGCM).then(empty)
    }
}

/// Bytes that are given out once: a second ephemeral key of the same would be no key.
struct Once(Option<Secret<BYTES>>);

impl NoiseRandom for Once {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        let bytes = self.0.take().ok_or(Error::Rng)?;
        if dest.len() != BYTES {
            return Err(Error::Rng);
        }
        // EXPOSE: it becomes the ephemeral key.
        dest.copy_from_slice(bytes.expose_secret());
        Ok(())
    }
}

struct X25519 {
    secret: StaticSecret,
    public: [u8; BYTES],
}

impl Default for X25519 {
    fn default() -> Self {
        Self {
            secret: StaticSecret::from([0; BYTES]),
            public: [0; BYTES],
        }
    }
}

impl X25519 {
    fn take(&mut self, bytes: &Secret<BYTES>) {
        // EXPOSE: the exchange is computed with it.
        self.secret = StaticSecret::from(*bytes.expose_secret());
        self.public = PublicKey::from(&self.secret).to_bytes();
    }
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        BYTES
    }

    fn priv_len(&self) -> usize {
        BYTES
    }

    fn set(&mut self, privkey: &[u8]) {
        if let Some(bytes) = Secret::copy_from(privkey) {
            self.take(&bytes);
        }
    }

    fn generate(&mut self, rng: &mut dyn NoiseRandom) -> Result<(), Error> {
        let bytes = Secret::try_init_with(|bytes| rng.try_fill_bytes(bytes))?;
        self.take(&bytes);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.secret.as_bytes()
    }

    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let theirs = pubkey.get(..BYTES).and_then(|key| key.try_into().ok());
        let theirs: [u8; BYTES] = theirs.ok_or(Error::Dh)?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(theirs));
        // A point of small order makes a secret that everybody knows.
        if !shared.was_contributory() {
            return Err(Error::Dh);
        }
        let out = out.get_mut(..BYTES).ok_or(Error::Dh)?;
        out.copy_from_slice(shared.as_bytes());
        Ok(())
    }
}

struct AesGcm(Secret<BYTES>);

impl AesGcm {
    /// Four bytes of zero and the number, big-endian (§ 12.4).
    fn nonce(number: u64) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        nonce
    }
}

impl Cipher for AesGcm {
    fn name(&self) -> &'static str {
        "AESGCM"
    }

    fn set(&mut self, key: &[u8; BYTES]) {
        self.0 = Secret::init_with(|bytes| bytes.copy_from_slice(key));
    }

    fn encrypt(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let (text, rest) = out.split_at_mut(plaintext.len());
        text.copy_from_slice(plaintext);
        // EXPOSE: it encrypts.
        let key = self.0.expose_secret();
        match hazmat::encrypt(key, &Self::nonce(nonce), authtext, text) {
            Ok(tag) => rest[..TAG_BYTES].copy_from_slice(&tag),
            // Cannot fail: a message is shorter than what AES-GCM takes. Nothing may leave in clear.
            Err(_) => unreachable!("a message of Noise is at most 65 535 bytes"),
        }
        plaintext.len() + TAG_BYTES
    }

    fn decrypt(
        &self,
        nonce: u64,
        authtext: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        // EXPOSE: it decrypts.
        let key = self.0.expose_secret();
        let plain = hazmat::decrypt(key, &Self::nonce(nonce), authtext, ciphertext)
            .map_err(|_| Error::Decrypt)?;
        let out = out.get_mut(..plain.len()).ok_or(Error::Decrypt)?;
        out.copy_from_slice(&plain);
        Ok(plain.len())
    }
}

struct Sha(Sha256);

impl Hash for Sha {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        BYTES
    }

    fn reset(&mut self) {
        self.0 = Sha256::new();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        let hash = self.0.finalize_reset();
        out[..BYTES].copy_from_slice(&hash);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use snow::{Builder, HandshakeState};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Replay;

    #[derive(Deserialize)]
    struct File {
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        protocol_name: String,
        init_prologue: String,
        init_static: String,
        init_ephemeral: String,
        init_remote_static: Option<String>,
        resp_static: String,
        resp_ephemeral: String,
        resp_remote_static: Option<String>,
        handshake_hash: String,
        messages: Vec<Message>,
    }

    #[derive(Deserialize)]
    struct Message {
        payload: String,
        ciphertext: String,
    }

    /// A side of a vector, its ephemeral key being what the source of random bytes gives.
    fn side(
        vector: &Vector,
        is_initiator: bool,
    ) -> Result<HandshakeState, Box<dyn std::error::Error>> {
        let (secret, ephemeral, remote) = if is_initiator {
            (
                &vector.init_static,
                &vector.init_ephemeral,
                &vector.init_remote_static,
            )
        } else {
            (
                &vector.resp_static,
                &vector.resp_ephemeral,
                &vector.resp_remote_static,
            )
        };
        let (secret, prologue) = (hex::decode(secret)?, hex::decode(&vector.init_prologue)?);
        let remote = remote.as_ref().map(hex::decode).transpose()?;
        let resolver = Ours::new(&mut Replay(&hex::decode(ephemeral)?))?;
        let mut builder = Builder::with_resolver(vector.protocol_name.parse()?, Box::new(resolver))
            .prologue(&prologue)?
            .local_private_key(&secret)?;
        if let Some(remote) = &remote {
            builder = builder.remote_public_key(remote)?;
        }
        Ok(if is_initiator {
            builder.build_initiator()?
        } else {
            builder.build_responder()?
        })
    }

    #[test]
    fn handshakes_and_messages_are_those_of_another_implementation()
    -> Result<(), Box<dyn std::error::Error>> {
        let file: File = serde_json::from_str(include_str!("cacophony.json"))?;
        assert_eq!(file.vectors.len(), 2);
        for vector in &file.vectors {
            let (mut one, mut other) = (side(vector, true)?, side(vector, false)?);
            let (mut buffer, mut opened) = (vec![0; 65_535], vec![0; 65_535]);
            let mut left = vector.messages.iter();
            while !one.is_handshake_finished() {
                let message = left.next().ok_or("too few messages")?;
                let length = one.write_message(&hex::decode(&message.payload)?, &mut buffer)?;
                assert_eq!(hex::encode(&buffer[..length]), message.ciphertext);
                other.read_message(&buffer[..length], &mut opened)?;
                std::mem::swap(&mut one, &mut other);
            }
            assert_eq!(hex::encode(one.get_handshake_hash()), vector.handshake_hash);
            // `one` is whose turn it is, as the vectors have it.
            let (mut one, mut other) = (one.into_transport_mode()?, other.into_transport_mode()?);
            for message in left {
                let length = one.write_message(&hex::decode(&message.payload)?, &mut buffer)?;
                assert_eq!(hex::encode(&buffer[..length]), message.ciphertext);
                other.read_message(&buffer[..length], &mut opened)?;
                std::mem::swap(&mut one, &mut other);
            }
        }
        Ok(())
    }
}
