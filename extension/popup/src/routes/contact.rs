//! Somebody's key: the number that both compare, and what to do where it is another.

use leptos::prelude::*;
use proto::{
    address::Address,
    bridge::popup::{Contact, ContactKey, GetContact, TrustKey},
    bytes::Hex,
    error::WireError,
    vault::ItemKind,
};
use webext::time;

use self::{
    code::{NumberCode, Scan},
    number::SafetyNumber,
};
use crate::{
    app::App,
    components::{
        avatar::Avatar,
        bar::TopBar,
        icon::Icon,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom,
    message::contact::{Found, may_retry},
};

mod camera;
mod code;
mod number;

/// State of this screen.
#[derive(Clone, Copy)]
struct Seen {
    app: App,
    address: StoredValue<Address>,
    answer: RwSignal<Option<Result<Contact, WireError>>>,
    /// Number of the newest request: older answers are thrown away.
    newest: StoredValue<u32>,
    /// Whether a key is being taken.
    busy: RwSignal<bool>,
}

impl Seen {
    fn load(self) {
        let number = self.newest.get_value().wrapping_add(1);
        self.newest.set_value(number);
        let (app, address) = (self.app, self.address.get_value());
        time::spawn(async move {
            let answer = app.ask(GetContact { address }).await;
            if self.newest.try_get_value() == Some(number) {
                self.show(answer);
            }
        });
    }

    /// Shows an answer; one that says the same leaves all buttons where they are.
    fn show(self, answer: Result<Contact, WireError>) {
        if self
            .answer
            .with_untracked(|it| it.as_ref() != Some(&answer))
        {
            self.answer.set(Some(answer));
        }
    }

    /// Takes a key for theirs.
    fn trust(self, key: Hex<33>, is_verified: bool, done: &'static str) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let (app, address) = (self.app, self.address.get_value());
        // The number that is on the screen.
        let shown = self.answer.with_untracked(|answer| {
            let contact = answer.as_ref()?.as_ref().ok()?;
            let mut keys = contact.key.iter().chain(&contact.offered);
            let shown = keys.find(|shown| shown.key == key)?;
            Some(shown.safety_code.clone())
        });
        time::spawn(async move {
            let request = TrustKey {
                address,
                key,
                compared: shown.filter(|_| is_verified),
            };
            if let Some(contact) = app.ask_or_tell(request).await {
                // An answer that is still on its way is from before.
                self.newest.try_update_value(|it| *it = it.wrapping_add(1));
                self.answer.try_set(Some(Ok(contact)));
                app.toast.set(Some(Toast::done(done)));
                dom::focus_if_lost("back");
            }
            self.busy.try_set(false);
        });
    }
}

/// The screen.
#[component]
pub(crate) fn ContactScreen(
    /// Whose.
    address: Address,
) -> impl IntoView {
    let app = App::here();
    let name = address.to_string();
    let seen = Seen {
        app,
        address: StoredValue::new(address),
        answer: RwSignal::new(None),
        newest: StoredValue::new(0),
        busy: RwSignal::new(false),
    };
    // Once: each time their server is asked.
    seen.load();
    dom::focus("back");
    view! {
        <main class="screen">
            <TopBar title="Contact"/>
            <div class="content">
                <div class="item-head">
                    <Avatar kind=ItemKind::Login title=name.clone() seed=name.clone() large=true/>
                    <div class="item-name"><h2 data-test="contact-address">{name}</h2></div>
                </div>
                {move || seen.answer.get().map_or_else(
                    || view! { <p class="setting-note" role="status">"Asking their server…"</p> }.into_any(),
                    |answer| match answer {
                        Ok(contact) => view! { <Keys seen contact/> }.into_any(),
                        Err(error) => view! { <Failed seen error/> }.into_any(),
                    },
                )}
            </div>
        </main>
    }
}

#[component]
fn Failed(seen: Seen, error: WireError) -> impl IntoView {
    let retry = may_retry(&error);
    view! {
        <Notice tone=Tone::Danger hook="error" text=error.message>
            {retry.then(|| view! {
                <button
                    type="button"
                    class="button small"
                    data-test="retry"
                    on:click=move |_| seen.load()
                >
                    "Try again"
                </button>
            })}
        </Notice>
    }
}

/// What is known of them.
#[component]
fn Keys(seen: Seen, contact: Contact) -> impl IntoView {
    let nobody = Found::of(&contact) == Found::Nobody;
    let problem = contact.problem.filter(|_| contact.exists.is_none());
    let is_changed = contact.offered.is_some();
    let is_locked = contact.is_own_locked;
    // Numbers of an older key of one's own are shown by nobody else.
    let known = contact.key.filter(|_| !is_locked).map(|key| {
        if is_changed {
            view! { <Until key/> }.into_any()
        } else {
            view! { <Known seen key/> }.into_any()
        }
    });
    view! {
        {nobody.then(|| view! {
            <Notice
                tone=Tone::Warning
                hook="nobody"
                text="Their server says that there is nobody of this address."
            />
        })}
        {problem.map(|error| view! { <Failed seen error/> })}
        {is_locked.then(|| view! {
            <Notice
                tone=Tone::Warning
                hook="own-key-locked"
                text="Your account has a newer key that is not open on this device, so no safety number can be compared here. If you made it on another device, open it in Settings, Keys; if you know of none, do not, and ask whoever runs the server."
            />
        })}
        {contact.offered.map(|key| view! { <Offered seen key is_locked/> })}
        {known}
    }
}

/// The only key.
#[component]
fn Known(seen: Seen, key: ContactKey) -> impl IntoView {
    let ContactKey {
        key,
        safety_number,
        safety_code,
        is_verified,
    } = key;
    view! {
        <h3 class="section-title">"Safety number"</h3>
        <SafetyNumber number=safety_number hook="safety-number"/>
        <NumberCode digits=safety_code.clone()/>
        <p class="contact-text">
            "Compare it with theirs, in person or by a call: if both are the same, nobody stands between you. Or scan the code that their Pearvault shows."
        </p>
        {if is_verified {
            view! {
                <p class="contact-verified" data-test="verified">
                    <Icon icon=icondata_lu::LuBadgeCheck/>
                    <span>"You have compared it."</span>
                    <button
                        type="button"
                        class="link-button"
                        data-test="unverify"
                        on:click=move |_| seen.trust(key, false, "Not compared any more")
                    >
                        "Take back"
                    </button>
                </p>
            }
            .into_any()
        } else {
            view! {
                <button
                    type="button"
                    class="button primary large contact-button"
                    class:busy=move || seen.busy.get()
                    data-test="verify"
                    on:click=move |_| seen.trust(key, true, "Compared")
                >
                    "They are the same"
                </button>
            }
            .into_any()
        }}
        <Scan seen key digits=safety_code is_new=false/>
    }
}

/// The key that was theirs until now, where there is another.
#[component]
fn Until(key: ContactKey) -> impl IntoView {
    let compared = if key.is_verified {
        "You had compared this one. Messages until now were sealed with it."
    } else {
        "Messages until now were sealed with it."
    };
    view! {
        <h3 class="section-title">"Safety number until now"</h3>
        <SafetyNumber number=key.safety_number hook="safety-number"/>
        <p class="contact-text">{compared}</p>
    }
}

/// Another key, which their server names now.
#[component]
fn Offered(
    seen: Seen,
    key: ContactKey,
    /// Whether there is nothing to compare it with.
    is_locked: bool,
) -> impl IntoView {
    let ContactKey {
        key,
        safety_number,
        safety_code,
        ..
    } = key;
    view! {
        <Notice
            tone=Tone::Warning
            hook="key-changed"
            text="Their server names another key now. That happens when they begin anew with a new account or new keys. It also happens when somebody wants to read what you write. Ask them before you write on."
        />
        {(!is_locked).then(|| view! {
            <h3 class="section-title">"New safety number"</h3>
            <SafetyNumber number=safety_number hook="offered-number"/>
            <NumberCode digits=safety_code.clone()/>
            <p class="contact-text">
                "Compare it with theirs, in person or by a call: if both are the same, the new key is theirs."
            </p>
        })}
        <div class="contact-buttons">
            {(!is_locked).then(|| view! {
                <button
                    type="button"
                    class="button primary"
                    class:busy=move || seen.busy.get()
                    data-test="verify-new"
                    on:click=move |_| seen.trust(key, true, "The new key is compared, and used from now on")
                >
                    "They are the same"
                </button>
            })}
            <button
                type="button"
                class="button"
                data-test="use-new-key"
                on:click=move |_| seen.trust(key, false, "The new key is used from now on")
            >
                "Use the new key"
            </button>
        </div>
        {(!is_locked).then(|| view! { <Scan seen key digits=safety_code.clone() is_new=true/> })}
    }
}
