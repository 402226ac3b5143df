//! A login that was typed into a page and is not in the vault yet.

use leptos::prelude::*;
use proto::bridge::popup::{
    AcceptOffer, DismissOffer, ListOffers, NeverOffer, OfferKind, OfferView,
};
use webext::time;

use crate::{
    app::App,
    components::{field::TextField, icon::Icon, toast::Toast},
    dom,
};

/// The newest offer; the next one follows its answer.
#[component]
pub(super) fn Offered() -> impl IntoView {
    let app = App::here();
    let offers = RwSignal::new(Vec::<OfferView>::new());
    let read = move || {
        time::spawn(async move {
            // Offers wait: whoever cannot be asked now is asked the next time.
            let answer = app.ask(ListOffers {}).await;
            offers.try_set(answer.map(|answer| answer.offers).unwrap_or_default());
        });
    };
    Effect::new(move || {
        app.vault_news.track();
        read();
    });
    // By itself, so that news do not take away what is being typed.
    let first = Memo::new(move |_| offers.with(|offers| offers.first().cloned()));
    move || {
        first
            .get()
            .map(|offer| view! { <Offer offer read=Callback::new(move |()| read())/> })
    }
}

#[component]
fn Offer(offer: OfferView, read: Callback<()>) -> impl IntoView {
    let app = App::here();
    let id = offer.id;
    let updates = matches!(offer.kind, OfferKind::Update { .. });
    let username = RwSignal::new(offer.username.clone());
    let site = offer.site.clone();
    let save = move || {
        dom::focus("search");
        let username = username.get_untracked().trim().to_owned();
        time::spawn(async move {
            if app
                .ask_or_tell(AcceptOffer { id, username })
                .await
                .is_some()
            {
                app.toast.set(Some(Toast::done("Saved")));
                app.vault_news.update(|news| *news += 1);
            }
            read.try_run(());
        });
    };
    let dismiss = move |_| {
        dom::focus("search");
        time::spawn(async move {
            app.ask_or_tell(DismissOffer { id }).await;
            read.try_run(());
        });
    };
    let never = move |_| {
        dom::focus("search");
        let told = format!("Logins for {site} are not offered any more. Settings bring it back.");
        time::spawn(async move {
            if app.ask_or_tell(NeverOffer { id }).await.is_some() {
                app.toast.set(Some(Toast::done(&told)));
            }
            read.try_run(());
        });
    };
    view! {
        <form
            class="offer"
            data-test="offer"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <p class="offer-text">
                <Icon icon=icondata_lu::LuKeyRound size=16/>
                <span>{question(&offer)}</span>
            </p>
            {(!updates).then(|| view! {
                <TextField
                    name="offer-username"
                    label="User name or e-mail"
                    value=username
                    on_input=move |text| username.set(text)
                />
            })}
            <div class="offer-actions">
                <button type="button" class="button small quiet" data-test="never-offer" on:click=never>
                    "Never here"
                </button>
                <button type="button" class="button small" data-test="dismiss-offer" on:click=dismiss>
                    "Not now"
                </button>
                <button type="submit" class="button small primary" data-test="accept-offer">
                    {if updates { "Change" } else { "Save" }}
                </button>
            </div>
        </form>
    }
}

fn question(offer: &OfferView) -> String {
    match &offer.kind {
        OfferKind::Save => format!("Save the login for {}?", offer.site),
        OfferKind::Update { title, .. } if offer.username.is_empty() => {
            format!("Change the password of “{title}”?")
        }
        OfferKind::Update { title, .. } => {
            format!("Change the password of “{title}” ({})?", offer.username)
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::ids::{ItemId, OfferId, UnixMillis};

    use super::*;

    #[test]
    fn a_change_names_the_login_that_changes() {
        let mut offer = OfferView {
            id: OfferId::from_bytes([1; 16]),
            site: "example.com".to_owned(),
            username: "ada".to_owned(),
            kind: OfferKind::Save,
            made_at: UnixMillis(0),
        };
        assert_eq!(question(&offer), "Save the login for example.com?");
        offer.kind = OfferKind::Update {
            item: ItemId::from_bytes([2; 16]),
            title: "Example".to_owned(),
        };
        assert_eq!(question(&offer), "Change the password of “Example” (ada)?");
        offer.username.clear();
        assert_eq!(question(&offer), "Change the password of “Example”?");
    }
}
