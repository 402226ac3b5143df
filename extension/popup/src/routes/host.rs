//! The native host on this computer: met once, by a code that both sides show.

mod by_keyring;
mod living;
mod way;

use leptos::prelude::*;
use proto::bridge::popup::{
    AgreeHost, GetHost, HostProblem, HostState, HostStatus, LeaveHost, PairHost,
};
use webext::{permissions::Permission, time};

use self::{by_keyring::UnlockByKeyring, living::Living, way::Way};
use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        notice::{Notice, Tone},
    },
    dom,
    routes::{Opened, Route},
};

/// The screen.
#[component]
pub(crate) fn HostScreen() -> impl IntoView {
    let app = App::here();
    dom::focus("back");
    time::spawn(async move {
        if let Ok(status) = app.ask(GetHost {}).await {
            app.host.try_set(Some(status));
        }
    });
    let at_start = app
        .route
        .with_untracked(|route| *route == Route::Host(Opened::AtStart));
    let problem = move || {
        app.host
            .with(|status| status.as_ref().and_then(|it| it.problem))
    };
    let state = Memo::new(move |_| app.host.with(|it| it.as_ref().map(|it| it.state.clone())));
    view! {
        <main class="screen">
            <TopBar title="This computer"/>
            <div class="content">
                {move || problem().map(|problem| {
                    view! { <Notice tone=Tone::Warning hook="host-problem" text=problem_text(problem).to_owned()/> }
                })}
                {move || match state.get() {
                    None => view! { <p class="setting-note">"Looking…"</p> }.into_any(),
                    Some(HostState::Unpaired {}) => view! { <Unpaired/> }.into_any(),
                    Some(HostState::Reaching {}) => view! { <Reaching/> }.into_any(),
                    Some(HostState::Comparing { code, agreed, .. }) => {
                        view! { <Comparing code agreed/> }.into_any()
                    }
                    Some(HostState::Paired { connected }) => {
                        let away = !connected && app.host.with(|it| it.as_ref().is_some_and(|it| it.lives_there));
                        view! {
                            <Paired connected/>
                            {away.then(|| view! { <Unpaired/> })}
                        }.into_any()
                    }
                }}
            </div>
            {(!at_start).then(|| view! { <BottomBar/> })}
        </main>
    }
}

#[component]
fn Unpaired() -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let connect = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        // At once: a browser asks only under the press itself.
        Permission::NativeMessaging.ask(move |given| {
            if !given {
                busy.try_set(false);
                app.host.update(|status| {
                    if let Some(status) = status {
                        status.problem = Some(HostProblem::NotAllowed);
                    }
                });
                return;
            }
            time::spawn(async move {
                take(app, app.ask_or_tell(PairHost {}).await);
                busy.try_set(false);
            });
        });
    };
    view! {
        <p>"Pearvault's host is a small program beside your browser. It works on proofs with all of this computer, which is much faster."</p>
        <ol class="host-steps">
            <li>"Install it, and register it with your browsers: "<code>"pearvault-host install"</code></li>
            <li>"In a terminal, start: "<code>"pearvault-host pair"</code></li>
            <li>"Press Connect. Both show a code: compare them."</li>
        </ol>
        <button
            type="button"
            class="button primary large"
            class:busy=move || busy.get()
            data-test="host-connect"
            on:click=connect
        >
            "Connect"
        </button>
    }
}

#[component]
fn Reaching() -> impl IntoView {
    let app = App::here();
    view! {
        <p aria-live="polite" data-test="host-reaching">"Reaching the host…"</p>
        <button type="button" class="button large" data-test="host-cancel" on:click=move |_| leave(app)>
            "Cancel"
        </button>
    }
}

