//! What of an item would go where, before anything does.

use std::rc::Rc;

use proto::{
    bridge::popup::{Preview, PreviewPart},
    error::{ErrorCode, WireError},
    ids::ItemId,
};
use webext::tabs;

use crate::{
    app::App,
    explain,
    filling::{Goods, Look},
};

/// Says what of an item would go where in the page that the user means. Nothing is released.
///
/// # Errors
/// `NothingToFill`, `PageUnsupported`, `AlreadyRunning`, as [`engine::Engine::item`].
pub(crate) async fn preview(app: &Rc<App>, item: ItemId) -> Result<Preview, WireError> {
    let engine = app.engine().await?;
    let goods = Goods::item(&engine, item).await?;
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let tab = tab.ok_or(ErrorCode::PageUnsupported)?;
    let mut look = Look::begin(app, tab, app.ticket())?;
    let facts = look.collect().await?;
    let found = look.candidates(&facts, |analysis| goods.plan(analysis));
    look.dismiss();
    let best = found.into_iter().next().ok_or(ErrorCode::NothingToFill)?;
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
