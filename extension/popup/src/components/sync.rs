//! Synchronising by hand, and what to do where the vault here and on the server are not alike.

use leptos::prelude::*;
use proto::{bridge::popup::Repair, error::ErrorCode};
use webext::time;

use crate::{
    api,
    app::App,
    components::{
        dialog::Dialog,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom, format,
    sync::Standing,
};

/// How the open vault and the server stand.
pub(crate) fn standing(app: App) -> Memo<Option<Standing>> {
    Memo::new(move |_| app.status.with(|status| Standing::of(status.as_ref())))
}

/// When both were alike last, kept right to the second for as long as the calling component lives.
pub(crate) fn last_synced(app: App) -> Signal<Option<String>> {
    let standing = standing(app);
    let clock = RwSignal::new(api::now());
    time::spawn(async move {
        // Until the component is gone.
        while clock.try_set(api::now()).is_none() {
            time::sleep(1_000).await;
        }
    });
    Signal::derive(move || standing.get()?.last(clock.get()))
}

/// Synchronises, and says what came of it.
#[component]
pub(crate) fn SyncButton(
    /// What it says.
    label: &'static str,
    /// Hook of what takes the focus where the button goes away with its reason.
    #[prop(optional)]
    then: Option<&'static str>,
) -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let sync = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        time::spawn(async move {
            app.sync_now().await;
            busy.try_set(false);
            if let Some(then) = then {
                dom::focus_if_lost(then);
            }
        });
    };
    view! {
        <button
            type="button"
            class="button small"
            class:busy=move || busy.get()
            aria-busy=move || busy.get().to_string()
            data-test="sync-now"
            on:click=sync
        >
            {label}
        </button>
    }
}

/// Why the vault here and on the server are not alike, where that is not for want of an answer, and
/// the way on.
#[component]
pub(crate) fn SyncProblem(
    /// Hook of what takes the focus once it is mended.
    then: &'static str,
) -> impl IntoView {
    let app = App::here();
    let standing = standing(app);
    let problem = Memo::new(move |_| standing.get()?.problem);
    move || {
        problem.get().map(|problem| {
            let mendable = matches!(
                problem.code,
                ErrorCode::VaultRolledBack | ErrorCode::VaultAltered | ErrorCode::VaultUnproven
            );
            let note = last_synced(app);
            if !mendable {
                return view! {
                    <Notice tone=Tone::Danger hook="sync-problem" text=problem.message note/>
                }
                .into_any();
            }
            view! {
                <Notice tone=Tone::Danger hook="sync-problem" text=problem.message note>
                    <RepairButton then/>
                </Notice>
            }
            .into_any()
        })
    }
}

/// Goes on with a server that was set back, once the user has said that this is known.
#[component]
fn RepairButton(then: &'static str) -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let repair = move |()| {
        asking.set(false);
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        dom::focus("repair");
        time::spawn(async move {
            if let Some(done) = app.ask_or_tell(Repair {}).await {
                app.vault_news.update(|news| *news += 1);
                app.toast.set(Some(Toast::done(&repaired(done.sent))));
            }
            app.refresh().await;
            busy.try_set(false);
            dom::focus_if_lost(then);
        });
    };
    view! {
        <button
            type="button"
            class="button small"
            class:busy=move || busy.get()
            aria-busy=move || busy.get().to_string()
            aria-haspopup="dialog"
            data-test="repair"
            on:click=move |_| asking.set(!busy.get_untracked())
        >
            "Repair…"
        </button>
        {move || asking.get().then(|| view! {
            <Dialog
                title="Send this device's items to the server again?"
                text="Do this when you know why: the server was restored from a backup, or lost something. Everything on this device stays. What differs on both sides is kept twice, or stays in the item's earlier versions. Then do the same on your other devices."
                confirm="Repair"
                on_confirm=repair
                on_cancel=move |()| {
                    asking.set(false);
                    dom::focus("repair");
                }
            />
        })}
    }
}

/// What came of a repair that sent so many items.
fn repaired(sent: u32) -> String {
    match sent {
        0 => "Repaired. The server lacked nothing.".to_owned(),
        sent => format!(
            "Repaired: {} sent to the server again",
            format::counted(u64::from(sent), "item")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repair_says_how_much_was_sent() {
        assert_eq!(repaired(0), "Repaired. The server lacked nothing.");
        assert_eq!(repaired(1), "Repaired: 1 item sent to the server again");
        assert_eq!(repaired(2), "Repaired: 2 items sent to the server again");
    }
}
