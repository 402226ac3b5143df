//! From recovery words to a new password: a session, the keys opened and sealed anew, the password.

use proto::{
    api::{
        account::{KeyList, SessionOpened},
        challenge::ProofOfWork,
        recovery::{ChangePasswordRequest, PasswordProof, RecoverRequest, Recovered},
    },
    ids::KeyNumber,
};
use wasm_core::{
    key_wrap::{open_key_pair, seal_key_pair},
    renewal::{next_token, token_hash},
    seal::OpenError,
    secret::{EncryptionKey, RecoveryKey},
};

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::{Node, NodeError},
    password::has_public_halves,
    platform::Platform,
    slots::{PendingRecovery, PendingWork},
};

impl<P: Platform> Engine<P> {
    /// Opens a session with the words and sets the new password. Nothing has changed on the node
    /// unless the last request arrives; whoever dies before begins anew.
    pub(super) async fn send_recovery(
        &self,
        pending: &PendingWork,
        recovery: &PendingRecovery,
        pow: ProofOfWork,
    ) -> Result<SessionOpened, EngineError> {
        let transport = self.platform().transport();
        let request = RecoverRequest {
            address: pending.address.clone(),
            recovery_login_key: recovery.login_key.clone(),
            device: pending.device.clone(),
            pow,
        };
        let node = Node::new(transport, pending.api.clone());
        let Recovered {
            mut opened,
            recovery_keys,
        } = node.recover(&request).await?;
        // A key pair that is not among the account's own was made up.
        if recovery_keys.is_empty() || !has_public_halves(&opened.keys, &recovery_keys) {
            return Err(NodeError::Misbehaved.into());
        }
        let words = RecoveryKey::init_with(|bytes| *bytes = recovery.key.0.0);
        let password = EncryptionKey::init_with(|bytes| *bytes = pending.encryption_key.0.0);
        let mut random = OsRandom(self.platform());
        let mut keys = Vec::with_capacity(recovery_keys.len());
        for sealed in &recovery_keys {
            // Changed, swapped with another account's, or never sealed for these words: it stays as
            // it is.
            let Ok(pair) = open_key_pair(&words, &pending.address, sealed) else {
                continue;
            };
            let number: KeyNumber = sealed.number;
            let sealed = seal_key_pair(&password, &pending.address, number, &pair, &mut random)?;
            keys.push(sealed);
        }
        drop((words, password));
        if keys.is_empty() {
            return Err(OpenError.into());
        }
        let request = ChangePasswordRequest {
            proof: PasswordProof::RecoveryLoginKey(recovery.login_key.clone()),
            login_key: pending.login_key.clone(),
            keys,
            recovery_keys: Vec::new(),
            recovery_login_hash: None,
            token_seed: self.random_seed(),
        };
        let token = opened.token.clone();
        let node = Node::with_session(transport, pending.api.clone(), token);
        let KeyList { keys, .. } = node.change_password(&request).await?;
        if !request.keys.iter().all(|key| keys.contains(key)) {
            return Err(NodeError::Misbehaved.into());
        }
        opened.keys = keys;
        opened.token = next_token(&token_hash(&opened.token), &request.token_seed);
        Ok(opened)
    }
}
