//! One item: its fields to copy and to see, its addresses to open.

use leptos::prelude::*;
use proto::{
    bridge::popup::{DeleteItem, GetItem},
    error::{ErrorCode, WireError},
    ids::ItemId,
    vault::{ItemKind, ItemUrl, ItemView, SecretField, UrlMatch},
};
use webext::{page, time};

use self::secret::SecretEntry;
use super::{Editing, Route};
use crate::{
    api,
    app::App,
    components::{
        avatar::Avatar,
        bar::TopBar,
        fill_preview::FillPreview,
        icon::Icon,
        notice::{Notice, Tone},
        totp::TotpCode,
    },
    dom,
    form::kind_word,
    format,
};

mod secret;

/// The screen.
#[component]
pub(crate) fn ItemScreen(
    /// Which.
    id: ItemId,
) -> impl IntoView {
    let app = App::here();
    let item = RwSignal::new(None::<Result<ItemView, WireError>>);
    Effect::new(move || {
        app.vault_news.track();
        time::spawn(async move {
            let answer = app.ask(GetItem { id }).await;
            if answer
                .as_ref()
                .is_err_and(|e| e.code == ErrorCode::ItemMissing)
            {
                app.back();
            }
            if item.try_with_untracked(Option::is_none) == Some(true) {
                dom::focus("edit");
            }
            item.try_set(Some(answer));
        });
    });
    let kind = move || match item.get() {
        Some(Ok(item)) => capitalised(kind_word(item.overview.kind)),
        _ => String::new(),
    };
    let delete = move |_| {
        let title = item.with_untracked(|item| match item {
            Some(Ok(item)) => item.overview.title.clone(),
            _ => String::new(),
        });
        time::spawn(async move {
            if app.ask_or_tell(DeleteItem { id }).await.is_some() {
                app.vault_news.update(|news| *news += 1);
                app.go(Route::Home);
                app.offer_undo(id, &title);
            }
        });
    };
    view! {
        <main class="screen">
            <TopBar title=Signal::derive(kind)>
                <button
                    type="button"
                    class="icon-button"
                    data-test="delete"
                    aria-label="Delete"
                    title="Delete"
                    on:click=delete
                >
                    <Icon icon=icondata_lu::LuTrash2/>
                </button>
                <button
                    type="button"
                    class="icon-button"
                    data-test="edit"
                    aria-label="Edit"
                    title="Edit"
                    on:click=move |_| app.go(Route::Editor(Editing::Existing(id)))
                >
                    <Icon icon=icondata_lu::LuPencil/>
                </button>
            </TopBar>
            <div class="content">
                {move || item.get().map(|item| match item {
                    Ok(item) => view! { <Details item/> }.into_any(),
                    Err(error) => {
                        view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
                    }
                })}
            </div>
        </main>
    }
}

