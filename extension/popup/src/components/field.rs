//! Text fields: a label above, a line for a hint or an error below, whose place is always kept.

use leptos::{html, prelude::*};

/// Height of a line, and padding above and below, in `field.css`, CSS pixels.
const LINE: u32 = 20;
const AREA_PADDING: u32 = 18;

/// A text field of one line.
#[component]
pub(crate) fn TextField(
    /// Its hook, and the end of its id.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// Called with what is typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What to know about it, where nothing is wrong.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// `type`.
    #[prop(default = Signal::stored("text"), into)]
    kind: Signal<&'static str>,
    /// `autocomplete`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// `inputmode`.
    #[prop(default = "text")]
    mode: &'static str,
    /// Shown while it is empty.
    #[prop(optional)]
    placeholder: &'static str,
    /// Called when the focus leaves it.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
    /// Whether it takes the focus when the screen appears.
    #[prop(optional)]
    focused: bool,
    /// Whether its characters are of one width.
    #[prop(optional)]
    mono: bool,
    /// What stands at the right, inside its frame.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    if focused {
        focus_when_mounted(input);
    }
    let id = format!("field-{name}");
    let message_id = format!("{id}-message");
    view! {
        <div class="field" data-invalid=move || error.with(Option::is_some).to_string()>
            <label class="field-label" for=id.clone()>{label}</label>
            <div class="field-frame">
                <input
                    class="field-input"
                    class:mono=mono
                    id=id
                    data-test=name
                    type=move || kind.get()
                    autocomplete=autocomplete
                    inputmode=mode
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder=placeholder
                    aria-describedby=message_id.clone()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    node_ref=input
                    prop:value=move || value.get()
                    on:input=move |event| on_input.run(event_target_value(&event))
                    on:blur=move |_| {
                        // Leaving the screen takes the focus too, and what it was told to.
                        on_leave.and_then(|on_leave| on_leave.try_run(()));
                    }
                />
                {children.map(|children| children())}
            </div>
            <Message id=message_id error hint/>
        </div>
    }
}

/// A text field of several lines that grows with its text.
#[component]
pub(crate) fn TextArea(
    /// Its hook, and the end of its id.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// Called with what is typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What to know about it, where nothing is wrong.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// Lines shown at least.
    #[prop(default = 3)]
    rows: u32,
    /// Whether it takes the focus when the screen appears.
    #[prop(optional)]
    focused: bool,
) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    if focused {
        Effect::new(move || {
            if let Some(area) = area.get() {
                crate::dom::focus_element(&area);
            }
        });
    }
    let id = format!("field-{name}");
    let message_id = format!("{id}-message");
    view! {
        <div class="field" data-invalid=move || error.with(Option::is_some).to_string()>
            <label class="field-label" for=id.clone()>{label}</label>
            <div class="field-frame">
                <textarea
                    class="field-input field-area"
                    id=id
                    data-test=name
                    style:min-height=format!("{}px", rows * LINE + AREA_PADDING)
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=message_id.clone()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    node_ref=area
                    prop:value=move || value.get()
                    on:input=move |event| on_input.run(event_target_value(&event))
                ></textarea>
            </div>
            <Message id=message_id error hint/>
        </div>
    }
}

/// The line below a field.
#[component]
pub(crate) fn Message(
    /// Its id, for `aria-describedby`.
    id: String,
    /// What is wrong.
    error: Signal<Option<String>>,
    /// What to know.
    hint: Signal<String>,
) -> impl IntoView {
    view! {
        <p class="field-message" id=id aria-live="polite">
            {move || match error.get() {
                Some(error) => {
                    view! { <span class="field-error" data-test="error">{error}</span> }.into_any()
                }
                None => hint.get().into_any(),
            }}
        </p>
    }
}

/// Gives an input the focus as soon as it is on the page.
pub(crate) fn focus_when_mounted(input: NodeRef<html::Input>) {
    Effect::new(move || {
        if let Some(input) = input.get() {
            crate::dom::focus_element(&input);
        }
    });
}
