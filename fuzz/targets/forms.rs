//! Facts about a page: the content script beside a hostile page reports them.
#![no_main]

use std::collections::BTreeSet;

use forms::{
    FillPlan, Have, analyze, label_at, new_password_constraints, plan, plan_at, plan_card,
    plan_identity, plan_new_password, submitted,
};
use libfuzzer_sys::fuzz_target;
use proto::{
    bridge::content::{CardPart, FillRole, IdentityPart, PageFacts},
    codec::decode,
    limits::CONTENT_FRAME_MAX_BYTES,
};

const HAVE: Have = Have {
    username: true,
    password: true,
    totp: true,
};
const CARD: [CardPart; 3] = [CardPart::Number, CardPart::Expiry, CardPart::Code];
const IDENTITY: [IdentityPart; 3] = [
    IdentityPart::FullName,
    IdentityPart::Email,
    IdentityPart::City,
];

fuzz_target!(|text: &str| {
    let Ok(page) = decode::<PageFacts>(text, CONTENT_FRAME_MAX_BYTES) else {
        return;
    };
    let analysis = analyze(&page);
    check(&page, plan(&analysis, HAVE), |role| {
        matches!(
            role,
            FillRole::Username | FillRole::Password | FillRole::Totp
        )
    });
    check(&page, plan_card(&analysis, &CARD), |role| {
        matches!(role, FillRole::Card(_))
    });
    check(&page, plan_identity(&analysis, &IDENTITY), |role| {
        matches!(role, FillRole::Identity(_))
    });
    let made = plan_new_password(&analysis);
    if let Some(plan) = &made {
        new_password_constraints(&page, plan);
    }
    check(&page, made, |role| role == FillRole::NewPassword);
    for field in page.fields.iter().take(4) {
        assert!(label_at(&analysis, field.index).is_some());
        plan_at(&analysis, field.index, HAVE);
        submitted(&analysis, field.index);
    }
});

fn check(page: &PageFacts, plan: Option<FillPlan>, right: impl Fn(FillRole) -> bool) {
    let Some(plan) = plan else { return };
    assert!(!plan.steps.is_empty());
    let mut seen = BTreeSet::new();
    for (index, role) in &plan.steps {
        assert!(right(*role), "{role:?} in another's plan");
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
        let hides = field.kind == "password" || field.masked;
        assert!(twice || *role != FillRole::Password || hides);
        assert!(twice || seen.insert(*index), "filled twice");
    }
}
