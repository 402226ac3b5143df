//! One row of the list.

use leptos::prelude::*;
use proto::vault::{ItemKind, ItemSummary};

use super::{Home, list::shift};
use crate::components::{avatar::Avatar, icon::Icon};

/// A row, or its place while its page is on the way.
#[component]
pub(super) fn Row(
    /// The screen.
    home: Home,
    /// Its number.
    row: u32,
    /// What it shows, and whether that is a login for the site.
    item: Option<(ItemSummary, bool)>,
) -> impl IntoView {
    let top = move || shift(home.layout.get().top(row));
    let Some((item, site)) = item else {
        return view! { <div class="row row-empty" role="row" style:transform=top></div> }
            .into_any();
    };
    let active = Memo::new(move |_| home.active.get() == row);
    let is_login = item.kind == ItemKind::Login;
    // By itself: a row that is drawn anew under a click loses it.
    let pending = Memo::new(move |_| home.item(row).is_some_and(|(item, _)| item.pending));
    let has_password = item.has_password;
    let is_form = matches!(item.kind, ItemKind::Card | ItemKind::Identity);
    let has_user = !item.subtitle.is_empty();
    let seed = item.host.clone();
    let second = match (item.subtitle.is_empty(), item.host.is_empty()) {
        (false, _) => item.subtitle.clone(),
        (true, false) => item.host.clone(),
        (true, true) => crate::form::kind_word(item.kind).to_owned(),
    };
    view! {
        <div
            class="row"
            class:active=move || active.get()
            role="row"
            id=format!("row-{row}")
            aria-selected=move || active.get().to_string()
            aria-rowindex=(row + 1).to_string()
            data-test="row"
            data-id=item.id.to_string()
            data-site=site.to_string()
            data-title=item.title.clone()
            style:transform=top
            on:pointermove=move |_| {
                if !active.get_untracked() {
                    home.active.set(row);
                }
            }
            on:click=move |_| home.act(row)
        >
            <div class="row-main" role="gridcell">
                <Avatar kind=item.kind title=item.title.clone() seed/>
                <span class="row-text">
                    <span class="row-title">{item.title.clone()}</span>
                    <span class="row-second">{second}</span>
                </span>
                {move || pending.get().then(|| view! {
                    <span class="row-pending" title="Waits for the server">
                        <Icon icon=icondata_lu::LuCloudUpload size=16/>
                    </span>
                })}
            </div>
            <div class="row-actions" role="gridcell">
                {(is_login && has_user).then(|| view! {
                    <RowButton
                        active hook="copy-username" label="Copy user name"
                        icon=icondata_lu::LuUserRound
                        act=Callback::new(move |()| home.copy_username(row))
                    />
                })}
                {has_password.then(|| view! {
                    <RowButton
                        active hook="copy-password" label="Copy password"
                        icon=icondata_lu::LuKeyRound
                        act=Callback::new(move |()| home.copy_password(row))
                    />
                })}
                {is_form.then(|| view! {
                    <RowButton
                        active hook="preview" label="Fill…"
                        icon=icondata_lu::LuTextCursorInput
                        act=Callback::new(move |()| home.preview(row))
                    />
                })}
                <RowButton
                    active hook="open" label="Open"
                    icon=icondata_lu::LuChevronRight
                    act=Callback::new(move |()| home.open(row))
                />
            </div>
            {site.then(|| view! {
                <div class="row-fill" role="gridcell">
                    <button
                        type="button"
                        class="button primary small"
                        data-test="fill"
                        tabindex=move || if active.get() { "0" } else { "-1" }
                        aria-label=format!("Fill {}", item.title)
                        on:click=move |event| {
                            event.stop_propagation();
                            home.act(row);
                        }
                    >
                        "Fill"
                    </button>
                </div>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn RowButton(
    active: Memo<bool>,
    hook: &'static str,
    label: &'static str,
    icon: icondata_core::Icon,
    act: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button small"
            data-test=hook
            aria-label=label
            title=label
            tabindex=move || if active.get() { "0" } else { "-1" }
            on:click=move |event| {
                event.stop_propagation();
                act.run(());
            }
        >
            <Icon icon size=16/>
        </button>
    }
}
