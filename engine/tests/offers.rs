//! Offers to save or change what was typed into a page.

use std::error::Error;

use engine::{Engine, EngineError, NoOffer, Offer, Submission};
use proto::{
    bridge::popup::{OfferKind, Settings},
    error::ErrorCode,
    ids::{ItemId, OfferId},
    vault::{ItemSecrets, SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items::login,
    node::MemoryNode,
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;

const ORCHARD: &str = "https://www.orchard.test";
const MINUTE: u64 = 60_000;

fn device() -> Device {
    Device::new(&MemoryNode::new(1), 2)
}

fn typed(
    page: &str,
    username: &str,
    password: &str,
    new: &str,
) -> Result<Submission, Box<dyn Error>> {
    Ok(Submission {
        origin: page.parse()?,
        username: SecretText::new(username),
        password: SecretText::new(password),
        new_password: SecretText::new(new),
    })
}

fn consider(
    engine: &Engine<Device>,
    page: &str,
    [username, password, new]: [&str; 3],
) -> Result<Offer, Box<dyn Error>> {
    Ok(finish(
        engine.consider(typed(page, username, password, new)?),
    )?)
}

/// The offer's id, whatever it offers.
fn id(offer: &Offer) -> Option<OfferId> {
    match offer {
        Offer::Save { id, .. } | Offer::Update { id, .. } => Some(*id),
        Offer::None(_) => None,
    }
}

fn updated(offer: &Offer) -> Option<ItemId> {
    match offer {
        Offer::Update { item, .. } => Some(*item),
        _ => None,
    }
}

fn password(engine: &Engine<Device>, id: ItemId) -> Result<String, EngineError> {
    // EXPOSE: a test looks at it.
    Ok(finish(engine.reveal(id, &SecretField::Password))?
        .value
        .expose_secret()
        .to_owned())
}

fn offers(device: &Device) -> usize {
    let keys = device.store.contents().into_keys();
    keys.filter(|key| key.starts_with("offer/")).count()
}

#[test]
fn new_login_is_offered_and_saved_once() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let offer = consider(&engine, ORCHARD, [" ada ", "hunter-pear-2", ""])?;
    let id = id(&offer).ok_or("no offer")?;
    let want = Offer::Save {
        id,
        title: "orchard.test".to_owned(),
        username: "ada".to_owned(),
        url: "https://www.orchard.test/".to_owned(),
    };
    assert_eq!(offer, want);
    assert_eq!(
        finish(engine.search("", 0, 1))?.total,
        0,
        "nothing is saved unasked"
    );
    for value in device.store.contents().values() {
        let text = String::from_utf8_lossy(value);
        assert!(!text.contains("hunter-pear-2") && !text.contains("orchard"));
    }
    // The worker dies; the offer is still there.
    let engine = device.open()?;
    let listed = finish(engine.offers())?;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].id, &*listed[0].site, &*listed[0].username),
        (id, "orchard.test", "ada")
    );
    assert_eq!(listed[0].kind, OfferKind::Save);
    let saved = finish(engine.accept_offer(id, "ada.pear"))?;
    assert_eq!(
        finish(engine.accept_offer(id, "ada.pear"))?,
        saved,
        "accepted twice"
    );
    let view = finish(engine.item(saved.id))?;
    assert_eq!(
        (
            &*view.overview.title,
            &*view.overview.subtitle,
            &*view.overview.urls[0].url
        ),
        ("orchard.test", "ada.pear", "https://www.orchard.test/")
    );
    assert!(view.overview.has_password);
    assert_eq!(password(&engine, saved.id)?, "hunter-pear-2");
    assert_eq!(
        (
            finish(engine.offers())?.len(),
            finish(engine.search("", 0, 1))?.total
        ),
        (0, 1)
    );
    assert_eq!(finish(engine.sync())?.pushed, 1);
    let again = consider(&engine, ORCHARD, ["ada.pear", "hunter-pear-2", ""])?;
    assert_eq!(again, Offer::None(NoOffer::Unchanged));
    Ok(())
}

