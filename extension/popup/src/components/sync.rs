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
    routes::Route,
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
                ErrorCode::VaultRolledBack
                    | ErrorCode::VaultAltered
                    | ErrorCode::VaultUnproven
                    | ErrorCode::VaultKeyOlder
            );
            let ask = if problem.code == ErrorCode::VaultKeyOlder {
                WITHOUT_KEY
            } else {
                SENT_AGAIN
            };
            let note = last_synced(app);
            let to_keys = matches!(
                problem.code,
                ErrorCode::VaultKeyMissing | ErrorCode::VaultKeyOlder
            );
            if !mendable && !to_keys {
                return view! {
                    <Notice tone=Tone::Danger hook="sync-problem" text=problem.message note/>
                }
                .into_any();
            }
            view! {
                <Notice tone=Tone::Danger hook="sync-problem" text=problem.message note>
                    {to_keys.then(|| view! {
                        <button
                            type="button"
                            class="button small"
                            data-test="to-keys"
                            on:click=move |_| app.go(Route::Keys)
                        >
                            "Open keys"
                        </button>
                    })}
                    {mendable.then(|| view! { <RepairButton ask then/> })}
                </Notice>
            }
            .into_any()
        })
    }
}

/// What the user is asked before a repair.
#[derive(Clone, Copy)]
struct Ask {
    button: &'static str,
    title: &'static str,
    text: &'static str,
    confirm: &'static str,
}

/// The server was set back.
const SENT_AGAIN: Ask = Ask {
    button: "Repair…",
    title: "Send this device's items to the server again?",
    text: "Do this when you know why: the server was restored from a backup, or lost something. Everything on this device stays. What differs on both sides is kept twice, or stays in the item's earlier versions. Then do the same on your other devices.",
    confirm: "Repair",
};

/// The key that signed last is locked.
const WITHOUT_KEY: Ask = Ask {
    button: "Go on without it…",
    title: "Go on without the key that is locked?",
    text: "Do this when your password was reset, and nobody has the older one or its recovery words any more. What that key sealed stays as it is, and locked. Your present key signs the vault from now on, as the server shows it: what was left out of it before goes unnoticed.",
    confirm: "Go on without it",
};

/// Goes on with what the server has, once the user has said that this is known.
#[component]
fn RepairButton(ask: Ask, then: &'static str) -> impl IntoView {
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
            {ask.button}
        </button>
        {move || asking.get().then(|| view! {
            <Dialog
                title=ask.title
                text=ask.text
                confirm=ask.confirm
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
