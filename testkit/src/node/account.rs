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
        session::{
            Device, EndOthersRequest, LoginRequest, NameDeviceRequest, OthersEnded,
            SealedDeviceName, SessionList, SessionView,
        },
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{AccountId, KeyNumber, SessionId, UnixMillis},
    limits::{SESSION_IDLE_MS, SESSION_MAX_MS},
};
use wasm_core::renewal::{next_token, token_hash};

use super::{Answer, MemoryNode, json, messages::Mailbox, recovery::Recovery, vault::Log};

pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) address: Address,
    pub(super) login_key: LoginKeyHex,
    pub(super) keys: Vec<SealedKeyPair>,
    /// By token.
    pub(super) sessions: BTreeMap<[u8; 32], Session>,
    pub(super) recovery: Option<Recovery>,
    pub(super) vault: Log,
    pub(super) mail: Mailbox,
    deleted: bool,
}

pub(super) struct Session {
    id: SessionId,
    pub(super) device: Device,
    name: Option<SealedDeviceName>,
    /// The token that it was renewed with last.
    pub(super) renewed_with: Option<[u8; 32]>,
    pub(super) created_at: UnixMillis,
    pub(super) used_at: UnixMillis,
}

impl Session {
    fn is_good(&self, now: UnixMillis) -> bool {
        now < self.used_at.plus(SESSION_IDLE_MS) && now < self.created_at.plus(SESSION_MAX_MS)
    }
}

impl MemoryNode {
    pub(super) fn create_account(&self, request: CreateAccountRequest) -> Answer {
        self.spend(&request.pow, Purpose::Account, &request.address)?;
        if self.state().accounts.contains_key(&request.address) {
            return Err(ErrorCode::AddressTaken.into());
        }
        if self.is_closed(request.address.domain()) {
            return Err(ErrorCode::RegistrationClosed.into());
        }
        let (address, login_key) = (request.address.clone(), request.login_key.clone());
        let mut account = Account::new(self.new_account_id(), address, login_key);
        account.keys.push(request.key.clone());
        let opened = self.open_session(&mut account, request.device);
        self.state().accounts.insert(request.address, account);
        Ok(json(&opened))
    }

    pub(super) fn new_account_id(&self) -> AccountId {
        AccountId::make(self.now(), self.0.random.bytes())
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
        let older = account
            .sessions
            .extract_if(.., |_, session| session.device.id == device.id)
            .last();
        let is_new_device = older.is_none();
        account.sessions.insert(
            token,
            Session {
                id: session,
                device,
                name: older.and_then(|(_, older)| older.name),
                renewed_with: None,
                created_at: now,
                used_at: now,
            },
        );
        SessionOpened {
            account: account.id,
            session,
            token: SessionTokenHex(Hex(token)),
            expires_at: now.plus(SESSION_MAX_MS),
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
        let token = shown(request)?;
        let now = self.now();
        let mut state = self.state();
        let found = state.accounts.values_mut().find_map(|account| {
            let session = account.sessions.get_mut(&token.0)?;
            if !session.is_good(now) {
                return None;
            }
            session.used_at = now;
            let id = session.id;
            Some((account, id))
        });
        let (account, session) = found.ok_or(WireError::new(ErrorCode::SessionInvalid))?;
        act(account, session)
    }
}

/// The token of a request.
pub(super) fn shown(request: &HttpRequest) -> Result<Hex<32>, WireError> {
    let text = request.bearer.as_ref();
    text.and_then(|text| Hex::parse(text).ok())
        .ok_or(ErrorCode::SessionInvalid.into())
}

impl Account {
    /// One without keys and sessions.
    pub(super) fn new(id: AccountId, address: Address, login_key: LoginKeyHex) -> Self {
        Self {
            id,
            address,
            login_key,
            keys: Vec::new(),
            sessions: BTreeMap::new(),
            recovery: None,
            vault: Log::default(),
            mail: Mailbox::default(),
            deleted: false,
        }
    }

    /// The public half of the newest key pair.
    pub(super) fn active_key(&self) -> Option<Hex<33>> {
        self.keys.last().map(|key| key.public_key)
    }

    pub(super) fn end_sessions(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn end_others(&mut self, kept: SessionId) {
        self.sessions.retain(|_, session| session.id == kept);
    }

    /// Gives a session another token; those before are good for nothing.
    pub(super) fn give_token(&mut self, id: SessionId, seed: &Hex<32>) {
        let mut sessions = self.sessions.iter();
        let found = sessions.find(|(_, session)| session.id == id);
        let Some(before) = found.map(|(token, _)| *token) else {
            return;
        };
        if let Some(mut session) = self.sessions.remove(&before) {
            session.renewed_with = None;
            let hash = token_hash(&SessionTokenHex(Hex(before)));
            self.sessions.insert(next_token(&hash, seed).0.0, session);
        }
    }

    pub(super) fn spoil_key(&mut self, number: KeyNumber) {
        for key in self.keys.iter_mut().filter(|key| key.number == number) {
            if let Some(last) = key.sealed_private_key.0.last_mut() {
                *last ^= 1;
            }
        }
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
            device: session.device.id,
            description: session.device.description.clone(),
            name: session.name.clone(),
            created_at: session.created_at,
            last_used_at: session.used_at,
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

    pub(super) fn end_other_sessions(
        &mut self,
        request: EndOthersRequest,
        current: SessionId,
    ) -> String {
        self.give_token(current, &request.token_seed);
        let before = self.sessions.len();
        self.end_others(current);
        let ended = u32::try_from(before - self.sessions.len()).unwrap_or(u32::MAX);
        json(&OthersEnded { ended })
    }

    pub(super) fn name_session(&mut self, id: &str, request: NameDeviceRequest) -> Answer {
        let mut sessions = self.sessions.values_mut();
        let session = sessions.find(|session| session.id.to_string() == id);
        session.ok_or(ErrorCode::NotFound)?.name = request.name;
        Ok("{}".to_owned())
    }

    /// What its devices are called.
    pub(super) fn names(&self) -> impl Iterator<Item = &SealedDeviceName> {
        self.sessions
            .values()
            .filter_map(|session| session.name.as_ref())
    }

    /// Gives every device the name of another one.
    pub(super) fn swap_names(&mut self) {
        let mut names: Vec<_> = self
            .sessions
            .values_mut()
            .map(|session| &mut session.name)
            .collect();
        for at in 1..names.len() {
            let (left, right) = names.split_at_mut(at);
            std::mem::swap(left[at - 1], right[0]);
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
