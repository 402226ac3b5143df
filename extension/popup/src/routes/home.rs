//! The vault: what fits the page in front first, then everything, found while typing.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use proto::{
    bridge::popup::{Search, SiteView, ThisSite},
    vault::{ItemKind, ItemSummary, SecretField},
};
use webext::time;

use self::{
    banners::Banners,
    empty::Empty,
    list::ItemList,
    model::{PAGE, Results, has_words},
    more_menu::MoreMenu,
    new_menu::NewMenu,
};
use super::Route;
use crate::{
    app::App,
    components::{
        bar::BottomBar,
        fill_preview::{FillPreview, Previewed},
        icon::Icon,
    },
    window::Layout,
};

mod banners;
mod empty;
mod list;
pub(crate) mod model;
mod more_menu;
mod new_menu;
mod offers;
mod row;

/// Rows that Page Up and Page Down go.
const LEAP: u32 = 7;
/// How long the list waits for the page in front to be known, milliseconds.
const SITE_WAIT_MS: u32 = 150;

/// State of this screen.
#[derive(Clone, Copy)]
struct Home {
    app: App,
    /// Row that Enter is for.
    active: RwSignal<u32>,
    /// Row that the keys went to last, to be scrolled into sight: the pointer is where it is seen.
    sought: RwSignal<u32>,
    /// Logins for the page in front that fit the query.
    site_items: Memo<Vec<ItemSummary>>,
    /// What of the card or identity chosen would go where.
    previewed: RwSignal<Option<Previewed>>,
    /// Sizes of the two sections.
    layout: Memo<Layout>,
    /// Whether the list may be drawn: its logins for the page stand above the others, and drawn
    /// later they would move a row from under the pointer.
    settled: Memo<bool>,
    /// Number of the newest search: older answers are thrown away.
    newest: StoredValue<u32>,
}

impl Home {
    fn new(app: App) -> Self {
        let site_items = Memo::new(move |_| {
            app.query.with(|query| {
                app.site.with(|site| {
                    let items = site.iter().flat_map(|site| &site.items);
                    items
                        .filter(|item| has_words(item, query))
                        .cloned()
                        .collect::<Vec<_>>()
                })
            })
        });
        let layout = Memo::new(move |_| Layout {
            site: site_items.with(|items| u32::try_from(items.len()).unwrap_or(u32::MAX)),
            total: app.results.with(Results::total),
        });
        let waited = RwSignal::new(false);
        time::spawn(async move {
            time::sleep(SITE_WAIT_MS).await;
            waited.try_set(true);
        });
        Self {
            app,
            active: RwSignal::new(0),
            sought: RwSignal::new(0),
            site_items,
            previewed: RwSignal::new(None),
            layout,
            settled: Memo::new(move |_| app.site.with(Option::is_some) || waited.get()),
            newest: StoredValue::new(0),
        }
    }

    /// Whether it is known that there is nothing to list.
    fn is_empty(self) -> bool {
        self.layout.get().rows() == 0 && self.app.results.with(|results| results.ready)
    }

    /// An item of the list, and whether it is one for the site.
    fn item(self, row: u32) -> Option<(ItemSummary, bool)> {
        let site = self.layout.get().site;
        if row < site {
            let item = self
                .site_items
                .with(|items| items.get(row as usize).cloned());
            item.map(|item| (item, true))
        } else {
            let item = self
                .app
                .results
                .with(|results| results.get(row - site).cloned());
            item.map(|item| (item, false))
        }
    }

    /// Fills the row's login where it is one for the site, opens it otherwise.
    fn act(self, row: u32) {
        match untrack(|| self.item(row)) {
            Some((item, true)) if item.kind == ItemKind::Login => self.app.fill(item.id),
            Some((_, true)) => self.preview(row),
            Some((item, false)) => self.app.go(Route::Item(item.id)),
            None => {}
        }
    }

    /// Makes a row the active one and brings it into sight.
    fn seek(self, row: u32) {
        self.active.set(row);
        self.sought.set(row);
    }

