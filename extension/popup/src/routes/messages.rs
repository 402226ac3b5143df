//! The conversations: the newest first, requests and who is blocked in lists of their own.

use leptos::{ev::KeyboardEvent, prelude::*};
use proto::{
    bridge::popup::{ConversationSummary, FoundMessages, ListConversations, SearchMessages},
    error::WireError,
};
use webext::time;

use self::{empty::Empty, row::Rows, search::SearchBox};
use super::{Addressed, Route};
use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        notice::{Notice, Tone},
    },
    message::list::{Entry, Shelf, arranged, entries},
};

mod empty;
mod row;
mod search;

/// Rows that Page Up and Page Down go.
const LEAP: usize = 6;
/// Characters of a query that is looked for in all messages: fewer find them all.
const QUERY_MIN_CHARS: usize = 2;
/// How long the typing has to pause, milliseconds.
const TYPING_MS: u32 = 200;

/// State of this screen.
#[derive(Clone, Copy)]
struct Listed {
    app: App,
    shelf: Shelf,
    /// In the order that is on the page.
    all: RwSignal<Vec<ConversationSummary>>,
    /// Whether an answer is there.
    ready: RwSignal<bool>,
    failure: RwSignal<Option<WireError>>,
    /// The messages that were found for what is searched for; nothing before the answer.
    found: RwSignal<Option<FoundMessages>>,
    /// The lines.
    entries: Memo<Vec<Entry>>,
    /// The line that Enter is for; the first where it is none of them.
    active: RwSignal<Option<Entry>>,
    /// The line that the keys went to last, to be scrolled into sight.
    sought: RwSignal<Option<Entry>>,
    /// Whether the pointer is on the list: then no line moves.
    held: StoredValue<bool>,
    /// The newest answer, in its own order.
    fresh: StoredValue<Vec<ConversationSummary>>,
    /// Number of the newest request: older answers are thrown away.
    newest: StoredValue<u32>,
}

impl Listed {
    fn new(app: App, shelf: Shelf) -> Self {
        let all = RwSignal::new(Vec::new());
        let found = RwSignal::new(None::<FoundMessages>);
        Self {
            app,
            shelf,
            all,
            ready: RwSignal::new(false),
            failure: RwSignal::new(None),
            found,
            entries: Memo::new(move |_| {
                let query = app.message_query.get();
                found.with(|found| {
                    let found = found.as_ref().map_or(&[][..], |it| &it.found);
                    all.with(|all| entries(all, shelf, &query, found))
                })
            }),
            active: RwSignal::new(None),
            sought: RwSignal::new(None),
            held: StoredValue::new(false),
            fresh: StoredValue::new(Vec::new()),
            newest: StoredValue::new(0),
        }
    }

    /// Asks for the conversations, once more with all news.
    fn load(self) {
        let app = self.app;
        Effect::new(move || {
            app.message_news.track();
            let number = self.newest.get_value().wrapping_add(1);
            self.newest.set_value(number);
            time::spawn(async move {
                let answer = app.ask(ListConversations {}).await;
                if self.newest.try_get_value() != Some(number) {
                    return;
                }
                match answer {
                    Ok(answer) => self.take(answer.conversations),
                    Err(error) => self.failure.set(Some(error)),
                }
                self.ready.set(true);
            });
        });
    }

    /// Looks for messages once the typing pauses, and anew with all news.
    fn search(self) {
        let app = self.app;
        let newest = StoredValue::new(0_u32);
        Effect::new(move || {
            app.message_news.track();
            let query = app.message_query.get();
            let number = newest.get_value().wrapping_add(1);
            newest.set_value(number);
            if query.trim().chars().count() < QUERY_MIN_CHARS {
                self.found.set(None);
                return;
            }
            time::spawn(async move {
                time::sleep(TYPING_MS).await;
                if newest.try_get_value() != Some(number) {
                    return;
                }
                // Where it fails, the list has its own way to say so.
                let found = app.ask(SearchMessages { query }).await.ok();
                if newest.try_get_value() == Some(number) {
                    self.found.set(found);
                }
            });
        });
    }

    fn take(self, fresh: Vec<ConversationSummary>) {
        self.failure.set(None);
        let is_first = !self.ready.get_untracked();
        if self.held.get_value() && !is_first {
            self.all.update(|all| *all = arranged(all, &fresh));
        } else {
            self.all.set(fresh.clone());
        }
        self.fresh.set_value(fresh);
    }

