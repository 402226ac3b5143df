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
use wasm_core::{kdf, key_wrap, keys::KeyPair};

use super::stage::Stage;
use crate::{
    Engine,
    error::EngineError,
    keyring::{KeyHex, Keyring, OsRandom},
    node::{self, Node},
    platform::Platform,
    slots::PendingWork,
};

/// What the user typed.
pub(super) struct Wish<'a> {
    pub(super) task: WorkTask,
    pub(super) address: Address,
    pub(super) server: Option<&'a str>,
    pub(super) password: &'a SecretText,
    pub(super) device: Device,
    pub(super) renews: bool,
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
            let keyring = Keyring::open(&address, &account.keys, &keys.encryption)
                .ok_or(EngineError::PasswordWrong)?;
            // The node of the record is believed where a seal says the same.
            let sealed = keyring.session(&account).is_some() && server.is_none();
            api = sealed.then(|| account.api.clone());
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
    }
}

/// Says before the work what the node would say after it.
fn check_availability(task: WorkTask, found: Availability) -> Result<(), EngineError> {
    let problem = match (task, found) {
        (_, Availability::ForeignDomain) => ErrorCode::DomainNotServed,
        (WorkTask::CreateAccount, Availability::Taken) => ErrorCode::AddressTaken,
        (WorkTask::CreateAccount, Availability::Closed) => ErrorCode::RegistrationClosed,
        (WorkTask::LogIn, Availability::Available) => ErrorCode::CredentialsWrong,
        _ => return Ok(()),
    };
    Err(EngineError::AddressUnavailable(problem))
}
