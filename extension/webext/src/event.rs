//! What the browser tells the background. `sw.js` listens from the first moment and hands every
//! event over as `[name, …]`.

use proto::{
    bridge::endpoint::{FrameId, TabId},
    origin::Origin,
};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    api::from_js,
    auth::AuthRequest,
    idle::IdleState,
    port::{Port, RawPort},
    tabs,
};

#[wasm_bindgen]
extern "C" {
    /// `[name, …]`, as `sw.js` makes it.
    pub type RawEvent;
    #[wasm_bindgen(method, indexing_getter)]
    fn at(this: &RawEvent, index: u32) -> JsValue;
}

/// Numbers the ports of one life of the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(pub u32);

/// An entry of the context menu that was chosen.
pub struct MenuEntry {
    /// Which.
    pub id: String,
    /// Where.
    pub tab: Option<TabId>,
    /// The link below the pointer, which may have other text than it leads to; a page's word.
    pub link: Option<String>,
    /// The text that was selected, as the user has seen it; a page's word.
    pub text: Option<String>,
}

/// An event.
pub enum BrowserEvent {
    /// A port was opened.
    Connected(PortId, Port),
    /// A text came.
    Message(PortId, String),
    /// Its other end is gone.
    Disconnected(PortId),
    /// An alarm went off.
    Alarm(String),
    /// The screen was locked, or somebody is back.
    Idle(IdleState),
    /// A keyboard shortcut.
    Command(String, Option<TabId>),
    /// An entry of the context menu was chosen.
    MenuEntry(MenuEntry),
    /// A notification of ours was clicked: its id.
    Notification(String),
    /// The script that is in every page saw a login form in a tab of this address.
    FormSeen(TabId, Option<Origin>),
    /// The user is at a field of a frame in which such a form was seen.
    Acted(TabId, FrameId),
    /// A server wants a user name and password.
    AuthRequired(AuthRequest),
    /// The extension was installed or updated.
    Installed,
    /// The browser was started.
    Started,
}

impl BrowserEvent {
    /// Reads an event; `None` for one that this version does not know.
    pub fn read(raw: &RawEvent) -> Option<Self> {
        match raw.at(0).as_string()?.as_str() {
            "connect" => {
                let port = raw.at(2).unchecked_into::<RawPort>();
                Some(Self::Connected(port_id(&raw.at(1))?, Port::new(port)))
            }
            "message" => Some(Self::Message(port_id(&raw.at(1))?, raw.at(2).as_string()?)),
            "disconnect" => Some(Self::Disconnected(port_id(&raw.at(1))?)),
            "alarm" => {
                #[derive(Deserialize)]
                struct Alarm {
                    name: String,
                }
                let alarm: Alarm = from_js("alarms.onAlarm", raw.at(1)).ok()?;
                Some(Self::Alarm(alarm.name))
            }
            "idle" => IdleState::parse(&raw.at(1).as_string()?).map(Self::Idle),
            "command" => Some(Self::Command(raw.at(1).as_string()?, tab_of(raw, 2))),
            "menu" => {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Clicked {
                    menu_item_id: String,
                    link_url: Option<String>,
                    selection_text: Option<String>,
                }
                let clicked: Clicked = from_js("contextMenus.onClicked", raw.at(1)).ok()?;
                Some(Self::MenuEntry(MenuEntry {
                    id: clicked.menu_item_id,
                    tab: tab_of(raw, 2),
                    link: clicked.link_url,
                    text: clicked.selection_text,
                }))
            }
            "form" => {
                let tab: i32 = from_js("runtime.onMessage", raw.at(1)).ok()?;
                let origin = raw.at(2).as_string().and_then(|url| tabs::origin_of(&url));
                Some(Self::FormSeen(TabId(tab), origin))
            }
            "act" => {
                let tab: i32 = from_js("runtime.onMessage", raw.at(1)).ok()?;
                let frame: i64 = from_js("runtime.onMessage", raw.at(3)).ok()?;
                Some(Self::Acted(TabId(tab), FrameId(frame)))
            }
            "auth" => AuthRequest::read(raw.at(1), raw.at(2)).map(Self::AuthRequired),
            "notified" => Some(Self::Notification(raw.at(1).as_string()?)),
            "installed" => Some(Self::Installed),
            "startup" => Some(Self::Started),
            _ => None,
        }
    }
}

/// The tab in that place of an event.
fn tab_of(raw: &RawEvent, index: u32) -> Option<TabId> {
    #[derive(Deserialize)]
    struct Tab {
        id: Option<i32>,
    }
    let tab: Option<Tab> = from_js("tabs.Tab", raw.at(index)).unwrap_or(None);
    tab.and_then(|tab| tab.id).map(TabId)
}

fn port_id(value: &JsValue) -> Option<PortId> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counted by sw.js"
    )]
    value.as_f64().map(|number| PortId(number as u32))
}
