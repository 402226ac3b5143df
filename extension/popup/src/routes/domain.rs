//! One domain that the account administers: registration, users, and codes for them.

use leptos::prelude::*;
use proto::{
    api::domain::{CodePurpose, DomainName, DomainView},
    bridge::popup::{Domains, GiveCode, GivenCode, ListDomains, OpenRegistration},
    error::{ErrorCode, WireError},
};
use webext::time;

use self::{given::GivenDialog, users::Users};
use super::domains::{standing, told_here};
use crate::{
    address::fault,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        dialog::Dialog,
        field::TextField,
        notice::{Notice, Tone},
        option::Switch,
    },
    dom,
};

mod given;
mod users;

/// State of this screen.
#[derive(Clone, Copy)]
struct Shown {
    app: App,
    domain: StoredValue<DomainName>,
    /// Whose password is asked about.
    asked: RwSignal<Option<String>>,
    /// A code that was just made.
    given: RwSignal<Option<GivenCode>>,
}

/// The screen.
#[component]
pub(crate) fn DomainScreen(domain: DomainName) -> impl IntoView {
    let app = App::here();
    let title = domain.to_string();
    let shown = Shown {
        app,
        domain: StoredValue::new(domain),
        asked: RwSignal::new(None),
        given: RwSignal::new(None),
    };
    let view = RwSignal::new(None::<Result<DomainView, WireError>>);
    dom::focus("back");
    time::spawn(async move {
        let answer = app.ask(ListDomains {}).await;
        view.try_set(Some(answer.and_then(|answer| shown.find(answer))));
    });
    view! {
        <main class="screen">
            <TopBar title/>
            <div class="content">
                {move || match view.get() {
                    None => view! { <p class="setting-note">"Asking the server…"</p> }.into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="domain-error" text=error.message/> }
                            .into_any()
                    }
                    Some(Ok(found)) => view! { <Registration shown found/> }.into_any(),
                }}
                <Invite shown/>
                <Users shown/>
            </div>
            <BottomBar/>
            {move || shown.asked.get().map(|name| view! { <ResetDialog shown name/> })}
            {move || shown.given.get().map(|given| view! { <GivenDialog shown given/> })}
        </main>
    }
}

impl Shown {
    /// This domain among all that the account administers.
    fn find(self, all: Domains) -> Result<DomainView, WireError> {
        let is_this = |it: &DomainView| self.domain.with_value(|domain| it.domain == *domain);
        let found = all.domains.into_iter().find(is_this);
        found.ok_or_else(|| ErrorCode::DomainNotClaimed.into())
    }

    /// Asks for a code, which is shown then.
    async fn give(self, name: String, purpose: CodePurpose) -> Result<(), WireError> {
        let domain = self.domain.get_value();
        let request = GiveCode {
            domain,
            name,
            purpose,
        };
        let given = self.app.ask(request).await?;
        self.given.try_set(Some(given));
        Ok(())
    }
}

#[component]
fn Registration(shown: Shown, found: DomainView) -> impl IntoView {
    let now = RwSignal::new(found);
    let failure = RwSignal::new(None::<WireError>);
    let busy = StoredValue::new(false);
    let change = move |open: bool| {
        if busy.get_value() {
            // The switch shows what holds.
            now.update(|_| ());
            return;
        }
        busy.set_value(true);
        failure.set(None);
        let domain = shown.domain.get_value();
        time::spawn(async move {
            let answer = shown.app.ask(OpenRegistration { domain, open }).await;
            let answer = answer.and_then(|answer| shown.find(answer));
            // It may have happened all the same: what holds is asked for.
            let holds = match &answer {
                Ok(_) => None,
                Err(_) => shown.app.ask(ListDomains {}).await.ok(),
            };
            let holds = holds.and_then(|all| shown.find(all).ok());
            match (answer, holds) {
                (Ok(view), _) => {
                    now.try_set(view);
                }
                (Err(_), Some(view)) if view.registration_open == open => {
                    now.try_set(view);
                }
                (Err(error), holds) => {
                    failure.try_set(Some(error));
                    now.try_update(|now| *now = holds.unwrap_or_else(|| now.clone()));
                }
            }
            busy.try_set_value(false);
        });
    };
    view! {
        <div class="card">
            <Switch
                hook="registration"
                label="Anybody may register"
                on=Signal::derive(move || now.with(|now| now.registration_open))
                on_change=change
            />
        </div>
        <p class="setting-note" data-test="registration-state" aria-live="polite">
            {move || now.with(|now| format!("{}.", standing(now)))}
        </p>
        {move || failure.get().map(|error| {
            view! { <Notice tone=Tone::Danger hook="registration-error" text=told_here(&error)/> }
        })}
    }
}

/// A code with which a name registers.
#[component]
fn Invite(shown: Shown) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let address = move || {
        let name = typed.with(|typed| typed.trim().to_ascii_lowercase());
        shown.domain.with_value(|domain| format!("{name}@{domain}"))
    };
    let error = Signal::derive(move || {
        if let Some(failure) = failure.get() {
            return Some(told_here(&failure));
        }
        let fault = fault(&address());
        let fault = fault.filter(|fault| asked.get() || fault.stays());
        fault.map(|fault| fault.to_string())
    });
    let invite = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        failure.set(None);
        if untrack(|| fault(&address())).is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let name = typed.get_untracked();
        time::spawn(async move {
            match shown.give(name, CodePurpose::Account).await {
                Ok(()) => {
                    asked.try_set(false);
                    typed.try_set(String::new());
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <h2 class="section-title">"Invite somebody"</h2>
        <form class="form" novalidate on:submit=invite>
            <TextField
                name="invite-name"
                label="Name before the @"
                value=typed
                on_input=move |text| {
                    failure.set(None);
                    asked.set(false);
                    typed.set(text);
                }
                error
                hint="You get a code to pass on. Its owner chooses the password; you never know it."
            />
            <div class="form-end">
                <button
                    type="submit"
                    class="button"
                    class:busy=move || busy.get()
                    data-test="invite"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Make a code"
                </button>
            </div>
        </form>
    }
}

/// Says what a reset does before there is a code for one.
#[component]
fn ResetDialog(shown: Shown, name: String) -> impl IntoView {
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let title = shown
        .domain
        .with_value(|domain| format!("Reset the password of {name}@{domain}?"));
    let confirm = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let name = name.clone();
        time::spawn(async move {
            match shown.give(name, CodePurpose::Reset).await {
                Ok(()) => {
                    shown.asked.try_set(None);
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog
            title
            text="You get a code to pass on to its owner. Whoever uses it chooses a new password, gets the address, and signs all other devices out; so make sure whom you give it to. What is in the vault until now stays locked: only the old password or the recovery words open it, never the code, and never you. Nothing changes until the code is used."
            confirm="Make a code"
            danger=true
            ready=Signal::derive(move || !busy.get())
            on_confirm=confirm
            on_cancel=move |()| {
                // The code is being made: the dialog goes once it is there.
                if !busy.get_untracked() {
                    shown.asked.set(None);
                }
            }
        >
            {move || failure.get().map(|error| {
                view! { <Notice tone=Tone::Danger hook="error" text=told_here(&error)/> }
            })}
        </Dialog>
    }
}
