//! The field to write in. What is typed is kept as a draft with every change.

use futures_util::future::join;
use leptos::{
    ev::{self, KeyboardEvent},
    prelude::*,
};
use proto::{
    bridge::popup::{Letter, SendMessage},
    ids::MessageId,
    vault::SecretText,
};
use webext::time;

use super::Thread;
use crate::{
    api,
    components::{icon::Icon, toast::Toast},
    dom,
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
    /// The last change, where it is not kept yet.
    loose: StoredValue<Option<Letter>>,
    /// How many are being kept.
    keeping: StoredValue<u32>,
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
            text: RwSignal::new(kept.as_ref().map(shown).unwrap_or_default()),
            sending: StoredValue::new(sending),
            busy: RwSignal::new(false),
            newest: StoredValue::new(0),
            loose: StoredValue::new(None),
            keeping: StoredValue::new(0),
        }
    }

    /// Takes what is typed.
    fn take(self, text: String) {
        // Another text is another message.
        self.sending.set_value(None);
        self.text.set(text);
        self.loose.set_value(Some(self.note()));
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
    fn note(self) -> Letter {
        let letter = Letter {
            address: self.thread.address(),
            text: SecretText::new(self.text.get_untracked()),
            sending: self.sending.get_value(),
            at: api::now(),
        };
        let letters = self.thread.app.letters;
        letters.update(|letters| letters.put(letter.clone()));
        letter
    }

    /// Keeps the draft.
    fn keep(self) {
        if let Some(letter) = self.loose.try_update_value(Option::take).flatten() {
            self.keeping.update_value(|keeping| *keeping += 1);
            time::spawn(async move {
                let is_kept = self.thread.app.keep_letter(letter.clone()).await;
                if !is_kept {
                    // What stands in the field alone is not taken out of it.
                    self.loose
                        .try_update_value(|loose| _ = loose.get_or_insert(letter));
                }
                self.keeping.try_update_value(|keeping| *keeping -= 1);
            });
        }
    }

    /// Shows what another page has written, sent or emptied here, unless something is typed on this one.
    fn refresh(self) {
        let Some(number) = self.idle() else { return };
        let (app, address) = (self.thread.app, self.thread.address());
        time::spawn(async move {
            app.read_letters().await;
            if self.idle() != Some(number) {
                return;
            }
            let kept = app.letters.with_untracked(|it| it.to(&address).cloned());
            let text = kept.as_ref().map(shown).unwrap_or_default();
            self.sending
                .set_value(kept.and_then(|letter| letter.sending));
            if self.text.with_untracked(|now| *now != text) {
                self.text.set(text);
            }
        });
    }

    /// The number of the newest change, where all are kept and none is being sent.
    fn idle(self) -> Option<u32> {
        let is_kept = self.loose.try_with_value(Option::is_none)? && self.keeping.get_value() == 0;
        (is_kept && !self.busy.get_untracked()).then(|| self.newest.get_value())
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
        self.loose.set_value(None);
        let letter = self.note();
        let (app, address) = (self.thread.app, self.thread.address());
        time::spawn(async move {
            let request = SendMessage {
                id,
                address: address.clone(),
                text: SecretText::new(text.as_str()),
            };
            // Both at once: the popup may be closed now. Whichever comes first, once it is sent it is not kept.
            let (answer, _) = join(app.ask(request), app.keep_letter(letter)).await;
            self.busy.try_set(false);
            match answer {
                Ok(_) => {
                    app.letters.update(|letters| {
                        let is_this = |letter: &Letter| letter.sending == Some(id);
                        if letters.to(&address).is_some_and(is_this) {
                            letters.forget(&address);
                        }
                    });
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

/// What the field shows.
fn shown(letter: &Letter) -> String {
    // EXPOSE: the user goes on writing it.
    letter.text.expose_secret().to_owned()
}

/// The field, and the button that sends.
#[component]
pub(super) fn Composer(thread: Thread) -> impl IntoView {
    let writing = Writing::new(thread);
    // In the next frame: what was asked for before it is there takes the focus before it.
    dom::focus("message-input");
    thread.settle();
    Effect::new(move || {
        thread.app.message_news.track();
        writing.refresh();
    });
    let returned = window_event_listener(ev::focus, move |_| writing.refresh());
    on_cleanup(move || {
        returned.remove();
        writing.keep();
    });
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
