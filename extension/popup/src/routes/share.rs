//! Whom to share an item with.

use leptos::prelude::*;
use proto::{
    address::Address,
    api::message::Standing,
    bridge::popup::{ConversationSummary, GetItem, ListConversations, ShareItem},
    error::WireError,
    ids::{ItemId, MessageId},
    vault::{ItemKind, ItemView},
};
use webext::time;

use super::Route;
use crate::{
    api,
    app::App,
    components::{
        avatar::Avatar,
        bar::TopBar,
        dialog::Dialog,
        icon::Icon,
        notice::{Notice, Tone},
        recipient::Recipient,
        toast::Toast,
    },
    dom,
};

/// A share that is to be confirmed.
#[derive(Clone)]
struct Asked {
    /// Made once: asked twice, it is the same message.
    id: MessageId,
    address: Address,
}

/// The screen.
#[component]
pub(crate) fn ShareScreen(
    /// What.
    item: ItemId,
) -> impl IntoView {
    let app = App::here();
    let shared = RwSignal::new(None::<Result<ItemView, WireError>>);
    let conversations = RwSignal::new(Vec::<ConversationSummary>::new());
    let asked = RwSignal::new(None::<Asked>);
    let busy = StoredValue::new(false);
    time::spawn(async move {
        shared.try_set(Some(app.ask(GetItem { id: item }).await));
    });
    Effect::new(move || {
        app.message_news.track();
        time::spawn(async move {
            // Without them an address can still be typed.
            if let Ok(answer) = app.ask(ListConversations {}).await {
                conversations.try_set(open(answer.conversations));
            }
        });
    });
    let ask = Callback::new(move |address: Address| {
        let id = api::new_message_id();
        asked.set(Some(Asked { id, address }));
        // The user has just chosen: Enter does it.
        dom::focus("dialog-confirm");
    });
    let share = move |Asked { id, address }: Asked| {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        time::spawn(async move {
            let request = ShareItem {
                id,
                address: address.clone(),
                item,
            };
            // The question stays where it failed.
            if app.ask_or_tell(request).await.is_some() && asked.try_set(None).is_none() {
                app.go(Route::Conversation(address));
                app.toast.set(Some(Toast::done("Shared")));
            }
            busy.try_set_value(false);
        });
    };
    let title = move || match shared.get() {
        Some(Ok(item)) => item.overview.title,
        _ => String::new(),
    };
    let text = move || match shared.get() {
        Some(Ok(item)) => what_follows(item.overview.kind),
        _ => "",
    };
    view! {
        <main class="screen">
            <TopBar title="Share with"/>
            <div class="content">
                {move || match shared.get() {
                    None => ().into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
                    }
                    Some(Ok(item)) => view! {
                        <p class="lead">
                            "Who is to have a copy of "
                            <strong data-test="share-title">{item.overview.title}</strong>"?"
                        </p>
                        <Recipient button="Share…" on_found=ask/>
                        <Known conversations ask/>
                    }
                    .into_any(),
                }}
            </div>
            {move || asked.get().map(|it| {
                let question = format!("Share “{}” with {}?", untrack(title), it.address);
                view! {
                    <Dialog
                        title=question
                        text=untrack(text)
                        confirm="Share"
                        on_confirm=move |()| share(it.clone())
                        on_cancel=move |()| asked.set(None)
                    />
                }
            })}
        </main>
    }
}

/// Those that the user writes with already.
#[component]
fn Known(
    conversations: RwSignal<Vec<ConversationSummary>>,
    ask: Callback<Address>,
) -> impl IntoView {
    let is_empty = Memo::new(move |_| conversations.with(Vec::is_empty));
    let addresses = Memo::new(move |_| {
        conversations.with(|all| {
            let row = |it: &ConversationSummary| (it.address.clone(), it.is_key_changed);
            all.iter().map(row).collect::<Vec<_>>()
        })
    });
    view! {
        <h3 class="section-title" hidden=move || is_empty.get()>"Conversations"</h3>
        <div class="card" role="group" aria-label="Conversations" hidden=move || is_empty.get()>
            <For each=move || addresses.get() key=Clone::clone let((address, is_key_changed))>
                <Row address is_key_changed ask/>
            </For>
        </div>
    }
}

#[component]
fn Row(address: Address, is_key_changed: bool, ask: Callback<Address>) -> impl IntoView {
    let app = App::here();
    let name = address.to_string();
    let label = name.clone();
    let choose = move |_| {
        if is_key_changed {
            app.toast.set(Some(Toast::failed(
                "Their key has changed. Look at it first.",
            )));
            app.go(Route::Contact(address.clone()));
        } else {
            ask.run(address.clone());
        }
    };
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="share-with"
            data-address=name.clone()
            on:click=choose
        >
            <Avatar kind=ItemKind::Login title=name.clone() seed=name.clone()/>
            <span class="setting-text">
                <span class="setting-label">{label}</span>
                {is_key_changed.then(|| view! {
                    <span class="setting-note danger-text">"Their key has changed"</span>
                })}
            </span>
            <Icon icon=icondata_lu::LuChevronRight size=16/>
        </button>
    }
}

/// Those to whom something can be sent.
fn open(mut all: Vec<ConversationSummary>) -> Vec<ConversationSummary> {
    all.retain(|it| it.standing == Standing::Accepted);
    all
}

/// What the user is to know before.
fn what_follows(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Login => {
            "They get a copy with its password and all that is in it. It cannot be taken back: to end it, change the password."
        }
        ItemKind::Note | ItemKind::Card | ItemKind::Identity => {
            "They get a copy of all that is in it. It cannot be taken back."
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::address::AddressError;

    use super::*;
    use crate::message::tests::summary;

    #[test]
    fn nothing_is_shared_with_whom_the_user_has_not_answered() -> Result<(), AddressError> {
        let mut all = vec![
            summary("ada@example.com")?,
            summary("bob@example.com")?,
            summary("cyd@example.com")?,
        ];
        all[0].standing = Standing::Request;
        all[2].standing = Standing::Blocked;
        let open = open(all);
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].address.name(), "bob");
        Ok(())
    }
}
