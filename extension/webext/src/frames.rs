//! The frames of a tab, and the identity of one of them for the release gate.

use std::collections::BTreeMap;

use proto::{
    bridge::endpoint::{FrameId, FrameSender, Sender, TabId},
    origin::Origin,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, to_js},
    sender::ContentFrame,
};

#[wasm_bindgen]
extern "C" {
    type WebNavigation;
    #[wasm_bindgen(method, catch, js_name = getAllFrames)]
    async fn all_frames(this: &WebNavigation, of: &JsValue) -> Result<JsValue, JsValue>;
}

/// A frame as `webNavigation` lists it. Its URL is left out: it says nothing certain about the
/// origin.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameInfo {
    /// Its number.
    pub frame_id: i64,
    /// Number of the frame that it stands in; negative for the top one.
    pub parent_frame_id: i64,
    /// Its document, where the browser numbers documents.
    pub document_id: Option<String>,
}

/// Lists the frames of a tab.
///
/// # Errors
/// [`BrowserError`] where the tab is gone or the browser does not tell.
pub async fn list(tab: TabId) -> Result<Vec<FrameInfo>, BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Of {
        tab_id: i32,
    }
    let call = "webNavigation.getAllFrames";
    let found = namespace::<WebNavigation>("webNavigation")?
        .all_frames(&to_js(call, &Of { tab_id: tab.0 })?)
        .await
        .map_err(BrowserError::failed(call))?;
    from_js::<Option<_>>(call, found).map(Option::unwrap_or_default)
}

/// The identity of a frame: its own origin and those above it.
///
/// `scripts` are the content scripts of the same tab whose ports are open: a port lives as long as
/// its document, and the origin beside it is the browser's word. A frame above that has no script
/// of ours (the browser let none in) counts as opaque, so the gate refuses.
///
/// `None` where the frame is no longer in its tab, or holds another document than the one that
/// its script ran in.
pub fn sender(
    frame: &ContentFrame,
    tree: &[FrameInfo],
    scripts: &[ContentFrame],
) -> Option<Sender> {
    let infos: BTreeMap<i64, &FrameInfo> = tree.iter().map(|f| (f.frame_id, f)).collect();
    let own = infos.get(&frame.frame.0)?;
    if !same_document(own, frame) {
        return None;
    }
    let mut ancestors = Vec::new();
    let mut parent = own.parent_frame_id;
    while parent >= 0 {
        if ancestors.len() > tree.len() {
            return None;
        }
        ancestors.push(origin_of(parent, frame.tab, &infos, scripts));
        parent = infos.get(&parent)?.parent_frame_id;
    }
    if frame.frame != FrameId(0) && ancestors.is_empty() {
        return None;
    }
    let origin = frame.origin.clone();
    Some(Sender::Frame(FrameSender {
        tab: frame.tab,
        frame: frame.frame,
        origin,
        ancestors,
    }))
}

/// Whether a frame of the tree holds the document that a script ran in; `None` where the browser does not number documents.
pub fn holds(tree: &[FrameInfo], script: &ContentFrame) -> Option<bool> {
    let Some(info) = tree.iter().find(|info| info.frame_id == script.frame.0) else {
        return Some(false);
    };
    let (now, then) = (info.document_id.as_ref()?, script.document.as_ref()?);
    Some(now == then)
}

fn origin_of(
    frame: i64,
    tab: TabId,
    infos: &BTreeMap<i64, &FrameInfo>,
    scripts: &[ContentFrame],
) -> Option<Origin> {
    let info = infos.get(&frame)?;
    let mut here = scripts
        .iter()
        .filter(|s| s.tab == tab && s.frame.0 == frame && same_document(info, s))
        .map(|s| s.origin.as_ref());
    let first = here.next()??;
    // Two open ports that disagree: one of them belongs to a document that is just going away.
    here.all(|other| other == Some(first))
        .then(|| first.clone())
}

