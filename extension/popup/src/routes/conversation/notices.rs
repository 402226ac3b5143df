//! What is to be known before anything is written: a request, a changed key, that they are blocked.

use leptos::prelude::*;
use proto::api::message::Standing;

use super::Thread;
use crate::{
    components::notice::{Notice, Tone},
    message::Foot,
    routes::Route,
};

/// The one that applies.
#[component]
pub(super) fn Notices(thread: Thread) -> impl IntoView {
    let foot = thread.foot();
    let address = thread.address();
    view! {
        <div class="thread-notice">
            {move || match foot.get() {
                Some(Foot::Request) => {
                    let text = format!("{address} wants to write to you. They learn of your answer only by what you write.");
                    view! {
                        <Notice tone=Tone::Info hook="request" text>
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
                    }
                    .into_any()
                }
                Some(Foot::Blocked) => {
                    let text = format!("You blocked {address}. Nothing that they write arrives.");
                    view! {
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
                    }
                    .into_any()
                }
                Some(Foot::KeyChanged) => {
                    let text = format!("The key of {address} has changed. Nothing is sent until you have looked.");
                    let contact = address.clone();
                    view! {
                        <Notice tone=Tone::Danger hook="key-changed" text>
                            <button
                                type="button"
                                class="button small"
                                data-test="look-at-key"
                                on:click=move |_| {
                                    thread.app.go(Route::Contact(contact.clone()));
                                }
                            >
                                "Look at it"
                            </button>
                        </Notice>
                    }
                    .into_any()
                }
                Some(Foot::Composer) | None => ().into_any(),
            }}
        </div>
    }
}
