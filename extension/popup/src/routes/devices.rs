//! The devices of the account: which there are, what they are called, and signing them out.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        DeviceView, ListSessions, RenameDevice, RevokeOthers, RevokeSession, Sessions,
    },
    error::WireError,
    limits::DEVICE_NAME_MAX_CHARS,
};
use webext::time;

use crate::{
    api,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        dialog::Dialog,
        field::TextField,
        icon::Icon,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom, format,
};

/// What the user is asked.
#[derive(Clone)]
enum Question {
    Rename(DeviceView),
    SignOut(DeviceView),
    SignOutOthers(usize),
}

/// The screen.
#[component]
pub(crate) fn DevicesScreen() -> impl IntoView {
    let app = App::here();
    let devices = RwSignal::new(None::<Result<Vec<DeviceView>, WireError>>);
    let question = RwSignal::new(None::<Question>);
    dom::focus("back");
    time::spawn(async move {
        let answer = app.ask(ListSessions {}).await;
        devices.try_set(Some(answer.map(|answer| answer.devices)));
    });
    let take = move |answer: Option<Sessions>, done: &str| {
        if let Some(answer) = answer {
            devices.try_set(Some(Ok(answer.devices)));
            app.toast.set(Some(Toast::done(done)));
            // The row that was left is another one now.
            dom::focus("rename");
        }
    };
    let sign_out = move |device: DeviceView| {
        question.set(None);
        time::spawn(async move {
            let answer = app.ask_or_tell(RevokeSession { id: device.id }).await;
            take(answer, "Signed out");
        });
    };
    let sign_out_others = move |()| {
        question.set(None);
        time::spawn(async move {
            let answer = app.ask_or_tell(RevokeOthers {}).await;
            take(answer, "All other devices are signed out");
        });
    };
    let rename = move |(device, name): (DeviceView, String)| {
        question.set(None);
        time::spawn(async move {
            let answer = app.ask_or_tell(RenameDevice {
                id: device.id,
                name,
            });
            take(answer.await, "Renamed");
        });
    };
    let close = move |()| question.set(None);
    view! {
        <main class="screen">
            <TopBar title="Devices"/>
            <div class="content">
                {move || match devices.get() {
                    None => view! { <p class="setting-note">"Asking the server…"</p> }.into_any(),
                    Some(Err(error)) => {
                        view! { <Notice tone=Tone::Danger hook="devices-error" text=error.message/> }
                            .into_any()
                    }
                    Some(Ok(devices)) => view! { <List devices question/> }.into_any(),
                }}
            </div>
            <BottomBar/>
            {move || question.get().map(|asked| match asked {
                Question::Rename(device) => {
                    view! { <RenameDialog device on_name=rename on_close=close/> }.into_any()
                }
                Question::SignOut(device) => view! {
                    <Dialog
                        title="Sign this device out?"
                        text=format!(
                            "“{}” can no longer reach your vault on the server. What is on it already stays there, locked.",
                            called(&device),
                        )
                        confirm="Sign out"
                        danger=true
                        on_confirm=move |()| sign_out(device.clone())
                        on_cancel=close
                    />
                }
                .into_any(),
                Question::SignOutOthers(count) => view! {
                    <Dialog
                        title="Sign all other devices out?"
                        text=format!(
                            "This signs out {}: to come back the password is needed there. What is there already stays, locked.",
                            format::counted(count as u64, "device"),
                        )
                        confirm="Sign out"
                        danger=true
                        on_confirm=sign_out_others
                        on_cancel=close
                    />
                }
                .into_any(),
            })}
        </main>
    }
}

#[component]
fn List(devices: Vec<DeviceView>, question: RwSignal<Option<Question>>) -> impl IntoView {
    let others = devices.iter().filter(|device| !device.current).count();
    view! {
        <div class="card">
            {devices
                .into_iter()
                .map(|device| view! { <Device device question/> })
                .collect_view()}
        </div>
        <p class="setting-note">
            "A device that you sign out needs the password to come back. So does one that was not used for 90 days."
        </p>
        {(others > 0).then(|| view! {
            <button
                type="button"
                class="button danger"
                data-test="revoke-others"
                on:click=move |_| question.set(Some(Question::SignOutOthers(others)))
            >
                "Sign out all other devices"
            </button>
        })}
    }
}

