//! Ports that others have opened, and what each may say.

use std::collections::BTreeMap;

use proto::{
    bridge::{
        content::ContentCommand,
        endpoint::{FrameId, TabId},
        frame::{
            BRIDGE_VERSION, ErrFrame, EventFrame, Hello, OkFrame, RequestFrame, Welcome,
            common_version,
        },
    },
    codec,
    error::WireError,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use webext::{
    event::PortId,
    port::Port,
    sender::{ContentFrame, Peer},
};
use zeroize::Zeroizing;

/// Ports that one frame may have open.
const FRAME_PORTS_MAX: usize = 4;

/// An open port.
pub(crate) struct Connection {
    port: Port,
    peer: Peer,
    greeted: bool,
    /// What a content script calls itself.
    script: u64,
    /// Whether it is a page that shows messages to somebody.
    looks: bool,
}

/// All open ports, by number.
#[derive(Default)]
pub(crate) struct Connections(BTreeMap<PortId, Connection>);

impl Connections {
    /// Takes a port in; one that is nobody's is closed at once.
    pub(crate) fn add(&mut self, id: PortId, port: Port) {
        match port.peer() {
            Some(peer) => drop(self.0.insert(
                id,
                Connection {
                    port,
                    peer,
                    greeted: false,
                    script: 0,
                    looks: false,
                },
            )),
            None => port.close(),
        }
    }

    /// Ports of a frame beyond those that it may have, the oldest first: a script has one, and
    /// another while it is sent anew.
    pub(crate) fn crowd(&self, of: PortId) -> Vec<PortId> {
        let Some(Peer::Content(frame)) = self.peer(of) else {
            return Vec::new();
        };
        let place = (frame.tab, frame.frame);
        let ports: Vec<PortId> = self.ports_of(place).map(|(id, _)| id).collect();
        let more = ports.len().saturating_sub(FRAME_PORTS_MAX);
        ports.into_iter().take(more).collect()
    }

    fn ports_of(
        &self,
        place: (TabId, FrameId),
    ) -> impl DoubleEndedIterator<Item = (PortId, &Connection)> {
        let own = move |peer: &Peer| match peer {
            Peer::Content(frame) => (frame.tab, frame.frame) == place,
            Peer::Page | Peer::Solver => false,
        };
        self.0
            .iter()
            .filter(move |(_, connection)| own(&connection.peer))
            .map(|(id, connection)| (*id, connection))
    }

    /// What a content script calls itself, once it has greeted.
    pub(crate) fn script(&self, id: PortId) -> Option<u64> {
        let connection = self.0.get(&id).filter(|connection| connection.greeted)?;
        matches!(connection.peer, Peer::Content(_)).then_some(connection.script)
    }

    /// The script that greeted last in a frame.
    pub(crate) fn newest_script(&self, place: (TabId, FrameId)) -> Option<(PortId, u64)> {
        let mut greeted = self.ports_of(place).filter(|(_, it)| it.greeted);
        greeted.next_back().map(|(id, it)| (id, it.script))
    }

    /// Whether a script of a frame is there.
    pub(crate) fn has_script(&self, place: (TabId, FrameId), script: u64) -> bool {
        self.ports_of(place)
            .any(|(_, it)| it.greeted && it.script == script)
    }

    /// Forgets a port that was closed at its other end.
    pub(crate) fn remove(&mut self, id: PortId) -> Option<Peer> {
        self.0.remove(&id).map(|connection| connection.peer)
    }

    /// Closes a port from here.
    pub(crate) fn close(&mut self, id: PortId) {
        if let Some(connection) = self.0.remove(&id) {
            connection.port.close();
        }
    }

    pub(crate) fn peer(&self, id: PortId) -> Option<&Peer> {
        self.0.get(&id).map(|connection| &connection.peer)
    }

    pub(crate) fn is_greeted(&self, id: PortId) -> bool {
        self.0.get(&id).is_some_and(|connection| connection.greeted)
    }

    /// Answers the first frame of a port; a port without a common version is closed.
    pub(crate) fn greet(&mut self, id: PortId, text: &str, max: usize) -> bool {
        let hello = codec::decode::<Hello>(text, max).ok();
        let version = hello.as_ref().and_then(common_version);
        let (Some(version), Some(connection)) = (version, self.0.get_mut(&id)) else {
            self.close(id);
            return false;
        };
        connection.greeted = true;
        connection.script = hello.and_then(|hello| hello.script).unwrap_or(0);
        post(&connection.port, &Welcome { version });
        true
    }

    /// Posts an event to one port.
    pub(crate) fn tell<E: Serialize>(&self, id: PortId, event: &E) {
        if let Some(connection) = self.0.get(&id) {
            post(&connection.port, &EventFrame { event });
        }
    }

    /// Posts an event to every page of the extension.
    pub(crate) fn tell_pages<E: Serialize>(&self, event: &E) {
        for connection in self.0.values() {
            if connection.greeted && connection.peer == Peer::Page {
                post(&connection.port, &EventFrame { event });
            }
        }
    }

    /// Takes menus and offers out of every page: the vault was locked.
    pub(crate) fn hush_scripts(&self) {
        for connection in self.0.values() {
            if connection.greeted && matches!(connection.peer, Peer::Content(_)) {
                for event in [ContentCommand::HideMenu {}, ContentCommand::HideOffer {}] {
                    post(&connection.port, &EventFrame { event: &event });
                }
            }
        }
    }

    /// Answers a request.
    pub(crate) fn answer(&self, id: PortId, request: u64, answer: Result<Value, WireError>) {
        if let Some(connection) = self.0.get(&id) {
            match answer {
                Ok(ok) => post(&connection.port, &OkFrame { id: request, ok }),
                Err(err) => post(&connection.port, &ErrFrame { id: request, err }),
            }
        }
    }

    pub(crate) fn has_pages(&self) -> bool {
        self.0
            .values()
            .any(|connection| connection.peer == Peer::Page)
    }

    /// A page has said whether it shows messages.
    pub(crate) fn set_looking(&mut self, id: PortId, looks: bool) {
        if let Some(connection) = self.0.get_mut(&id) {
            connection.looks = looks;
        }
    }

    /// Whether somebody looks at messages.
    pub(crate) fn look_at_messages(&self) -> bool {
        self.0.values().any(|connection| connection.looks)
    }

    /// The solver document's port, once it has greeted.
    pub(crate) fn solver(&self) -> Option<PortId> {
        let solver = |c: &Connection| c.greeted && c.peer == Peer::Solver;
        self.0
            .iter()
            .rev()
            .find(|(_, connection)| solver(connection))
            .map(|(id, _)| *id)
    }

    /// The ports of a tab's content scripts, greeted or not.
    pub(crate) fn ports(&self, tab: TabId) -> impl Iterator<Item = PortId> {
        let own = move |peer: &Peer| matches!(peer, Peer::Content(frame) if frame.tab == tab);
        self.0
            .iter()
            .filter(move |(_, connection)| own(&connection.peer))
            .map(|(id, _)| *id)
    }

    /// The content scripts of a tab that have greeted.
    pub(crate) fn scripts(&self, tab: TabId) -> Vec<(PortId, ContentFrame)> {
        let script = |(id, connection): (&PortId, &Connection)| match &connection.peer {
            Peer::Content(frame) if frame.tab == tab && connection.greeted => {
                Some((*id, frame.clone()))
            }
            _ => None,
        };
        self.0.iter().filter_map(script).collect()
    }
}

/// Reads a request frame.
///
/// # Errors
/// The number of the request where one can be told, and what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    max: usize,
) -> Result<RequestFrame<T>, (Option<u64>, WireError)> {
    let frame = codec::decode::<RequestFrame<T>>(text, max).map_err(|error| {
        let id = codec::decode::<Value>(text, max)
            .ok()
            .and_then(|frame| frame.get("id")?.as_u64());
        (id, error)
    })?;
    if frame.v == BRIDGE_VERSION {
        Ok(frame)
    } else {
        Err((
            Some(frame.id),
            proto::error::ErrorCode::VersionUnsupported.into(),
        ))
    }
}

