//! What is seldom asked for.

use leptos::prelude::*;

use crate::{
    app::App,
    components::menu::{Entry, MenuButton},
    routes::Route,
};

/// The button and its menu.
#[component]
pub(super) fn MoreMenu() -> impl IntoView {
    let app = App::here();
    let trash = Entry {
        hook: "open-trash",
        label: "Deleted items",
        icon: icondata_lu::LuTrash2,
        act: Callback::new(move |()| app.go(Route::Trash)),
    };
    let why = Entry {
        hook: "open-why",
        label: "Why these fields?",
        icon: icondata_lu::LuCircleHelp,
        act: Callback::new(move |()| app.go(Route::Why)),
    };
    view! {
        <MenuButton
            hook="more"
            label="More"
            menu="More"
            icon=icondata_lu::LuEllipsisVertical
            entries=vec![why, trash]
        />
    }
}
