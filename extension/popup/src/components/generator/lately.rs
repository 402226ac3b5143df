//! Passwords that were made for pages lately: whoever lost one before its login was saved finds it
//! here.

use leptos::prelude::*;
use proto::{
    bridge::popup::{ForgetGenerated, GeneratedPassword, ListGenerated, RevealGenerated},
    ids::GeneratedId,
    vault::SecretText,
};
use webext::time;

use crate::{
    api,
    app::App,
    components::{icon::Icon, password_field::Eye},
    dom, format,
};

/// The list; nothing where there are none.
#[component]
pub(crate) fn GeneratedLately() -> impl IntoView {
    let app = App::here();
    let passwords = RwSignal::new(Vec::<GeneratedPassword>::new());
    time::spawn(async move {
        if let Ok(list) = app.ask(ListGenerated {}).await {
            passwords.try_set(list.passwords);
        }
    });
    let forget = Callback::new(move |id: GeneratedId| {
        dom::focus("regenerate");
        time::spawn(async move {
            if let Some(list) = app.ask_or_tell(ForgetGenerated { id }).await {
                passwords.try_set(list.passwords);
            }
        });
    });
    view! {
        <section hidden=move || passwords.with(Vec::is_empty) aria-labelledby="lately">
            <h2 class="section-title" id="lately">"Generated lately · kept for 30 days"</h2>
            <div class="entries">
                <For each=move || passwords.get() key=|made| made.id let(made)>
                    <Made made forget/>
                </For>
            </div>
        </section>
    }
}

#[component]
fn Made(made: GeneratedPassword, forget: Callback<GeneratedId>) -> impl IntoView {
    let app = App::here();
    let id = made.id;
    let shown = RwSignal::new(false);
    let value = RwSignal::new(None::<SecretText>);
    Effect::new(move || {
        if !shown.get() {
            value.set(None);
            return;
        }
        time::spawn(async move {
            match app.ask_or_tell(RevealGenerated { id }).await {
                Some(revealed) => {
                    value.try_set(Some(revealed.value));
                }
                None => {
                    shown.try_set(false);
                }
            }
        });
    });
    let copy = move |_| {
        time::spawn(async move {
            if let Some(revealed) = app.ask_or_tell(RevealGenerated { id }).await {
                app.copy_text(revealed.value).await;
            }
        });
    };
    let site = made.site;
    let what = format!("password for {site}");
    view! {
        <div class="entry" data-test="made">
            <div class="entry-text">
                <span class="entry-value">{site}</span>
                <span class="entry-label">
                    {made.replaced.then_some("replaced ")}
                    {format::ago(made.made_at, api::now())}
                </span>
                {move || value.get().map(|value| view! {
                    // EXPOSE: the user asked to see it.
                    <span class="entry-value mono" data-test="made-value">
                        {value.expose_secret().to_owned()}
                    </span>
                })}
            </div>
            <Eye shown hook="reveal-made" what=what.clone()/>
            <button
                type="button"
                class="icon-button"
                data-test="copy-made"
                aria-label=format!("Copy {what}")
                title="Copy"
                on:click=copy
            >
                <Icon icon=icondata_lu::LuCopy/>
            </button>
            <button
                type="button"
                class="icon-button"
                data-test="forget-made"
                aria-label=format!("Forget {what}")
                title="Forget"
                on:click=move |_| forget.run(id)
            >
                <Icon icon=icondata_lu::LuTrash2/>
            </button>
        </div>
    }
}
