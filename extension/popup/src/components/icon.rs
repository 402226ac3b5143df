//! Icons: Lucide's, drawn in the colour of the text beside them.

use leptos::prelude::*;

/// One icon, hidden from screen readers: its button or text says what it means.
#[component]
pub(crate) fn Icon(
    /// Which.
    icon: icondata_core::Icon,
    /// Width and height, CSS pixels.
    #[prop(default = 18)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            width=size
            height=size
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=icon.data
        ></svg>
    }
}
