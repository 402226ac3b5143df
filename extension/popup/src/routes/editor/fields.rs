//! The fields of the four kinds.

use leptos::prelude::*;
use proto::vault::ItemKind;

use super::{EditorState, login::LoginFields, rows::CustomFields};
use crate::{
    components::field::{TextArea, TextField},
    form::ItemForm,
};

/// A text of the form: how to read it and how to write it.
pub(super) type Lens = (fn(&ItemForm) -> String, fn(&mut ItemForm, String));

/// The lens of a field of [`ItemForm`].
macro_rules! lens {
    ($field:ident) => {
        (
            |form: &$crate::form::ItemForm| form.$field.clone(),
            |form: &mut $crate::form::ItemForm, text| {
                form.$field = text;
            },
        )
    };
}
pub(super) use lens;

impl EditorState {
    /// What a lens sees.
    pub(super) fn read(self, lens: Lens) -> Signal<String> {
        Signal::derive(move || self.form.with(lens.0))
    }

    /// Writes through a lens.
    pub(super) fn write(self, lens: Lens) -> Callback<String> {
        Callback::new(move |text| self.form.update(|form| lens.1(form, text)))
    }
}

/// The fields of a kind.
#[component]
pub(super) fn Fields(state: EditorState, kind: ItemKind) -> impl IntoView {
    match kind {
        ItemKind::Login => view! { <LoginFields state/> }.into_any(),
        ItemKind::Note => view! {
            <Line state name="title" label="Title" lens=lens!(title) focused=true/>
            <TextArea
                name="note-text"
                label="Text"
                value=state.read(lens!(notes))
                on_input=state.write(lens!(notes))
                rows=12
            />
        }
        .into_any(),
        ItemKind::Card => view! {
            <Line state name="title" label="Title" lens=lens!(title) focused=true/>
            <Line state name="card-holder" label="Card holder" lens=lens!(subtitle)/>
            <Line state name="card-number" label="Card number" lens=lens!(number) mode="numeric" mono=true/>
            <div class="field-row">
                <Line state name="card-expiry" label="Expires" lens=lens!(expiry) placeholder="MM/YY" mono=true/>
                <Line state name="card-code" label="Security code" lens=lens!(code) mode="numeric" mono=true/>
                <Line state name="card-pin" label="PIN" lens=lens!(pin) mode="numeric" mono=true/>
            </div>
            <Notes state/>
        }
        .into_any(),
        ItemKind::Identity => view! {
            <Line state name="title" label="Title" lens=lens!(title) focused=true/>
            <Line state name="identity-name" label="Name" lens=lens!(subtitle)/>
            <Line state name="organization" label="Organization" lens=lens!(organization)/>
            <Line state name="email" label="E-mail" lens=lens!(email) mode="email"/>
            <Line state name="phone" label="Telephone" lens=lens!(phone) mode="tel"/>
            <TextArea
                name="postal-address"
                label="Street address"
                value=state.read(lens!(address))
                on_input=state.write(lens!(address))
                rows=2
            />
            <div class="field-row">
                <Line state name="city" label="City" lens=lens!(city)/>
                <Line state name="region" label="State or province" lens=lens!(region)/>
            </div>
            <div class="field-row">
                <Line state name="postal-code" label="Postal code" lens=lens!(postal_code)/>
                <Line state name="country" label="Country" lens=lens!(country)/>
            </div>
            <CustomFields state/>
            <Notes state/>
        }
        .into_any(),
    }
}

/// One line of text.
#[component]
pub(super) fn Line(
    state: EditorState,
    name: &'static str,
    label: &'static str,
    lens: Lens,
    #[prop(default = "text")] mode: &'static str,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] focused: bool,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    view! {
        <TextField
            name
            label
            value=state.read(lens)
            on_input=state.write(lens)
            error=state.problem(name.to_owned())
            mode
            placeholder
            focused
            mono
        />
    }
}

/// Free text.
#[component]
pub(super) fn Notes(state: EditorState) -> impl IntoView {
    view! {
        <TextArea
            name="notes"
            label="Notes"
            value=state.read(lens!(notes))
            on_input=state.write(lens!(notes))
        />
    }
}
