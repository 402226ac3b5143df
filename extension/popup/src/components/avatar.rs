//! The small picture of an item: its first letter on a colour of its own. No icon is fetched:
//! a site must not learn from a list that its login is in it.

use leptos::prelude::*;
use proto::vault::ItemKind;

use super::icon::Icon;

/// Colours in `styles/avatar.css`.
const COLOURS: u32 = 10;

/// A letter for logins, an icon for the other kinds.
#[component]
pub(crate) fn Avatar(
    /// What it is.
    kind: ItemKind,
    /// Name shown.
    title: String,
    /// What its colour is made of: the host where there is one, else the title.
    seed: String,
    /// Twice the size.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let picture = match kind {
        ItemKind::Login => letter(&title).to_string().into_any(),
        ItemKind::Note => view! { <Icon icon=icondata_lu::LuStickyNote/> }.into_any(),
        ItemKind::Card => view! { <Icon icon=icondata_lu::LuCreditCard/> }.into_any(),
        ItemKind::Identity => view! { <Icon icon=icondata_lu::LuIdCard/> }.into_any(),
    };
    let colour = if seed.is_empty() {
        colour(&title)
    } else {
        colour(&seed)
    };
    view! {
        <span class="avatar" class:avatar-large=large data-colour=colour aria-hidden="true">
            {picture}
        </span>
    }
}

/// The first letter or digit, large; a dot where there is none.
fn letter(title: &str) -> char {
    let first = title.chars().find(|c| c.is_alphanumeric());
    first.and_then(|c| c.to_uppercase().next()).unwrap_or('·')
}

/// FNV-1a, 32 bits: always the same colour for the same text.
fn colour(seed: &str) -> u32 {
    let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_first_that_can_be_read() {
        assert_eq!(letter("example"), 'E');
        assert_eq!(letter("  (élan)"), 'É');
        assert_eq!(letter("…"), '·');
    }

    #[test]
    fn colours_are_stable_and_spread() {
        assert_eq!(colour("github.com"), colour("github.com"));
        let hosts = [
            "a.de", "b.de", "c.de", "d.de", "e.de", "f.de", "g.de", "h.de",
        ];
        let different: std::collections::BTreeSet<u32> = hosts.iter().map(|h| colour(h)).collect();
        assert!(different.len() >= 4, "{different:?}");
        assert!(different.iter().all(|c| *c < COLOURS));
    }
}