#[test]
fn changed_password_changes_its_login_and_nothing_else_of_it() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let mut draft = login("Orchard", "ada", "old", "https://orchard.test/in");
    if let ItemSecrets::Login { totp, notes, .. } = &mut draft.secrets {
        (*totp, *notes) = (SecretText::new("GEZDGNBVGY3TQOJQ"), SecretText::new("n"));
    }
    let item = finish(engine.save(draft))?.id;
    let before = finish(engine.edit(item))?;
    let offer = consider(&engine, ORCHARD, ["Ada", "new", ""])?;
    assert_eq!(updated(&offer), Some(item));
    let listed = finish(engine.offers())?;
    let title = "Orchard".to_owned();
    assert_eq!(listed[0].kind, OfferKind::Update { item, title });
    assert_eq!(listed[0].username, "ada");
    device.clock.advance(1_000);
    let saved = finish(engine.accept_offer(id(&offer).ok_or("no offer")?, ""))?;
    assert_eq!((saved.id, saved.version.0), (item, 2));
    let mut after = finish(engine.edit(item))?;
    if let ItemSecrets::Login { password, .. } = &mut after.secrets {
        assert_eq!(*password, SecretText::new("new"));
        *password = SecretText::new("old");
    }
    assert_eq!(
        (after.title, after.subtitle, after.urls, after.secrets),
        (before.title, before.subtitle, before.urls, before.secrets)
    );
    Ok(())
}

#[test]
fn change_of_a_password_finds_its_login_by_the_present_one() -> Outcome {
    let engine = device().create("ada@localhost")?;
    let ada = finish(engine.save(login("A", "ada", "one", ORCHARD)))?.id;
    let bob = finish(engine.save(login("B", "bob", "two", ORCHARD)))?.id;
    finish(engine.save(login("C", "eve", "three", "https://other.test")))?;
    let change = |present, new| consider(&engine, ORCHARD, ["", present, new]);
    assert_eq!(updated(&change("two", "new")?), Some(bob));
    assert_eq!(updated(&change("one", "new")?), Some(ada));
    assert_eq!(
        updated(&change("one", "two")?),
        Some(ada),
        "though bob has that one"
    );
    assert_eq!(change("one", "one")?, Offer::None(NoOffer::Unchanged));
    // The login of another site has no say.
    assert!(matches!(change("three", "new")?, Offer::Save { .. }));
    Ok(())
}

#[test]
fn login_that_is_gone_by_then_is_saved_anew() -> Outcome {
    let engine = device().create("ada@localhost")?;
    let item = finish(engine.save(login("A", "ada", "one", ORCHARD)))?.id;
    let offer = consider(&engine, ORCHARD, ["ada", "two", ""])?;
    finish(engine.delete(item))?;
    assert_eq!(finish(engine.offers())?[0].kind, OfferKind::Save);
    let saved = finish(engine.accept_offer(id(&offer).ok_or("no offer")?, "ada"))?;
    assert_ne!(saved.id, item);
    assert_eq!(password(&engine, saved.id)?, "two");
    Ok(())
}

#[test]
fn login_of_another_host_or_port_is_not_overwritten() -> Outcome {
    let engine = device().create("ada@localhost")?;
    let item = finish(engine.save(login("A", "ada", "one", ORCHARD)))?.id;
    for page in ["https://staging.orchard.test", "https://orchard.test:8443"] {
        let offer = consider(&engine, page, ["ada", "two", ""])?;
        assert!(matches!(offer, Offer::Save { .. }), "{page}");
        let known = consider(&engine, page, ["ada", "one", ""])?;
        assert_eq!(known, Offer::None(NoOffer::Unchanged), "{page}");
        // Whoever knows the present one may change it.
        let changed = consider(&engine, page, ["ada", "one", "two"])?;
        assert_eq!(updated(&changed), Some(item), "{page}");
    }
    let offer = consider(&engine, "https://orchard.test", ["ada", "two", ""])?;
    assert_eq!(updated(&offer), Some(item), "www. makes no difference");
    Ok(())
}

