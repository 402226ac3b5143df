//! The other side's code, before the camera.

use leptos::{html, prelude::*};
use webext::{
    codes::{self, Blind, Watch},
    time,
};

use crate::components::{
    icon::Icon,
    notice::{Notice, Tone},
};

/// A button that looks through the camera, and what it sees. It is off until it is pressed, and as soon as the screen is left.
#[component]
pub(super) fn Camera(
    /// Whether it looks.
    on: RwSignal<bool>,
    /// Called with what codes say that it sees.
    #[prop(into)]
    on_codes: Callback<Vec<String>>,
) -> impl IntoView {
    let failure = RwSignal::new(None::<Blind>);
    view! {
        <button
            type="button"
            class="button contact-button"
            data-test="scan-camera"
            aria-pressed=move || on.get().to_string()
            on:click=move |_| {
                failure.set(None);
                on.update(|on| *on = !*on);
            }
        >
            <Icon icon=icondata_lu::LuCamera/>
            {move || if on.get() { "Stop the camera" } else { "Use the camera" }}
        </button>
        {move || failure.get().map(|why| {
            view! { <Notice tone=Tone::Warning hook="camera-failed" text=told(why)/> }
        })}
        {move || on.get().then(|| view! { <Sight on failure on_codes/> })}
    }
}

/// What the camera sees, as long as this is shown.
#[component]
fn Sight(
    on: RwSignal<bool>,
    failure: RwSignal<Option<Blind>>,
    on_codes: Callback<Vec<String>>,
) -> impl IntoView {
    let video = NodeRef::<html::Video>::new();
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move |_| {
        let Some(video) = video.get() else { return };
        video.scroll_into_view_with_bool(false);
        time::spawn(async move {
            let fail = move |why| {
                failure.try_set(Some(why));
                on.try_set(false);
            };
            let hear = move |seen| match seen {
                Ok(codes) => {
                    on_codes.try_run(codes);
                }
                Err(why) => fail(why),
            };
            let is_wanted = move || watch.try_with_value(|_| ()).is_some();
            match codes::watch(&video, is_wanted, hear).await {
                // Where this is gone by now, the camera is let go at once.
                Ok(new) => drop(watch.try_set_value(Some(new))),
                Err(why) => fail(why),
            }
        });
    });
    view! {
        <div class="camera">
            <video
                node_ref=video
                data-test="camera"
                aria-label="What the camera sees"
                muted
                playsinline
            ></video>
            <p class="setting-note">"Hold the code on their screen before the camera. No picture is kept."</p>
        </div>
    }
}

fn told(why: Blind) -> &'static str {
    match why {
        Blind::Forbidden => {
            "The browser does not let Pearvault use the camera. Allow it at the left of the address bar, or choose a picture."
        }
        Blind::Absent => "There is no camera here. Choose a picture instead.",
        Blind::Busy => {
            "The camera does not answer: another program may be using it. End that, or choose a picture."
        }
        Blind::Hidden => "The camera was switched off, as this page was left.",
        Blind::Broken => "That did not work. Load this page again, or choose a picture.",
    }
}
