//! Making passwords: on its own screen, and below the password's field in the editor.

use leptos::prelude::*;
use proto::{
    bridge::popup::{Generate, Generated, Settings},
    vault::SecretText,
};
use webext::time;

use super::icon::Icon;
use crate::app::App;

/// How long the sliders must rest before the settings are remembered, milliseconds.
const REMEMBER_MS: u32 = 500;

/// The two ways, each with what was set last.
#[derive(Clone, Copy)]
struct Recipes {
    passphrase: RwSignal<bool>,
    characters: RwSignal<Characters>,
    words: RwSignal<Words>,
}

#[derive(Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "four switches on the screen")]
struct Characters {
    length: u32,
    uppercase: bool,
    digits: bool,
    symbols: bool,
    unambiguous: bool,
}

#[derive(Clone, PartialEq)]
struct Words {
    count: u32,
    separator: String,
    capitalize: bool,
    number: bool,
}

impl Recipes {
    fn new(set: &Generate) -> Self {
        let mut characters = Characters {
            length: 20,
            uppercase: true,
            digits: true,
            symbols: true,
            unambiguous: true,
        };
        let mut phrase = Words {
            count: 5,
            separator: "-".to_owned(),
            capitalize: false,
            number: false,
        };
        match set.clone() {
            Generate::Characters {
                length,
                uppercase,
                digits,
                symbols,
                unambiguous,
            } => {
                characters = Characters {
                    length,
                    uppercase,
                    digits,
                    symbols,
                    unambiguous,
                };
            }
            Generate::Passphrase {
                words,
                separator,
                capitalize,
                number,
            } => {
                phrase = Words {
                    count: words,
                    separator,
                    capitalize,
                    number,
                };
            }
        }
        Self {
            passphrase: RwSignal::new(matches!(set, Generate::Passphrase { .. })),
            characters: RwSignal::new(characters),
            words: RwSignal::new(phrase),
        }
    }

    /// As a request.
    fn request(self) -> Generate {
        if self.passphrase.get() {
            let Words {
                count: words,
                separator,
                capitalize,
                number,
            } = self.words.get();
            Generate::Passphrase {
                words,
                separator,
                capitalize,
                number,
            }
        } else {
            let Characters {
                length,
                uppercase,
                digits,
                symbols,
                unambiguous,
            } = self.characters.get();
            Generate::Characters {
                length,
                uppercase,
                digits,
                symbols,
                unambiguous,
            }
        }
    }
}

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
    let recipes = Recipes::new(&set.unwrap_or_else(|| Settings::default().generator));
    let again = RwSignal::new(0_u32);
    let made = RwSignal::new(None::<Generated>);
    make(app, recipes, again, made);
    remember(app, recipes);

    let copy = move |_| {
        if let Some(made) = made.get_untracked() {
            time::spawn(app.copy_text(SecretText::clone(&made.value)));
        }
    };
    view! {
        <section class="generator" aria-label="Password generator">
            <div class="generated-box">
                <output class="generated" data-test="generated" aria-live="off">
                    {move || made.with(|made| made.as_ref().map(|made| coloured(&made.value)))}
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
            <Ways passphrase=recipes.passphrase/>
            {move || if recipes.passphrase.get() {
                view! { <WordOptions words=recipes.words/> }.into_any()
            } else {
                view! { <CharacterOptions characters=recipes.characters/> }.into_any()
            }}
        </section>
    }
}

/// Makes a password whenever the recipe changes or another is asked for.
fn make(app: App, recipes: Recipes, again: RwSignal<u32>, made: RwSignal<Option<Generated>>) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        again.track();
        let recipe = recipes.request();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        time::spawn(async move {
            let Some(answer) = app.ask_or_tell(recipe).await else {
                return;
            };
            if newest.try_get_value() == Some(number) {
                made.set(Some(answer));
            }
        });
    });
}

/// Writes the recipe into the settings when it rests.
fn remember(app: App, recipes: Recipes) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move |before: Option<Generate>| {
        let recipe = recipes.request();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        if before.is_some_and(|before| before != recipe) {
            let generator = recipe.clone();
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
        recipe
    });
}

/// The choice between characters and words.
#[component]
fn Ways(passphrase: RwSignal<bool>) -> impl IntoView {
    let way = move |value: bool, hook: &'static str, label: &'static str| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="way"
                    data-test=hook
                    prop:checked=move || passphrase.get() == value
                    on:change=move |_| passphrase.set(value)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label="Kind of password">
            {way(false, "mode-characters", "Characters")}
            {way(true, "mode-passphrase", "Words")}
        </div>
    }
}

