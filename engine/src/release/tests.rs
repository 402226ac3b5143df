use proto::{
    bridge::endpoint::{FrameId, TabId},
    ids::UnixMillis,
    vault::{ItemKind, ItemUrl, UrlMatch},
};

use super::*;

fn item(urls: &[(&str, UrlMatch)]) -> ItemOverview {
    let url = |(url, matching): &(&str, UrlMatch)| ItemUrl {
        url: (*url).to_owned(),
        matching: *matching,
    };
    ItemOverview {
        kind: ItemKind::Login,
        title: "Orchard".to_owned(),
        subtitle: "ada".to_owned(),
        urls: urls.iter().map(url).collect(),
        has_password: true,
        has_totp: false,
        created_at: UnixMillis(0),
        updated_at: UnixMillis(0),
        conflict_of: None,
    }
}

/// The origins of a frame and of those around it; `"opaque"` for one without.
fn frame(origins: &[&str]) -> FrameSender {
    let mut origins = origins.iter().map(|text| text.parse().ok());
    FrameSender {
        tab: TabId(1),
        frame: FrameId(if origins.len() == 1 { 0 } else { 7 }),
        origin: origins.next().flatten(),
        ancestors: origins.collect(),
    }
}

const ACT: Option<UserAct> = Some(UserAct::Chosen);
const OK: Result<(), Refusal> = Ok(());
const FOREIGN: Result<(), Refusal> = Err(Refusal::ForeignFrame);
const INSECURE: Result<(), Refusal> = Err(Refusal::InsecurePage);
const NO_ACT: Result<(), Refusal> = Err(Refusal::NoUserAct);
const OPAQUE: Result<(), Refusal> = Err(Refusal::OpaqueFrame);
const SITE: Result<(), Refusal> = Err(Refusal::SiteMismatch);

/// Address of the item, rule, origins of the frame and of those around it, and what comes of it.
type Row<'a> = (&'a str, UrlMatch, &'a [&'a str], Result<(), Refusal>);

const ORCHARD: &str = "https://login.orchard.test/";

