//! A field for somebody's address, and the question whether there is somebody.

use leptos::prelude::*;
use proto::{address::Address, bridge::popup::GetContact};
use webext::time;

use super::{
    field::TextField,
    notice::{Notice, Tone},
};
use crate::{
    address::{self, normal},
    app::App,
    dom,
    message::contact::Found,
};

/// What is known of what is typed.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    /// Nothing was asked.
    Unasked,
    /// It is being asked.
    Asking,
    /// It cannot be written to; told below the field.
    Fault(String),
    /// Nobody could tell.
    Unknown(String),
}

/// The form.
#[component]
pub(crate) fn Recipient(
    /// What its button says.
    button: &'static str,
    /// Whom it is filled in with; nobody is asked before the user goes on.
    #[prop(optional_no_strip)]
    address: Option<Address>,
    /// Called with an address that somebody has.
    #[prop(into)]
    on_found: Callback<Address>,
) -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(address.map(String::from).unwrap_or_default());
    let answer = RwSignal::new(Answer::Unasked);
    let newest = StoredValue::new(0_u32);
    let asking = Memo::new(move |_| answer.with(|it| *it == Answer::Asking));
    let unknown = Memo::new(move |_| match answer.get() {
        Answer::Unknown(text) => Some(text),
        _ => None,
    });
    let error = Signal::derive(move || match answer.get() {
        Answer::Fault(text) => Some(text),
        _ => None,
    });
    let take = move |text: String| {
        newest.update_value(|number| *number = number.wrapping_add(1));
        typed.set(text);
        answer.set(Answer::Unasked);
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if asking.get_untracked() {
            return;
        }
        let text = typed.with_untracked(|typed| normal(typed));
        let own = untrack(|| app.address());
        let address = match parsed(&text, own.as_ref()) {
            Ok(address) => address,
            Err(fault) => {
                answer.set(Answer::Fault(fault));
                dom::focus("address-input");
                return;
            }
        };
        answer.set(Answer::Asking);
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        time::spawn(async move {
            let request = GetContact {
                address: address.clone(),
            };
            let found = match app.ask(request).await {
                Ok(contact) => Found::of(&contact),
                Err(error) => Found::failed(&error),
            };
            // Something else was typed meanwhile, or the screen left.
            if newest.try_get_value() != Some(number) {
                return;
            }
            match found {
                Found::Somebody => on_found.run(address),
                Found::Nobody => {
                    answer.set(Answer::Fault(nobody(&address)));
                    dom::focus("address-input");
                }
                Found::Unknown(text) => answer.set(Answer::Unknown(text)),
            }
            answer.try_update(|it| {
                if *it == Answer::Asking {
                    *it = Answer::Unasked;
                }
            });
        });
    };
    view! {
        <form class="recipient" novalidate on:submit=submit>
            <TextField
                name="address-input"
                label="Address"
                value=typed
                on_input=take
                error
                hint=Signal::stored("Theirs, such as name@example.com.".to_owned())
                placeholder="name@example.com"
                mode="email"
                focused=true
            />
            {move || unknown.get().map(|text| view! {
                <Notice tone=Tone::Danger hook="unreachable" text/>
            })}
            <button
                type="submit"
                class="button primary"
                class:busy=move || asking.get()
                aria-busy=move || asking.get().to_string()
                data-test="continue"
            >
                {move || if unknown.with(Option::is_some) { "Try again" } else { button }}
            </button>
        </form>
    }
}

/// The address that a text is, or what is wrong with it.
fn parsed(text: &str, own: Option<&Address>) -> Result<Address, String> {
    if let Some(fault) = address::fault(text) {
        return Err(match fault {
            address::AddressFault::Empty => {
                "Type their address, such as name@example.com.".to_owned()
            }
            address::AddressFault::NoName => "A name stands before the @.".to_owned(),
            fault => fault.to_string(),
        });
    }
    match text.parse::<Address>() {
        Ok(address) if Some(&address) == own => Err("This is your own address.".to_owned()),
        Ok(address) => Ok(address),
        Err(_) => Err("This is no address.".to_owned()),
    }
}

fn nobody(address: &Address) -> String {
    format!("There is nobody called {address}. Look how it is spelled.")
}

#[cfg(test)]
mod tests {
    use proto::address::AddressError;

    use super::*;

    #[test]
    fn what_cannot_be_written_to_is_told() -> Result<(), AddressError> {
        let own: Address = "ada@example.com".parse()?;
        for (text, told) in [
            ("", "Type their address, such as name@example.com."),
            ("bob", "Add @ and a domain, as in name@example.com."),
            ("@b.de", "A name stands before the @."),
            ("ada@example.com", "This is your own address."),
        ] {
            assert_eq!(parsed(text, Some(&own)), Err(told.to_owned()), "{text}");
        }
        assert_eq!(parsed("bob@b.de", Some(&own)), Ok("bob@b.de".parse()?));
        assert_eq!(
            nobody(&own),
            "There is nobody called ada@example.com. Look how it is spelled."
        );
        Ok(())
    }
}
