//! Every act of the user in every place, through the engine: what is released and what is refused,
//! and why. `docs/RELEASE_MATRIX.md` is made from the tables here:
//! `PEARVAULT_UPDATE_DOCS=1 cargo test -p pearvault-engine --test release_matrix` writes it anew.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use engine::{
    Engine, EngineError, UserAct,
    release::{Refusal, Released, Target, may_release},
};
use proto::{
    bridge::endpoint::{FrameId, FrameSender, TabId},
    ids::ItemId,
    vault::{ItemDraft, ItemSecrets, SecretText},
};
use testkit::{
    device::Device,
    items::{card, identity, login},
    node::MemoryNode,
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;

/// What comes of one act in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is released.
    Yes,
    /// It is not.
    No(Refusal),
}

use Verdict::{No, Yes};
const FOREIGN: Verdict = No(Refusal::ForeignFrame);
const HTTP: Verdict = No(Refusal::InsecurePage);
const NO_ACT: Verdict = No(Refusal::NoUserAct);
const OPAQUE: Verdict = No(Refusal::OpaqueFrame);
const SITE: Verdict = No(Refusal::SiteMismatch);

/// One place: its name, the address of the login, the origin of the frame and of those around it
/// (`opaque` for one that has none), and a verdict for each column.
struct Row {
    place: &'static str,
    login: &'static str,
    frames: &'static [&'static str],
    verdicts: [Verdict; 9],
}

const COLUMNS: [&str; 9] = [
    "popup",
    "shortcut",
    "context menu",
    "inline menu",
    "HTTP sign-in",
    "one-time code",
    "card",
    "identity",
    "new password",
];

const fn row(
    place: &'static str,
    login: &'static str,
    frames: &'static [&'static str],
    verdicts: [Verdict; 9],
) -> Row {
    Row {
        place,
        login,
        frames,
        verdicts,
    }
}

const HOME: &str = "https://login.orchard.test/";
const PAGE: &str = "https://login.orchard.test";