#[component]
fn CharacterOptions(characters: RwSignal<Characters>) -> impl IntoView {
    let length = Signal::derive(move || characters.with(|c| c.length));
    view! {
        <Slider
            hook="length"
            label="Length"
            value=length
            least=8
            most=128
            handy=64
            on_change=move |length| characters.update(|c| c.length = length)
        />
        <Switch
            hook="uppercase"
            label="Capital letters"
            sample="A–Z"
            on=Signal::derive(move || characters.with(|c| c.uppercase))
            on_change=move |on| characters.update(|c| c.uppercase = on)
        />
        <Switch
            hook="digits"
            label="Digits"
            sample="0–9"
            on=Signal::derive(move || characters.with(|c| c.digits))
            on_change=move |on| characters.update(|c| c.digits = on)
        />
        <Switch
            hook="symbols"
            label="Symbols"
            sample="!?#…"
            on=Signal::derive(move || characters.with(|c| c.symbols))
            on_change=move |on| characters.update(|c| c.symbols = on)
        />
        <Switch
            hook="unambiguous"
            label="Leave out look-alikes"
            sample="Il1O0"
            on=Signal::derive(move || characters.with(|c| c.unambiguous))
            on_change=move |on| characters.update(|c| c.unambiguous = on)
        />
    }
}

#[component]
fn WordOptions(words: RwSignal<Words>) -> impl IntoView {
    view! {
        <Slider
            hook="words"
            label="Words"
            value=Signal::derive(move || words.with(|w| w.count))
            least=3
            most=12
            handy=12
            on_change=move |count| words.update(|w| w.count = count)
        />
        <label class="option">
            <span class="option-label">"Between them"</span>
            <span class="select">
                <select
                    data-test="separator"
                    prop:value=move || words.with(|w| w.separator.clone())
                    on:change=move |event| words.update(|w| w.separator = event_target_value(&event))
                >
                    {[("-", "Hyphen"), (" ", "Space"), (".", "Dot"), ("_", "Underscore"), ("", "Nothing")]
                        .map(|(value, label)| view! {
                            <option value=value selected=move || words.with(|w| w.separator == value)>
                                {label}
                            </option>
                        })}
                </select>
                <Icon icon=icondata_lu::LuChevronDown size=16/>
            </span>
        </label>
        <Switch
            hook="capitalize"
            label="Capital first letters"
            sample="Pear"
            on=Signal::derive(move || words.with(|w| w.capitalize))
            on_change=move |on| words.update(|w| w.capitalize = on)
        />
        <Switch
            hook="number"
            label="A digit in it"
            sample="pear7"
            on=Signal::derive(move || words.with(|w| w.number))
            on_change=move |on| words.update(|w| w.number = on)
        />
    }
}

/// A slider with its number beside it. The slider ends at a handy value; the number goes on.
#[component]
fn Slider(
    hook: &'static str,
    label: &'static str,
    value: Signal<u32>,
    least: u32,
    most: u32,
    handy: u32,
    #[prop(into)] on_change: Callback<u32>,
) -> impl IntoView {
    let take = move |text: &str| {
        if let Ok(number) = text.parse::<u32>()
            && (least..=most).contains(&number)
        {
            on_change.run(number);
        }
    };
    let id = format!("option-{hook}");
    view! {
        <div class="option">
            <label class="option-label" for=id.clone()>{label}</label>
            <input
                class="slider"
                id=id
                data-test=hook
                type="range"
                min=least
                max=handy
                prop:value=move || value.get().min(handy).to_string()
                style:--done=move || {
                    let span = f64::from(handy - least);
                    format!("{:.1}%", f64::from(value.get().clamp(least, handy) - least) / span * 100.0)
                }
                on:input=move |event| take(&event_target_value(&event))
            />
            <input
                class="number"
                data-test=format!("{hook}-number")
                type="number"
                inputmode="numeric"
                aria-label=format!("{label}, {least} to {most}")
                min=least
                max=most
                prop:value=move || value.get().to_string()
                on:change=move |event| take(&event_target_value(&event))
            />
        </div>
    }
}

/// A switch with its label and an example.
#[component]
pub(crate) fn Switch(
    /// Its hook.
    hook: &'static str,
    /// Its label.
    label: &'static str,
    /// An example, or what follows from it.
    #[prop(optional)]
    sample: &'static str,
    /// Whether it is on.
    on: Signal<bool>,
    /// Called with what it is to be.
    #[prop(into)]
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="option">
            <span class="option-label">{label}</span>
            <span class="option-sample">{sample}</span>
            <input
                class="switch"
                type="checkbox"
                role="switch"
                data-test=hook
                prop:checked=move || on.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
        </label>
    }
}

/// The password with its digits and symbols in colours of their own.
fn coloured(password: &SecretText) -> Vec<AnyView> {
    // EXPOSE: the user looks at it before using it.
    let text = password.expose_secret();
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => "digit",
        c if c.is_alphabetic() => "letter",
        _ => "symbol",
    };
    let mut runs: Vec<(&str, String)> = vec![];
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, run)) if *last == kind(c) => run.push(c),
            _ => runs.push((kind(c), c.to_string())),
        }
    }
    runs.into_iter()
        .map(|(kind, run)| view! { <span class=kind>{run}</span> }.into_any())
        .collect()
}

fn bits(bits: f64) -> String {
    let word = match bits {
        b if b < 50.0 => "weak",
        b if b < 70.0 => "fair",
        b if b < 100.0 => "strong",
        _ => "very strong",
    };
    format!("{bits:.0} bits · {word}")
}
