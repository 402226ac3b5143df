//! The way to the domains that the account administers.

use leptos::prelude::*;

use crate::{app::App, components::icon::Icon, routes::Route};

/// The section.
#[component]
pub(super) fn Domains() -> impl IntoView {
    let app = App::here();
    view! {
        <h2 class="section-title">"Domains"</h2>
        <div class="card">
            <button
                type="button"
                class="setting setting-button"
                data-test="domains"
                on:click=move |_| app.go(Route::Domains)
            >
                <span class="setting-text">
                    <span class="setting-label">"Domains that you administer"</span>
                    <span class="setting-note">
                        "Addresses of a domain of your own: who has one, and codes to invite"
                    </span>
                </span>
                <Icon icon=icondata_lu::LuChevronRight/>
            </button>
        </div>
    }
}
