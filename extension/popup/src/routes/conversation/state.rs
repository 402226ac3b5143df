//! How a message of the user's own fares, and what can be done about it.

use leptos::prelude::*;
use proto::{
    bridge::popup::{SentState, WithdrawMessage},
    ids::MessageId,
};
use webext::time;

use super::Thread;
use crate::{
    components::icon::Icon,
    dom,
    message::sent::{deed, name, told},
};

/// The line below it; nothing below one that came.
#[component]
pub(super) fn SentLine(
    thread: Thread,
    id: MessageId,
    sent: Memo<Option<SentState>>,
) -> impl IntoView {
    let which = Memo::new(move |_| sent.with(|it| it.as_ref().map(name)));
    let text = move || sent.with(|it| it.as_ref().map(told));
    let deed = Memo::new(move |_| sent.with(|it| it.as_ref().and_then(deed)));
    let withdraw = move |_| {
        let address = thread.address();
        time::spawn(async move {
            let request = WithdrawMessage { address, id };
            if thread.app.ask_or_tell(request).await.is_some() {
                thread.load();
                dom::focus_if_lost("message-input");
            }
        });
    };
    view! {
        {move || which.get().map(|which| view! {
            <span class="said-state" data-test="message-state" data-state=which>
                <Icon icon=icon(which) size=14/>
                <span>{text}</span>
            </span>
        })}
        // By itself: a button that is drawn anew under a click loses it.
        {move || deed.get().map(|deed| view! {
            <button type="button" class="said-deed" data-test="withdraw" on:click=withdraw>
                {deed.label()}
            </button>
        })}
    }
}

fn icon(state: &str) -> icondata_core::Icon {
    match state {
        "delivered" => icondata_lu::LuCheckCheck,
        "under-way" => icondata_lu::LuCheck,
        "failed" => icondata_lu::LuCircleAlert,
        _ => icondata_lu::LuClock,
    }
}
