//! A message in a screen: something failed, or something is to be known.

use leptos::prelude::*;

use super::icon::Icon;

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// To know.
    Info,
    /// To think of.
    Warning,
    /// Failed.
    Danger,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// A notice; what is put inside stands below its text.
#[component]
pub(crate) fn Notice(
    /// How grave.
    tone: Tone,
    /// Its hook.
    #[prop(into)]
    hook: String,
    /// What it says.
    #[prop(into)]
    text: Signal<String>,
    /// A line below it that may change by the second, and is not read out each time.
    #[prop(optional, into)]
    note: Option<Signal<Option<String>>>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let icon = match tone {
        Tone::Info => icondata_lu::LuInfo,
        Tone::Warning => icondata_lu::LuTriangleAlert,
        Tone::Danger => icondata_lu::LuCircleAlert,
    };
    let role = if tone == Tone::Danger {
        "alert"
    } else {
        "status"
    };
    view! {
        <div class="notice" data-tone=tone.name() data-test=hook>
            <Icon icon size=16/>
            <div class="notice-text">
                <p role=role>{move || told(&text.get())}</p>
                {note.map(|note| view! { <p class="notice-note">{move || note.get()}</p> })}
            </div>
            {children.map(|children| view! { <div class="notice-actions">{children()}</div> })}
        </div>
    }
}

/// A text for people, in which commands stand between backticks.
pub(crate) fn told(text: &str) -> Vec<AnyView> {
    let parts = text.split('`').map(str::to_owned).enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        })
        .collect()
}
