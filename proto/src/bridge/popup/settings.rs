//! What the user can set, and what was measured of this device.

use serde::{Deserialize, Serialize};

use super::Generate;
use crate::{
    bridge::solver::{BatteryChoice, EngineChoice, EngineReport},
    ids::UnixMillis,
};

payloads! {
    /// Read the settings.
    GetSettings {}

    /// Write the settings.
    SetSettings {
        /// All of them.
        settings: Settings,
    }

    /// What works on proofs?
    GetSolver {}

    /// Measure it.
    MeasureSolver {}

    /// What works on proofs on this device.
    SolverView {
        /// What was measured; the processor first. Empty before the first work.
        engines: Vec<EngineReport>,
        /// When.
        measured_at: Option<UnixMillis>,
        /// Whether a measurement is under way.
        measuring: bool,
        /// Whether the device runs on battery, as far as the browser tells.
        on_battery: bool,
    }

    /// What the user can set.
    Settings {
        /// Minutes without use until the vault locks, 1–1440.
        lock_after_minutes: u32,
        /// Whether it locks with the system's screen.
        lock_with_system: bool,
        /// Seconds until a copied secret is cleared from the clipboard, 10–600; 0: never.
        clear_clipboard_seconds: u32,
        /// How the generator is set.
        generator: Generate,
        /// What works on proofs.
        #[serde(default)]
        engine: EngineChoice,
        /// How much of it on battery.
        #[serde(default)]
        on_battery: BatteryChoice,
        /// Whether our own menu opens at fields.
        #[serde(default = "yes")]
        inline_menu: bool,
        /// Whether logins that were typed are offered to be saved.
        #[serde(default = "yes")]
        offer_to_save: bool,
        /// Whether a login's one-time code goes on the clipboard once the popup has filled its
        /// password.
        #[serde(default = "yes")]
        copy_codes: bool,
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lock_after_minutes: 15,
            lock_with_system: true,
            clear_clipboard_seconds: 60,
            generator: Generate::Characters {
                length: 20,
                uppercase: true,
                digits: true,
                symbols: true,
                unambiguous: true,
            },
            engine: EngineChoice::default(),
            on_battery: BatteryChoice::default(),
            inline_menu: true,
            offer_to_save: true,
            copy_codes: true,
        }
    }
}

fn yes() -> bool {
    true
}
