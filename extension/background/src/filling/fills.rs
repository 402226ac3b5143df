//! The fills that are under way, and what the scripts say to them.

use std::collections::BTreeMap;

use futures_channel::mpsc;
use futures_util::StreamExt as _;
use proto::{
    bridge::{
        content::{ContentCommand, ContentRequest, Filled, PageFacts},
        endpoint::TabId,
    },
    ids::UnixMillis,
};
use webext::{event::PortId, time};

/// The fills that are under way: one at most for each tab.
#[derive(Default)]
pub(crate) struct Fills(BTreeMap<TabId, Running>);

struct Running {
    ticket: u64,
    /// Whether scripts that greet are to tell their fields.
    collects: bool,
    news: mpsc::UnboundedSender<News>,
}

/// What comes from a script.
pub(crate) enum News {
    Facts(PortId, PageFacts),
    Filled(PortId, Filled),
    Lost(PortId),
}

impl Fills {
    /// A fill of a tab begins; `None` where one is under way there.
    pub(crate) fn begin(&mut self, tab: TabId, ticket: u64) -> Option<Heard> {
        self.insert(tab, ticket, true)
    }

    /// The same, for what needs no facts.
    pub(crate) fn begin_silent(&mut self, tab: TabId, ticket: u64) -> Option<Heard> {
        self.insert(tab, ticket, false)
    }

    fn insert(&mut self, tab: TabId, ticket: u64, collects: bool) -> Option<Heard> {
        if self.0.contains_key(&tab) {
            return None;
        }
        let (news, heard) = mpsc::unbounded();
        self.0.insert(
            tab,
            Running {
                ticket,
                collects,
                news,
            },
        );
        Some(Heard(heard))
    }

    /// The fill of a tab is over.
    pub(crate) fn end(&mut self, tab: TabId) {
        self.0.remove(&tab);
    }

    /// What a script that has just greeted is to do.
    pub(crate) fn collecting(&self, tab: TabId) -> Option<ContentCommand> {
        let running = self.0.get(&tab).filter(|running| running.collects)?;
        let ticket = running.ticket;
        Some(ContentCommand::Collect { ticket })
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

/// What a fill hears.
pub(crate) struct Heard(mpsc::UnboundedReceiver<News>);

impl Heard {
    /// The next that comes; `None` after the time. What has come before is told even then.
    pub(crate) async fn next(&mut self, until: UnixMillis) -> Option<News> {
        let left = until.0.saturating_sub(time::now().0);
        let left = u32::try_from(left).unwrap_or(0);
        time::within(left, "content", self.0.next())
            .await
            .ok()
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_another_ticket_are_nobodys() {
        let mut fills = Fills::default();
        let Some(Heard(mut heard)) = fills.begin(TabId(1), 7) else {
            unreachable!("nothing is under way");
        };
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

    #[test]
    fn a_tab_has_one_fill_at_a_time() {
        let mut fills = Fills::default();
        assert!(fills.begin(TabId(1), 7).is_some());
        assert!(fills.begin(TabId(1), 8).is_none());
        assert!(fills.begin(TabId(2), 9).is_some());
        fills.end(TabId(1));
        assert!(fills.begin(TabId(1), 10).is_some());
    }
}
