//! A form that does one thing, and asks for the password first.

use leptos::prelude::*;
use proto::{
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::password_field::PasswordField;
use crate::dom;

/// A field and a button. What is wrong with what was typed is told at the field until it is mended.
#[component]
pub(crate) fn PasswordForm<F, Done>(
    /// Hook of the field.
    name: &'static str,
    /// Hook of the button.
    hook: &'static str,
    /// What the button says.
    button: &'static str,
    /// Whether it is what the screen is for.
    #[prop(optional)]
    primary: bool,
    /// The form's class.
    class: &'static str,
    /// What is done with the password; a refusal is told.
    act: F,
    /// What to know before.
    children: Children,
) -> impl IntoView
where
    F: Fn(SecretText) -> Done + 'static,
    Done: Future<Output = Result<(), WireError>> + 'static,
{
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    Effect::new(move || {
        if !password.with(String::is_empty) {
            failure.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            dom::focus(name);
            return;
        }
        busy.set(true);
        let doing = act(SecretText::new(password.get_untracked()));
        time::spawn(async move {
            if let Err(problem) = doing.await {
                if problem.code == ErrorCode::PasswordWrong {
                    password.try_set(String::new());
                }
                failure.try_set(Some(problem));
                dom::focus(name);
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class=class novalidate on:submit=submit>
            {children()}
            <PasswordField
                name
                label="Your password"
                value=password
                shown
                error
                autocomplete="current-password"
            />
            <button
                type="submit"
                class="button large"
                class:primary=primary
                class:busy=move || busy.get()
                data-test=hook
                aria-disabled=move || busy.get().to_string()
            >
                {button}
            </button>
        </form>
    }
}
