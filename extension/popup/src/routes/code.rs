//! A one-time code from an administrator: an account by invitation, or a new password.

use leptos::prelude::*;
use proto::{
    api::domain::CodePurpose,
    bridge::popup::{AppStatus, CheckCode, CodeView, RedeemCode},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::welcome::Problem;
use crate::{
    address::{fault, normal},
    api,
    app::App,
    components::{
        bar::TopBar,
        field::TextField,
        new_password::{NewPassword, Typed},
        notice::{Notice, Tone},
        server_field::{ServerField, may_mend},
        strength::CannotRecover,
    },
    draft::{Start, Way},
    format,
};

/// Hex digits of a code.
const DIGITS: usize = 32;

/// The form: address and code first, then the password. Code and password are kept nowhere.
#[component]
pub(crate) fn CodeScreen() -> impl IntoView {
    let app = App::here();
    let code = RwSignal::new(String::new());
    let found = RwSignal::new(None::<CodeView>);
    let failure = RwSignal::new(None::<WireError>);
    let back = Callback::new(move |()| {
        if found.with_untracked(Option::is_some) {
            found.set(None);
        } else {
            app.set_out(None);
        }
    });
    view! {
        <main class="screen">
            <TopBar title="One-time code" back/>
            {move || match found.get() {
                Some(view) => view! { <SetPassword code view failure/> }.into_any(),
                None => view! { <CodeForm code found failure/> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn CodeForm(
    code: RwSignal<String>,
    found: RwSignal<Option<CodeView>>,
    failure: RwSignal<Option<WireError>>,
) -> impl IntoView {
    let app = App::here();
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let known = app
        .start
        .with_untracked(|start| fault(&normal(&start.address)).is_none());
    let address_error = Signal::derive(move || {
        let fault = app.start.with(|start| fault(&normal(&start.address)));
        fault
            .filter(|fault| asked.get() || fault.stays())
            .map(|fault| fault.to_string())
    });
    let code_error = Signal::derive(move || {
        let fault = code.with(|code| code_fault(code));
        fault.filter(|_| asked.get())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        let incomplete =
            address_error.get_untracked().is_some() || code_error.get_untracked().is_some();
        if incomplete || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let start = app.start.get_untracked();
        let request = CheckCode {
            address: normal(&start.address),
            server: start.server(),
            code: SecretText::new(code.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(view) => {
                    found.try_set(Some(view));
                }
                Err(error) => told(&error, &start, failure),
            }
            busy.try_set(false);
        });
    };
    let mends = Signal::derive(move || failure.with(|f| f.as_ref().is_some_and(may_mend)));
    view! {
        <form class="content form" novalidate on:submit=submit>
            <p class="lead">
                "An administrator gave you a code: to make an address, or to set a new password."
            </p>
            <TextField
                name="address-input"
                label="Address"
                value=Signal::derive(move || app.start.with(|start| start.address.clone()))
                on_input=move |text| app.start.update(|start| start.address = text)
                error=address_error
                placeholder="name@example.com"
                mode="email"
                focused=!known
            />
            <TextField
                name="code-input"
                label="Code"
                value=code
                on_input=move |text| code.set(text)
                error=code_error
                hint="32 digits and letters a to f; hyphens and spaces do not matter."
                mono=true
                focused=known
            />
            <ServerField wanted=mends/>
            <Failure failure/>
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="continue"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Continue"
                </button>
            </div>
        </form>
    }
}

#[component]
fn SetPassword(
    code: RwSignal<String>,
    view: CodeView,
    failure: RwSignal<Option<WireError>>,
) -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let CodeView {
        address, purpose, ..
    } = view;
    let address = address.to_string();
    let typed = Typed::new(vec![address.clone()]);
    let problem = typed.problem();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        typed.ask();
        if problem.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        // Decides where the open vault begins, also for a popup that was closed meanwhile.
        app.start.update(|start| start.way = Some(way_of(purpose)));
        let start = app.start.get_untracked();
        app.keep::<Start>(&start);
        let request = RedeemCode {
            address: normal(&start.address),
            server: start.server(),
            code: SecretText::new(code.get_untracked()),
            purpose,
            password: typed.secret(),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(status) => app.arrive(status),
                Err(error) => told(&error, &start, failure),
            }
            busy.try_set(false);
        });
    };
    let is_reset = purpose == CodePurpose::Reset;
    let lead = if is_reset {
        "Choose a new password for "
    } else {
        "Your code makes an account. Choose the password for "
    };
    view! {
        <form class="content form" novalidate on:submit=submit data-purpose=purpose_name(purpose)>
            <p class="lead">{lead} <strong>{address.clone()}</strong> "."</p>
            {is_reset.then(|| view! {
                <Notice tone=Tone::Warning hook="reset-explained" text=RESET/>
            })}
            // Password managers of the browser need a user name beside a password.
            <input type="hidden" autocomplete="username" value=address/>
            <NewPassword typed focused=true/>
            {(!is_reset).then(|| view! { <CannotRecover/> })}
            <p class="footnote" data-test="code-expires">
                {format!("The code is good until {}.", format::date(api::wall(view.expires_at)))}
            </p>
            <Failure failure/>
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="redeem"
                    aria-disabled=move || (problem.get().is_some() || busy.get()).to_string()
                >
                    {if is_reset { "Set the new password" } else { "Create account" }}
                </button>
            </div>
        </form>
    }
}

/// What a reset does.
const RESET: &str = "This sets a new password and makes a new key, and signs all your devices out. What is in your vault now stays locked until you type the old password, or your recovery words: the administrator cannot open it, and neither can the new password.";

/// Why it failed: now, or the last time; and the way on where the code was used before.
#[component]
fn Failure(failure: RwSignal<Option<WireError>>) -> impl IntoView {
    let app = App::here();
    // Also of a login that followed.
    let last = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Empty { problem }) => {
                problem.clone().filter(|it| it.code == ErrorCode::CodeWrong)
            }
            _ => None,
        })
    };
    move || match failure.get().or_else(last) {
        Some(error) if error.code == ErrorCode::CodeWrong => {
            let text = format!(
                "{} If you have used it yourself, log in with the password that you chose.",
                error.message
            );
            view! {
                <Notice tone=Tone::Danger hook="error" text>
                    <button
                        type="button"
                        class="button small"
                        data-test="code-log-in"
                        on:click=move |_| app.set_out(Some(Way::LogIn))
                    >
                        "Log in"
                    </button>
                </Notice>
            }
            .into_any()
        }
        Some(error) => {
            view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
        }
        None => view! { <Problem/> }.into_any(),
    }
}

