//! The line to the host: opened, spoken over, closed.

use std::rc::Rc;

use engine::host::{HostKey, HostLine, HostNews, PairedHost, RandomError};
use proto::bridge::{
    frame::{BRIDGE_VERSION, RequestFrame, ServerFrame},
    host::{
        ClearCopied, DescribeHost, HOST_NAME, HostEvent, HostMeasure, HostRequest, HostView,
        HostWork, Unpair,
    },
    popup::HostProblem,
    solver::SolverWork,
};
use serde_json::Value;
use webext::{
    crypto, kept,
    native::{self, Ended, NativePort},
    time::{self, spawn},
};
use zeroize::Zeroizing;

use super::{
    KEY, PAIRED, Pairing, Phase, heard, is_allowed, is_away, is_there, problem_of, tell_pages,
    watch,
};
use crate::app::App;

/// An open line.
pub(super) struct Line {
    line: HostLine,
    port: NativePort,
}

/// What is asked of a host; its number is how the answer is known.
pub(super) enum Named {
    Describe,
    Work(SolverWork),
    Measure,
    Unpair,
    ClearCopied,
}

/// The number of a request whose answer says what the host is.
const DESCRIBE: u64 = 1;
/// And of one that orders work.
const WORK: u64 = 2;
/// Numbers from here on are of questions about the account.
const ACCOUNT: u64 = 1 << 32;

/// Opens a line: to the host that is paired, or to meet one. `false` where that cannot be tried.
pub(super) async fn open(app: &Rc<App>, paired: Option<PairedHost>) -> bool {
    let host = &app.host;
    let number = host.number.get() + 1;
    host.number.set(number);
    host.phase.replace(Phase::Reaching {
        meets: paired.is_none(),
    });
    host.told.replace(None);
    host.opened_at.set(time::now().0);
    watch(app, number);
    match begin(app, paired, number).await {
        // Closed meanwhile, or another one opened.
        _ if host.number.get() != number => false,
        Ok(line) => {
            host.line.replace(Some(line));
            flush(app);
            tell_pages(app);
            true
        }
        Err(problem) => {
            is_away(app, problem);
            false
        }
    }
}

async fn begin(
    app: &Rc<App>,
    paired: Option<PairedHost>,
    number: u32,
) -> Result<Line, HostProblem> {
    if !is_allowed().await {
        return Err(HostProblem::NotAllowed);
    }
    let key = own_key().await.ok_or(HostProblem::Ended)?;
    let line = HostLine::begin(&key, paired, &mut Random).map_err(problem_of)?;
    let (hears, ends) = (Rc::clone(app), Rc::clone(app));
    let received = move |text: String| {
        if hears.host.number.get() == number {
            received(&hears, &text);
        }
    };
    let ended = move |why| {
        if ends.host.number.get() == number {
            is_away(
                &ends,
                match why {
                    Ended::NotFound => HostProblem::NotInstalled,
                    Ended::Gone => HostProblem::Ended,
                },
            );
        }
    };
    let port =
        native::connect(HOST_NAME, received, ended).map_err(|_| HostProblem::NotInstalled)?;
    Ok(Line { line, port })
}

/// This profile's own key, made at its first use.
async fn own_key() -> Option<HostKey> {
    if let Some(kept) = kept::read(KEY).await.ok()? {
        return HostKey::from_bytes(&kept);
    }
    let key = HostKey::make(&mut Random).ok()?;
    kept::write(KEY, &key.to_bytes()).await.ok()?;
    // Where two made one at once, both use the one that stayed.
    HostKey::from_bytes(&kept::read(KEY).await.ok()??)
}

/// Closes the line, if there is one.
pub(super) fn close(app: &App) {
    let host = &app.host;
    host.number.set(host.number.get() + 1);
    host.phase.replace(Phase::Away);
    host.told.replace(None);
    super::account::lost(&App::here());
    // Not within the callback of its own port, which would be dropped while it runs.
    let line = host.line.take();
    spawn(async move { drop(line) });
}

