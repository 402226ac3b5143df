//! A new password, by address and recovery words.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, CheckWords, Recover},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::{Back, Route, welcome::Problem};
use crate::{
    address::{fault, normal},
    app::App,
    components::{
        bar::TopBar,
        field::{TextArea, TextField},
        new_password::{NewPassword, Typed},
        notice::{Notice, Tone},
        server_field::{ServerField, may_mend},
    },
    draft::{Start, Way},
    format,
};

/// The form: address and words first, then the password. Words and password are kept nowhere.
#[component]
pub(crate) fn RecoverForm() -> impl IntoView {
    let app = App::here();
    let checked = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let back = Callback::new(move |()| {
        if checked.get_untracked() {
            checked.set(false);
        } else {
            app.back();
        }
    });
    // Of this device's account there is nothing to choose.
    let here = app
        .route
        .with_untracked(|route| *route == Route::Recover(Back::Unlock));
    if let Some(address) = app.address().filter(|_| here) {
        app.start
            .update(|start| start.address = address.to_string());
    }
    view! {
        <main class="screen">
            <TopBar title="Forgot the password" back/>
            {move || {
                if checked.get() {
                    view! { <SetPassword failure/> }.into_any()
                } else {
                    view! { <WordsForm here checked failure/> }.into_any()
                }
            }}
        </main>
    }
}

#[component]
fn WordsForm(
    here: bool,
    checked: RwSignal<bool>,
    failure: RwSignal<Option<WireError>>,
) -> impl IntoView {
    let app = App::here();
    let asked = RwSignal::new(false);
    let words_error = RwSignal::new(None::<String>);
    let known = app
        .start
        .with_untracked(|start| fault(&normal(&start.address)).is_none());
    let address_error = Signal::derive(move || {
        let fault = app.start.with(|start| fault(&normal(&start.address)));
        fault
            .filter(|fault| asked.get() || fault.stays())
            .map(|fault| fault.to_string())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        let no_address = app
            .start
            .with_untracked(|start| fault(&normal(&start.address)).is_some());
        let request = CheckWords {
            words: SecretText::new(app.words.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await.map(|check| check.problem) {
                Ok(None) => {
                    words_error.try_set(None);
                    if !no_address {
                        failure.try_set(None);
                        checked.try_set(true);
                    }
                }
                Ok(Some(problem)) => {
                    let text = app
                        .words
                        .with_untracked(|words| words_fault(&problem, words));
                    words_error.try_set(Some(text));
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let mends = Signal::derive(move || failure.with(|f| f.as_ref().is_some_and(may_mend)));
    let lead = match app.address().filter(|_| here) {
        Some(address) => view! {
            "With your 24 recovery words you set a new password for "
            <strong>{address.to_string()}</strong>
            "."
        }
        .into_any(),
        None => "With your address and your 24 recovery words you set a new password.".into_any(),
    };
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">{lead}</p>
            {(!here).then(|| view! {
                <TextField
                    name="address-input"
                    label="Address"
                    value=Signal::derive(move || app.start.with(|start| start.address.clone()))
                    on_input=move |text| app.start.update(|start| start.address = text)
                    error=address_error
                    placeholder="name@example.com"
                    mode="email"
                    autocomplete="username"
                    focused=!known
                />
            })}
            <TextArea
                name="words-input"
                label="Recovery words"
                value=app.words
                on_input=move |text| {
                    app.words.set(text);
                    words_error.set(None);
                }
                error=words_error
                hint="In their order, as on your sheet."
                rows=5
                focused=known
            />
            {(!here).then(|| view! { <ServerField wanted=mends/> })}
            <Failure failure/>
            <p class="footnote">
                "Without these words and without the password, nobody can open the vault."
            </p>
            <div class="form-end">
                <button type="submit" class="button primary large" data-test="continue">
                    "Continue"
                </button>
            </div>
        </form>
    }
}

#[component]
fn SetPassword(failure: RwSignal<Option<WireError>>) -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let address = normal(&app.start.with_untracked(|start| start.address.clone()));
    let typed = Typed::new(vec![address.clone()]);
    let problem = typed.problem();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        typed.ask();
        if problem.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let start = app.start.get_untracked();
        if app
            .route
            .with_untracked(|route| *route == Route::Recover(Back::LogIn))
        {
            app.start.update(|start| start.way = Some(Way::Recover));
            app.keep::<Start>(&app.start.get_untracked());
        }
        let request = Recover {
            address: normal(&start.address),
            server: start.server(),
            words: SecretText::new(app.words.get_untracked()),
            password: typed.secret(),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(_) => app.refresh().await,
                Err(mut error) => {
                    error.message =
                        format::unasked(&error, &normal(&start.address), start.server().as_deref());
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">"Choose a new password for " <strong>{address.clone()}</strong> "."</p>
            <input type="hidden" autocomplete="username" value=address/>
            <NewPassword typed focused=true/>
            <p class="footnote">"Every other device of yours is signed out. Your words stay as they are."</p>
            <Failure failure/>
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="recover"
                    aria-disabled=move || (problem.get().is_some() || busy.get()).to_string()
                >
                    "Set the new password"
                </button>
            </div>
        </form>
    }
}

/// Why it failed: now, or the last time.
#[component]
fn Failure(failure: RwSignal<Option<WireError>>) -> impl IntoView {
    let app = App::here();
    let before = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Locked { problem, .. }) => problem.clone(),
            _ => None,
        })
    };
    move || match failure.get().or_else(before) {
        Some(error) => {
            view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
        }
        None => view! { <Problem/> }.into_any(),
    }
}

/// What is wrong with typed words, in the user's terms.
fn words_fault(problem: &WireError, typed: &str) -> String {
    let param = |name: &str| problem.params.get(name).map(String::as_str);
    if problem.code != ErrorCode::WordsInvalid {
        return problem.message.clone();
    }
    match (param("rule"), param("place"), param("actual")) {
        (Some("unknown"), Some(place), _) => {
            let words = typed.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
            let at = place.parse().unwrap_or(1_usize);
            let word = words.skip(at.saturating_sub(1)).map(|w| format!("“{w}”")).next();
            format!("Word {place}, {}, is not a recovery word. Check how it is spelled.", word.unwrap_or_default())
        }
        (Some("count"), _, Some("0")) => "Type or paste your 24 words.".to_owned(),
        (Some("count"), _, Some(actual)) => {
            format!("These are {actual} words. There are 24 on your sheet.")
        }
        _ => "Each of these is a recovery word, but one is wrong or two are swapped. Compare them with your sheet.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_is_none_is_named() {
        let problem = |params: &[(&str, &str)]| {
            let error = WireError::new(ErrorCode::WordsInvalid);
            params
                .iter()
                .fold(error, |error, (name, value)| error.with(name, value))
        };
        let unknown = problem(&[("rule", "unknown"), ("place", "2")]);
        assert_eq!(
            words_fault(&unknown, "1. abandon\n2. abbandon 3. ability"),
            "Word 2, “abbandon”, is not a recovery word. Check how it is spelled."
        );
        let count = problem(&[("rule", "count"), ("actual", "23")]);
        assert_eq!(
            words_fault(&count, ""),
            "These are 23 words. There are 24 on your sheet."
        );
        let checksum = problem(&[("rule", "checksum")]);
        assert!(words_fault(&checksum, "").contains("swapped"));
    }
}