/// Tells why it failed.
fn told(error: &WireError, start: &Start, failure: RwSignal<Option<WireError>>) {
    let message = format::unasked(error, &normal(&start.address), start.server().as_deref());
    failure.try_set(Some(WireError {
        message,
        ..error.clone()
    }));
}

fn way_of(purpose: CodePurpose) -> Way {
    match purpose {
        CodePurpose::Account => Way::Invited,
        CodePurpose::Reset => Way::Reset,
    }
}

fn purpose_name(purpose: CodePurpose) -> &'static str {
    match purpose {
        CodePurpose::Account => "account",
        CodePurpose::Reset => "reset",
    }
}

/// What is wrong with a code as typed; `None` where it may be one.
fn code_fault(typed: &str) -> Option<String> {
    let digits = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let (mut count, mut strange) = (0, None);
    for digit in digits {
        count += 1;
        if !digit.is_ascii_hexdigit() {
            strange.get_or_insert(digit);
        }
    }
    match (count, strange) {
        (0, _) => Some("Type or paste your code.".to_owned()),
        (_, Some(strange)) => Some(format!(
            "A code cannot have “{strange}”: it has digits and the letters a to f."
        )),
        (DIGITS, None) => None,
        (count, None) if count < DIGITS => Some(format!(
            "A code has {DIGITS} digits: {} more.",
            DIGITS - count
        )),
        (count, None) => Some(format!(
            "A code has {DIGITS} digits: {} too many.",
            count - DIGITS
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_what_it_lacks_before_anybody_is_asked() {
        let whole = "0123-4567-89ab-cdef-0123-4567-89AB-CDEF";
        for (typed, told) in [
            (whole, None),
            (" 0123456789abcdef 0123456789abcdef\n", None),
            ("", Some("Type or paste your code.")),
            (" - ", Some("Type or paste your code.")),
            (&whole[..20], Some("A code has 32 digits: 16 more.")),
            (
                &format!("{whole}0"),
                Some("A code has 32 digits: 1 too many."),
            ),
            (
                "O123",
                Some("A code cannot have “O”: it has digits and the letters a to f."),
            ),
        ] {
            assert_eq!(code_fault(typed).as_deref(), told, "{typed}");
        }
    }
}
