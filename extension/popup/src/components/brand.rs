//! The pear.

use leptos::prelude::*;

/// The mark, drawn as in the static skeleton of `popup.html`.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <svg class="brand" viewBox="0 0 48 48" width="56" height="56" aria-hidden="true">
            <path
                class="brand-body"
                d="M24 11c-4.4 0-6.6 3.3-7.2 7.3-.5 3.3-2 4.9-3.9 7.1C11 27.700 9.500 30.200 9.500 33.500 9.500 40 15.500 44.500 24 44.500S38.500 40 38.500 33.500c0-3.300-1.500-5.800-3.400-8.100-1.900-2.200-3.400-3.800-3.900-7.100C30.600 14.300 28.400 11 24 11Z"
            ></path>
            <path class="brand-leaf" d="M25 9.500c.3-4 3.500-6.500 8.500-6.300-.2 4.500-3.500 7-8.500 6.300Z"></path>
            <circle class="brand-key" cx="24" cy="30" r="3.600"></circle>
            <path class="brand-key" d="M22.600 31.500h2.800l1.100 7h-5z"></path>
        </svg>
    }
}
