//! A question over the screen. The browser's own modal dialog: it keeps the focus inside and
//! gives it back.

use leptos::{html, prelude::*};

use crate::app::App;

/// A question with two answers; what is put inside stands between text and buttons.
#[component]
pub(crate) fn Dialog(
    /// What is asked.
    #[prop(into)]
    title: String,
    /// What follows from it.
    #[prop(into)]
    text: String,
    /// What the button that does it says.
    #[prop(into)]
    confirm: String,
    /// What the button that leaves it says.
    #[prop(default = "Cancel")]
    cancel: &'static str,
    /// Whether doing it destroys something.
    #[prop(optional)]
    danger: bool,
    /// Whether it can be done as things stand.
    #[prop(default = Signal::from(true), into)]
    ready: Signal<bool>,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// Leaves it.
    #[prop(into)]
    on_cancel: Callback<()>,
    /// Fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let app = App::here();
    let dialog = NodeRef::<html::Dialog>::new();
    app.on_escape(move || on_cancel.run(()));
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if !dialog.open() {
            // It fails only where it is open already or not on the page: neither holds here.
            drop(dialog.show_modal());
        }
    });
    view! {
        <dialog
            class="dialog"
            data-test="dialog"
            aria-labelledby="dialog-title"
            aria-describedby="dialog-body"
            node_ref=dialog
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_cancel.run(());
            }
        >
            <form
                method="dialog"
                on:submit=move |event| {
                    event.prevent_default();
                    if ready.get_untracked() {
                        on_confirm.run(());
                    }
                }
            >
                <h2 class="dialog-title" id="dialog-title">{title}</h2>
                <p class="dialog-text" id="dialog-body">{text}</p>
                {children.map(|children| children())}
                <div class="dialog-actions">
                    <button
                        type="button"
                        class="button"
                        data-test="dialog-cancel"
                        on:click=move |_| on_cancel.run(())
                    >
                        {cancel}
                    </button>
                    <button
                        type="submit"
                        class="button"
                        class:primary=!danger
                        class:danger=danger
                        data-test="dialog-confirm"
                        aria-disabled=move || (!ready.get()).to_string()
                    >
                        {confirm}
                    </button>
                </div>
            </form>
        </dialog>
    }
}
