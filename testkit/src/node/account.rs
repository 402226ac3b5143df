//! Accounts and their sessions.

use std::collections::BTreeMap;

use engine::platform::HttpRequest;
use proto::{
    address::Address,
    api::{
        account::{
            CreateAccountRequest, DeleteAccountRequest, LoginKeyHex, SealedKeyPair, SessionOpened,
            SessionTokenHex,
        },
        challenge::Purpose,
        session::{Device, LoginRequest, SessionList, SessionView},
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{AccountId, SessionId, UnixMillis},
    limits::SESSION_LIFETIME_MS,
};

use super::{Answer, MemoryNode, json, recovery::Recovery, vault::Log};

pub(super) struct Account {
    id: AccountId,
    address: Address,
    pub(super) login_key: LoginKeyHex,
    pub(super) keys: Vec<SealedKeyPair>,
    /// By token.
    sessions: BTreeMap<[u8; 32], Session>,
    pub(super) recovery: Option<Recovery>,
    pub(super) vault: Log,
    deleted: bool,
}

struct Session {
    id: SessionId,
    device: Device,
    created_at: UnixMillis,
}

impl MemoryNode {
    pub(super) fn create_account(&self, request: CreateAccountRequest) -> Answer {
        self.spend(&request.pow, Purpose::Account, &request.address)?;
        if self.state().accounts.contains_key(&request.address) {
            return Err(ErrorCode::AddressTaken.into());
        }
        let mut account = Account {
            id: AccountId::make(self.now(), self.0.random.bytes()),
            address: request.address.clone(),
            login_key: request.login_key.clone(),
            keys: vec![request.key.clone()],
            sessions: BTreeMap::new(),
            recovery: None,
            vault: Log::default(),
            deleted: false,
        };
        let opened = self.open_session(&mut account, request.device);
        self.state().accounts.insert(request.address, account);
        Ok(json(&opened))
    }

    pub(super) fn log_in(&self, request: LoginRequest) -> Answer {
        self.spend(&request.pow, Purpose::Login, &request.address)?;
        let mut state = self.state();
        let known = state.accounts.get_mut(&request.address);
        let account = known
            .filter(|account| !account.deleted && account.login_key == request.login_key)
            .ok_or(ErrorCode::CredentialsWrong)?;
        Ok(json(&self.open_session(account, request.device)))
    }

    pub(super) fn open_session(&self, account: &mut Account, device: Device) -> SessionOpened {
        let (now, token) = (self.now(), self.0.random.bytes::<32>());
        let session = SessionId::make(now, self.0.random.bytes());
        let before = account.sessions.len();
        account
            .sessions
            .retain(|_, session| session.device.id != device.id);
        let is_new_device = account.sessions.len() == before;
        account.sessions.insert(
            token,
            Session {
                id: session,
                device,
                created_at: now,
            },
        );
        SessionOpened {
            account: account.id,
            session,
            token: SessionTokenHex(Hex(token)),
            expires_at: now.plus(SESSION_LIFETIME_MS),
            is_new_device,
            keys: account.keys.clone(),
            warnings: account.address.warnings(),
        }
    }

    /// Finds the account of a request's token.
    pub(super) fn with_session(
        &self,
        request: &HttpRequest,
        act: impl FnOnce(&mut Account, SessionId) -> Answer,
    ) -> Answer {
        let token = request
            .bearer
            .as_ref()
            .and_then(|text| Hex::<32>::parse(text).ok());
        let token = token.ok_or(ErrorCode::SessionInvalid)?;
        let mut state = self.state();
        let found = state.accounts.values_mut().find_map(|account| {
            let session = account.sessions.get(&token.0)?.id;
            Some((account, session))
        });
        let (account, session) = found.ok_or(WireError::new(ErrorCode::SessionInvalid))?;
        act(account, session)
    }
}

impl Account {
    pub(super) fn end_sessions(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn end_others(&mut self, kept: SessionId) {
        self.sessions.retain(|_, session| session.id == kept);
    }

    pub(super) fn add_key(&mut self, key: SealedKeyPair) {
        self.keys.push(key);
    }

    pub(super) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    pub(super) fn list_sessions(&self, current: SessionId) -> String {
        let view = |session: &Session| SessionView {
            id: session.id,
            description: session.device.description.clone(),
            created_at: session.created_at,
            last_used_at: session.created_at,
            current: session.id == current,
        };
        json(&SessionList {
            sessions: self.sessions.values().map(view).collect(),
        })
    }

    pub(super) fn end_session(&mut self, id: &str, current: SessionId) -> Answer {
        let id = if id == "current" {
            current.to_string()
        } else {
            id.to_owned()
        };
        let before = self.sessions.len();
        self.sessions
            .retain(|_, session| session.id.to_string() != id);
        if self.sessions.len() < before {
            Ok("{}".to_owned())
        } else {
            Err(ErrorCode::NotFound.into())
        }
    }

    pub(super) fn delete(&mut self, request: &DeleteAccountRequest) -> Answer {
        if self.login_key != request.login_key {
            return Err(ErrorCode::CredentialsWrong.into());
        }
        self.deleted = true;
        self.end_sessions();
        self.vault = Log::default();
        Ok("{}".to_owned())
    }
}
