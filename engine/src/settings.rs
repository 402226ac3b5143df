//! What the user can set on this device.

use proto::bridge::popup::Settings;

use crate::{
    Engine,
    deadline::Deadline,
    error::EngineError,
    generate,
    platform::{Platform, Store},
    records::{SETTINGS, put},
};

/// Minutes until the vault locks.
const LOCK_MINUTES: std::ops::RangeInclusive<u32> = 1..=1_440;
/// Seconds until the clipboard is cleared; 0 as well: never.
const CLIPBOARD_SECONDS: std::ops::RangeInclusive<u32> = 10..=600;

impl<P: Platform> Engine<P> {
    /// The settings of this device.
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// Writes all settings. A new time until locking counts from now.
    ///
    /// # Errors
    /// [`EngineError::Setting`] out of range, [`EngineError::Generate`], [`EngineError::Store`].
    pub async fn set_settings(&self, settings: Settings) -> Result<Settings, EngineError> {
        check(&settings)?;
        self.lock_if_due().await;
        let change = put(SETTINGS.to_owned(), &settings)?;
        self.platform().store().commit(vec![change]).await?;
        let now = self.platform().now();
        {
            let mut state = self.state_mut();
            if let Some(open) = &mut state.open {
                open.deadline = Deadline::new(now, settings.lock_after_minutes);
            }
            state.settings = settings.clone();
        }
        self.save_unlocked().await;
        Ok(settings)
    }
}

fn check(settings: &Settings) -> Result<(), EngineError> {
    if !LOCK_MINUTES.contains(&settings.lock_after_minutes) {
        return Err(EngineError::Setting {
            field: "lockAfterMinutes",
        });
    }
    let clipboard = settings.clear_clipboard_seconds;
    if clipboard != 0 && !CLIPBOARD_SECONDS.contains(&clipboard) {
        return Err(EngineError::Setting {
            field: "clearClipboardSeconds",
        });
    }
    Ok(generate::check(&settings.generator)?)
}
