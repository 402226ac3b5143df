//! The account is made.

use leptos::prelude::*;
use proto::vault::ItemKind;
use webext::{page, time};

use super::{Asked, Editing, Route};
use crate::{
    app::App,
    components::{brand::Brand, icon::Icon},
    shortcut,
};

/// What was reached, and what comes next.
#[component]
pub(crate) fn Ready() -> impl IntoView {
    let app = App::here();
    // Empty: not set; none: the browser has not told.
    let keys = RwSignal::new(None::<String>);
    time::spawn(async move {
        let shortcuts = page::shortcuts().await;
        let open = shortcuts.into_iter().find(|s| s.name == shortcut::OPEN);
        keys.try_set(open.map(|open| open.keys));
    });
    crate::dom::focus("open-recovery");
    let address = move || app.address().map(|address| address.to_string());
    view! {
        <main class="screen hero ready">
            <div class="hero-head">
                <div class="ready-mark">
                    <Brand/>
                    <span class="ready-check"><Icon icon=icondata_lu::LuCheck size=18/></span>
                </div>
                <h1 class="hero-title">"Your address is ready"</h1>
                <p class="ready-address">{address}</p>
            </div>
            <ol class="next-steps">
                <li>
                    <Icon icon=icondata_lu::LuShieldCheck/>
                    <span>
                        <strong>"Write down your recovery words."</strong>
                        " They let you back in if you forget the password. Lose both, and the vault is lost for good."
                    </span>
                </li>
                <li>
                    <Icon icon=icondata_lu::LuKeyRound/>
                    <span><strong>"Save a first login."</strong> " Pearvault fills it from then on."</span>
                </li>
                <li>
                    <Icon icon=icondata_lu::LuKeyboard/>
                    <span>
                        <strong>"Open Pearvault on a login page"</strong>
                        {move || match keys.get() {
                            None => ", and press Enter to fill.".into_any(),
                            Some(keys) if keys.is_empty() => view! { <NoKeys/> }.into_any(),
                            Some(keys) => view! { " with " <kbd>{keys}</kbd> ", and press Enter to fill." }.into_any(),
                        }}
                    </span>
                </li>
            </ol>
            <div class="hero-actions">
                <button
                    type="button"
                    class="button primary large"
                    data-test="open-recovery"
                    on:click=move |_| app.go(Route::Recovery(Asked::AtHome))
                >
                    "Show the recovery words"
                </button>
                <div class="words-more">
                    <button
                        type="button"
                        class="button quiet"
                        data-test="first-login"
                        on:click=move |_| app.go(Route::Editor(Editing::New(ItemKind::Login)))
                    >
                        "Later: first login"
                    </button>
                    <button
                        type="button"
                        class="button quiet"
                        data-test="go-home"
                        on:click=move |_| app.go(Route::Home)
                    >
                        "Later: the vault"
                    </button>
                </div>
            </div>
        </main>
    }
}

/// No keys open it, and where to set some.
#[component]
fn NoKeys() -> impl IntoView {
    let place = shortcut::place(&page::describe());
    view! {
        ", and press Enter to fill. No keys open it yet: set some on "
        <strong class="ready-place">{place.address}</strong>
        {place.way}
        "."
    }
}
