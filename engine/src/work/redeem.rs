//! One-time codes: what one is good for, and the account or the new password that it makes.

use proto::{
    address::Address,
    api::{
        account::{LoginKeyHex, SealedKeyPair, SessionOpened},
        challenge::Purpose,
        domain::{CodePurpose, OneTimeCodeHex, RedeemCodeRequest, ShowCodeRequest},
        info::Availability,
        session::Device,
    },
    bridge::popup::{AppStatus, CodeView, WorkTask},
    bytes::Hex,
    error::ErrorCode,
    ids::KeyNumber,
    limits::CODE_TEXT_MAX_BYTES,
    vault::SecretText,
};
use wasm_core::{kdf, key_wrap, keys::KeyPair};
use zeroize::Zeroizing;

use super::{settle::Entry, stage::Stage};
use crate::{
    Engine,
    error::EngineError,
    keyring::{KeyHex, OsRandom},
    lock::check_length,
    node::{self, ApiUrl, Node, NodeError},
    password::check_new,
    platform::{Platform, SessionStore},
    slots::{self, CODE, CodeSlot, PendingWork, WORK_LOCKED},
};

/// A code, and what it is to make.
struct Wish<'a> {
    address: Address,
    server: Option<&'a str>,
    code: OneTimeCodeHex,
    purpose: CodePurpose,
    password: &'a SecretText,
    device: Device,
}

/// What the code is shown with.
struct Shown {
    login_key: LoginKeyHex,
    encryption_key: KeyHex,
}

impl<P: Platform> Engine<P> {
    /// What a code is good for. Changes nothing.
    ///
    /// # Errors
    /// [`EngineError::Address`], [`EngineError::Server`], [`EngineError::CodeWrong`] for a text that is none,
    /// [`EngineError::Node`] with `CodeWrong` for one that is not good (any more).
    pub async fn check_code(
        &self,
        address: &str,
        server: Option<&str>,
        code: &SecretText,
    ) -> Result<CodeView, EngineError> {
        let address: Address = address.trim().to_ascii_lowercase().parse()?;
        let code = parse_code(code)?;
        let transport = self.platform().transport();
        let api = node::find(transport, &address, server).await??;
        let request = ShowCodeRequest {
            address: address.clone(),
            code,
        };
        let found = Node::new(transport, api).code(&request).await?;
        Ok(CodeView {
            address,
            purpose: found.purpose,
            expires_at: found.expires_at,
        })
    }

    /// Makes the account that a code is for, or sets its new password and makes a new key. Afterwards the vault
    /// is open, without a proof of work. Where the code is used already, an earlier answer may have been lost:
    /// then [`Self::work`] has an order to log in with the password, and if that is wrong the code was not ours
    /// to use, which the status tells. Sent twice, it is one act.
    ///
    /// # Errors
    /// As [`Self::check_code`]; [`EngineError::PasswordWeak`], [`EngineError::AccountExists`],
    /// [`EngineError::AlreadyRunning`], [`EngineError::Cancelled`]; [`EngineError::Store`]: the node has done it, and
    /// asked again this finds out.
    pub async fn redeem_code(
        &self,
        address: &str,
        server: Option<&str>,
        code: &SecretText,
        purpose: CodePurpose,
        password: &SecretText,
        device_description: &str,
    ) -> Result<AppStatus, EngineError> {
        check_new(password)?;
        check_length(password)?;
        let code = parse_code(code)?;
        let address: Address = address.trim().to_ascii_lowercase().parse()?;
        if self.state().account.is_some() {
            return Err(EngineError::AccountExists);
        }
        if self.logs_in_by_code(&address) {
            return Ok(self.status().await);
        }
        // The screen was locked while an earlier worker was about it: what comes of it is not opened.
        let locked = self.platform().session().load(WORK_LOCKED).await.is_some();
        let ticket = self.start_redeeming(locked)?;
        let wish = Wish {
            address,
            server,
            code,
            purpose,
            password,
            device: self.make_device(device_description),
        };
        if let Err(error) = self.redeem(ticket, wish).await {
            self.fail(ticket, error.clone().into()).await;
            return Err(error);
        }
        Ok(self.status().await)
    }

    /// Reserves the one place.
    fn start_redeeming(&self, locked: bool) -> Result<u64, EngineError> {
        let mut state = self.state_mut();
        match state.work.stage {
            Stage::Idle | Stage::Failed(_) => {}
            Stage::Starting { .. } | Stage::Redeeming | Stage::Ordered { .. } => {
                return Err(EngineError::AlreadyRunning);
            }
        }
        state.work.ticket += 1;
        state.work.locks = state.locks;
        state.locks += u64::from(locked);
        state.work.stage = Stage::Redeeming;
        Ok(state.work.ticket)
    }

    /// Whether this very thing is under way already, and the request was sent twice.
    fn logs_in_by_code(&self, address: &Address) -> bool {
        let state = self.state();
        matches!(&state.work.stage, Stage::Ordered { pending, .. }
            if pending.by_code && pending.address == *address)
    }

