//! Where the account lives: in this browser, or in the host.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        AppStatus, CancelMove, EmptyHost, HostMove, HostStatus, MoveBack, MoveIn, MoveWay,
        NodeRoute, UseHost,
    },
    error::WireError,
    vault::SecretText,
};
use webext::time;

use super::take;
use crate::{
    app::App,
    components::{
        notice::{Notice, Tone},
        password_form::PasswordForm,
    },
    format,
};

/// What can be done about it, for a host that is paired.
#[component]
pub(super) fn Living() -> impl IntoView {
    let app = App::here();
    let moving = Memo::new(move |_| {
        let told = |status: &HostStatus| status.moving.clone();
        app.host.with(|status| status.as_ref().and_then(told))
    });
    let stands = Memo::new(move |_| {
        app.host
            .with(|status| Stands::of(status.as_ref(), app.status.get().as_ref()))
    });
    view! {
        <h2 class="section-title">"Your account"</h2>
        {move || match moving.get() {
            Some(HostMove { problem: None, way, .. }) => view! { <Under way moving/> }.into_any(),
            other => view! {
                {other.and_then(|it| it.problem).map(|problem| view! { <Failed problem/> })}
                {match stands.get() {
                    Stands::Nowhere => view! {
                        <p class="setting-note">"The host has no account. Make one in this browser, or log in; then you can move it there."</p>
                    }.into_any(),
                    Stands::InHost(address) => view! { <Use address/> }.into_any(),
                    Stands::Here => view! { <Ask way=MoveWay::In/> }.into_any(),
                    Stands::HalfThere => view! {
                        <Ask way=MoveWay::In/>
                        <p class="setting-note">"The host has this account, too: another browser uses it there, or a move did not come to its end."</p>
                        <Leave/>
                    }.into_any(),
                    Stands::There => view! { <Ask way=MoveWay::Back/> }.into_any(),
                    Stands::Locked => view! {
                        <p class="setting-note">"Your account lives in the host. Unlock it to move it into this browser."</p>
                    }.into_any(),
                    Stands::Other(address) => view! {
                        <p class="setting-note" data-test="host-other">
                            {format!("The host has another account: {address}. Yours stays in this browser.")}
                        </p>
                    }.into_any(),
                }}
            }.into_any(),
        }}
    }
}

/// Where the account is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stands {
    /// There is none.
    Nowhere,
    /// The host has one, this browser none.
    InHost(String),
    /// In this browser.
    Here,
    /// In this browser, and the host has logged in to it, too.
    HalfThere,
    /// In the host, open.
    There,
    /// In the host, locked.
    Locked,
    /// One here, and another one there.
    Other(String),
}

impl Stands {
    fn of(host: Option<&HostStatus>, status: Option<&AppStatus>) -> Self {
        let Some(host) = host else {
            return Self::Nowhere;
        };
        let theirs = host.account.as_ref();
        match status {
            Some(AppStatus::Unlocked { .. }) if host.lives_there => Self::There,
            Some(AppStatus::Locked { .. } | AppStatus::Away { .. }) if host.lives_there => {
                Self::Locked
            }
            Some(AppStatus::Unlocked { address, .. }) => match theirs {
                Some(other) if other != address => Self::Other(other.to_string()),
                Some(_) => Self::HalfThere,
                None => Self::Here,
            },
            Some(AppStatus::Empty { .. }) => {
                theirs.map_or(Self::Nowhere, |it| Self::InHost(it.to_string()))
            }
            _ => Self::Nowhere,
        }
    }
}

#[component]
fn Use(address: String) -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let text = format!("Use {address}");
    let take_it = move |_| {
        busy.set(true);
        time::spawn(async move {
            take(app, app.ask_or_tell(UseHost {}).await);
            app.refresh().await;
            busy.try_set(false);
        });
    };
    view! {
        <p class="setting-note">"The host has this account. This browser can use it, and keeps no key of it."</p>
        <button
            type="button"
            class="button primary large"
            class:busy=move || busy.get()
            data-test="host-use"
            on:click=take_it
        >
            {text}
        </button>
    }
}

