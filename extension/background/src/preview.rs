//! What of an item would go where, before anything does.

use std::rc::Rc;

use engine::UserAct;
use proto::{
    bridge::popup::{Preview, PreviewPart},
    error::{ErrorCode, WireError},
    ids::ItemId,
};
use webext::tabs;

use crate::{
    app::App,
    explain,
    filling::{Candidate, Frames, Goods, Look},
    refusal::more_telling,
};

/// Says what of an item would go where in the page that the user means. Nothing is released.
///
/// # Errors
/// `PageUnsupported`, `AlreadyRunning`, as [`engine::Engine::item`], and why nothing would be filled.
pub(crate) async fn preview(app: &Rc<App>, item: ItemId) -> Result<Preview, WireError> {
    let engine = app.engine().await?;
    let goods = Goods::item(&engine, item).await?;
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let tab = tab.ok_or(ErrorCode::PageUnsupported)?;
    let mut look = Look::begin(app, tab, app.ticket())?;
    let facts = look.collect().await?;
    let found = look.candidates(&facts, |analysis| goods.plan(analysis));
    let frames = look.frames().await;
    look.dismiss();
    let best = first_allowed(&goods, &frames?, found)?;
    let origin = best.frame.origin.as_ref();
    let parts = best.plan.steps.iter().map(|&(index, role)| {
        let field = best.facts.fields.iter().find(|it| it.index == index);
        PreviewPart {
            role,
            field: field.map(explain::name).unwrap_or_default(),
        }
    });
    Ok(Preview {
        host: origin.map_or_else(String::new, |origin| origin.host().to_owned()),
        parts: parts.collect(),
    })
}

/// The one that would be filled: what is shown is what is done.
fn first_allowed(
    goods: &Goods,
    frames: &Frames,
    found: Vec<Candidate>,
) -> Result<Candidate, WireError> {
    let mut why = None;
    for candidate in found {
        let sender = frames.sender(&candidate.frame).ok_or(ErrorCode::PageGone)?;
        match goods.may_go(&sender, UserAct::Chosen) {
            Ok(()) => return Ok(candidate),
            Err(refused) => why = Some(more_telling(why, refused.into())),
        }
    }
    Err(why.unwrap_or_else(|| ErrorCode::NothingToFill.into()))
}
