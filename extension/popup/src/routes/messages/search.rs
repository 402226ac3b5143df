//! The search box of the conversations.

use leptos::{html, prelude::*};

use super::Listed;
use crate::components::icon::Icon;

/// The box; the keys of the list work in it.
#[component]
pub(super) fn SearchBox(list: Listed) -> impl IntoView {
    let query = list.app.message_query;
    let input = NodeRef::<html::Input>::new();
    crate::components::field::focus_when_mounted(input);
    view! {
        <div class="search">
            <Icon icon=icondata_lu::LuSearch/>
            <input
                class="search-input"
                data-test="search-messages"
                type="search"
                role="combobox"
                aria-label="Search messages"
                aria-controls="conversations"
                aria-haspopup="listbox"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-activedescendant=move || list.current().map(|entry| entry.id())
                aria-keyshortcuts="/"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder="Search messages"
                node_ref=input
                prop:value=move || query.get()
                on:input=move |event| query.set(event_target_value(&event))
                on:keydown=move |event| list.key(&event)
            />
            {move || if query.with(String::is_empty) {
                view! { <kbd class="search-key" aria-hidden="true">"/"</kbd> }.into_any()
            } else {
                view! {
                    <button
                        type="button"
                        class="icon-button small"
                        data-test="clear-search"
                        aria-label="Clear search"
                        title="Clear (Esc)"
                        on:click=move |_| {
                            query.set(String::new());
                            crate::dom::focus("search-messages");
                        }
                    >
                        <Icon icon=icondata_lu::LuX size=16/>
                    </button>
                }.into_any()
            }}
        </div>
    }
}
