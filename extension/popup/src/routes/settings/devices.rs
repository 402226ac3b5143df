//! The devices of the account.

use leptos::prelude::*;
use proto::{
    bridge::popup::{DeviceView, ListSessions, RevokeSession},
    error::WireError,
};
use webext::time;

use crate::{
    api,
    app::App,
    components::{dialog::Dialog, icon::Icon},
    format,
};

/// The list.
#[component]
pub(super) fn Devices() -> impl IntoView {
    let app = App::here();
    let sessions = RwSignal::new(None::<Result<Vec<DeviceView>, WireError>>);
    let ending = RwSignal::new(None::<DeviceView>);
    time::spawn(async move {
        let answer = app.ask(ListSessions {}).await;
        sessions.try_set(Some(answer.map(|answer| answer.devices)));
    });
    let end = move |()| {
        let Some(session) = ending.get_untracked() else {
            return;
        };
        ending.set(None);
        time::spawn(async move {
            if let Some(answer) = app.ask_or_tell(RevokeSession { id: session.id }).await {
                sessions.try_set(Some(Ok(answer.devices)));
            }
        });
    };
    let list = move || match sessions.get() {
        None => view! { <p class="setting setting-note">"Asking the server…"</p> }.into_any(),
        Some(Err(error)) => {
            view! { <p class="setting setting-note" data-test="devices-error">{error.message}</p> }
                .into_any()
        }
        Some(Ok(sessions)) => sessions
            .into_iter()
            .map(|session| view! { <Device session ending/> })
            .collect_view()
            .into_any(),
    };
    view! {
        <div class="card">{list}</div>
        {move || ending.get().map(|session| view! {
            <Dialog
                title="Sign this device out?"
                text=format!(
                    "“{}” can no longer reach your vault on the server. What is on it already stays there, locked.",
                    called(&session),
                )
                confirm="Sign out"
                danger=true
                on_confirm=end
                on_cancel=move |()| ending.set(None)
            />
        })}
    }
}

#[component]
fn Device(session: DeviceView, ending: RwSignal<Option<DeviceView>>) -> impl IntoView {
    let note = if session.current {
        "This device".to_owned()
    } else {
        format!(
            "Synced {}",
            format::ago(session.synced_at, api::now())
        )
    };
    let current = session.current;
    let label = format!("Sign out {}", called(&session));
    view! {
        <div class="setting" data-test="device" data-current=current.to_string()>
            <Icon icon=icondata_lu::LuMonitorSmartphone/>
            <span class="setting-text">
                <span class="setting-label">{called(&session)}</span>
                <span class="setting-note">{note}</span>
            </span>
            {(!current).then(|| view! {
                <button
                    type="button"
                    class="button small"
                    data-test="revoke"
                    aria-label=label
                    on:click=move |_| ending.set(Some(session.clone()))
                >
                    "Sign out"
                </button>
            })}
        </div>
    }
}

fn called(device: &DeviceView) -> String {
    let name = device.name.as_ref();
    name.unwrap_or(&device.description).clone()
}
