//! Making passwords: on its own screen, and below the password's field in the editor.

use leptos::prelude::*;
use proto::{
    bridge::popup::{Generate, Generated, Settings},
    vault::SecretText,
};
use webext::time;

use self::{
    options::{CharacterOptions, Ways, WordOptions},
    recipe::Recipe,
    shown::{bits, runs},
};
use super::icon::Icon;
use crate::app::App;

pub(crate) mod lately;
mod options;
mod recipe;
mod shown;

/// How long the sliders must rest before the settings are remembered, milliseconds.
const REMEMBER_MS: u32 = 500;

/// The generator; with `on_use`, a button hands the password over.
#[component]
pub(crate) fn Generator(
    /// Takes the password.
    #[prop(optional, into)]
    on_use: Option<Callback<SecretText>>,
) -> impl IntoView {
    let app = App::here();
    let set = app
        .settings
        .with_untracked(|s| s.as_ref().map(|s| s.generator.clone()));
    let recipe = RwSignal::new(Recipe::new(
        set.unwrap_or_else(|| Settings::default().generator),
    ));
    // By itself, so that a slider that is being dragged is not made anew.
    let passphrase = Memo::new(move |_| recipe.with(|recipe| recipe.passphrase));
    let again = RwSignal::new(0_u32);
    let made = RwSignal::new(None::<Generated>);
    make(app, recipe, again, made);
    remember(app, recipe);

    let copy = move |_| {
        if let Some(made) = made.get_untracked() {
            let value = SecretText::clone(&made.value);
            time::spawn(async move {
                app.copy_text(value).await;
            });
        }
    };
    view! {
        <section class="generator" aria-label="Password generator">
            <div class="generated-box">
                <output
                    class="generated"
                    class:characters=move || !passphrase.get()
                    data-test="generated"
                    aria-live="off"
                >
                    <span>
                        {move || made.with(|made| made.as_ref().map(|made| coloured(&made.value)))}
                    </span>
                </output>
                <div class="generated-actions">
                    <span class="generated-bits" data-test="entropy">
                        {move || made.with(|made| made.as_ref().map(|m| bits(m.bits)))}
                    </span>
                    <button
                        type="button"
                        class="icon-button"
                        data-test="regenerate"
                        aria-label="Make another"
                        title="Make another"
                        on:click=move |_| again.update(|again| *again += 1)
                    >
                        <Icon icon=icondata_lu::LuRefreshCw/>
                    </button>
                    <button
                        type="button"
                        class="icon-button"
                        data-test="copy-generated"
                        aria-label="Copy password"
                        title="Copy password"
                        on:click=copy
                    >
                        <Icon icon=icondata_lu::LuCopy/>
                    </button>
                    {on_use.map(|on_use| view! {
                        <button
                            type="button"
                            class="button primary small"
                            data-test="use-generated"
                            on:click=move |_| {
                                if let Some(made) = made.get_untracked() {
                                    on_use.run(made.value.clone());
                                }
                            }
                        >
                            "Use"
                        </button>
                    })}
                </div>
            </div>
            <Ways recipe/>
            {move || if passphrase.get() {
                view! { <WordOptions recipe/> }.into_any()
            } else {
                view! { <CharacterOptions recipe/> }.into_any()
            }}
        </section>
    }
}

/// Makes a password whenever the recipe changes or another is asked for.
fn make(
    app: App,
    recipe: RwSignal<Recipe>,
    again: RwSignal<u32>,
    made: RwSignal<Option<Generated>>,
) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        again.track();
        let wanted = Generate::from(recipe.get());
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        time::spawn(async move {
            let Some(answer) = app.ask_or_tell(wanted).await else {
                return;
            };
            if newest.try_get_value() == Some(number) {
                made.set(Some(answer));
            }
        });
    });
}

/// Writes the recipe into the settings when it rests.
fn remember(app: App, recipe: RwSignal<Recipe>) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move |before: Option<Generate>| {
        let wanted = Generate::from(recipe.get());
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        if before.is_some_and(|before| before != wanted) {
            let generator = wanted.clone();
            time::spawn(async move {
                time::sleep(REMEMBER_MS).await;
                // Leaving the screen does not stop it: the last recipe is the one to remember.
                if newest
                    .try_get_value()
                    .is_some_and(|newest| newest != number)
                {
                    return;
                }
                if let Some(settings) = app.settings.get_untracked() {
                    app.set_settings(Settings {
                        generator,
                        ..settings
                    })
                    .await;
                }
            });
        }
        wanted
    });
}

/// The password with its digits and symbols in colours of their own.
fn coloured(password: &SecretText) -> Vec<AnyView> {
    // EXPOSE: the user looks at it before using it.
    runs(password.expose_secret())
        .into_iter()
        .map(|(kind, run)| {
            // A line breaks behind what stands between words, never before it.
            let may_break = (kind == "symbol").then(|| view! { <wbr/> });
            view! { <span class=kind>{run}</span>{may_break} }.into_any()
        })
        .collect()
}