#[test]
fn replaced_password_is_kept() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let mut draft = login("A", "ada", "one", ORCHARD);
    if let ItemSecrets::Login { notes, .. } = &mut draft.secrets {
        *notes = SecretText::new("a note");
    }
    finish(engine.save(draft))?;
    let offer = consider(&engine, ORCHARD, ["ada", "two", ""])?;
    finish(engine.keep_generated(&ORCHARD.parse()?, &SecretText::new("two")))?;
    assert_eq!(
        finish(engine.generated())?.len(),
        1,
        "not before the answer"
    );
    device.clock.advance(1);
    finish(engine.accept_offer(id(&offer).ok_or("no offer")?, ""))?;
    let kept = finish(device.open()?.generated())?;
    let marks: Vec<_> = kept
        .iter()
        .map(|kept| (&*kept.site, kept.replaced))
        .collect();
    assert_eq!(marks, [("orchard.test", true), ("orchard.test", false)]);
    let value = finish(engine.reveal_generated(kept[0].id))?.value;
    assert_eq!(value, SecretText::new("one"));
    // A login that had none has left none.
    finish(engine.save(login("B", "bob", "", ORCHARD)))?;
    let offer = consider(&engine, ORCHARD, ["bob", "two", ""])?;
    finish(engine.accept_offer(id(&offer).ok_or("no offer")?, ""))?;
    assert_eq!(finish(engine.generated())?.len(), 2);
    Ok(())
}

#[test]
fn http_form_is_told_as_one_and_never_beside_an_https_login() -> Outcome {
    let engine = device().create("ada@localhost")?;
    finish(engine.save(login("A", "ada", "one", ORCHARD)))?;
    for username in ["ada", "eve"] {
        for page in ["http://www.orchard.test", "http://orchard.test:8080"] {
            let offer = consider(&engine, page, [username, "two", ""])?;
            assert_eq!(offer, Offer::None(NoOffer::Insecure), "{page}");
        }
    }
    let title = |page| -> Result<_, Box<dyn Error>> {
        Ok(match consider(&engine, page, ["ada", "two", ""])? {
            Offer::Save { title, .. } => title,
            other => format!("{other:?}"),
        })
    };
    assert_eq!(title("http://printer.test")?, "http://printer.test");
    assert_eq!(finish(engine.offers())?[0].site, "http://printer.test");
    assert_eq!(title("http://localhost:3000")?, "localhost:3000");
    assert_eq!(title("https://printer.test")?, "printer.test");
    Ok(())
}

#[test]
fn login_that_is_no_more_for_the_page_is_not_changed() -> Outcome {
    let engine = device().create("ada@localhost")?;
    let item = finish(engine.save(login("A", "ada", "one", ORCHARD)))?.id;
    let offer = consider(&engine, ORCHARD, ["ada", "two", ""])?;
    let mut draft = finish(engine.edit(item))?;
    draft.urls = login("A", "", "", "https://moved.test").urls;
    finish(engine.save(draft))?;
    assert_eq!(finish(engine.offers())?[0].kind, OfferKind::Save);
    let offer = id(&offer).ok_or("no offer")?;
    let saved = finish(engine.accept_offer(offer, ""))?;
    assert_ne!(saved.id, item);
    assert_eq!(password(&engine, item)?, "one");
    let view = finish(engine.item(saved.id))?.overview;
    assert_eq!((&*view.subtitle, &*view.title), ("ada", "orchard.test"));
    // What was saved and is deleted is not said to be there.
    finish(engine.delete(saved.id))?;
    let gone = finish(engine.accept_offer(offer, "")).err();
    assert_eq!(gone, Some(EngineError::ItemMissing));
    Ok(())
}

