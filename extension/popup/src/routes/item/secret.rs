//! A secret field of an item: dots until it is asked for.

use leptos::prelude::*;
use proto::{
    bridge::popup::Reveal,
    ids::ItemId,
    vault::{ItemKind, SecretField, SecretFieldView, SecretText},
};
use webext::time;

use crate::{
    app::App,
    components::{icon::Icon, password_field::Eye},
};

/// Always as many, whatever the length.
const DOTS: &str = "••••••••••";

/// The field with its buttons.
#[component]
pub(super) fn SecretEntry(
    /// Of which item.
    id: ItemId,
    /// What that is.
    kind: ItemKind,
    /// Which field.
    field: SecretFieldView,
) -> impl IntoView {
    let app = App::here();
    let hook = hook(&field.field);
    let label = if field.label.is_empty() {
        label(&field.field, kind).to_owned()
    } else {
        field.label
    };
    let shown = RwSignal::new(!field.concealed);
    let value = RwSignal::new(None::<SecretText>);
    let which = field.field.clone();
    Effect::new(move || {
        if !shown.get() {
            value.set(None);
            return;
        }
        let field = which.clone();
        time::spawn(async move {
            match app.ask_or_tell(Reveal { id, field }).await {
                Some(revealed) => {
                    value.try_set(Some(revealed.value));
                }
                None => {
                    shown.try_set(false);
                }
            }
        });
    });
    let text = move || {
        value.with(|value| match value {
            // EXPOSE: the user asked to see it, or it is no secret to the eye.
            Some(value) => value.expose_secret().to_owned(),
            None => DOTS.to_owned(),
        })
    };
    let which = field.field;
    let mono = !matches!(
        which,
        SecretField::Notes
            | SecretField::Organization
            | SecretField::PostalAddress
            | SecretField::City
            | SecretField::Region
            | SecretField::Country
    );
    let lower = label.to_lowercase();
    view! {
        <div class="entry">
            <div class="entry-text">
                <span class="entry-label">{label}</span>
                <span
                    class="entry-value"
                    class:mono=mono
                    class:hidden-value=move || value.with(Option::is_none)
                    data-test=format!("field-{hook}")
                >
                    {text}
                </span>
            </div>
            {field.concealed.then(|| view! {
                <Eye shown hook=format!("reveal-{hook}") what=lower.clone()/>
            })}
            <button
                type="button"
                class="icon-button"
                data-test=format!("copy-{hook}")
                aria-label=format!("Copy {lower}")
                title=format!("Copy {lower}")
                on:click=move |_| app.copy_secret(id, which.clone())
            >
                <Icon icon=icondata_lu::LuCopy/>
            </button>
        </div>
    }
}

fn hook(field: &SecretField) -> String {
    match field {
        SecretField::Password => "password".to_owned(),
        SecretField::TotpCode => "totp".to_owned(),
        SecretField::Notes => "notes".to_owned(),
        SecretField::CardNumber => "card-number".to_owned(),
        SecretField::CardExpiry => "card-expiry".to_owned(),
        SecretField::CardCode => "card-code".to_owned(),
        SecretField::CardPin => "card-pin".to_owned(),
        SecretField::Email => "email".to_owned(),
        SecretField::Phone => "phone".to_owned(),
        SecretField::PostalAddress => "postal-address".to_owned(),
        SecretField::Organization => "organization".to_owned(),
        SecretField::City => "city".to_owned(),
        SecretField::Region => "region".to_owned(),
        SecretField::PostalCode => "postal-code".to_owned(),
        SecretField::Country => "country".to_owned(),
        SecretField::Custom(position) => format!("custom-{position}"),
    }
}

fn label(field: &SecretField, kind: ItemKind) -> &'static str {
    match field {
        SecretField::Password => "Password",
        SecretField::TotpCode => "One-time code",
        SecretField::Notes if kind == ItemKind::Note => "Text",
        SecretField::Notes => "Notes",
        SecretField::CardNumber => "Card number",
        SecretField::CardExpiry => "Expires",
        SecretField::CardCode => "Security code",
        SecretField::CardPin => "PIN",
        SecretField::Email => "E-mail",
        SecretField::Phone => "Telephone",
        SecretField::PostalAddress => "Street address",
        SecretField::Organization => "Organization",
        SecretField::City => "City",
        SecretField::Region => "State or province",
        SecretField::PostalCode => "Postal code",
        SecretField::Country => "Country",
        SecretField::Custom(_) => "Field",
    }
}
