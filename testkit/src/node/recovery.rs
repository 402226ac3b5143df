//! Recovery words, and the change of a password.

use proto::{
    api::{
        account::{AddKeyRequest, KeyAdded, KeyList, LoginKeyHex, SealedKeyPair},
        challenge::Purpose,
        recovery::{
            ChangePasswordRequest, PasswordProof, RecoverRequest, Recovered, RecoveryLoginKeyHex,
            RecoverySet, RecoveryStatus, SetRecoveryRequest,
        },
    },
    error::{ErrorCode, WireError},
    ids::KeyNumber,
    ids::{SessionId, UnixMillis},
};
use wasm_core::{recovery::RecoveryHash, secret::RecoveryLoginKey};

use super::{Answer, MemoryNode, account::Account, json};

/// Recovery words of an account.
#[derive(Clone)]
pub(super) struct Recovery {
    set: RecoverySet,
    keys: Vec<SealedKeyPair>,
}

impl Recovery {
    pub(super) fn misplace(&mut self, number: u64) {
        self.set.recovery_key.key_number = KeyNumber(77);
        self.set.recovery_key.number = number;
    }

    fn is_proven(&self, shown: &RecoveryLoginKeyHex) -> bool {
        let shown = RecoveryHash::of(&RecoveryLoginKey::from_wire(shown));
        *shown.as_bytes() == self.set.recovery_key.login_hash.0
    }
}

impl MemoryNode {
    /// Gives each account the next one's key pairs for its recovery words, as a node does that is up
    /// to no good.
    pub fn swap_recovery_keys(&self) {
        let mut state = self.state();
        let mut words: Vec<&mut Recovery> = state
            .accounts
            .values_mut()
            .filter_map(|account| account.recovery.as_mut())
            .collect();
        let mut sealed: Vec<_> = words.iter().map(|words| words.keys.clone()).collect();
        sealed.rotate_left(1);
        for (words, theirs) in words.iter_mut().zip(sealed) {
            // The public halves stay, so that only opening them tells.
            for (key, theirs) in words.keys.iter_mut().zip(theirs) {
                key.sealed_private_key = theirs.sealed_private_key;
            }
        }
    }

    /// Hands the copy for the password out as that for the words, as a node does that is up to no
    /// good.
    pub fn confuse_copies(&self) {
        for account in self.state().accounts.values_mut() {
            if let Some(words) = &mut account.recovery {
                words.keys.clone_from(&account.keys);
            }
        }
    }

    /// Takes what is to be put back later, as a node does that is up to no good: puts each account's
    /// recovery words back as they are now.
    pub fn remember_words(&self) -> impl Fn() + use<> {
        let node = self.clone();
        let words: Vec<_> = {
            let state = self.state();
            let all = state.accounts.iter();
            all.map(|(address, account)| (address.clone(), account.recovery.clone()))
                .collect()
        };
        move || {
            for (address, words) in &words {
                if let Some(account) = node.state().accounts.get_mut(address) {
                    account.recovery.clone_from(words);
                }
            }
        }
    }

    pub(super) fn recover(&self, request: RecoverRequest) -> Answer {
        self.spend(&request.pow, Purpose::Recovery, &request.address)?;
        let mut state = self.state();
        let account = state.accounts.get_mut(&request.address);
        let found = account.and_then(|account| Some((account.recovery.clone()?, account)));
        let (words, account) = found
            .filter(|(words, _)| words.is_proven(&request.recovery_login_key))
            .ok_or(ErrorCode::RecoveryWrong)?;
        let opened = self.open_session(account, request.device);
        Ok(json(&Recovered {
            opened,
            recovery_keys: words.keys,
        }))
    }
}

impl Account {
    pub(super) fn recovery_status(&self) -> String {
        json(&RecoveryStatus {
            words: self.recovery.as_ref().map(|words| words.set.clone()),
        })
    }

    pub(super) fn set_recovery(&mut self, request: SetRecoveryRequest, now: UnixMillis) -> Answer {
        self.confirm(&request.login_key)?;
        let fits = self.recovery.as_ref().is_none_or(|words| {
            let (set, new) = (&words.set.recovery_key, &request.recovery_key);
            new.number > set.number || new.login_hash == set.login_hash
        });
        if !fits {
            return Err(ErrorCode::RecoveryOutdated.into());
        }
        self.recovery = Some(Recovery {
            set: RecoverySet {
                recovery_key: request.recovery_key,
                confirmed_at: now,
                keys: request.keys.iter().map(|key| key.number).collect(),
            },
            keys: request.keys,
        });
        Ok(self.recovery_status())
    }

    pub(super) fn change_password(
        &mut self,
        request: ChangePasswordRequest,
        session: SessionId,
    ) -> Answer {
        let same = match &request.proof {
            PasswordProof::LoginKey(shown) => {
                self.confirm(shown)?;
                self.login_key == request.login_key
            }
            PasswordProof::RecoveryLoginKey(shown) => {
                let words = self.recovery.as_ref();
                let proven = words.is_some_and(|words| words.is_proven(shown));
                if !proven {
                    return Err(ErrorCode::RecoveryWrong.into());
                }
                false
            }
        };
        let set = self
            .recovery
            .as_ref()
            .map(|words| words.set.recovery_key.login_hash);
        if !request.recovery_keys.is_empty() && request.recovery_login_hash != set {
            return Err(ErrorCode::RecoveryOutdated.into());
        }
        replace(&mut self.keys, request.keys)?;
        if let Some(words) = &mut self.recovery {
            for key in request.recovery_keys {
                words.keys.retain(|known| known.number != key.number);
                words.keys.push(key);
            }
            words.set.keys = words.keys.iter().map(|key| key.number).collect();
        }
        self.login_key = request.login_key;
        if !same {
            self.end_others(session);
        }
        self.give_token(session, &request.token_seed);
        Ok(self.list_keys())
    }

    pub(super) fn list_keys(&self) -> String {
        let added = self.keys.iter().map(|key| KeyAdded {
            number: key.number,
            at: UnixMillis(u64::from(key.number.0)),
        });
        json(&KeyList {
            keys: self.keys.clone(),
            added: added.collect(),
        })
    }

    pub(super) fn add_key_pair(&mut self, request: AddKeyRequest) -> Answer {
        self.confirm(&request.login_key)?;
        let key = request.key;
        if self.keys.last() == Some(&key) {
            return Ok(self.list_keys());
        }
        let newest = self.keys.last().map_or(0, |key| key.number.0);
        if key.number.0 != newest + 1 {
            return Err(ErrorCode::VersionConflict.into());
        }
        if let Some(sealed) = request.for_words {
            let words = self.recovery.as_mut();
            let words = words.filter(|it| it.set.recovery_key.login_hash == sealed.login_hash);
            let words = words.ok_or(ErrorCode::RecoveryOutdated)?;
            words.set.keys.push(key.number);
            words.keys.push(SealedKeyPair {
                sealed_private_key: sealed.sealed_private_key,
                ..key.clone()
            });
        }
        self.keys.push(key);
        Ok(self.list_keys())
    }

    fn confirm(&self, shown: &LoginKeyHex) -> Result<(), WireError> {
        if self.login_key == *shown {
            Ok(())
        } else {
            Err(ErrorCode::CredentialsWrong.into())
        }
    }
}

fn replace(keys: &mut [SealedKeyPair], sealed: Vec<SealedKeyPair>) -> Result<(), WireError> {
    for new in sealed {
        let known = keys
            .iter_mut()
            .find(|key| key.number == new.number && key.public_key == new.public_key);
        *known.ok_or(ErrorCode::InvalidField)? = new;
    }
    Ok(())
}
