//! Recovery words: looked at, written down, confirmed.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        ConfirmRecovery, GetRecovery, GetRecoveryWords, RecoveryState, RecoveryView, RecoveryWords,
    },
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::{page, time};

use self::sheet::Sheet;
use super::Route;
use crate::{
    app::App,
    components::{
        bar::TopBar,
        field::TextField,
        icon::Icon,
        notice::{Notice, Tone},
        password_field::PasswordField,
        toast::Toast,
    },
    format,
};

mod sheet;

/// Where the user stands.
#[derive(Clone, PartialEq)]
enum Step {
    /// The background is asked.
    Asking,
    /// It did not answer.
    Failed(WireError),
    /// There are words already.
    Set(RecoveryView),
    /// The words are shown.
    Words(RecoveryWords),
    /// Some of them are asked for.
    Confirm(RecoveryWords),
}

/// The screen. Words are made only for who has come here.
#[component]
pub(crate) fn RecoveryScreen() -> impl IntoView {
    let app = App::here();
    let step = RwSignal::new(Step::Asking);
    time::spawn(async move {
        match app.ask(GetRecovery {}).await {
            Ok(view) if matches!(view.state, RecoveryState::Confirmed | RecoveryState::Locked) => {
                step.try_set(Step::Set(view));
            }
            // A server that is away keeps nobody from writing words down.
            _ => show(app, step).await,
        }
    });
    let back = Callback::new(move |()| match step.get_untracked() {
        Step::Confirm(words) => step.set(Step::Words(words)),
        _ => app.back(),
    });
    view! {
        <main class="screen">
            <TopBar title="Recovery words" back/>
            {move || match step.get() {
                Step::Asking => view! { <div class="content"></div> }.into_any(),
                Step::Failed(error) => view! {
                    <div class="content">
                        <Notice tone=Tone::Danger hook="error" text=error.message/>
                    </div>
                }
                .into_any(),
                Step::Set(view) => view! { <AlreadySet view step/> }.into_any(),
                Step::Words(words) => view! { <Words words step/> }.into_any(),
                Step::Confirm(words) => view! { <Confirm words step/> }.into_any(),
            }}
        </main>
    }
}

async fn show(app: App, step: RwSignal<Step>) {
    step.try_set(match app.ask(GetRecoveryWords {}).await {
        Ok(words) => Step::Words(words),
        Err(error) => Step::Failed(error),
    });
}

#[component]
fn AlreadySet(view: RecoveryView, step: RwSignal<Step>) -> impl IntoView {
    let app = App::here();
    let since = view
        .confirmed_at
        .map(|at| format!("You confirmed your words {}.", format::ago(at, time::now())));
    let is_locked = view.state == RecoveryState::Locked;
    crate::dom::focus(if is_locked { "open-keys" } else { "new-words" });
    view! {
        <div class="content form" data-test="words-set" data-locked=is_locked.to_string()>
            <p class="lead">
                {if is_locked {
                    Some("There are words from before your password was set anew.".to_owned())
                } else {
                    since
                }}
            </p>
            <p class="words-text">{if is_locked { LOCKED } else { CONFIRMED }}</p>
            {is_locked.then(|| view! {
                <button
                    type="button"
                    class="button"
                    data-test="open-keys"
                    on:click=move |_| app.go(Route::Keys)
                >
                    "Open what is locked"
                </button>
            })}
            <div class="form-end">
                <button
                    type="button"
                    class="button large"
                    data-test="new-words"
                    on:click=move |_| time::spawn(show(app, step))
                >
                    "Make new words"
                </button>
            </div>
        </div>
    }
}

/// What confirmed words are good for.
const CONFIRMED: &str = "With them and your address you can set a new password. They were shown once, and nobody has them but you. If the paper is lost, or somebody saw it, make new words: the old ones open nothing from then on.";
/// What words are good for that are of a key which is locked.
const LOCKED: &str = "They, or the older password, open what is locked; open that first, and they count for all again. New words take their place: then the older password alone opens what is locked, and without it nobody ever does.";

