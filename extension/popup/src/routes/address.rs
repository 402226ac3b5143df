//! Choosing the address of a new account, with a look whether it is free.

use leptos::prelude::*;
use proto::{
    address::AddressWarning,
    api::info::Availability,
    bridge::popup::{AddressCheck, CheckAddress},
    error::{ErrorCode, ErrorKind},
};
use webext::time;

use super::{Route, welcome::Problem};
use crate::{
    address::{self, AddressFault, normal},
    app::App,
    components::{
        bar::TopBar,
        field::TextField,
        icon::Icon,
        notice::told,
        server_field::{ServerField, may_mend},
    },
    draft::Way,
    format,
};

/// How long typing must rest before the server is asked, milliseconds.
const REST_MS: u32 = 350;
/// How long it must rest after that before what is missing is told, milliseconds.
const PATIENCE_MS: u32 = 900;

/// What is known of the address typed.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// Not an address yet.
    Idle,
    /// Not an address, and told so.
    Invalid(AddressFault),
    /// Being asked.
    Checking,
    /// The answer.
    Known(AddressCheck),
}

/// The form.
#[component]
pub(crate) fn ChooseAddress() -> impl IntoView {
    let app = App::here();
    let verdict = RwSignal::new(Verdict::Idle);
    let pressed = RwSignal::new(false);
    let again = Trigger::new();
    watch(app, verdict, again);
    let available = Signal::derive(move || verdict.with(is_available));
    let unanswered = Signal::derive(move || verdict.with(is_unanswered));
    // Continue pressed while the answer is awaited goes on by itself; where none comes, it is over.
    Effect::new(move || {
        if !pressed.get() {
            return;
        }
        if available.get() {
            app.go(Route::Password);
        } else if unanswered.get() {
            pressed.set(false);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if verdict.with_untracked(|v| *v == Verdict::Idle) {
            tell_fault(app, verdict);
            return;
        }
        if unanswered.get_untracked() {
            verdict.set(Verdict::Checking);
            again.notify();
        }
        pressed.set(true);
    };
    let leave = move |()| {
        let typed = app.start.with_untracked(|start| !start.address.is_empty());
        if typed && verdict.with_untracked(|v| *v == Verdict::Idle) {
            tell_fault(app, verdict);
        }
    };
    let typed = move |text: String| {
        pressed.set(false);
        app.start.update(|start| start.address = text);
    };
    view! {
        <main class="screen">
            <TopBar
                title="Create an address"
                back=Callback::new(move |()| app.set_out(None))
            />
            <form class="content form" novalidate on:submit=submit>
                <p class="lead">
                    "Your address is where your vault lives and how people reach you. It looks like an e-mail address."
                </p>
                <TextField
                    name="address-input"
                    label="Address"
                    value=Signal::derive(move || app.start.with(|start| start.address.clone()))
                    on_input=typed
                    on_leave=leave
                    placeholder="name@example.com"
                    mode="email"
                    autocomplete="off"
                    focused=true
                />
                <AddressVerdict verdict/>
                {move || verdict.with(is_closed).then(|| view! {
                    <button
                        type="button"
                        class="link-button"
                        data-test="have-code"
                        on:click=move |_| app.set_out(Some(Way::Code))
                    >
                        "I have a code"
                    </button>
                })}
                <ServerField wanted=Signal::derive(move || verdict.with(wants_server))/>
                <Problem/>
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        data-test="continue"
                        aria-disabled=move || (!available.get() && !unanswered.get()).to_string()
                    >
                        {move || if unanswered.get() { "Try again" } else { "Continue" }}
                    </button>
                </div>
            </form>
        </main>
    }
}

/// The line that tells, and what other servers may not like.
#[component]
fn AddressVerdict(verdict: RwSignal<Verdict>) -> impl IntoView {
    let warnings = move || {
        verdict.with(|v| match v {
            Verdict::Known(check) => check.warnings.clone(),
            _ => vec![],
        })
    };
    let icon = move || match verdict.with(tone) {
        "good" => view! { <Icon icon=icondata_lu::LuCircleCheck size=16/> }.into_any(),
        "bad" => view! { <Icon icon=icondata_lu::LuCircleAlert size=16/> }.into_any(),
        "busy" => view! { <span class="spinner" aria-hidden="true"></span> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <div class="verdict" aria-live="polite">
            <p
                class="verdict-line"
                data-test="availability"
                data-state=move || verdict.with(state)
                data-tone=move || verdict.with(tone)
            >
                {icon}
                <span>{move || told(&verdict.with(text))}</span>
            </p>
            {move || {
                warnings()
                    .into_iter()
                    .map(|warning| {
                        view! {
                            <p class="verdict-warning" data-test="warning">
                                <Icon icon=icondata_lu::LuTriangleAlert size=16/>
                                <span>{warning_text(warning)}</span>
                            </p>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// Asks about the address whenever typing rests or it is to be asked `again`, and keeps it as a
/// draft.
fn watch(app: App, verdict: RwSignal<Verdict>, again: Trigger) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        again.track();
        let start = app.start.get();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        let address = normal(&start.address);
        let fault = address::fault(&address);
        verdict.set(match &fault {
            None => Verdict::Checking,
            Some(fault) if fault.stays() => Verdict::Invalid(fault.clone()),
            Some(_) => Verdict::Idle,
        });
        let server = start.server();
        time::spawn(async move {
            time::sleep(REST_MS).await;
            let outdated = move || newest.try_get_value() != Some(number);
            if outdated() {
                return;
            }
            app.keep(&crate::draft::Start {
                way: Some(Way::Create),
                ..start
            });
            if fault.is_some() {
                time::sleep(PATIENCE_MS).await;
                if !outdated() && !address.is_empty() {
                    tell_fault(app, verdict);
                }
                return;
            }
            let request = CheckAddress {
                address: address.clone(),
                server: server.clone(),
            };
            let mut answer = app.ask(request).await.unwrap_or_else(|error| AddressCheck {
                address: None,
                availability: None,
                warnings: vec![],
                difficulty: None,
                problem: Some(error),
            });
            if outdated() {
                return;
            }
            if let Some(problem) = &mut answer.problem {
                problem.message = format::unasked(problem, &address, server.as_deref());
            }
            verdict.set(Verdict::Known(answer));
        });
    });
}

/// Tells what is wrong with the address as it stands.
fn tell_fault(app: App, verdict: RwSignal<Verdict>) {
    let fault = app
        .start
        .with_untracked(|start| address::fault(&normal(&start.address)));
    if let Some(fault) = fault {
        verdict.set(Verdict::Invalid(fault));
    }
}

fn is_available(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Known(check) if check.availability == Some(Availability::Available))
}

/// Whether only who is invited gets one.
fn is_closed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Known(check) if check.availability == Some(Availability::Closed))
}

/// Whether no server answered, and the same question may be answered another time.
fn is_unanswered(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Known(check) if check.availability.is_none()
        && check.problem.as_ref().is_none_or(|problem| problem.kind != ErrorKind::Refused))
}

/// Whether another server may know more.
fn wants_server(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Known(check)
        if check.problem.as_ref().is_some_and(may_mend))
}

fn state(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Idle => "idle",
        Verdict::Invalid(_) => "invalid",
        Verdict::Checking => "checking",
        Verdict::Known(check) => match check.availability {
            Some(Availability::Available) => "available",
            Some(Availability::Taken) => "taken",
            Some(Availability::ForeignDomain) => "foreign_domain",
            Some(Availability::Closed) => "closed",
            None => "problem",
        },
    }
}

fn tone(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Idle => "none",
        Verdict::Checking => "busy",
        verdict if is_available(verdict) => "good",
        _ => "bad",
    }
}

