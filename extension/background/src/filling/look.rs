//! What the frames of a tab tell, and which of them something could go into.

use std::{cmp::Reverse, collections::BTreeMap};

use engine::UserAct;
use forms::{Analysis, FillPlan};
use proto::{
    bridge::{
        content::{ContentCommand, PageFacts},
        endpoint::{FrameId, FrameSender, Sender, TabId},
    },
    error::{ErrorCode, WireError},
};
use webext::{
    event::PortId,
    frames::{self, FrameInfo},
    scripting,
    sender::ContentFrame,
    time,
};

use super::{
    Goods, SCRIPT,
    fills::{Heard, News},
};
use crate::app::App;

/// How long frames may take to tell their fields, milliseconds, from the injection on.
const FACTS_WITHIN_MS: u32 = 1500;
/// How much longer where none has told any: a slow page is not one without a form.
const SLOW_WITHIN_MS: u64 = 3500;
/// How long one frame may take to tell them once more, milliseconds.
const AGAIN_WITHIN_MS: u64 = 700;
/// How many frames are brought into view, at most.
const OUT_OF_VIEW_MAX: usize = 3;

/// What each script told.
pub(crate) type Facts = Vec<(PortId, PageFacts)>;

/// A frame that something could go into.
pub(crate) struct Candidate {
    pub(crate) port: PortId,
    pub(crate) plan: FillPlan,
    pub(crate) frame: ContentFrame,
    /// What its fields are called and how they are made.
    pub(crate) facts: PageFacts,
}

/// How the frames of the tab stand in one another.
pub(crate) struct Frames {
    tree: Vec<FrameInfo>,
    scripts: Vec<ContentFrame>,
}

impl Frames {
    /// Who a frame is for the gate; `None` where its document is gone.
    pub(crate) fn sender(&self, frame: &ContentFrame) -> Option<FrameSender> {
        match frames::sender(frame, &self.tree, &self.scripts)? {
            Sender::Frame(sender) => Some(sender),
            Sender::Extension => None,
        }
    }
}

/// A look at the frames of one tab; one at most at a time for each.
pub(crate) struct Look<'a> {
    pub(super) app: &'a App,
    pub(super) tab: TabId,
    pub(super) ticket: u64,
    pub(super) heard: Heard,
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        self.app.fills.borrow_mut().end(self.tab);
    }
}

impl<'a> Look<'a> {
    /// Begins.
    ///
    /// # Errors
    /// [`ErrorCode::AlreadyRunning`].
    pub(crate) fn begin(app: &'a App, tab: TabId, ticket: u64) -> Result<Self, WireError> {
        let begun = app.fills.borrow_mut().begin(tab, ticket);
        Self::new(app, tab, ticket, begun)
    }

