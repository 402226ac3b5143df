//! The way to the native host.

use leptos::prelude::*;

use crate::{
    app::App,
    components::icon::Icon,
    routes::{Opened, Route},
};

/// The section.
#[component]
pub(super) fn ThisComputer() -> impl IntoView {
    let app = App::here();
    view! {
        <h2 class="section-title">"This computer"</h2>
        <div class="card">
            <button
                type="button"
                class="setting setting-button"
                data-test="host"
                on:click=move |_| app.go(Route::Host(Opened::InSettings))
            >
                <span class="setting-text">
                    <span class="setting-label">"Pearvault's host"</span>
                    <span class="setting-note">"A program beside the browser: keys outside of it, and fast proofs of work"</span>
                </span>
                <Icon icon=icondata_lu::LuChevronRight/>
            </button>
        </div>
    }
}
