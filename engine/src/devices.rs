//! The devices of the account: listed, named, signed out.

use proto::{
    api::session::{EndOthersRequest, NameDeviceRequest, SessionView},
    bridge::popup::{DeviceView, Sessions},
    error::{ErrorCode, WireError},
    ids::SessionId,
    limits::DEVICE_NAME_MAX_CHARS,
};

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    node::NodeError,
    platform::Platform,
};

impl<P: Platform> Engine<P> {
    /// The account's devices: this one, then the others, the last used first.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`].
    pub async fn sessions(&self) -> Result<Sessions, EngineError> {
        self.ensure_open().await?;
        let list = self.ask_node(async |node| node.sessions().await).await?;
        self.with_open(|open| {
            let view = |session| view(&open.keyring, session);
            let mut devices: Vec<_> = list.sessions.into_iter().map(view).collect();
            devices.sort_by_key(|device| !device.current);
            Ok(Sessions { devices })
        })
    }

    /// Ends a device's session; its own too.
    ///
    /// # Errors
    /// As [`Self::sessions`].
    pub async fn revoke_session(&self, id: &SessionId) -> Result<Sessions, EngineError> {
        self.ensure_open().await?;
        self.ask_node(async |node| node.revoke_session(id).await)
            .await?;
        match self.sessions().await {
            // It was this device's own: there is nobody to ask any more.
            Err(error) if error.code() == ErrorCode::SessionInvalid => Ok(Sessions {
                devices: Vec::new(),
            }),
            listed => listed,
        }
    }

    /// Ends the sessions of all other devices, and every copy of this one's: it gets another token.
    ///
    /// # Errors
    /// As [`Self::sessions`].
    pub async fn revoke_others(&self) -> Result<Sessions, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        // A session that is over is renewed here: while its token changes nobody can.
        self.sessions().await?;
        {
            let _renewing = self.renewing().await;
            let next = self.prepare_token(epoch, Vec::new()).await?;
            let request = EndOthersRequest {
                token_seed: next.seed,
            };
            let answer = self.node()?.end_other_sessions(&request).await;
            self.note_node(&answer);
            answer?;
            self.take_next(epoch, &next.token, &[]).await?;
        }
        self.sessions().await
    }

    /// Calls a device something, for all devices of the account and nobody else; an empty name takes
    /// the one it had away. Blanks around it and control characters are left out.
    ///
    /// # Errors
    /// As [`Self::sessions`]; [`EngineError::TooLarge`] over 50 characters.
    pub async fn rename_device(&self, id: &SessionId, name: &str) -> Result<Sessions, EngineError> {
        self.ensure_open().await?;
        let name: String = name.chars().filter(|char| !char.is_control()).collect();
        let name = name.trim();
        if name.chars().count() > DEVICE_NAME_MAX_CHARS {
            return Err(EngineError::TooLarge {
                max: DEVICE_NAME_MAX_CHARS,
            });
        }
        let list = self.ask_node(async |node| node.sessions().await).await?;
        let found = list.sessions.iter().find(|session| session.id == *id);
        let gone = || NodeError::Refused(Box::new(WireError::new(ErrorCode::NotFound)));
        let device = found.ok_or_else(gone)?.device;
        let sealed = self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            Ok(vault.seal_device_name(&device, name, &mut random)?)
        })?;
        let request = NameDeviceRequest {
            name: (!name.is_empty()).then_some(sealed),
        };
        self.ask_node(async |node| node.name_session(id, &request).await)
            .await?;
        self.sessions().await
    }
}

/// A name that does not open was not given by a device of the account.
fn view(keyring: &Keyring, session: SessionView) -> DeviceView {
    let name = session.name.as_ref();
    DeviceView {
        name: name.and_then(|name| keyring.device_name(&session.device, name).ok()),
        id: session.id,
        description: session.description,
        synced_at: session.last_used_at,
        current: session.current,
    }
}
