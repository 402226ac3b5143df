//! The first screen on a device.

use leptos::prelude::*;
use proto::{bridge::popup::AppStatus, error::ErrorCode};

use crate::{
    address::normal,
    app::App,
    components::{
        brand::Brand,
        notice::{Notice, Tone},
    },
    draft::Way,
    format,
    routes::{Opened, Route},
};

/// Make an account, or log in to one.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let app = App::here();
    crate::dom::focus("create-account");
    view! {
        <main class="screen hero">
            <div class="hero-head">
                <Brand/>
                <h1 class="hero-title">"Pearvault"</h1>
                <p class="hero-text">
                    "Your passwords behind one address, sealed on this device before they leave it."
                </p>
            </div>
            <div class="hero-message">
                <Problem/>
            </div>
            <div class="hero-actions">
                <button
                    type="button"
                    class="button primary large"
                    data-test="create-account"
                    on:click=move |_| app.set_out(Some(Way::Create))
                >
                    "Create an address"
                </button>
                <button
                    type="button"
                    class="button large"
                    data-test="have-account"
                    on:click=move |_| app.set_out(Some(Way::LogIn))
                >
                    "I already have one"
                </button>
                <button
                    type="button"
                    class="button quiet"
                    data-test="have-code"
                    on:click=move |_| app.set_out(Some(Way::Code))
                >
                    "I have a code"
                </button>
                <button
                    type="button"
                    class="button quiet"
                    data-test="have-host"
                    on:click=move |_| app.go(Route::Host(Opened::AtStart))
                >
                    "It lives in Pearvault's host"
                </button>
            </div>
        </main>
    }
}

/// Why the last attempt ended, where it was not the user who ended it.
#[component]
pub(crate) fn Problem() -> impl IntoView {
    let app = App::here();
    move || {
        app.status.with(|status| match status {
            Some(AppStatus::Empty {
                problem: Some(problem),
            }) if problem.code != ErrorCode::Cancelled => {
                let text = app.start.with_untracked(|start| {
                    format::unasked(problem, &normal(&start.address), start.server().as_deref())
                });
                Some(view! { <Notice tone=Tone::Danger hook="error" text/> })
            }
            _ => None,
        })
    }
}
