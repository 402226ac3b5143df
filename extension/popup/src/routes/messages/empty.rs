//! Nothing to list: what to do about it.

use leptos::prelude::*;

use crate::{
    app::App,
    components::icon::Icon,
    message::list::Shelf,
    routes::{Addressed, Route},
};

/// Nothing found, or nobody there yet.
#[component]
pub(super) fn Empty(shelf: Shelf) -> impl IntoView {
    let app = App::here();
    let searched =
        move || shelf == Shelf::All && app.message_query.with(|query| !query.trim().is_empty());
    if shelf != Shelf::All {
        crate::dom::focus("back");
    }
    view! {
        <section class="empty" data-test="empty">
            {move || if searched() {
                view! {
                    <span class="empty-mark"><Icon icon=icondata_lu::LuSearchX size=28/></span>
                    <h2 class="empty-title">"Nothing found"</h2>
                    <p class="empty-text">"Search looks into addresses and all messages on this device."</p>
                    <button
                        type="button"
                        class="button"
                        data-test="empty-clear"
                        on:click=move |_| {
                            app.message_query.set(String::new());
                            crate::dom::focus("search-messages");
                        }
                    >
                        "Clear search"
                    </button>
                }.into_any()
            } else {
                match shelf {
                    Shelf::All => view! { <Nobody/> }.into_any(),
                    Shelf::Requests => view! {
                        <span class="empty-mark"><Icon icon=icondata_lu::LuInbox size=28/></span>
                        <h2 class="empty-title">"No requests"</h2>
                        <p class="empty-text">"Who writes to you for the first time waits here for your answer."</p>
                    }.into_any(),
                    Shelf::Blocked => view! {
                        <span class="empty-mark"><Icon icon=icondata_lu::LuBan size=28/></span>
                        <h2 class="empty-title">"Nobody is blocked"</h2>
                    }.into_any(),
                }
            }}
        </section>
    }
}

/// The way to a first conversation: their address, or one's own.
#[component]
fn Nobody() -> impl IntoView {
    let app = App::here();
    let own = move || app.address().map(String::from).unwrap_or_default();
    view! {
        <span class="empty-mark"><Icon icon=icondata_lu::LuMessagesSquare size=28/></span>
        <h2 class="empty-title">"No messages yet"</h2>
        <p class="empty-text">
            "Write to somebody, or give them your address. Only the two of you can read what is said."
        </p>
        <p class="own-address">
            <strong data-test="own-address">{own}</strong>
            <button
                type="button"
                class="icon-button small"
                data-test="copy-address"
                aria-label="Copy your address"
                title="Copy your address"
                on:click=move |_| app.copy_plain(untrack(own), "Address")
            >
                <Icon icon=icondata_lu::LuCopy size=16/>
            </button>
        </p>
        <button
            type="button"
            class="button primary"
            data-test="empty-new"
            on:click=move |_| app.go(Route::NewMessage(Addressed::Nobody))
        >
            "Write a message"
        </button>
    }
}
