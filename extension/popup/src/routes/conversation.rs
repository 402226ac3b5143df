//! One conversation: what was said, and a field to write in.

use leptos::{ev, html, prelude::*};
use proto::{
    address::Address,
    api::message::Standing,
    bridge::popup::{ConversationSummary, MessageView},
    error::WireError,
    ids::MessageId,
};

use self::{
    bubble::Lines,
    composer::Composer,
    head::Head,
    notices::{FootNotice, RequestNotice},
};
use crate::{
    app::App,
    components::notice::{Notice, Tone},
    dom,
    message::Foot,
};

mod bubble;
mod composer;
mod head;
mod load;
mod notices;
mod secret;
mod state;

/// How far from the end the newest message counts as in sight, CSS pixels.
const NEAR: i32 = 48;

/// State of this screen.
#[derive(Clone, Copy)]
struct Thread {
    app: App,
    /// With whom.
    address: StoredValue<Address>,
    /// `None` before the first answer.
    summary: RwSignal<Option<ConversationSummary>>,
    /// The oldest first.
    messages: RwSignal<Vec<MessageView>>,
    /// Whether there are older ones.
    has_more: RwSignal<bool>,
    failure: RwSignal<Option<WireError>>,
    /// The message that was looked for: the page around it is shown, and not the newest.
    around: RwSignal<Option<MessageId>>,
    /// Whether there are newer ones than on the page.
    has_newer: RwSignal<bool>,
    /// Whether older ones were asked for.
    older: RwSignal<bool>,
    /// What scrolls.
    scroller: NodeRef<html::Div>,
    /// Whether the newest message is in sight, and is to stay so.
    pinned: StoredValue<bool>,
    /// Number of the newest request: older answers are thrown away.
    newest: StoredValue<u32>,
    /// Whether it is being told that all was looked at.
    marking: StoredValue<bool>,
}

impl Thread {
    fn new(app: App, address: Address) -> Self {
        Self {
            app,
            address: StoredValue::new(address),
            summary: RwSignal::new(None),
            messages: RwSignal::new(Vec::new()),
            has_more: RwSignal::new(false),
            failure: RwSignal::new(None),
            around: RwSignal::new(app.message_sought.try_update(Option::take).flatten()),
            has_newer: RwSignal::new(false),
            older: RwSignal::new(false),
            scroller: NodeRef::new(),
            pinned: StoredValue::new(true),
            newest: StoredValue::new(0),
            marking: StoredValue::new(false),
        }
    }

    fn address(self) -> Address {
        self.address.get_value()
    }

    /// Notes whether the newest message is in sight.
    fn scrolled(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            let below = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
            self.pinned.set_value(below <= NEAR);
        }
    }

    /// Brings the newest message into sight once what changed is drawn, where it was before.
    fn settle(self) {
        // As it is now: until the next frame a scroll may be told of that belongs to what is drawn now.
        if !self.pinned.get_value() {
            return;
        }
        request_animation_frame(move || {
            if let Some(scroller) = self.scroller.try_get_untracked().flatten() {
                scroller.set_scroll_top(scroller.scroll_height());
                self.pinned.set_value(true);
            }
        });
    }

    /// Brings the message that was looked for into sight.
    fn seek(self, id: MessageId) {
        self.pinned.set_value(false);
        request_animation_frame(move || {
            if let Some(scroller) = self.scroller.try_get_untracked().flatten() {
                dom::reveal(&scroller, &format!("said-{id}"));
            }
        });
    }

    /// Shows the newest messages again.
    fn to_newest(self) {
        self.around.set(None);
        self.messages.set(Vec::new());
        self.pinned.set_value(true);
        self.load();
        dom::focus_if_lost("message-input");
    }

    /// Keeps what is in sight where it is, though something comes above it.
    fn hold(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let below = scroller.scroll_height() - scroller.scroll_top();
        request_animation_frame(move || {
            scroller.set_scroll_top(scroller.scroll_height() - below);
        });
    }

    fn standing(self) -> Memo<Option<Standing>> {
        Memo::new(move |_| self.summary.with(|it| it.as_ref().map(|it| it.standing)))
    }

    /// What stands below the messages, once that is known.
    fn foot(self) -> Memo<Option<Foot>> {
        Memo::new(move |_| self.summary.with(|it| it.as_ref().map(Foot::of)))
    }
}

/// The screen.
#[component]
pub(crate) fn ConversationScreen(
    /// With whom.
    address: Address,
) -> impl IntoView {
    let app = App::here();
    let thread = Thread::new(app, address);
    thread.listen();
    let resized = window_event_listener(ev::resize, move |_| thread.settle());
    on_cleanup(move || resized.remove());
    // Before anything is known there is the way back; the field takes the focus once it is there.
    dom::focus("back");
    let foot = thread.foot();
    let is_empty = Memo::new(move |_| {
        thread.summary.with(Option::is_some) && thread.messages.with(Vec::is_empty)
    });
    view! {
        <main class="screen">
            <Head thread/>
            <RequestNotice thread/>
            <div
                class="thread"
                data-test="thread"
                role="log"
                aria-label="Messages"
                aria-busy=move || thread.summary.with(Option::is_none).to_string()
                tabindex="0"
                node_ref=thread.scroller
                on:scroll=move |_| thread.scrolled()
            >
                {move || thread.failure.get().map(|error| view! {
                    <Notice tone=Tone::Danger hook="error" text=error.message>
                        <button
                            type="button"
                            class="button small"
                            data-test="retry"
                            on:click=move |_| thread.load()
                        >
                            "Try again"
                        </button>
                    </Notice>
                })}
                {move || is_empty.get().then(|| view! {
                    <p class="thread-empty" data-test="thread-empty">
                        "Nothing was said yet. What you write is sealed on this device for them alone."
                    </p>
                })}
                <Lines thread/>
            </div>
            {move || thread.has_newer.get().then(|| view! {
                <button
                    type="button"
                    class="button small newest"
                    data-test="newest"
                    on:click=move |_| thread.to_newest()
                >
                    "Newest messages"
                </button>
            })}
            <FootNotice thread/>
            {move || (foot.get() == Some(Foot::Composer)).then(|| view! { <Composer thread/> })}
        </main>
    }
}