    fn open(self, row: u32) {
        if let Some((item, _)) = untrack(|| self.item(row)) {
            self.app.go(Route::Item(item.id));
        }
    }

    fn preview(self, row: u32) {
        if let Some((item, _)) = untrack(|| self.item(row)) {
            self.app
                .preview(item.id, item.kind, item.title, self.previewed);
        }
    }

    fn copy_username(self, row: u32) {
        if let Some((item, _)) = untrack(|| self.item(row)).filter(|(i, _)| !i.subtitle.is_empty())
        {
            self.app.copy_plain(item.subtitle, "User name");
        }
    }

    fn copy_password(self, row: u32) {
        if let Some((item, _)) = untrack(|| self.item(row)).filter(|(i, _)| i.has_password) {
            self.app.copy_secret(item.id, SecretField::Password);
        }
    }

    /// Asks for what is searched, once more where the vault changed.
    fn search(self) {
        let app = self.app;
        Effect::new(move || {
            app.vault_news.track();
            let query = app.query.get();
            let number = self.newest.get_value().wrapping_add(1);
            self.newest.set_value(number);
            time::spawn(async move {
                let request = Search {
                    query: query.clone(),
                    offset: 0,
                    limit: PAGE,
                };
                let Some(answer) = app.ask_or_tell(request).await else {
                    return;
                };
                if self.newest.try_get_value() == Some(number) {
                    app.results.set(Results::first(query, answer));
                }
            });
        });
    }

    /// Asks for the pages that came into sight.
    fn load(self, pages: std::ops::Range<u32>) {
        let app = self.app;
        if !app
            .results
            .with_untracked(|results| results.ready && results.lacks(pages.clone()))
        {
            return;
        }
        let number = self.newest.get_value();
        let mut missing = vec![];
        app.results
            .update_untracked(|results| missing = results.take_missing(pages));
        let query = app.results.with_untracked(|results| results.query.clone());
        for page in missing {
            let request = Search {
                query: query.clone(),
                offset: page * PAGE,
                limit: PAGE,
            };
            time::spawn(async move {
                let Some(answer) = app.ask_or_tell(request).await else {
                    return;
                };
                if self.newest.try_get_value() == Some(number) {
                    app.results.update(|results| results.put(page, answer));
                }
            });
        }
    }

    /// Asks what fits the page in front.
    fn look_at_site(self) {
        let app = self.app;
        // A full page or side panel stays open while the user goes from tab to tab.
        let returned = RwSignal::new(0_u32);
        let listener = window_event_listener(leptos::ev::focus, move |_| {
            returned.update(|times| *times += 1);
        });
        on_cleanup(move || listener.remove());
        Effect::new(move || {
            app.vault_news.track();
            returned.track();
            app.read_page();
            time::spawn(async move {
                let site = app.ask(ThisSite {}).await;
                app.site.set(Some(site.unwrap_or(SiteView {
                    host: None,
                    items: vec![],
                    https_only: 0,
                })));
            });
        });
    }

