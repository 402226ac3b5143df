//! Whom to write to.

use leptos::prelude::*;

use super::{Addressed, Route};
use crate::{
    app::App,
    components::{
        bar::TopBar,
        notice::{Notice, Tone},
        recipient::Recipient,
    },
};

/// The screen.
#[component]
pub(crate) fn NewMessage(
    /// Whom it was asked for.
    to: Addressed,
) -> impl IntoView {
    let app = App::here();
    let is_none = to == Addressed::NoAddress;
    let address = match to {
        Addressed::To(address) => Some(address),
        Addressed::Nobody | Addressed::NoAddress => None,
    };
    view! {
        <main class="screen">
            <TopBar title="New message"/>
            <div class="content">
                {is_none.then(|| view! {
                    <Notice
                        tone=Tone::Warning
                        hook="no-address"
                        text="What you chose in the page is no address, so nothing was taken from it."
                    />
                })}
                <p class="lead">
                    "Anybody with a Pearvault or KeyPears address can be written to. Only the two of you can read it."
                </p>
                <Recipient
                    button="Continue"
                    address
                    on_found=move |address| app.go(Route::Conversation(address))
                />
            </div>
        </main>
    }
}
