//! The vault here and on the server are not alike: why, and the way on.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, Repair},
    error::ErrorCode,
};
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

/// Why the vault here and on the server are not alike.
#[component]
pub(super) fn SyncProblem() -> impl IntoView {
    let app = App::here();
    let problem = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { sync_problem, .. }) => sync_problem.clone(),
            _ => None,
        })
    });
    move || {
        problem.get().map(|problem| {
            let mendable = matches!(
                problem.code,
                ErrorCode::VaultRolledBack | ErrorCode::VaultAltered | ErrorCode::VaultUnproven
            );
            if !mendable {
                return view! {
                    <Notice tone=Tone::Danger hook="sync-problem" text=problem.message/>
                }
                .into_any();
            }
            view! {
                <Notice tone=Tone::Danger hook="sync-problem" text=problem.message>
                    <RepairButton/>
                </Notice>
            }
            .into_any()
        })
    }
}

/// Goes on with a server that was set back, once the user has said that this is known.
#[component]
fn RepairButton() -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let repair = move |()| {
        asking.set(false);
        time::spawn(async move {
            if let Some(done) = app.ask_or_tell(Repair {}).await {
                let text = format!(
                    "Sent {} to the server again",
                    format::counted(u64::from(done.sent), "item")
                );
                app.vault_news.update(|news| *news += 1);
                app.toast.set(Some(Toast::done(&text)));
            }
            app.refresh().await;
        });
    };
    view! {
        <button
            type="button"
            class="button small"
            data-test="repair"
            on:click=move |_| asking.set(true)
        >
            "Repair…"
        </button>
        {move || asking.get().then(|| view! {
            <Dialog
                title="Send this device's items to the server again?"
                text="Do this when you know why: the server was restored from a backup, or lost something. Everything on this device stays. What differs on both sides is kept twice, or stays in the item's earlier versions."
                confirm="Repair"
                on_confirm=repair
                on_cancel=move |()| asking.set(false)
            />
        })}
    }
}
