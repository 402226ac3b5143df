//! The background does not answer.

use leptos::prelude::*;

use crate::{
    app::App,
    components::{
        brand::Brand,
        notice::{Notice, Tone},
    },
};

/// What happened, and another try.
#[component]
pub(crate) fn Failed() -> impl IntoView {
    let app = App::here();
    let text = Signal::derive(move || {
        app.failure
            .with(|e| e.as_ref().map(|e| e.message.clone()).unwrap_or_default())
    });
    view! {
        <main class="screen hero">
            <div class="hero-head">
                <Brand/>
                <h1 class="hero-title">"Pearvault did not start"</h1>
                <p class="hero-text">"Your vault is safe: nothing was changed."</p>
            </div>
            <div class="hero-message">
                <Notice tone=Tone::Danger hook="error" text/>
            </div>
            <div class="hero-actions">
                <button
                    type="button"
                    class="button primary large"
                    data-test="retry"
                    on:click=move |_| app.begin()
                >
                    "Try again"
                </button>
            </div>
        </main>
    }
}