fn text(verdict: &Verdict) -> String {
    let code = match verdict {
        Verdict::Idle => return "Letters, digits, dots and hyphens before the @.".to_owned(),
        Verdict::Checking => return "Looking whether it is free…".to_owned(),
        Verdict::Invalid(fault) => return fault.to_string(),
        Verdict::Known(check) => match (check.availability, &check.problem) {
            (Some(Availability::Available), _) => return "This address is free.".to_owned(),
            (Some(Availability::Taken), _) => ErrorCode::AddressTaken,
            (Some(Availability::ForeignDomain), _) => ErrorCode::DomainNotServed,
            (Some(Availability::Closed), _) => ErrorCode::RegistrationClosed,
            (None, Some(problem)) => return problem.message.clone(),
            (None, None) => ErrorCode::NodeUnreachable,
        },
    };
    code.message().to_owned()
}

fn warning_text(warning: AddressWarning) -> &'static str {
    match warning {
        AddressWarning::NameNotAlphanumeric => {
            "KeyPears servers take names of letters and digits only: their users cannot write to this address."
        }
        AddressWarning::NameBeginsWithDigit => {
            "KeyPears servers want a letter first: their users cannot write to this address."
        }
        AddressWarning::NameLongForKeyPears => {
            "KeyPears servers take at most 30 characters: their users cannot write to this address."
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::error::WireError;

    use super::*;

    fn known(availability: Option<Availability>, problem: Option<WireError>) -> Verdict {
        Verdict::Known(AddressCheck {
            address: None,
            availability,
            warnings: vec![],
            difficulty: None,
            problem,
        })
    }

    #[test]
    fn every_answer_has_a_state_and_a_text() {
        let away = WireError::new(ErrorCode::NodeUnreachable);
        let fault = AddressFault::Space;
        for (verdict, name, colour) in [
            (Verdict::Idle, "idle", "none"),
            (Verdict::Checking, "checking", "busy"),
            (Verdict::Invalid(fault), "invalid", "bad"),
            (
                known(Some(Availability::Available), None),
                "available",
                "good",
            ),
            (known(Some(Availability::Taken), None), "taken", "bad"),
            (
                known(Some(Availability::ForeignDomain), None),
                "foreign_domain",
                "bad",
            ),
            (known(Some(Availability::Closed), None), "closed", "bad"),
            (known(None, Some(away)), "problem", "bad"),
        ] {
            assert_eq!((state(&verdict), tone(&verdict)), (name, colour));
            assert!(!text(&verdict).is_empty(), "{name}");
        }
    }

    #[test]
    fn only_a_server_that_gave_no_answer_is_asked_again() {
        for (verdict, again, server) in [
            (
                known(None, Some(ErrorCode::NodeUnreachable.into())),
                true,
                true,
            ),
            (known(None, Some(ErrorCode::Busy.into())), true, false),
            (
                known(
                    None,
                    Some(WireError::new(ErrorCode::InvalidField).with("field", "server")),
                ),
                false,
                true,
            ),
            (known(Some(Availability::Taken), None), false, false),
            (Verdict::Checking, false, false),
            (Verdict::Idle, false, false),
        ] {
            assert_eq!(
                (is_unanswered(&verdict), wants_server(&verdict)),
                (again, server),
                "{verdict:?}"
            );
        }
    }
}
