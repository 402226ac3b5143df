//! Who is at the other end of a port: decided once, when it connects, by what the browser says.

use proto::{
    bridge::endpoint::{CONTENT_PORT, FrameId, POPUP_PORT, SOLVER_PORT, TabId},
    origin::Origin,
};
use serde::Deserialize;

/// Page that may open [`SOLVER_PORT`].
pub const SOLVER_PAGE: &str = "offscreen.html";

/// Who is at the other end, and by that what it may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// Popup, full page, side panel: `PopupRequest`.
    Page,
    /// The document that works on proofs: `SolverNews`.
    Solver,
    /// A content script: `ContentRequest`.
    Content(ContentFrame),
}

/// A document that a content script runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFrame {
    /// Its tab.
    pub tab: TabId,
    /// Its frame.
    pub frame: FrameId,
    /// Its document, where the browser numbers documents.
    pub document: Option<String>,
    /// Its origin; `None` where it is opaque, no web origin, or unknown.
    pub origin: Option<Origin>,
    /// Whether its window is a private one.
    pub incognito: bool,
}

/// `runtime.MessageSender`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawSender {
    id: Option<String>,
    origin: Option<String>,
    url: Option<String>,
    frame_id: Option<i64>,
    document_id: Option<String>,
    tab: Option<RawTab>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawTab {
    id: Option<i32>,
    #[serde(default)]
    incognito: bool,
}

/// This extension.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) id: String,
    /// `chrome-extension://…` or `moz-extension://…`, no slash at the end.
    pub(crate) origin: String,
}

/// Decides. Whoever is not clearly one of the three is none.
///
/// The origin is `sender.origin` (Chromium 80, Firefox 126) and nothing else: the URL of an
/// `about:srcdoc`, `about:blank`, `blob:` or sandboxed frame says another thing than its origin,
/// so where a browser gives no origin the frame counts as opaque and is refused.
pub(crate) fn classify(port: &str, sender: &RawSender, own: &Own) -> Option<Peer> {
    if sender.id.as_deref() != Some(&own.id) {
        return None;
    }
    let ours = sender.origin.as_deref() == Some(&own.origin)
        && sender
            .url
            .as_deref()
            .and_then(|url| page_of(url, own))
            .is_some();
    match port {
        POPUP_PORT if ours => Some(Peer::Page),
        SOLVER_PORT if ours => {
            let page = sender.url.as_deref().and_then(|url| page_of(url, own))?;
            (page == SOLVER_PAGE).then_some(Peer::Solver)
        }
        CONTENT_PORT if !ours => Some(Peer::Content(ContentFrame {
            tab: TabId(sender.tab.as_ref()?.id?),
            frame: FrameId(sender.frame_id?),
            document: sender.document_id.clone(),
            origin: sender
                .origin
                .as_deref()
                .and_then(|origin| origin.parse().ok()),
            incognito: sender.tab.as_ref()?.incognito,
        })),
        _ => None,
    }
}

