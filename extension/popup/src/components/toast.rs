//! One line at the bottom that tells what was done and goes away by itself.

use leptos::prelude::*;
use proto::{error::WireError, ids::ItemId};
use webext::time;

use super::icon::Icon;
use crate::{app::App, dom};

/// Height of the bar at the bottom, `--bar` in `tokens.css`, CSS pixels.
const BAR: i32 = 56;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toast {
    text: String,
    failed: bool,
    undo: Option<ItemId>,
}

impl Toast {
    /// Something was done.
    pub(crate) fn done(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            failed: false,
            undo: None,
        }
    }

    /// Something failed.
    pub(crate) fn error(error: &WireError) -> Self {
        Self {
            text: error.message.clone(),
            failed: true,
            undo: None,
        }
    }

    /// Something cannot be done, for a reason of the screen's own.
    pub(crate) fn failed(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            failed: true,
            undo: None,
        }
    }

    /// An item was deleted.
    pub(crate) fn deleted(id: ItemId, title: &str) -> Self {
        Self {
            text: format!("Deleted “{title}”"),
            failed: false,
            undo: Some(id),
        }
    }

    /// Whether it goes with the screen that it was told on: what failed and what can be undone stays.
    pub(crate) fn goes_with_its_screen(&self) -> bool {
        !self.failed && self.undo.is_none()
    }

    /// Whether it tells of a failure.
    #[cfg(test)]
    pub(crate) fn is_failure(&self) -> bool {
        self.failed
    }

    /// How long it stays, milliseconds: longer where there is something to do or to understand.
    fn stays(&self) -> u32 {
        if self.undo.is_some() || self.failed {
            10_000
        } else {
            4_000
        }
    }
}

/// The place of the toast; a live region, so that it is read out.
#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let app = App::here();
    let held = RwSignal::new(false);
    let shown = StoredValue::new(0_u32);
    Effect::new(move || {
        let Some(toast) = app.toast.get() else { return };
        let number = shown.get_value().wrapping_add(1);
        shown.set_value(number);
        time::spawn(async move {
            time::sleep(toast.stays()).await;
            while held.get_untracked() {
                time::sleep(1_000).await;
            }
            if shown.get_value() == number {
                app.toast.set(None);
            }
        });
    });
    // Above what the list has below it: that has buttons of its own.
    let lift = RwSignal::new(0);
    Effect::new(move || {
        if app.toast.with(Option::is_none) {
            return;
        }
        app.route.track();
        app.status.track();
        app.site.track();
        app.can_undo.track();
        app.unfinished.track();
        app.results.track();
        app.vault_news.track();
        // As it stands once all of that is drawn.
        request_animation_frame(move || {
            let banners = dom::height_of(".banners");
            lift.set(match banners {
                0 => (dom::height_of(".composer, .thread-notice.below") - BAR).max(0),
                _ => banners + dom::height_of(".hints"),
            });
        });
    });
    let line = move || {
        app.toast.get().map(|toast| {
            let tone = if toast.failed { "error" } else { "done" };
            let icon = if toast.failed {
                icondata_lu::LuCircleAlert
            } else {
                icondata_lu::LuCheck
            };
            view! {
                <div class="toast" data-test="toast" data-tone=tone>
                    <Icon icon/>
                    <span class="toast-text">{toast.text}</span>
                    {toast.undo.map(|id| view! {
                        <button
                            type="button"
                            class="toast-button"
                            data-test="undo"
                            on:click=move |_| app.undelete(id)
                        >
                            "Undo"
                        </button>
                    })}
                    <button
                        type="button"
                        class="toast-close"
                        aria-label="Dismiss"
                        data-test="dismiss"
                        on:click=move |_| app.toast.set(None)
                    >
                        <Icon icon=icondata_lu::LuX size=16/>
                    </button>
                </div>
            }
        })
    };
    view! {
        <div
            class="toasts"
            role="status"
            aria-live="polite"
            style:margin-bottom=move || format!("{}px", lift.get())
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| held.set(false)
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
        >
            {line}
        </div>
    }
}