#[rustfmt::skip]
const TABLE: &[Row<'_>] = &[
    // The page itself.
    (ORCHARD, UrlMatch::Site, &["https://login.orchard.test"], OK),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test"], OK),
    (ORCHARD, UrlMatch::Site, &["https://www.orchard.test:8443"], OK),
    (ORCHARD, UrlMatch::Site, &["https://other.test"], SITE),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test.other.test"], SITE),
    (ORCHARD, UrlMatch::Site, &["https://login-orchard.test"], SITE),
    (ORCHARD, UrlMatch::Site, &["http://login.orchard.test"], INSECURE),
    (ORCHARD, UrlMatch::Site, &["http://orchard.test:8080"], INSECURE),
    (ORCHARD, UrlMatch::Site, &["http://other.test"], SITE),
    (ORCHARD, UrlMatch::Site, &["opaque"], OPAQUE),
    (ORCHARD, UrlMatch::Host, &["https://login.orchard.test"], OK),
    (ORCHARD, UrlMatch::Host, &["https://orchard.test"], SITE),
    (ORCHARD, UrlMatch::Origin, &["https://login.orchard.test"], OK),
    (ORCHARD, UrlMatch::Origin, &["https://login.orchard.test:8443"], SITE),
    // Frames of the same site.
    (ORCHARD, UrlMatch::Site, &["https://login.orchard.test", "https://orchard.test"], OK),
    (ORCHARD, UrlMatch::Site, &["https://login.orchard.test", "https://a.orchard.test", "https://orchard.test"], OK),
    (ORCHARD, UrlMatch::Host, &["https://login.orchard.test", "https://orchard.test"], OK),
    (ORCHARD, UrlMatch::Host, &["https://www.orchard.test", "https://login.orchard.test"], SITE),
    // Foreign frames, whichever of the two the item is for.
    (ORCHARD, UrlMatch::Site, &["https://login.orchard.test", "https://other.test"], FOREIGN),
    (ORCHARD, UrlMatch::Site, &["https://other.test", "https://orchard.test"], FOREIGN),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "https://other.test", "https://orchard.test"], FOREIGN),
    (ORCHARD, UrlMatch::Site, &["https://other.test", "https://other.test"], SITE),
    // Opaque ones, wherever they stand.
    (ORCHARD, UrlMatch::Site, &["opaque", "https://orchard.test"], OPAQUE),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "opaque"], OPAQUE),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "opaque", "https://orchard.test"], OPAQUE),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "opaque", "https://other.test"], OPAQUE),
    // http around https, and https inside http.
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "http://orchard.test"], INSECURE),
    (ORCHARD, UrlMatch::Site, &["https://orchard.test", "https://orchard.test", "http://orchard.test"], INSECURE),
    (ORCHARD, UrlMatch::Site, &["http://orchard.test", "https://orchard.test"], INSECURE),
    // An item that was saved on http.
    ("http://orchard.test/", UrlMatch::Site, &["http://orchard.test"], OK),
    ("http://orchard.test/", UrlMatch::Site, &["https://orchard.test"], OK),
    ("http://orchard.test/", UrlMatch::Site, &["http://orchard.test", "http://www.orchard.test"], OK),
    ("http://orchard.test/", UrlMatch::Site, &["https://orchard.test", "http://orchard.test"], INSECURE),
    ("http://orchard.test/", UrlMatch::Host, &["https://orchard.test"], SITE),
    ("http://orchard.test/", UrlMatch::Origin, &["https://orchard.test"], SITE),
    // Public suffixes.
    ("https://ada.github.io/", UrlMatch::Site, &["https://ada.github.io"], OK),
    ("https://ada.github.io/", UrlMatch::Site, &["https://eve.github.io"], SITE),
    ("https://ada.github.io/", UrlMatch::Site, &["https://ada.github.io", "https://eve.github.io"], FOREIGN),
    ("https://shop.co.uk/", UrlMatch::Site, &["https://bank.co.uk"], SITE),
    // This computer, addresses, ports, punycode.
    ("http://localhost:3000/", UrlMatch::Site, &["http://localhost:3000"], OK),
    ("http://localhost:3000/", UrlMatch::Site, &["http://localhost:3001"], SITE),
    ("http://localhost:3000/", UrlMatch::Site, &["http://localhost:3000", "http://localhost:3001"], FOREIGN),
    ("http://localhost:3000/", UrlMatch::Site, &["http://app.localhost:3000"], SITE),
    ("http://127.0.0.1:3000/", UrlMatch::Site, &["http://localhost:3000"], SITE),
    ("https://192.168.1.1/", UrlMatch::Site, &["http://192.168.1.1"], INSECURE),
    ("http://192.168.1.1/", UrlMatch::Site, &["http://192.168.1.1"], OK),
    ("http://192.168.1.1/", UrlMatch::Site, &["http://192.168.1.11"], SITE),
    ("http://192.168.1.1/", UrlMatch::Site, &["http://192.168.1.1", "http://10.168.1.1"], FOREIGN),
    ("https://orchard.test:8443/", UrlMatch::Site, &["https://orchard.test:8443"], OK),
    ("https://orchard.test:8443/", UrlMatch::Site, &["https://orchard.test"], SITE),
    ("https://orchard.test:8443/", UrlMatch::Site, &["https://orchard.test:8443", "https://orchard.test"], OK),
    ("https://bücher.example/", UrlMatch::Site, &["https://xn--bcher-kva.example"], OK),
    ("https://orchard.test/", UrlMatch::Site, &["https://xn--rchard-gya.test"], SITE),
    ("https://orchard.test/", UrlMatch::Site, &["https://orchard.test."], SITE),
];

#[test]
fn gate_opens_for_the_site_of_the_item_only() {
    for (url, rule, origins, want) in TABLE {
        let (item, frame) = (item(&[(url, *rule)]), frame(origins));
        let got = may_release(&item, Target::Page(&frame), ACT);
        assert_eq!(got, *want, "{url} {rule:?} {origins:?}");
        // The same without the user is never anything but a refusal.
        assert_eq!(
            may_release(&item, Target::Page(&frame), None),
            NO_ACT,
            "{url} {origins:?}"
        );
    }
    const { assert!(TABLE.len() >= 40) };
}

#[test]
fn any_address_of_the_item_may_fit() {
    let item = item(&[
        ("http://old.test/", UrlMatch::Site),
        ("https://orchard.test/", UrlMatch::Site),
    ]);
    let page = |origin: &str| may_release(&item, Target::Page(&frame(&[origin])), ACT);
    assert_eq!(page("https://orchard.test"), OK);
    assert_eq!(page("http://old.test"), OK);
    assert_eq!(page("http://orchard.test"), INSECURE);
    assert_eq!(page("https://other.test"), SITE);
}

#[test]
fn item_without_address_goes_into_no_page() {
    let page = frame(&["https://orchard.test"]);
    assert_eq!(may_release(&item(&[]), Target::Page(&page), ACT), SITE);
    assert_eq!(
        may_release(
            &item(&[("no address", UrlMatch::Site)]),
            Target::Page(&page),
            ACT
        ),
        SITE
    );
}

#[test]
fn the_users_eyes_need_the_users_act() {
    let item = item(&[]);
    assert_eq!(may_release(&item, Target::TrustedUi, ACT), OK);
    assert_eq!(
        may_release(&item, Target::TrustedUi, Some(UserAct::Shortcut)),
        OK
    );
    assert_eq!(may_release(&item, Target::TrustedUi, None), NO_ACT);
    assert_eq!(may_release(&item, Target::Seal, None), OK);
}