    /// The pointer is on the list, or has left it.
    fn hold(self, held: bool) {
        self.held.set_value(held);
        if !held {
            let fresh = self.fresh.get_value();
            if self.all.with_untracked(|all| *all != fresh) {
                self.all.set(fresh);
            }
        }
    }

    /// Where the active line stands.
    fn place(self) -> usize {
        self.entries.with(|entries| {
            let active = self.active.get();
            let place = |active| entries.iter().position(|entry| *entry == active);
            active.and_then(place).unwrap_or_default()
        })
    }

    /// The active line.
    fn current(self) -> Option<Entry> {
        let place = self.place();
        self.entries.with(|entries| entries.get(place).cloned())
    }

    fn open(self, entry: &Entry) {
        self.app.go(match entry {
            Entry::Shelf(shelf) => Route::Messages(*shelf),
            Entry::With(address) => Route::Conversation(address.clone()),
            Entry::At(address, id) => {
                self.app.message_sought.set(Some(*id));
                Route::Conversation(address.clone())
            }
        });
    }

    /// Keys while the list or its search has the focus.
    fn key(self, event: &KeyboardEvent) {
        if event.is_composing() || event.alt_key() {
            return;
        }
        let place = untrack(|| self.place());
        let to = |place: usize| {
            let entry = self.entries.with_untracked(|entries| {
                let last = entries.len().saturating_sub(1);
                entries.get(place.min(last)).cloned()
            });
            self.active.set(entry.clone());
            self.sought.set(entry);
        };
        let query = self.app.message_query;
        match event.key().as_str() {
            "ArrowDown" => to(place + 1),
            "ArrowUp" => to(place.saturating_sub(1)),
            "PageDown" => to(place + LEAP),
            "PageUp" => to(place.saturating_sub(LEAP)),
            "Enter" => {
                if let Some(entry) = untrack(|| self.current()) {
                    self.open(&entry);
                }
            }
            "Escape" if self.shelf == Shelf::All && !query.with_untracked(String::is_empty) => {
                query.set(String::new());
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// The screen.
#[component]
pub(crate) fn MessagesScreen(
    /// Which of the lists.
    shelf: Shelf,
) -> impl IntoView {
    let app = App::here();
    let list = Listed::new(app, shelf);
    list.load();
    if shelf == Shelf::All {
        list.search();
    }
    // A new list begins at its top.
    Effect::new(move || {
        app.message_query.track();
        list.active.set(None);
        list.sought.set(None);
    });
    let head = if shelf == Shelf::All {
        view! {
            <header class="bar home-bar">
                <SearchBox list/>
                <NewButton/>
            </header>
        }
        .into_any()
    } else {
        view! { <TopBar title=shelf.title()/> }.into_any()
    };
    let is_empty = Memo::new(move |_| list.entries.with(Vec::is_empty));
    let failed = Memo::new(move |_| list.failure.with(Option::is_some));
    view! {
        <main class="screen">
            {head}
            {move || if !list.ready.get() {
                view! { <div class="talks" aria-busy="true"></div> }.into_any()
            } else if failed.get() && is_empty.get() {
                view! { <div class="talks"></div> }.into_any()
            } else if is_empty.get() {
                view! { <Empty shelf/> }.into_any()
            } else {
                view! { <Rows list/> }.into_any()
            }}
            {move || list.found.with(|it| it.as_ref().is_some_and(|it| !it.is_complete)).then(|| view! {
                <p class="talks-more" data-test="search-more">
                    "There may be more, further back. Another word finds fewer."
                </p>
            })}
            // Below the list: one that comes up late must not move a row from under the pointer.
            <div class="banners">
                {move || list.failure.get().map(|error| view! {
                    <Notice tone=Tone::Danger hook="error" text=error.message>
                        <button
                            type="button"
                            class="button small"
                            data-test="retry"
                            on:click=move |_| app.message_news.update(|news| *news += 1)
                        >
                            "Try again"
                        </button>
                    </Notice>
                })}
            </div>
            <BottomBar/>
        </main>
    }
}

#[component]
fn NewButton() -> impl IntoView {
    let app = App::here();
    view! {
        <button
            type="button"
            class="icon-button accent"
            data-test="new-message"
            aria-label="New message"
            title="New message"
            on:click=move |_| app.go(Route::NewMessage(Addressed::Nobody))
        >
            <Icon icon=icondata_lu::LuMessageSquarePlus size=20/>
        </button>
    }
}
