//! What can be set of a password: its kind, and what each kind is made of.

use leptos::prelude::*;

use super::recipe::Recipe;
use crate::components::{
    icon::Icon,
    option::{Slider, Switch},
};

/// The choice between characters and words.
#[component]
pub(super) fn Ways(recipe: RwSignal<Recipe>) -> impl IntoView {
    let way = move |value: bool, hook: &'static str, label: &'static str| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="way"
                    data-test=hook
                    prop:checked=move || recipe.with(|r| r.passphrase) == value
                    on:change=move |_| recipe.update(|r| r.passphrase = value)
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

/// Length and kinds of characters.
#[component]
pub(super) fn CharacterOptions(recipe: RwSignal<Recipe>) -> impl IntoView {
    view! {
        <Slider
            hook="length"
            label="Length"
            value=Signal::derive(move || recipe.with(|r| r.characters.length))
            least=8
            most=128
            handy=64
            on_change=move |length| recipe.update(|r| r.characters.length = length)
        />
        <Switch
            hook="uppercase"
            label="Capital letters"
            sample="A–Z"
            on=Signal::derive(move || recipe.with(|r| r.characters.uppercase))
            on_change=move |on| recipe.update(|r| r.characters.uppercase = on)
        />
        <Switch
            hook="digits"
            label="Digits"
            sample="0–9"
            on=Signal::derive(move || recipe.with(|r| r.characters.digits))
            on_change=move |on| recipe.update(|r| r.characters.digits = on)
        />
        <Switch
            hook="symbols"
            label="Symbols"
            sample="!?#…"
            on=Signal::derive(move || recipe.with(|r| r.characters.symbols))
            on_change=move |on| recipe.update(|r| r.characters.symbols = on)
        />
        <Switch
            hook="unambiguous"
            label="Leave out look-alikes"
            sample="Il1O0"
            on=Signal::derive(move || recipe.with(|r| r.characters.unambiguous))
            on_change=move |on| recipe.update(|r| r.characters.unambiguous = on)
        />
    }
}

/// Number of words, and what is put between and into them.
#[component]
pub(super) fn WordOptions(recipe: RwSignal<Recipe>) -> impl IntoView {
    view! {
        <Slider
            hook="words"
            label="Words"
            value=Signal::derive(move || recipe.with(|r| r.words.count))
            least=3
            most=12
            handy=12
            on_change=move |count| recipe.update(|r| r.words.count = count)
        />
        <label class="option">
            <span class="option-label">"Between them"</span>
            <span class="select">
                <select
                    data-test="separator"
                    prop:value=move || recipe.with(|r| r.words.separator.clone())
                    on:change=move |event| recipe.update(|r| r.words.separator = event_target_value(&event))
                >
                    {[("-", "Hyphen"), (" ", "Space"), (".", "Dot"), ("_", "Underscore"), ("", "Nothing")]
                        .map(|(value, label)| view! {
                            <option value=value selected=move || recipe.with(|r| r.words.separator == value)>
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
            on=Signal::derive(move || recipe.with(|r| r.words.capitalize))
            on_change=move |on| recipe.update(|r| r.words.capitalize = on)
        />
        <Switch
            hook="number"
            label="A digit in it"
            sample="pear7"
            on=Signal::derive(move || recipe.with(|r| r.words.number))
            on_change=move |on| recipe.update(|r| r.words.number = on)
        />
    }
}
