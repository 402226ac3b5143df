//! Moving in from another program: a file, what is in it, what of it to take, and what came of it.
//! In the full page only: a file chooser closes the popup in some browsers.

mod choose;
mod model;
mod preview;
mod report;
mod steps;

use leptos::prelude::*;

use self::{
    choose::{Choose, FilePassword},
    preview::Preview,
    report::Report,
    steps::{Stage, Steps},
};
use crate::{
    components::{
        bar::{BottomBar, TopBar},
        notice::{Notice, Tone},
    },
    dom, format,
};

/// The screen.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let steps = Steps::new();
    on_cleanup(move || steps.forget());
    view! {
        <main class="screen">
            <TopBar title="Import"/>
            {move || match steps.stage.get() {
                Stage::Choose => view! { <Choose steps/> }.into_any(),
                Stage::Password => view! { <FilePassword steps/> }.into_any(),
                Stage::Reading => view! { <Reading steps/> }.into_any(),
                Stage::Comparing => view! { <Comparing steps/> }.into_any(),
                Stage::Preview => view! { <Preview steps/> }.into_any(),
                Stage::Writing => view! { <Writing steps/> }.into_any(),
                Stage::Done => view! { <Report steps/> }.into_any(),
            }}
            <BottomBar/>
        </main>
    }
}

#[component]
fn Reading(steps: Steps) -> impl IntoView {
    // All of its bytes are there, and it is found out what they say: nobody knows how long that takes.
    let has_all = Memo::new(move |_| {
        let (done, total) = steps.progress.get();
        done >= total
    });
    view! {
        <div class="content">
            {move || if has_all.get() {
                view! {
                    <p class="import-wait" role="status" data-test="import-wait">
                        <span class="spinner" aria-hidden="true"></span>
                        "Looking through the file…"
                    </p>
                }.into_any()
            } else {
                view! { <Progress steps label="Reading the file" shown=format::megabytes/> }.into_any()
            }}
            <Cancel steps/>
        </div>
    }
}

#[component]
fn Comparing(steps: Steps) -> impl IntoView {
    view! {
        <div class="content">
            <Progress steps label="Comparing with your vault" shown=format::count/>
            <Cancel steps/>
        </div>
    }
}

/// Ends what is done with a file before anything of it is written.
#[component]
fn Cancel(steps: Steps) -> impl IntoView {
    dom::focus("cancel-reading");
    view! {
        <div class="import-actions">
            <button
                type="button"
                class="button"
                data-test="cancel-reading"
                on:click=move |_| steps.start_over()
            >
                "Cancel"
            </button>
        </div>
    }
}

#[component]
fn Writing(steps: Steps) -> impl IntoView {
    let failure = move || steps.failure.get();
    view! {
        <div class="content">
            <Progress steps label="Importing" shown=format::count/>
            {move || match failure() {
                None => view! {
                    <div class="import-actions">
                        <button
                            type="button"
                            class="button"
                            data-test="cancel-import"
                            on:click=move |_| steps.stop()
                        >
                            "Stop"
                        </button>
                    </div>
                }.into_any(),
                Some(text) => view! {
                    <Notice tone=Tone::Danger hook="error" text>
                        <button
                            type="button"
                            class="button small"
                            data-test="import-again"
                            on:click=move |_| steps.write()
                        >
                            "Try again"
                        </button>
                        <button
                            type="button"
                            class="button small quiet"
                            data-test="cancel-import"
                            on:click=move |_| steps.finish()
                        >
                            "Stop here"
                        </button>
                    </Notice>
                }.into_any(),
            }}
        </div>
    }
}

/// How far something came, for eyes and for screen readers.
#[component]
fn Progress(
    steps: Steps,
    label: &'static str,
    /// How people read what is counted.
    shown: fn(u64) -> String,
) -> impl IntoView {
    let text = move || {
        let (done, total) = steps.progress.get();
        format!("{label}: {} of {}", shown(done), shown(total))
    };
    let share = move || {
        let (done, total) = steps.progress.get();
        #[expect(clippy::cast_precision_loss, reason = "for a bar")]
        let share = done as f64 / total.max(1) as f64;
        share
    };
    view! {
        <p class="import-wait" data-test="import-progress">{text}</p>
        <div
            class="progress"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuenow=move || steps.progress.get().0.to_string()
            aria-valuemax=move || steps.progress.get().1.to_string()
        >
            <div
                class="progress-done"
                style:transform=move || format!("scaleX({:.4})", share())
            ></div>
        </div>
    }
}
