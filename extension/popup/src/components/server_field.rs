//! The server of an address, for those whose domain does not name it.

use leptos::prelude::*;

use super::{field::TextField, icon::Icon};
use crate::app::App;

/// A disclosure with the server's field.
#[component]
pub(crate) fn ServerField() -> impl IntoView {
    let app = App::here();
    let open = RwSignal::new(app.start.with_untracked(|start| !start.server.is_empty()));
    view! {
        <div class="disclosure">
            <button
                type="button"
                class="disclosure-button"
                data-test="server-toggle"
                aria-expanded=move || open.get().to_string()
                aria-controls="server"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon icon=icondata_lu::LuChevronRight size=16/>
                "Advanced: server"
            </button>
            <div id="server" hidden=move || !open.get()>
                <TextField
                    name="server-input"
                    label="Server"
                    value=Signal::derive(move || app.start.with(|start| start.server.clone()))
                    on_input=move |text| app.start.update(|start| start.server = text)
                    hint="Empty: the address' domain names its server."
                    placeholder="https://vault.example.com"
                    mode="url"
                />
            </div>
        </div>
    }
}
