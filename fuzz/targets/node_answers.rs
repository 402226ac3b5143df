//! A client that synchronises with a node that answers whatever it likes.
#![no_main]

use engine::Engine;
use libfuzzer_sys::fuzz_target;
use proto::vault::SecretText;
use testkit::{
    device::{Device, PASSWORD},
    items,
    node::MemoryNode,
    run::finish,
};

fn started() -> (Device, Engine<Device>) {
    let node = MemoryNode::new(1);
    let device = Device::new(&node, 2);
    let engine = device.create("ada@localhost").expect("an account");
    let bank = items::login("Bank", "ada", "one", "https://bank.test");
    finish(engine.save(bank)).expect("an item");
    finish(engine.sync()).expect("a first synchronisation");
    let mail = items::login("Bank mail", "ada", "two", "https://mail.test");
    finish(engine.save(mail)).expect("an item that waits");
    (device, engine)
}

fuzz_target!(|answer: &str| {
    // The first character says whether the node accepts.
    let (accepted, body) = match answer.strip_prefix('!') {
        Some(body) => (false, body.to_owned()),
        None => (true, answer.to_owned()),
    };
    let (device, engine) = started();
    let status = if accepted { 200 } else { 409 };
    device.transport.serve_everything(Some((status, body)));
    let report = finish(engine.sync()).expect("no fault of our own");
    let _ = finish(engine.sessions());
    let _ = finish(engine.recovery());
    let password = SecretText::new(PASSWORD);
    let _ = finish(engine.change_password(&password, &SecretText::new("another password")));
    let _ = finish(engine.check_address("bob@example.org", None));
    device.transport.serve_everything(None);
    let found = finish(engine.search("bank", 0, 10)).expect("the vault is open");
    assert_eq!(found.total, 2, "{report:?}");
});
