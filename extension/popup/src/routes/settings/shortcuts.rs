//! The keys: those of the whole browser as they are set, and those of the popup.

use leptos::prelude::*;
use webext::{page, time};

use crate::{app::App, shortcut};

/// Keys of the popup, which are always the same.
const FIXED: [(&str, &str); 9] = [
    ("/", "Search"),
    ("↑ ↓", "Move in the list"),
    ("Enter", "Fill a login of this site, or open the item"),
    ("→", "Open the item"),
    ("Ctrl B", "Copy the user name"),
    ("Ctrl C", "Copy the password"),
    ("Tab", "Buttons of the row"),
    ("Ctrl Enter", "Save while writing an item"),
    ("Esc", "Back"),
];

/// The list.
#[component]
pub(super) fn Shortcuts() -> impl IntoView {
    let global = RwSignal::new(Vec::<page::Shortcut>::new());
    time::spawn(async move {
        let shortcuts = page::shortcuts().await;
        global.try_set(shortcuts);
    });
    let told = move || global.with(|global| !global.is_empty());
    view! {
        <ul class="card shortcuts" data-test="shortcuts">
            {move || global.get().into_iter().map(global_row).collect_view()}
            {move || told().then(|| view! { <Place/> })}
            {FIXED.map(|(keys, text)| view! {
                <li class="shortcut"><span>{text}</span><kbd>{keys}</kbd></li>
            })}
        </ul>
    }
}

fn global_row(shortcut: page::Shortcut) -> impl IntoView {
    let text = if shortcut.description.is_empty() && shortcut.name == shortcut::OPEN {
        "Open Pearvault".to_owned()
    } else {
        shortcut.description
    };
    let keys = if shortcut.keys.is_empty() {
        view! { <span class="shortcut-unset">"not set"</span> }.into_any()
    } else {
        view! { <kbd>{shortcut.keys}</kbd> }.into_any()
    };
    view! { <li class="shortcut"><span>{text}</span>{keys}</li> }
}

/// Where the keys above are set.
#[component]
fn Place() -> impl IntoView {
    let app = App::here();
    let place = shortcut::place(&page::describe());
    view! {
        <li class="shortcut">
            <span class="setting-note">
                "Set these on " <strong>{place.address}</strong> {place.way} "."
            </span>
            <button
                type="button"
                class="button small"
                data-test="copy-shortcut-place"
                aria-label=format!("Copy {}", place.address)
                title="Copy, to paste it into the address bar"
                on:click=move |_| app.copy_plain(place.address.to_owned(), "Address")
            >
                "Copy"
            </button>
        </li>
    }
}