#[test]
fn offer_waits_ten_minutes_and_longer_once_it_was_shown() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let seen = consider(&engine, ORCHARD, ["ada", "one", ""])?;
    let seen = id(&seen).ok_or("no offer")?;
    let unseen = consider(&engine, "https://other.test", ["ada", "one", ""])?;
    let unseen = id(&unseen).ok_or("no offer")?;
    finish(engine.offer_shown(seen))?;
    device.clock.advance(10 * MINUTE);
    assert_eq!(finish(engine.offers())?.len(), 2);
    device.clock.advance(1);
    let left: Vec<_> = finish(engine.offers())?
        .into_iter()
        .map(|offer| offer.id)
        .collect();
    assert_eq!(left, [seen]);
    let gone = Some(EngineError::ItemMissing);
    assert_eq!(finish(engine.accept_offer(unseen, "ada")).err(), gone);
    assert_eq!(finish(engine.offer_shown(unseen)).err(), gone);
    finish(engine.lock());
    finish(engine.unlock(&SecretText::new(PASSWORD)))?;
    assert_eq!(offers(&device), 1, "what is over is not kept");
    finish(engine.accept_offer(seen, "ada"))?;
    Ok(())
}

#[test]
fn nothing_is_remembered_while_locked() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let offer = consider(&engine, ORCHARD, ["ada", "one", ""])?;
    let id = id(&offer).ok_or("no offer")?;
    finish(engine.lock());
    let before = (device.store.contents(), device.session.slots());
    let locked = consider(&engine, ORCHARD, ["bob", "two", ""])?;
    assert_eq!(locked, Offer::None(NoOffer::Locked));
    assert!((device.store.contents(), device.session.slots()) == before);
    for result in [
        finish(engine.offers()).map(drop),
        finish(engine.accept_offer(id, "")).map(drop),
        finish(engine.dismiss_offer(id)),
        finish(engine.never_offer(id)),
        finish(engine.never_list()).map(drop),
        finish(engine.add_never("a.test")),
    ] {
        assert_eq!(result, Err(EngineError::Locked));
    }
    finish(engine.unlock(&SecretText::new(PASSWORD)))?;
    assert_eq!(
        finish(engine.offers())?.len(),
        1,
        "what was offered before is still there"
    );
    Ok(())
}

#[test]
fn values_of_a_hostile_page_are_bounded() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let long = "x".repeat(1_025);
    let name = "x".repeat(201);
    for values in [
        ["ada", &long, ""],
        ["ada", "one", &long],
        [&long, "one", ""],
        [&name, "one", ""],
        ["a\nda", "one", ""],
        ["ada", "o\0ne", ""],
        ["ada", "one", "t\x1bwo"],
    ] {
        assert_eq!(
            consider(&engine, ORCHARD, values)?,
            Offer::None(NoOffer::Unusable)
        );
    }
    assert_eq!(
        consider(&engine, ORCHARD, ["ada", "", ""])?,
        Offer::None(NoOffer::NoPassword)
    );
    assert_eq!(offers(&device), 0);
    let offer = consider(&engine, ORCHARD, ["ada", "one", ""])?;
    let id = id(&offer).ok_or("no offer")?;
    for username in ["a\nb", &name] {
        let refused = finish(engine.accept_offer(id, username))
            .err()
            .map(|e| e.code());
        assert_eq!(refused, Some(ErrorCode::ItemInvalid));
    }
    Ok(())
}

#[test]
fn offers_are_few_and_the_newest() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    for password in ["one", "two", "three"] {
        consider(&engine, ORCHARD, ["ada", password, ""])?;
        device.clock.advance(1);
    }
    assert_eq!(offers(&device), 1, "one for each user name of a site");
    consider(&engine, "https://login.orchard.test", ["bob", "x", ""])?;
    assert_eq!(offers(&device), 2);
    // One site cannot crowd out the others.
    device.clock.advance(1);
    consider(&engine, "https://other.test", ["ada", "x", ""])?;
    for n in 0..10 {
        device.clock.advance(1);
        let page = format!("https://host-{n}.orchard.test");
        consider(&engine, &page, [&format!("user-{n}"), "x", ""])?;
    }
    let names: Vec<_> = finish(engine.offers())?
        .into_iter()
        .map(|offer| offer.username)
        .collect();
    assert_eq!(names, ["user-9", "user-8", "user-7", "ada"]);
    for n in 0..25 {
        device.clock.advance(1);
        consider(&engine, &format!("https://site-{n}.test"), ["ada", "x", ""])?;
    }
    let sites: Vec<_> = finish(engine.offers())?
        .into_iter()
        .map(|offer| offer.site)
        .collect();
    assert_eq!((sites.len(), offers(&device)), (20, 20));
    assert_eq!((&*sites[0], &*sites[19]), ("site-24.test", "site-5.test"));
    Ok(())
}

