//! What must hold on any page, however hostile.

use std::collections::BTreeMap;

use forms::{
    FieldLabel, FillPlan, Have, analyze, new_password_constraints, plan, plan_at, plan_card,
    plan_identity, plan_new_password, submitted,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use proto::bridge::content::{
    ButtonFacts, CardPart, FieldFacts, FillRole, FormFacts, IdentityPart, PageFacts,
};

fn words() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        "username",
        "password",
        "Confirm password",
        "new-password",
        "current-password",
        "login",
        "Sign up",
        "one-time-code",
        "captcha",
        "search",
        "E-Mail",
        "пароль",
        "密码",
        "Forgot?",
        "Old password",
        "cvv",
        "cc-number",
        "cc-exp",
        "Card number",
        "Expiry date",
        "street-address",
        "postal-code",
        "First name",
        "City",
        "İ",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn field() -> impl Strategy<Value = FieldFacts> {
    let kinds = select(vec![
        "text", "email", "tel", "password", "checkbox", "radio", "select", "number", "search",
        "textarea", "date", "month",
    ]);
    let texts = (words(), words(), words(), words(), words(), words());
    let numbers = (option::of(0..5_u32), 0..10_u32, any::<u32>());
    (kinds, texts, numbers, any::<[bool; 7]>()).prop_map(|(kind, texts, numbers, flags)| {
        FieldFacts {
            index: numbers.2,
            tag: "input".to_owned(),
            kind: kind.to_owned(),
            name: texts.0,
            id: texts.1,
            class: String::new(),
            autocomplete: texts.2,
            placeholder: texts.3,
            label: texts.4,
            nearby: texts.5,
            form: numbers.0,
            min_length: 0,
            max_length: numbers.1,
            pattern: String::new(),
            password_rules: String::new(),
            masked: flags[4],
            set_aside: flags[5],
            disabled: flags[6],
            visible: flags[0],
            editable: flags[1],
            filled: flags[2],
            focused: flags[3],
        }
    })
}

/// A page that plays by the rules numbers its fields; another numbers them as it likes.
fn page(ordered: bool) -> impl Strategy<Value = PageFacts> {
    let form = (words(), words()).prop_map(|(id, heading)| FormFacts {
        id,
        name: String::new(),
        class: String::new(),
        action: String::new(),
        heading,
    });
    let button = (option::of(0..5_u32), words(), any::<bool>(), any::<u32>()).prop_map(
        |(form, text, submits, after_fields)| ButtonFacts {
            form,
            text,
            submits,
            after_fields,
        },
    );
    (
        words(),
        vec(field(), 0..12),
        vec(form, 0..4),
        vec(button, 0..8),
    )
        .prop_map(move |(title, mut fields, forms, buttons)| {
            if ordered {
                for (index, field) in (0..).zip(&mut fields) {
                    field.index = index;
                }
            }
            let (path, language) = (String::new(), String::new());
            PageFacts {
                ticket: 1,
                title,
                path,
                language,
                fields,
                forms,
                buttons,
            }
        })
}

/// Whether a field shows dots for what is typed.
fn hides(field: &FieldFacts) -> bool {
    let typed = ["text", "email", "tel", "url", "number", "search"];
    field.kind == "password" || (field.masked && typed.contains(&field.kind.as_str()))
}

/// Whether a person could put that in, a password perhaps only after its user name.
fn takes(field: &FieldFacts, role: FillRole) -> bool {
    let waits = field.disabled && role == FillRole::Password;
    field.visible && (field.editable || waits)
}

const CARD: [CardPart; 6] = [
    CardPart::Number,
    CardPart::Holder,
    CardPart::Expiry,
    CardPart::ExpiryMonth,
    CardPart::ExpiryYear,
    CardPart::Code,
];
const IDENTITY: [IdentityPart; 7] = [
    IdentityPart::FullName,
    IdentityPart::GivenName,
    IdentityPart::Email,
    IdentityPart::Phone,
    IdentityPart::Street,
    IdentityPart::City,
    IdentityPart::PostalCode,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_password_goes_into_a_seen_password_box_or_nowhere(page in page(true)) {
        let have = Have { username: true, password: true, totp: true };
        let analysis = analyze(&page);
        let labels: BTreeMap<u32, FieldLabel> = analysis.fields().map(|f| (f.index, f.label)).collect();
        prop_assert_eq!(labels.len(), page.fields.len());
        let steps = plan(&analysis, have).map(|plan| plan.steps).unwrap_or_default();
        for (index, role) in &steps {
            let field = page.fields.iter().find(|field| field.index == *index);
            let Some(field) = field else { return Err(TestCaseError::fail("no such field")) };
            let label = labels.get(index).copied();
            prop_assert!(takes(field, *role));
            let right = match role {
                FillRole::Password => hides(field) && label == Some(FieldLabel::CurrentPassword),
                FillRole::Username => !hides(field) && label == Some(FieldLabel::Username),
                FillRole::Totp => label == Some(FieldLabel::OneTimeCode),
                FillRole::NewPassword | FillRole::Card(_) | FillRole::Identity(_) => false,
            };
            prop_assert!(right, "{:?} into {:?}", role, field);
        }
        let first = steps.iter().position(|(_, role)| *role == FillRole::Password);
        let passwords = steps.iter().skip(first.unwrap_or(steps.len()));
        prop_assert!(passwords.clone().all(|(_, role)| *role == FillRole::Password));
        prop_assert!(passwords.count() <= 3);
    }

    #[test]
    fn a_declared_new_password_beside_another_is_never_filled(mut page in page(true)) {
        for field in &mut page.fields {
            if hides(field) {
                "new-password".clone_into(&mut field.autocomplete);
                "New password".clone_into(&mut field.label);
            }
        }
        let have = Have { username: true, password: true, totp: true };
        let steps = plan(&analyze(&page), have).map(|plan| plan.steps).unwrap_or_default();
        prop_assert!(steps.iter().all(|(_, role)| *role != FillRole::Password));
    }

    #[test]
    fn nothing_is_planned_for_what_a_login_lacks(page in page(false), flags in any::<[bool; 3]>()) {
        let have = Have { username: flags[0], password: flags[1], totp: flags[2] };
        for (_, role) in plan(&analyze(&page), have).map(|plan| plan.steps).unwrap_or_default() {
            let had = match role {
                FillRole::Username => have.username,
                FillRole::Password => have.password,
                FillRole::Totp => have.totp,
                FillRole::NewPassword | FillRole::Card(_) | FillRole::Identity(_) => false,
            };
            prop_assert!(had);
        }
    }

    #[test]
    fn no_plan_mixes_cards_identities_and_passwords(page in page(true)) {
        let analysis = analyze(&page);
        let check = |plan: Option<FillPlan>, right: fn(FillRole) -> bool| {
            let mut steps = plan.map(|plan| plan.steps).unwrap_or_default();
            for (index, role) in &steps {
                prop_assert!(right(*role), "{role:?}");
                let field = page.fields.iter().find(|field| field.index == *index);
                prop_assert!(field.is_some_and(|field| takes(field, *role)));
            }
            let count = steps.len();
            steps.sort_unstable();
            steps.dedup_by_key(|(index, _)| *index);
            prop_assert_eq!(count, steps.len(), "a field twice");
            Ok(())
        };
        check(plan_card(&analysis, &CARD), |role| matches!(role, FillRole::Card(_)))?;
        check(plan_identity(&analysis, &IDENTITY), |role| matches!(role, FillRole::Identity(_)))?;
        check(plan_new_password(&analysis), |role| role == FillRole::NewPassword)?;
        let have = Have { username: true, password: true, totp: true };
        let login = |role| matches!(role, FillRole::Username | FillRole::Password | FillRole::Totp);
        check(plan(&analysis, have), login)?;
        for field in &page.fields {
            check(plan_at(&analysis, field.index, have), login)?;
        }
    }

    #[test]
    fn a_saved_password_never_goes_where_one_is_made(page in page(true)) {
        let analysis = analyze(&page);
        let have = Have { username: true, password: true, totp: true };
        let of = |plan: Option<FillPlan>| plan.map(|plan| plan.steps).unwrap_or_default();
        let made: Vec<u32> = of(plan_new_password(&analysis)).iter().map(|(index, _)| *index).collect();
        let saved = of(plan(&analysis, have));
        prop_assert!(saved.iter().all(|(index, role)| *role != FillRole::Password || !made.contains(index)));
    }

    #[test]
    fn what_was_sent_are_fields_of_the_page(page in page(true), index in 0..12_u32) {
        let analysis = analyze(&page);
        if let Some(sent) = submitted(&analysis, index) {
            let count = u32::try_from(page.fields.len()).unwrap_or(0);
            let told = sent.username.iter().chain(&sent.current).chain(&sent.new);
            prop_assert!(told.clone().all(|index| *index < count));
            prop_assert!(told.clone().count() > 0);
        }
        if let Some(plan) = plan_new_password(&analysis) {
            let constraints = new_password_constraints(&page, &plan);
            prop_assert!(constraints.max_length != Some(0));
        }
    }
}
