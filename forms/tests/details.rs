//! Cards, identities, codes, passwords to be made, what was sent: small pages written by hand.

#[path = "support/pages.rs"]
mod pages;

use forms::{
    Constraints, FieldLabel, FormKind, Have, Submitted, analyze, label_at,
    new_password_constraints, plan, plan_at, plan_card, plan_identity, plan_new_password,
    submitted,
};
use pages::page;
use proto::bridge::content::{CardPart, FillRole, IdentityPart, PageFacts};

const CARD: [CardPart; 6] = [
    CardPart::Number,
    CardPart::Holder,
    CardPart::Expiry,
    CardPart::ExpiryMonth,
    CardPart::ExpiryYear,
    CardPart::Code,
];
const IDENTITY: [IdentityPart; 13] = [
    IdentityPart::FullName,
    IdentityPart::GivenName,
    IdentityPart::FamilyName,
    IdentityPart::Email,
    IdentityPart::Phone,
    IdentityPart::Organization,
    IdentityPart::Street,
    IdentityPart::StreetLine1,
    IdentityPart::StreetLine2,
    IdentityPart::City,
    IdentityPart::Region,
    IdentityPart::PostalCode,
    IdentityPart::Country,
];
const ALL: Have = Have {
    username: true,
    password: true,
    totp: true,
};

fn card(page: &PageFacts) -> Vec<(u32, CardPart)> {
    let steps = plan_card(&analyze(page), &CARD).map(|plan| plan.steps);
    let part = |(index, role)| match role {
        FillRole::Card(part) => (index, part),
        other => unreachable!("{other:?} in the plan of a card"),
    };
    steps.unwrap_or_default().into_iter().map(part).collect()
}

fn identity(page: &PageFacts) -> Vec<(u32, IdentityPart)> {
    let steps = plan_identity(&analyze(page), &IDENTITY).map(|plan| plan.steps);
    let part = |(index, role)| match role {
        FillRole::Identity(part) => (index, part),
        other => unreachable!("{other:?} in the plan of an identity"),
    };
    steps.unwrap_or_default().into_iter().map(part).collect()
}

#[test]
fn cards_are_found_by_what_they_declare() {
    let page = page(
        "",
        &[
            "form",
            "text a cc-name",
            "text b section-x+billing+cc-number",
            "select c cc-exp-month",
            "select d cc-exp-year",
            "password e cc-csc",
            "button Pay",
        ],
    );
    let want = [
        CardPart::Holder,
        CardPart::Number,
        CardPart::ExpiryMonth,
        CardPart::ExpiryYear,
        CardPart::Code,
    ];
    assert_eq!(
        card(&page),
        [0, 1, 2, 3, 4].map(|at| (at, want[at as usize]))
    );
    assert_eq!(analyze(&page).groups[0].kind, FormKind::Card);
    assert_eq!(plan(&analyze(&page), ALL), None);
}

#[test]
fn cards_are_found_by_words_of_many_languages() {
    for (number, expiry, code) in [
        ("Card number", "Expiry date (MM/YY)", "CVV"),
        ("Kartennummer", "Gültig bis", "Prüfnummer"),
        ("Numéro de carte", "Date d’expiration", "Cryptogramme"),
        (
            "Número de tarjeta",
            "Fecha de vencimiento",
            "Código de seguridad",
        ),
        ("Número do cartão", "Validade", "CVV"),
        ("Numero carta", "Scadenza", "Codice di sicurezza"),
        ("Numer karty", "Data ważności", "Kod zabezpieczający"),
        ("Номер карты", "Срок действия", "CVC2"),
        ("カード番号", "有効期限", "セキュリティコード"),
        ("卡号", "有效期", "安全码"),
        ("카드번호", "유효기간", "보안코드"),
        ("رقم البطاقة", "تاريخ الانتهاء", "رمز الأمان"),
    ] {
        let lines = [number, expiry, code].map(|label| format!("text x - | {label}"));
        let page = page("", &["form", &lines[0], &lines[1], &lines[2], "button OK"]);
        let want = [
            (0, CardPart::Number),
            (1, CardPart::Expiry),
            (2, CardPart::Code),
        ];
        assert_eq!(card(&page), want, "{number}");
    }
}

#[test]
fn a_month_field_takes_the_whole_expiry_and_lists_take_its_parts() {
    let whole = page(
        "",
        &[
            "form",
            "text n - | Card number",
            "month e - | Valid until",
            "text c - | CVC",
        ],
    );
    assert_eq!(card(&whole)[1], (1, CardPart::Expiry));
    let lists = page(
        "",
        &[
            "form",
            "text n - | Card number",
            "select exp_month - | Expires",
            "select exp_year - | Expires",
        ],
    );
    assert_eq!(
        card(&lists)[1..],
        [(1, CardPart::ExpiryMonth), (2, CardPart::ExpiryYear)]
    );
}

