//! The domains that the account administers, and how another one comes to be among them.

use leptos::prelude::*;
use proto::{
    api::domain::DomainView,
    bridge::popup::{ClaimDomain, Domains, ListDomains},
    error::{ErrorCode, WireError},
};
use webext::time;

use super::Route;
use crate::{
    address::fault,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        field::TextField,
        icon::Icon,
        notice::{Notice, Tone},
        option::Switch,
        toast::Toast,
    },
    dom,
};

/// The screen.
#[component]
pub(crate) fn DomainsScreen() -> impl IntoView {
    let app = App::here();
    let domains = RwSignal::new(None::<Result<Domains, WireError>>);
    // Stays as it was chosen where the list is drawn anew.
    let with_key = RwSignal::new(false);
    dom::focus("back");
    time::spawn(async move {
        domains.try_set(Some(app.ask(ListDomains {}).await));
    });
    view! {
        <main class="screen">
            <TopBar title="Domains"/>
            <div class="content">
                {move || match domains.get() {
                    None => view! { <p class="setting-note">"Asking the server…"</p> }.into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="domains-error" text=error.message/> }
                            .into_any()
                    }
                    Some(Ok(Domains { domains: listed, file, keyed_file })) => view! {
                        <List listed/>
                        <Claim files=[file, keyed_file] with_key domains/>
                    }
                    .into_any(),
                }}
            </div>
            <BottomBar/>
        </main>
    }
}

#[component]
fn List(listed: Vec<DomainView>) -> impl IntoView {
    let app = App::here();
    if listed.is_empty() {
        return view! {
            <p class="setting-note" data-test="no-domains">
                "You administer no domain yet. With one of your own, addresses like you@your.domain are kept by your server."
            </p>
        }
        .into_any();
    }
    let rows = listed.into_iter().map(|view| {
        let (name, note) = (view.domain.to_string(), standing(&view));
        view! {
            <button
                type="button"
                class="setting setting-button"
                data-test="domain"
                data-domain=name.clone()
                on:click=move |_| app.go(Route::Domain(view.domain.clone()))
            >
                <span class="setting-text">
                    <span class="setting-label">{name.clone()}</span>
                    <span class="setting-note">{note}</span>
                </span>
                <Icon icon=icondata_lu::LuChevronRight/>
            </button>
        }
    });
    view! { <div class="card">{rows.collect_view()}</div> }.into_any()
}

/// What the file says, and the domain whose file says it.
#[component]
fn Claim(
    /// Without a key and with one.
    files: [String; 2],
    with_key: RwSignal<bool>,
    domains: RwSignal<Option<Result<Domains, WireError>>>,
) -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let name = move || typed.with(|typed| typed.trim().to_ascii_lowercase());
    let error =
        Signal::derive(move || (asked.get() && is_none(&name())).then(|| NO_DOMAIN.to_owned()));
    let place = Signal::derive(move || {
        let name = Some(name()).filter(|name| !is_none(name));
        let name = name.unwrap_or_else(|| "your.domain".to_owned());
        format!("https://{name}/.well-known/keypears.json")
    });
    let claim = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        if error.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let domain = untrack(name);
        time::spawn(async move {
            match app.ask(ClaimDomain { domain }).await {
                Ok(answer) => {
                    domains.try_set(Some(Ok(answer)));
                    app.toast.set(Some(Toast::done("You administer it now")));
                    dom::focus("domain");
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    let file = Signal::derive(move || files[usize::from(with_key.get())].clone());
    view! {
        <h2 class="section-title">"Claim a domain"</h2>
        <form class="form" novalidate on:submit=claim>
            <p class="setting-note">
                "Whoever writes a domain's web pages says who administers its addresses. Put this into a file there, and nothing else:"
            </p>
            <div class="card">
                <div class="setting">
                    <span class="setting-text">
                        <span class="setting-note" data-test="domain-file-place">{place}</span>
                        <span class="setting-label mono" data-test="domain-file">{file}</span>
                    </span>
                    <button
                        type="button"
                        class="icon-button"
                        data-test="copy-domain-file"
                        aria-label="Copy what the file says"
                        title="Copy"
                        on:click=move |_| app.copy_plain(file.get_untracked(), "File")
                    >
                        <Icon icon=icondata_lu::LuCopy/>
                    </button>
                </div>
                <Switch
                    hook="domain-key"
                    label="Claim only with my key"
                    on=with_key.into()
                    on_change=move |on: bool| with_key.set(on)
                />
            </div>
            {move || with_key.get().then(|| view! {
                <p class="setting-note">
                    "The claim is signed by your key, then, which Pearvault does. Your server, or whoever gets into your account there without your vault, cannot make it."
                </p>
            })}
            <TextField
                name="domain-input"
                label="Domain"
                value=typed
                on_input=move |text| {
                    typed.set(text);
                    asked.set(false);
                }
                error
                placeholder="your.domain"
                mode="url"
            />
            {move || failure.get().map(|error| {
                view! { <Notice tone=Tone::Danger hook="error" text=told(&error)/> }
            })}
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary"
                    class:busy=move || busy.get()
                    data-test="claim-domain"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Claim it"
                </button>
            </div>
        </form>
    }
}

const NO_DOMAIN: &str = "That is no domain. Type it as in an address, behind the @.";

/// Whether a text is no domain of addresses.
fn is_none(domain: &str) -> bool {
    fault(&format!("a@{domain}")).is_some()
}

/// Who gets an address of a domain.
pub(super) fn standing(view: &DomainView) -> &'static str {
    match (view.registration_open, view.takes_accounts) {
        (true, true) => "Anybody may register",
        (true, false) => "By invitation: your server's operator has closed registration for all",
        (false, _) => "By invitation",
    }
}

/// Why a domain is not administered, with what its file was found to say.
pub(super) fn told(error: &WireError) -> String {
    let reason = error.params.get("reason");
    match (error.code, reason) {
        (ErrorCode::DomainKeyWrong, _) => "The domain's file names a key (domainPubKeyHash) that is none of yours, or not open on this device. Let the file say what is shown here, or claim the domain with the other key by your server's API.".to_owned(),
        (ErrorCode::DomainUnproven | ErrorCode::DomainUnreachable, Some(reason)) => {
            format!("{} What was found: {}.", error.message, reason.trim_end_matches('.'))
        }
        _ => error.message.clone(),
    }
}

/// The same where the text of the file is not on the screen.
pub(super) fn told_here(error: &WireError) -> String {
    let told = told(error);
    match error.params.get("file") {
        Some(file) => format!("{told} The file has to say: {file}"),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_stand_behind_the_at_sign_is_a_domain() {
        for (text, none) in [
            ("pears.example", false),
            ("localhost", false),
            ("", true),
            ("pears", true),
            ("https://pears.example", true),
            ("ada@pears.example", true),
            ("pears example.com", true),
        ] {
            assert_eq!(is_none(text), none, "{text}");
        }
    }

    #[test]
    fn what_was_found_in_place_of_the_file_is_told() {
        let unproven = WireError::new(ErrorCode::DomainUnproven);
        let found = told(&unproven.clone().with("reason", "status 404"));
        assert!(found.ends_with("What was found: status 404."), "{found}");
        assert_eq!(told(&unproven), unproven.message);
        let key = told(&WireError::new(ErrorCode::DomainKeyWrong));
        assert!(key.contains("domainPubKeyHash"), "{key}");
    }
}
