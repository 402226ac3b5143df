//! What comes before the proof of work: node, keys, challenge.

use proto::{
    address::Address,
    api::{account::LoginKeyHex, challenge::Purpose, info::Availability, session::Device},
    bridge::popup::{NodeState, WorkStage, WorkTask},
    bytes::Hex,
    error::ErrorCode,
    ids::{DeviceId, KeyNumber},
    limits::DEVICE_DESCRIPTION_MAX_CHARS,
    vault::SecretText,
};
use wasm_core::{kdf, key_wrap, keys::KeyPair, secret::RecoverySecret};

use super::stage::Stage;
use crate::{
    Engine,
    error::EngineError,
    keyring::{KeyHex, Keyring, OsRandom},
    node::{self, Node},
    platform::Platform,
    slots::{PendingRecovery, PendingWork},
};

/// What the user typed.
pub(super) struct Wish<'a> {
    pub(super) task: WorkTask,
    pub(super) address: Address,
    pub(super) server: Option<&'a str>,
    pub(super) password: &'a SecretText,
    pub(super) device: Device,
    pub(super) renews: bool,
    pub(super) by: By,
}

/// What shows that it is the account's owner who asks.
pub(super) enum By {
    /// The password, which opens the keys of this device where it has them.
    Password,
    /// A password that was changed on another device: the keys here have the one before.
    ChangedPassword,
    /// Recovery words; the password is a new one.
    Words(RecoverySecret),
}

impl<P: Platform> Engine<P> {
    /// Finds the node, derives the keys and asks for a challenge.
    pub(super) async fn prepare(
        &self,
        ticket: u64,
        wish: Wish<'_>,
    ) -> Result<PendingWork, EngineError> {
        let Wish {
            task,
            address,
            server,
            password,
            device,
            renews,
            by,
        } = wish;
        let transport = self.platform().transport();
        let mut api = None;
        if !renews {
            // What cannot succeed is told before the password is stretched.
            let found = node::find(transport, &address, server).await??;
            let status = Node::new(transport, found.clone())
                .address(&address)
                .await?;
            check_availability(task, status.availability)?;
            self.check_ticket(ticket)?;
            api = Some(found);
        }
        let keys = kdf::derive_client_keys(self.platform().kdf(), &address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        self.check_ticket(ticket)?;
        if renews {
            let account = self.account()?;
            let keyring = Keyring::open(&address, &account.keys, &keys.encryption);
            if keyring.is_none() && matches!(by, By::Password) {
                return Err(EngineError::PasswordWrong);
            }
            // The node of the record is believed where a seal says the same.
            let sealed = keyring.map_or_else(
                || self.with_open(|open| Ok(open.keyring.session(&account).is_some())),
                |keyring| Ok(keyring.session(&account).is_some()),
            );
            let believed = sealed.unwrap_or(false) && server.is_none();
            api = believed.then(|| account.api.clone());
        }
        let api = match api {
            Some(api) => api,
            None => node::find(transport, &address, server).await??,
        };
        let node = Node::new(transport, api.clone());
        if renews {
            check_availability(task, node.address(&address).await?.availability)?;
            self.check_ticket(ticket)?;
        }
        let first_key = if task == WorkTask::CreateAccount {
            let mut random = OsRandom(self.platform());
            let pair = KeyPair::make(&mut random)?;
            Some(key_wrap::seal_key_pair(
                &keys.encryption,
                &address,
                KeyNumber(1),
                &pair,
                &mut random,
            )?)
        } else {
            None
        };
        let recovery = match by {
            By::Password | By::ChangedPassword => None,
            By::Words(secret) => {
                let keys = secret.derive(&address);
                Some(PendingRecovery {
                    // EXPOSE: the keys wait for the proof of work in the session store.
                    key: KeyHex(Hex(*keys.encryption.expose_secret())),
                    login_key: keys.login.to_wire(),
                })
            }
        };
        // EXPOSE: the keys wait for the proof of work in the session store.
        let login_key = LoginKeyHex(Hex(*keys.login.expose_secret()));
        // EXPOSE: as above; it opens the keys that the node will send.
        let encryption_key = KeyHex(Hex(*keys.encryption.expose_secret()));
        drop(keys);
        if let Stage::Starting { stage, .. } = &mut self.state_mut().work.stage {
            *stage = WorkStage::Challenge;
        }
        let challenge = node
            .challenge(purpose(task), &address, self.platform().now())
            .await?;
        self.state_mut().node = NodeState::Online;
        Ok(PendingWork {
            task,
            address,
            api,
            device,
            login_key,
            encryption_key,
            first_key,
            challenge,
            renews,
            recovery,
            by_code: false,
        })
    }

    pub(super) fn make_device(&self, description: &str) -> Device {
        let mut random = [0; 10];
        self.platform().random(&mut random);
        let description = description
            .chars()
            .take(DEVICE_DESCRIPTION_MAX_CHARS)
            .collect();
        Device {
            id: DeviceId::make(self.platform().now(), random),
            description,
        }
    }
}

pub(super) fn purpose(task: WorkTask) -> Purpose {
    match task {
        WorkTask::CreateAccount => Purpose::Account,
        WorkTask::LogIn => Purpose::Login,
        WorkTask::Recover => Purpose::Recovery,
    }
}

/// Says before the work what the node would say after it.
fn check_availability(task: WorkTask, found: Availability) -> Result<(), EngineError> {
    let problem = match (task, found) {
        (_, Availability::ForeignDomain) => ErrorCode::DomainNotServed,
        (WorkTask::CreateAccount, Availability::Taken) => ErrorCode::AddressTaken,
        (WorkTask::CreateAccount, Availability::Closed) => ErrorCode::RegistrationClosed,
        (WorkTask::LogIn, Availability::Available) => ErrorCode::CredentialsWrong,
        (WorkTask::Recover, Availability::Available) => ErrorCode::RecoveryWrong,
        _ => return Ok(()),
    };
    Err(EngineError::AddressUnavailable(problem))
}