/// Path of a page of ours, without query and fragment.
fn page_of<'a>(url: &'a str, own: &Own) -> Option<&'a str> {
    let path = url.strip_prefix(&own.origin)?.strip_prefix('/')?;
    path.split(['?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmnop";
    const OWN: &str = "chrome-extension://abcdefghijklmnop";

    fn own() -> Own {
        Own {
            id: ID.to_owned(),
            origin: OWN.to_owned(),
        }
    }

    fn page(path: &str) -> RawSender {
        RawSender {
            id: Some(ID.to_owned()),
            origin: Some(OWN.to_owned()),
            url: Some(format!("{OWN}/{path}")),
            ..RawSender::default()
        }
    }

    fn frame(origin: Option<&str>, url: &str) -> RawSender {
        RawSender {
            id: Some(ID.to_owned()),
            origin: origin.map(str::to_owned),
            url: Some(url.to_owned()),
            frame_id: Some(3),
            document_id: Some("d".to_owned()),
            tab: Some(RawTab {
                id: Some(7),
                incognito: false,
            }),
        }
    }

    /// The origin of a content script's frame, `opaque` where it has none.
    fn origin_seen(sender: &RawSender) -> Option<String> {
        let opaque = || "opaque".to_owned();
        match classify(CONTENT_PORT, sender, &own()) {
            Some(Peer::Content(frame)) => Some(frame.origin.map_or_else(opaque, |o| o.to_string())),
            _ => None,
        }
    }

    #[test]
    fn our_own_pages_are_pages() {
        assert_eq!(
            classify(POPUP_PORT, &page("popup.html#/settings"), &own()),
            Some(Peer::Page)
        );
        let in_a_tab = RawSender {
            tab: Some(RawTab {
                id: Some(1),
                incognito: false,
            }),
            ..page("popup.html?full")
        };
        assert_eq!(classify(POPUP_PORT, &in_a_tab, &own()), Some(Peer::Page));
    }

    #[test]
    fn only_the_offscreen_page_is_the_solver() {
        assert_eq!(
            classify(SOLVER_PORT, &page("offscreen.html"), &own()),
            Some(Peer::Solver)
        );
        assert_eq!(classify(SOLVER_PORT, &page("popup.html"), &own()), None);
        assert_eq!(
            classify(
                SOLVER_PORT,
                &frame(Some("https://a.example"), "https://a.example/"),
                &own()
            ),
            None
        );
    }

    #[test]
    fn content_script_gets_nothing_but_its_own_port() {
        let sender = frame(Some("https://a.example"), "https://a.example/login");
        assert_eq!(classify(POPUP_PORT, &sender, &own()), None);
        assert_eq!(classify("", &sender, &own()), None);
        assert_eq!(classify("Content", &sender, &own()), None);
        let Some(Peer::Content(seen)) = classify(CONTENT_PORT, &sender, &own()) else {
            unreachable!("a content script on its own port")
        };
        assert_eq!((seen.tab, seen.frame), (TabId(7), FrameId(3)));
    }

    #[test]
    fn our_own_page_is_no_content_script() {
        let sender = RawSender {
            frame_id: Some(0),
            tab: Some(RawTab {
                id: Some(1),
                incognito: false,
            }),
            ..page("popup.html")
        };
        assert_eq!(classify(CONTENT_PORT, &sender, &own()), None);
    }

    #[test]
    fn another_extension_is_nobody() {
        for port in [POPUP_PORT, SOLVER_PORT, CONTENT_PORT] {
            let other = RawSender {
                id: Some("other".to_owned()),
                ..page("popup.html")
            };
            assert_eq!(classify(port, &other, &own()), None);
            let nameless = RawSender {
                id: None,
                ..page("popup.html")
            };
            assert_eq!(classify(port, &nameless, &own()), None);
        }
    }

    #[test]
    fn url_of_ours_without_our_origin_is_no_page() {
        let sender = RawSender {
            origin: Some("null".to_owned()),
            ..page("popup.html")
        };
        assert_eq!(classify(POPUP_PORT, &sender, &own()), None);
        let sender = RawSender {
            origin: None,
            ..page("popup.html")
        };
        assert_eq!(classify(POPUP_PORT, &sender, &own()), None);
        let lookalike = RawSender {
            url: Some(format!("{OWN}.evil/popup.html")),
            ..page("")
        };
        assert_eq!(classify(POPUP_PORT, &lookalike, &own()), None);
    }

    #[test]
    fn origin_of_a_frame_comes_from_the_browser_only() {
        for (origin, url, want) in [
            (
                Some("https://a.example"),
                "https://a.example/x",
                Some("https://a.example"),
            ),
            (
                Some("https://a.example"),
                "about:srcdoc",
                Some("https://a.example"),
            ),
            (
                Some("https://a.example"),
                "about:blank",
                Some("https://a.example"),
            ),
            (Some("null"), "https://a.example/sandboxed", None),
            (Some("null"), "about:srcdoc", None),
            (None, "https://a.example/x", None),
            (None, "about:srcdoc", None),
            (Some(""), "https://a.example/x", None),
            (Some("file://"), "file:///x", None),
            (Some("moz-nullprincipal:{1}"), "https://a.example/x", None),
        ] {
            let seen = origin_seen(&frame(origin, url));
            assert_eq!(seen.as_deref(), want.or(Some("opaque")), "{origin:?} {url}");
        }
    }

    #[test]
    fn a_private_window_is_known_as_one() {
        for incognito in [false, true] {
            let tab = RawTab {
                id: Some(7),
                incognito,
            };
            let sender = RawSender {
                tab: Some(tab),
                ..frame(Some("https://a.example"), "https://a.example/")
            };
            let Some(Peer::Content(seen)) = classify(CONTENT_PORT, &sender, &own()) else {
                unreachable!("a content script on its own port")
            };
            assert_eq!(seen.incognito, incognito);
        }
    }

    #[test]
    fn content_script_outside_a_tab_is_nobody() {
        let sender = RawSender {
            tab: None,
            ..frame(Some("https://a.example"), "https://a.example/")
        };
        assert_eq!(classify(CONTENT_PORT, &sender, &own()), None);
        let sender = RawSender {
            frame_id: None,
            ..frame(Some("https://a.example"), "https://a.example/")
        };
        assert_eq!(classify(CONTENT_PORT, &sender, &own()), None);
    }
}
