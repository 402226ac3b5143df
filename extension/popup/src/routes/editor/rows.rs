//! The parts of a form that repeat: web addresses and added fields.

use leptos::prelude::*;
use proto::vault::UrlMatch;

use super::EditorState;
use crate::{
    components::{field::TextField, icon::Icon},
    form::{FieldRow, UrlRow},
    routes::item::match_word,
};

const RULES: [(UrlMatch, &str); 3] = [
    (UrlMatch::Site, "site"),
    (UrlMatch::Host, "host"),
    (UrlMatch::Origin, "origin"),
];

impl EditorState {
    fn update_url(self, key: u32, change: impl FnOnce(&mut UrlRow)) {
        self.form.update(|form| {
            if let Some(row) = form.urls.iter_mut().find(|row| row.key == key) {
                change(row);
            }
        });
    }

    fn update_field(self, key: u32, change: impl FnOnce(&mut FieldRow)) {
        self.form.update(|form| {
            if let Some(row) = form.fields.iter_mut().find(|row| row.key == key) {
                change(row);
            }
        });
    }
}

/// Web addresses, each with its rule.
#[component]
pub(super) fn Urls(state: EditorState) -> impl IntoView {
    let keys = Memo::new(move |_| {
        state.form.with(|form| {
            form.urls
                .iter()
                .map(|row| row.key)
                .enumerate()
                .collect::<Vec<_>>()
        })
    });
    view! {
        <fieldset class="group" aria-label="Web addresses">
            <For each=move || keys.get() key=|row| *row let((position, key))>
                <UrlField state position key/>
            </For>
            <button
                type="button"
                class="add-button"
                data-test="add-url"
                on:click=move |_| state.form.update(|form| form.add_url(""))
            >
                <Icon icon=icondata_lu::LuPlus size=16/>
                "Add a web address"
            </button>
        </fieldset>
    }
}

#[component]
fn UrlField(state: EditorState, position: usize, key: u32) -> impl IntoView {
    let row = move || {
        state
            .form
            .with(|form| form.urls.iter().find(|row| row.key == key).cloned())
    };
    let matching = Memo::new(move |_| row().map(|row| row.matching).unwrap_or_default());
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some((rule, _)) = RULES.iter().find(|(_, name)| *name == chosen) {
            state.update_url(key, |row| row.matching = *rule);
        }
    };
    let label = match position {
        0 => "Web address".to_owned(),
        more => format!("Web address {}", more + 1),
    };
    view! {
        <div class="repeat">
            <TextField
                name=format!("url-{position}")
                label
                value=Signal::derive(move || row().map(|row| row.url).unwrap_or_default())
                on_input=move |text| state.update_url(key, |row| row.url = text)
                error=state.problem(format!("url-{position}"))
                placeholder="https://example.com"
                mode="url"
            >
                <button
                    type="button"
                    class="icon-button"
                    data-test=format!("remove-url-{position}")
                    aria-label=format!("Remove web address {}", position + 1)
                    title="Remove"
                    on:click=move |_| state.form.update(|form| form.urls.retain(|row| row.key != key))
                >
                    <Icon icon=icondata_lu::LuX size=16/>
                </button>
            </TextField>
            <label class="option match">
                <span class="option-label">"Fill on"</span>
                <span class="select">
                    <select
                        data-test=format!("match-{position}")
                        aria-label=format!("Fill web address {} on", position + 1)
                        on:change=choose
                    >
                        {RULES.map(|(rule, name)| view! {
                            <option value=name selected=move || matching.get() == rule>
                                {match_word(rule)}
                            </option>
                        })}
                    </select>
                    <Icon icon=icondata_lu::LuChevronDown size=16/>
                </span>
            </label>
        </div>
    }
}

/// Added fields.
#[component]
pub(super) fn CustomFields(state: EditorState) -> impl IntoView {
    let keys = Memo::new(move |_| {
        state.form.with(|form| {
            form.fields
                .iter()
                .map(|row| row.key)
                .enumerate()
                .collect::<Vec<_>>()
        })
    });
    view! {
        <fieldset class="group">
            <legend class="section-title">"More fields"</legend>
            <For each=move || keys.get() key=|row| *row let((position, key))>
                <CustomField state position key/>
            </For>
            <button
                type="button"
                class="add-button"
                data-test="add-field"
                on:click=move |_| state.form.update(crate::form::ItemForm::add_field)
            >
                <Icon icon=icondata_lu::LuPlus size=16/>
                "Add a field"
            </button>
        </fieldset>
    }
}

#[component]
fn CustomField(state: EditorState, position: usize, key: u32) -> impl IntoView {
    let row = move || {
        state
            .form
            .with(|form| form.fields.iter().find(|row| row.key == key).cloned())
    };
    let concealed = Memo::new(move |_| row().is_some_and(|row| row.concealed));
    let kind = Signal::derive(move || if concealed.get() { "password" } else { "text" });
    let label = move || {
        if concealed.get() {
            "Shown as dots"
        } else {
            "Shown in clear"
        }
    };
    view! {
        <div class="repeat field-row">
            <TextField
                name=format!("field-name-{position}")
                label="Name"
                value=Signal::derive(move || row().map(|row| row.name).unwrap_or_default())
                on_input=move |text| state.update_field(key, |row| row.name = text)
                error=state.problem(format!("field-name-{position}"))
            />
            <TextField
                name=format!("field-value-{position}")
                label="Value"
                value=Signal::derive(move || row().map(|row| row.value).unwrap_or_default())
                on_input=move |text| state.update_field(key, |row| row.value = text)
                kind
            >
                <button
                    type="button"
                    class="icon-button"
                    data-test=format!("field-concealed-{position}")
                    aria-pressed=move || concealed.get().to_string()
                    aria-label=label
                    title=label
                    on:click=move |_| state.update_field(key, |row| row.concealed = !row.concealed)
                >
                    {move || if concealed.get() {
                        view! { <Icon icon=icondata_lu::LuEyeOff size=16/> }
                    } else {
                        view! { <Icon icon=icondata_lu::LuEye size=16/> }
                    }}
                </button>
                <button
                    type="button"
                    class="icon-button"
                    data-test=format!("remove-field-{position}")
                    aria-label="Remove this field"
                    title="Remove"
                    on:click=move |_| state.form.update(|form| form.fields.retain(|row| row.key != key))
                >
                    <Icon icon=icondata_lu::LuX size=16/>
                </button>
            </TextField>
        </div>
    }
}
