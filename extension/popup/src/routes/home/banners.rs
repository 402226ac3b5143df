//! What to know below the list: offline, signed out, an unfinished item, a site without login.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, LogIn, NodeState, RecoveryState},
    error::ErrorCode,
    vault::{ItemKind, SecretText},
};
use webext::time;

use self::{pin::PinEnded, unreadable::Unreadable};
use super::offers::Offered;
use crate::{
    app::App,
    components::{
        dialog::Dialog,
        log_in_again::LogInAgainDialog,
        notice::{Notice, Tone},
        password_field::PasswordField,
        sync::{SyncButton, SyncProblem, last_synced, standing},
    },
    form,
    routes::{Asked, Editing, Route},
    sync::Standing,
};

mod pin;
mod unreadable;

/// Those that apply.
#[component]
pub(super) fn Banners() -> impl IntoView {
    let app = App::here();
    let node = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { node, .. }) => Some(*node),
            _ => None,
        })
    });
    view! {
        <div class="banners">
            {move || match node.get() {
                Some(NodeState::Offline) => view! { <Offline/> }.into_any(),
                Some(NodeState::SignedOut) => view! { <SignedOut/> }.into_any(),
                _ => ().into_any(),
            }}
            <SyncProblem then="search"/>
            <NotRecoverable/>
            <PinEnded/>
            <Unreadable/>
            <Offered/>
            <FilledHere/>
            <UnfinishedItem/>
            <NoLoginHere/>
        </div>
    }
}

/// Why the vault is not synced, for want of an answer or of a session.
fn reason(app: App) -> Signal<String> {
    let standing = standing(app);
    let text = move || standing.get().as_ref().map(Standing::text);
    Memo::new(move |_| text().unwrap_or_default()).into()
}

#[component]
fn Offline() -> impl IntoView {
    let app = App::here();
    view! {
        <Notice tone=Tone::Warning hook="offline" text=reason(app) note=last_synced(app)>
            <SyncButton label="Try now" then="search"/>
        </Notice>
    }
}

#[component]
fn SignedOut() -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let again = RwSignal::new(false);
    let shown = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let reason = reason(app);
    let log_in = move |()| {
        asking.set(false);
        let Some(address) = app.address() else { return };
        let request = LogIn {
            address: address.to_string(),
            server: None,
            password: SecretText::new(password.get_untracked()),
        };
        password.set(String::new());
        time::spawn(async move {
            if app.ask_or_tell(request).await.is_some() {
                app.refresh().await;
            }
        });
    };
    let problem = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { problem, .. }) => problem.clone(),
            _ => None,
        })
    });
    let text = Signal::derive(move || match problem.get() {
        Some(problem) => format!("{} {}", reason.get(), problem.message),
        None => reason.get(),
    });
    // It may be the one that was set on another device, or none at all.
    let wrong = move || {
        let code = problem.get().map(|problem| problem.code);
        matches!(
            code,
            Some(ErrorCode::PasswordWrong | ErrorCode::CredentialsWrong)
        )
    };
    view! {
        {move || again.get().then(|| view! {
            <LogInAgainDialog on_close=move |()| again.set(false)/>
        })}
        <Notice tone=Tone::Warning hook="signed-out" text note=last_synced(app)>
            <button
                type="button"
                class="button small"
                data-test="log-in-again"
                on:click=move |_| asking.set(true)
            >
                "Log in again"
            </button>
            {move || wrong().then(|| view! {
                <button
                    type="button"
                    class="button small"
                    data-test="changed-elsewhere"
                    on:click=move |_| again.set(true)
                >
                    "Changed it on another device?"
                </button>
            })}
        </Notice>
        {move || asking.get().then(|| view! {
            <Dialog
                title="Log in again"
                text="This device's session was ended, or the password was changed. With your password it goes on, after a little work."
                confirm="Log in"
                ready=Signal::derive(move || password.with(|p| !p.is_empty()))
                on_confirm=log_in
                on_cancel=move |()| asking.set(false)
            >
                <PasswordField
                    name="dialog-password"
                    label="Password"
                    value=password
                    shown
                    autocomplete="current-password"
                    focused=true
                />
            </Dialog>
        })}
    }
}