#[test]
fn a_library_card_is_no_payment_card() {
    let page = page(
        "",
        &[
            "form",
            "text n - | Card number",
            "password p - | PIN",
            "button Log in",
        ],
    );
    assert_eq!(card(&page), []);
    assert_eq!(
        plan(&analyze(&page), ALL).map(|plan| plan.steps),
        Some(vec![(0, FillRole::Username), (1, FillRole::Password)])
    );
}

#[test]
fn nothing_goes_into_pieces_of_a_card_number() {
    let mut page = page(
        "",
        &[
            "form",
            "text n cc-number",
            "text n cc-number",
            "text c cc-csc",
        ],
    );
    page.fields[0].max_length = 4;
    page.fields[1].max_length = 4;
    assert_eq!(card(&page), []);
}

#[test]
fn identities_are_found_by_words_of_many_languages() {
    use IdentityPart::{City, Country, FamilyName, GivenName, PostalCode, Street};
    for labels in [
        [
            "First name",
            "Last name",
            "Address",
            "ZIP",
            "City",
            "Country",
        ],
        [
            "Vorname",
            "Nachname",
            "Straße und Hausnummer",
            "PLZ",
            "Ort",
            "Land",
        ],
        [
            "Prénom",
            "Nom de famille",
            "Adresse",
            "Code postal",
            "Ville",
            "Pays",
        ],
        [
            "Nombre",
            "Apellidos",
            "Dirección",
            "Código postal",
            "Ciudad",
            "País",
        ],
        [
            "Nome próprio primeiro nome",
            "Sobrenome",
            "Endereço",
            "CEP",
            "Cidade",
            "País",
        ],
        [
            "Voornaam",
            "Achternaam",
            "Straat",
            "Postcode",
            "Woonplaats",
            "Land",
        ],
        [
            "Imię",
            "Nazwisko",
            "Ulica",
            "Kod pocztowy",
            "Miejscowość",
            "Kraj ",
        ],
        ["Имя", "Фамилия", "Улица", "Индекс", "Город", "Страна"],
    ] {
        let lines = labels.map(|label| format!("text x - | {label}"));
        let lines: Vec<&str> = ["form"]
            .into_iter()
            .chain(lines.iter().map(String::as_str))
            .collect();
        let want = [GivenName, FamilyName, Street, PostalCode, City, Country];
        let found: Vec<_> = identity(&page("", &lines))
            .into_iter()
            .map(|(_, part)| part)
            .collect();
        assert_eq!(found, want, "{labels:?}");
    }
}

#[test]
fn an_address_comes_once_in_a_plan_and_the_focused_one_first() {
    let mut page = page(
        "",
        &[
            "form",
            "text a shipping+name",
            "text b shipping+address-line1",
            "text c shipping+address-line2",
            "select d shipping+country",
            "text e billing+name",
            "text f billing+address-line1",
            "text g billing+address-line2",
            "select h billing+country",
        ],
    );
    let at = |page: &PageFacts| identity(page).iter().map(|(at, _)| *at).collect::<Vec<_>>();
    assert_eq!(at(&page), [0, 1, 2, 3]);
    page.fields[5].focused = true;
    assert_eq!(at(&page), [4, 5, 6, 7]);
}

#[test]
fn a_login_gets_no_address() {
    let page = page("", &["form", "email e", "password p", "button Log in"]);
    assert_eq!(identity(&page), []);
}

#[test]
fn new_passwords_go_into_sign_ups_and_changes_with_their_repetition() {
    let new = |page: &PageFacts| {
        let plan = plan_new_password(&analyze(page)).map(|plan| plan.steps);
        let fields = plan.unwrap_or_default().into_iter();
        fields
            .map(|(at, role)| {
                assert_eq!(role, FillRole::NewPassword);
                at
            })
            .collect::<Vec<_>>()
    };
    let sign_up = [
        "form Sign up",
        "email e",
        "password p",
        "password q - | Confirm password",
        "button Sign up",
    ];
    let change = [
        "form Change password",
        "password o - | Old password",
        "password n - | New password",
        "password r - | Repeat new password",
        "button Change password",
    ];
    assert_eq!(new(&page("", &sign_up)), [1, 2]);
    assert_eq!(new(&page("", &change)), [1, 2]);
    assert_eq!(
        new(&page(
            "",
            &["form", "text u", "password p", "button Log in"]
        )),
        [0; 0]
    );
    // The focused form.
    let mut both = page("", &[&sign_up[..], &change].concat());
    both.fields[4].focused = true;
    assert_eq!(new(&both), [4, 5]);
    // A page that shows the password to be made.
    let shown = page(
        "",
        &["form Sign up", "email e", "text password", "button Sign up"],
    );
    assert_eq!(new(&shown), [1]);
}