    async fn redeem(&self, ticket: u64, wish: Wish<'_>) -> Result<(), EngineError> {
        let Wish {
            address,
            server,
            code,
            purpose,
            password,
            device,
        } = wish;
        let transport = self.platform().transport();
        let api = node::find(transport, &address, server).await??;
        let node = Node::new(transport, api.clone());
        let look = ShowCodeRequest {
            address: address.clone(),
            code: code.clone(),
        };
        let number = match node.code(&look).await {
            Ok(found) if found.purpose != purpose => return Err(EngineError::CodeWrong),
            Ok(found) => Some(found.next_key),
            Err(error) if error.is(ErrorCode::CodeWrong) => None,
            Err(error) => return Err(error.into()),
        };
        self.check_ticket(ticket)?;
        let shown = self.stretch(&address, password).await?;
        self.check_ticket(ticket)?;
        let sent = self.sent_before(&address, purpose, &shown).await;
        let Some(number) = number else {
            let device = (device, sent);
            return self
                .log_in_instead(ticket, (address, api), device, shown)
                .await;
        };
        let sent = match sent.filter(|sent| sent.key.number == number) {
            Some(sent) => sent,
            None => CodeSlot {
                key: self.seal_new_key(&address, number, &shown.encryption_key)?,
                address: address.clone(),
                purpose,
                device: device.clone(),
            },
        };
        slots::save(self.platform().session(), CODE, &sent).await;
        let request = RedeemCodeRequest {
            address: address.clone(),
            code,
            purpose,
            login_key: shown.login_key.clone(),
            key: sent.key.clone(),
            device: sent.device.clone(),
        };
        match node.redeem(&request).await {
            Ok(opened) => {
                let made = (&request, purpose);
                self.entered(ticket, made, (&api, &shown), opened).await
            }
            // Somebody was faster: perhaps this very request, sent once before.
            Err(error) if error.is(ErrorCode::CodeWrong) => {
                let device = (device, Some(sent));
                self.log_in_instead(ticket, (address, api), device, shown)
                    .await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What went with a code for that address before, where it is of this password and the node has not answered.
    async fn sent_before(
        &self,
        address: &Address,
        purpose: CodePurpose,
        shown: &Shown,
    ) -> Option<CodeSlot> {
        let sent: CodeSlot = slots::load(self.platform().session(), CODE).await?;
        let key = shown.encryption_key.encryption();
        let opens = || key_wrap::open_key_pair(&key, address, &sent.key).is_ok();
        let ours = sent.address == *address && sent.purpose == purpose && opens();
        ours.then_some(sent)
    }

    /// Enters with the password where the code is used, perhaps by this device.
    async fn log_in_instead(
        &self,
        ticket: u64,
        (address, api): (Address, ApiUrl),
        (device, sent): (Device, Option<CodeSlot>),
        shown: Shown,
    ) -> Result<(), EngineError> {
        let node = Node::new(self.platform().transport(), api.clone());
        if node.address(&address).await?.availability != Availability::Taken {
            return Err(EngineError::CodeWrong);
        }
        let challenge = node
            .challenge(Purpose::Login, &address, self.platform().now())
            .await?;
        let (device, first_key) = match sent {
            Some(sent) => {
                let makes = sent.purpose == CodePurpose::Account;
                (sent.device, makes.then_some(sent.key))
            }
            None => (device, None),
        };
        let pending = PendingWork {
            task: WorkTask::LogIn,
            address,
            api,
            device,
            login_key: shown.login_key,
            encryption_key: shown.encryption_key,
            first_key,
            challenge,
            renews: false,
            recovery: None,
            by_code: true,
        };
        self.order(ticket, pending).await
    }

    /// The keys of a new password.
    async fn stretch(
        &self,
        address: &Address,
        password: &SecretText,
    ) -> Result<Shown, EngineError> {
        let keys = kdf::derive_client_keys(self.platform().kdf(), address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        Ok(Shown {
            // EXPOSE: it proves the password to the node from now on.
            login_key: LoginKeyHex(Hex(*keys.login.expose_secret())),
            // EXPOSE: it opens the key pair that comes back, perhaps only after a login.
            encryption_key: KeyHex(Hex(*keys.encryption.expose_secret())),
        })
    }

    fn seal_new_key(
        &self,
        address: &Address,
        number: KeyNumber,
        key: &KeyHex,
    ) -> Result<SealedKeyPair, EngineError> {
        let mut random = OsRandom(self.platform());
        let pair = KeyPair::make(&mut random)?;
        let key = key.encryption();
        Ok(key_wrap::seal_key_pair(
            &key,
            address,
            number,
            &pair,
            &mut random,
        )?)
    }

    /// The node has done it.
    async fn entered(
        &self,
        ticket: u64,
        (request, purpose): (&RedeemCodeRequest, CodePurpose),
        (api, shown): (&ApiUrl, &Shown),
        opened: SessionOpened,
    ) -> Result<(), EngineError> {
        if !opened.keys.contains(&request.key) {
            return Err(NodeError::Misbehaved.into());
        }
        let entry = Entry {
            task: task_of(purpose),
            address: &request.address,
            api,
            device: &request.device,
            encryption_key: &shown.encryption_key,
            // After a reset there is a vault from before.
            first_key: (purpose == CodePurpose::Account).then_some(&request.key),
            renews: false,
        };
        self.settle(ticket, entry, opened).await
    }
}

/// What an account is entered for.
fn task_of(purpose: CodePurpose) -> WorkTask {
    match purpose {
        CodePurpose::Account => WorkTask::CreateAccount,
        CodePurpose::Reset => WorkTask::Recover,
    }
}

/// Reads a code as it is typed: 32 hex digits, with hyphens and blanks wherever.
fn parse_code(typed: &SecretText) -> Result<OneTimeCodeHex, EngineError> {
    // EXPOSE: it is read digit by digit.
    let typed = typed.expose_secret();
    if typed.len() > CODE_TEXT_MAX_BYTES {
        return Err(EngineError::CodeWrong);
    }
    let mut digits = Zeroizing::new(String::with_capacity(CODE_TEXT_MAX_BYTES));
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    digits.extend(kept.map(|c| c.to_ascii_lowercase()));
    let code = Hex::parse(&digits).map_err(|_| EngineError::CodeWrong)?;
    Ok(OneTimeCodeHex(code))
}
