//! What works on proofs here, with how much of the battery, and how fast that is.

use leptos::prelude::*;
use proto::{
    bridge::{
        popup::{MeasureSolver, SolverView},
        solver::{BatteryChoice, EngineChoice, EngineKind, EnginePlace, EngineReport},
    },
    ids::UnixMillis,
};
use webext::time;

use crate::{
    api,
    app::App,
    components::{icon::Icon, option::Choice},
    format,
};

const ENGINES: [EngineChoice; 3] = [
    EngineChoice::Automatic,
    EngineChoice::Processor,
    EngineChoice::Graphics,
];
const BATTERY: [BatteryChoice; 3] = [
    BatteryChoice::Ask,
    BatteryChoice::Full,
    BatteryChoice::Gentle,
];
/// Average tries that an address costs on a node that is set up as we ship it.
const ADDRESS_TRIES: f64 = 70e6;

/// The choices, and what was measured.
#[component]
pub(super) fn ProofOfWork() -> impl IntoView {
    let app = App::here();
    time::spawn(app.read_solver());
    let settings = Signal::derive(move || app.settings.get().unwrap_or_default());
    let choice = Memo::new(move |_| settings.with(|s| s.engine));
    view! {
        <div class="card">
            <Choice
                hook="solver-engine"
                label="Work with"
                values=&ENGINES
                word=engine_word
                value=choice.into()
                on_change=move |engine| app.change_settings(|s| s.engine = engine)
            />
            <Choice
                hook="solver-battery"
                label="On battery"
                values=&BATTERY
                word=battery_word
                value=Signal::derive(move || settings.with(|s| s.on_battery))
                on_change=move |how| app.change_settings(|s| s.on_battery = how)
            />
            <Engines choice/>
            <Measure/>
        </div>
    }
}

#[component]
fn Engines(choice: Memo<EngineChoice>) -> impl IntoView {
    let app = App::here();
    let engines = Memo::new(move |_| {
        app.solver
            .with(|view| view.as_ref().map(|view| view.engines.clone()))
            .unwrap_or_default()
    });
    move || {
        let row = |report| view! { <Engine report choice/> };
        engines.get().into_iter().map(row).collect_view()
    }
}

#[component]
fn Engine(report: EngineReport, choice: Memo<EngineChoice>) -> impl IntoView {
    let (kind, icon, name) = match report.kind {
        EngineKind::Processor => ("processor", icondata_lu::LuCpu, "Processor"),
        EngineKind::Graphics => ("graphics", icondata_lu::LuGpu, "Graphics processor"),
    };
    let (place, name) = match report.place {
        EnginePlace::Browser => ("browser", name.to_owned()),
        EnginePlace::Host => ("host", format!("{name}, by the host")),
    };
    let rate = rate(&report).map(format::rate);
    view! {
        <div class="setting" data-test="solver-device" data-kind=kind data-place=place>
            <Icon icon/>
            <span class="setting-text">
                <span class="setting-label">{name}</span>
                <span class="setting-note">{move || note(&report, choice.get())}</span>
            </span>
            <span class="setting-value">{rate}</span>
        </div>
    }
}

#[component]
fn Measure() -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let busy = move || {
        let measuring = |view: &Option<SolverView>| view.as_ref().is_some_and(|v| v.measuring);
        asking.get() || app.solver.with(measuring)
    };
    let state = move || {
        app.solver
            .with(|view| view.as_ref().map(|view| state_text(view, api::now())))
    };
    let measure = move |_| {
        asking.set(true);
        time::spawn(async move {
            if app.ask_or_tell(MeasureSolver {}).await.is_some() {
                // The event that ends a measurement never comes where the background died over it:
                // pressed again, the button asks how things are.
                app.read_solver().await;
            }
            asking.try_set(false);
        });
    };
    view! {
        <div class="setting">
            <span class="setting-text">
                <span class="setting-label">"Speed of this device"</span>
                <span class="setting-note" data-test="solver-state" aria-live="polite">{state}</span>
            </span>
            <button
                type="button"
                class="button small"
                class:busy=busy
                data-test="solver-measure"
                on:click=measure
            >
                "Measure"
            </button>
        </div>
    }
}

fn engine_word(choice: EngineChoice) -> String {
    match choice {
        EngineChoice::Automatic => "Automatic",
        EngineChoice::Processor => "Processor",
        EngineChoice::Graphics => "Graphics processor",
    }
    .to_owned()
}

fn battery_word(choice: BatteryChoice) -> String {
    match choice {
        BatteryChoice::Ask => "Ask",
        BatteryChoice::Full => "Full power",
        BatteryChoice::Gentle => "Save power",
    }
    .to_owned()
}

/// Tries a second of an engine that works.
fn rate(report: &EngineReport) -> Option<f64> {
    report.rate.filter(|rate| rate.is_finite() && *rate > 0.0)
}

