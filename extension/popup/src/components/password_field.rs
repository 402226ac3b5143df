//! A field for a password, with an eye to see it.

use leptos::prelude::*;

use super::{field::TextField, icon::Icon};

/// A password field.
#[component]
pub(crate) fn PasswordField(
    /// Its hook.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds.
    value: RwSignal<String>,
    /// Whether it is shown in clear.
    shown: RwSignal<bool>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What to know about it.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// Whether it takes the focus when the screen appears.
    #[prop(optional)]
    focused: bool,
    /// Whether it has the eye; a repetition follows the first field's.
    #[prop(default = true)]
    eye: bool,
) -> impl IntoView {
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    view! {
        <TextField
            name
            label
            value
            on_input=move |text| value.set(text)
            error
            hint
            kind
            autocomplete
            focused
            mono=true
        >
            {eye.then(|| view! { <Eye shown hook="show-password" what="password"/> })}
        </TextField>
    }
}

/// The button that shows and hides.
#[component]
pub(crate) fn Eye(
    /// Whether it is shown.
    shown: RwSignal<bool>,
    /// The button's hook.
    #[prop(into)]
    hook: String,
    /// What it shows, for its label.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let label = move || format!("{} {what}", if shown.get() { "Hide" } else { "Show" });
    view! {
        <button
            type="button"
            class="icon-button"
            data-test=hook
            aria-pressed=move || shown.get().to_string()
            aria-label=label.clone()
            title=label
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            {move || {
                if shown.get() {
                    view! { <Icon icon=icondata_lu::LuEyeOff/> }
                } else {
                    view! { <Icon icon=icondata_lu::LuEye/> }
                }
            }}
        </button>
    }
}
