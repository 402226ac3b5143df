//! Choosing a file, and its password.

use leptos::{ev, html, prelude::*};

use super::steps::Steps;
use crate::{
    components::{
        icon::Icon,
        notice::{Notice, Tone},
        password_field::PasswordField,
    },
    dom,
};

/// Where each program has its export.
const SOURCES: [(&str, &str); 7] = [
    (
        "Chrome, Edge, Brave, Vivaldi, Opera",
        "Password manager › Settings › Export passwords (CSV)",
    ),
    ("Firefox", "Passwords › ⋯ › Export passwords (CSV)"),
    ("Safari, Apple Passwords", "File › Export passwords (CSV)"),
    (
        "Bitwarden",
        "Tools › Export vault: JSON, JSON protected by a password, or ZIP",
    ),
    ("1Password", "File › Export: 1PUX"),
    ("KeePass, KeePassXC", "File › Export: XML"),
    (
        "Proton Pass",
        "Settings › Export: JSON or ZIP without encryption",
    ),
];

/// The first step.
#[component]
pub(super) fn Choose(steps: Steps) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    dom::focus("import-file");
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        // The same file can be chosen again once it was mended.
        input.set_value("");
        if let Some(file) = file {
            steps.pick(file);
        }
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            steps.pick(file);
        }
    };
    view! {
        <div class="content">
            <p class="lead">
                "Everything is read on this computer. You see what is in the file before anything is written."
            </p>
            {move || steps.failure.get().map(|text| view! {
                <Notice tone=Tone::Danger hook="error" text/>
            })}
            <label
                class="import-drop"
                class:over=move || over.get()
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                <Icon icon=icondata_lu::LuFileUp size=28/>
                <span class="button primary" aria-hidden="true">"Choose a file"</span>
                <span class="import-drop-text">"or drop it here"</span>
                <input
                    class="import-file"
                    type="file"
                    data-test="import-file"
                    aria-label="Choose a file to import"
                    accept=".csv,.json,.zip,.1pux,.xml,.txt"
                    node_ref=input
                    on:change=chosen
                />
            </label>
            <h2 class="section-title">"Where to find the file"</h2>
            <dl class="parts import-sources">
                {SOURCES
                    .into_iter()
                    .map(|(name, place)| view! {
                        <div class="part"><dt>{name}</dt><dd>{place}</dd></div>
                    })
                    .collect_view()}
            </dl>
            <p class="footnote">
                <Icon icon=icondata_lu::LuTriangleAlert size=16/>
                <span>
                    "An export is readable by anybody who gets at it. Delete the file, and empty the trash, once it is imported."
                </span>
            </p>
        </div>
    }
}

/// The password of a file that has one.
#[component]
pub(super) fn FilePassword(steps: Steps) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let error = Signal::derive(move || steps.failure.get());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = password.get_untracked();
        if typed.is_empty() {
            dom::focus("file-password");
        } else {
            steps.open(typed);
        }
    };
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">
                "This file is protected by a password: the one that was typed when it was exported."
            </p>
            <PasswordField
                name="file-password"
                label="Password of the file"
                value=password
                shown
                error
                autocomplete="off"
                focused=true
            />
            <div class="import-actions">
                <button
                    type="button"
                    class="button"
                    data-test="other-file"
                    on:click=move |_| steps.start_over()
                >
                    "Other file"
                </button>
                <button type="submit" class="button primary" data-test="open-file">"Open"</button>
            </div>
        </form>
    }
}