    /// Begins where the facts are known: scripts that greet meanwhile are asked nothing.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub(crate) fn known(app: &'a App, tab: TabId, ticket: u64) -> Result<Self, WireError> {
        let begun = app.fills.borrow_mut().begin_silent(tab, ticket);
        Self::new(app, tab, ticket, begun)
    }

    fn new(app: &'a App, tab: TabId, ticket: u64, begun: Option<Heard>) -> Result<Self, WireError> {
        Ok(Self {
            app,
            tab,
            ticket,
            heard: begun.ok_or(ErrorCode::AlreadyRunning)?,
        })
    }

    /// Looks where something could go, the best first: in view, else where it can be brought into
    /// view.
    ///
    /// # Errors
    /// `PageUnsupported`, `PageGone`.
    pub(crate) async fn find(
        &mut self,
        goods: &Goods,
        act: UserAct,
    ) -> Result<Vec<Candidate>, WireError> {
        let facts = self.collect().await?;
        let plan = |analysis: &Analysis| goods.plan(analysis);
        let found = self.candidates(&facts, plan);
        if !found.is_empty() {
            return Ok(found);
        }
        let frames = self.frames().await?;
        let may = |sender: &FrameSender| goods.may_go(sender, act).is_ok();
        Ok(self.out_of_view(&facts, &frames, plan, may).await)
    }

    /// Injects the script and waits for the frames to tell their fields. A frame that is busy tells
    /// none and holds nobody up: the browser ends an injection only when every frame has run it.
    pub(crate) async fn collect(&mut self) -> Result<Facts, WireError> {
        // Scripts of an earlier fill make room for those of this one.
        self.dismiss();
        let mut until = time::now().plus(FACTS_WITHIN_MS.into());
        let mut patient = true;
        let injected = scripting::run_in_all_frames(self.tab, SCRIPT);
        let expected = match time::within(FACTS_WITHIN_MS, "executeScript", injected).await {
            Ok(Ok(frames)) => frames.len(),
            Ok(Err(_)) => return Err(ErrorCode::PageUnsupported.into()),
            // All that has come meanwhile, and no more is waited for: the time is over.
            Err(_) => usize::MAX,
        };
        let mut facts = Facts::new();
        let mut lost = 0;
        // A port that is gone may be one that its script has opened anew.
        while facts.len() + lost < expected || (lost > 0 && self.is_awaited(&facts)) {
            match self.heard.next(until).await {
                Some(News::Facts(id, told)) => facts.push((id, told)),
                Some(News::Lost(_)) => lost += 1,
                Some(News::Filled(..)) => {}
                None if patient && facts.is_empty() => {
                    until = time::now().plus(SLOW_WITHIN_MS);
                    patient = false;
                }
                None => break,
            }
        }
        Ok(facts)
    }

    /// Whether a script has a port and has not told anything over it.
    fn is_awaited(&self, facts: &Facts) -> bool {
        let connections = self.app.connections.borrow();
        let mut ports = connections.ports(self.tab);
        ports.any(|port| facts.iter().all(|(told, _)| *told != port))
    }

    /// The frames as they stand now.
    pub(crate) async fn frames(&self) -> Result<Frames, WireError> {
        let tree = frames::list(self.tab)
            .await
            .map_err(|_| WireError::new(ErrorCode::PageGone))?;
        let scripts = self.scripts().into_iter().map(|(_, frame)| frame);
        Ok(Frames {
            tree,
            scripts: scripts.collect(),
        })
    }

    /// Scripts have no further business.
    pub(crate) fn dismiss(&self) {
        for (id, _) in self.scripts() {
            self.app.dismiss(id);
        }
    }

    /// What could be filled by such plans, the best first.
    fn candidates(
        &self,
        facts: &[(PortId, PageFacts)],
        plan: impl Fn(&Analysis) -> Option<FillPlan>,
    ) -> Vec<Candidate> {
        let scripts = self.scripts().into_iter().collect();
        candidates(&scripts, facts, plan)
    }

    /// What could be filled where nothing in view can.
    ///
    /// A script in a frame of another origin than the page knows only whether its frame is on the
    /// screen, and tells of no visible field where it is not. Such frames are asked once more, one
    /// after another, if the gate would let them be filled: a script that is asked a second time
    /// brings its form into view. What cannot be scrolled to stays hidden.
    async fn out_of_view(
        &mut self,
        facts: &[(PortId, PageFacts)],
        frames: &Frames,
        plan: impl Fn(&Analysis) -> Option<FillPlan>,
        may: impl Fn(&FrameSender) -> bool,
    ) -> Vec<Candidate> {
        let shown: Facts = facts
            .iter()
            .map(|(id, told)| (*id, with_all_shown(told)))
            .collect();
        let hidden = self
            .candidates(&shown, &plan)
            .into_iter()
            .filter(|candidate| {
                candidate.frame.frame != FrameId(0)
                    && frames.sender(&candidate.frame).is_some_and(|it| may(&it))
            });
        let ports: Vec<PortId> = hidden.map(|it| it.port).take(OUT_OF_VIEW_MAX).collect();
        for port in ports {
            let Some(told) = self.ask_again(port).await else {
                continue;
            };
            let found = self.candidates(&[(port, told)], &plan);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    async fn ask_again(&mut self, port: PortId) -> Option<PageFacts> {
        let ticket = self.ticket;
        self.app
            .connections
            .borrow()
            .tell(port, &ContentCommand::Collect { ticket });
        let until = time::now().plus(AGAIN_WITHIN_MS);
        loop {
            match self.heard.next(until).await? {
                News::Facts(id, told) if id == port => return Some(told),
                News::Lost(id) if id == port => return None,
                _ => {}
            }
        }
    }

    pub(crate) fn scripts(&self) -> Vec<(PortId, ContentFrame)> {
        self.app.connections.borrow().scripts(self.tab)
    }
}

fn candidates(
    scripts: &BTreeMap<PortId, ContentFrame>,
    facts: &[(PortId, PageFacts)],
    plan: impl Fn(&Analysis) -> Option<FillPlan>,
) -> Vec<Candidate> {
    let candidate = |(port, facts): &(PortId, PageFacts)| {
        let plan = plan(&forms::analyze(facts))?;
        Some(Candidate {
            port: *port,
            frame: scripts.get(port)?.clone(),
            plan,
            facts: facts.clone(),
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

fn with_all_shown(facts: &PageFacts) -> PageFacts {
    let mut facts = facts.clone();
    for field in &mut facts.fields {
        field.visible = true;
    }
    facts
}
