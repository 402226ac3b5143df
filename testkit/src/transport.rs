//! The way to a node in memory.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use engine::platform::{HttpRequest, HttpResponse, Transport, TransportError};
use zeroize::Zeroizing;

use crate::{node::MemoryNode, run::pause};

/// A network with one node in it; clones are the same one.
#[derive(Clone)]
pub struct MemoryTransport {
    node: MemoryNode,
    outage: Rc<Cell<Outage>>,
    pages: Rc<RefCell<BTreeMap<String, (u16, String)>>>,
    seen: Rc<RefCell<Vec<String>>>,
    held: Rc<Cell<u32>>,
    losing: Rc<RefCell<Option<String>>>,
    everything: Rc<RefCell<Option<(u16, String)>>>,
    unreachable: Rc<RefCell<Option<String>>>,
    holding: Rc<RefCell<Option<String>>>,
}

/// What is wrong with the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outage {
    /// Nothing.
    #[default]
    None,
    /// Requests do not arrive.
    Away,
    /// Requests arrive and their answers are lost.
    AnswersLost,
    /// The worker dies while it waits; the request has arrived.
    Death,
}

impl MemoryTransport {
    /// A network with this node.
    pub fn new(node: &MemoryNode) -> Self {
        Self {
            node: node.clone(),
            outage: Rc::default(),
            pages: Rc::default(),
            seen: Rc::default(),
            held: Rc::default(),
            losing: Rc::default(),
            everything: Rc::default(),
            unreachable: Rc::default(),
            holding: Rc::default(),
        }
    }

    /// The node in it.
    pub fn node(&self) -> &MemoryNode {
        &self.node
    }

    /// Breaks or mends the network.
    pub fn set_outage(&self, outage: Outage) {
        self.outage.set(outage);
    }

    /// Lets the next answer come so many pauses late; the node has seen its request by then.
    pub fn hold_next_answer(&self, pauses: u32) {
        self.held.set(pauses);
    }

    /// Puts a page under a URL, such as a domain's announcement.
    pub fn serve(&self, url: &str, status: u16, body: &str) {
        self.pages
            .borrow_mut()
            .insert(url.to_owned(), (status, body.to_owned()));
    }

    /// Takes a page away again.
    pub fn stop_serving(&self, url: &str) {
        self.pages.borrow_mut().remove(url);
    }

    /// Loses the answers to requests whose URL ends so, until it is `None` again; the node has seen
    /// them.
    pub fn lose_answers_to(&self, path: Option<&str>) {
        *self.losing.borrow_mut() = path.map(str::to_owned);
    }

    /// Lets no answer come to requests whose URL has this in it, until it is `None` again; the node
    /// has seen them.
    pub fn hold_answers_to(&self, part: Option<&str>) {
        *self.holding.borrow_mut() = part.map(str::to_owned);
    }

    /// Gives one answer to whatever is asked, until it is `None` again.
    pub fn serve_everything(&self, answer: Option<(u16, String)>) {
        *self.everything.borrow_mut() = answer;
    }

    /// Lets no request arrive any more whose URL ends in `path`.
    pub fn fail_path(&self, path: &str) {
        *self.unreachable.borrow_mut() = Some(path.to_owned());
    }

    /// Method and URL of every request so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }
}

impl Transport for MemoryTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        pause().await;
        self.seen
            .borrow_mut()
            .push(format!("{} {}", request.method.as_str(), request.url));
        let ends = |path: &String| request.url.ends_with(path.as_str());
        let lost = self.unreachable.borrow().as_ref().is_some_and(ends);
        if lost || self.outage.get() == Outage::Away {
            return Err(TransportError::Unreachable);
        }
        let everything = self.everything.borrow().clone();
        let page = everything.or_else(|| self.pages.borrow().get(&request.url).cloned());
        let response = match page {
            Some((status, body)) => HttpResponse {
                status,
                body: Zeroizing::new(body.into_bytes()),
            },
            None => self.node.answer(&request),
        };
        let losing = self.losing.borrow().clone();
        if losing.is_some_and(|path| request.url.ends_with(&path)) {
            return Err(TransportError::Unreachable);
        }
        let held = || self.holding.borrow().clone();
        while held().is_some_and(|part| request.url.contains(&part)) {
            pause().await;
        }
        for _ in 0..self.held.take() {
            pause().await;
        }
        match self.outage.get() {
            Outage::AnswersLost => Err(TransportError::Unreachable),
            Outage::Death => std::future::pending().await,
            _ if response.body.len() > request.max_bytes => Err(TransportError::TooLarge),
            _ => Ok(response),
        }
    }
}
