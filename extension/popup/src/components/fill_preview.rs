//! What of a card or an identity would go where, before it does.

use leptos::prelude::*;
use proto::{
    bridge::{
        content::{CardPart, FillRole, IdentityPart},
        popup::{Preview, PreviewPart},
    },
    ids::ItemId,
    vault::ItemKind,
};

use super::dialog::Dialog;
use crate::app::App;

/// A preview that waits for the user's word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Previewed {
    /// Of which item.
    pub item: ItemId,
    /// What that is.
    pub kind: ItemKind,
    /// Its title.
    pub title: String,
    /// What would go where.
    pub preview: Preview,
}

/// The dialog, while there is a preview.
#[component]
pub(crate) fn FillPreview(
    /// The preview; none closes it.
    previewed: RwSignal<Option<Previewed>>,
    /// Hook of the element that takes the focus where nothing is filled.
    from: &'static str,
) -> impl IntoView {
    let app = App::here();
    let fill = move |()| {
        let shown = previewed.get_untracked();
        previewed.set(None);
        if let Some(shown) = shown {
            app.fill_previewed(shown, previewed);
        }
        crate::dom::focus(from);
    };
    let cancel = move |()| {
        previewed.set(None);
        crate::dom::focus(from);
    };
    move || {
        previewed.get().map(|Previewed { title, preview, .. }| {
            // The user has just asked for it: Enter does it.
            crate::dom::focus("dialog-confirm");
            view! {
                <Dialog
                    title=format!("Fill into {}?", host(&preview))
                    text=format!("From “{title}”, and nothing else:")
                    confirm="Fill"
                    on_confirm=fill
                    on_cancel=cancel
                >
                    <dl class="parts" data-test="parts">
                        {preview.parts.iter().map(part).collect_view()}
                    </dl>
                </Dialog>
            }
        })
    }
}

fn part(part: &PreviewPart) -> impl IntoView + use<> {
    let field = part.field.trim().to_owned();
    let named = if field.is_empty() {
        view! { <dd class="part-unnamed">"a field without a name"</dd> }.into_any()
    } else {
        view! { <dd>{field}</dd> }.into_any()
    };
    view! {
        <div class="part">
            <dt>{role_word(part.role)}</dt>
            {named}
        </div>
    }
}

fn host(preview: &Preview) -> &str {
    if preview.host.is_empty() {
        "this page"
    } else {
        &preview.host
    }
}

/// What goes in, as people call it.
fn role_word(role: FillRole) -> &'static str {
    match role {
        FillRole::Username => "User name",
        FillRole::Password => "Password",
        FillRole::Totp => "One-time code",
        FillRole::NewPassword => "New password",
        FillRole::Card(part) => match part {
            CardPart::Number => "Card number",
            CardPart::Holder => "Card holder",
            CardPart::Expiry => "Expires",
            CardPart::ExpiryMonth => "Month of expiry",
            CardPart::ExpiryYear => "Year of expiry",
            CardPart::Code => "Security code",
        },
        FillRole::Identity(part) => match part {
            IdentityPart::FullName => "Name",
            IdentityPart::GivenName => "First name",
            IdentityPart::FamilyName => "Last name",
            IdentityPart::Email => "E-mail",
            IdentityPart::Phone => "Telephone",
            IdentityPart::Organization => "Organization",
            IdentityPart::Street => "Street address",
            IdentityPart::StreetLine1 => "Street address, line 1",
            IdentityPart::StreetLine2 => "Street address, line 2",
            IdentityPart::City => "City",
            IdentityPart::Region => "State or province",
            IdentityPart::PostalCode => "Postal code",
            IdentityPart::Country => "Country",
        },
    }
}
