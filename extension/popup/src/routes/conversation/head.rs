//! With whom, and what can be done with the conversation as a whole.

use leptos::prelude::*;
use proto::{
    api::message::Standing,
    bridge::popup::{ClearConversation, SetStanding},
};
use webext::time;

use super::Thread;
use crate::{
    components::{
        dialog::Dialog,
        icon::Icon,
        menu::{Entry, MenuButton},
        toast::Toast,
    },
    dom,
    message::list::Shelf,
    routes::Route,
};

impl Thread {
    /// Lets them write, or takes nothing from them any more.
    pub(super) fn set_standing(self, standing: Standing) {
        let address = self.address();
        let app = self.app;
        time::spawn(async move {
            let request = SetStanding {
                address: address.clone(),
                standing,
            };
            if app.ask_or_tell(request).await.is_none() {
                return;
            }
            let done = match standing {
                Standing::Blocked => format!("{address} is blocked"),
                Standing::Accepted | Standing::Request => format!("{address} may write to you"),
            };
            app.toast.set(Some(Toast::done(&done)));
            self.load();
        });
    }

    fn clear(self) {
        let address = self.address();
        let app = self.app;
        time::spawn(async move {
            if app
                .ask_or_tell(ClearConversation { address })
                .await
                .is_some()
            {
                app.go(Route::Messages(Shelf::All));
                app.toast.set(Some(Toast::done("Conversation deleted")));
            }
        });
    }
}

/// The bar above.
#[component]
pub(super) fn Head(thread: Thread) -> impl IntoView {
    let app = thread.app;
    let address = thread.address().to_string();
    let title = address.clone();
    let deleting = RwSignal::new(false);
    let verified = Memo::new(move |_| {
        thread.summary.with(|it| {
            it.as_ref()
                .is_some_and(|it| it.is_verified && !it.is_key_changed)
        })
    });
    let question = format!("Delete the conversation with {address}?");
    let delete = move |()| {
        deleting.set(false);
        thread.clear();
    };
    let keep = move |()| {
        deleting.set(false);
        dom::focus("conversation-menu");
    };
    view! {
        <header class="bar">
            <button
                type="button"
                class="icon-button"
                data-test="back"
                aria-label="Back"
                title="Back (Esc)"
                on:click=move |_| app.back()
            >
                <Icon icon=icondata_lu::LuArrowLeft/>
            </button>
            <h1 class="bar-title" data-test="conversation-with" title=title>{address}</h1>
            {move || verified.get().then(|| view! {
                <span class="talk-verified" data-test="verified" role="img" aria-label="Safety number compared" title="Safety number compared">
                    <Icon icon=icondata_lu::LuBadgeCheck/>
                </span>
            })}
            <div class="bar-actions"><Menu thread deleting/></div>
            {move || deleting.get().then(|| view! {
                <Dialog
                    title=question.clone()
                    text="All its messages are deleted, here, on your other devices and on your server. They keep what they have. What was saved to your vault stays."
                    confirm="Delete"
                    danger=true
                    on_confirm=delete
                    on_cancel=keep
                />
            })}
        </header>
    }
}

#[component]
fn Menu(thread: Thread, deleting: RwSignal<bool>) -> impl IntoView {
    let app = thread.app;
    let standing = thread.standing();
    let entries = move || {
        let contact = Entry {
            hook: "open-contact",
            label: "Contact and safety number",
            icon: icondata_lu::LuShieldCheck,
            note: None,
            act: Callback::new(move |()| app.go(Route::Contact(thread.address()))),
        };
        let block = Entry {
            hook: "block",
            label: "Block",
            icon: icondata_lu::LuBan,
            note: None,
            act: Callback::new(move |()| thread.set_standing(Standing::Blocked)),
        };
        let unblock = Entry {
            hook: "unblock",
            label: "Unblock",
            icon: icondata_lu::LuUserRoundCheck,
            act: Callback::new(move |()| thread.set_standing(Standing::Accepted)),
            ..block
        };
        let delete = Entry {
            hook: "delete-conversation",
            label: "Delete conversation…",
            icon: icondata_lu::LuTrash2,
            note: None,
            act: Callback::new(move |()| deleting.set(true)),
        };
        let is_blocked = standing.get() == Some(Standing::Blocked);
        let block = if is_blocked { unblock } else { block };
        vec![contact, block, delete]
    };
    move || {
        view! {
            <MenuButton
                hook="conversation-menu"
                label="More"
                menu="Conversation"
                icon=icondata_lu::LuEllipsisVertical
                entries=entries()
            />
        }
    }
}