#[component]
fn Comparing(code: String, agreed: bool) -> impl IntoView {
    let app = App::here();
    dom::focus(if agreed { "host-cancel" } else { "host-agree" });
    let agree = move |_| {
        time::spawn(async move { take(app, app.ask_or_tell(AgreeHost {}).await) });
    };
    let asked = if agreed {
        "Now answer in the terminal, too."
    } else {
        "Does the terminal show the same code?"
    };
    view! {
        <p class="pairing-code" data-test="host-code">{code}</p>
        <p aria-live="polite" data-test="host-asked">{asked}</p>
        <div class="host-buttons">
            <button type="button" class="button" data-test="host-cancel" on:click=move |_| leave(app)>
                {if agreed { "Cancel" } else { "They differ" }}
            </button>
            {(!agreed).then(|| view! {
                <button type="button" class="button primary" data-test="host-agree" on:click=agree>
                    "They are the same"
                </button>
            })}
        </div>
        <p class="setting-note">"If they differ, another program stands between. Nothing is paired then."</p>
    }
}

#[component]
fn Paired(connected: bool) -> impl IntoView {
    let app = App::here();
    let machine = move || {
        let machine = app
            .host
            .with(|status| status.as_ref().and_then(|it| it.machine.clone()));
        machine
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| "This computer".to_owned())
    };
    let program = move || {
        let program = app
            .host
            .with(|status| status.as_ref().and_then(|it| it.program.clone()));
        program.map_or_else(
            || "Paired".to_owned(),
            |program| format!("Paired, version {program}"),
        )
    };
    // What lives there, or moves, would be out of reach.
    let is_needed = move || {
        app.host.with(|status| {
            let needs = |it: &HostStatus| it.lives_there || it.moving.is_some();
            status.as_ref().is_some_and(needs)
        })
    };
    let standing = if connected {
        "It is there"
    } else {
        "It is reached when there is work for it"
    };
    view! {
        <div class="card">
            <div class="setting" data-test="host-paired" data-connected=connected.to_string()>
                <Icon icon=icondata_lu::LuMonitorCheck/>
                <span class="setting-text">
                    <span class="setting-label">{machine}</span>
                    <span class="setting-note">{program}</span>
                    <span class="setting-note" aria-live="polite">{standing}</span>
                </span>
            </div>
        </div>
        <p class="setting-note">"Proofs of work are done by the host."</p>
        <Living/>
        <UnlockByKeyring/>
        <Way/>
        {move || (!is_needed()).then(|| view! {
            <button type="button" class="button large" data-test="host-forget" on:click=move |_| leave(app)>
                "Forget this host"
            </button>
        })}
    }
}

fn leave(app: App) {
    time::spawn(async move { take(app, app.ask_or_tell(LeaveHost {}).await) });
}

pub(super) fn take(app: App, status: Option<HostStatus>) {
    if let Some(status) = status {
        app.host.try_set(Some(status));
    }
}

/// What went wrong, and what to do.
pub(crate) fn problem_text(problem: HostProblem) -> &'static str {
    match problem {
        HostProblem::NotInstalled => {
            "The browser finds no host. Install it, then run `pearvault-host install`."
        }
        HostProblem::NotAllowed => {
            "The browser does not let Pearvault speak to programs of this computer. Press Connect and allow it."
        }
        HostProblem::NotPairing => {
            "The host is there, but nobody waits for an extension. Start `pearvault-host pair` in a terminal."
        }
        HostProblem::Unknown => "The host does not know this browser any more. Connect anew.",
        HostProblem::Foreign => {
            "What answered is not the host that you have paired. Nothing was told to it. Look with `pearvault-host doctor`."
        }
        HostProblem::NoStore => {
            "The host is there, but cannot open its database: the keyring of this computer is locked or away. Unlock it, and try again."
        }
        HostProblem::Version => "Host and extension speak different versions. Update both.",
        HostProblem::Declined => "The terminal said no. Nothing was paired.",
        HostProblem::Ended => {
            "The host has ended or did not answer. Look with `pearvault-host doctor`."
        }
    }
}