/// Asks for the password, and moves.
#[component]
fn Ask(way: MoveWay) -> impl IntoView {
    let app = App::here();
    let go = move |password: SecretText| async move {
        let status = match way {
            MoveWay::In => app.ask(MoveIn { password }).await?,
            MoveWay::Back => app.ask(MoveBack { password }).await?,
        };
        take(app, Some(status));
        Ok(())
    };
    let (name, button, text) = match way {
        MoveWay::In => (
            "in",
            "Move it into the host",
            "It lives in this browser. Moved into the host, no key of it is in any browser any more: the host opens it, and gives a page one login at a time. All your browsers that are paired can use it.",
        ),
        MoveWay::Back => (
            "back",
            "Move it into this browser",
            "It lives in the host: no key of it is in this browser. Moved into this browser, the host forgets it, and other browsers that use it there have to log in.",
        ),
    };
    let goes_past_proxy = move || {
        let is_proxied = |it: &HostStatus| matches!(it.route, Some(NodeRoute::Proxy { .. }));
        way == MoveWay::Back && app.host.with(|it| it.as_ref().is_some_and(is_proxied))
    };
    view! {
        <div data-test="host-move" data-way=name>
            <PasswordForm
                name="move-password"
                hook="host-move-go"
                button
                primary=true
                class="host-move"
                act=go
            >
                <p class="setting-note">{text}</p>
                {move || goes_past_proxy().then(|| view! {
                    <p class="setting-note" data-test="host-past-proxy">
                        "A browser goes its own way to your server, not through the host's proxy."
                    </p>
                })}
            </PasswordForm>
        </div>
    }
}

/// How far a move is.
#[component]
fn Under(way: MoveWay, moving: Memo<Option<HostMove>>) -> impl IntoView {
    let app = App::here();
    let progress = move || moving.get().and_then(|it| it.progress);
    let left = move || {
        let seconds = progress().and_then(|it| it.expected_seconds);
        seconds.map_or_else(String::new, |seconds| {
            format!("Proof of work: {} left on average", format::wait(seconds))
        })
    };
    let chance = move || progress().map_or(0.0, |it| it.probability);
    let text = match way {
        MoveWay::In => {
            "Moving your account into the host: it logs in as a device of its own. You can close this window."
        }
        MoveWay::Back => {
            "Moving your account into this browser: it logs in as a device of its own. You can close this window."
        }
    };
    let cancel = move |_| {
        time::spawn(async move { take(app, app.ask_or_tell(CancelMove {}).await) });
    };
    view! {
        <div class="host-move" data-test="host-moving">
            <p role="status">{text}</p>
            <div
                class="progress"
                role="progressbar"
                aria-label="Chance that it is solved by now"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", chance() * 100.0)
            >
                <div
                    class="progress-done"
                    style:transform=move || format!("scaleX({:.4})", chance())
                ></div>
            </div>
            <p class="setting-note">{left}</p>
            <button type="button" class="button large" data-test="host-move-cancel" on:click=cancel>
                "Cancel"
            </button>
        </div>
    }
}

#[component]
fn Leave() -> impl IntoView {
    let app = App::here();
    let leave = move |_| {
        time::spawn(async move { take(app, app.ask_or_tell(EmptyHost {}).await) });
    };
    view! {
        <button type="button" class="button large" data-test="host-remove" on:click=leave>
            "Take it out of the host again"
        </button>
    }
}

/// Why the last move ended.
#[component]
fn Failed(problem: WireError) -> impl IntoView {
    let app = App::here();
    let forget = move |_| {
        time::spawn(async move { take(app, app.ask_or_tell(CancelMove {}).await) });
    };
    let text = format!("The account was not moved. {}", problem.message);
    view! {
        <Notice tone=Tone::Danger hook="host-move-failed" text>
            <button type="button" class="button quiet" data-test="host-move-forget" on:click=forget>
                "OK"
            </button>
        </Notice>
    }
}