#[component]
fn Details(item: ItemView) -> impl IntoView {
    let app = App::here();
    let id = item.id;
    let overview = item.overview;
    let kind = overview.kind;
    let seed = overview
        .urls
        .first()
        .map(|url| host(&url.url).to_owned())
        .unwrap_or_default();
    let fits = app.site.with_untracked(|site| {
        site.as_ref()
            .is_some_and(|site| site.items.iter().any(|item| item.id == id))
    });
    let user_label = match kind {
        ItemKind::Card => "Card holder",
        ItemKind::Identity => "Name",
        ItemKind::Login | ItemKind::Note => "User name",
    };
    let previewed = RwSignal::new(None);
    let title = overview.title.clone();
    let username = overview.subtitle.clone();
    let secrets = item.secret_fields;
    // This is the other version of an item, or there is one of this.
    let choice = overview
        .conflict_of
        .map(|_| id)
        .or(item.other_versions.first().copied());
    view! {
        <div class="item-head">
            <Avatar kind title=overview.title.clone() seed large=true/>
            <div class="item-name">
                <h2 data-test="item-title">{overview.title.clone()}</h2>
                <p>
                    {format!("Changed {}", format::ago(overview.updated_at, api::now()))}
                    {item.pending.then_some(" · waits for the server")}
                </p>
            </div>
            {fits.then(|| view! {
                <button
                    type="button"
                    class="button primary"
                    data-test="fill"
                    on:click=move |_| app.fill(id)
                >
                    "Fill"
                </button>
            })}
            {matches!(kind, ItemKind::Card | ItemKind::Identity).then(|| view! {
                <button
                    type="button"
                    class="button primary"
                    data-test="fill"
                    aria-haspopup="dialog"
                    on:click=move |_| app.preview(id, kind, title.clone(), previewed)
                >
                    "Fill…"
                </button>
                <FillPreview previewed from="fill"/>
            })}
        </div>
        {choice.map(|copy| view! {
            <Notice
                tone=Tone::Warning
                hook="two-versions"
                text="Two devices changed this differently. Both versions are here."
            >
                <button
                    type="button"
                    class="button small"
                    data-test="open-choice"
                    on:click=move |_| app.go(Route::Choice(copy))
                >
                    "Choose…"
                </button>
            </Notice>
        })}
        <div class="entries">
            {(!username.is_empty()).then(|| view! { <PlainEntry label=user_label value=username/> })}
            {secrets
                .into_iter()
                .map(|field| match field.field {
                    SecretField::TotpCode => view! { <TotpCode id/> }.into_any(),
                    _ => view! { <SecretEntry id kind field/> }.into_any(),
                })
                .collect_view()}
        </div>
        {(!overview.urls.is_empty()).then(|| view! {
            <h3 class="section-title">"Web addresses"</h3>
            <div class="entries">
                {overview
                    .urls
                    .into_iter()
                    .enumerate()
                    .map(|(position, url)| view! { <UrlEntry position url/> })
                    .collect_view()}
            </div>
        })}
        <div class="item-more">
        <button
            type="button"
            class="button small quiet"
            data-test="share"
            on:click=move |_| app.go(Route::Share(id))
        >
            <Icon icon=icondata_lu::LuSend size=16/>
            "Share with…"
        </button>
        <button
            type="button"
            class="button small quiet"
            data-test="open-history"
            on:click=move |_| app.go(Route::History(id))
        >
            <Icon icon=icondata_lu::LuHistory size=16/>
            "Earlier versions"
        </button>
        </div>
    }
}

#[component]
fn PlainEntry(label: &'static str, value: String) -> impl IntoView {
    let app = App::here();
    let copied = value.clone();
    view! {
        <div class="entry">
            <div class="entry-text">
                <span class="entry-label">{label}</span>
                <span class="entry-value" data-test="field-username">{value}</span>
            </div>
            <button
                type="button"
                class="icon-button"
                data-test="copy-username"
                aria-label=format!("Copy {}", label.to_lowercase())
                title=format!("Copy {}", label.to_lowercase())
                on:click=move |_| app.copy_plain(copied.clone(), label)
            >
                <Icon icon=icondata_lu::LuCopy/>
            </button>
        </div>
    }
}

#[component]
fn UrlEntry(position: usize, url: ItemUrl) -> impl IntoView {
    let target = url.url.clone();
    view! {
        <div class="entry">
            <div class="entry-text">
                <span class="entry-label">{match_word(url.matching)}</span>
                <span class="entry-value">{url.url.clone()}</span>
            </div>
            <button
                type="button"
                class="icon-button"
                data-test=format!("url-{position}")
                aria-label=format!("Open {}", url.url)
                title="Open in a new tab"
                on:click=move |_| page::open_url(&target)
            >
                <Icon icon=icondata_lu::LuExternalLink/>
            </button>
        </div>
    }
}

/// A match rule as people read it.
pub(crate) fn match_word(matching: UrlMatch) -> &'static str {
    match matching {
        UrlMatch::Site => "Whole site",
        UrlMatch::Host => "This host only",
        UrlMatch::Origin => "Exact origin only",
    }
}

/// The host of a web address, without `www.`.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_out_of_addresses() {
        for (url, expect) in [
            ("https://www.example.com/a", "example.com"),
            ("http://localhost:3000", "localhost"),
            ("example.com?x", "example.com"),
        ] {
            assert_eq!(host(url), expect);
        }
    }

    #[test]
    fn words_begin_with_a_capital() {
        assert_eq!(capitalised("login"), "Login");
        assert_eq!(capitalised(""), "");
    }
}
