//! Two devices changed the same of an item: the user sees both and chooses.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        Choose, CompareVersions, Comparison, Keep, PartChange, PartValue, RevealVersion,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion},
    vault::{ItemPart, SecretText},
};
use webext::time;

use super::{Route, history::part::part_name};
use crate::{
    api,
    app::App,
    components::{
        bar::TopBar,
        notice::{Notice, Tone},
        password_field::Eye,
        toast::Toast,
    },
    dom, format,
};

/// One of the two.
#[derive(Clone, Copy)]
struct Held {
    id: ItemId,
    version: ItemVersion,
}

/// The screen.
#[component]
pub(crate) fn ChoiceScreen(
    /// The item that holds the other version.
    copy: ItemId,
) -> impl IntoView {
    let app = App::here();
    let compared = RwSignal::new(None::<Result<Comparison, WireError>>);
    time::spawn(async move {
        let answer = app.ask(CompareVersions { copy }).await;
        // It was chosen on another device meanwhile.
        if answer
            .as_ref()
            .is_err_and(|error| error.code == ErrorCode::ItemMissing)
        {
            app.go(Route::Home);
        }
        compared.try_set(Some(answer));
        dom::focus("keep-original");
    });
    view! {
        <main class="screen">
            <TopBar title="Choose a version"/>
            <div class="content">
                {move || match compared.get() {
                    None => ().into_any(),
                    Some(Ok(compared)) => view! { <Both copy compared/> }.into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
                    }
                }}
            </div>
        </main>
    }
}

#[component]
fn Both(copy: ItemId, compared: Comparison) -> impl IntoView {
    let app = App::here();
    let original = compared.original;
    let versions = (compared.original_version, compared.copy_version);
    let choose = move |keep: Keep| {
        let request = Choose {
            copy,
            compared: versions,
            keep,
        };
        time::spawn(async move {
            if let Some(saved) = app.ask_or_tell(request).await {
                app.vault_news.update(|news| *news += 1);
                let shown = if keep == Keep::Original {
                    original
                } else {
                    saved.id
                };
                app.go(Route::Item(shown));
                app.toast.set(Some(Toast::done("Chosen")));
            }
        });
    };
    let ago = |at| format::ago(at, api::now());
    let one = Held {
        id: original,
        version: compared.original_version,
    };
    let other = Held {
        id: copy,
        version: compared.copy_version,
    };
    let columns = compared
        .changes
        .into_iter()
        .map(|change| view! { <Difference one other change/> })
        .collect_view();
    view! {
        <p class="choice-lead">
            "Two devices changed "<strong>{compared.title}</strong>
            " without knowing of each other. Nothing was lost; choose what stays."
        </p>
        <div class="choice-heads">
            <span>{format!("This item, changed {}", ago(compared.original_at))}</span>
            <span>{format!("Other version, changed {}", ago(compared.copy_at))}</span>
        </div>
        <div class="entries" data-test="differences">{columns}</div>
        <div class="choice-actions">
            <button
                type="button"
                class="button"
                data-test="keep-original"
                aria-label="Keep this item as it is"
                on:click=move |_| choose(Keep::Original)
            >
                "Keep this one"
            </button>
            <button
                type="button"
                class="button"
                data-test="keep-copy"
                aria-label="Keep the other version"
                on:click=move |_| choose(Keep::Copy)
            >
                "Keep this one"
            </button>
        </div>
        <button
            type="button"
            class="button quiet choice-both"
            data-test="keep-both"
            on:click=move |_| choose(Keep::Both)
        >
            "Keep both, as two items"
        </button>
    }
}

/// One part on both sides.
#[component]
fn Difference(one: Held, other: Held, change: PartChange) -> impl IntoView {
    let name = part_name(&change.part);
    let side = |held: Held, value: Option<PartValue>, which: &'static str| {
        let part = change.part.clone();
        view! { <Side held part value which/> }
    };
    let (one, other) = (
        side(one, change.before.clone(), "one"),
        side(other, change.after.clone(), "other"),
    );
    view! {
        <div class="choice-row" data-test="difference">
            <span class="entry-label">{name}</span>
            <div class="choice-sides">{one}{other}</div>
        </div>
    }
}

#[component]
fn Side(
    held: Held,
    part: ItemPart,
    value: Option<PartValue>,
    which: &'static str,
) -> impl IntoView {
    let app = App::here();
    let shown = RwSignal::new(false);
    let secret = RwSignal::new(None::<SecretText>);
    let can_show = value == Some(PartValue::Concealed);
    let asked = part.clone();
    Effect::new(move || {
        if !shown.get() {
            secret.set(None);
            return;
        }
        let request = RevealVersion {
            id: held.id,
            version: held.version,
            part: asked.clone(),
        };
        time::spawn(async move {
            match app.ask_or_tell(request).await {
                Some(revealed) => {
                    secret.try_set(Some(revealed.value));
                }
                None => {
                    shown.try_set(false);
                }
            }
        });
    });
    let open = match value {
        None => "–".to_owned(),
        Some(PartValue::Text(text)) => text,
        Some(PartValue::Matching(matching)) => super::item::match_word(matching).to_owned(),
        Some(PartValue::Concealed) => "••••••••".to_owned(),
    };
    let text = move || {
        secret.with(|secret| match secret {
            // EXPOSE: the user asked to see it.
            Some(secret) => secret.expose_secret().to_owned(),
            None => open.clone(),
        })
    };
    let what = format!("{} of the {which}", part_name(&part).to_lowercase());
    view! {
        <div class="choice-side">
            <span class="entry-value" class:mono=move || secret.with(Option::is_some)>{text}</span>
            {can_show.then(|| view! { <Eye shown hook=format!("show-{which}") what/> })}
        </div>
    }
}
