//! What was said.

use leptos::prelude::*;
use proto::{
    api::message::KeyStanding,
    bridge::popup::{MessageContent, MessageView},
    ids::MessageId,
};

use super::{Thread, secret::SharedSecret, state::SentLine};
use crate::{
    api,
    components::icon::Icon,
    message::{Line, lines, when},
};

/// All messages that are here, each day under its name.
#[component]
pub(super) fn Lines(thread: Thread) -> impl IntoView {
    let all = Memo::new(move |_| {
        thread
            .messages
            .with(|messages| lines(messages, api::now(), api::wall))
    });
    view! {
        {move || thread.has_more.get().then(|| view! {
            <button
                type="button"
                class="button small older"
                class:busy=move || thread.older.get()
                aria-busy=move || thread.older.get().to_string()
                data-test="older"
                on:click=move |_| {
                    if !thread.older.get_untracked() {
                        thread.older.set(true);
                        thread.load();
                    }
                }
            >
                "Older messages"
            </button>
        })}
        <For each=move || all.get() key=Clone::clone let(line)>
            {match line {
                Line::Day(day) => {
                    view! { <h2 class="thread-day" data-test="day">{day}</h2> }.into_any()
                }
                Line::Message(id) => view! { <Bubble thread id/> }.into_any(),
            }}
        </For>
    }
}

/// One message. What of it changes is changed in its place, so that what is shown in it stays and
/// no click is lost.
#[component]
fn Bubble(thread: Thread, id: MessageId) -> impl IntoView {
    let message = Memo::new(move |_| {
        thread
            .messages
            .with(|all| all.iter().find(|it| it.id == id).cloned())
    });
    let content = Memo::new(move |_| message.get().map(|it| it.content));
    let saved = Memo::new(move |_| message.get().and_then(|it| it.saved));
    let sent = Memo::new(move |_| message.get().and_then(|it| it.sent));
    let own = Memo::new(move |_| sent.with(Option::is_some));
    let forged = Memo::new(move |_| message.with(|it| it.as_ref().is_some_and(may_be_forged)));
    let clock = move || message.with(|it| it.as_ref().map(|it| when::clock(api::wall(it.at))));
    let inside = move || {
        match content.get()? {
        MessageContent::Text { text } => Some(view! {
            // EXPOSE: this is where it is read.
            <p class="bubble-text" data-test="message-text">{text.expose_secret().to_owned()}</p>
        }
        .into_any()),
        MessageContent::Secret { name, kind, fields } => Some(view! {
            <SharedSecret thread id own=own.get_untracked() saved name kind fields/>
        }
        .into_any()),
        MessageContent::Locked {} => Some(view! {
            <p class="bubble-note" data-test="message-locked">
                <Icon icon=icondata_lu::LuLock size=16/>
                "Sealed for a key of yours that is not open on this device. Open it in the settings."
            </p>
        }
        .into_any()),
        MessageContent::Unreadable {} => Some(view! {
            <p class="bubble-note" data-test="message-unreadable">
                <Icon icon=icondata_lu::LuCircleAlert size=16/>
                "This cannot be opened. It was damaged, or a newer Pearvault wrote it."
            </p>
        }
        .into_any()),
    }
    };
    view! {
        <article
            class="said"
            class:own=move || own.get()
            class:sought=move || thread.around.get() == Some(id)
            id=format!("said-{id}")
            data-test="message"
            data-id=id.to_string()
            data-way=move || if own.get() { "sent" } else { "received" }
            aria-label=move || if own.get() { "You" } else { "They" }
        >
            <div class="bubble">{inside}</div>
            {move || forged.get().then(|| view! {
                <p class="said-warning" data-test="forged">
                    <Icon icon=icondata_lu::LuTriangleAlert size=14/>
                    "It was sealed by a key that is not known to be theirs. It may be forged."
                </p>
            })}
            <div class="said-foot">
                <time data-test="message-time">{clock}</time>
                <SentLine thread id sent/>
            </div>
        </article>
    }
}

fn may_be_forged(message: &MessageView) -> bool {
    message.key == Some(KeyStanding::Other)
}
