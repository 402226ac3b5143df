//! The vault as a file under a password of its own. The background seals it; this page only puts
//! the parts together and hands them to the user. In the full page, where a download outlives it.

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{BeginExport, ExportStarted, GetExportPart},
    error::{ErrorCode, WireError},
    export::{SEALED_EXPORT, SEALED_EXPORT_VERSION, SealedExport},
    vault::SecretText,
};
use webext::{exchange, time};

use crate::{
    api,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        notice::{Notice, Tone},
        password_field::PasswordField,
        strength::{Strength, watch},
    },
    format::counted,
    password::check_pair,
    routes::Route,
};

/// What a finished export was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Done {
    items: u64,
    unreadable: u64,
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
fn Form(done: RwSignal<Option<Done>>) -> impl IntoView {
    let app = App::here();
    let (own, file, again) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let (own_shown, shown) = (RwSignal::new(false), RwSignal::new(false));
    let busy = RwSignal::new(false);
    let progress = RwSignal::new((0_u32, 0_u32));
    let own_error = RwSignal::new(None::<String>);
    let file_error = RwSignal::new(None::<String>);
    let failure = RwSignal::new(None::<String>);
    let estimate = watch(
        move || file.get(),
        move || app.address().map(|it| it.to_string()).into_iter().collect(),
    );
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        for error in [own_error, file_error, failure] {
            error.set(None);
        }
        if own.with_untracked(String::is_empty) {
            api::focus("export-password");
            return;
        }
        let checked = estimate.with_untracked(|estimate| {
            check_pair(
                &file.get_untracked(),
                &again.get_untracked(),
                estimate.as_ref(),
            )
        });
        if let Err(problem) = checked {
            file_error.set(Some(problem.to_string()));
            api::focus("file-password");
            return;
        }
        busy.set(true);
        let request = BeginExport {
            password: SecretText::new(own.get_untracked()),
            file_password: SecretText::new(file.get_untracked()),
        };
        time::spawn(async move {
            match export(app, request, progress).await {
                Ok(finished) => drop(done.try_set(Some(finished))),
                Err(error) if error.code == ErrorCode::PasswordWrong => {
                    own_error.try_set(Some(error.message));
                    api::focus("export-password");
                }
                Err(error) => drop(failure.try_set(Some(error.message))),
            }
            busy.try_set(false);
        });
    };
    let told = move || match progress.get() {
        (_, 0) => String::new(),
        (part, parts) => format!("Sealing part {part} of {parts}"),
    };
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">
                "All items, sealed under a password that you choose for the file. Pearvault on any account reads it back by Import."
            </p>
            {move || failure.get().map(|text| view! {
                <Notice tone=Tone::Danger hook="error" text/>
            })}
            <PasswordField
                name="export-password"
                label="Your Pearvault password"
                value=own
                shown=own_shown
                error=own_error
                autocomplete="current-password"
                focused=true
            />
            <PasswordField
                name="file-password"
                label="Password for the file"
                value=file
                shown
                error=file_error
                autocomplete="new-password"
            />
            <Strength estimate/>
            <PasswordField
                name="file-again"
                label="The same once more"
                value=again
                shown
                autocomplete="new-password"
                eye=false
            />
            <p class="footnote">
                <Icon icon=icondata_lu::LuTriangleAlert size=16/>
                <span>
                    "Nobody can open the file without its password. It holds what is in your vault now: deleted items and older versions are not in it."
                </span>
            </p>
            <div class="import-actions">
                <span role="status" class="setting-note" data-test="export-progress">{told}</span>
                <button
                    type="submit"
                    class="button primary"
                    class:busy=move || busy.get()
                    data-test="export-start"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Export"
                </button>
            </div>
        </form>
    }
}

#[component]
fn Finished(of: Done) -> impl IntoView {
    let app = App::here();
    api::focus("export-done");
    let missing = (of.unreadable > 0).then(|| {
        format!(
            "{} could not be opened, and are not in the file.",
            counted(of.unreadable, "item")
        )
    });
    view! {
        <div class="content">
            <h2 class="import-title" tabindex="-1" data-test="export-done">
                {format!("{} exported.", counted(of.items, "item"))}
            </h2>
            {missing.map(|text| view! { <Notice tone=Tone::Warning hook="export-missing" text/> })}
            <p class="lead">"The file is among your downloads. Keep it where you keep backups."</p>
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

/// Gathers the parts, and hands the file over once it is whole.
async fn export(
    app: App,
    request: BeginExport,
    progress: RwSignal<(u32, u32)>,
) -> Result<Done, WireError> {
    let ExportStarted {
        export,
        account,
        salt,
        items,
        parts: total,
    } = app.ask(request).await?;
    let mut parts = Vec::new();
    let mut unreadable = 0;
    for number in 0..total {
        progress.try_set((number + 1, total));
        let answer = app.ask(GetExportPart { export, number }).await?;
        unreadable += u64::from(answer.unreadable);
        parts.push(answer.part);
    }
    let file = SealedExport {
        format: SEALED_EXPORT.to_owned(),
        version: SEALED_EXPORT_VERSION,
        account,
        salt,
        parts,
    };
    let text = serde_json::to_string(&file).map_err(|_| WireError::new(ErrorCode::Internal))?;
    exchange::save_text(&format!("{}.pearvault.json", file.account.name()), &text)?;
    let items = u64::from(items) - unreadable.min(u64::from(items));
    Ok(Done { items, unreadable })
}
