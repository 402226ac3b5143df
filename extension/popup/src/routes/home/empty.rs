//! Nothing to list: what to do about it.

use leptos::prelude::*;
use proto::{bridge::popup::AppStatus, vault::ItemKind};

use crate::{
    app::App,
    components::icon::Icon,
    routes::{Editing, Route, settings::moving::ImportButton},
};

/// Nothing found, or nothing there yet.
#[component]
pub(super) fn Empty() -> impl IntoView {
    let app = App::here();
    let searched = move || app.results.with(|results| !results.query.trim().is_empty());
    // What is there is not to be taken for lost.
    let closed = move || {
        app.status.with(
            |status| matches!(status, Some(AppStatus::Unlocked { unreadable, .. }) if *unreadable > 0),
        )
    };
    view! {
        <section class="empty" data-test="empty">
            {move || if searched() {
                view! {
                    <span class="empty-mark"><Icon icon=icondata_lu::LuSearchX size=28/></span>
                    <h2 class="empty-title">"Nothing found"</h2>
                    <p class="empty-text">"Search looks into titles, user names and web addresses."</p>
                    <button
                        type="button"
                        class="button"
                        data-test="empty-clear"
                        on:click=move |_| {
                            app.query.set(String::new());
                            crate::dom::focus("search");
                        }
                    >
                        "Clear search"
                    </button>
                }.into_any()
            } else {
                view! {
                    <span class="empty-mark"><Icon icon=icondata_lu::LuVault size=28/></span>
                    <h2 class="empty-title">
                        {move || if closed() { "Nothing that opens here" } else { "Your vault is empty" }}
                    </h2>
                    <p class="empty-text">
                        {move || if closed() {
                            "What is in your vault does not open on this device yet: why stands below."
                        } else {
                            "Save a login, and Pearvault fills it the next time you are on its site."
                        }}
                    </p>
                    <button
                        type="button"
                        class="button primary"
                        data-test="empty-new"
                        on:click=move |_| app.go(Route::Editor(Editing::New(ItemKind::Login)))
                    >
                        {move || if closed() { "Save a login" } else { "Save a first login" }}
                    </button>
                    <ImportButton class="link-button"/>
                }.into_any()
            }}
        </section>
    }
}
