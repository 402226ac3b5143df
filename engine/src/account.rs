//! Addresses, and leaving.

use proto::{
    address::Address,
    api::account::{DeleteAccountRequest, LoginKeyHex},
    bridge::popup::{AccountView, AddressCheck, AppStatus, NodeState},
    bytes::Hex,
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use wasm_core::kdf;

use crate::{
    Engine,
    error::EngineError,
    keyring::Keyring,
    lock::check_length,
    node::{self, Node, NodeError},
    pin::Pin,
    platform::{Platform, SessionStore, Store},
};

impl<P: Platform> Engine<P> {
    /// Whether an address is free. Never fails: what stands in the way is in the answer.
    pub async fn check_address(&self, address: &str, server: Option<&str>) -> AddressCheck {
        let mut check = AddressCheck {
            address: None,
            availability: None,
            warnings: Vec::new(),
            difficulty: None,
            problem: None,
        };
        match address.trim().to_ascii_lowercase().parse::<Address>() {
            Ok(address) => {
                check.warnings = address.warnings();
                check.address = Some(address.clone());
                if let Err(error) = self.ask_for(&address, server, &mut check).await {
                    check.problem = Some(error.into());
                }
            }
            Err(rule) => check.problem = Some(EngineError::from(rule).into()),
        }
        check
    }

    async fn ask_for(
        &self,
        address: &Address,
        server: Option<&str>,
        check: &mut AddressCheck,
    ) -> Result<(), EngineError> {
        let transport = self.platform().transport();
        let node = Node::new(transport, node::find(transport, address, server).await??);
        let status = node.address(address).await?;
        check.availability = Some(status.availability);
        check.warnings = status.warnings;
        check.difficulty = Some(node.info().await?.account_difficulty);
        Ok(())
    }

    /// The account of this device, also while it is locked.
    ///
    /// # Errors
    /// [`EngineError::NoAccount`].
    pub fn account_view(&self) -> Result<AccountView, EngineError> {
        let account = self.account()?;
        Ok(AccountView {
            address: account.address.clone(),
            server: account.api.as_str().to_owned(),
        })
    }

    /// Forgets the account on this device. The settings stay; so does everything on the node.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn remove_account(&self) -> Result<AppStatus, EngineError> {
        let _writing = self.writing().await;
        let changes = self.clear_account()?;
        self.platform().store().commit(changes).await?;
        {
            let mut state = self.state_mut();
            state.open = None;
            state.pin = Pin::Off;
            state.by_keyring = None;
            state.account = None;
            state.epoch += 1;
            state.node = NodeState::Unknown;
        }
        self.drop_work().await;
        self.platform().session().clear_all().await;
        Ok(self.status().await)
    }

    /// Deletes the account on the node and here.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::Locked`], [`EngineError::Node`]: then it is
    /// still there.
    pub async fn delete_account(&self, password: &SecretText) -> Result<AppStatus, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        let account = self.account()?;
        let keys = kdf::derive_client_keys(self.platform().kdf(), &account.address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        Keyring::open(&account.address, &account.keys, &keys.encryption)
            .ok_or(EngineError::PasswordWrong)?;
        // EXPOSE: it proves the password to the node.
        let login_key = LoginKeyHex(Hex(*keys.login.expose_secret()));
        drop(keys);
        let request = DeleteAccountRequest { login_key };
        self.ask_node(async |node| node.delete_account(&request).await)
            .await?;
        self.remove_account().await
    }

    /// Takes note of how the node was met.
    pub(crate) fn note_node<T>(&self, answer: &Result<T, NodeError>) {
        let state = match answer {
            Err(NodeError::Unreachable) => NodeState::Offline,
            Err(error) if error.is(ErrorCode::SessionInvalid) => NodeState::SignedOut,
            _ => NodeState::Online,
        };
        let mut now = self.state_mut();
        if now.open.is_some() {
            now.node = state;
        }
    }

    /// What went wrong with the node lately, as it is told to people.
    pub(crate) fn told(error: NodeError) -> WireError {
        EngineError::from(error).into()
    }
}
