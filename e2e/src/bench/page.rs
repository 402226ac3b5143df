//! What the extension costs web pages: processor time of a page's main thread over the same page
//! without the extension, in the same minutes on the same machine.
//!
//! Browsers take turns at a page, one load each a round, so that whatever else the machine does
//! meets all of them; a figure is the difference within one round. Four take part:
//!
//! | browser | what its difference to `bare` says |
//! | --- | --- |
//! | `bare` | the page without the extension |
//! | `again` | nothing: a second bare one; what no difference looks like here and now |
//! | `blank` | what the browser itself takes for an extension whose content scripts are empty |
//! | the extension | the figure; less `blank` it is `own`, what our scripts take |
//!
//! A busy machine drowns tenths of milliseconds in such differences. So Chromium is also asked what
//! it records of our scripts alone (`scripts`): without what the browser does for them, but steady.

mod cpu;
mod heap;
mod lab;
mod replay;
mod scripts;
mod smooth;
mod visitor;

use std::{path::Path, time::Duration};

use anyhow::Result;
use serde_json::Value;

use self::lab::{Lab, Subject};
use crate::{browser::Kind, place, stage::Stage};

/// Pages that come to rest, of `sites/bench`.
const LOADED: [&str; 3] = ["empty", "nodes", "inputs"];
/// Pages without a field, where memory counts.
const WITHOUT_FIELDS: [&str; 2] = ["empty", "nodes"];
/// The page that never rests.
const MUTATIONS: &str = "mutations";
/// Rounds before the first that counts: caches fill, compilers learn.
const WARM_UP: usize = 3;
/// How long its thread is watched, once it has settled.
const WATCHED: Duration = Duration::from_secs(3);
const SETTLED: Duration = Duration::from_secs(1);
/// Rounds of what takes long and varies little: one in so many.
const SELDOM: usize = 3;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Loads of every page in every browser; at least one.
    pub rounds: usize,
    /// Pages by name; all where there are none.
    pub pages: Vec<String>,
}

impl Plan {
    fn has(&self, page: &str) -> bool {
        self.pages.is_empty() || self.pages.iter().any(|it| it == page)
    }

    fn seldom(&self) -> usize {
        self.rounds.div_ceil(SELDOM)
    }
}

/// Measures and prints.
pub async fn run(kind: Kind, plan: &Plan) -> Result<()> {
    let logs = place::in_root(&format!("target/e2e/bench-page-{kind}"));
    place::fresh_folder(&logs)?;
    let mut lab = Lab::open(Stage::open(kind, false, &logs).await?).await?;

    let bytes = always_on(lab.user(Subject::Ours)?.browser.extension_folder()?)?;
    lab.tell("always_on", bytes, "bytes");
    for page in LOADED.into_iter().filter(|page| plan.has(page)) {
        eprintln!("{kind}: {page}, {} rounds", plan.rounds);
        loads(&mut lab, page, plan.rounds).await?;
        scripts(&lab, page, plan.seldom()).await?;
        frames(&mut lab, page, plan.seldom()).await?;
        if WITHOUT_FIELDS.contains(&page) {
            memory(&mut lab, page, plan.seldom()).await?;
        }
    }
    if plan.has(MUTATIONS) {
        eprintln!("{kind}: {MUTATIONS}");
        mutations(&mut lab, plan.seldom()).await?;
        scripts(&lab, MUTATIONS, plan.seldom()).await?;
        frames(&mut lab, MUTATIONS, plan.seldom()).await?;
    }
    if plan.has("replay") {
        match place::saved_pages() {
            Some(folder) => replay::run(&mut lab, &folder, plan.rounds.div_ceil(15)).await?,
            None => eprintln!("skipped: no saved pages beside the checkout (../shared/autofill)"),
        }
    }
    // With the account last: an open vault changes nothing before.
    if plan.has("inputs") {
        lab.unlock().await?;
        unlocked(&mut lab, plan.seldom()).await?;
    }
    lab.close().await;
    Ok(())
}

/// What loading a page takes, and the worker's part where a form wakes it.
async fn loads(lab: &mut Lab, page: &str, rounds: usize) -> Result<()> {
    let url = lab.page(page);
    for _ in 0..WARM_UP {
        lab.round(&url, &Subject::ALL).await?;
    }
    for _ in 0..rounds {
        let loads = lab.round(&url, &Subject::ALL).await?;
        let [bare, again, blank, ours] = loads[..] else {
            continue;
        };
        lab.tell(page, ours.page - bare.page, "ms");
        lab.tell(&format!("{page}.own"), ours.page - blank.page, "ms");
        lab.tell(&format!("{page}.blank"), blank.page - bare.page, "ms");
        lab.tell(&format!("{page}.again"), again.page - bare.page, "ms");
        lab.tell(&format!("{page}.bare"), bare.page, "ms");
        lab.tell(&format!("{page}.worker"), ours.worker, "ms");
    }
    Ok(())
}

