//! What the extension's button says: on a tab with a login form how many logins fit it, on all others how many messages
//! were not looked at.

use proto::{bridge::endpoint::TabId, origin::Origin};
use webext::{action, tabs};

use crate::app::App;

/// Pear green, as the popup has it: what a tab has of its own.
pub(crate) const COLOR: &str = "#3f7d1c";
/// Another one, for what is not of the page: messages.
const MESSAGES: &str = "#1d5fb4";

/// The vault was locked: no tab says any more how many logins fit it.
pub(crate) async fn clear() {
    for tab in tabs::all().await.unwrap_or_default() {
        take_back(tab).await;
    }
}

/// A tab has nothing of its own to say any more.
pub(crate) async fn take_back(tab: TabId) {
    // The tab may be gone by now.
    let _ = action::set_badge(Some(tab), None, COLOR).await;
}

/// A login form was seen in a tab: shows how many logins fit it; nothing while locked.
pub(crate) async fn show(app: &App, tab: TabId, origin: Option<&Origin>) {
    let Some(origin) = origin else { return };
    let Ok(engine) = app.account().await else {
        return;
    };
    let fitting = engine
        .logins_for(origin)
        .await
        .map_or(0, |items| items.len());
    if fitting == 0 {
        take_back(tab).await;
        return;
    }
    // The tab may be gone by now.
    let _ = action::set_badge(Some(tab), Some(&fitting.to_string()), COLOR).await;
}

/// Shows how many messages were not looked at, on all tabs that have nothing of their own to say.
pub(crate) async fn show_unread(unread: u32) {
    // A browser that does not take it has the popup.
    let _ = action::set_badge(None, text(unread).as_deref(), MESSAGES).await;
    let _ = action::set_title(&title(unread)).await;
}

/// As short as a badge: `3`, `99+`.
fn text(unread: u32) -> Option<String> {
    match unread {
        0 => None,
        1..100 => Some(unread.to_string()),
        _ => Some("99+".to_owned()),
    }
}

/// What the button says when pointed at; empty for the manifest's own text.
fn title(unread: u32) -> String {
    match unread {
        0 => String::new(),
        1 => "Pearvault: a new message".to_owned(),
        many => format!("Pearvault: {many} new messages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_has_three_characters_at_most() {
        let shown: Vec<_> = [0, 1, 99, 100, u32::MAX].into_iter().map(text).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [None, some("1"), some("99"), some("99+"), some("99+")]
        );
        assert_eq!(title(0), "");
        assert_eq!(title(1), "Pearvault: a new message");
        assert_eq!(title(120), "Pearvault: 120 new messages");
    }
}
