//! A server wants a user name and password by HTTP: which login may it have? In a window of its own,
//! which closes with the answer.

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{AnswerSignIn, GetSignIn, SignInView},
    error::{ErrorCode, WireError},
    ids::ItemId,
    vault::ItemSummary,
};
use webext::{page, time};

use crate::{
    app::App,
    components::{
        avatar::Avatar,
        notice::{Notice, Tone},
    },
    dom,
};

/// The screen.
#[component]
pub(crate) fn SignIn(
    /// Number of the request.
    id: u32,
) -> impl IntoView {
    let app = App::here();
    let asked = RwSignal::new(None::<Result<SignInView, WireError>>);
    let answered = StoredValue::new(false);
    time::spawn(async move {
        let answer = app.ask(GetSignIn { id }).await;
        let first = match &answer {
            Ok(view) if !view.items.is_empty() => "sign-in-item",
            Ok(_) => "let-browser-ask",
            Err(_) => "close-window",
        };
        asked.try_set(Some(answer));
        dom::focus(first);
    });
    let answer = move |item: Option<ItemId>| {
        if answered.get_value() {
            return;
        }
        answered.set_value(true);
        time::spawn(async move {
            match app.ask(AnswerSignIn { id, item }).await {
                Ok(_) => page::close_tab(),
                Err(error) => {
                    asked.try_set(Some(Err(error)));
                    dom::focus("close-window");
                }
            }
        });
    };
    // Whoever closes the window has answered too: the browser is not to wait for its time.
    let left = window_event_listener(ev::pagehide, move |_| answer(None));
    on_cleanup(move || left.remove());
    app.on_escape(move || match asked.get_untracked() {
        Some(Err(_)) => page::close_tab(),
        _ => answer(None),
    });
    view! {
        <main class="screen">
            <div class="content sign-in">
                {move || asked.get().map(|asked| match asked {
                    Ok(view) => view! { <Question view answer=Callback::new(answer)/> }.into_any(),
                    Err(error) => view! { <Over error/> }.into_any(),
                })}
            </div>
        </main>
    }
}

#[component]
fn Question(view: SignInView, answer: Callback<Option<ItemId>>) -> impl IntoView {
    let open = is_open(&view.origin);
    let host = host(&view.origin).to_owned();
    view! {
        <h1 class="sign-in-title">
            <strong>{host}</strong> " asks for a user name and password"
        </h1>
        <p class="sign-in-origin mono" data-test="origin">{view.origin}</p>
        {open.then(|| view! {
            <Notice
                tone=Tone::Warning
                hook="not-encrypted"
                text="Not encrypted: whoever is on the way to this server can read the password."
            />
        })}
        <div class="card" role="group" aria-label="Logins for this server">
            {view
                .items
                .into_iter()
                .map(|item| view! { <Login item answer/> })
                .collect_view()}
        </div>
        <div class="sign-in-end">
            <button
                type="button"
                class="button"
                data-test="let-browser-ask"
                on:click=move |_| answer.run(None)
            >
                "Let the browser ask"
            </button>
        </div>
    }
}

#[component]
fn Login(item: ItemSummary, answer: Callback<Option<ItemId>>) -> impl IntoView {
    let id = item.id;
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="sign-in-item"
            data-title=item.title.clone()
            on:click=move |_| answer.run(Some(id))
        >
            <Avatar kind=item.kind title=item.title.clone() seed=item.host/>
            <span class="setting-text">
                <span class="setting-label">{item.title.clone()}</span>
                <span class="setting-note">{item.subtitle}</span>
            </span>
        </button>
    }
}

/// Nothing is left to answer.
#[component]
fn Over(error: WireError) -> impl IntoView {
    let text = match error.code {
        ErrorCode::PageGone => {
            "This server no longer waits. Load its page again to be asked again.".to_owned()
        }
        _ => format!("{} The browser asks itself now.", error.message),
    };
    view! {
        <Notice tone=Tone::Warning hook="sign-in-over" text/>
        <div class="sign-in-end">
            <button
                type="button"
                class="button"
                data-test="close-window"
                on:click=|_| page::close_tab()
            >
                "Close"
            </button>
        </div>
    }
}

/// Whether what goes to an origin can be read on its way.
fn is_open(origin: &str) -> bool {
    origin.starts_with("http://")
}

/// Host of an origin, with its port where it has one of its own.
fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_called_by_its_host() {
        assert_eq!(host("https://wiki.example"), "wiki.example");
        assert_eq!(host("http://10.0.0.1:8080"), "10.0.0.1:8080");
    }

    #[test]
    fn only_https_is_encrypted() {
        assert!(is_open("http://wiki.example"));
        assert!(!is_open("https://wiki.example"));
    }
}
