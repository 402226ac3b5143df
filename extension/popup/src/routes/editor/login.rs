//! The fields of a login.

use leptos::prelude::*;

use super::{
    EditorState,
    fields::{Line, Notes, lens},
    rows::{CustomFields, Urls},
};
use crate::components::{
    field::TextField,
    generator::Generator,
    icon::Icon,
    password_field::Eye,
    strength::{self, Strength},
};

/// All of them.
#[component]
pub(super) fn LoginFields(state: EditorState) -> impl IntoView {
    let named = state.form.with_untracked(|form| !form.title.is_empty());
    view! {
        <Line state name="title" label="Title" lens=lens!(title) focused=!named/>
        <Line state name="username" label="User name or e-mail" lens=lens!(subtitle) focused=named/>
        <Password state/>
        <Urls state/>
        <Totp state/>
        <CustomFields state/>
        <Notes state/>
    }
}

/// The password, its strength, and the generator below it.
#[component]
fn Password(state: EditorState) -> impl IntoView {
    let shown = RwSignal::new(false);
    let generating = RwSignal::new(false);
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    let estimate = strength::watch(
        move || state.form.with(|form| form.password.clone()),
        move || {
            state
                .form
                .with_untracked(|form| vec![form.title.clone(), form.subtitle.clone()])
        },
    );
    let take = move |password: proto::vault::SecretText| {
        // EXPOSE: it becomes the field's text.
        let text = password.expose_secret().to_owned();
        state.form.update(|form| form.password = text);
        shown.set(true);
        generating.set(false);
    };
    view! {
        <TextField
            name="item-password"
            label="Password"
            value=state.read(lens!(password))
            on_input=state.write(lens!(password))
            kind
            autocomplete="new-password"
            mono=true
        >
            <Eye shown hook="reveal-password" what="password"/>
            <button
                type="button"
                class="icon-button"
                data-test="generate-password"
                aria-label="Make a password"
                title="Make a password"
                aria-expanded=move || generating.get().to_string()
                on:click=move |_| generating.update(|generating| *generating = !*generating)
            >
                <Icon icon=icondata_lu::LuWandSparkles/>
            </button>
        </TextField>
        {move || if generating.get() {
            view! {
                <div class="inline-panel">
                    <Generator on_use=Callback::new(take)/>
                </div>
            }
            .into_any()
        } else {
            view! { <Strength estimate/> }.into_any()
        }}
    }
}

/// The key of one-time codes.
#[component]
fn Totp(state: EditorState) -> impl IntoView {
    let shown = RwSignal::new(false);
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    view! {
        <TextField
            name="totp"
            label="One-time code key"
            value=state.read(lens!(totp))
            on_input=state.write(lens!(totp))
            error=state.problem("totp".to_owned())
            hint="The key or link that the site shows beside its QR code."
            kind
            mono=true
        >
            <Eye shown hook="reveal-totp" what="one-time code key"/>
        </TextField>
    }
}
