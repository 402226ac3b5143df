//! What the server has and no key opens: that it is there, and the way to be rid of it.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, RemoveUnreadable};
use webext::time;

use crate::{
    app::App,
    components::{
        dialog::Dialog,
        notice::{Notice, Tone},
        toast::Toast,
    },
    format,
};

/// Items that the server sent and that do not open.
#[component]
pub(super) fn Unreadable() -> impl IntoView {
    let app = App::here();
    let unreadable = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { unreadable, .. }) => *unreadable,
            _ => 0,
        })
    });
    move || {
        let count = unreadable.get();
        (count > 0).then(|| {
            let text = format!(
                "{} on the server cannot be opened here: the key is locked (Settings, Keys), or it was changed or damaged there.",
                format::counted(u64::from(count), "item"),
            );
            view! {
                <Notice tone=Tone::Danger hook="unreadable" text>
                    <RemoveButton/>
                </Notice>
            }
        })
    }
}

/// Deletes them, once the user has said so.
#[component]
fn RemoveButton() -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let remove = move |()| {
        asking.set(false);
        time::spawn(async move {
            if let Some(done) = app.ask_or_tell(RemoveUnreadable {}).await {
                let text = match done.removed {
                    0 => "Nothing to remove: this device has these items, or their key is locked"
                        .to_owned(),
                    removed => format!("Removed {}", format::counted(u64::from(removed), "item")),
                };
                app.toast.set(Some(Toast::done(&text)));
            }
            app.refresh().await;
        });
    };
    view! {
        <button
            type="button"
            class="button small"
            data-test="remove-unreadable"
            on:click=move |_| asking.set(true)
        >
            "Remove…"
        </button>
        {move || asking.get().then(|| view! {
            <Dialog
                title="Remove what cannot be opened?"
                text="It is deleted on the server, for all your devices. If another device of yours still shows one of these items, change it there first: that puts it right. What this device can open stays."
                confirm="Remove"
                danger=true
                on_confirm=remove
                on_cancel=move |()| asking.set(false)
            />
        })}
    }
}
