//! The account's keys: which there are, opening locked ones, and making a new one.

use leptos::prelude::*;
use proto::{
    bridge::popup::{KeyView, Keys, ListKeys, MakeKey, OpenKeys},
    error::{ErrorCode, WireError},
    ids::{KeyNumber, UnixMillis},
    vault::SecretText,
};
use webext::time;

use crate::{
    api,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        dialog::Dialog,
        icon::Icon,
        notice::{Notice, Tone},
        password_field::PasswordField,
        toast::Toast,
    },
    dom, format,
};

/// What the user is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Whether to make this one.
    Make(KeyNumber),
    /// What opens the locked ones.
    Open,
}

/// State of this screen.
#[derive(Clone, Copy)]
struct Shown {
    app: App,
    keys: RwSignal<Option<Result<Vec<KeyView>, WireError>>>,
    question: RwSignal<Option<Question>>,
    /// Whether a key was made since the screen appeared.
    made: RwSignal<bool>,
}

/// The screen.
#[component]
pub(crate) fn KeysScreen() -> impl IntoView {
    let app = App::here();
    let shown = Shown {
        app,
        keys: RwSignal::new(None),
        question: RwSignal::new(None),
        made: RwSignal::new(false),
    };
    dom::focus("back");
    time::spawn(async move {
        let answer = app.ask(ListKeys {}).await;
        shown.keys.try_set(Some(answer.map(|answer| answer.keys)));
    });
    view! {
        <main class="screen">
            <TopBar title="Keys"/>
            <div class="content">
                {move || match shown.keys.get() {
                    None => view! { <p class="setting-note">"Asking the server…"</p> }.into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="keys-error" text=error.message/> }
                            .into_any()
                    }
                    Some(Ok(keys)) => view! { <List shown keys/> }.into_any(),
                }}
            </div>
            <BottomBar/>
            {move || shown.question.get().map(|asked| match asked {
                Question::Make(number) => view! { <MakeDialog shown number/> }.into_any(),
                Question::Open => view! { <OpenDialog shown/> }.into_any(),
            })}
        </main>
    }
}

#[component]
fn List(shown: Shown, keys: Vec<KeyView>) -> impl IntoView {
    let next = next_number(&keys);
    let locked = keys.iter().any(|key| key.locked);
    let newest = keys.iter().rfind(|key| !key.locked);
    let newest = newest.map(|key| key.number);
    // One that is older than what is open was the user's before the password was set anew.
    let newer = keys
        .iter()
        .any(|key| key.locked && Some(key.number) > newest);
    // The active one first.
    let rows = keys.into_iter().rev();
    view! {
        {move || shown.made.get().then(|| view! {
            <div class="lead">
                <Notice
                    tone=Tone::Info
                    hook="key-made"
                    text="Your other devices open the new key with your password, at the next unlocking or here. Those who write to you see that your key has changed: compare your safety numbers again."
                />
            </div>
        })}
        {locked.then(|| view! {
            <div class="lead">
                <Notice
                    tone=Tone::Warning
                    hook="key-locked"
                    text=if newer { NEWER } else { OLDER }
                />
            </div>
        })}
        <div class="card">
            {rows.map(|key| view! { <Row key shown/> }).collect_view()}
        </div>
        <p class="setting-note">
            "People write to the active key, and what is new is sealed under it. Older keys stay: they open what was sealed before."
            {locked.then_some(" What a locked key seals is kept, and can be read once it is open.")}
        </p>
        <button
            type="button"
            class="button"
            data-test="make-key"
            on:click=move |_| shown.question.set(Some(Question::Make(next)))
        >
            <Icon icon=icondata_lu::LuKeyRound/>
            "Make a new key"
        </button>
    }
}

/// Of a locked key that is newer than all that are open.
const NEWER: &str = "A newer key is locked here. If you made no key on another device, do not open this one: your server shows a key that is not yours.";
/// Of a locked key that is older.
const OLDER: &str = "An older key is locked here, with what was sealed under it. The password that you had then opens it, and so do your recovery words of that time. If somebody else chose your present password, change that first: what you open is sealed under it.";

