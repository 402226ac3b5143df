//! A button that opens a menu.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::icon::Icon;
use crate::app::App;

/// A line of a menu.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// Its hook.
    pub hook: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Its icon.
    pub icon: icondata_core::Icon,
    /// What is to be known before it is chosen, in a line below.
    pub note: Option<Signal<Option<String>>>,
    /// What it does; the menu is closed by then.
    pub act: Callback<()>,
}

/// The button and its menu.
#[component]
pub(crate) fn MenuButton(
    /// Hook of the button.
    hook: &'static str,
    /// Its label.
    label: &'static str,
    /// What the menu is called.
    menu: &'static str,
    /// Its icon.
    icon: icondata_core::Icon,
    /// Whether it stands out.
    #[prop(optional)]
    accent: bool,
    /// What can be chosen; at least one.
    entries: Vec<Entry>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let entries = StoredValue::new(entries);
    view! {
        <div class="new">
            <button
                type="button"
                class="icon-button"
                class:accent=accent
                data-test=hook
                aria-label=label
                title=label
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon icon size=20/>
            </button>
            {move || open.get().then(|| view! {
                <Menu button=hook label=menu open entries=entries.get_value()/>
            })}
        </div>
    }
}

#[component]
fn Menu(
    button: &'static str,
    label: &'static str,
    open: RwSignal<bool>,
    entries: Vec<Entry>,
) -> impl IntoView {
    let close = move || {
        open.set(false);
        crate::dom::focus(button);
    };
    App::here().on_escape(close);
    let hooks: Vec<&'static str> = entries.iter().map(|entry| entry.hook).collect();
    if let Some(first) = hooks.first() {
        crate::dom::focus(first);
    }
    let keydown = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => hooks.len() - 1,
            "Tab" => {
                close();
                return event.prevent_default();
            }
            _ => return,
        };
        event.prevent_default();
        let focused = document()
            .active_element()
            .and_then(|e| e.get_attribute("data-test"));
        let now = hooks
            .iter()
            .position(|hook| focused.as_deref() == Some(*hook))
            .unwrap_or_default();
        crate::dom::focus(hooks[(now + step) % hooks.len()]);
    };
    view! {
        <div class="menu-away" on:click=move |_| open.set(false)></div>
        <div class="menu" role="menu" aria-label=label on:keydown=keydown>
            {entries
                .into_iter()
                .map(|Entry { hook, label, icon, note, act }| view! {
                    <button
                        type="button"
                        class="menu-item"
                        role="menuitem"
                        tabindex="-1"
                        data-test=hook
                        on:click=move |_| {
                            close();
                            act.run(());
                        }
                    >
                        <Icon icon/>
                        <span class="menu-text">
                            {label}
                            {move || note.and_then(|note| note.get()).map(|note| view! {
                                " "<span class="menu-note">{note}</span>
                            })}
                        </span>
                    </button>
                })
                .collect_view()}
        </div>
    }
}
