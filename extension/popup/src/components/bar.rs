//! The bars above and below a screen.

use leptos::prelude::*;

use super::icon::Icon;
use crate::{app::App, routes::Route};

/// Title with the way back; what is put inside stands at its right.
#[component]
pub(crate) fn TopBar(
    /// The screen's name.
    #[prop(into)]
    title: Signal<String>,
    /// What the way back does; to the parent screen where nothing is said.
    #[prop(optional, into)]
    back: Option<Callback<()>>,
    /// Buttons at the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let app = App::here();
    let go_back = move |_| match back {
        Some(back) => back.run(()),
        None => app.back(),
    };
    view! {
        <header class="bar">
            <button
                type="button"
                class="icon-button"
                data-test="back"
                aria-label="Back"
                title="Back (Esc)"
                on:click=go_back
            >
                <Icon icon=icondata_lu::LuArrowLeft/>
            </button>
            <h1 class="bar-title">{move || title.get()}</h1>
            <div class="bar-actions">{children.map(|children| children())}</div>
        </header>
    }
}

/// The places of an open vault, and locking it.
#[component]
pub(crate) fn BottomBar() -> impl IntoView {
    let app = App::here();
    let place = move |route: Route, hook: &'static str, label: &'static str, icon| {
        let target = route.clone();
        view! {
            <button
                type="button"
                class="nav-button"
                data-test=hook
                aria-current=move || app.route.with(|r| *r == target).then_some("page")
                on:click=move |_| app.go(route.clone())
            >
                <Icon icon/>
                <span>{label}</span>
            </button>
        }
    };
    view! {
        <nav class="nav" aria-label="Pearvault">
            {place(Route::Home, "nav-home", "Vault", icondata_lu::LuVault)}
            {place(Route::Generator, "nav-generator", "Generator", icondata_lu::LuWandSparkles)}
            {place(Route::Settings, "settings", "Settings", icondata_lu::LuSettings2)}
            <button
                type="button"
                class="nav-button"
                data-test="lock"
                title="Lock now"
                on:click=move |_| app.lock()
            >
                <Icon icon=icondata_lu::LuLock/>
                <span>"Lock"</span>
            </button>
        </nav>
    }
}