fn post(port: &Port, frame: &impl Serialize) {
    if let Ok(text) = codec::encode(frame).map(Zeroizing::new) {
        // A port that is just closing: its end is told by an event of its own.
        let _ = port.post(&text);
    }
}

#[cfg(test)]
mod tests {
    use proto::{bridge::popup::PopupRequest, error::ErrorCode};

    use super::*;

    fn fault(text: &str) -> Option<(Option<u64>, ErrorCode)> {
        read::<PopupRequest>(text, 1000)
            .err()
            .map(|(id, error)| (id, error.code))
    }

    #[test]
    fn faults_are_answered_under_their_number() {
        assert_eq!(
            fault(r#"{"v":1,"id":7,"body":{"type":"status","payload":{}}}"#),
            None
        );
        assert_eq!(
            fault(r#"{"v":1,"id":7,"body":{"type":"stats","payload":{}}}"#),
            Some((Some(7), ErrorCode::InvalidField))
        );
        assert_eq!(
            fault(r#"{"v":2,"id":7,"body":{"type":"status","payload":{}}}"#),
            Some((Some(7), ErrorCode::VersionUnsupported))
        );
        assert_eq!(fault("{"), Some((None, ErrorCode::MalformedRequest)));
        assert_eq!(fault(&" ".repeat(1001)), Some((None, ErrorCode::TooLarge)));
    }
}
