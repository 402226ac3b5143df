//! Keys that work in the whole browser, and where its user sets them.

/// Name in the manifest of the keys that open Pearvault.
pub(crate) const OPEN: &str = "_execute_action";

/// Where a browser has its user set the keys of extensions. No page may link to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// What to type into the address bar.
    pub address: &'static str,
    /// What to choose there; empty where it is all there is.
    pub way: &'static str,
}

/// The place in a browser, as [`webext::page::describe`] calls it.
pub(crate) fn place(browser: &str) -> Place {
    if browser.starts_with("Firefox") {
        Place {
            address: "about:addons",
            way: ": the gear, then Manage Extension Shortcuts",
        }
    } else {
        Place {
            address: "chrome://extensions/shortcuts",
            way: "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_has_its_own_place() {
        for (browser, address) in [
            ("Firefox on Linux", "about:addons"),
            ("Chromium on Windows", "chrome://extensions/shortcuts"),
            ("Edge on Windows", "chrome://extensions/shortcuts"),
            (
                "A browser on an unknown system",
                "chrome://extensions/shortcuts",
            ),
        ] {
            assert_eq!(place(browser).address, address, "{browser}");
        }
    }
}
