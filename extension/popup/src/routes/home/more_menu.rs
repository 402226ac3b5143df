//! What is seldom asked for.

use leptos::prelude::*;
use webext::time;

use crate::{
    api,
    app::App,
    components::{
        menu::{Entry, MenuButton},
        sync::standing,
    },
    routes::Route,
};

/// The button and its menu.
#[component]
pub(super) fn MoreMenu() -> impl IntoView {
    let app = App::here();
    let synced = standing(app);
    let sync = Entry {
        hook: "sync",
        label: "Sync now",
        icon: icondata_lu::LuRefreshCw,
        note: Some(Signal::derive(move || synced.get()?.last(api::now()))),
        act: Callback::new(move |()| time::spawn(app.sync_now())),
    };
    let trash = Entry {
        hook: "open-trash",
        label: "Deleted items",
        icon: icondata_lu::LuTrash2,
        note: None,
        act: Callback::new(move |()| app.go(Route::Trash)),
    };
    let why = Entry {
        hook: "open-why",
        label: "Why these fields?",
        icon: icondata_lu::LuCircleHelp,
        note: None,
        act: Callback::new(move |()| app.go(Route::Why)),
    };
    view! {
        <MenuButton
            hook="more"
            label="More"
            menu="More"
            icon=icondata_lu::LuEllipsisVertical
            entries=vec![why, trash, sync]
        />
    }
}