#[component]
fn Device(device: DeviceView, question: RwSignal<Option<Question>>) -> impl IntoView {
    let name = called(&device).to_owned();
    let rename_label = format!("Rename {name}");
    let revoke_label = format!("Sign out {name}");
    let current = device.current;
    let (renamed, ended) = (device.clone(), device.clone());
    view! {
        <div class="setting" data-test="device" data-current=current.to_string()>
            <Icon icon=icondata_lu::LuMonitorSmartphone/>
            <span class="setting-text">
                <span class="setting-label" data-test="device-label">{name}</span>
                <span class="setting-note">{note(&device, api::now())}</span>
            </span>
            <button
                type="button"
                class="icon-button"
                data-test="rename"
                aria-label=rename_label
                title="Rename"
                on:click=move |_| question.set(Some(Question::Rename(renamed.clone())))
            >
                <Icon icon=icondata_lu::LuPencil/>
            </button>
            {(!current).then(|| view! {
                <button
                    type="button"
                    class="button small"
                    data-test="revoke"
                    aria-label=revoke_label
                    on:click=move |_| question.set(Some(Question::SignOut(ended.clone())))
                >
                    "Sign out"
                </button>
            })}
        </div>
    }
}

#[component]
fn RenameDialog(
    device: DeviceView,
    /// Takes the new name.
    #[prop(into)]
    on_name: Callback<(DeviceView, String)>,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(called(&device).to_owned());
    let too_long = move || name.with(|name| name.trim().chars().count() > DEVICE_NAME_MAX_CHARS);
    let error = Signal::derive(move || {
        too_long().then(|| format!("At most {DEVICE_NAME_MAX_CHARS} characters."))
    });
    let hint = format!("Left empty: “{}”.", device.description);
    let save = move |()| {
        let typed = name.get_untracked();
        // What the device calls itself is no name of its own.
        let typed = if typed.trim() == device.description {
            String::new()
        } else {
            typed
        };
        on_name.run((device.clone(), typed));
    };
    view! {
        <Dialog
            title="Rename this device"
            text="All your devices show this name; the server cannot read it."
            confirm="Save"
            ready=Signal::derive(move || !too_long())
            on_confirm=save
            on_cancel=on_close
        >
            <TextField
                name="device-name"
                label="Name"
                value=name
                on_input=move |typed| name.set(typed)
                error
                hint=Signal::stored(hint)
                focused=true
            />
        </Dialog>
    }
}

/// What a device is called.
fn called(device: &DeviceView) -> &str {
    device.name.as_deref().unwrap_or(&device.description)
}

/// What stands below it.
fn note(device: &DeviceView, now: proto::ids::UnixMillis) -> String {
    let what = device.name.as_ref().map(|_| device.description.clone());
    let here = device.current.then(|| "This device".to_owned());
    let synced = format!("Synced {}", format::ago(device.synced_at, now));
    let parts = [here, Some(synced), what];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use proto::ids::{SessionId, UnixMillis};

    use super::*;

    #[test]
    fn a_device_is_told_by_its_name_and_its_last_sync() {
        let now = UnixMillis(10_000_000);
        let device = DeviceView {
            id: SessionId::make(now, [0; 10]),
            description: "Firefox on Linux".to_owned(),
            name: None,
            synced_at: UnixMillis(now.0 - 180_000),
            current: false,
        };
        assert_eq!(called(&device), "Firefox on Linux");
        assert_eq!(note(&device, now), "Synced 3 min ago");
        let named = DeviceView {
            name: Some("At work".to_owned()),
            current: true,
            ..device
        };
        assert_eq!(called(&named), "At work");
        assert_eq!(
            note(&named, now),
            "This device · Synced 3 min ago · Firefox on Linux"
        );
    }
}
