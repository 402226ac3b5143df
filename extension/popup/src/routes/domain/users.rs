//! The accounts of a domain, page by page, and those whose names begin as typed.

use leptos::prelude::*;
use proto::{
    api::domain::{DomainUser, DomainUsers},
    bridge::popup::ListUsers,
    error::WireError,
};
use webext::time;

use super::{super::domains::told_here, Shown};
use crate::{
    api,
    components::{
        field::TextField,
        notice::{Notice, Tone},
    },
    format,
};

/// How long typing must rest before the server is asked, milliseconds.
const REST_MS: u32 = 300;

/// The users that are shown.
#[derive(Clone, Copy)]
struct Listed {
    shown: Shown,
    /// How the names begin.
    start: RwSignal<String>,
    users: RwSignal<Option<Result<DomainUsers, WireError>>>,
    /// What the names begin with that are listed.
    of: RwSignal<String>,
    /// Counts questions: an answer to an older one is dropped.
    newest: StoredValue<u32>,
}

/// The list and its filter.
#[component]
pub(super) fn Users(shown: Shown) -> impl IntoView {
    let listed = Listed {
        shown,
        start: RwSignal::new(String::new()),
        users: RwSignal::new(None),
        of: RwSignal::new(String::new()),
        newest: StoredValue::new(0),
    };
    Effect::new(move |before: Option<()>| {
        listed.start.track();
        listed.ask_anew(if before.is_some() { REST_MS } else { 0 });
    });
    view! {
        <h2 class="section-title">"Addresses"</h2>
        <TextField
            name="user-filter"
            label="Begins with"
            value=listed.start
            on_input=move |text| listed.start.set(text)
        />
        {move || match listed.users.get() {
            None => view! { <p class="setting-note">"Asking the server…"</p> }.into_any(),
            Some(Err(error)) => {
                view! { <Notice tone=Tone::Danger hook="users-error" text=told_here(&error)/> }.into_any()
            }
            Some(Ok(page)) => view! { <List listed page/> }.into_any(),
        }}
    }
}

impl Listed {
    /// Asks for the first page, after a rest.
    fn ask_anew(self, rest: u32) {
        let start = beginning(&self.start.get_untracked());
        self.ask(start.clone(), start, nobody(), rest);
    }

    /// Asks for what comes after `after` and begins with `start`; it goes behind `before`.
    fn ask(self, start: String, after: String, before: DomainUsers, rest: u32) {
        let number = self.newest.get_value().wrapping_add(1);
        self.newest.set_value(number);
        time::spawn(async move {
            let outdated = move || self.newest.try_get_value() != Some(number);
            time::sleep(rest).await;
            if outdated() {
                return;
            }
            let Some(domain) = self.shown.domain.try_get_value() else {
                return;
            };
            let answer = self.shown.app.ask(ListUsers { domain, after }).await;
            if !outdated() {
                let joined = answer.map(|page| join(before, page, &start));
                self.of.try_set(start);
                self.users.try_set(Some(joined));
            }
        });
    }

    /// Asks for the next page.
    fn more(self) {
        let page = self.users.get_untracked().and_then(Result::ok);
        let page = page.unwrap_or_else(nobody);
        if let Some(last) = page.users.last() {
            let after = last.address.to_string();
            self.ask(self.of.get_untracked(), after, page, 0);
        }
    }
}

#[component]
fn List(listed: Listed, page: DomainUsers) -> impl IntoView {
    if page.users.is_empty() {
        return view! { <p class="setting-note" data-test="no-users">"No such address."</p> }
            .into_any();
    }
    let rows = page
        .users
        .into_iter()
        .map(|user| view! { <Row listed user/> });
    view! {
        <div class="card">{rows.collect_view()}</div>
        // Not while others are asked for.
        {move || (page.has_more && listed.of.get() == beginning(&listed.start.get())).then(|| view! {
            <button
                type="button"
                class="button"
                data-test="more-users"
                on:click=move |_| listed.more()
            >
                "Show more"
            </button>
        })}
    }
    .into_any()
}

#[component]
fn Row(listed: Listed, user: DomainUser) -> impl IntoView {
    let address = user.address.to_string();
    let name = user.address.name().to_owned();
    let label = format!("Reset the password of {address}");
    view! {
        <div class="setting" data-test="user" data-address=address.clone()>
            <span class="setting-text">
                <span class="setting-label">{address.clone()}</span>
                <span class="setting-note">
                    {format!("Since {}", format::date(api::wall(user.created_at)))}
                </span>
            </span>
            <button
                type="button"
                class="button small"
                data-test="reset-user"
                aria-label=label
                on:click=move |_| listed.shown.asked.set(Some(name.clone()))
            >
                "Reset password"
            </button>
        </div>
    }
}

/// How addresses begin whose names begin as typed.
fn beginning(typed: &str) -> String {
    let typed = typed.trim().to_ascii_lowercase();
    let name = typed.split('@').next();
    name.unwrap_or_default().to_owned()
}

fn nobody() -> DomainUsers {
    DomainUsers {
        users: Vec::new(),
        has_more: false,
    }
}

/// A page behind others, without what begins otherwise: from there on nothing fits.
fn join(before: DomainUsers, page: DomainUsers, start: &str) -> DomainUsers {
    let fits = |user: &DomainUser| user.address.as_str().starts_with(start);
    let has_more = page.has_more && page.users.last().is_some_and(fits);
    let mut users = before.users;
    users.extend(page.users.into_iter().filter(fits));
    DomainUsers { users, has_more }
}

#[cfg(test)]
mod tests {
    use proto::{address::AddressError, ids::UnixMillis};

    use super::*;

    fn page(names: &[&str], has_more: bool) -> Result<DomainUsers, AddressError> {
        let user = |name: &&str| {
            Ok(DomainUser {
                address: format!("{name}@b.de").parse()?,
                created_at: UnixMillis(0),
            })
        };
        let users = names
            .iter()
            .map(user)
            .collect::<Result<_, AddressError>>()?;
        Ok(DomainUsers { users, has_more })
    }

    #[test]
    fn what_begins_otherwise_ends_the_list() -> Result<(), AddressError> {
        assert_eq!(beginning(" An@b.de "), "an");
        let joined = join(page(&["an"], true)?, page(&["ann", "anton"], true)?, "an");
        assert_eq!(joined, page(&["an", "ann", "anton"], true)?);
        let joined = join(joined, page(&["any", "bert"], true)?, "an");
        assert_eq!(joined, page(&["an", "ann", "anton", "any"], false)?);
        assert_eq!(
            join(nobody(), page(&["an"], false)?, ""),
            page(&["an"], false)?
        );
        Ok(())
    }
}
