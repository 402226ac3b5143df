//! What the file is to be, and the passwords.

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{BeginExport, BeginPlainExport},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::{Done, Way, run};
use crate::{
    app::App,
    components::{
        icon::Icon,
        notice::{Notice, Tone},
        password_field::PasswordField,
        strength::{Strength, watch},
    },
    dom,
    password::{Estimate, check_pair},
};

/// The screen's first step.
#[component]
pub(super) fn Form(done: RwSignal<Option<Done>>) -> impl IntoView {
    let app = App::here();
    let way = RwSignal::new(Way::Sealed);
    let is_plain = move || way.get() == Way::Plain;
    let (own, file, again) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let own_shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let progress = RwSignal::new((0_u32, 0_u32));
    let own_error = RwSignal::new(None::<String>);
    let file_error = RwSignal::new(None::<String>);
    let failure = RwSignal::new(None::<String>);
    let estimate = watch(
        move || file.get(),
        move || app.address().map(|it| it.to_string()).into_iter().collect(),
    );
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        for error in [own_error, file_error, failure] {
            error.set(None);
        }
        if own.with_untracked(String::is_empty) {
            dom::focus("export-password");
            return;
        }
        let chosen = way.get_untracked();
        let checked = estimate.with_untracked(|estimate| {
            check_pair(
                &file.get_untracked(),
                &again.get_untracked(),
                estimate.as_ref(),
            )
        });
        if let Err(problem) = checked
            && chosen == Way::Sealed
        {
            file_error.set(Some(problem.to_string()));
            dom::focus("file-password");
            return;
        }
        busy.set(true);
        let password = SecretText::new(own.get_untracked());
        let file_password = SecretText::new(file.get_untracked());
        time::spawn(async move {
            match write(app, chosen, password, file_password, progress).await {
                Ok(finished) => drop(done.try_set(Some(finished))),
                Err(error) if error.code == ErrorCode::PasswordWrong => {
                    own_error.try_set(Some(error.message));
                    dom::focus("export-password");
                }
                Err(error) => drop(failure.try_set(Some(error.message))),
            }
            busy.try_set(false);
        });
    };
    let told = move || match progress.get() {
        (_, 0) => String::new(),
        (part, parts) => format!("Writing part {part} of {parts}"),
    };
    view! {
        <form class="content form" novalidate on:submit=submit>
            <Ways way busy/>
            <Lead way/>
            {move || failure.get().map(|text| view! {
                <Notice tone=Tone::Danger hook="error" text/>
            })}
            <PasswordField
                name="export-password"
                label="Your Pearvault password"
                value=own
                shown=own_shown
                error=own_error
                autocomplete="current-password"
                focused=true
            />
            <Show when=move || !is_plain()>
                <FilePassword file again error=file_error estimate/>
            </Show>
            <div class="import-actions">
                <span role="status" class="setting-note" data-test="export-progress">{told}</span>
                <button
                    type="submit"
                    class="button primary"
                    class:busy=move || busy.get()
                    data-test="export-start"
                    aria-disabled=move || busy.get().to_string()
                >
                    {move || if is_plain() { "Export without encryption" } else { "Export" }}
                </button>
            </div>
        </form>
    }
}

/// Writes the file that was chosen.
async fn write(
    app: App,
    way: Way,
    password: SecretText,
    file_password: SecretText,
    progress: RwSignal<(u32, u32)>,
) -> Result<Done, WireError> {
    match way {
        Way::Sealed => {
            let request = BeginExport {
                password,
                file_password,
            };
            run::sealed(app, request, progress).await
        }
        Way::Plain => run::plain(app, BeginPlainExport { password }, progress).await,
    }
}

/// What the file is.
#[component]
fn Lead(way: RwSignal<Way>) -> impl IntoView {
    view! {
        <p class="lead">{move || match way.get() {
            Way::Sealed => "All items, sealed under a password that you choose for the file. Pearvault on any account reads it back by Import.",
            Way::Plain => "All items in the FIDO Credential Exchange Format (CXF), which other password managers import.",
        }}</p>
        {move || (way.get() == Way::Plain).then(|| view! {
            <Notice
                tone=Tone::Warning
                hook="export-warning"
                text="This file is not encrypted. Anybody who gets at it can read every password in it.".to_owned()
            />
        })}
    }
}

/// The password that a sealed file is to have.
#[component]
fn FilePassword(
    file: RwSignal<String>,
    again: RwSignal<String>,
    error: RwSignal<Option<String>>,
    estimate: RwSignal<Option<Estimate>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    view! {
        <PasswordField
            name="file-password"
            label="Password for the file"
            value=file
            shown
            error
            autocomplete="new-password"
        />
        <Strength estimate/>
        <PasswordField
            name="file-again"
            label="The same once more"
            value=again
            shown
            autocomplete="new-password"
            eye=false
        />
        <p class="footnote">
            <Icon icon=icondata_lu::LuTriangleAlert size=16/>
            <span>
                "Nobody can open the file without its password. It holds what is in your vault now: deleted items and older versions are not in it."
            </span>
        </p>
    }
}

/// Sealed, or readable: one of two radio buttons.
#[component]
fn Ways(way: RwSignal<Way>, busy: RwSignal<bool>) -> impl IntoView {
    let segment = move |value: Way, hook: &'static str, label: &'static str| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="export-way"
                    data-test=hook
                    prop:checked=move || way.get() == value
                    prop:disabled=move || busy.get()
                    on:change=move |_| way.set(value)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label="What the file is to be">
            {segment(Way::Sealed, "export-sealed", "Sealed, for Pearvault")}
            {segment(Way::Plain, "export-plain", "Readable, for others")}
        </div>
    }
}
