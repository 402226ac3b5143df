//! What the user does about the host.

use std::rc::Rc;

use proto::{
    bridge::popup::HostStatus,
    error::{ErrorCode, WireError},
};
use webext::{kept, time};

use super::{PAIRED, Pairing, Phase, line, line::Named, paired, shown, tell_pages};
use crate::app::App;

/// How long a host has to hear that it is forgotten, milliseconds.
const FORGETS_MS: u32 = 500;

/// Meets a host for the first time; one that was paired before is forgotten once the new one is.
pub(crate) async fn meet(app: &Rc<App>) -> HostStatus {
    line::close(app);
    app.host.problem.set(None);
    line::open(app, None).await;
    shown(app)
}

/// The user has seen the same code here and in the terminal.
pub(crate) fn agree(app: &Rc<App>) -> HostStatus {
    if let Phase::Comparing { agreed, .. } = &mut *app.host.phase.borrow_mut() {
        *agreed = true;
    }
    line::agree(app);
    shown(app)
}

/// Gives up a meeting, or forgets the host; it forgets this extension too where it can be told.
///
/// # Errors
/// [`ErrorCode::AccountInHost`]: what lives there would be out of reach. Of a host that does not answer it is
/// already: then this browser goes on without it, and its user logs in anew.
pub(crate) async fn leave(app: &Rc<App>) -> Result<HostStatus, WireError> {
    let meets = matches!(
        *app.host.phase.borrow(),
        Phase::Reaching { meets: true } | Phase::Comparing { .. }
    );
    if !meets && super::has_account(app).await {
        if super::reach(app).await.is_ok() {
            return Err(ErrorCode::AccountInHost.into());
        }
        super::account::settle_in(app, None).await?;
        app.tell_status().await;
    }
    if !meets && paired(app).await.is_some() {
        if *app.host.phase.borrow() == Phase::Open {
            line::ask(app, &Named::Unpair);
            time::sleep(FORGETS_MS).await;
        }
        if kept::remove(PAIRED).await.is_ok() {
            app.host.paired.set(Pairing::Nobody);
            app.host.view.replace(None);
        }
    }
    line::close(app);
    app.host.problem.set(None);
    tell_pages(app);
    Ok(shown(app))
}
