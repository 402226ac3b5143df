//! The vault as a file: under a password of its own, or readable by other programs and anybody. In
//! the full page, where a download outlives it.

mod form;
mod run;

use std::fmt::Write as _;

use leptos::prelude::*;
use proto::bridge::exchange::Moved;
use webext::exchange;

use self::form::Form;
use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom,
    format::counted,
    routes::Route,
};

/// Name of the file that the report is kept as.
const REPORT_NAME: &str = "pearvault-export.txt";

/// What a file is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Under a password of its own, for Pearvault.
    Sealed,
    /// FIDO CXF, for other programs.
    Plain,
}

/// What a finished export was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Done {
    way: Way,
    items: u64,
    unreadable: u64,
    /// What of the items the file has elsewhere.
    moved: Vec<Moved>,
}

/// The screen.
#[component]
pub(crate) fn Export() -> impl IntoView {
    let done = RwSignal::new(None::<Done>);
    view! {
        <main class="screen">
            <TopBar title="Export"/>
            {move || match done.get() {
                None => view! { <Form done/> }.into_any(),
                Some(of) => view! { <Finished of/> }.into_any(),
            }}
            <BottomBar/>
        </main>
    }
}

#[component]
fn Finished(of: Done) -> impl IntoView {
    let app = App::here();
    dom::focus("export-done");
    let missing = (of.unreadable > 0).then(|| {
        format!(
            "{} could not be opened, and are not in the file.",
            counted(of.unreadable, "item")
        )
    });
    let what_now = match of.way {
        Way::Sealed => "The file is among your downloads. Keep it where you keep backups.",
        Way::Plain => {
            "The file is among your downloads, and anybody can read it. Delete it, and empty the trash, once the other program has it."
        }
    };
    let report = (!of.moved.is_empty()).then(|| report(&of.moved));
    view! {
        <div class="content">
            <h2 class="import-title" tabindex="-1" data-test="export-done">
                {format!("{} exported.", counted(of.items, "item"))}
            </h2>
            {missing.map(|text| view! { <Notice tone=Tone::Warning hook="export-missing" text/> })}
            <p class="lead">{what_now}</p>
            {report.map(|text| view! { <Report text/> })}
            <div class="import-actions">
                <button
                    type="button"
                    class="button primary"
                    data-test="export-to-vault"
                    on:click=move |_| app.go(Route::Home)
                >
                    "To your vault"
                </button>
            </div>
        </div>
    }
}

#[component]
fn Report(text: String) -> impl IntoView {
    let app = App::here();
    let kept = text.clone();
    let save = move |_| {
        if let Err(error) = exchange::save_text(REPORT_NAME, &kept) {
            app.toast.set(Some(Toast::error(&error)));
        }
    };
    view! {
        <h2 class="section-title">"What the format has no place for"</h2>
        <pre class="why" tabindex="0" aria-label="Report" data-test="export-report">{text}</pre>
        <div class="import-actions">
            <button type="button" class="button" data-test="save-report" on:click=save>
                "Save the report"
            </button>
        </div>
    }
}

/// A line for each part that is elsewhere. No secret is in it.
fn report(moved: &[Moved]) -> String {
    let mut text = String::new();
    for Moved { name, remarks } in moved {
        for remark in remarks {
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{name}: {}: {}", remark.part, remark.fate);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proto::bridge::exchange::Remark;

    use super::*;

    #[test]
    fn each_part_that_is_elsewhere_has_a_line() {
        let remark = |part: &str| Remark {
            part: part.to_owned(),
            fate: "kept as a field".to_owned(),
            lost: false,
        };
        let moved = |name: &str, parts: &[&str]| Moved {
            name: name.to_owned(),
            remarks: parts.iter().copied().map(remark).collect(),
        };
        assert_eq!(
            report(&[
                moved("Visa", &["Expiry"]),
                moved("Me", &["Email", "Country"])
            ]),
            "Visa: Expiry: kept as a field\nMe: Email: kept as a field\nMe: Country: kept as a field\n"
        );
    }
}