    /// Keys while the search box has the focus.
    fn key(self, event: &KeyboardEvent, caret_at_end: bool, selected: bool) {
        // No key is for a row that is not drawn yet.
        let rows = if self.settled.get_untracked() {
            self.layout.get_untracked().rows()
        } else {
            0
        };
        let active = self.active.get_untracked();
        let command = event.ctrl_key() || event.meta_key();
        let to = |row: u32| self.seek(row.min(rows.saturating_sub(1)));
        match event.key().as_str() {
            "ArrowDown" => to(active + 1),
            "ArrowUp" => to(active.saturating_sub(1)),
            "PageDown" => to(active + LEAP),
            "PageUp" => to(active.saturating_sub(LEAP)),
            "End" if command => to(rows),
            "Home" if command => to(0),
            "Enter" if rows == 0 => {}
            "Enter" if command => self.open(active),
            "Enter" => self.act(active),
            "ArrowRight" if caret_at_end && !command && rows > 0 => self.open(active),
            "b" if command && rows > 0 => self.copy_username(active),
            "c" if command && !selected && rows > 0 => self.copy_password(active),
            "Escape" if !self.app.query.with_untracked(String::is_empty) => {
                self.app.query.set(String::new());
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// The screen.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let app = App::here();
    let home = Home::new(app);
    home.search();
    home.look_at_site();
    // A new list begins at its top.
    Effect::new(move || {
        app.query.track();
        home.layout.with(|layout| layout.site);
        home.seek(0);
    });
    view! {
        <main class="screen">
            <header class="bar home-bar">
                <SearchBox home/>
                <MoreMenu/>
                <NewMenu/>
            </header>
            {move || if !home.settled.get() {
                view! { <div class="list" id="items" role="grid" aria-label="Items" aria-busy="true"></div> }.into_any()
            } else if home.is_empty() {
                view! { <Empty/> }.into_any()
            } else {
                view! { <ItemList home/> }.into_any()
            }}
            // Below the list: one that comes up late must not move a row from under the pointer.
            <Banners/>
            <FillPreview previewed=home.previewed from="search"/>
            <Hints home/>
            <BottomBar/>
        </main>
    }
}

#[component]
fn SearchBox(home: Home) -> impl IntoView {
    let app = home.app;
    let input = NodeRef::<html::Input>::new();
    crate::components::field::focus_when_mounted(input);
    let keydown = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let Some(input) = input.get_untracked() else {
            return;
        };
        // Positions of an input of type search are always told.
        let start = input.selection_start().ok().flatten().unwrap_or_default();
        let end = input.selection_end().ok().flatten().unwrap_or_default();
        let length = input.value().encode_utf16().count();
        home.key(&event, start == end && end as usize == length, start != end);
    };
    view! {
        <div class="search">
            <Icon icon=icondata_lu::LuSearch/>
            <input
                class="search-input"
                data-test="search"
                type="search"
                role="combobox"
                aria-label="Search your vault"
                aria-controls="items"
                aria-haspopup="grid"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-activedescendant=move || {
                    (home.settled.get() && home.layout.get().rows() > 0)
                        .then(|| format!("row-{}", home.active.get()))
                }
                aria-keyshortcuts="/"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder="Search your vault"
                node_ref=input
                prop:value=move || app.query.get()
                on:input=move |event| app.query.set(event_target_value(&event))
                on:keydown=keydown
            />
            {move || if app.query.with(String::is_empty) {
                view! { <kbd class="search-key" aria-hidden="true">"/"</kbd> }.into_any()
            } else {
                view! {
                    <button
                        type="button"
                        class="icon-button small"
                        data-test="clear-search"
                        aria-label="Clear search"
                        title="Clear (Esc)"
                        on:click=move |_| {
                            app.query.set(String::new());
                            crate::dom::focus("search");
                        }
                    >
                        <Icon icon=icondata_lu::LuX size=16/>
                    </button>
                }.into_any()
            }}
        </div>
    }
}

/// What the keys do for the active row. Screen readers get them in the settings' list.
#[component]
fn Hints(home: Home) -> impl IntoView {
    let active = Memo::new(move |_| {
        let (item, of_site) = home.item(home.active.get())?;
        let login = item.kind == ItemKind::Login;
        let username = login && !item.subtitle.is_empty();
        Some((of_site, username, item.has_password))
    });
    view! {
        <div class="hints" aria-hidden="true" hidden=move || home.is_empty()>
            {move || active.get().map(|(of_site, username, password)| view! {
                <span><kbd>"↵"</kbd> {if of_site { "Fill" } else { "Open" }}</span>
                {of_site.then(|| view! { <span><kbd>"→"</kbd> "Details"</span> })}
                {username.then(|| view! { <span><kbd>"Ctrl B"</kbd> "User name"</span> })}
                {password.then(|| view! { <span><kbd>"Ctrl C"</kbd> "Password"</span> })}
            })}
        </div>
    }
}
