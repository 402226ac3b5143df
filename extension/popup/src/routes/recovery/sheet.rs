//! The recovery sheet: on paper only.

use leptos::prelude::*;
use proto::bridge::popup::RecoveryWords;
use webext::time;

use crate::{components::brand::Brand, format};

/// What the printer gets instead of the screen.
#[component]
pub(super) fn Sheet(words: RecoveryWords) -> impl IntoView {
    let list = words.words.iter().map(|word| {
        // EXPOSE: the user asked for it on paper.
        view! { <li>{word.expose_secret().to_owned()}</li> }
    });
    let server = words.server.trim_end_matches("/api/v1").to_owned();
    view! {
        <section class="print-sheet" aria-hidden="true" data-test="sheet">
            <header class="sheet-head">
                <Brand/>
                <div>
                    <h1>"Pearvault recovery sheet"</h1>
                    <p>"Keep it where you keep your passport. Show it to nobody."</p>
                </div>
            </header>
            <dl class="sheet-facts">
                <dt>"Address"</dt>
                <dd>{words.address.to_string()}</dd>
                <dt>"Server"</dt>
                <dd>{server}</dd>
                <dt>"Printed"</dt>
                <dd>{format::date(time::now())}</dd>
            </dl>
            <ol class="sheet-words">{list.collect_view()}</ol>
            <h2>"If you forget your password"</h2>
            <ol class="sheet-steps">
                <li>"Install Pearvault in any browser and open it."</li>
                <li>"Choose “I already have one”, then “Forgot the password?”."</li>
                <li>"Type the address and the 24 words above, in their order. If the server is not found, type it too."</li>
                <li>"Set a new password. Every other device is signed out, and your vault is there again."</li>
            </ol>
            <p class="sheet-note">
                "These words count once four of them were confirmed in Pearvault; words that were made later replace them. Who loses password and words has lost the vault for good."
            </p>
        </section>
    }
}
