//! A safety number as a QR code, and the other side's before the camera or in a picture.

use leptos::{ev, html, prelude::*};
use proto::{
    bridge::popup::{Landing, OpenPage},
    bytes::Hex,
    safety::SafetyCode,
};
use webext::{
    codes::{self, Unread},
    page, time,
};

use super::{Seen, camera::Camera};
use crate::{
    components::{
        icon::Icon,
        notice::{Notice, Tone},
    },
    message::contact::Compared,
};

/// The code, for the other side to scan; nothing before it is drawn.
#[component]
pub(super) fn NumberCode(
    /// This side's digits, then the other's.
    digits: String,
) -> impl IntoView {
    let drawn = RwSignal::new(None);
    if let Ok(code) = SafetyCode::of_digits(&digits) {
        time::spawn(async move {
            // Who cannot see it has the digits.
            if let Ok(code) = codes::draw(&code.to_string()).await {
                drawn.try_set(Some(code));
            }
        });
    }
    view! {
        <div class="safety-code" data-test="safety-code">
            {move || drawn.get().map(|code| view! {
                <svg
                    role="img"
                    aria-label="The safety number as a QR code"
                    viewBox=format!("0 0 {0} {0}", code.side)
                    shape-rendering="crispEdges"
                >
                    <path d=code.path></path>
                </svg>
            })}
        </div>
    }
}

/// The way to theirs. Popups close over a file chooser, and over the browser's question for the camera: there it is in a page of its own.
#[component]
pub(super) fn Scan(
    /// Whose.
    seen: Seen,
    /// The key that the number is of.
    key: Hex<33>,
    /// This side's digits, then the other's.
    digits: String,
    /// Whether it is another key than the one that is believed: a picture alone does not take it.
    is_new: bool,
) -> impl IntoView {
    let compared = RwSignal::new(None::<Compared>);
    let digits = StoredValue::new(digits);
    let camera = RwSignal::new(false);
    let judge = move |found: Result<Vec<String>, Unread>| {
        // The screen was left meanwhile.
        let Some(digits) = digits.try_get_value() else {
            return;
        };
        let result = Compared::of(&digits, &found);
        // Other codes may lie about where the camera looks.
        if result != Compared::Foreign {
            camera.set(false);
        }
        if result == Compared::Same && !is_new {
            seen.trust(key, true, "The same: compared");
        } else if compared.get_untracked() != Some(result) {
            compared.set(Some(result));
        }
    };
    let scan = move |file: web_sys::File| {
        compared.set(None);
        camera.set(false);
        time::spawn(async move { judge(codes::read(&file).await) });
    };
    let pasted = window_event_listener(ev::paste, move |event| {
        let files = event.clipboard_data().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            event.prevent_default();
            scan(file);
        }
    });
    on_cleanup(move || pasted.remove());
    view! {
        {move || compared.get().map(|it| view! {
            <Notice
                tone=match it {
                    Compared::Same => Tone::Info,
                    Compared::Differs => Tone::Danger,
                    _ => Tone::Warning,
                }
                hook=it.name()
                text=it.told()
            >
                {(it == Compared::Same).then(|| view! {
                    <button
                        type="button"
                        class="button small"
                        class:busy=move || seen.busy.get()
                        data-test="take-scanned"
                        on:click=move |_| {
                            seen.trust(key, true, "The new key is compared, and used from now on");
                        }
                    >
                        "Use the new key"
                    </button>
                })}
            </Notice>
        })}
        {if page::is_popup() {
            view! {
                <button
                    type="button"
                    class="button contact-button"
                    data-test="scan-page"
                    on:click=move |_| open_in_tab(seen)
                >
                    <Icon icon=icondata_lu::LuScanQrCode/>
                    "Scan their code"
                </button>
            }
            .into_any()
        } else {
            view! {
                <Camera on=camera on_codes=move |codes| judge(Ok(codes))/>
                <Picture on_file=scan/>
            }
            .into_any()
        }}
    }
}

/// Opens this screen in a tab, and closes the popup.
fn open_in_tab(seen: Seen) {
    let (app, address) = (seen.app, seen.address.get_value());
    time::spawn(async move {
        let landing = Landing::Contact { address };
        if app.ask_or_tell(OpenPage { landing }).await.is_some() {
            page::close();
        }
    });
}

/// A place for a picture.
#[component]
fn Picture(
    /// Called with what was chosen or dropped.
    #[prop(into)]
    on_file: Callback<web_sys::File>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        // The same one can be chosen again.
        input.set_value("");
        if let Some(file) = file {
            on_file.run(file);
        }
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            on_file.run(file);
        }
    };
    view! {
        <label
            class="import-drop contact-drop"
            class:over=move || over.get()
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <Icon icon=icondata_lu::LuScanQrCode size=28/>
            <span class="button" aria-hidden="true">"Choose a picture of their code"</span>
            <span class="import-drop-text">"or drop or paste it here"</span>
            <span class="import-drop-text">
                "Photograph their screen. A picture that was sent to you proves nothing."
            </span>
            <input
                class="import-file"
                type="file"
                data-test="scan-file"
                aria-label="Choose a picture of their code"
                accept="image/png,image/jpeg,image/webp,image/gif"
                node_ref=input
                on:change=chosen
            />
        </label>
    }
}
