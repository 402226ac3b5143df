//! The list, of which only the rows in sight are on the page.

use leptos::{ev, html, prelude::*};
use proto::vault::ItemKind;

use super::{Home, model::PAGE, row::Row};
use crate::{format, window};

/// Height assumed until it is measured, CSS pixels: that of the popup.
const POPUP_VIEWPORT: u32 = 440;

/// Both sections.
#[component]
pub(super) fn ItemList(home: Home) -> impl IntoView {
    let app = home.app;
    let scroller = NodeRef::<html::Div>::new();
    let scrolled = RwSignal::new(0_u32);
    let viewport = RwSignal::new(POPUP_VIEWPORT);
    let measure = move || {
        if let Some(scroller) = scroller.get_untracked() {
            scrolled.set(pixels(scroller.scroll_top()));
            viewport.set(pixels(scroller.client_height()).max(window::ROW));
        }
    };
    Effect::new(move || {
        scroller.track();
        measure();
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());

    let range = Memo::new(move |_| home.layout.get().visible(scrolled.get(), viewport.get()));
    Effect::new(move || {
        let site = home.layout.get().site;
        let rows = range.get();
        app.results.track();
        home.load(window::pages(
            rows.start.saturating_sub(site)..rows.end.saturating_sub(site),
            PAGE,
        ));
    });
    follow(home, scroller);

    let rows = move || {
        range
            .get()
            .map(|row| (row, home.item(row)))
            .collect::<Vec<_>>()
    };
    let site_header = move || {
        app.site
            .with(|site| site.as_ref().and_then(|site| site.host.clone()))
            .unwrap_or_default()
    };
    let site_title = move || {
        let first = home
            .site_items
            .with(|items| items.first().map(|item| item.kind));
        match first {
            Some(ItemKind::Card) => "Cards for",
            Some(ItemKind::Identity) => "Identities for",
            _ => "This site",
        }
    };
    let all_header = move || {
        let total = u64::from(home.layout.get().total);
        if app.results.with(|results| results.query.trim().is_empty()) {
            format!("All items · {}", format::count(total))
        } else {
            format!("Found · {}", format::count(total))
        }
    };
    view! {
        <div
            class="list"
            id="items"
            role="grid"
            aria-label="Items"
            aria-rowcount=move || home.layout.get().rows().to_string()
            tabindex="-1"
            node_ref=scroller
            on:scroll=move |_| measure()
        >
            <div class="list-inside" role="presentation" style:height=move || px(home.layout.get().height())>
                <div
                    class="list-header"
                    role="presentation"
                    style:display=move || display(home.layout.get().site > 0)
                >
                    {site_title}
                    <span class="list-host">{site_header}</span>
                </div>
                <div
                    class="list-header"
                    role="presentation"
                    style:display=move || display(home.layout.get().total > 0)
                    style:transform=move || shift(home.layout.get().second_header())
                >
                    {all_header}
                </div>
                <For
                    each=rows
                    key=|(row, item)| match item {
                        Some((item, site)) => format!(
                            "{row}/{}/{site}/{}/{}/{}",
                            item.id, item.has_password, item.title, item.subtitle,
                        ),
                        None => row.to_string(),
                    }
                    let((row, item))
                >
                    <Row home row item/>
                </For>
            </div>
        </div>
    }
}

/// Scrolls to the row that the keys went to.
fn follow(home: Home, scroller: NodeRef<html::Div>) {
    Effect::new(move || {
        let sought = home.sought.get();
        let Some(scroller) = scroller.get() else {
            return;
        };
        let layout = home.layout.get_untracked();
        if sought >= layout.rows() {
            return;
        }
        let seen = pixels(scroller.client_height());
        if let Some(top) = layout.reveal(sought, pixels(scroller.scroll_top()), seen) {
            scroller.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
        }
    });
}

fn display(shown: bool) -> &'static str {
    if shown { "flex" } else { "none" }
}

fn px(pixels: u32) -> String {
    format!("{pixels}px")
}

/// Moves something down by that much.
pub(super) fn shift(pixels: u32) -> String {
    format!("translateY({pixels}px)")
}

fn pixels(measured: i32) -> u32 {
    u32::try_from(measured).unwrap_or_default()
}