/// The same page once more with an open vault that holds a login for it.
async fn unlocked(lab: &mut Lab, rounds: usize) -> Result<()> {
    let url = lab.page("inputs");
    let pair = [Subject::Bare, Subject::Ours];
    for _ in 0..WARM_UP {
        lab.round(&url, &pair).await?;
    }
    for _ in 0..rounds {
        let loads = lab.round(&url, &pair).await?;
        let [bare, ours] = loads[..] else {
            continue;
        };
        lab.tell("inputs.unlocked", ours.page - bare.page, "ms");
        lab.tell("inputs.unlocked.worker", ours.worker, "ms");
    }
    Ok(())
}

/// Milliseconds of each second while a page changes 1 000 times a second.
async fn mutations(lab: &mut Lab, rounds: usize) -> Result<()> {
    let url = lab.page(MUTATIONS);
    for _ in 0..rounds {
        let mut busy = Vec::new();
        for subject in lab.turn(&Subject::ALL) {
            let visitor = lab.visitor(subject)?;
            visitor.user.visit(&url).await?;
            tokio::time::sleep(SETTLED).await;
            busy.push((subject, visitor.busy(WATCHED).await?));
            // It would go on while others are weighed.
            visitor.user.visit(&lab.page("empty")).await?;
        }
        busy.sort_by_key(|(subject, _)| *subject);
        let [(_, bare), (_, again), (_, blank), (_, ours)] = busy[..] else {
            continue;
        };
        lab.tell("mutations", ours - bare, "ms each s");
        lab.tell("mutations.own", ours - blank, "ms each s");
        lab.tell("mutations.blank", blank - bare, "ms each s");
        lab.tell("mutations.again", again - bare, "ms each s");
        lab.tell("mutations.bare", bare, "ms each s");
    }
    Ok(())
}

/// What our scripts alone take in the first seconds of a page; only Chromium tells it.
async fn scripts(lab: &Lab, page: &str, rounds: usize) -> Result<()> {
    if lab.kind() != Kind::Chromium {
        return Ok(());
    }
    let visitor = lab.visitor(Subject::Ours)?;
    for _ in 0..rounds {
        let taken = scripts::milliseconds(&visitor.user.browser, &lab.page(page), WATCHED).await?;
        if page == MUTATIONS {
            let each = taken / WATCHED.as_secs_f64();
            lab.tell("mutations.scripts", each, "ms each s");
        } else {
            lab.tell(&format!("{page}.scripts"), taken, "ms");
        }
        visitor.user.visit(&lab.page("empty")).await?;
    }
    Ok(())
}

/// Pictures that are left out and long tasks beyond those of the page itself.
async fn frames(lab: &mut Lab, page: &str, rounds: usize) -> Result<()> {
    let url = lab.page(page);
    let pair = [Subject::Bare, Subject::Ours];
    for _ in 0..rounds {
        let mut seen = Vec::new();
        for subject in lab.turn(&pair) {
            let user = lab.user(subject)?;
            seen.push((subject, smooth::watch(user, &url).await?));
            user.visit(&lab.page("empty")).await?;
        }
        seen.sort_by_key(|(subject, _)| *subject);
        let [(_, bare), (_, ours)] = seen[..] else {
            continue;
        };
        lab.tell(
            &format!("{page}.dropped"),
            ours.dropped - bare.dropped,
            "% points",
        );
        if let (Some(bare), Some(ours)) = (bare.long_tasks, ours.long_tasks) {
            lab.tell(&format!("{page}.long_tasks"), ours - bare, "tasks");
        }
    }
    Ok(())
}

/// Memory of a page's scripts.
async fn memory(lab: &mut Lab, page: &str, rounds: usize) -> Result<()> {
    let url = lab.page(page);
    for _ in 0..rounds {
        let mut held = Vec::new();
        for subject in Subject::ALL {
            held.push(heap::megabytes(lab.visitor(subject)?, &url).await?);
        }
        let [bare, again, blank, ours] = held[..] else {
            continue;
        };
        lab.tell(&format!("{page}.heap"), ours - bare, "MB");
        lab.tell(&format!("{page}.heap.own"), ours - blank, "MB");
        lab.tell(&format!("{page}.heap.again"), again - bare, "MB");
    }
    Ok(())
}

/// Bytes of all scripts that the manifest puts into every page.
fn always_on(extension: &Path) -> Result<f64> {
    let scripts = lab::content_scripts(extension)?;
    let mut bytes = 0;
    for script in scripts {
        bytes += std::fs::metadata(script)?.len();
    }
    Ok(Value::from(bytes).as_f64().unwrap_or_default())
}
