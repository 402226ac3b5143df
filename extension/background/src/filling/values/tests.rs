use super::*;

fn plan(steps: &[(u32, FillRole)]) -> FillPlan {
    FillPlan {
        steps: steps.to_vec(),
        score: 1,
    }
}

#[test]
fn values_go_to_their_roles_and_empty_ones_nowhere() {
    let credential = Credential {
        username: SecretText::default(),
        password: SecretText::new("p"),
        totp: SecretText::new("000000"),
    };
    let plan = plan(&[(1, FillRole::Username), (4, FillRole::Password)]);
    let want = FillStep {
        field: 4,
        role: FillRole::Password,
        value: SecretText::new("p"),
    };
    assert_eq!(of_login(&plan, &credential), [want]);
}

#[test]
fn report_tells_what_the_fields_hold() {
    let plan = plan(&[(1, FillRole::Username), (4, FillRole::Password)]);
    let filled = |fields: &[u32]| Filled {
        ticket: 1,
        fields: fields.to_vec(),
        stale: false,
    };
    let told = report(&plan, &filled(&[4]));
    assert!(told.password && !told.username && !told.totp);
    let told = report(&plan, &filled(&[2]));
    assert!(!told.password && !told.username);
}

#[test]
fn a_card_expires_in_the_words_of_its_field() {
    let card = CardValues {
        number: SecretText::new("4111111111111111"),
        holder: SecretText::new("Ada"),
        expiry_month: SecretText::new("03"),
        expiry_year: SecretText::new("2031"),
        code: SecretText::new("123"),
    };
    let field = |kind: &str, placeholder: &str, max: u32| -> Option<FieldFacts> {
        let text = format!(
            r#"{{"index":0,"tag":"input","kind":"{kind}","name":"","id":"","class":"","autocomplete":"","placeholder":"{placeholder}",
            "label":"","nearby":"","form":null,"maxLength":{max},"visible":true,"editable":true,"filled":false,"focused":false}}"#
        );
        proto::codec::decode(&text, 4096).ok()
    };
    for (kind, placeholder, max, want) in [
        ("text", "MM/YY", 0, "03/31"),
        ("text", "MM/YYYY", 0, "03/2031"),
        ("text", "", 7, "03/2031"),
        ("tel", "", 4, "0331"),
        ("month", "", 0, "2031-03"),
    ] {
        let said = field(kind, placeholder, max).map(|field| expiry(&field, &card));
        assert_eq!(
            said,
            Some(SecretText::new(want)),
            "{kind} {placeholder} {max}"
        );
    }
}

#[test]
fn a_number_goes_into_its_boxes_piece_by_piece() {
    for (digits, want) in [
        ("4111 1111 2222 3333", ["4111", "1111", "2222", "3333"]),
        // American Express has 15.
        ("378282246310005", ["3782", "8224", "6310", "005"]),
    ] {
        let (number, told) = (SecretText::new(digits), Cell::new(0));
        let pieces = [(); 4].map(|()| piece(&number, &told, 4));
        assert_eq!(pieces, want.map(SecretText::new));
    }
}

#[test]
fn names_have_two_halves() {
    let halves = |name: &str| {
        let (given, family) = halves(&SecretText::new(name));
        [given, family].map(|half| half.expose_secret().to_owned())
    };
    assert_eq!(halves("Ada King Lovelace"), ["Ada King", "Lovelace"]);
    assert_eq!(halves("Plato"), ["Plato", ""]);
}
