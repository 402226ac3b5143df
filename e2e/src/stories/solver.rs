//! Proof of work in the browser: what its engines find, and which of them works.

use std::num::NonZeroU64;

use anyhow::{Context, Result, ensure};
use pow::{Header, Job, Span, Target, reference};
use proto::bridge::{
    popup::{
        AppStatus, CancelWork, CreateAccount, GetSettings, GetSolver, MeasureSolver, SetSettings,
        SolverView, Status,
    },
    solver::{BatteryChoice, EngineChoice, EngineKind},
};
use proto::vault::SecretText;
use serde_json::{Value, json};

use crate::{
    pages::user::User,
    patience::{SOON, WORK, until},
    stage::{MASTER, Stage},
};

/// Header byte, difficulty, first position, and how many: the contract of the crate `pow`, shortened
/// to what a device in software does in seconds.
const CASES: [(u8, u64, u64, u32); 8] = [
    (0, 1, 0, 17),
    (0xff, 1, u64::MAX - 21, 21),
    (0x5a, 4, (1 << 32) - 33, 66),
    (0xff, 4, (7 << 32) - 20, 40),
    (0x77, 60, 1_000, 600),
    (0, 1 << 20, 111_696 - 45, 90),
    (0x5a, 1 << 20, 185_925 - 500, 1_000),
    (0x21, 3_000, 1 << 40, 4_000),
];

pub(super) async fn engines_of_the_browser_find_what_the_definition_finds(
    stage: &Stage,
) -> Result<()> {
    let ada = stage.user_with_graphics("ada").await?;
    ada.popup().await?;
    for kind in ["processor", "graphics"] {
        let answer = find_all(&ada, kind).await?;
        if answer == json!("none") {
            // Firefox has a device only where the system has one.
            ensure!(
                kind == "graphics" && stage.kind() == crate::browser::Kind::Firefox,
                "no {kind}"
            );
            continue;
        }
        let found: Vec<Vec<String>> =
            serde_json::from_value(answer.clone()).with_context(|| format!("{kind}: {answer}"))?;
        for (case, found) in CASES.into_iter().zip(found) {
            let expected: Vec<String> = expected(case).iter().map(u64::to_string).collect();
            ensure!(
                found == expected,
                "{kind} {case:?}: found {found:?}, not {expected:?}"
            );
        }
    }
    Ok(())
}

/// A device that is lost while it works is opened again, three times.
pub(super) async fn a_lost_graphics_device_is_opened_again(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_graphics("ada").await?;
    ada.popup().await?;
    let script = "const [header, target, done] = arguments;
        (async () => {
            const module = await import('/wasm/gpu.js');
            await module.default();
            const device = await module.Graphics.open();
            if (!device) return 'none';
            const scan = () => device.scan(header, target, 0, 0n, 4000).then(String, (error) => `broken: ${error}`);
            const found = [await scan()];
            for (let lost = 0; lost < 4; lost++) {
                device.lose();
                found.push(await scan());
            }
            return found;
        })().then(done, (error) => done(String(error)));";
    let job = job((0x21, 3_000, 0, 0));
    let arguments = vec![
        json!(job.challenge().to_string()),
        json!(job.target().to_string()),
    ];
    let answer = ada.browser.client.execute_async(script, arguments).await?;
    let found: Vec<String> =
        serde_json::from_value(answer.clone()).with_context(|| answer.to_string())?;
    let job = Job::new(*job.challenge(), *job.target());
    let expected = reference::scan(
        &job,
        Span {
            first: 0,
            count: 4_000,
        },
    )
    .context("a solution")?;
    ensure!(
        found[..4] == [(); 4].map(|()| expected.to_string()),
        "{found:?}, not {expected}"
    );
    ensure!(found[4].starts_with("broken: "), "{found:?}");
    Ok(())
}

fn job((byte, difficulty, _, _): (u8, u64, u64, u32)) -> Job {
    let difficulty = NonZeroU64::new(difficulty).unwrap_or(NonZeroU64::MIN);
    Job::new(Header::new([byte; 64]), Target::from_difficulty(difficulty)).for_worker(9)
}

fn expected(case: (u8, u64, u64, u32)) -> Vec<u64> {
    let (job, all) = (
        job(case),
        Span {
            first: case.2,
            count: case.3,
        },
    );
    let solves = |position: &u64| {
        reference::scan(
            &job,
            Span {
                first: *position,
                count: 1,
            },
        )
        .is_some()
    };
    all.positions().filter(solves).collect()
}

/// All that the shipped worker finds in every case, going on behind each find; `none` without such
/// a device.
async fn find_all(user: &User, kind: &str) -> Result<Value> {
    let cases: Vec<Value> = CASES
        .into_iter()
        .map(|case| {
            let job = job(case);
            json!([
                job.challenge().to_string(),
                job.target().to_string(),
                case.2.to_string(),
                case.3
            ])
        })
        .collect();
    let script = "const [kind, cases, done] = arguments;
        const worker = new Worker('/solver-worker.js', { type: 'module' });
        const answer = () => new Promise((next) => (worker.onmessage = ({ data }) => next(data)));
        (async () => {
            worker.postMessage({ kind });
            const first = await answer();
            if (first.type === 'none') return 'none';
            if (first.type !== 'ready') throw new Error(JSON.stringify(first));
            const all = [];
            for (const [header, target, from, total] of cases) {
                const found = [], end = BigInt(from) + BigInt(total);
                for (let at = BigInt(from); at < end;) {
                    worker.postMessage({ header, target, worker: 9, first: String(at), count: Number(end - at) });
                    const { type, position, problem } = await answer();
                    if (type !== 'done') throw new Error(problem);
                    if (position === null) break;
                    found.push(position);
                    at = BigInt(position) + 1n;
                }
                all.push(found);
            }
            return all;
        })().then(done, (error) => done(String(error))).finally(() => worker.terminate());";
    let answer = user
        .browser
        .client
        .execute_async(script, vec![json!(kind), json!(cases)])
        .await?;
    Ok(answer)
}