fn same_document(info: &FrameInfo, script: &ContentFrame) -> bool {
    match (&info.document_id, &script.document) {
        (Some(now), Some(then)) => now == then,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(frame_id: i64, parent_frame_id: i64, document: &str) -> FrameInfo {
        FrameInfo {
            frame_id,
            parent_frame_id,
            document_id: Some(document.to_owned()),
        }
    }

    fn script(frame: i64, document: &str, origin: &str) -> ContentFrame {
        ContentFrame {
            tab: TabId(1),
            frame: FrameId(frame),
            document: Some(document.to_owned()),
            origin: origin.parse().ok(),
            incognito: false,
        }
    }

    /// Ancestors as texts, `null` where opaque.
    fn above(
        frame: &ContentFrame,
        tree: &[FrameInfo],
        scripts: &[ContentFrame],
    ) -> Option<Vec<String>> {
        let Some(Sender::Frame(sender)) = sender(frame, tree, scripts) else {
            return None;
        };
        let text = |o: Option<Origin>| o.map_or_else(|| "null".to_owned(), |o| o.to_string());
        Some(sender.ancestors.into_iter().map(text).collect())
    }

    #[test]
    fn top_frame_has_nothing_above_it() {
        let top = script(0, "a", "https://a.example");
        assert_eq!(above(&top, &[info(0, -1, "a")], &[]), Some(Vec::new()));
    }

    #[test]
    fn parents_come_first_and_the_top_last() {
        let tree = [info(0, -1, "a"), info(4, 0, "b"), info(9, 4, "c")];
        let scripts = [
            script(0, "a", "https://top.example"),
            script(4, "b", "https://mid.example"),
            script(9, "c", "https://low.example"),
        ];
        let want = vec![
            "https://mid.example".to_owned(),
            "https://top.example".to_owned(),
        ];
        assert_eq!(above(&scripts[2], &tree, &scripts), Some(want));
    }

    #[test]
    fn ancestor_without_a_script_is_opaque() {
        let tree = [info(0, -1, "a"), info(4, 0, "b")];
        let frame = script(4, "b", "https://a.example");
        assert_eq!(
            above(&frame, &tree, std::slice::from_ref(&frame)),
            Some(vec!["null".to_owned()])
        );
    }

    #[test]
    fn script_of_a_former_document_vouches_for_nothing() {
        let tree = [info(0, -1, "new"), info(4, 0, "b")];
        let scripts = [
            script(0, "old", "https://a.example"),
            script(4, "b", "https://a.example"),
        ];
        assert_eq!(
            above(&scripts[1], &tree, &scripts),
            Some(vec!["null".to_owned()])
        );
        assert_eq!(above(&scripts[0], &tree, &scripts), None);
    }

    #[test]
    fn scripts_that_disagree_make_the_ancestor_opaque() {
        let unnumbered = |frame, origin| ContentFrame {
            document: None,
            ..script(frame, "", origin)
        };
        let tree = [
            FrameInfo {
                document_id: None,
                ..info(0, -1, "")
            },
            FrameInfo {
                document_id: None,
                ..info(4, 0, "")
            },
        ];
        let frame = unnumbered(4, "https://a.example");
        let scripts = [
            unnumbered(0, "https://a.example"),
            unnumbered(0, "https://b.example"),
        ];
        assert_eq!(
            above(&frame, &tree, &scripts),
            Some(vec!["null".to_owned()])
        );
        let scripts = [unnumbered(0, "https://a.example"), unnumbered(0, "null")];
        assert_eq!(
            above(&frame, &tree, &scripts),
            Some(vec!["null".to_owned()])
        );
    }

    #[test]
    fn scripts_of_other_tabs_vouch_for_nothing() {
        let tree = [info(0, -1, "a"), info(4, 0, "b")];
        let other = ContentFrame {
            tab: TabId(2),
            ..script(0, "a", "https://a.example")
        };
        let frame = script(4, "b", "https://a.example");
        assert_eq!(
            above(&frame, &tree, &[other]),
            Some(vec!["null".to_owned()])
        );
    }

    #[test]
    fn frame_that_is_gone_or_in_a_circle_has_no_identity() {
        let frame = script(4, "b", "https://a.example");
        assert_eq!(above(&frame, &[info(0, -1, "a")], &[]), None);
        assert_eq!(above(&frame, &[info(4, 7, "b")], &[]), None);
        assert_eq!(
            above(&frame, &[info(4, 7, "b"), info(7, 4, "c")], &[]),
            None
        );
        assert_eq!(above(&frame, &[info(4, -1, "b")], &[]), None);
    }
}