/// What an engine is and what it is good for, in one line.
fn note(report: &EngineReport, choice: EngineChoice) -> String {
    let device = device(report);
    let Some(rate) = rate(report) else {
        let problem = report.problem.as_deref().unwrap_or("it does not work here");
        return joined(&device, ": ", problem);
    };
    let use_for = format!("{} for a new address", format::wait(ADDRESS_TRIES / rate));
    let worth = match (report.software, choice) {
        (false, _) => use_for,
        (true, EngineChoice::Graphics) => {
            format!("in software: slower than the processor, {use_for}")
        }
        (true, _) => "in software: slower than the processor, not used".to_owned(),
    };
    joined(&device, ", ", &worth)
}

/// `simd128 on 2 threads`, or what a graphics processor calls itself.
fn device(report: &EngineReport) -> String {
    match (report.kind, report.units) {
        (EngineKind::Processor, units) => joined(
            &report.name,
            " on ",
            &format::counted(units.into(), "thread"),
        ),
        (EngineKind::Graphics, 0 | 1) => report.name.clone(),
        (EngineKind::Graphics, units) => joined(&units.to_string(), " × ", &report.name),
    }
}

/// Both with `by` between them; where there is no `first`, the other alone.
fn joined(first: &str, by: &str, second: &str) -> String {
    if first.is_empty() {
        return second.to_owned();
    }
    format!("{first}{by}{second}")
}

fn state_text(view: &SolverView, now: UnixMillis) -> String {
    match view.measured_at {
        _ if view.measuring => "Measuring…".to_owned(),
        Some(at) if !view.engines.is_empty() => format!("Measured {}.", format::ago(at, now)),
        _ => "Not measured yet.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kind: EngineKind, name: &str, units: u32, rate: Option<f64>) -> EngineReport {
        EngineReport {
            kind,
            place: EnginePlace::Browser,
            name: name.to_owned(),
            units,
            software: false,
            rate,
            problem: None,
        }
    }

    #[test]
    fn an_engine_is_told_with_its_units_and_its_time() {
        use EngineKind::{Graphics, Processor};
        for (kind, name, units, rate, text) in [
            (
                Processor,
                "simd128",
                2,
                1.35e6,
                "simd128 on 2 threads, about 50 s for a new address",
            ),
            (
                Processor,
                "scalar",
                1,
                1e5,
                "scalar on 1 thread, about 12 min for a new address",
            ),
            (
                Processor,
                "",
                4,
                1e6,
                "4 threads, about 1 min for a new address",
            ),
            (
                Graphics,
                "Radeon 780M",
                1,
                7e6,
                "Radeon 780M, about 10 s for a new address",
            ),
            (
                Graphics,
                "H200",
                2,
                7e9,
                "2 × H200, a few seconds for a new address",
            ),
            (Graphics, "", 1, 7e6, "about 10 s for a new address"),
        ] {
            let report = report(kind, name, units, Some(rate));
            assert_eq!(note(&report, EngineChoice::Automatic), text);
        }
    }

    #[test]
    fn software_is_not_used_unless_it_is_asked_for() {
        let report = EngineReport {
            software: true,
            ..report(EngineKind::Graphics, "llvmpipe", 1, Some(2e5))
        };
        let unused = "llvmpipe, in software: slower than the processor, not used";
        for (choice, text) in [
            (EngineChoice::Automatic, unused),
            (EngineChoice::Processor, unused),
            (
                EngineChoice::Graphics,
                "llvmpipe, in software: slower than the processor, about 6 min for a new address",
            ),
        ] {
            assert_eq!(note(&report, choice), text);
        }
    }

    #[test]
    fn what_does_not_work_tells_why_and_no_time() {
        for (name, rate, problem, text) in [
            (
                "Adreno",
                None,
                Some("the device was lost"),
                "Adreno: the device was lost",
            ),
            ("", None, Some("no device"), "no device"),
            ("Adreno", None, None, "Adreno: it does not work here"),
            ("Adreno", Some(0.0), None, "Adreno: it does not work here"),
            (
                "Adreno",
                Some(f64::NAN),
                None,
                "Adreno: it does not work here",
            ),
        ] {
            let report = EngineReport {
                software: true,
                problem: problem.map(str::to_owned),
                ..report(EngineKind::Graphics, name, 1, rate)
            };
            assert_eq!(note(&report, EngineChoice::Automatic), text);
            assert_eq!(self::rate(&report), None);
        }
    }

    #[test]
    fn the_state_tells_when_it_was_measured() {
        let now = UnixMillis(10_000_000_000);
        let view = |engines: Vec<EngineReport>, minutes: Option<u64>, measuring| SolverView {
            engines,
            measured_at: minutes.map(|m| UnixMillis(now.0 - m * 60_000)),
            measuring,
            on_battery: false,
        };
        let one = || vec![report(EngineKind::Processor, "simd128", 2, Some(1e6))];
        for (view, text) in [
            (view(Vec::new(), None, false), "Not measured yet."),
            (view(Vec::new(), Some(5), false), "Not measured yet."),
            (view(one(), Some(5), false), "Measured 5 min ago."),
            (view(one(), Some(5), true), "Measuring…"),
            (view(Vec::new(), None, true), "Measuring…"),
        ] {
            assert_eq!(state_text(&view, now), text);
        }
    }
}