#[test]
fn the_tightest_rule_of_all_new_fields_counts() {
    let mut page = page(
        "",
        &[
            "form",
            "email e",
            "password p",
            "password q - | Confirm",
            "button Sign up",
        ],
    );
    page.fields[0].max_length = 5;
    page.fields[1].min_length = 8;
    page.fields[1].max_length = 64;
    page.fields[2].max_length = 32;
    page.fields[2].pattern = "[a-z]+".to_owned();
    page.fields[1].password_rules = "required: digit".to_owned();
    let plan = plan_new_password(&analyze(&page)).unwrap();
    let want = Constraints {
        min_length: 8,
        max_length: Some(32),
        pattern: "[a-z]+".to_owned(),
        rules: "required: digit".to_owned(),
    };
    assert_eq!(new_password_constraints(&page, &plan), want);
}

#[test]
fn boxes_for_one_digit_each_are_one_code() {
    for kind in ["text", "tel", "number"] {
        let line = format!("{kind} d");
        let mut page = page("", &["form", &line, &line, &line, &line, &line, &line]);
        for field in &mut page.fields {
            field.max_length = 1;
        }
        let analysis = analyze(&page);
        let labels: Vec<_> = analysis.fields().map(|field| field.label).collect();
        assert_eq!(labels[0], FieldLabel::OneTimeCode);
        assert_eq!(labels[1..], [FieldLabel::Other; 5]);
        let steps = plan(&analysis, ALL).map(|plan| plan.steps);
        assert_eq!(steps, Some(vec![(0, FillRole::Totp)]));
    }
}

#[test]
fn a_password_never_goes_into_a_field_for_a_code() {
    for line in [
        "password c one-time-code",
        "password c - | Enter the verification code",
        "password otp",
        "password c - | Код подтверждения",
    ] {
        let page = page("Log in", &["form", line, "button Log in"]);
        let steps = plan(&analyze(&page), ALL).map(|plan| plan.steps);
        assert_eq!(steps, Some(vec![(0, FillRole::Totp)]), "{line}");
        let no_code = Have { totp: false, ..ALL };
        assert_eq!(plan(&analyze(&page), no_code), None, "{line}");
    }
    // A number that one logs in with is a password.
    let pin = page(
        "",
        &["form", "text user", "password p - | PIN", "button Log in"],
    );
    assert!(plan(&analyze(&pin), ALL).is_some_and(|plan| plan.steps.len() == 2));
}

#[test]
fn traps_get_nothing() {
    let mut page = page(
        "",
        &[
            "form",
            "text honeypot_username",
            "text user",
            "password fakepassword",
            "password pass",
            "button Log in",
        ],
    );
    page.fields[0].set_aside = true;
    let steps = plan(&analyze(&page), ALL).map(|plan| plan.steps);
    assert_eq!(
        steps,
        Some(vec![(1, FillRole::Username), (3, FillRole::Password)])
    );
}

#[test]
fn a_masked_text_box_is_a_password_box() {
    let mut page = page("", &["form", "text user", "text pass", "button Log in"]);
    page.fields[1].masked = true;
    let analysis = analyze(&page);
    assert_eq!(analysis.groups[0].kind, FormKind::Login);
    assert!(analysis.groups[0].fields[1].secret);
    let steps = plan(&analysis, ALL).map(|plan| plan.steps);
    assert_eq!(
        steps,
        Some(vec![(0, FillRole::Username), (1, FillRole::Password)])
    );
    // Shown, it gets none.
    page.fields[1].masked = false;
    let steps = plan(&analyze(&page), ALL).map(|plan| plan.steps);
    assert!(steps.is_none_or(|steps| steps.iter().all(|(at, _)| *at != 1)));
}

#[test]
fn a_menu_at_a_field_is_about_the_form_of_that_field() {
    let analysis = analyze(&page(
        "",
        &[
            "form Log in",
            "text u",
            "password p",
            "button Log in",
            "form Sign up",
            "email e",
            "password q",
            "password r",
            "button Sign up",
        ],
    ));
    assert_eq!(
        label_at(&analysis, 1),
        Some((FieldLabel::CurrentPassword, FormKind::Login))
    );
    assert_eq!(
        label_at(&analysis, 3),
        Some((FieldLabel::NewPassword, FormKind::SignUp))
    );
    assert_eq!(label_at(&analysis, 9), None);
    let steps = |index| plan_at(&analysis, index, ALL).map(|plan| plan.steps);
    assert_eq!(
        steps(0),
        Some(vec![(0, FillRole::Username), (1, FillRole::Password)])
    );
    assert_eq!(steps(2), None);
    assert_eq!(steps(9), None);
}

