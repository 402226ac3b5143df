//! The page itself: where the focus is, and how large something is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

/// Whether the focus is where letters are typed.
pub(crate) fn typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && element
                .get_attribute("type")
                .is_none_or(|t| t != "checkbox" && t != "range")
    })
}

/// Focuses the element with a hook (`data-test`), in the next frame.
pub(crate) fn focus(hook: &'static str) {
    request_animation_frame(move || {
        let found = document().query_selector(&format!("[data-test='{hook}']"));
        if let Ok(Some(element)) = found {
            focus_element(&element);
        }
    });
}

/// The same where nothing has the focus: what had it went away.
pub(crate) fn focus_if_lost(hook: &'static str) {
    request_animation_frame(move || {
        let held = document().active_element();
        if held.is_none_or(|element| element.tag_name() == "BODY") {
            focus(hook);
        }
    });
}

/// Focuses an element and tells, the first time, when that was.
pub(crate) fn focus_element(element: &web_sys::Element) {
    let Some(element) = element.dyn_ref::<HtmlElement>() else {
        return;
    };
    if element.focus().is_err() {
        return;
    }
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        mark_ready();
        input.select();
    }
}

/// Sets `data-ready` (ms since the page began) on the root element, once.
fn mark_ready() {
    let Some(root) = document().document_element() else {
        return;
    };
    if root.has_attribute("data-ready") {
        return;
    }
    if let Some(performance) = window().performance() {
        // An attribute that cannot be set is missed by nobody but the bench.
        drop(root.set_attribute("data-ready", &performance.now().to_string()));
    }
}

/// Height of what a selector finds first, CSS pixels; 0 where it finds nothing.
pub(crate) fn height_of(selector: &str) -> i32 {
    let found = document().query_selector(selector).ok().flatten();
    found
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
        .map_or(0, |element| element.offset_height())
}

/// Scrolls a list so far that one of its rows is in sight. The list is what the row is positioned in.
pub(crate) fn reveal(list: &HtmlElement, row_id: &str) {
    let row = document().get_element_by_id(row_id);
    let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    let (top, bottom) = (row.offset_top(), row.offset_top() + row.offset_height());
    let seen = list.scroll_top();
    if top < seen {
        list.set_scroll_top(top);
    } else if bottom > seen + list.client_height() {
        list.set_scroll_top(bottom - list.client_height());
    }
}