/// Asks something of the host itself, where the line is open.
pub(super) fn ask(app: &App, what: &Named) {
    let (id, body) = match what {
        Named::Describe => (DESCRIBE, HostRequest::DescribeHost(DescribeHost {})),
        Named::Work(work) => (WORK, HostRequest::HostWork(HostWork { work: work.clone() })),
        Named::Measure => (3, HostRequest::HostMeasure(HostMeasure {})),
        Named::Unpair => (4, HostRequest::Unpair(Unpair {})),
        Named::ClearCopied => (5, HostRequest::ClearCopied(ClearCopied {})),
    };
    post(app, id, body);
}

/// Asks something of its account; its number is how the answer is known.
/// `false`: it is more than a text may be.
pub(super) fn send(app: &App, number: u64, body: HostRequest) -> bool {
    post(app, ACCOUNT + number, body)
}

fn post(app: &App, id: u64, body: HostRequest) -> bool {
    let frame = RequestFrame {
        v: BRIDGE_VERSION,
        id,
        body,
    };
    let Ok(text) = serde_json::to_vec(&frame).map(Zeroizing::new) else {
        return false;
    };
    let said = match &mut *app.host.line.borrow_mut() {
        Some(line) => line.line.say(&text).is_ok(),
        // One that is over tells so itself.
        None => true,
    };
    flush(app);
    said
}

/// The user has agreed here.
pub(super) fn agree(app: &Rc<App>) {
    let agreed = app
        .host
        .line
        .borrow_mut()
        .as_mut()
        .map(|line| line.line.agree());
    match agreed {
        Some(Ok(news)) => {
            flush(app);
            told(app, news);
        }
        Some(Err(error)) => is_away(app, problem_of(error)),
        None => {}
    }
}

fn received(app: &Rc<App>, text: &str) {
    app.host.heard_at.set(time::now().0);
    super::account::is_heard(app);
    let took = app
        .host
        .line
        .borrow_mut()
        .as_mut()
        .map(|line| line.line.take(text));
    match took {
        Some(Ok(news)) => {
            flush(app);
            told(app, news);
        }
        Some(Err(error)) => is_away(app, problem_of(error)),
        None => {}
    }
}

fn told(app: &Rc<App>, news: HostNews) {
    match news {
        HostNews::Nothing => {}
        HostNews::Code(code) => {
            app.host.phase.replace(Phase::Comparing {
                code,
                agreed: false,
                host_agreed: false,
            });
            tell_pages(app);
        }
        HostNews::Agreed => {
            if let Phase::Comparing { host_agreed, .. } = &mut *app.host.phase.borrow_mut() {
                *host_agreed = true;
            }
            tell_pages(app);
        }
        HostNews::Paired(host) => {
            app.host.paired.set(Pairing::With(host));
            spawn(async move {
                // Where it cannot be kept, the two meet anew after the next start.
                let _ = kept::write(PAIRED, &host.0).await;
            });
            is_there(app);
        }
        HostNews::Open => is_there(app),
        HostNews::Text(text) => {
            match serde_json::from_slice::<ServerFrame<Value, HostEvent>>(&text) {
                Ok(ServerFrame::Event(frame)) => heard(app, frame.event),
                Ok(ServerFrame::Ok(answer)) if answer.id >= ACCOUNT => {
                    super::account::answered(app, answer.id - ACCOUNT, Ok(answer.ok));
                }
                Ok(ServerFrame::Err(refused)) if refused.id >= ACCOUNT => {
                    super::account::answered(app, refused.id - ACCOUNT, Err(refused.err));
                }
                Ok(ServerFrame::Ok(answer)) if answer.id == DESCRIBE => {
                    let view = serde_json::from_value::<HostView>(answer.ok).ok();
                    app.host.view.replace(view);
                    tell_pages(app);
                }
                // Work that it will not do somebody else is to.
                Ok(ServerFrame::Err(refused)) if refused.id == WORK => {
                    is_away(app, HostProblem::Ended);
                }
                _ => {}
            }
        }
    }
}

fn flush(app: &App) {
    if let Some(line) = &mut *app.host.line.borrow_mut() {
        for text in line.line.frames() {
            // A program that is gone is told of by its port.
            let _ = line.port.post(&text);
        }
    }
}

/// The browser's source.
struct Random;

impl engine::host::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        crypto::random(bytes);
        Ok(())
    }
}
