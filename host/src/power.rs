//! Where the machine has its power from.

use std::{fs, path::Path};

/// Whether it runs on battery, where the system tells.
pub fn on_battery() -> bool {
    drains(Path::new("/sys/class/power_supply"))
}

/// Whether a battery of the machine itself is discharging, by what the kernel says in that folder.
fn drains(supplies: &Path) -> bool {
    let Ok(supplies) = fs::read_dir(supplies) else {
        return false;
    };
    let says = |supply: &Path, what: &str| {
        let text = fs::read_to_string(supply.join(what)).unwrap_or_default();
        text.trim().to_owned()
    };
    supplies.filter_map(Result::ok).any(|supply| {
        let supply = supply.path();
        // A mouse has one too; its scope is `Device`.
        says(&supply, "type") == "Battery"
            && says(&supply, "scope") != "Device"
            && says(&supply, "status") == "Discharging"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_battery_of_the_machine_counts() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let supply = |name: &str, kind: &str, scope: &str, status: &str| {
            let place = folder.path().join(name);
            fs::create_dir_all(&place)?;
            fs::write(place.join("type"), format!("{kind}\n"))?;
            fs::write(place.join("scope"), format!("{scope}\n"))?;
            fs::write(place.join("status"), format!("{status}\n"))
        };
        assert!(!drains(&folder.path().join("none")));
        supply("AC", "Mains", "", "")?;
        supply("hidpp_battery_0", "Battery", "Device", "Discharging")?;
        supply("BAT0", "Battery", "System", "Charging")?;
        assert!(!drains(folder.path()));
        supply("BAT0", "Battery", "", "Discharging")?;
        assert!(drains(folder.path()));
        Ok(())
    }
}
