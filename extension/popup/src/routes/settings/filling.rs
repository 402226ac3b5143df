//! What Pearvault does on pages by itself, and the sites where it does not.

use leptos::prelude::*;
use proto::bridge::popup::{ForgetNever, ListNever};
use webext::time;

use crate::{
    app::App,
    components::{icon::Icon, option::Switch},
    dom,
    routes::Route,
};

/// The section.
#[component]
pub(super) fn FillingSettings() -> impl IntoView {
    let app = App::here();
    let settings = Signal::derive(move || app.settings.get().unwrap_or_default());
    view! {
        <h2 class="section-title">"On pages"</h2>
        <div class="card">
            <Switch
                hook="inline-menu"
                label="Menu at fields"
                on=Signal::derive(move || settings.with(|s| s.inline_menu))
                on_change=move |on: bool| app.change_settings(|s| s.inline_menu = on)
            />
            <Switch
                hook="offer-to-save"
                label="Offer to save logins"
                on=Signal::derive(move || settings.with(|s| s.offer_to_save))
                on_change=move |on: bool| app.change_settings(|s| s.offer_to_save = on)
            />
            <Switch
                hook="copy-codes"
                label="Copy one-time codes after filling"
                on=Signal::derive(move || settings.with(|s| s.copy_codes))
                on_change=move |on: bool| app.change_settings(|s| s.copy_codes = on)
            />
            <NeverOffered/>
            <button
                type="button"
                class="setting setting-button"
                data-test="open-why"
                on:click=move |_| app.go(Route::Why)
            >
                <span class="setting-text">
                    <span class="setting-label">"Why these fields?"</span>
                    <span class="setting-note">"What Pearvault sees in the page in front"</span>
                </span>
                <Icon icon=icondata_lu::LuChevronRight/>
            </button>
        </div>
    }
}

/// Sites whose logins are never offered to be saved; nothing where there are none.
#[component]
fn NeverOffered() -> impl IntoView {
    let app = App::here();
    let sites = RwSignal::new(Vec::<String>::new());
    time::spawn(async move {
        if let Ok(list) = app.ask(ListNever {}).await {
            sites.try_set(list.sites);
        }
    });
    let forget = move |site: String| {
        dom::focus("offer-to-save");
        time::spawn(async move {
            if let Some(list) = app.ask_or_tell(ForgetNever { site }).await {
                sites.try_set(list.sites);
            }
        });
    };
    let row = move |site: String| {
        let label = format!("Offer again for {site}");
        let shown = site.clone();
        view! {
            <div class="setting" data-test="never">
                <span class="setting-text">
                    <span class="setting-label">{shown}</span>
                    <span class="setting-note">"Never offered to be saved"</span>
                </span>
                <button
                    type="button"
                    class="button small"
                    data-test="forget-never"
                    aria-label=label
                    on:click=move |_| forget(site.clone())
                >
                    "Offer again"
                </button>
            </div>
        }
    };
    move || sites.get().into_iter().map(row).collect_view()
}
