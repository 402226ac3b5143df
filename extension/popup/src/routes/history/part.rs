//! A part that differs between two versions.

use leptos::prelude::*;
use proto::{
    bridge::popup::{PartChange, PartValue, RevealVersion},
    ids::{ItemId, ItemVersion},
    vault::{ItemPart, SecretText},
};
use webext::time;

use crate::{
    app::App,
    components::{icon::Icon, password_field::Eye},
    routes::item::match_word,
};

/// Always as many, whatever the length.
const DOTS: &str = "••••••••••";

/// Where a part's old value is asked for.
#[derive(Clone, Copy)]
pub(in crate::routes) struct Past {
    pub(in crate::routes) id: ItemId,
    pub(in crate::routes) version: ItemVersion,
    /// Whether it has to be asked for.
    pub(in crate::routes) secret: bool,
}

/// The part, what it was and what it became.
#[component]
pub(in crate::routes) fn PartRow(
    /// What differs.
    change: PartChange,
    /// The version that has what it was; `None` where it was not there.
    past: Option<Past>,
    /// Brings it back.
    back: Option<Callback<()>>,
) -> impl IntoView {
    let app = App::here();
    let name = part_name(&change.part);
    let shown = RwSignal::new(false);
    let value = RwSignal::new(None::<SecretText>);
    let part = change.part.clone();
    let secret = past.filter(|past| past.secret);
    Effect::new(move || {
        let Some(past) = secret.filter(|_| shown.get()) else {
            value.set(None);
            return;
        };
        let request = RevealVersion {
            id: past.id,
            version: past.version,
            part: part.clone(),
        };
        time::spawn(async move {
            match app.ask_or_tell(request).await {
                Some(revealed) => {
                    value.try_set(Some(revealed.value));
                }
                None => {
                    shown.try_set(false);
                }
            }
        });
    });
    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
    let gone = change.after.is_none();
    let told = match (&change.before, &change.after) {
        (Some(_), Some(_)) if before != after => format!("{before} → {after}"),
        (None, _) => format!("{after} (new)"),
        (Some(_), None) => format!("{before} (taken away)"),
        (Some(_), Some(_)) => before,
    };
    let is_hidden = secret.is_some();
    let shown_text = move || {
        value.with(|value| match value {
            // EXPOSE: the user asked to see it.
            Some(value) => format!("Was: {}", value.expose_secret()),
            None if is_hidden && gone => format!("{DOTS} (taken away)"),
            None => told.clone(),
        })
    };
    let hook = if matches!(change.part, ItemPart::Password) {
        "part-password"
    } else {
        "part"
    };
    let lower = name.to_lowercase();
    let back_label = format!("Bring back the earlier {lower}");
    view! {
        <div class="entry" data-test=hook>
            <div class="entry-text">
                <span class="entry-label">{name}</span>
                <span class="entry-value" class:mono=move || value.with(Option::is_some)>
                    {shown_text}
                </span>
            </div>
            {is_hidden.then(|| view! {
                <Eye shown hook=format!("reveal-{hook}") what=format!("earlier {lower}")/>
            })}
            {back.filter(|_| past.is_some()).map(|back| view! {
                <button
                    type="button"
                    class="icon-button"
                    data-test="restore-part"
                    aria-label=back_label.clone()
                    title=back_label
                    on:click=move |_| back.run(())
                >
                    <Icon icon=icondata_lu::LuUndo2/>
                </button>
            })}
        </div>
    }
}

/// What of a value is told without being asked for.
fn text(value: Option<&PartValue>) -> String {
    match value {
        None => String::new(),
        Some(PartValue::Text(text)) => text.clone(),
        Some(PartValue::Matching(matching)) => match_word(*matching).to_owned(),
        Some(PartValue::Concealed) => "Changed".to_owned(),
    }
}

/// A part as people call it.
pub(in crate::routes) fn part_name(part: &ItemPart) -> String {
    match part {
        ItemPart::Title => "Name",
        ItemPart::Subtitle => "User name",
        ItemPart::Url(url) => url,
        ItemPart::Password => "Password",
        ItemPart::Totp => "One-time code key",
        ItemPart::CardNumber => "Card number",
        ItemPart::CardExpiry => "Expires",
        ItemPart::CardCode => "Security code",
        ItemPart::CardPin => "PIN",
        ItemPart::Email => "E-mail",
        ItemPart::Phone => "Telephone",
        ItemPart::Organization => "Organization",
        ItemPart::PostalAddress => "Street address",
        ItemPart::City => "City",
        ItemPart::Region => "State or province",
        ItemPart::PostalCode => "Postal code",
        ItemPart::Country => "Country",
        ItemPart::Added { name, .. } if name.is_empty() => "Field",
        ItemPart::Added { name, .. } => name,
        ItemPart::Notes => "Notes",
    }
    .to_owned()
}