#[component]
fn Row(key: KeyView, shown: Shown) -> impl IntoView {
    let icon = if key.locked {
        icondata_lu::LuLock
    } else {
        icondata_lu::LuKeyRound
    };
    let number = key.number.0;
    let groups = groups(&key.fingerprint);
    view! {
        <div
            class="setting"
            data-test="key"
            data-number=number
            data-active=key.active.to_string()
            data-locked=key.locked.to_string()
        >
            <Icon icon/>
            <span class="setting-text">
                <span class="setting-label">{format!("Key {number}")}</span>
                <span class="setting-note" data-test="key-note">{note(&key, api::now())}</span>
                {(!key.locked).then(|| view! {
                    <span class="setting-note mono" data-test="key-fingerprint" aria-label="Fingerprint">
                        {groups}
                    </span>
                })}
            </span>
            {key.locked.then(|| view! {
                <button
                    type="button"
                    class="button small"
                    data-test="open-keys"
                    aria-label=format!("Open key {number}")
                    on:click=move |_| shown.question.set(Some(Question::Open))
                >
                    "Open"
                </button>
            })}
        </div>
    }
}

/// Takes an answer; where it is none, that goes to the dialog, which stays.
fn take(
    shown: Shown,
    answer: Result<Keys, WireError>,
    failure: RwSignal<Option<WireError>>,
    done: &str,
) -> bool {
    match answer {
        Ok(answer) => {
            shown.keys.try_set(Some(Ok(answer.keys)));
            shown.question.try_set(None);
            shown.app.toast.set(Some(Toast::done(done)));
            dom::focus("make-key");
            true
        }
        Err(error) => {
            failure.try_set(Some(error));
            false
        }
    }
}

#[component]
fn MakeDialog(shown: Shown, number: KeyNumber) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let clear = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let busy = RwSignal::new(false);
    let make = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let request = MakeKey {
            password: SecretText::new(password.get_untracked()),
            number,
        };
        time::spawn(async move {
            let answer = shown.app.ask(request).await;
            if take(shown, answer, failure, "New key made") {
                shown.made.try_set(true);
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog
            title="Make a new key?"
            text="From now on people write to the new key and what you save is sealed under it; everything from before stays readable with the older ones. It takes nothing back from somebody who has a key or its contents already, so change your password too if anybody may know it."
            confirm="Make a new key"
            ready=Signal::derive(move || !busy.get() && password.with(|it| !it.is_empty()))
            on_confirm=make
            on_cancel=move |()| shown.question.set(None)
        >
            <PasswordField
                name="dialog-password"
                label="Your password"
                value=password
                shown=clear
                error=Signal::derive(move || failure.with(|it| it.as_ref().map(|it| it.message.clone())))
                autocomplete="current-password"
                focused=true
            />
        </Dialog>
    }
}

/// Asks for the password, and where that opens nothing, for the other one that a key may have.
#[component]
fn OpenDialog(shown: Shown) -> impl IntoView {
    let (password, other) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let clear = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let busy = RwSignal::new(false);
    let has_other = RwSignal::new(false);
    let told = move |of_other: bool| {
        Signal::derive(move || {
            let failure = failure.get()?;
            (is_of_other(&failure) == of_other).then_some(failure.message)
        })
    };
    let open = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let wants_other = has_other.get_untracked();
        let request = OpenKeys {
            password: SecretText::new(password.get_untracked()),
            other: wants_other.then(|| SecretText::new(other.get_untracked())),
        };
        time::spawn(async move {
            match shown.app.ask(request).await {
                Err(error) if is_of_other(&error) && !wants_other => {
                    has_other.try_set(true);
                    dom::focus("dialog-other");
                }
                answer => {
                    take(shown, answer, failure, "Opened");
                }
            }
            busy.try_set(false);
        });
    };
    let ready = Signal::derive(move || {
        let other_typed = !has_other.get() || other.with(|it| !it.is_empty());
        !busy.get() && other_typed && password.with(|it| !it.is_empty())
    });
    view! {
        <Dialog
            title="Open locked keys"
            text="A key that you made on another device opens with your password."
            confirm="Open"
            ready
            on_confirm=open
            on_cancel=move |()| shown.question.set(None)
        >
            <PasswordField
                name="dialog-password"
                label="Your password"
                value=password
                shown=clear
                error=told(false)
                autocomplete="current-password"
                focused=true
            />
            {move || has_other.get().then(|| view! {
                <p class="dialog-text" role="status">
                    "Your password opens none of them. Which one did you have when you made it? From then on the key has your present one. Where it is the newest, a new key is made as well, which people write to. Your recovery words open it too: lock, choose “Forgot the password?”, and set the password that you have now."
                </p>
                <PasswordField
                    name="dialog-other"
                    label="The key's password"
                    value=other
                    shown=clear
                    error=told(true)
                    autocomplete="off"
                    eye=false
                />
            })}
        </Dialog>
    }
}

