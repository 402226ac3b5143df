use proto::{
    bridge::{exchange::Remark, popup::RefusedItem},
    ids::ItemId,
};

use super::*;

fn listed(title: &str, repeated: bool, remarks: &[(&str, bool)]) -> Listed {
    let remark = |(part, lost): &(&str, bool)| Remark {
        part: (*part).to_owned(),
        fate: if *lost {
            "not taken"
        } else {
            "kept as a field"
        }
        .to_owned(),
        lost: *lost,
    };
    Listed {
        kind: ItemKind::Login,
        title: title.to_owned(),
        subtitle: "ada".to_owned(),
        host: "orchard.test".to_owned(),
        repeated,
        remarks: remarks.iter().map(remark).collect(),
    }
}

fn file() -> File {
    let id = ItemId::from_bytes([7; 16]);
    let contents = Contents {
        format: "Bitwarden".to_owned(),
        items: vec![
            listed("Orchard", false, &[("Passkey", true), ("Folder", false)]),
            listed("", false, &[]),
            listed("Orchard", true, &[]),
            listed("Market", false, &[]),
        ],
        left_out: vec![LeftOut {
            name: "scan.pdf".to_owned(),
            why: "attached files cannot be kept yet".to_owned(),
        }],
    };
    let standings = [
        Standing::New,
        Standing::Same(id),
        Standing::New,
        Standing::Differs(id),
    ];
    File::new(contents, &standings)
}

#[test]
fn duplicates_are_left_out_unless_they_are_wanted() {
    let file = file();
    assert_eq!(file.numbers(Duplicates::Too), [0, 1, 2, 3].into());
    assert_eq!(file.numbers(Duplicates::Without), [0, 3].into());
    assert_eq!(file.shown(Filter::Is(State::Same)), [1]);
    assert_eq!(file.shown(Filter::Is(State::Repeated)), [2]);
    assert_eq!(file.shown(Filter::Remarked), [0]);
    assert_eq!(file.kinds(), "4 logins");
}

#[test]
fn rows_have_a_name_in_any_case() {
    let named = |title: &str, host: &str, subtitle: &str| {
        let mut row = file().rows.remove(0);
        row.listed.title = title.to_owned();
        row.listed.host = host.to_owned();
        row.listed.subtitle = subtitle.to_owned();
        row.to_string()
    };
    assert_eq!(named("Orchard", "a.test", "ada"), "Orchard (ada)");
    assert_eq!(named("", "a.test", ""), "a.test");
    assert_eq!(named("", "", "ada"), "Without a name (ada)");
    assert_eq!(named("ada", "", "ada"), "ada");
}

#[test]
fn the_report_names_all_that_is_not_as_it_was() {
    let file = file();
    let mut outcome = Outcome {
        chosen: [0, 3].into(),
        ..Outcome::default()
    };
    let refused = vec![RefusedItem {
        number: 3,
        field: "urls".to_owned(),
    }];
    outcome.take(
        2,
        ImportedItems {
            written: 1,
            already: 0,
            refused,
        },
    );
    let expect = "\
Import from Bitwarden
1 item imported, 1 not.

Not taken
- Orchard (ada): Passkey: not taken
- scan.pdf: attached files cannot be kept yet
- Market (ada): not taken: one of its web addresses is none

Kept in another place
- Orchard (ada): Folder: kept as a field

Not chosen
- orchard.test (ada): in your vault already
- Orchard (ada): twice in the file
";
    assert_eq!(file.report(&outcome), expect);
}

#[test]
fn an_import_that_was_stopped_says_how_far_it_came() {
    let mut outcome = Outcome {
        chosen: (0..900).collect(),
        ..Outcome::default()
    };
    let answer = ImportedItems {
        written: 200,
        already: 50,
        refused: Vec::new(),
    };
    outcome.take(250, answer);
    assert!(outcome.stopped());
    assert_eq!(outcome.summary(), "Stopped: 250 items of 900 imported.");
}