#[test]
fn sites_that_are_never_offered_for_are_listed_and_forgotten() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let offer = consider(&engine, ORCHARD, ["ada", "one", ""])?;
    consider(&engine, "https://login.orchard.test", ["bob", "one", ""])?;
    consider(&engine, "https://other.test", ["bob", "one", ""])?;
    finish(engine.never_offer(id(&offer).ok_or("no offer")?))?;
    let left: Vec<_> = finish(engine.offers())?
        .into_iter()
        .map(|offer| offer.site)
        .collect();
    assert_eq!(left, ["other.test"], "the site's other offers go too");
    let never = Offer::None(NoOffer::NeverHere);
    assert_eq!(
        consider(&engine, "https://a.orchard.test:8443", ["ada", "x", ""])?,
        never
    );
    finish(engine.add_never("http://localhost:3000/admin"))?;
    finish(engine.add_never(" WWW.bücher.example "))?;
    finish(engine.add_never("bücher.example"))?;
    let listed = ["localhost:3000", "orchard.test", "xn--bcher-kva.example"];
    assert_eq!(finish(device.open()?.never_list())?, listed);
    assert_eq!(
        consider(&engine, "http://localhost:3000", ["ada", "x", ""])?,
        never
    );
    assert!(
        id(&consider(
            &engine,
            "http://localhost:3001",
            ["ada", "x", ""]
        )?)
        .is_some()
    );
    for bad in ["", "ftp://a.test", "a b", &"x".repeat(500)] {
        let refused = finish(engine.add_never(bad)).err().map(|e| e.code());
        assert_eq!(refused, Some(ErrorCode::ItemInvalid), "{bad}");
    }
    finish(engine.forget_never("orchard.test"))?;
    assert!(id(&consider(&engine, ORCHARD, ["ada", "x", ""])?).is_some());
    for n in 0..501 {
        finish(engine.add_never(&format!("site-{n:03}.test")))?;
    }
    let listed = finish(engine.never_list())?;
    assert_eq!(
        (listed.len(), &*listed[0]),
        (500, "site-001.test"),
        "the oldest go"
    );
    Ok(())
}

#[test]
fn nothing_is_offered_where_the_user_wants_none() -> Outcome {
    let engine = device().create("ada@localhost")?;
    finish(engine.set_settings(Settings {
        offer_to_save: false,
        ..Settings::default()
    }))?;
    assert_eq!(
        consider(&engine, ORCHARD, ["ada", "x", ""])?,
        Offer::None(NoOffer::Off)
    );
    Ok(())
}

#[test]
fn offer_under_another_name_does_not_open() -> Outcome {
    let device = device();
    let engine = device.create("ada@localhost")?;
    let one = id(&consider(&engine, ORCHARD, ["ada", "one", ""])?).ok_or("no offer")?;
    device.clock.advance(1);
    let other = id(&consider(
        &engine,
        "https://other.test",
        ["ada", "two", ""],
    )?)
    .ok_or("none")?;
    let stolen = device
        .store
        .contents()
        .get(&format!("offer/{other}"))
        .cloned();
    device.store.tamper(&format!("offer/{one}"), stolen);
    assert_eq!(finish(engine.offers())?.len(), 1);
    let refused = finish(engine.accept_offer(one, "ada")).err();
    assert_eq!(refused, Some(EngineError::ItemMissing));
    Ok(())
}

#[test]
fn settings_of_an_older_version_are_read() -> Outcome {
    let mut json = serde_json::to_value(Settings::default())?;
    let object = json.as_object_mut().ok_or("no object")?;
    object.remove("inlineMenu");
    object.remove("offerToSave");
    assert_eq!(
        serde_json::from_value::<Settings>(json)?,
        Settings::default()
    );
    assert!(Settings::default().inline_menu && Settings::default().offer_to_save);
    Ok(())
}
