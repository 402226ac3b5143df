//! The account lives in the native host, and that is not there.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, LeaveHost, SyncNow};
use webext::time;

use crate::{
    app::App,
    components::{
        brand::Brand,
        dialog::Dialog,
        notice::{Notice, Tone},
    },
    routes::{Opened, Route, host::problem_text},
};

/// What happened, what to do, and another try.
#[component]
pub(crate) fn Away() -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let state = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Away {
                reaching, problem, ..
            }) => (*reaching, *problem),
            _ => (true, None),
        })
    });
    let problem = Signal::derive(move || match state.get() {
        (_, Some(problem)) => problem_text(problem).to_owned(),
        _ => String::new(),
    });
    let retry = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        time::spawn(async move {
            // Whether it answers is in the status, either way.
            let _ = app.ask(SyncNow {}).await;
            app.refresh().await;
            busy.try_set(false);
        });
    };
    let leaving = RwSignal::new(false);
    let leave = move |()| {
        leaving.set(false);
        time::spawn(async move {
            if app.ask_or_tell(LeaveHost {}).await.is_some() {
                app.refresh().await;
            }
        });
    };
    crate::dom::focus("away-retry");
    let address = move || app.address().map(|address| address.to_string());
    view! {
        <main class="screen hero">
            <div class="hero-head">
                <Brand/>
                <h1 class="hero-title">"The host does not answer"</h1>
                <p class="hero-text">
                    {address}
                    " lives in Pearvault's host on this computer. Nothing is lost: it is there when the host is."
                </p>
            </div>
            <div class="hero-message" aria-live="polite">
                {move || match state.get() {
                    (true, _) => view! {
                        <p data-test="away-reaching">"Reaching it…"</p>
                    }.into_any(),
                    (false, _) => view! {
                        <Notice tone=Tone::Warning hook="away-problem" text=problem/>
                    }.into_any(),
                }}
            </div>
            <div class="hero-actions">
                <button
                    type="button"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="away-retry"
                    on:click=retry
                >
                    "Try again"
                </button>
                <button
                    type="button"
                    class="button quiet"
                    data-test="away-connect"
                    on:click=move |_| app.go(Route::Host(Opened::AtStart))
                >
                    "Connect the host anew"
                </button>
                <button
                    type="button"
                    class="button quiet"
                    data-test="away-leave"
                    on:click=move |_| leaving.set(true)
                >
                    "Go on without the host"
                </button>
            </div>
            {move || leaving.get().then(|| view! {
                <Dialog
                    title="Go on without the host"
                    text="This browser forgets the host, and you log in here with your password. What you wrote and has not reached your server stays in the host; so does everything else there, until you pair again."
                    confirm="Go on without it"
                    on_confirm=leave
                    on_cancel=move |()| leaving.set(false)
                />
            })}
        </main>
    }
}
