//! Choosing the address of a new account, with a look whether it is free.

use leptos::prelude::*;
use proto::{
    address::{Address, AddressError, AddressWarning},
    api::info::Availability,
    bridge::popup::{AddressCheck, CheckAddress},
    error::ErrorCode,
};
use webext::time;

use super::{Route, welcome::Problem};
use crate::{
    app::App,
    components::{bar::TopBar, field::TextField, icon::Icon, server_field::ServerField},
    draft::Way,
};

/// How long typing must rest before the server is asked, milliseconds.
const REST_MS: u32 = 350;

/// What is known of the address typed.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// Not an address yet.
    Idle,
    /// Never an address, whatever follows.
    Invalid,
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
    watch(app, verdict);
    let available = Signal::derive(move || verdict.with(is_available));
    // Continue pressed while the answer is awaited goes on by itself.
    Effect::new(move || {
        if pressed.get() && available.get() {
            app.go(Route::Password);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if verdict.with_untracked(|v| matches!(v, Verdict::Idle)) {
            verdict.set(Verdict::Invalid);
        } else {
            pressed.set(true);
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
                    placeholder="name@example.com"
                    mode="email"
                    autocomplete="off"
                    focused=true
                />
                <AddressVerdict verdict/>
                <ServerField/>
                <Problem/>
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        data-test="continue"
                        aria-disabled=move || (!available.get()).to_string()
                    >
                        "Continue"
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
                <span>{move || verdict.with(text)}</span>
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

/// Asks about the address whenever typing rests, and keeps it as a draft.
fn watch(app: App, verdict: RwSignal<Verdict>) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        let start = app.start.get();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        let address = normal(&start.address);
        let parsed = address.parse::<Address>();
        verdict.set(match &parsed {
            Ok(_) => Verdict::Checking,
            Err(AddressError::NameCharacters | AddressError::NameLength)
                if address.contains('@') =>
            {
                Verdict::Invalid
            }
            Err(_) => Verdict::Idle,
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
            if parsed.is_err() {
                return;
            }
            let answer = app.ask(CheckAddress { address, server }).await;
            if outdated() {
                return;
            }
            verdict.set(Verdict::Known(answer.unwrap_or_else(|error| {
                AddressCheck {
                    address: None,
                    availability: None,
                    warnings: vec![],
                    difficulty: None,
                    problem: Some(error),
                }
            })));
        });
    });
}

/// As addresses are written: without the spaces around them, in lower case.
pub(super) fn normal(address: &str) -> String {
    address.trim().to_ascii_lowercase()
}

fn is_available(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Known(check) if check.availability == Some(Availability::Available))
}

fn state(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Idle => "idle",
        Verdict::Invalid => "invalid",
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
        Verdict::Invalid => ErrorCode::AddressInvalid,
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
        for (verdict, name, colour) in [
            (Verdict::Idle, "idle", "none"),
            (Verdict::Checking, "checking", "busy"),
            (Verdict::Invalid, "invalid", "bad"),
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
    fn addresses_are_put_into_lower_case() {
        assert_eq!(normal(" Ada@Example.COM "), "ada@example.com");
    }
}
