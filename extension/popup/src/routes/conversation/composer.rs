//! The field to write in. What is typed is kept as a draft with every change.

use leptos::{ev::KeyboardEvent, prelude::*};
use proto::{bridge::popup::SendMessage, ids::MessageId, vault::SecretText};
use webext::time;

use super::Thread;
use crate::{
    api,
    components::{icon::Icon, toast::Toast},
    dom,
    letters::Letter,
    message::{field_lines, is_blank, too_long},
};

/// How long typing must rest before the draft is kept, milliseconds.
const REST_MS: u32 = 300;

/// State of the field.
#[derive(Clone, Copy)]
struct Writing {
    thread: Thread,
    text: RwSignal<String>,
    /// Under which id this very text was sent, where no answer came.
    sending: StoredValue<Option<MessageId>>,
    busy: RwSignal<bool>,
    /// Number of the newest change: the draft is kept when no other followed.
    newest: StoredValue<u32>,
    /// Whether a change is not kept yet.
    loose: StoredValue<bool>,
}

impl Writing {
    fn new(thread: Thread) -> Self {
        let address = thread.address();
        let kept = thread
            .app
            .letters
            .with_untracked(|letters| letters.to(&address).cloned());
        let sending = kept.as_ref().and_then(|letter| letter.sending);
        Self {
            thread,
            text: RwSignal::new(kept.map(|letter| letter.text).unwrap_or_default()),
            sending: StoredValue::new(sending),
            busy: RwSignal::new(false),
            newest: StoredValue::new(0),
            loose: StoredValue::new(false),
        }
    }

    /// Takes what is typed.
    fn take(self, text: String) {
        // Another text is another message.
        self.sending.set_value(None);
        self.text.set(text);
        self.note();
        self.loose.set_value(true);
        self.thread.settle();
        let number = self.newest.get_value().wrapping_add(1);
        self.newest.set_value(number);
        time::spawn(async move {
            time::sleep(REST_MS).await;
            if self.newest.try_get_value() == Some(number) {
                self.keep();
            }
        });
    }

    /// Puts it beside what is being written elsewhere.
    fn note(self) {
        let letter = Letter {
            address: self.thread.address(),
            text: self.text.get_untracked(),
            sending: self.sending.get_value(),
            at: api::now(),
        };
        self.thread
            .app
            .letters
            .update(|letters| letters.put(letter));
    }

    /// Keeps the draft.
    fn keep(self) {
        if self.loose.get_value() {
            self.loose.set_value(false);
            self.thread.app.keep_letters();
        }
    }

    /// Sends what is typed. Sent once more because no answer came, it is the same message.
    fn send(self) {
        let text = self.text.get_untracked();
        if self.busy.get_untracked() || is_blank(&text) || too_long(&text).is_some() {
            return;
        }
        let id = self.sending.get_value().unwrap_or_else(api::new_message_id);
        self.sending.set_value(Some(id));
        self.busy.set(true);
        self.note();
        self.loose.set_value(true);
        self.keep();
        let (app, address) = (self.thread.app, self.thread.address());
        time::spawn(async move {
            let request = SendMessage {
                id,
                address: address.clone(),
                text: SecretText::new(text.as_str()),
            };
            let answer = app.ask(request).await;
            self.busy.try_set(false);
            match answer {
                Ok(_) => {
                    app.letters.update(|letters| {
                        let is_this = |letter: &Letter| letter.text == text;
                        if letters.to(&address).is_some_and(is_this) {
                            letters.forget(&address);
                        }
                    });
                    app.keep_letters();
                    self.sent(&text);
                }
                // The text stays where it is.
                Err(error) => app.toast.set(Some(Toast::error(&error))),
            }
        });
    }

    /// It was taken: the field is free, unless something else was typed meanwhile or the screen left.
    fn sent(self, text: &str) {
        if self.text.try_with_untracked(|now| now == text) != Some(true) {
            return;
        }
        self.sending.set_value(None);
        self.text.set(String::new());
        if self.thread.around.with_untracked(Option::is_some) {
            // What was looked for is shown, and not the end, where this one stands.
            self.thread.to_newest();
            return;
        }
        self.thread.pinned.set_value(true);
        self.thread.load();
        dom::focus_if_lost("message-input");
    }
}

/// The field, and the button that sends.
#[component]
pub(super) fn Composer(thread: Thread) -> impl IntoView {
    let writing = Writing::new(thread);
    // In the next frame: what was asked for before it is there takes the focus before it.
    dom::focus("message-input");
    thread.settle();
    on_cleanup(move || writing.keep());
    let problem = Memo::new(move |_| writing.text.with(|text| too_long(text)));
    let ready =
        Memo::new(move |_| problem.with(Option::is_none) && writing.text.with(|t| !is_blank(t)));
    let keydown = move |event: KeyboardEvent| {
        let plain = !event.shift_key() && !event.alt_key();
        if event.key() == "Enter" && plain && !event.is_composing() {
            event.prevent_default();
            writing.send();
        }
    };
    view! {
        <form
            class="composer"
            on:submit=move |event| {
                event.prevent_default();
                writing.send();
            }
        >
            <p class="composer-problem" id="message-problem" aria-live="polite" hidden=move || problem.with(Option::is_none)>
                <span class="field-error" data-test="error">{move || problem.get()}</span>
            </p>
            <div class="composer-line">
                <textarea
                    class="composer-field"
                    data-test="message-input"
                    aria-label="Message"
                    aria-describedby="message-problem"
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-keyshortcuts="Enter"
                    placeholder="Write a message"
                    rows=move || writing.text.with(|text| field_lines(text)).to_string()
                    autocomplete="off"
                    prop:value=move || writing.text.get()
                    on:input=move |event| writing.take(event_target_value(&event))
                    on:keydown=keydown
                ></textarea>
                <button
                    type="submit"
                    class="icon-button accent"
                    data-test="send"
                    aria-label="Send"
                    title="Send (Enter; Shift Enter begins a line)"
                    aria-disabled=move || (!ready.get()).to_string()
                    aria-busy=move || writing.busy.get().to_string()
                >
                    <Icon icon=icondata_lu::LuSend/>
                </button>
            </div>
        </form>
    }
}
