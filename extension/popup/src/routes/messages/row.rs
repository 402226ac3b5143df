//! The lines of the list.

use leptos::{html, prelude::*};
use proto::{
    address::Address,
    bridge::popup::ConversationSummary,
    ids::{MessageId, UnixMillis},
    vault::ItemKind,
};

use super::Listed;
use crate::{
    api,
    components::{avatar::Avatar, icon::Icon},
    dom,
    message::{
        list::{Entry, Mark, Shelf, badge, count, found_text, preview, spoken},
        when,
    },
};

/// All of them.
#[component]
pub(super) fn Rows(list: Listed) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    Effect::new(move || {
        let Some(sought) = list.sought.get() else {
            return;
        };
        if let Some(scroller) = scroller.get() {
            dom::reveal(&scroller, &sought.id());
        }
    });
    if list.shelf != Shelf::All {
        dom::focus("conversations");
    }
    view! {
        <div
            class="talks"
            id="conversations"
            data-test="conversations"
            role="listbox"
            aria-label=list.shelf.title()
            aria-activedescendant=move || list.current().map(|entry| entry.id())
            // The search has the focus where there is one.
            tabindex=if list.shelf == Shelf::All { "-1" } else { "0" }
            node_ref=scroller
            on:pointerenter=move |_| list.hold(true)
            on:pointerleave=move |_| list.hold(false)
            on:keydown=move |event| list.key(&event)
        >
            <For each=move || list.entries.get() key=Clone::clone let(entry)>
                <Row list entry/>
            </For>
        </div>
    }
}

#[component]
fn Row(list: Listed, entry: Entry) -> impl IntoView {
    let id = entry.id();
    let (mine, opened) = (entry.clone(), entry.clone());
    let active = Memo::new(move |_| list.current().as_ref() == Some(&mine));
    let pointed = entry.clone();
    let inside = match entry.clone() {
        Entry::Shelf(shelf) => view! { <ShelfLine list shelf/> }.into_any(),
        Entry::With(address) => view! { <TalkLine list address/> }.into_any(),
        Entry::At(address, id) => view! { <FoundLine list address id/> }.into_any(),
    };
    let hook = match entry {
        Entry::Shelf(Shelf::Requests) => "requests",
        Entry::Shelf(_) => "blocked",
        Entry::With(_) => "conversation",
        Entry::At(..) => "found-message",
    };
    let summary = summary_of(list, &entry);
    let label = move || summary.get().map(|it| spoken(&it, &listed(&it)));
    let unread = move || summary.with(|it| it.as_ref().map(|it| it.unread.to_string()));
    let mark = move || summary.with(|it| it.as_ref().and_then(Mark::of).map(Mark::name));
    view! {
        <div
            class="talk"
            class:active=move || active.get()
            role="option"
            id=id
            aria-selected=move || active.get().to_string()
            aria-label=label
            data-test=hook
            data-address=address_of(&entry)
            data-unread=unread
            data-mark=mark
            on:pointermove=move |_| {
                if !active.get_untracked() {
                    list.active.set(Some(pointed.clone()));
                }
            }
            on:click=move |_| list.open(&opened)
        >
            {inside}
        </div>
    }
}

/// A line that opens another list.
#[component]
fn ShelfLine(list: Listed, shelf: Shelf) -> impl IntoView {
    let icon = match shelf {
        Shelf::Requests => icondata_lu::LuInbox,
        Shelf::All | Shelf::Blocked => icondata_lu::LuBan,
    };
    let number = Memo::new(move |_| list.all.with(|all| count(all, shelf)));
    view! {
        <span class="talk-icon"><Icon icon/></span>
        <span class="talk-text">
            <span class="talk-name">{shelf.title()}</span>
            {(shelf == Shelf::Requests).then(|| view! {
                <span class="talk-second">"From people you have not answered yet"</span>
            })}
        </span>
        <span class="talk-count" data-test="count">{move || number.get()}</span>
        <Icon icon=icondata_lu::LuChevronRight size=16/>
    }
}

