//! Which way the host goes to nodes: straight, or through a proxy of the user's own.

use leptos::prelude::*;
use proto::{
    bridge::popup::{NodeRoute, SetHostRoute},
    error::{ErrorCode, WireError},
};
use webext::time;

use crate::{
    app::App,
    components::{
        field::TextField,
        notice::{Notice, Tone},
    },
    dom,
};

/// Where Tor listens, as it comes.
const TOR: &str = "127.0.0.1:9050";

/// The choice; nothing until the host has said which way it goes.
#[component]
pub(super) fn Way() -> impl IntoView {
    let app = App::here();
    let route = Memo::new(move |_| {
        app.host
            .with(|status| status.as_ref().and_then(|it| it.route.clone()))
    });
    // Of the last change; it outlives the form that made it.
    let silent = RwSignal::new(false);
    view! {
        {move || route.get().map(|route| view! {
            <h2 class="section-title">"Way to servers"</h2>
            <div class="host-way">
            {match route {
                NodeRoute::Direct {} => view! {
                    <p class="setting-note" data-test="host-way" data-way="direct">
                        "With your account in it, the host speaks to your server straight. Through a SOCKS5 proxy, such as Tor's, your server does not see where you are."
                    </p>
                    <Proxy silent/>
                }.into_any(),
                NodeRoute::Proxy { address } => view! {
                    <p class="setting-note" data-test="host-way" data-way="proxy">
                        {format!("All that the host asks of servers goes through {address}, also names. Nothing goes past it, even where it is down.")}
                    </p>
                    {move || silent.get().then(|| view! {
                        <Notice
                            tone=Tone::Warning
                            hook="host-proxy-silent"
                            text="No SOCKS5 proxy answers there now. Start it; until then your server is out of reach.".to_owned()
                        />
                    })}
                    <Straight/>
                }.into_any(),
                NodeRoute::Nowhere {} => view! {
                    <Notice
                        tone=Tone::Danger
                        hook="host-way-lost"
                        text="The host cannot read which way it is to go, and asks servers nothing. Choose anew.".to_owned()
                    />
                    <Proxy silent/>
                    <Straight/>
                }.into_any(),
            }}
            </div>
        })}
    }
}

#[component]
fn Proxy(silent: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let address = RwSignal::new(TOR.to_owned());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let proxy = Some(address.get_untracked());
        time::spawn(async move {
            match app.ask(SetHostRoute { proxy }).await {
                Ok(set) => drop(silent.try_set(!set.answers)),
                Err(problem) => {
                    if problem.code == ErrorCode::ProxyInvalid {
                        dom::focus("host-proxy");
                    }
                    failure.try_set(Some(problem));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="host-way" on:submit=submit novalidate>
            <TextField
                name="host-proxy"
                label="Proxy (SOCKS5)"
                value=address
                on_input=move |text| {
                    failure.set(None);
                    address.set(text);
                }
                error
                mono=true
            />
            <button
                type="submit"
                class="button large"
                class:busy=move || busy.get()
                data-test="host-proxy-set"
            >
                "Go through this proxy"
            </button>
        </form>
    }
}

#[component]
fn Straight() -> impl IntoView {
    let app = App::here();
    let go = move |_| {
        time::spawn(async move {
            app.ask_or_tell(SetHostRoute { proxy: None }).await;
        });
    };
    view! {
        <button type="button" class="button large" data-test="host-straight" on:click=go>
            "Go straight"
        </button>
    }
}
