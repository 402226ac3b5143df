//! What an item was before: its versions, what each changed, and the way back.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        GetHistory, History, PartChange, PartValue, RestoreVersion, VersionDeed, VersionView,
    },
    error::WireError,
    ids::{ItemId, ItemVersion},
    vault::ItemPart,
};
use webext::time;

use self::part::{PartRow, Past};
use super::Route;
use crate::{
    api,
    app::App,
    components::{
        bar::TopBar,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom, format,
};

pub(super) mod part;

/// The screen.
#[component]
pub(crate) fn HistoryScreen(
    /// Of which item.
    id: ItemId,
) -> impl IntoView {
    let app = App::here();
    let versions = RwSignal::new(Vec::<VersionView>::new());
    let older = RwSignal::new(true);
    let failure = RwSignal::new(None::<WireError>);
    let load = move || {
        let before = versions.with_untracked(|all| all.last().map(|last| last.version));
        failure.set(None);
        time::spawn(async move {
            match app.ask(GetHistory { id, before }).await {
                Ok(History {
                    versions: more,
                    has_more,
                }) => {
                    versions.try_update(|all| all.extend(more));
                    older.try_set(has_more);
                    if before.is_none() {
                        dom::focus("back");
                    }
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    load();
    let restore = move |version: ItemVersion, parts: Option<Vec<ItemPart>>| {
        let request = RestoreVersion { id, version, parts };
        time::spawn(async move {
            if app.ask_or_tell(request).await.is_some() {
                app.vault_news.update(|news| *news += 1);
                app.go(Route::Item(id));
                app.toast.set(Some(Toast::done("Brought back")));
            }
        });
    };
    let rows = move || {
        let all = versions.get();
        let newest = all.first().map(|newest| newest.version);
        all.into_iter()
            .map(|version| {
                let current = Some(version.version) == newest;
                view! { <Version id version current restore/> }
            })
            .collect_view()
    };
    let nothing = move || versions.with(Vec::is_empty);
    view! {
        <main class="screen">
            <TopBar title="Earlier versions"/>
            <div class="content">
                {rows}
                {move || failure.get().map(|error| view! {
                    <Notice tone=Tone::Danger hook="error" text=error.message>
                        <button
                            type="button"
                            class="button small"
                            data-test="retry"
                            on:click=move |_| load()
                        >
                            "Try again"
                        </button>
                    </Notice>
                })}
                {move || (nothing() && failure.with(Option::is_none)).then(|| view! {
                    <p class="setting-note" role="status">"Asking the server…"</p>
                })}
                {move || (!nothing() && older.get() && failure.with(Option::is_none)).then(|| view! {
                    <button
                        type="button"
                        class="button small"
                        data-test="older"
                        on:click=move |_| load()
                    >
                        "Older versions"
                    </button>
                })}
                {move || (!nothing() && !older.get()).then(|| view! {
                    <p class="setting-note history-end">
                        "The server keeps the last 100 versions for a year."
                    </p>
                })}
            </div>
        </main>
    }
}

/// One version.
#[component]
fn Version(
    id: ItemId,
    version: VersionView,
    /// Whether the item is this.
    current: bool,
    restore: impl Fn(ItemVersion, Option<Vec<ItemPart>>) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let number = version.version;
    let when = version
        .at
        .map(|at| format!(" {}", format::ago(at, api::now())))
        .unwrap_or_default();
    let heading = format!("{}{when}", deed(version.deed));
    let restorable =
        !current && !matches!(version.deed, VersionDeed::Deleted | VersionDeed::Unreadable);
    let label = format!("Bring back version {number}");
    let unchanged = version.deed == VersionDeed::Changed && version.changes.is_empty();
    // What a part was is what the version before has.
    let before = ItemVersion(number.0.saturating_sub(1));
    let change = move |change: PartChange| {
        let part = change.part.clone();
        let is_secret = change.before == Some(PartValue::Concealed);
        let was = change.before.is_some();
        let past = Past {
            id,
            version: before,
            secret: is_secret,
        };
        let back = Callback::new(move |()| restore(before, Some(vec![part.clone()])));
        view! { <PartRow change past=was.then_some(past) back=Some(back)/> }
    };
    view! {
        <section class="version" data-test="version" data-version=number.to_string()>
            <div class="version-head">
                <h2 class="section-title">
                    {heading} {current.then_some(" · current")}
                </h2>
                {restorable.then(|| view! {
                    <button
                        type="button"
                        class="button small"
                        data-test="restore-version"
                        aria-label=label
                        on:click=move |_| restore(number, None)
                    >
                        "Bring back"
                    </button>
                })}
            </div>
            {(!version.changes.is_empty()).then(|| view! {
                <div class="entries">
                    {version.changes.into_iter().map(change).collect_view()}
                </div>
            })}
            {unchanged.then(|| view! { <p class="setting-note">"Nothing that is shown"</p> })}
        </section>
    }
}

fn deed(deed: VersionDeed) -> &'static str {
    match deed {
        VersionDeed::Made => "Made",
        VersionDeed::Changed => "Changed",
        VersionDeed::Deleted => "Deleted",
        VersionDeed::Restored => "Brought back",
        VersionDeed::Unreadable => "Cannot be opened",
    }
}