/// Nobody has confirmed recovery words.
#[component]
fn NotRecoverable() -> impl IntoView {
    let app = App::here();
    let told = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { recovery, .. }) => match recovery {
                RecoveryState::NotConfirmed => Some((
                    "Recovery not confirmed: forget the password, and the vault is lost.",
                    "Show the words",
                )),
                RecoveryState::Locked => Some((
                    "Your recovery words open only what is locked: forget the present password, and what is new is lost.",
                    "What to do",
                )),
                RecoveryState::Confirmed | RecoveryState::Unknown => None,
            },
            _ => None,
        })
    });
    move || {
        told.get().map(|(text, way)| {
            view! {
                <Notice
                    tone=Tone::Warning
                    hook="not-recoverable"
                    text
                >
                    <button
                        type="button"
                        class="button small"
                        data-test="open-recovery"
                        on:click=move |_| app.go(Route::Recovery(Asked::AtHome))
                    >
                        {way}
                    </button>
                </Notice>
            }
        })
    }
}

/// The last fill of the page in front can be taken back.
#[component]
fn FilledHere() -> impl IntoView {
    let app = App::here();
    move || {
        app.can_undo.get().then(|| {
            view! {
                <Notice tone=Tone::Info hook="filled-here" text="Filled on this page">
                    <button
                        type="button"
                        class="button small"
                        data-test="undo-fill"
                        on:click=move |_| app.undo_fill()
                    >
                        "Undo"
                    </button>
                </Notice>
            }
        })
    }
}

#[component]
fn UnfinishedItem() -> impl IntoView {
    let app = App::here();
    let text = Memo::new(move |_| {
        app.unfinished.with(|draft| {
            let form = &draft.as_ref()?.form;
            let title = form.title.trim();
            Some(match (form.edits.is_some(), title.is_empty()) {
                (_, false) => format!("Unfinished: {title}"),
                (true, true) => format!("An edited {} is unfinished.", form::kind_word(form.kind)),
                (false, true) => format!("A new {} is unfinished.", form::kind_word(form.kind)),
            })
        })
    });
    move || {
        text.get().map(|text| {
            view! {
                <Notice tone=Tone::Info hook="unfinished" text>
                    <button
                        type="button"
                        class="button small quiet"
                        data-test="discard-draft"
                        on:click=move |_| app.keep_unfinished(None)
                    >
                        "Discard"
                    </button>
                    <button
                        type="button"
                        class="button small"
                        data-test="resume-draft"
                        on:click=move |_| app.go(Route::Editor(Editing::Draft))
                    >
                        "Resume"
                    </button>
                </Notice>
            }
        })
    }
}

/// The page in front has no login in the vault: one click makes it.
#[component]
fn NoLoginHere() -> impl IntoView {
    let app = App::here();
    let host = Memo::new(move |_| {
        let searching = app.query.with(|query| !query.trim().is_empty());
        let empty = app
            .results
            .with(|results| !results.ready || results.total() == 0);
        let host = app.site.with(|site| {
            site.as_ref()
                .filter(|site| site.items.is_empty())
                .and_then(|site| site.host.clone())
        });
        host.filter(|_| !searching && !empty)
    });
    let https_only = move || {
        app.site
            .with(|site| site.as_ref().map_or(0, |site| site.https_only))
    };
    move || {
        host.get().map(|host| {
            if https_only() > 0 {
                return view! {
                    <div class="site-empty" data-test="site-insecure">
                        <p>
                            "Your login for " <strong>{host}</strong>
                            " is for its encrypted page. This one is not encrypted (http), so nothing is filled here."
                        </p>
                    </div>
                }
                .into_any();
            }
            view! {
                <div class="site-empty" data-test="site-empty">
                    <p>"No login for " <strong>{host}</strong> " yet"</p>
                    <button
                        type="button"
                        class="button small"
                        data-test="save-for-site"
                        on:click=move |_| app.go(Route::Editor(Editing::New(ItemKind::Login)))
                    >
                        "Add"
                    </button>
                </div>
            }
            .into_any()
        })
    }
}
