//! Moving in from another program, and out again.

use leptos::prelude::*;
use webext::page;

use crate::{app::App, components::icon::Icon, routes::Route};

/// The section.
#[component]
pub(super) fn Moving() -> impl IntoView {
    view! {
        <h2 class="section-title">"Moving in and out"</h2>
        <div class="card">
            <ImportButton class="setting setting-button"/>
            <ExportButton/>
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
    let go = move |_| go(app, Route::Import);
    view! {
        <button type="button" class=class data-test="import" on:click=go>
            <span class="setting-text">
                <span class="setting-label">"Import from another password manager"</span>
            </span>
            <Icon icon=icondata_lu::LuFileUp/>
        </button>
    }
}

#[component]
fn ExportButton() -> impl IntoView {
    let app = App::here();
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="export"
            on:click=move |_| go(app, Route::Export)
        >
            <span class="setting-text">
                <span class="setting-label">"Export your vault"</span>
            </span>
            <Icon icon=icondata_lu::LuFileDown/>
        </button>
    }
}

/// Shows a screen that needs a page of its own.
fn go(app: App, route: Route) {
    if page::is_popup() {
        page::open_full_page(&format!("/{}", route.name()));
    } else {
        app.go(route);
    }
}