/// A conversation. What of it changes is changed in its place: a row that is drawn anew under a
/// click loses it.
#[component]
fn TalkLine(list: Listed, address: Address) -> impl IntoView {
    let name = address.to_string();
    let summary = summary_of(list, &Entry::With(address));
    let second = move || summary.with(|it| it.as_ref().map(preview));
    let time = move || summary.with(|it| it.as_ref().map(listed));
    let unread = Memo::new(move |_| summary.with(|it| it.as_ref().and_then(|it| badge(it.unread))));
    let mark = Memo::new(move |_| summary.with(|it| it.as_ref().and_then(Mark::of)));
    let verified = Memo::new(move |_| {
        summary.with(|it| {
            it.as_ref()
                .is_some_and(|it| it.is_verified && !it.is_key_changed)
        })
    });
    view! {
        <Avatar kind=ItemKind::Login title=name.clone() seed=name.clone()/>
        <span class="talk-text" class:talk-unread=move || unread.with(Option::is_some)>
            <span class="talk-head">
                <span class="talk-name">{name}</span>
                {move || verified.get().then(|| view! {
                    <span class="talk-verified" title="Safety number compared">
                        <Icon icon=icondata_lu::LuBadgeCheck size=14/>
                    </span>
                })}
                <span class="talk-time">{time}</span>
            </span>
            <span class="talk-head">
                <span class="talk-second" data-test="preview">{second}</span>
                {move || mark.get().map(|mark| view! {
                    <span class="talk-mark" data-mark=mark.name() title=mark.text()>
                        <Icon icon=icon(mark) size=14/>
                    </span>
                })}
                {move || unread.get().map(|count| view! {
                    <span class="unread" data-test="unread">{count}</span>
                })}
            </span>
        </span>
    }
}

/// A message that was found.
#[component]
fn FoundLine(list: Listed, address: Address, id: MessageId) -> impl IntoView {
    let name = address.to_string();
    let found = Memo::new(move |_| {
        list.found.with(|all| {
            let all = all.as_ref()?.found.iter();
            all.clone()
                .find(|it| it.id == id && it.address == address)
                .cloned()
        })
    });
    let second = move || found.with(|it| it.as_ref().map(found_text));
    let time = move || found.with(|it| it.as_ref().map(|it| listed_at(it.at)));
    view! {
        <span class="talk-icon"><Icon icon=icondata_lu::LuMessageSquareText/></span>
        <span class="talk-text">
            <span class="talk-head">
                <span class="talk-name">{name}</span>
                <span class="talk-time">{time}</span>
            </span>
            <span class="talk-second" data-test="found-text">{second}</span>
        </span>
    }
}

fn summary_of(list: Listed, entry: &Entry) -> Memo<Option<ConversationSummary>> {
    let address = match entry {
        Entry::With(address) => Some(address.clone()),
        Entry::Shelf(_) | Entry::At(..) => None,
    };
    Memo::new(move |_| {
        let address = address.as_ref()?;
        list.all
            .with(|all| all.iter().find(|it| it.address == *address).cloned())
    })
}

fn address_of(entry: &Entry) -> Option<String> {
    match entry {
        Entry::With(address) | Entry::At(address, _) => Some(address.to_string()),
        Entry::Shelf(_) => None,
    }
}

fn listed(summary: &ConversationSummary) -> String {
    listed_at(summary.at)
}

fn listed_at(at: UnixMillis) -> String {
    when::listed(api::wall(at), api::wall(api::now()))
}

fn icon(mark: Mark) -> icondata_core::Icon {
    match mark {
        Mark::KeyChanged => icondata_lu::LuTriangleAlert,
        Mark::Failed => icondata_lu::LuCircleAlert,
        Mark::Waiting => icondata_lu::LuClock,
    }
}
