//! A one-time code that was just made: shown once, kept nowhere.

use leptos::prelude::*;
use proto::bridge::popup::GivenCode;
use webext::time;

use super::Shown;
use crate::{api, components::dialog::Dialog, dom, format};

/// The code, with until when it is good.
#[component]
pub(super) fn GivenDialog(shown: Shown, given: GivenCode) -> impl IntoView {
    let GivenCode {
        address,
        code,
        expires_at,
    } = given;
    let copied = RwSignal::new(false);
    // EXPOSE: whoever asked for it passes it on.
    let text = code.expose_secret().to_owned();
    let copy = move |()| {
        let code = code.clone();
        time::spawn(async move {
            let done = shown.app.copy_text(code).await;
            copied.try_set(done);
        });
    };
    let close = move |()| {
        shown.given.set(None);
        dom::focus("invite-name");
    };
    let until = format::date(api::wall(expires_at));
    view! {
        <Dialog
            title=format!("Code for {address}")
            text=format!(
                "Give it to its owner by a way that you trust. It is good once, until {until}, and is not shown again; a new one for the same takes its place. It is used on Pearvault's first screen: “I have a code”."
            )
            confirm="Copy"
            cancel="Done"
            on_confirm=copy
            on_cancel=close
        >
            <p class="dialog-text mono" data-test="given-code">{text}</p>
            <p class="dialog-text" role="status" data-test="given-copied">
                {move || copied.get().then_some("Copied: paste it now.")}
            </p>
        </Dialog>
    }
}
