//! What was deleted lately, to bring back.

use leptos::prelude::*;
use proto::{
    bridge::popup::{ListTrash, TrashItem, UndeleteItem},
    error::WireError,
};
use webext::time;

use super::Route;
use crate::{
    api,
    app::App,
    components::{
        avatar::Avatar,
        bar::{BottomBar, TopBar},
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom, format,
};

/// The screen.
#[component]
pub(crate) fn TrashScreen() -> impl IntoView {
    let app = App::here();
    let items = RwSignal::new(None::<Result<Vec<TrashItem>, WireError>>);
    Effect::new(move || {
        app.vault_news.track();
        time::spawn(async move {
            let answer = app.ask(ListTrash {}).await;
            items.try_set(Some(answer.map(|trash| trash.items)));
        });
    });
    dom::focus("back");
    view! {
        <main class="screen">
            <TopBar title="Deleted items"/>
            <div class="content">
                {move || match items.get() {
                    None => ().into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
                    }
                    Some(Ok(items)) if items.is_empty() => view! {
                        <p class="setting-note" data-test="trash-empty">
                            "Nothing was deleted in the last 30 days."
                        </p>
                    }
                    .into_any(),
                    Some(Ok(items)) => view! {
                        <p class="setting-note">"Kept for 30 days on this device."</p>
                        <div class="entries">
                            {items
                                .into_iter()
                                .map(|item| view! { <Deleted item/> })
                                .collect_view()}
                        </div>
                    }
                    .into_any(),
                }}
            </div>
            <BottomBar/>
        </main>
    }
}

#[component]
fn Deleted(item: TrashItem) -> impl IntoView {
    let app = App::here();
    let id = item.id;
    let label = format!("Bring back {}", item.title);
    let note = format!("Deleted {}", format::ago(item.deleted_at, api::now()));
    let bring_back = move |_| {
        time::spawn(async move {
            if app.ask_or_tell(UndeleteItem { id }).await.is_some() {
                app.vault_news.update(|news| *news += 1);
                app.go(Route::Item(id));
                app.toast.set(Some(Toast::done("Brought back")));
            }
        });
    };
    view! {
        <div class="entry" data-test="trash-item">
            <Avatar kind=item.kind title=item.title.clone() seed=String::new() large=false/>
            <div class="entry-text">
                <span class="entry-value">{item.title}</span>
                <span class="entry-label">{note}</span>
            </div>
            <button
                type="button"
                class="button small"
                data-test="undelete"
                aria-label=label
                on:click=bring_back
            >
                "Bring back"
            </button>
        </div>
    }
}
