//! Writing an item. What is typed is kept as a draft with every change.

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{EditItem, SaveItem, ThisSite},
    error::{ErrorCode, WireError},
    ids::ItemId,
    vault::ItemKind,
};
use webext::time;

use self::fields::Fields;
use super::{Editing, Route};
use crate::{
    api,
    app::App,
    components::{
        bar::TopBar,
        dialog::Dialog,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom,
    draft::Unfinished,
    form::{ItemForm, Problems, kind_word},
};

mod fields;
mod login;
mod rows;

/// How long typing must rest before the draft is kept, milliseconds.
const REST_MS: u32 = 300;

/// State of this screen.
#[derive(Clone, Copy)]
pub(super) struct EditorState {
    app: App,
    /// What is typed.
    form: RwSignal<ItemForm>,
    /// What it was before: the draft is forgotten where both are the same.
    base: StoredValue<ItemForm>,
    /// Whether saving was tried: only then are problems told.
    asked: RwSignal<bool>,
    /// What the background says is wrong.
    refused: RwSignal<Problems>,
    failure: RwSignal<Option<WireError>>,
    busy: RwSignal<bool>,
    leaving: RwSignal<bool>,
}

impl EditorState {
    fn new(app: App, form: ItemForm, base: ItemForm) -> Self {
        Self {
            app,
            form: RwSignal::new(form),
            base: StoredValue::new(base),
            asked: RwSignal::new(false),
            refused: RwSignal::new(Problems::new()),
            failure: RwSignal::new(None),
            busy: RwSignal::new(false),
            leaving: RwSignal::new(false),
        }
    }

    /// What is wrong with a field, once that is to be told.
    fn problem(self, field: String) -> Signal<Option<String>> {
        Signal::derive(move || {
            if !self.asked.get() {
                return None;
            }
            let here = self.form.with(|form| form.problems().get(&field).copied());
            let there = || self.refused.with(|refused| refused.get(&field).copied());
            here.or_else(there).map(str::to_owned)
        })
    }

    fn is_changed(self) -> bool {
        self.form
            .with_untracked(|form| self.base.with_value(|base| !form.holds_same(base)))
    }

    /// Keeps what is typed, or forgets the draft where nothing is.
    fn keep_now(self) {
        if self.is_changed() {
            let draft = Unfinished {
                form: self.form.get_untracked(),
                at: api::now(),
            };
            self.app.keep_unfinished(Some(draft));
        } else if self.app.unfinished.with_untracked(Option::is_some) {
            self.app.keep_unfinished(None);
        }
    }

    fn save(self) {
        self.asked.set(true);
        self.failure.set(None);
        self.refused.set(Problems::new());
        let problems = self.form.with_untracked(ItemForm::problems);
        if let Some(field) = problems.keys().next() {
            focus_field(field);
            return;
        }
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let draft = self.form.with_untracked(ItemForm::draft);
        time::spawn(async move {
            match self.app.ask(SaveItem { draft }).await {
                Ok(saved) => {
                    self.base
                        .try_update_value(|base| *base = self.form.get_untracked());
                    self.app.keep_unfinished(None);
                    self.app.vault_news.update(|news| *news += 1);
                    self.app.go(Route::Item(saved.id));
                    self.app.toast.set(Some(Toast::done("Saved")));
                }
                Err(error) => {
                    self.busy.try_set(false);
                    self.refuse(error);
                }
            }
        });
    }

    fn refuse(self, error: WireError) {
        if error.code == ErrorCode::ItemInvalid
            && let Some(field) = error.params.get("field")
        {
            self.refused
                .try_update(|r| r.insert(field.clone(), "This is not accepted."));
        }
        self.failure.try_set(Some(error));
    }

    /// Leaves without a draft.
    fn discard(self) {
        self.form.set(self.base.get_value());
        self.app.keep_unfinished(None);
        self.app.back();
    }
}

/// The screen.
#[component]
pub(crate) fn Editor(
    /// What it was opened for.
    editing: Editing,
) -> impl IntoView {
    let app = App::here();
    let state = RwSignal::new(None::<EditorState>);
    let failure = RwSignal::new(None::<WireError>);
    let kept = app.unfinished.get_untracked();
    // The state belongs to the screen, not to the task that makes it.
    let owner = Owner::current();
    let start = move |form: ItemForm, base: ItemForm| {
        let make = || EditorState::new(app, form, base);
        let made = owner.as_ref().map(|owner| owner.with(make));
        state.try_set(made);
    };
    let restored = StoredValue::new(false);
    match (editing, kept) {
        (Editing::New(kind), Some(kept)) if kept.form.edits.is_none() && kept.form.kind == kind => {
            restored.set_value(true);
            start(kept.form, ItemForm::new(kind));
        }
        (Editing::Draft, Some(kept)) if kept.form.edits.is_none() => {
            restored.set_value(true);
            let base = ItemForm::new(kept.form.kind);
            start(kept.form, base);
        }
        (Editing::New(ItemKind::Login), _) => {
            time::spawn(async move {
                let form = new_login(app).await;
                start(form.clone(), form);
            });
        }
        (Editing::New(kind), _) => start(ItemForm::new(kind), ItemForm::new(kind)),
        (Editing::Existing(_) | Editing::Draft, kept) => {
            let kept = kept.map(|kept| kept.form);
            let wanted = match editing {
                Editing::Existing(id) => Some(id),
                _ => kept.as_ref().and_then(edited),
            };
            let Some(id) = wanted else {
                app.go(Route::Home);
                return ().into_any();
            };
            let kept = kept.filter(|form| edited(form) == Some(id));
            restored.set_value(kept.is_some());
            time::spawn(async move {
                match app.ask(EditItem { id }).await {
                    Ok(draft) => {
                        let base = ItemForm::from_draft(draft);
                        start(kept.unwrap_or_else(|| base.clone()), base);
                    }
                    Err(error) => {
                        failure.try_set(Some(error));
                    }
                }
            });
        }
    }
    view! {
        {move || match state.get() {
            Some(state) => view! { <Sheet state restored=restored.get_value()/> }.into_any(),
            None => view! {
                <main class="screen">
                    <TopBar title=""/>
                    <div class="content">
                        {move || failure.get().map(|error| view! {
                            <Notice tone=Tone::Danger hook="error" text=error.message/>
                        })}
                    </div>
                </main>
            }
            .into_any(),
        }}
    }
    .into_any()
}

/// The item that a form edits.
fn edited(form: &ItemForm) -> Option<ItemId> {
    form.edits.as_ref().map(|edits| edits.id)
}

/// A login for the page in front, where there is one.
async fn new_login(app: App) -> ItemForm {
    let host = match app.site.get_untracked() {
        Some(site) => site.host,
        None => app.ask(ThisSite {}).await.ok().and_then(|site| site.host),
    };
    host.map_or_else(
        || ItemForm::new(ItemKind::Login),
        |host| ItemForm::for_host(&host),
    )
}

#[component]
fn Sheet(state: EditorState, restored: bool) -> impl IntoView {
    let app = state.app;
    let kind = state.form.with_untracked(|form| form.kind);
    let edits = state.form.with_untracked(|form| form.edits.is_some());
    let restored = RwSignal::new(restored);
    let title = if edits {
        format!("Edit {}", kind_word(kind))
    } else {
        format!("New {}", kind_word(kind))
    };
    keep_while_typing(state);
    app.on_escape(move || {
        state.keep_now();
        app.back();
    });
    let cancel = move |_| {
        if state.is_changed() {
            state.leaving.set(true);
        } else {
            state.discard();
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            state.save();
        }
    };
    view! {
        <main class="screen">
            <TopBar
                title
                back=Callback::new(move |()| {
                    state.keep_now();
                    app.back();
                })
            />
            <form
                class="sheet"
                novalidate
                autocomplete="off"
                on:keydown=keydown
                on:submit=move |event| {
                    event.prevent_default();
                    state.save();
                }
            >
                <div class="content form">
                    {move || restored.get().then(|| view! {
                        <Notice tone=Tone::Info hook="restored" text="Your unfinished changes are back.">
                            <button
                                type="button"
                                class="button small"
                                data-test="start-over"
                                on:click=move |_| {
                                    restored.set(false);
                                    state.form.set(state.base.get_value());
                                    state.app.keep_unfinished(None);
                                }
                            >
                                "Start over"
                            </button>
                        </Notice>
                    })}
                    <Fields state kind/>
                </div>
                <footer class="actions">
                    <p class="actions-message">
                        {move || state.failure.get().map(|error| view! {
                            <span class="field-error" role="alert" data-test="error">{error.message}</span>
                        })}
                    </p>
                    <button type="button" class="button" data-test="cancel" on:click=cancel>
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        class:busy=move || state.busy.get()
                        data-test="save"
                        title="Ctrl Enter"
                        aria-disabled=move || state.busy.get().to_string()
                    >
                        "Save"
                    </button>
                </footer>
            </form>
        </main>
        {move || state.leaving.get().then(|| view! {
            <Dialog
                title="Discard what you typed?"
                text="Go back with the arrow or Escape instead, and it is kept as a draft."
                confirm="Discard"
                cancel="Go on writing"
                danger=true
                on_confirm=move |()| state.discard()
                on_cancel=move |()| state.leaving.set(false)
            />
        })}
    }
}

/// Keeps the draft whenever typing rests, and at once when the popup goes away.
fn keep_while_typing(state: EditorState) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        state.form.track();
        if before.is_none() {
            return;
        }
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        time::spawn(async move {
            time::sleep(REST_MS).await;
            if newest.try_get_value() == Some(number) {
                state.keep_now();
            }
        });
    });
    let hidden = window_event_listener(ev::pagehide, move |_| {
        if state.is_changed() {
            state.keep_now();
        }
    });
    on_cleanup(move || hidden.remove());
}

fn focus_field(field: &str) {
    let selector = format!("[data-test='{field}']");
    if let Ok(Some(element)) = document().query_selector(&selector) {
        dom::focus_element(&element);
    }
}