#[component]
fn Words(words: RecoveryWords, step: RwSignal<Step>) -> impl IntoView {
    let app = App::here();
    crate::dom::focus("words-written");
    let shown = words.words.iter().enumerate().map(|(at, word)| {
        // EXPOSE: the user is to write it down.
        let word = word.expose_secret().to_owned();
        view! { <li data-test=format!("word-{}", at + 1)><span>{word}</span></li> }
    });
    let list = shown.collect_view();
    let next = words.clone();
    // A popup cannot print: it would close.
    let print = move |_| {
        if page::is_popup() {
            page::open_full_page("/recovery");
        } else {
            // A print that is refused leaves the words on the screen.
            drop(window().print());
        }
    };
    view! {
        <div class="content form words">
            <p class="words-text">
                "Write these on paper, in order. Whoever has them and your address can open your vault."
            </p>
            <ol class="word-list" data-test="words">{list}</ol>
            <p class="footnote">
                <Icon icon=icondata_lu::LuShieldAlert size=16/>
                <span>
                    <strong>"Losing both is final."</strong>
                    " Nobody can open the vault without the password or these words."
                </span>
            </p>
            <div class="form-end words-end">
                <button
                    type="button"
                    class="button primary large"
                    data-test="words-written"
                    on:click=move |_| step.set(Step::Confirm(next.clone()))
                >
                    "I have written them down"
                </button>
                <div class="words-more">
                    <button type="button" class="button quiet" data-test="print-words" on:click=print>
                        <Icon icon=icondata_lu::LuPrinter size=16/>
                        "Print a sheet"
                    </button>
                    <button
                        type="button"
                        class="button quiet"
                        data-test="words-later"
                        on:click=move |_| app.go(Route::Home)
                    >
                        "Later"
                    </button>
                </div>
            </div>
        </div>
        <Sheet words/>
    }
}

#[component]
fn Confirm(words: RecoveryWords, step: RwSignal<Step>) -> impl IntoView {
    let app = App::here();
    let typed: Vec<(u32, RwSignal<String>)> = words
        .asked
        .iter()
        .map(|place| (*place, RwSignal::new(String::new())))
        .collect();
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let field_error = move |place: u32| {
        Signal::derive(move || {
            failure.with(|failure| {
                let failure = failure.as_ref()?;
                let here = failure.code == ErrorCode::WordsDiffer
                    && failure.params.get("place") == Some(&place.to_string());
                here.then(|| failure.message.clone())
            })
        })
    };
    let password_error = Signal::derive(move || {
        failure.with(|failure| {
            let failure = failure.as_ref()?;
            (failure.code == ErrorCode::PasswordWrong).then(|| failure.message.clone())
        })
    });
    let other_error = move || {
        failure.get().filter(|failure| {
            !matches!(
                failure.code,
                ErrorCode::WordsDiffer | ErrorCode::PasswordWrong
            )
        })
    };
    let answers = typed.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let request = ConfirmRecovery {
            password: SecretText::new(password.get_untracked()),
            words: answers
                .iter()
                .map(|(_, word)| SecretText::new(word.get_untracked()))
                .collect(),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(_) => {
                    app.refresh().await;
                    app.go(Route::Home);
                    app.toast.set(Some(Toast::done("Recovery words confirmed")));
                }
                // The browser was closed meanwhile: others are to be written down.
                Err(error) if error.code == ErrorCode::WordsGone => {
                    app.toast.set(Some(Toast::error(&error)));
                    show(app, step).await;
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    app.on_escape(move || step.set(Step::Words(words.clone())));
    let first = typed.first().map(|(place, _)| *place);
    let fields = typed.into_iter().map(|(place, word)| {
        view! {
            <TextField
                name=format!("word-input-{place}")
                label=format!("Word {place}")
                value=word
                on_input=move |text| word.set(text)
                error=field_error(place)
                focused=Some(place) == first
                mono=true
            />
        }
    });
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">"Type these four words from your paper."</p>
            <div class="word-fields">{fields.collect_view()}</div>
            <PasswordField
                name="password-input"
                label="Your password"
                value=password
                shown
                error=password_error
                autocomplete="current-password"
            />
            {move || other_error().map(|error| {
                view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }
            })}
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="confirm-words"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Confirm"
                </button>
            </div>
        </form>
    }
}
