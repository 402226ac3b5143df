//! The button for a new item, and the choice of its kind.

use leptos::{ev::KeyboardEvent, prelude::*};
use proto::vault::ItemKind;

use crate::{
    app::App,
    components::icon::Icon,
    routes::{Editing, Route},
};

const KINDS: [(ItemKind, &str, &str, icondata_core::Icon); 4] = [
    (
        ItemKind::Login,
        "kind-login",
        "Login",
        icondata_lu::LuKeyRound,
    ),
    (
        ItemKind::Note,
        "kind-note",
        "Note",
        icondata_lu::LuStickyNote,
    ),
    (
        ItemKind::Card,
        "kind-card",
        "Card",
        icondata_lu::LuCreditCard,
    ),
    (
        ItemKind::Identity,
        "kind-identity",
        "Identity",
        icondata_lu::LuIdCard,
    ),
];

/// The button and its menu.
#[component]
pub(super) fn NewMenu() -> impl IntoView {
    let app = App::here();
    let open = RwSignal::new(false);
    view! {
        <div class="new">
            <button
                type="button"
                class="icon-button accent"
                data-test="new-item"
                aria-label="New item"
                title="New item"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon icon=icondata_lu::LuPlus size=20/>
            </button>
            {move || open.get().then(|| view! { <Menu app open/> })}
        </div>
    }
}

#[component]
fn Menu(app: App, open: RwSignal<bool>) -> impl IntoView {
    let close = move || {
        open.set(false);
        crate::api::focus("new-item");
    };
    app.on_escape(close);
    crate::api::focus("kind-login");
    let keydown = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => KINDS.len() - 1,
            "Tab" => {
                close();
                return event.prevent_default();
            }
            _ => return,
        };
        event.prevent_default();
        let focused = document()
            .active_element()
            .and_then(|e| e.get_attribute("data-test"));
        let now = KINDS
            .iter()
            .position(|k| focused.as_deref() == Some(k.1))
            .unwrap_or_default();
        crate::api::focus(KINDS[(now + step) % KINDS.len()].1);
    };
    view! {
        <div class="menu-away" on:click=move |_| open.set(false)></div>
        <div class="menu" role="menu" aria-label="Kind of item" on:keydown=keydown>
            {KINDS.map(|(kind, hook, label, icon)| view! {
                <button
                    type="button"
                    class="menu-item"
                    role="menuitem"
                    tabindex="-1"
                    data-test=hook
                    on:click=move |_| app.go(Route::Editor(Editing::New(kind)))
                >
                    <Icon icon/>
                    {label}
                </button>
            })}
        </div>
    }
}