/// Whether a refusal is of a key's own password, not of the vault's.
fn is_of_other(error: &WireError) -> bool {
    let field = error.params.get("field");
    error.code == ErrorCode::PasswordWrong && field.is_some_and(|field| field == "other")
}

/// The number of the key that is made next.
fn next_number(keys: &[KeyView]) -> KeyNumber {
    let newest = keys.iter().map(|key| key.number.0).max();
    KeyNumber(newest.unwrap_or_default().saturating_add(1))
}

/// What stands below a key.
fn note(key: &KeyView, now: UnixMillis) -> String {
    // That it is the newest is the server's word alone as long as it is locked.
    let active = (key.active && !key.locked).then(|| "Active".to_owned());
    let locked = key.locked.then(|| "Locked on this device".to_owned());
    let added = key.added_at;
    let added = added.map(|at| format!("Made {}", format::ago(at, now)));
    let parts = [active, locked, added].into_iter().flatten();
    parts.collect::<Vec<_>>().join(" · ")
}

/// A fingerprint's digits as they are read out.
fn groups(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let groups = digits.chunks(5).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

/// What the settings say of the keys.
pub(crate) fn summary(keys: &[KeyView]) -> String {
    let locked = keys.iter().filter(|key| key.locked).count();
    let all = format::counted(keys.len() as u64, "key");
    match locked {
        0 => all,
        _ => format!("{all}, {locked} locked: open it to read what is new"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32, locked: bool, active: bool) -> KeyView {
        KeyView {
            number: KeyNumber(number),
            locked,
            active,
            added_at: None,
            fingerprint: String::new(),
        }
    }

    #[test]
    fn a_key_is_told_by_what_it_is_for_and_when_it_was_made() {
        let now = UnixMillis(10_000_000);
        let made = KeyView {
            added_at: Some(UnixMillis(now.0 - 180_000)),
            ..key(2, false, true)
        };
        assert_eq!(note(&made, now), "Active · Made 3 min ago");
        assert_eq!(note(&key(1, false, false), now), "");
        assert_eq!(note(&key(3, true, true), now), "Locked on this device");
    }

    #[test]
    fn digits_stand_in_groups_of_five() {
        assert_eq!(groups("123456789012"), "12345 67890 12");
        assert_eq!(groups(""), "");
    }

    #[test]
    fn the_next_key_has_the_next_number() {
        assert_eq!(next_number(&[]), KeyNumber(1));
        let two = [key(1, false, false), key(2, true, true)];
        assert_eq!(next_number(&two), KeyNumber(3));
        assert_eq!(
            summary(&two),
            "2 keys, 1 locked: open it to read what is new"
        );
        assert_eq!(summary(&two[..1]), "1 key");
    }

    #[test]
    fn only_a_keys_own_password_is_asked_for_beside_the_other() {
        let wrong = WireError::new(ErrorCode::PasswordWrong);
        assert!(!is_of_other(&wrong));
        assert!(is_of_other(&wrong.with("field", "other")));
    }
}