#[test]
fn what_was_sent_is_told_apart() {
    let sent = |lines: &[&str], index| submitted(&analyze(&page("", lines)), index);
    let of = |username, current, new: &[u32]| {
        Some(Submitted {
            username,
            current,
            new: new.to_vec(),
        })
    };
    let login = ["form", "text u", "password p", "button Log in"];
    assert_eq!(sent(&login, 1), of(Some(0), Some(1), &[]));
    let shown = ["form Log in", "text user", "text password", "button Log in"];
    assert_eq!(sent(&shown, 0), of(Some(0), Some(1), &[]));
    let sign_up = [
        "form",
        "text first_name",
        "email e",
        "password p",
        "password q - | Confirm password",
        "button Sign up",
    ];
    assert_eq!(sent(&sign_up, 0), of(Some(1), None, &[2, 3]));
    let change = [
        "form",
        "password o - | Old password",
        "password n - | New password",
        "password r - | Repeat new password",
    ];
    assert_eq!(sent(&change, 2), of(None, Some(0), &[1, 2]));
    let first = ["form Sign in", "text user username", "button Next"];
    assert_eq!(sent(&first, 0), of(Some(0), None, &[]));
    assert_eq!(sent(&["form", "search q", "button Search"], 0), None);
    assert_eq!(sent(&login, 7), None);
}

#[test]
fn every_label_says_why() {
    let analysis = analyze(&page(
        "",
        &[
            "form",
            "text u username",
            "password p",
            "checkbox r - | Remember me",
            "button Log in",
        ],
    ));
    assert!(analysis.fields().all(|field| !field.reasons.is_empty()));
    let shown = serde_json::to_value(&analysis).unwrap();
    let group = &shown["groups"][0];
    assert_eq!(group["kind"], "login");
    assert_eq!(group["fields"][0]["label"], "username");
    assert!(group["reasons"][0]["why"].is_string());
    assert_eq!(group["fields"][0]["reasons"][0]["points"], 100);
}

#[test]
fn a_number_in_four_boxes_is_a_card_and_one_box_alone_is_none() {
    let boxes = |count: usize| -> Vec<(u32, CardPart)> {
        let pieces = ["text a - | Card number"; 4];
        let mut lines = vec!["form"];
        lines.extend(&pieces[..count]);
        lines.extend([
            "text m - | Expiry month",
            "text y - | Expiry year",
            "button Pay",
        ]);
        let mut page = page("", &lines);
        for field in page.fields.iter_mut().take(count) {
            field.max_length = 4;
        }
        card(&page)
    };
    let numbers = |found: &[(u32, CardPart)]| {
        let number = |part: &&(u32, CardPart)| part.1 == CardPart::Number;
        found.iter().filter(number).count()
    };
    assert_eq!(numbers(&boxes(4)), 4);
    assert_eq!(numbers(&boxes(2)), 0);
}

#[test]
fn lists_of_months_and_years_beside_a_card_are_its_end() {
    let card_page = page(
        "",
        &[
            "form",
            "text a - | Card number",
            "select m - | Month",
            "select y - | Year",
            "text c - | Security code",
            "button Pay",
        ],
    );
    let want = [
        (0, CardPart::Number),
        (1, CardPart::ExpiryMonth),
        (2, CardPart::ExpiryYear),
        (3, CardPart::Code),
    ];
    assert_eq!(card(&card_page), want);
}

#[test]
fn a_house_and_its_name_in_one_line_are_a_street() {
    let page = page(
        "",
        &[
            "form",
            "text a - | 郵便番号",
            "text b - | 市区町村",
            "text c - | 番地・建物名",
            "button 次へ",
        ],
    );
    let want = [
        (0, IdentityPart::PostalCode),
        (1, IdentityPart::City),
        (2, IdentityPart::Street),
    ];
    assert_eq!(identity(&page), want);
}

#[test]
fn the_post_of_letters_is_not_that_of_computers() {
    let page = page(
        "",
        &[
            "form",
            "text a - | عنوان الشارع",
            "text b - | الرمز البريدي",
            "email c - | البريد الإلكتروني",
            "button متابعة",
        ],
    );
    let want = [
        (0, IdentityPart::Street),
        (1, IdentityPart::PostalCode),
        (2, IdentityPart::Email),
    ];
    assert_eq!(identity(&page), want);
}
