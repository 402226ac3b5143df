//! Whom to write to.

use leptos::prelude::*;

use super::Route;
use crate::{
    app::App,
    components::{bar::TopBar, recipient::Recipient},
};

/// The screen.
#[component]
pub(crate) fn NewMessage() -> impl IntoView {
    let app = App::here();
    view! {
        <main class="screen">
            <TopBar title="New message"/>
            <div class="content">
                <p class="lead">
                    "Anybody with a Pearvault or KeyPears address can be written to. Only the two of you can read it."
                </p>
                <Recipient
                    button="Continue"
                    on_found=move |address| app.go(Route::Conversation(address))
                />
            </div>
        </main>
    }
}
