//! How many logins fit a tab, on the extension's button.

use proto::{bridge::endpoint::TabId, origin::Origin};
use webext::{action, tabs};

use crate::app::App;

/// Pear green, as the popup has it.
pub(crate) const COLOR: &str = "#3f7d1c";

/// The vault was locked: no tab says any more how many logins fit it.
pub(crate) async fn clear() {
    for tab in tabs::all().await.unwrap_or_default() {
        // The tab may be gone by now.
        let _ = action::set_badge(Some(tab), "", COLOR).await;
    }
}

/// A login form was seen in a tab: shows how many logins fit it; nothing while locked.
pub(crate) async fn show(app: &App, tab: TabId, origin: Option<&Origin>) {
    let Some(origin) = origin else { return };
    let Ok(engine) = app.engine().await else {
        return;
    };
    let fitting = engine
        .logins_for(origin)
        .await
        .map_or(0, |items| items.len());
    let text = if fitting == 0 {
        String::new()
    } else {
        fitting.to_string()
    };
    // The tab may be gone by now.
    let _ = action::set_badge(Some(tab), &text, COLOR).await;
}
