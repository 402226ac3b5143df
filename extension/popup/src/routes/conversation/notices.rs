//! What is to be known before anything is written: a request, a changed key, that they are blocked.

use leptos::prelude::*;
use proto::api::message::Standing;

use super::Thread;
use crate::{
    components::notice::{Notice, Tone},
    dom,
    message::Foot,
    routes::Route,
};

/// Above the messages: they wait for the user's answer.
#[component]
pub(super) fn RequestNotice(thread: Thread) -> impl IntoView {
    let foot = thread.foot();
    let text = format!(
        "{} wants to write to you. They learn of your answer only by what you write.",
        thread.address()
    );
    view! {
        <div class="thread-notice">
            {move || (foot.get() == Some(Foot::Request)).then(|| view! {
                <Notice tone=Tone::Info hook="request" text=text.clone()>
                    <button
                        type="button"
                        class="button small"
                        data-test="block-request"
                        on:click=move |_| thread.set_standing(Standing::Blocked)
                    >
                        "Block"
                    </button>
                    <button
                        type="button"
                        class="button small primary"
                        data-test="accept-request"
                        on:click=move |_| thread.set_standing(Standing::Accepted)
                    >
                        "Accept"
                    </button>
                </Notice>
            })}
        </div>
    }
}

/// In the place of the field to write in: why there is none.
#[component]
pub(super) fn FootNotice(thread: Thread) -> impl IntoView {
    let foot = thread.foot();
    move || match foot.get() {
        Some(Foot::Blocked) => Some(view! { <Blocked thread/> }.into_any()),
        Some(Foot::KeyChanged) => Some(view! { <KeyChanged thread/> }.into_any()),
        Some(Foot::Composer | Foot::Request) | None => None,
    }
}

#[component]
fn Blocked(thread: Thread) -> impl IntoView {
    let text = format!(
        "You blocked {}. Nothing that they write arrives.",
        thread.address()
    );
    // The button of a request has gone.
    dom::focus_if_lost("unblock-here");
    view! {
        <div class="thread-notice below">
            <Notice tone=Tone::Warning hook="is-blocked" text>
                <button
                    type="button"
                    class="button small"
                    data-test="unblock-here"
                    on:click=move |_| thread.set_standing(Standing::Accepted)
                >
                    "Unblock"
                </button>
            </Notice>
        </div>
    }
}

#[component]
fn KeyChanged(thread: Thread) -> impl IntoView {
    let text = format!(
        "The key of {} has changed. Nothing is sent until you have looked.",
        thread.address()
    );
    view! {
        <div class="thread-notice below">
            <Notice tone=Tone::Danger hook="key-changed" text>
                <button
                    type="button"
                    class="button small"
                    data-test="look-at-key"
                    on:click=move |_| thread.app.go(Route::Contact(thread.address()))
                >
                    "Look at it"
                </button>
            </Notice>
        </div>
    }
}
