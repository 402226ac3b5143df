//! What of an item would go where, before anything does, and the fill that the user then asks for:
//! into the fields that were shown, or into none.

use std::rc::Rc;

use engine::UserAct;
use proto::{
    bridge::popup::{FillReport, Preview, PreviewPart},
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
};
use webext::{sender::ContentFrame, tabs, time};

use crate::{
    app::App,
    explain,
    filling::{self, Candidate, Frames, Goods, Look},
    refusal::more_telling,
};

/// How long a preview may be looked at, milliseconds.
const PREVIEW_FRESH_MS: u64 = 300_000;

/// The last preview, while it waits for the user's word.
#[derive(Default)]
pub(crate) struct Previews(Option<Shown>);

struct Shown {
    id: u64,
    item: ItemId,
    frame: ContentFrame,
    parts: Vec<PreviewPart>,
    at: UnixMillis,
}

impl Previews {
    /// Takes a preview; each is good for one fill.
    fn take(&mut self, id: u64, now: UnixMillis) -> Option<Shown> {
        let shown = self.0.take_if(|shown| shown.id == id)?;
        (now.0.abs_diff(shown.at.0) <= PREVIEW_FRESH_MS).then_some(shown)
    }
}

impl Shown {
    /// Whether a place is the one that was shown: the same document where the browser numbers
    /// documents, the same origin, and the same parts for fields of the same names.
    fn is(&self, frame: &ContentFrame, parts: &[PreviewPart]) -> bool {
        self.frame == *frame && self.parts == parts
    }
}

/// Says what of an item would go where in the page that the user means. Nothing is released.
///
/// # Errors
/// `PageUnsupported`, `AlreadyRunning`, as [`engine::Engine::item`], and why nothing would be filled.
pub(crate) async fn preview(app: &Rc<App>, item: ItemId) -> Result<Preview, WireError> {
    let engine = app.account().await?;
    let goods = Goods::item(&engine, item).await?;
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let tab = tab.ok_or(ErrorCode::PageUnsupported)?;
    let id = app.ticket();
    let mut look = Look::begin(app, tab, id)?;
    let found = look.find(&goods, UserAct::Chosen).await;
    let frames = look.frames().await;
    look.dismiss();
    let best = first_allowed(&goods, &frames?, found?)?;
    let parts = parts(&best);
    let origin = best.frame.origin.as_ref();
    let host = origin.map_or_else(String::new, |origin| origin.host().to_owned());
    app.previews.borrow_mut().0 = Some(Shown {
        id,
        item,
        frame: best.frame,
        parts: parts.clone(),
        at: time::now(),
    });
    Ok(Preview { id, host, parts })
}

/// The one that the gate would let through: nothing else is worth a question.
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

/// Fills what a preview said, where it said.
///
/// # Errors
/// `PageGone` where the page is another by now, or the preview is none any more; else why nothing
/// was filled.
pub(crate) async fn fill(app: &Rc<App>, id: u64) -> Result<FillReport, WireError> {
    let asked = time::now();
    let shown = app.previews.borrow_mut().take(id, asked);
    let shown = shown.ok_or(ErrorCode::PageGone)?;
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    if tab != Some(shown.frame.tab) {
        return Err(ErrorCode::PageGone.into());
    }
    let meant = |place: &Candidate| shown.is(&place.frame, &parts(place));
    filling::fill_shown(app, shown.frame.tab, shown.item, asked, meant).await
}

fn parts(place: &Candidate) -> Vec<PreviewPart> {
    let part = |&(index, role): &(u32, _)| {
        let field = place.facts.fields.iter().find(|it| it.index == index);
        PreviewPart {
            role,
            field: field.map(explain::name).unwrap_or_default(),
        }
    };
    place.plan.steps.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use proto::bridge::{
        content::{CardPart, FillRole},
        endpoint::{FrameId, TabId},
    };

    use super::*;

    fn part(role: CardPart, field: &str) -> PreviewPart {
        PreviewPart {
            role: FillRole::Card(role),
            field: field.to_owned(),
        }
    }

    fn shown() -> Shown {
        Shown {
            id: 7,
            item: ItemId::from_bytes([1; 16]),
            frame: ContentFrame {
                tab: TabId(1),
                frame: FrameId(0),
                document: Some("a".to_owned()),
                origin: "https://shop.test".parse().ok(),
                incognito: false,
            },
            parts: vec![part(CardPart::Number, "Card number")],
            at: UnixMillis(1_000_000),
        }
    }

    #[test]
    fn only_the_place_that_was_shown_is_filled() {
        let before = shown();
        assert!(before.is(&before.frame, &before.parts));
        let other = |change: fn(&mut ContentFrame)| {
            let mut frame = before.frame.clone();
            change(&mut frame);
            before.is(&frame, &before.parts)
        };
        assert!(!other(|frame| frame.tab = TabId(2)));
        assert!(!other(|frame| frame.frame = FrameId(3)));
        assert!(!other(|frame| frame.document = Some("b".to_owned())));
        assert!(!other(
            |frame| frame.origin = "https://other.test".parse().ok()
        ));
        let code = part(CardPart::Code, "Security code");
        for parts in [
            vec![],
            vec![part(CardPart::Number, "Comment")],
            vec![part(CardPart::Code, "Card number")],
            [before.parts.clone(), vec![code]].concat(),
        ] {
            assert!(!before.is(&before.frame, &parts), "{parts:?}");
        }
    }

    #[test]
    fn a_preview_is_good_once_and_for_minutes() {
        let taken = |id, now| {
            let mut previews = Previews(Some(shown()));
            let first = previews.take(id, UnixMillis(now)).is_some();
            first && previews.take(id, UnixMillis(now)).is_none()
        };
        assert!(taken(7, 1_000_000));
        assert!(taken(7, 1_000_000 + PREVIEW_FRESH_MS));
        assert!(!taken(7, 1_000_001 + PREVIEW_FRESH_MS));
        assert!(!taken(8, 1_000_000));
    }
}
