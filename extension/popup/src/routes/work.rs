//! Proof of work under way. It goes on when the popup is closed.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, CancelWork, WorkProgress, WorkStage, WorkTask};
use webext::time;

use self::notices::{BatteryQuestion, TooSlow};
use crate::{app::App, components::icon::Icon, format};

mod notices;

const STAGES: [(WorkStage, &str); 4] = [
    (WorkStage::Keys, "Make keys from your password"),
    (WorkStage::Challenge, "Get a task"),
    (WorkStage::Work, "Solve it"),
    (WorkStage::Submit, "Send the solution"),
];

/// Stages, rate, estimate, cancel.
#[component]
pub(crate) fn Working() -> impl IntoView {
    let app = App::here();
    let state = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Working { task, stage, .. }) => (*task, *stage),
            _ => (WorkTask::LogIn, WorkStage::Keys),
        })
    });
    let progress = Signal::derive(move || {
        app.status.with(|status| match status {
            Some(AppStatus::Working { progress, .. }) => progress.clone(),
            _ => None,
        })
    });
    let chance = move || match state.get().1 {
        WorkStage::Keys | WorkStage::Challenge => 0.0,
        WorkStage::Work => progress.with(|p| p.as_ref().map_or(0.0, |p| p.probability)),
        WorkStage::Submit => 1.0,
    };
    let title = move || match state.get().0 {
        WorkTask::CreateAccount => "Creating your address",
        WorkTask::LogIn => "Logging in",
        WorkTask::Recover => "Setting a new password",
    };
    let address = move || app.address().map(|address| address.to_string());
    crate::dom::focus("cancel-work");
    view! {
        <main class="screen work">
            <div class="content work-content">
                <div class="work-head">
                    <h1 class="hero-title">{title}</h1>
                    <p class="work-address">{address}</p>
                </div>
                <ol class="stages" data-test="work-stage" data-stage=move || stage_name(state.get().1)>
                    {STAGES.map(|(stage, text)| view! { <Stage stage text now=state/> })}
                </ol>
                <div class="work-figures">
                    <div
                        class="progress"
                        data-test="work-bar"
                        role="progressbar"
                        aria-label="Chance that it is solved by now"
                        aria-valuemin="0"
                        aria-valuemax="100"
                        aria-valuenow=move || format!("{:.0}", chance() * 100.0)
                    >
                        <div
                            class="progress-done"
                            style:transform=move || format!("scaleX({:.4})", chance())
                        ></div>
                    </div>
                    <dl class="figures">
                        <Figure
                            hook="work-estimate"
                            label="Left on average"
                            value=Signal::derive(move || progress.with(|p| left(p.as_ref())))
                        />
                        <Figure
                            hook="work-rate"
                            label="Speed"
                            value=Signal::derive(move || {
                                progress.with(|p| format::rate(p.as_ref().map_or(0.0, |p| p.rate)))
                            })
                        />
                        <Figure
                            hook="work-chance"
                            label="Likely done by now"
                            value=Signal::derive(move || format::percent(chance()))
                        />
                    </dl>
                </div>
                <BatteryQuestion/>
                <TooSlow/>
                <p class="footnote">
                    <Icon icon=icondata_lu::LuInfo size=16/>
                    <span>
                        "This work keeps robots from taking addresses and guessing passwords. "
                        "It is a game of chance: until it is won, what is left on average stays the same. "
                        "You can close this window: it goes on."
                    </span>
                </p>
            </div>
            <Cancel/>
        </main>
    }
}

#[component]
fn Cancel() -> impl IntoView {
    let app = App::here();
    let cancelling = RwSignal::new(false);
    let cancel = move |_| {
        cancelling.set(true);
        time::spawn(async move {
            app.ask_or_tell(CancelWork {}).await;
            app.refresh().await;
            cancelling.try_set(false);
        });
    };
    view! {
        <div class="work-end">
            <button
                type="button"
                class="button large"
                class:busy=move || cancelling.get()
                data-test="cancel-work"
                on:click=cancel
            >
                "Cancel"
            </button>
        </div>
    }
}

#[component]
fn Stage(stage: WorkStage, text: &'static str, now: Memo<(WorkTask, WorkStage)>) -> impl IntoView {
    let state = move || match position(stage).cmp(&position(now.get().1)) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "waits",
    };
    view! {
        <li
            class="stage"
            data-state=state
            aria-current=move || (state() == "now").then_some("step")
        >
            <span class="stage-mark">
                {move || match state() {
                    "done" => view! { <Icon icon=icondata_lu::LuCheck size=14/> }.into_any(),
                    "now" => view! { <span class="spinner" aria-hidden="true"></span> }.into_any(),
                    _ => ().into_any(),
                }}
            </span>
            {text}
        </li>
    }
}

#[component]
fn Figure(hook: &'static str, label: &'static str, value: Signal<String>) -> impl IntoView {
    view! {
        <div class="figure">
            <dt>{label}</dt>
            <dd data-test=hook>{move || value.get()}</dd>
        </div>
    }
}

fn left(progress: Option<&WorkProgress>) -> String {
    match progress.and_then(|p| p.expected_seconds) {
        Some(seconds) => format::wait(seconds),
        None => "measuring…".to_owned(),
    }
}

fn position(stage: WorkStage) -> usize {
    STAGES
        .iter()
        .position(|(s, _)| *s == stage)
        .unwrap_or_default()
}

fn stage_name(stage: WorkStage) -> &'static str {
    match stage {
        WorkStage::Keys => "keys",
        WorkStage::Challenge => "challenge",
        WorkStage::Work => "work",
        WorkStage::Submit => "submit",
    }
}
