//! What is half typed on a screen: sealed once there is a vault, in memory before.

use proto::{bridge::popup::Draft, limits::DRAFT_MAX_BYTES, vault::SecretText};
use wasm_core::seal::ObjectKind;
use zeroize::Zeroizing;

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    platform::{Change, Platform, SessionStore, Store},
    records::DRAFTS,
};

/// The draft of the messages that are being written, which several pages may write at once: only [`Engine::keep_letter`]
/// writes it.
pub(crate) const LETTERS: &str = "messages";
/// Characters of a screen's name.
const SCREEN_MAX_CHARS: usize = 100;

impl<P: Platform> Engine<P> {
    /// Keeps a draft; an empty one is forgotten. While the vault is open the draft lies in the
    /// store, sealed; otherwise in memory that ends with the browser.
    ///
    /// # Errors
    /// [`EngineError::TooLarge`], [`EngineError::Setting`] for a name that is none,
    /// [`EngineError::Store`].
    pub async fn keep_draft(&self, screen: &str, content: &SecretText) -> Result<(), EngineError> {
        let key = key(screen)?;
        if screen == LETTERS {
            return Err(EngineError::Setting { field: "screen" });
        }
        self.lock_if_due().await;
        let _writing = self.writing().await;
        // EXPOSE: the draft is sealed, or goes where unlocked keys lie too.
        let bytes = content.expose_secret().as_bytes();
        self.write_draft(&key, bytes).await
    }

    /// Writes a draft, for whoever has the right to write.
    ///
    /// # Errors
    /// [`EngineError::TooLarge`], [`EngineError::Locked`], [`EngineError::Store`].
    pub(crate) async fn write_draft(&self, key: &str, bytes: &[u8]) -> Result<(), EngineError> {
        if bytes.len() > DRAFT_MAX_BYTES {
            return Err(EngineError::TooLarge {
                max: DRAFT_MAX_BYTES,
            });
        }
        let sealed = self.state().open.as_ref().map(|open| {
            let mut random = OsRandom(self.platform());
            open.keyring
                .seal_local(ObjectKind::Draft, key, bytes, &mut random)
        });
        let session = self.platform().session();
        match sealed {
            Some(_) if bytes.is_empty() => {
                session.clear(key).await;
                let key = key.to_owned();
                let change = Change::Remove { key };
                self.platform().store().commit(vec![change]).await?;
            }
            Some(sealed) => {
                let change = Change::Put {
                    key: key.to_owned(),
                    value: sealed?,
                };
                self.platform().store().commit(vec![change]).await?;
                session.clear(key).await;
            }
            // Locked meanwhile: what was typed into an open vault is not kept in the clear.
            None if self.state().account.is_some() => return Err(EngineError::Locked),
            None if bytes.is_empty() => session.clear(key).await,
            None => session.save(key, bytes).await,
        }
        Ok(())
    }

    /// The draft of a screen; empty where none was kept, or where it is sealed and the vault locked.
    ///
    /// # Errors
    /// [`EngineError::Setting`] for a name that is none, [`EngineError::Store`].
    pub async fn draft(&self, screen: &str) -> Result<Draft, EngineError> {
        let key = key(screen)?;
        self.lock_if_due().await;
        let content = self.read_draft(&key).await?;
        Ok(Draft {
            content: content.as_ref().map(text).unwrap_or_default(),
        })
    }

    /// Reads a draft; `None` as [`Self::draft`].
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub(crate) async fn read_draft(
        &self,
        key: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, EngineError> {
        let sealed = self.platform().store().read(key).await?;
        let opened = sealed.and_then(|sealed| {
            let state = self.state();
            state
                .open
                .as_ref()?
                .keyring
                .open_local(ObjectKind::Draft, key, &sealed)
                .ok()
        });
        Ok(match opened {
            Some(content) => Some(content),
            // Kept in memory only before there is an account.
            None if self.state().account.is_some() => None,
            None => self.platform().session().load(key).await,
        })
    }
}

fn text(bytes: &Zeroizing<Vec<u8>>) -> SecretText {
    std::str::from_utf8(bytes)
        .map(SecretText::new)
        .unwrap_or_default()
}

/// Where the draft of a screen lies.
///
/// # Errors
/// [`EngineError::Setting`] for a name that is none.
pub(crate) fn key(screen: &str) -> Result<String, EngineError> {
    let fits = (1..=SCREEN_MAX_CHARS).contains(&screen.len())
        && screen
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'.' | b':'));
    if fits {
        Ok(format!("{DRAFTS}{screen}"))
    } else {
        Err(EngineError::Setting { field: "screen" })
    }
}
