//! What the user is asked and told while the work runs: below the figures, so that nothing above
//! moves when they come and go.

use leptos::prelude::*;
use proto::bridge::{
    popup::{AppStatus, Settings, SolverView},
    solver::BatteryChoice,
};
use webext::time;

use crate::{
    app::App,
    components::notice::{Notice, Tone},
};

/// Asks, once for this device, whether the battery is to be spent on it. Until then the work is
/// gentle.
#[component]
pub(super) fn BatteryQuestion() -> impl IntoView {
    let app = App::here();
    app.read_settings();
    time::spawn(app.read_solver());
    let open = Memo::new(move |_| {
        app.solver.with(|solver| {
            app.settings
                .with(|settings| asks(solver.as_ref(), settings.as_ref()))
        })
    });
    let answers = [
        ("battery-full", "Full power", BatteryChoice::Full),
        ("battery-gentle", "Save power", BatteryChoice::Gentle),
    ];
    move || {
        open.get().then(|| {
            view! {
                <Notice
                    tone=Tone::Info
                    hook="battery-question"
                    text="Your computer runs on battery. Use its full power for this?"
                >
                    {answers.map(|(hook, text, choice)| view! {
                        <button
                            type="button"
                            class="button small"
                            data-test=hook
                            on:click=move |_| app.change_settings(|s| s.on_battery = choice)
                        >
                            {text}
                        </button>
                    })}
                </Notice>
            }
        })
    }
}

/// Says what happens when the task runs out of time, so that nobody gives up over it.
#[component]
pub(super) fn TooSlow() -> impl IntoView {
    let app = App::here();
    let slow = Memo::new(move |_| app.status.with(|status| is_too_slow(status.as_ref())));
    move || {
        slow.get().then(|| {
            view! {
                <Notice
                    tone=Tone::Warning
                    hook="work-too-slow"
                    text="This may take longer than the server gives for one task. A new task is then asked for by itself; the time to expect stays the same."
                />
            }
        })
    }
}

fn asks(solver: Option<&SolverView>, settings: Option<&Settings>) -> bool {
    solver.is_some_and(|view| view.on_battery)
        && settings.is_some_and(|settings| settings.on_battery == BatteryChoice::Ask)
}

fn is_too_slow(status: Option<&AppStatus>) -> bool {
    matches!(
        status,
        Some(AppStatus::Working { progress: Some(progress), .. }) if progress.too_slow
    )
}

#[cfg(test)]
mod tests {
    use proto::{
        address::AddressError,
        bridge::popup::{WorkProgress, WorkStage, WorkTask},
        ids::Difficulty,
    };

    use super::*;

    #[test]
    fn a_slow_search_is_told_and_nothing_else() -> Result<(), AddressError> {
        let working = |progress: Option<WorkProgress>| {
            Ok(AppStatus::Working {
                address: "ada@pears.example".parse()?,
                task: WorkTask::CreateAccount,
                stage: WorkStage::Work,
                progress,
            })
        };
        let progress = |too_slow| WorkProgress {
            tries: 1,
            rate: 1.0,
            difficulty: Difficulty(70_000_000),
            probability: 0.0,
            expected_seconds: Some(7e7),
            too_slow,
        };
        assert!(is_too_slow(Some(&working(Some(progress(true)))?)));
        assert!(!is_too_slow(Some(&working(Some(progress(false)))?)));
        assert!(!is_too_slow(Some(&working(None)?)));
        assert!(!is_too_slow(None));
        Ok(())
    }

    #[test]
    fn only_who_runs_on_battery_and_has_not_said_is_asked() {
        let view = |on_battery| SolverView {
            engines: Vec::new(),
            measured_at: None,
            measuring: false,
            on_battery,
        };
        let set = |on_battery| Settings {
            on_battery,
            ..Settings::default()
        };
        for (battery, choice, expect) in [
            (true, BatteryChoice::Ask, true),
            (true, BatteryChoice::Full, false),
            (true, BatteryChoice::Gentle, false),
            (false, BatteryChoice::Ask, false),
        ] {
            assert_eq!(asks(Some(&view(battery)), Some(&set(choice))), expect);
        }
        assert!(!asks(None, Some(&set(BatteryChoice::Ask))), "power unknown");
        assert!(!asks(Some(&view(true)), None), "settings not read");
    }
}