#[rustfmt::skip]
const PLACES: &[Row] = &[
    //                                                                                                     popup    shortcut context  inline   HTTP     code     card     identity new
    row("same origin",                          HOME, &[PAGE],                                            [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("other subdomain of the site",          HOME, &["https://www.orchard.test"],                      [Yes,     Yes,     Yes,     Yes,     SITE,    Yes,     Yes,     Yes,     Yes]),
    row("the site itself, without subdomain",   HOME, &["https://orchard.test"],                          [Yes,     Yes,     Yes,     Yes,     SITE,    Yes,     Yes,     Yes,     Yes]),
    row("other port",                           HOME, &["https://login.orchard.test:8443"],               [Yes,     Yes,     Yes,     Yes,     SITE,    Yes,     Yes,     Yes,     Yes]),
    row("other port than the login's own",      "https://orchard.test:8443/", &["https://orchard.test"],  [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("another site",                         HOME, &["https://other.test"],                            [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("name that ends alike",                 HOME, &["https://login-orchard.test"],                    [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("name that begins alike",               HOME, &["https://orchard.test.other.test"],               [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("punycode look-alike",                  HOME, &["https://login.xn--rchard-gya.test"],             [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("name with a dot at its end",           HOME, &["https://login.orchard.test."],                   [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("sibling under a public suffix",        "https://ada.github.io/", &["https://eve.github.io"],     [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("sibling under a country's suffix",     "https://shop.co.uk/", &["https://bank.co.uk"],           [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("frame of the site in the site",        HOME, &[PAGE, "https://www.orchard.test"],                [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("frame of the site in another site",    HOME, &[PAGE, "https://other.test"],                      [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("frame of another site in the site",    HOME, &["https://pay.other.test", PAGE],                  [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("the site in another site in the site", HOME, &[PAGE, "https://other.test", PAGE],                [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("frame of a sibling under a suffix",    "https://ada.github.io/", &["https://ada.github.io", "https://eve.github.io"], [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("sandboxed page",                       HOME, &["opaque"],                                        [OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE]),
    row("sandboxed frame in the site",          HOME, &["opaque", PAGE],                                  [OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE]),
    row("frame of the site in a sandboxed one", HOME, &[PAGE, "opaque", PAGE],                            [OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE]),
    row("data: in the site (has no origin)",    HOME, &["opaque", PAGE],                                  [OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE]),
    row("srcdoc of the site (its origin)",      HOME, &[PAGE, PAGE],                                      [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("srcdoc of another site in the site",   HOME, &["https://other.test", "https://other.test", PAGE], [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("srcdoc of another site",               HOME, &["https://other.test", "https://other.test"],      [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("blob: of the site (its origin)",       HOME, &[PAGE],                                            [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("blob: of another site",                HOME, &["https://other.test"],                            [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("about:blank in the site (its origin)", HOME, &[PAGE, PAGE],                                      [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("about:blank in a sandboxed frame",     HOME, &["opaque", "opaque", PAGE],                        [OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE,  OPAQUE]),
    row("http, the login https",                HOME, &["http://login.orchard.test"],                     [HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    Yes]),
    row("https framed by http",                 HOME, &[PAGE, "http://login.orchard.test"],               [HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP]),
    row("http framed by https",                 HOME, &["http://login.orchard.test", PAGE],               [HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP,    HTTP]),
    row("http, the login http",                 "http://orchard.test/", &["http://orchard.test"],         [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     HTTP,    HTTP,    Yes]),
    row("https, the login http",                "http://orchard.test/", &["https://orchard.test"],        [Yes,     Yes,     Yes,     Yes,     SITE,    Yes,     Yes,     Yes,     Yes]),
    row("IP address, http",                     "http://192.0.2.7/", &["http://192.0.2.7"],               [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     HTTP,    HTTP,    Yes]),
    row("IP address, https",                    "https://192.0.2.7/", &["https://192.0.2.7"],             [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("another IP address",                   "https://192.0.2.7/", &["https://192.0.2.77"],            [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("IP address framed by another port",    "https://192.0.2.7/", &["https://192.0.2.7", "https://192.0.2.7:8443"], [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("localhost, http",                      "http://localhost:3000/", &["http://localhost:3000"],     [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("name under localhost, http",           "http://app.localhost/", &["http://app.localhost"],       [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("127.0.0.1, http",                      "http://127.0.0.1/", &["http://127.0.0.1"],               [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("[::1], http",                          "http://[::1]:3000/", &["http://[::1]:3000"],             [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     Yes]),
    row("localhost, another port",              "http://localhost:3000/", &["http://localhost:3001"],     [SITE,    SITE,    SITE,    SITE,    SITE,    SITE,    Yes,     Yes,     Yes]),
    row("localhost framed by another port",     "http://localhost:3000/", &["http://localhost:3000", "http://localhost:3001"], [FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN, FOREIGN]),
    row("name that looks local, http",          "http://127.0.0.1.other.test/", &["http://127.0.0.1.other.test"], [Yes,     Yes,     Yes,     Yes,     Yes,     Yes,     HTTP,    HTTP,    Yes]),
];

/// What is asked for.
const KINDS: [&str; 8] = [
    "login",
    "HTTP sign-in",
    "card",
    "identity",
    "new password",
    "shown to the user",
    "into an export",
    "to somebody else",
];

/// What each act is good for, on the login's own page.
#[rustfmt::skip]
const ACTS: &[(&str, Option<UserAct>, [Verdict; 8])] = &[
    //                                                        login    HTTP     card     identity new      shown    export   message
    ("a page of the extension", Some(UserAct::Chosen),      [Yes,     NO_ACT,  Yes,     Yes,     Yes,     Yes,  NO_ACT,  Yes]),
    ("the shortcut",            Some(UserAct::Shortcut),    [Yes,     NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  Yes,  NO_ACT,  NO_ACT]),
    ("the context menu",        Some(UserAct::ContextMenu), [Yes,     NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  Yes,  NO_ACT,  NO_ACT]),
    ("our menu at a field",     Some(UserAct::Inline),      [Yes,     NO_ACT,  NO_ACT,  NO_ACT,  Yes,     Yes,  NO_ACT,  NO_ACT]),
    ("an HTTP sign-in",         Some(UserAct::BasicAuth),   [NO_ACT,  Yes,     NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT]),
        ("the password typed again", Some(UserAct::Confirmed),  [NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  Yes,  NO_ACT]),
("none",                    None,                       [NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT,  NO_ACT]),
];

fn frame(origins: &[&str]) -> FrameSender {
    let mut origins = origins.iter().map(|text| text.parse().ok());
    FrameSender {
        tab: TabId(1),
        frame: FrameId(if origins.len() == 1 { 0 } else { 7 }),
        origin: origins.next().flatten(),
        ancestors: origins.collect(),
    }
}

fn verdict<T>(released: Result<T, EngineError>) -> Result<Verdict, EngineError> {
    match released {
        Ok(_) => Ok(Yes),
        Err(EngineError::Refused(refusal)) => Ok(No(refusal)),
        Err(error) => Err(error),
    }
}

fn with_code(mut draft: ItemDraft) -> ItemDraft {
    if let ItemSecrets::Login { totp, .. } = &mut draft.secrets {
        *totp = SecretText::new("GEZDGNBVGY3TQOJQ");
    }
    draft
}

/// A note that says an address.
fn note() -> ItemDraft {
    ItemDraft {
        secrets: ItemSecrets::Note {
            text: SecretText::new("secret"),
        },
        ..login("Note", "", "", HOME)
    }
}

fn new_password(frame: &FrameSender, act: Option<UserAct>) -> Verdict {
    may_release(Released::NewPassword, Target::Page(frame), act).map_or_else(No, |()| Yes)
}

/// What the engine says to each column of a row.
fn verdicts(
    engine: &Engine<Device>,
    [login, card, identity]: [ItemId; 3],
    frame: &FrameSender,
) -> Result<[Verdict; 9], EngineError> {
    let by = |act| verdict(finish(engine.release(login, frame, act)));
    // A server in a frame without origin has one all the same: it must not help.
    let nowhere = "https://login.orchard.test".parse().ok();
    let challenger = frame.origin.as_ref().or(nowhere.as_ref());
    let http = match challenger {
        Some(challenger) => finish(engine.release_basic_auth(login, challenger, frame)),
        None => Err(EngineError::ItemMissing),
    };
    if let Ok(credential) = &http {
        assert!(credential.totp.is_empty(), "no server asks for a code");
    }
    let code = finish(engine.release(login, frame, UserAct::Inline)).map(|credential| {
        assert!(!credential.totp.is_empty());
    });
    Ok([
        by(UserAct::Chosen)?,
        by(UserAct::Shortcut)?,
        by(UserAct::ContextMenu)?,
        by(UserAct::Inline)?,
        verdict(http)?,
        verdict(code)?,
        verdict(finish(engine.release_card(card, frame, UserAct::Chosen)))?,
        verdict(finish(engine.release_identity(
            identity,
            frame,
            UserAct::Chosen,
        )))?,
        new_password(frame, Some(UserAct::Inline)),
    ])
}

#[test]
fn every_cell_of_the_matrix_is_as_written() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let card = finish(engine.save(card("Card", "Ada Pear", "4111111111111111", "04/31")))?.id;
    let identity = finish(engine.save(identity("Me", "Ada Pear")))?.id;
    for row in PLACES {
        let draft = with_code(login(row.place, "ada", "secret", row.login));
        let id = finish(engine.save(draft))?.id;
        let frame = frame(row.frames);
        let got = verdicts(&engine, [id, card, identity], &frame)?;
        for (column, (got, want)) in COLUMNS.iter().zip(got.iter().zip(row.verdicts)) {
            assert_eq!(*got, want, "{}, {column}", row.place);
        }
        // The same without the user is never anything but a refusal.
        let none = [
            verdict(finish(engine.release(id, &frame, None)))?,
            verdict(finish(engine.release_card(card, &frame, None)))?,
            verdict(finish(engine.release_identity(identity, &frame, None)))?,
            new_password(&frame, None),
        ];
        assert_eq!(none, [NO_ACT; 4], "{}", row.place);
    }
    Ok(())
}

#[test]
fn every_act_is_good_for_what_is_written() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let overview = |draft| -> Result<_, EngineError> {
        Ok(finish(engine.item(finish(engine.save(draft))?.id))?.overview)
    };
    let login = overview(login("Orchard", "ada", "secret", HOME))?;
    let card = overview(card("Card", "Ada Pear", "4111111111111111", "04/31"))?;
    let identity = overview(identity("Me", "Ada Pear"))?;
    let note = overview(note())?;
    let (frame, origin) = (frame(&[PAGE]), PAGE.parse()?);
    let page = Target::Page(&frame);
    let request = Target::Request {
        challenger: &origin,
        frame: &frame,
    };
    for (name, act, want) in ACTS {
        let may = |item, target| may_release(item, target, *act).map_or_else(No, |()| Yes);
        let got = [
            may(&login, page),
            may(&login, request),
            may(&card, page),
            may(&identity, page),
            new_password(&frame, *act),
            may(&login, Target::TrustedUi),
            may(&login, Target::Export),
            may(&login, Target::Correspondent),
        ];
        assert_eq!(got, *want, "{name}");
        let into_no_page = if want[0] == Yes { SITE } else { want[0] };
        assert_eq!(may(&note, page), into_no_page, "{name}: a note into a page");
        assert_eq!(may(&card, request), NO_ACT, "{name}: a card to a server");
        assert_eq!(
            may(&identity, request),
            NO_ACT,
            "{name}: an identity to a server"
        );
    }
    Ok(())
}

#[test]
fn items_are_released_as_what_they_are_only() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let login = finish(engine.save(login("Orchard", "ada", "secret", HOME)))?.id;
    let card = finish(engine.save(card("Card", "Ada Pear", "4111111111111111", "04/31")))?.id;
    let identity = finish(engine.save(identity("Me", "Ada Pear")))?.id;
    let note = finish(engine.save(note()))?.id;
    let frame = frame(&[PAGE]);
    for id in [login, identity, note] {
        let released = verdict(finish(engine.release_card(id, &frame, UserAct::Chosen)))?;
        assert_eq!(released, SITE);
    }
    for id in [login, card, note] {
        let released = verdict(finish(engine.release_identity(id, &frame, UserAct::Chosen)))?;
        assert_eq!(released, SITE);
    }
    for id in [card, identity, note] {
        let released = verdict(finish(engine.release(id, &frame, UserAct::Chosen)))?;
        assert_eq!(released, SITE);
    }
    Ok(())
}

#[test]
fn server_is_answered_in_its_own_frame_only() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create("ada@localhost")?;
    let draft = login("Orchard", "ada", "secret", HOME);
    let id = finish(engine.save(draft))?.id;
    let ask = |challenger: &str, frames: &[&str]| -> Result<Verdict, Box<dyn Error>> {
        let challenger = challenger.parse()?;
        let answer = finish(engine.release_basic_auth(id, &challenger, &frame(frames)));
        Ok(verdict(answer)?)
    };
    assert_eq!(ask(PAGE, &[PAGE])?, Yes);
    // An image of the site in another page, or in a sister of it.
    assert_eq!(ask(PAGE, &["https://other.test"])?, FOREIGN);
    assert_eq!(ask(PAGE, &["https://www.orchard.test"])?, FOREIGN);
    assert_eq!(ask(PAGE, &["opaque"])?, OPAQUE);
    // An image of another server in the page of the site.
    assert_eq!(ask("https://other.test", &[PAGE])?, FOREIGN);
    assert_eq!(ask("https://login.orchard.test:8443", &[PAGE])?, FOREIGN);
    assert_eq!(ask("http://login.orchard.test", &[PAGE])?, FOREIGN);
    Ok(())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Yes => "yes",
        FOREIGN => "foreign frame",
        HTTP => "http",
        NO_ACT => "no act",
        OPAQUE => "opaque",
        SITE => "other site",
        No(_) => "no",
    }
}

fn table<'a, const N: usize>(
    first: &str,
    columns: [&str; N],
    rows: impl Iterator<Item = (&'a str, String, [Verdict; N])>,
) -> Result<String, std::fmt::Error> {
    let mut text = format!("| {first} | {} |\n", columns.join(" | "));
    writeln!(text, "| --- |{}", " --- |".repeat(N))?;
    for (name, more, verdicts) in rows {
        let cells: Vec<&str> = verdicts.into_iter().map(word).collect();
        writeln!(text, "| {name}{more} | {} |", cells.join(" | "))?;
    }
    Ok(text)
}

/// Puts `content` between the markers of `section`.
fn replaced(document: &str, section: &str, content: &str) -> Option<String> {
    let begin = format!("<!-- generated: {section} -->\n");
    let end = format!("<!-- end: {section} -->");
    let start = document.find(&begin)? + begin.len();
    let stop = document[start..].find(&end)? + start;
    Some(format!(
        "{}{content}{}",
        &document[..start],
        &document[stop..]
    ))
}

#[test]
fn document_has_the_tables_of_this_test() -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/RELEASE_MATRIX.md");
    let document = fs::read_to_string(&path)?;
    let places = PLACES.iter().map(|row| {
        let frames = format!(" | `{}` | `{}`", row.login, row.frames.join(" in "));
        (row.place, frames, row.verdicts)
    });
    let mut table_of_places = table("place", COLUMNS, places)?;
    // Two more columns than verdicts.
    table_of_places = table_of_places
        .replacen("| place |", "| place | login | frame |", 1)
        .replacen("| --- |", "| --- | --- | --- |", 1);
    let acts = ACTS
        .iter()
        .map(|(name, _, verdicts)| (*name, String::new(), *verdicts));
    let fresh = replaced(&document, "places", &table_of_places).ok_or("no section")?;
    let fresh = replaced(&fresh, "acts", &table("act", KINDS, acts)?).ok_or("no section")?;
    if std::env::var_os("PEARVAULT_UPDATE_DOCS").is_some() {
        fs::write(&path, fresh)?;
    } else {
        assert!(
            fresh == document,
            "docs/RELEASE_MATRIX.md is old: see the head of this test"
        );
    }
    Ok(())
}
