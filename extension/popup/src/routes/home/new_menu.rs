//! The button for a new item, and the choice of its kind.

use leptos::prelude::*;
use proto::vault::ItemKind;

use crate::{
    app::App,
    components::menu::{Entry, MenuButton},
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
    let entries = KINDS.map(|(kind, hook, label, icon)| Entry {
        hook,
        label,
        icon,
        note: None,
        act: Callback::new(move |()| app.go(Route::Editor(Editing::New(kind)))),
    });
    view! {
        <MenuButton
            hook="new-item"
            label="New item"
            menu="Kind of item"
            icon=icondata_lu::LuPlus
            accent=true
            entries=entries.to_vec()
        />
    }
}
