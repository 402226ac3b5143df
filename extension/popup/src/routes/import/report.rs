//! What came of an import, and keeping it as a text.

use leptos::prelude::*;
use webext::exchange;

use super::steps::Steps;
use crate::{
    app::App,
    components::{
        icon::Icon,
        notice::{Notice, Tone},
        toast::Toast,
    },
    routes::Route,
};

/// Name of the file that the report is kept as.
const FILE_NAME: &str = "pearvault-import.txt";

/// The last step.
#[component]
pub(super) fn Report(steps: Steps) -> impl IntoView {
    let app = App::here();
    let outcome = steps.outcome.get_untracked();
    let text = steps
        .file
        .with_untracked(|file| file.as_ref().map(|file| file.report(&outcome)))
        .unwrap_or_default();
    let kept = text.clone();
    let save = move |_| {
        if let Err(error) = exchange::save_text(FILE_NAME, &kept) {
            app.toast.set(Some(Toast::error(&error)));
        }
    };
    let stopped = outcome.stopped();
    view! {
        <div class="content">
            <h2 class="import-title" tabindex="-1" data-test="import-done">{outcome.summary()}</h2>
            {stopped.then(|| view! {
                <Notice
                    tone=Tone::Info
                    hook="import-stopped"
                    text="Import the file again to take the rest: what is in your vault already is shown and left out.".to_owned()
                />
            })}
            <p class="footnote">
                <Icon icon=icondata_lu::LuTriangleAlert size=16/>
                <span>"Delete the exported file now, and empty the trash: it is not encrypted."</span>
            </p>
            <h2 class="section-title">"Report"</h2>
            <pre class="why" tabindex="0" aria-label="Report" data-test="import-report">{text}</pre>
            <div class="import-actions">
                <button type="button" class="button" data-test="save-report" on:click=save>
                    "Save the report"
                </button>
                <button
                    type="button"
                    class="button"
                    data-test="import-other"
                    on:click=move |_| steps.start_over()
                >
                    "Import another file"
                </button>
                <button
                    type="button"
                    class="button primary"
                    data-test="import-to-vault"
                    on:click=move |_| app.go(Route::Home)
                >
                    "To your vault"
                </button>
            </div>
        </div>
    }
}
