//! What must hold on any page, however hostile.

use std::collections::BTreeMap;

use forms::{FieldLabel, Have, analyze, plan};
use proptest::{collection::vec, option, prelude::*, sample::select};
use proto::bridge::content::{ButtonFacts, FieldFacts, FillRole, FormFacts, PageFacts};

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
        "İ",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn field() -> impl Strategy<Value = FieldFacts> {
    let kinds = select(vec![
        "text", "email", "tel", "password", "checkbox", "radio", "select", "number", "search",
        "textarea", "date",
    ]);
    let texts = (words(), words(), words(), words(), words(), words());
    let numbers = (option::of(0..5_u32), 0..10_u32, any::<u32>());
    (kinds, texts, numbers, any::<[bool; 4]>()).prop_map(|(kind, texts, numbers, flags)| {
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
            masked: false,
            set_aside: false,
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
            prop_assert!(field.visible && field.editable);
            let right = match role {
                FillRole::Password => field.kind == "password" && label == Some(FieldLabel::CurrentPassword),
                FillRole::Username => field.kind != "password" && label == Some(FieldLabel::Username),
                FillRole::Totp => field.kind != "password" && label == Some(FieldLabel::OneTimeCode),
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
            if field.kind == "password" {
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
}
