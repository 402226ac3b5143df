//! Something out of somebody's vault: its fields to see and to copy, and the way into one's own.

use leptos::prelude::*;
use proto::{
    bridge::popup::{RevealMessage, SaveMessage},
    ids::{ItemId, MessageId},
    vault::SecretText,
};
use webext::time;

use super::Thread;
use crate::{
    components::{icon::Icon, password_field::Eye, toast::Toast},
    dom,
    message::secret::{field_label, kind_label, slug},
    routes::Route,
};

/// Always as many, whatever the length.
const DOTS: &str = "••••••••••";

/// The card.
#[component]
pub(super) fn SharedSecret(
    thread: Thread,
    /// Of which message.
    id: MessageId,
    /// Whether the user has shared it.
    own: bool,
    /// The item that it was saved as.
    saved: Memo<Option<ItemId>>,
    /// What its owner calls it.
    name: SecretText,
    /// What it is.
    kind: String,
    /// Names of its fields.
    fields: Vec<String>,
) -> impl IntoView {
    let icon = match kind.as_str() {
        "login" => icondata_lu::LuKeyRound,
        "text" => icondata_lu::LuStickyNote,
        _ => icondata_lu::LuFileLock2,
    };
    // EXPOSE: names of items are shown.
    let name = name.expose_secret().to_owned();
    view! {
        <div class="shared" data-test="shared" data-kind=kind.clone()>
            <div class="shared-head">
                <Icon icon/>
                <span class="shared-text">
                    <strong class="shared-name" data-test="shared-name">{name}</strong>
                    <span class="shared-kind">{kind_label(&kind)}</span>
                </span>
            </div>
            {fields
                .into_iter()
                .map(|field| view! { <SharedField thread id field/> })
                .collect_view()}
            {(!own).then(|| view! { <Save thread id saved/> })}
        </div>
    }
}

/// A field: dots until it is asked for.
#[component]
fn SharedField(thread: Thread, id: MessageId, field: String) -> impl IntoView {
    let app = thread.app;
    let shown = RwSignal::new(false);
    let value = RwSignal::new(None::<SecretText>);
    let label = field_label(&field);
    let lower = label.to_lowercase();
    let hook = slug(&field);
    let request = move || RevealMessage {
        address: thread.address(),
        id,
        field: field.clone(),
    };
    let asked = request.clone();
    Effect::new(move || {
        if !shown.get() {
            value.set(None);
            return;
        }
        let request = asked();
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
    let text = move || {
        value.with(|value| match value {
            // EXPOSE: the user asked to see it.
            Some(value) => value.expose_secret().to_owned(),
            None => DOTS.to_owned(),
        })
    };
    view! {
        <div class="entry shared-field">
            <div class="entry-text">
                <span class="entry-label">{label}</span>
                <span
                    class="entry-value mono"
                    class:hidden-value=move || value.with(Option::is_none)
                    data-test=format!("field-{hook}")
                >
                    {text}
                </span>
            </div>
            <Eye shown hook=format!("reveal-{hook}") what=lower.clone()/>
            <button
                type="button"
                class="icon-button"
                data-test=format!("copy-{hook}")
                aria-label=format!("Copy {lower}")
                title=format!("Copy {lower}")
                on:click=move |_| app.copy_message(request())
            >
                <Icon icon=icondata_lu::LuCopy/>
            </button>
        </div>
    }
}

/// The button that makes an item of it, or the way to that item.
#[component]
fn Save(thread: Thread, id: MessageId, saved: Memo<Option<ItemId>>) -> impl IntoView {
    let app = thread.app;
    let busy = RwSignal::new(false);
    let save = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let request = SaveMessage {
            address: thread.address(),
            id,
        };
        time::spawn(async move {
            if app.ask_or_tell(request).await.is_some() {
                app.vault_news.update(|news| *news += 1);
                app.toast.set(Some(Toast::done("Saved to your vault")));
                thread.load();
                dom::focus_if_lost("message-input");
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="shared-end">
            {move || match saved.get() {
                Some(item) => view! {
                    <button
                        type="button"
                        class="button small quiet"
                        data-test="open-saved"
                        on:click=move |_| app.go(Route::Item(item))
                    >
                        <Icon icon=icondata_lu::LuCheck size=16/>
                        "Saved"
                    </button>
                }
                .into_any(),
                None => view! {
                    <button
                        type="button"
                        class="button small"
                        class:busy=move || busy.get()
                        aria-busy=move || busy.get().to_string()
                        data-test="save-message"
                        on:click=save
                    >
                        "Save to vault"
                    </button>
                }
                .into_any(),
            }}
        </div>
    }
}
