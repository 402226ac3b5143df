//! From the user's act to a filled form.
//!
//! ```text
//! tab ─ inject ─▶ scripts greet ─ collect ─▶ facts ─ forms ─▶ plans, the best first
//!                                                               │ the gate, once a frame
//!                                  filled ◀─ one command ◀──────┘
//! ```
//!
//! The command goes down the port that the facts came from. A port belongs to one document: after
//! a navigation it is dead, and nothing can arrive at the page that came after.

use std::{cmp::Reverse, collections::BTreeMap, rc::Rc};

use engine::{Credential, UserAct};
use forms::{FillPlan, Have};
use futures_channel::mpsc;
use futures_util::StreamExt as _;
use proto::{
    bridge::{
        content::{
            ContentCommand, ContentRequest, FillCommand, FillRole, FillStep, Filled, PageFacts,
        },
        endpoint::{FrameId, Sender, TabId},
        popup::FillReport,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
    vault::ItemKind,
};
use webext::{action, event::PortId, frames, scripting, sender::ContentFrame, tabs, time};

use crate::{
    app::{App, BrowserEngine},
    refusal::more_telling,
};

/// The script that looks and types.
const SCRIPT: &str = "content/fill.js";
/// How long frames may take to tell their fields, milliseconds, from the injection on.
const FACTS_WITHIN_MS: u64 = 1500;
/// How long a frame may take to fill, milliseconds.
const FILLED_WITHIN_MS: u64 = 5000;

/// The fills that are under way: one at most for each tab.
#[derive(Default)]
pub(crate) struct Fills(BTreeMap<TabId, Running>);

struct Running {
    ticket: u64,
    news: mpsc::UnboundedSender<News>,
}

/// What comes from a script.
enum News {
    Facts(PortId, PageFacts),
    Filled(PortId, Filled),
    Lost(PortId),
}

impl Fills {
    /// What a script that has just greeted is to do.
    pub(crate) fn collecting(&self, tab: TabId) -> Option<ContentCommand> {
        self.0.get(&tab).map(|running| ContentCommand::Collect {
            ticket: running.ticket,
        })
    }

    /// A script has answered. What nobody asked for is nobody's.
    pub(crate) fn heard(&mut self, id: PortId, tab: TabId, said: ContentRequest) {
        let Some(running) = self.0.get(&tab) else {
            return;
        };
        let news = match said {
            ContentRequest::PageFacts(facts) if facts.ticket == running.ticket => {
                News::Facts(id, facts)
            }
            ContentRequest::Filled(filled) if filled.ticket == running.ticket => {
                News::Filled(id, filled)
            }
            _ => return,
        };
        // The fill is just ending.
        let _ = running.news.unbounded_send(news);
    }

    /// A script is gone.
    pub(crate) fn lost(&mut self, id: PortId, tab: TabId) {
        if let Some(running) = self.0.get(&tab) {
            let _ = running.news.unbounded_send(News::Lost(id));
        }
    }
}

/// A frame that a login could go into.
struct Candidate {
    port: PortId,
    frame: ContentFrame,
    plan: FillPlan,
}

/// Fills a login into the page that the user means.
///
/// # Errors
/// The most telling reason why nothing was filled.
pub(crate) async fn fill(
    app: &Rc<App>,
    item: ItemId,
    act: UserAct,
) -> Result<FillReport, WireError> {
    let tab = tabs::meant()
        .await
        .ok()
        .flatten()
        .filter(|tab| tab.origin().is_some());
    let tab = tab
        .and_then(|tab| tab.id())
        .ok_or(ErrorCode::PageUnsupported)?;
    fill_tab(app, tab, item, act).await
}

async fn fill_tab(
    app: &Rc<App>,
    tab: TabId,
    item: ItemId,
    act: UserAct,
) -> Result<FillReport, WireError> {
    let engine = app.engine().await?;
    let view = engine.item(item).await?;
    if view.overview.kind != ItemKind::Login {
        return Err(ErrorCode::NothingToFill.into());
    }
    let have = Have {
        username: !view.overview.subtitle.is_empty(),
        password: view.overview.has_password,
        totp: view.overview.has_totp,
    };
    let ticket = app.ticket();
    let (news, mut heard) = mpsc::unbounded();
    if app.fills.borrow().0.contains_key(&tab) {
        return Err(ErrorCode::AlreadyRunning.into());
    }
    app.fills
        .borrow_mut()
        .0
        .insert(tab, Running { ticket, news });
    let mut outcome = run(app, &engine, tab, ticket, have, item, act, &mut heard).await;
    if outcome
        .as_ref()
        .is_err_and(|error| error.code == ErrorCode::PageGone)
    {
        // The page was drawn anew between its facts and the command.
        outcome = run(app, &engine, tab, ticket, have, item, act, &mut heard).await;
    }
    app.fills.borrow_mut().0.remove(&tab);
    // Scripts have no further business.
    let scripts = app.connections.borrow().scripts(tab);
    for (id, _) in scripts {
        app.connections.borrow_mut().close(id);
    }
    outcome
}

/// The shortcut: fills where exactly one login fits, and opens the popup where the user has to
/// choose, to unlock, or to read why not. `pressed` is the tab in view, where the browser tells:
/// with a page of ours in view, nothing is filled behind it.
pub(crate) async fn by_shortcut(app: &Rc<App>, pressed: Option<TabId>) {
    let only = async {
        let engine = app.engine().await.ok()?;
        let tab = tabs::meant().await.ok().flatten()?;
        let (id, origin) = (tab.id()?, tab.origin()?);
        if pressed.is_some_and(|pressed| pressed != id) {
            return None;
        }
        let fitting = engine.logins_for(&origin).await.ok()?;
        engine.touch(engine::ActivityKind::User).await;
        (fitting.len() == 1).then(|| (id, fitting[0].id))
    };
    let filled = match only.await {
        Some((tab, item)) => fill_tab(app, tab, item, UserAct::Shortcut).await.is_ok(),
        None => false,
    };
    if !filled {
        // Not every browser opens it without a click; the button is there.
        let _ = action::open_popup().await;
    }
}

#[expect(clippy::too_many_arguments, reason = "one fill, told once")]
async fn run(
    app: &App,
    engine: &BrowserEngine,
    tab: TabId,
    ticket: u64,
    have: Have,
    item: ItemId,
    act: UserAct,
    heard: &mut mpsc::UnboundedReceiver<News>,
) -> Result<FillReport, WireError> {
    let facts = collect(app, tab, heard).await?;
    let tree = frames::list(tab)
        .await
        .map_err(|_| WireError::new(ErrorCode::PageGone))?;
    let scripts: Vec<ContentFrame> = app
        .connections
        .borrow()
        .scripts(tab)
        .into_iter()
        .map(|(_, frame)| frame)
        .collect();
    let mut why = None;
    for Candidate { port, frame, plan } in candidates(app, tab, &facts, have) {
        let Some(Sender::Frame(sender)) = frames::sender(&frame, &tree, &scripts) else {
            why = Some(more_telling(why, ErrorCode::PageGone.into()));
            continue;
        };
        let credential = match engine.release(item, &sender, act).await {
            Ok(credential) => credential,
            Err(refused) => {
                why = Some(more_telling(why, refused.into()));
                continue;
            }
        };
        let steps = steps(&plan, &credential);
        drop(credential);
        let command = ContentCommand::Fill(FillCommand { ticket, steps });
        app.connections.borrow().tell(port, &command);
        drop(command);
        // One frame for one run: whatever it answers, the next one down is not tried. Only where the
        // page had changed is there a second run, with new facts and through the gate again.
        return match filled(port, heard).await {
            Some(filled) if !filled.stale => {
                let report = report(&plan, &filled);
                if report.username || report.password || report.totp {
                    Ok(report)
                } else {
                    Err(ErrorCode::NothingToFill.into())
                }
            }
            _ => Err(ErrorCode::PageGone.into()),
        };
    }
    Err(why.unwrap_or_else(|| ErrorCode::NothingToFill.into()))
}

/// Injects the script and waits for the frames to tell their fields.
async fn collect(
    app: &App,
    tab: TabId,
    heard: &mut mpsc::UnboundedReceiver<News>,
) -> Result<Vec<(PortId, PageFacts)>, WireError> {
    // Scripts of an earlier fill make room for those of this one.
    let old: Vec<PortId> = app
        .connections
        .borrow()
        .scripts(tab)
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    for id in old {
        app.connections.borrow_mut().close(id);
    }
    let until = time::now().plus(FACTS_WITHIN_MS);
    let injected = scripting::run_in_all_frames(tab, SCRIPT).await;
    let expected = injected
        .map_err(|_| WireError::new(ErrorCode::PageUnsupported))?
        .len();
    let mut facts: Vec<(PortId, PageFacts)> = Vec::new();
    let mut lost = 0;
    while facts.len() + lost < expected {
        match next(heard, until).await {
            Some(News::Facts(id, told)) => facts.push((id, told)),
            Some(News::Lost(_)) => lost += 1,
            Some(News::Filled(..)) => {}
            None => break,
        }
    }
    Ok(facts)
}

/// What could be filled, the best first.
fn candidates(app: &App, tab: TabId, facts: &[(PortId, PageFacts)], have: Have) -> Vec<Candidate> {
    let scripts: BTreeMap<PortId, ContentFrame> =
        app.connections.borrow().scripts(tab).into_iter().collect();
    let candidate = |(port, facts): &(PortId, PageFacts)| {
        let plan = forms::plan(&forms::analyze(facts), have)?;
        Some(Candidate {
            port: *port,
            frame: scripts.get(port)?.clone(),
            plan,
        })
    };
    let mut found: Vec<Candidate> = facts.iter().filter_map(candidate).collect();
    // What the user looks at before frames of its site that others may write into.
    let top = scripts
        .values()
        .find(|frame| frame.frame == FrameId(0))
        .and_then(|f| f.origin.clone());
    found.sort_by_key(|c| (c.frame.origin != top, Reverse(c.plan.score), c.frame.frame));
    found
}

fn steps(plan: &FillPlan, credential: &Credential) -> Vec<FillStep> {
    let value = |role| match role {
        FillRole::Username => &credential.username,
        FillRole::Password => &credential.password,
        FillRole::Totp => &credential.totp,
    };
    let step = |&(field, role): &(u32, FillRole)| FillStep {
        field,
        role,
        value: value(role).clone(),
    };
    plan.steps
        .iter()
        .map(step)
        .filter(|step| !step.value.is_empty())
        .collect()
}

async fn filled(port: PortId, heard: &mut mpsc::UnboundedReceiver<News>) -> Option<Filled> {
    let until = time::now().plus(FILLED_WITHIN_MS);
    loop {
        match next(heard, until).await? {
            News::Filled(id, filled) if id == port => return Some(filled),
            News::Lost(id) if id == port => return None,
            _ => {}
        }
    }
}

async fn next(heard: &mut mpsc::UnboundedReceiver<News>, until: UnixMillis) -> Option<News> {
    let left = until.0.saturating_sub(time::now().0);
    let left = u32::try_from(left).unwrap_or(0);
    time::within(left, "content", heard.next())
        .await
        .ok()
        .flatten()
}

fn report(plan: &FillPlan, filled: &Filled) -> FillReport {
    let did = |role| {
        plan.steps
            .iter()
            .any(|&(field, of)| of == role && filled.fields.contains(&field))
    };
    FillReport {
        username: did(FillRole::Username),
        password: did(FillRole::Password),
        totp: did(FillRole::Totp),
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::SecretText;

    use super::*;

    fn plan() -> FillPlan {
        FillPlan {
            steps: vec![(1, FillRole::Username), (4, FillRole::Password)],
            score: 1,
        }
    }

    #[test]
    fn values_go_to_their_roles_and_empty_ones_nowhere() {
        let credential = Credential {
            username: SecretText::default(),
            password: SecretText::new("p"),
            totp: SecretText::new("000000"),
        };
        let steps = steps(&plan(), &credential);
        let want = FillStep {
            field: 4,
            role: FillRole::Password,
            value: SecretText::new("p"),
        };
        assert_eq!(steps, [want]);
    }

    #[test]
    fn report_tells_what_the_fields_hold() {
        let filled = |fields: &[u32]| Filled {
            ticket: 1,
            fields: fields.to_vec(),
            stale: false,
        };
        let told = report(&plan(), &filled(&[4]));
        assert!(told.password && !told.username && !told.totp);
        let told = report(&plan(), &filled(&[2]));
        assert!(!told.password && !told.username);
    }

    #[test]
    fn answers_to_another_ticket_are_nobodys() {
        let (news, mut heard) = mpsc::unbounded();
        let mut fills = Fills::default();
        fills.0.insert(TabId(1), Running { ticket: 7, news });
        let filled = |ticket| {
            ContentRequest::Filled(Filled {
                ticket,
                fields: vec![],
                stale: false,
            })
        };
        fills.heard(PortId(1), TabId(1), filled(6));
        fills.heard(PortId(1), TabId(2), filled(7));
        assert!(heard.try_recv().is_err());
        fills.heard(PortId(1), TabId(1), filled(7));
        assert!(heard.try_recv().is_ok());
        assert_eq!(
            fills.collecting(TabId(1)),
            Some(ContentCommand::Collect { ticket: 7 })
        );
        assert_eq!(fills.collecting(TabId(2)), None);
    }
}
