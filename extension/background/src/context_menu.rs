//! Our entries in the browser's context menu.

use std::rc::Rc;

use engine::UserAct;
use proto::bridge::endpoint::TabId;
use webext::menus;

use crate::{app::App, filling, undo};

const FILL: &str = "fill-login";
const UNDO: &str = "undo-fill";

/// Puts the entries there.
pub(crate) async fn set() {
    // A browser without them has the popup and the shortcut.
    let _ = menus::set(&[(FILL, "Fill login"), (UNDO, "Undo the last fill")]).await;
}

/// One was chosen.
pub(crate) async fn chosen(app: &Rc<App>, name: &str, tab: Option<TabId>) {
    match name {
        FILL => filling::by_shortcut(app, tab, UserAct::ContextMenu).await,
        UNDO => {
            if let Some(tab) = tab {
                // Nothing to undo is no fault.
                let _ = undo::undo(app, tab).await;
            }
        }
        _ => {}
    }
}
