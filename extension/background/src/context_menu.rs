//! Our entries in the browser's context menu.

use std::rc::Rc;

use engine::UserAct;
use proto::{address::Address, bridge::popup::Landing};
use webext::{
    event::MenuEntry,
    menus::{self, Place},
    tabs,
};

use crate::{app::App, filling, landing, undo};

const FILL: &str = "fill-login";
const UNDO: &str = "undo-fill";
const WRITE: &str = "write-to-selected";
const WRITE_LINK: &str = "write-to-link";

/// Links to an address; nothing is done with one before the user asks here.
const SCHEMES: [&str; 2] = ["mailto:", "keypears:"];
/// What may stand around an address in a text.
const AROUND: &[char] = &['<', '>', '(', ')', '[', ']', '"', '\'', ',', ';', ':', '.'];
/// Bytes of a text in which an address is looked for; the longest has 318.
const TEXT_MAX_BYTES: usize = 2_000;

/// Puts the entries there.
pub(crate) async fn set() {
    // A browser without them has the popup and the shortcut. None of them repeats what a page says.
    let _ = menus::set(&[
        (FILL, "Fill login", Place::Page),
        (UNDO, "Undo the last fill", Place::Page),
        (WRITE, "Write to the selected address", Place::Selection),
        (WRITE_LINK, "Write to this address", Place::AddressLink),
    ])
    .await;
}

/// One was chosen.
pub(crate) async fn chosen(app: &Rc<App>, entry: MenuEntry) {
    let tab = entry.tab;
    match entry.id.as_str() {
        FILL => filling::by_shortcut(app, tab, UserAct::ContextMenu).await,
        UNDO => {
            if let Some(tab) = tab {
                // Nothing to undo is no fault.
                let _ = undo::undo(app, tab).await;
            }
        }
        WRITE | WRITE_LINK => {
            // Of what a page says only an address goes on; that it was none is told by the screen. Without a window there
            // is nowhere to write.
            let _ = match subject(&entry).and_then(addressed) {
                Some(address) => landing::open(&Landing::Write { address }).await,
                None => tabs::open_full_page("/write").await,
            };
        }
        _ => {}
    }
}

/// What an entry that writes to somebody is about: a text that was selected inside of a link is not where that
/// leads to.
fn subject(entry: &MenuEntry) -> Option<&str> {
    match entry.id.as_str() {
        WRITE => entry.text.as_deref(),
        WRITE_LINK => entry.link.as_deref(),
        _ => None,
    }
}

/// The one address that a link or a text is.
fn addressed(text: &str) -> Option<Address> {
    if text.len() > TEXT_MAX_BYTES {
        return None;
    }
    let text = text.trim();
    let of_scheme = |scheme: &&str| {
        let is_it = text.get(..scheme.len())?.eq_ignore_ascii_case(scheme);
        text.get(scheme.len()..).filter(|_| is_it)
    };
    let text = match SCHEMES.iter().find_map(of_scheme) {
        // A subject and a text of a link are a page's, and none of the user's.
        Some(link) => link.split(['?', '#']).next()?.trim_matches('/'),
        None => text.trim_matches(AROUND),
    };
    let text = text.replace("%40", "@").to_ascii_lowercase();
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_inside_of_a_link_is_written_to_and_not_where_that_leads() {
        let chosen = |id: &str, link: Option<&str>, text: Option<&str>| {
            let entry = MenuEntry {
                id: id.to_owned(),
                tab: None,
                link: link.map(str::to_owned),
                text: text.map(str::to_owned),
            };
            subject(&entry).map(str::to_owned)
        };
        let (link, text) = ("mailto:eve@example.com", "ada@example.com");
        let both = |id: &str| chosen(id, Some(link), Some(text));
        assert_eq!(both(WRITE).as_deref(), Some(text));
        assert_eq!(both(WRITE_LINK).as_deref(), Some(link));
        assert_eq!(chosen(WRITE, Some(link), None), None);
        assert_eq!(chosen(WRITE_LINK, None, Some(text)), None);
        assert_eq!(both(FILL), None);
    }

    #[test]
    fn an_address_is_found_as_text_and_as_link() {
        for text in [
            "ada@example.com",
            " Ada@Example.COM\n",
            "<ada@example.com>,",
            "(ada@example.com).",
            "mailto:ada@example.com",
            "MAILTO:ada%40example.com?subject=Hello&body=Pay%20me#x",
            "keypears:ada@example.com",
            "keypears://ada@example.com",
            "keypears://ada@example.com/",
        ] {
            let found = addressed(text);
            let found = found.as_ref().map(Address::as_str);
            assert_eq!(found, Some("ada@example.com"), "{text}");
        }
    }

    #[test]
    fn what_is_none_goes_nowhere() {
        let long = format!("{}ada@example.com", " ".repeat(3_000));
        for text in [
            "",
            "hello",
            "ada@example.com bob@example.com",
            "mailto:ada@example.com,bob@example.com",
            "mailto:",
            "javascript:ada@example.com",
            "https://ada@example.com/",
            "ada@exam\u{202e}ple.com",
            "\u{202e}ada@example.com",
            "ada\u{0}@example.com",
            "a\u{301}da@example.com",
            "аda@example.com",
            "ada@example.com\nbob",
            "ada@example.com#/settings",
            "ada@127.0.0.1",
            &long,
        ] {
            assert_eq!(addressed(text), None, "{text:?}");
        }
    }
}