pub(super) async fn a_graphics_device_in_software_is_measured_and_not_preferred(
    stage: &Stage,
) -> Result<()> {
    let ada = stage.user_with_graphics("ada").await?;
    ada.ask(MeasureSolver {}).await?;
    let view = until("the measurement", WORK, async || {
        let view = ada.ask(GetSolver {}).await?;
        Ok((!view.measuring && !view.engines.is_empty()).then_some(view))
    })
    .await?;
    let kinds: Vec<_> = view.engines.iter().map(|engine| engine.kind).collect();
    ensure!(
        kinds == [EngineKind::Processor, EngineKind::Graphics],
        "{view:?}"
    );
    ensure!(
        view.engines
            .iter()
            .all(|it| it.rate.is_some_and(|rate| rate > 0.0) && !it.name.is_empty()),
        "{view:?}"
    );
    let (processor, graphics) = (&view.engines[0], &view.engines[1]);
    ensure!(!processor.software && graphics.software, "{view:?}");

    // By itself the processor works, and where the user wants it the device does.
    let rate = working_rate(stage, &ada).await?;
    ensure!(
        rate > 2.0 * graphics.rate.unwrap_or(0.0),
        "{rate} of {view:?}"
    );
    let mut settings = ada.ask(GetSettings {}).await?;
    settings.engine = EngineChoice::Graphics;
    ada.ask(SetSettings { settings }).await?;
    let rate = working_rate(stage, &ada).await?;
    ensure!(
        rate < 0.5 * processor.rate.unwrap_or(0.0),
        "{rate} of {view:?}"
    );
    Ok(())
}

/// Works for a while on something that will not be solved; tries a second once they settle.
async fn working_rate(stage: &Stage, user: &User) -> Result<f64> {
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(1 << 50)
        .await?;
    begin_work(stage, user).await?;
    // The device takes its time, and until then the processor works.
    let mut rates = Vec::new();
    let settled = until("a steady rate", WORK, async || {
        if let AppStatus::Working {
            progress: Some(progress),
            ..
        } = user.ask(Status {}).await?
            && progress.tries > 0
        {
            rates.push(progress.rate);
        }
        let last = &rates[rates.len().saturating_sub(20)..];
        let (low, high) = last.iter().fold((f64::MAX, 0.0_f64), |(low, high), rate| {
            (low.min(*rate), high.max(*rate))
        });
        Ok((rates.len() > 40 && high < 1.5 * low).then_some(high))
    })
    .await?;
    user.ask(CancelWork {}).await?;
    Ok(settled)
}

async fn begin_work(stage: &Stage, user: &User) -> Result<()> {
    user.ask(CreateAccount {
        address: "never@localhost".to_owned(),
        server: Some(stage.server().to_owned()),
        password: SecretText::new(MASTER),
    })
    .await?;
    Ok(())
}

pub(super) async fn work_that_outlasts_its_task_is_told(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(1 << 50)
        .await?;
    let popup = ada.popup().await?;
    begin_work(stage, &ada).await?;
    popup.wait_for("work-too-slow").await?;
    popup.click("cancel-work").await?;
    popup.wait_for_screen("welcome").await?;
    Ok(())
}

pub(super) async fn who_runs_on_battery_is_asked_once(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(1 << 50)
        .await?;
    // The document in a window of its own, where the test can say what the battery does.
    let script = "navigator.getBattery = async () => (globalThis.battery = { charging: false });";
    ada.browser
        .cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": script}),
        )
        .await?;
    let document = format!("{}/offscreen.html", ada.browser.origin());
    ada.browser.client.goto(&document).await?;
    begin_work(stage, &ada).await?;
    let on_battery = |expected| {
        let ada = &ada;
        until("the power", SOON, async move || {
            let view: SolverView = ada.ask(GetSolver {}).await?;
            Ok((view.on_battery == expected).then_some(()))
        })
    };
    on_battery(true).await?;
    let popup = ada.popup().await?;
    popup.wait_for("battery-question").await?;
    popup.click("battery-gentle").await?;
    popup.wait_until_gone("battery-question").await?;
    let settings = ada.ask(GetSettings {}).await?;
    ensure!(settings.on_battery == BatteryChoice::Gentle, "{settings:?}");
    ada.ask(CancelWork {}).await?;
    // Never again.
    begin_work(stage, &ada).await?;
    popup.wait_for_screen("work").await?;
    popup.wait_for("work-rate").await?;
    ensure!(!popup.shows("battery-question").await?, "asked twice");
    Ok(())
}
