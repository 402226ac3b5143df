//! Moving in from another program.

use leptos::prelude::*;
use webext::page;

use crate::{app::App, components::icon::Icon, routes::Route};

/// The section.
#[component]
pub(super) fn Moving() -> impl IntoView {
    view! {
        <h2 class="section-title">"Moving in"</h2>
        <div class="card">
            <ImportButton class="setting setting-button"/>
        </div>
    }
}

/// The way to the import; a tab of its own from the popup, which a file chooser would close.
#[component]
pub(crate) fn ImportButton(
    /// How it looks.
    class: &'static str,
) -> impl IntoView {
    let app = App::here();
    let go = move |_| {
        if page::is_popup() {
            page::open_full_page("/import");
        } else {
            app.go(Route::Import);
        }
    };
    view! {
        <button type="button" class=class data-test="import" on:click=go>
            <span class="setting-text">
                <span class="setting-label">"Import from another password manager"</span>
            </span>
            <Icon icon=icondata_lu::LuFileUp/>
        </button>
    }
}
