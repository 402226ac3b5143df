//! What other servers and anybody else send to the five procedures of a real node, over its own HTTP.
#![no_main]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    num::NonZeroU64,
    sync::{Mutex, OnceLock, mpsc},
};

use libfuzzer_sys::fuzz_target;
use node::{clock::SystemClock, config::Config, random::SystemRandom, server::Node};
use proto::federation::{Rpc, RpcError};
use serde_json::Value;

const PROCEDURES: [&str; 5] = [
    "serverInfo",
    "getPublicKey",
    "getPowChallenge",
    "notifyMessage",
    "pullMessage",
];
/// More than any answer has.
const ANSWER_MAX: usize = 1 << 20;

/// One node for all inputs, and one connection to it.
fn node() -> &'static (SocketAddr, Mutex<Option<TcpStream>>) {
    static NODE: OnceLock<(SocketAddr, Mutex<Option<TcpStream>>)> = OnceLock::new();
    NODE.get_or_init(|| {
        let (told, address) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let folder = tempfile::tempdir().expect("a folder");
            let mut config = Config::new(folder.path().to_owned());
            config.listen.set_port(0);
            config.rate = None;
            config.first_message_difficulty = NonZeroU64::MIN;
            config.message_difficulty = NonZeroU64::MIN;
            runtime.block_on(async {
                let clock = std::sync::Arc::new(SystemClock);
                let node = Node::start(config, clock, std::sync::Arc::new(SystemRandom));
                let node = node.await.expect("a node");
                told.send(node.address()).expect("somebody waits");
                node.serve(std::future::pending()).await.expect("it serves");
            });
        });
        (address.recv().expect("an address"), Mutex::new(None))
    })
}

/// The status and the body of an answer.
fn ask(path: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let (address, kept) = node();
    let mut kept = kept.lock().expect("one at a time");
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => TcpStream::connect(address).expect("it listens"),
    };
    let head = format!(
        "POST /api/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let asked = [head.as_bytes(), body].concat();
    // A connection may have been idle for too long.
    stream.write_all(&asked).ok()?;
    let mut answer = vec![0; ANSWER_MAX];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut answer[filled..]).ok()?;
        if read == 0 {
            return None;
        }
        filled += read;
        let Some(end) = answer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&answer[..end]).expect("a head is text");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.parse::<usize>().ok())
            .expect("an answer has a length");
        if filled >= end + 4 + length {
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            *kept = Some(stream);
            return status.map(|status| (status, answer[end + 4..filled].to_vec()));
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((which, body)) = input.split_first() else {
        return;
    };
    let procedure = PROCEDURES[usize::from(*which) % PROCEDURES.len()];
    let Some((status, answer)) = ask(procedure, body) else {
        return;
    };
    let said: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
    if status == 200 {
        assert!(said["json"].is_object(), "{procedure}: {said}");
        return;
    }
    let refused: Rpc<RpcError> = serde_json::from_slice(&answer).expect("a refusal has its form");
    let refused = refused.json;
    assert_eq!(refused.status, status, "{procedure}: {refused:?}");
    assert!(!refused.message.is_empty() && !refused.code.is_empty());
    // Nobody can make it fail from outside.
    assert_ne!(refused.code, "INTERNAL_SERVER_ERROR", "{procedure}: {refused:?}");
});
