//! Whether the browser tells of new messages.
//!
//! What is set is the browser's permission itself: it is asked for here, not at the installation, and given back here.

use leptos::prelude::*;
use webext::{permissions::Permission, time};

use crate::components::option::Switch;

/// The section.
#[component]
pub(super) fn Notifying() -> impl IntoView {
    let on = RwSignal::new(false);
    let look = move || {
        time::spawn(async move {
            let allowed = Permission::Notifications.is_given().await;
            on.try_set(allowed);
        });
    };
    look();
    let set = move |wanted: bool| {
        on.set(wanted);
        if wanted {
            // At once: a browser asks only under the press itself.
            Permission::Notifications.ask(move |_| look());
        } else {
            time::spawn(async move {
                // One that it keeps is shown as kept.
                let _ = Permission::Notifications.give_up().await;
                look();
            });
        }
    };
    view! {
        <h2 class="section-title">"Notifications"</h2>
        <div class="card">
            <Switch
                hook="notify-messages"
                label="Tell of new messages"
                on=on.into()
                on_change=set
            />
        </div>
        <p class="setting-note">
            "While the vault is open. It says that a message came, not from whom and not what it says."
        </p>
    }
}
