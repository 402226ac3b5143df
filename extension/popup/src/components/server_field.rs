//! The server of an address, for those whose domain does not name it.

use leptos::prelude::*;
use proto::error::{ErrorCode, WireError};

use super::{field::TextField, icon::Icon};
use crate::app::App;

/// A disclosure with the server's field.
#[component]
pub(crate) fn ServerField(
    /// Whether it is asked for: then it opens, and stays so.
    #[prop(into)]
    wanted: Signal<bool>,
) -> impl IntoView {
    let app = App::here();
    let open = RwSignal::new(app.start.with_untracked(|start| !start.server.is_empty()));
    Effect::new(move || {
        if wanted.get() {
            open.set(true);
        }
    });
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
                    hint="Leave empty to find it from the address."
                    placeholder="https://vault.example.com"
                    mode="url"
                />
            </div>
        </div>
    }
}

/// Whether naming the server, or another, may mend an error.
pub(crate) fn may_mend(error: &WireError) -> bool {
    matches!(
        error.code,
        ErrorCode::NodeUnreachable | ErrorCode::NodeMisbehaved
    ) || error
        .params
        .get("field")
        .is_some_and(|field| field == "server")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_for_where_none_was_found() {
        let malformed = WireError::new(ErrorCode::InvalidField).with("field", "server");
        for (error, expect) in [
            (WireError::new(ErrorCode::NodeUnreachable), true),
            (WireError::new(ErrorCode::NodeMisbehaved), true),
            (malformed, true),
            (WireError::new(ErrorCode::InvalidField), false),
            (WireError::new(ErrorCode::CredentialsWrong), false),
        ] {
            assert_eq!(may_mend(&error), expect, "{error:?}");
        }
    }
}
