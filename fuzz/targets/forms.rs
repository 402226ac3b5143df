//! Facts about a page: the content script beside a hostile page reports them.
#![no_main]

use std::collections::BTreeSet;

use forms::{Have, analyze, plan};
use libfuzzer_sys::fuzz_target;
use proto::{
    bridge::content::{FillRole, PageFacts},
    codec::decode,
    limits::CONTENT_FRAME_MAX_BYTES,
};

fuzz_target!(|text: &str| {
    let Ok(page) = decode::<PageFacts>(text, CONTENT_FRAME_MAX_BYTES) else {
        return;
    };
    let have = Have {
        username: true,
        password: true,
        totp: true,
    };
    let Some(plan) = plan(&analyze(&page), have) else {
        return;
    };
    assert!(!plan.steps.is_empty());
    let mut seen = BTreeSet::new();
    for (index, role) in &plan.steps {
        let field = page
            .fields
            .iter()
            .find(|field| field.index == *index)
            .expect("a field of the page");
        // A hostile script may give two fields one number: then either may be the one.
        let twice = page
            .fields
            .iter()
            .filter(|other| other.index == *index)
            .count()
            > 1;
        assert!(twice || *role != FillRole::Password || field.kind == "password");
        assert!(twice || seen.insert(*index), "filled twice");
    }
});
