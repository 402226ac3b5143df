//! The bars above and below a screen.

use leptos::prelude::*;
use proto::bridge::popup::AppStatus;

use super::icon::Icon;
use crate::{
    app::App,
    format,
    message::list::{Shelf, badge},
    routes::Route,
};

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

/// Messages that were not looked at.
fn unread(app: App) -> Memo<u32> {
    Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { unread, .. }) => *unread,
            _ => 0,
        })
    })
}

/// The place of messages, with how many were not looked at.
#[component]
fn MessagesButton() -> impl IntoView {
    let app = App::here();
    let unread = unread(app);
    let label = move || match unread.get() {
        0 => "Messages".to_owned(),
        unread => format!("Messages, {} unread", format::count(unread.into())),
    };
    view! {
        <button
            type="button"
            class="nav-button"
            data-test="nav-messages"
            data-unread=move || unread.get().to_string()
            aria-label=label
            aria-current=move || {
                app.route.with(|route| matches!(route, Route::Messages(_))).then_some("page")
            }
            on:click=move |_| app.go(Route::Messages(Shelf::All))
        >
            <span class="nav-mark">
                <Icon icon=icondata_lu::LuMessagesSquare/>
                {move || badge(unread.get()).map(|count| view! {
                    <span class="unread nav-badge" data-test="unread-badge">{count}</span>
                })}
            </span>
            <span>"Messages"</span>
        </button>
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
            <MessagesButton/>
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
