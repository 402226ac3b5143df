//! Gathering the parts of an export, and handing the file over once it is whole. The background
//! seals them; of a plain export they pass through this page.

use leptos::prelude::*;
use proto::{
    bridge::popup::{
        BeginExport, BeginPlainExport, ExportStarted, GetExportPart, GetPlainPart,
        PlainExportStarted,
    },
    error::{ErrorCode, WireError},
    export::{SEALED_EXPORT, SEALED_EXPORT_VERSION, SealedExport},
};
use webext::exchange::{self, Desk};

use super::{Done, Way};
use crate::{api, app::App};

/// The vault under a password of the file's own. `progress`: the part that is under way, from 1, and
/// how many there are.
pub(super) async fn sealed(
    app: App,
    request: BeginExport,
    progress: RwSignal<(u32, u32)>,
) -> Result<Done, WireError> {
    let ExportStarted {
        export,
        account,
        salt,
        items,
        parts: total,
    } = app.ask(request).await?;
    let mut parts = Vec::new();
    let mut unreadable = 0;
    for number in 0..total {
        progress.try_set((number + 1, total));
        let answer = app.ask(GetExportPart { export, number }).await?;
        unreadable += u64::from(answer.unreadable);
        parts.push(answer.part);
    }
    let file = SealedExport {
        format: SEALED_EXPORT.to_owned(),
        version: SEALED_EXPORT_VERSION,
        account,
        salt,
        parts,
    };
    let text = serde_json::to_string(&file).map_err(|_| WireError::new(ErrorCode::Internal))?;
    exchange::save_text(&format!("{}.pearvault.json", file.account.name()), &text)?;
    Ok(Done {
        way: Way::Sealed,
        items: u64::from(items) - unreadable.min(u64::from(items)),
        unreadable,
        moved: Vec::new(),
    })
}

/// The vault in the open, as other programs read it. `progress`: as above.
pub(super) async fn plain(
    app: App,
    request: BeginPlainExport,
    progress: RwSignal<(u32, u32)>,
) -> Result<Done, WireError> {
    let PlainExportStarted {
        export,
        account,
        parts,
        ..
    } = app.ask(request).await?;
    let desk = Desk::open(|_| {}).await?;
    desk.begin(&account, api::now()).await?;
    let (mut items, mut unreadable) = (0, 0);
    for number in 0..parts {
        progress.try_set((number + 1, parts));
        let answer = app.ask(GetPlainPart { export, number }).await?;
        unreadable += u64::from(answer.unreadable);
        items += answer.items.len() as u64;
        desk.add(&answer.items).await?;
    }
    let moved = desk.finish(&format!("{}.cxf.json", account.name())).await?;
    Ok(Done {
        way: Way::Plain,
        items,
        unreadable,
        moved,
    })
}
