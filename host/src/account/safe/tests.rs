use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, PoisonError, mpsc},
};

use super::{
    keyring::{Ring, RingError, Secret},
    *,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A keyring in memory.
#[derive(Default)]
struct Fake {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    fault: Mutex<Option<Fault>>,
    mended: Condvar,
    removed: Mutex<Option<mpsc::Sender<()>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It refuses.
    Locked,
    /// It does not answer until it is mended.
    Hangs,
    /// It takes what it does not keep.
    Forgetful,
}

impl Fake {
    fn set_fault(&self, fault: Option<Fault>) {
        *lock(&self.fault) = fault;
        self.mended.notify_all();
    }

    fn pass(&self) -> Result<Option<Fault>, RingError> {
        let mut fault = lock(&self.fault);
        while *fault == Some(Fault::Hangs) {
            fault = self
                .mended
                .wait(fault)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match *fault {
            Some(Fault::Locked) => Err(RingError),
            other => Ok(other),
        }
    }
}

impl Ring for Arc<Fake> {
    fn get(&self, entry: &str) -> Result<Option<Secret>, RingError> {
        self.pass()?;
        Ok(lock(&self.kept).get(entry).cloned().map(Zeroizing::new))
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), RingError> {
        if self.pass()? != Some(Fault::Forgetful) {
            lock(&self.kept).insert(entry.to_owned(), secret.to_vec());
        }
        Ok(())
    }

    fn remove(&self, entry: &str) -> Result<(), RingError> {
        self.pass()?;
        lock(&self.kept).remove(entry);
        if let Some(removed) = &*lock(&self.removed) {
            let _ = removed.send(());
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Setting {
    _folder: tempfile::TempDir,
    place: Place,
    ring: Arc<Fake>,
}

impl Setting {
    fn new() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            place: Place::at(folder.path())?,
            _folder: folder,
            ring: Arc::default(),
        })
    }

    /// A host that starts: with the keyring, whose calls may take so long.
    fn safe_within(&self, limit: Duration) -> Safe {
        Safe {
            place: self.place.clone(),
            keyring: Some(Bounded::new(Arc::new(Arc::clone(&self.ring)), limit)),
        }
    }

    fn safe(&self) -> Safe {
        self.safe_within(Duration::from_mins(10))
    }

    /// Without any.
    fn safe_alone(&self) -> Safe {
        Safe {
            place: self.place.clone(),
            keyring: None,
        }
    }

    fn file(&self) -> io::Result<String> {
        std::fs::read_to_string(self.place.file("database.key"))
    }
}

fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::init_with(|key| key.fill(byte))
}

fn password() -> SecretText {
    SecretText::new("hunter2")
}

fn ada() -> Result<Address, proto::address::AddressError> {
    "ada@example.com".parse()
}

fn is_in_keyring(safe: &Safe, byte: u8) -> Result<bool, SafeError> {
    Ok(matches!(safe.find()?, Found::Keyring(found) if found.ct_eq(&key(byte))))
}

#[test]
fn a_key_is_kept_in_the_keyring_and_nothing_of_it_on_the_disk() -> Outcome {
    let setting = Setting::new()?;
    let safe = setting.safe();
    assert!(matches!(safe.find()?, Found::Nothing));
    assert_eq!(safe.keep(&key(7), &ada()?, &password())?, Kept::Keyring);
    assert!(is_in_keyring(&setting.safe(), 7)?);
    let file = setting.file()?;
    assert!(!file.contains("sealed") && !file.contains("07070707"));
    // The one before leaves the keyring.
    assert_eq!(safe.keep(&key(8), &ada()?, &password())?, Kept::Keyring);
    assert!(is_in_keyring(&safe, 8)?);
    assert_eq!(lock(&setting.ring.kept).len(), 1);
    assert_eq!(safe.reseal(&key(8), &ada()?, &password())?, Kept::Keyring);
    assert!(matches!(
        safe.open_sealed(&password()),
        Err(SafeError::NotSealed)
    ));
    assert!(safe.forget()?);
    assert_eq!(lock(&setting.ring.kept).len(), 0);
    assert!(matches!(safe.find()?, Found::Nothing));
    assert!(safe.forget()?);
    Ok(())
}

#[test]
fn without_a_keyring_the_password_opens_it_and_no_other_does() -> Outcome {
    let setting = Setting::new()?;
    let safe = setting.safe_alone();
    assert_eq!(safe.keep(&key(7), &ada()?, &password())?, Kept::Sealed);
    assert!(matches!(safe.find()?, Found::Sealed { account } if account == ada()?));
    assert!(safe.open_sealed(&password())?.ct_eq(&key(7)));
    let wrong = SecretText::new("hunter3");
    assert!(matches!(
        safe.open_sealed(&wrong),
        Err(SafeError::WrongPassword)
    ));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(setting.place.file("database.key"))?.permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
    // Where a keyring comes later, it stays where it is.
    assert!(matches!(setting.safe().find()?, Found::Sealed { .. }));
    let before = setting.file()?;
    assert_eq!(safe.reseal(&key(7), &ada()?, &wrong)?, Kept::Sealed);
    assert_ne!(setting.file()?, before);
    assert!(safe.open_sealed(&wrong)?.ct_eq(&key(7)));
    assert!(matches!(
        safe.open_sealed(&password()),
        Err(SafeError::WrongPassword)
    ));
    assert!(safe.forget()?);
    assert!(matches!(safe.find()?, Found::Nothing));
    Ok(())
}

#[test]
fn a_file_that_was_changed_opens_nothing() -> Outcome {
    let setting = Setting::new()?;
    let safe = setting.safe_alone();
    safe.keep(&key(7), &ada()?, &password())?;
    let whole = setting.file()?;
    let change = |text: &str| std::fs::write(setting.place.file("database.key"), text);

    change(&whole.replace("ada@", "eve@"))?;
    assert!(matches!(
        safe.open_sealed(&password()),
        Err(SafeError::WrongPassword)
    ));
    for damaged in [
        String::new(),
        whole[..whole.len() - 1].to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("\"version\":1", "\"version\":2"),
        whole.replace("pearvault-database-key", "another"),
        whole.replace("\"kept\"", "\"more\":1,\"kept\""),
    ] {
        assert_ne!(damaged, whole);
        change(&damaged)?;
        assert!(matches!(safe.find(), Err(SafeError::Damaged)), "{damaged}");
        assert!(matches!(
            safe.open_sealed(&password()),
            Err(SafeError::Damaged)
        ));
    }
    change(&whole)?;
    assert!(safe.open_sealed(&password())?.ct_eq(&key(7)));
    // A damaged one can be written over, and forgotten.
    change("{")?;
    assert_eq!(safe.keep(&key(8), &ada()?, &password())?, Kept::Sealed);
    assert!(safe.open_sealed(&password())?.ct_eq(&key(8)));
    change("{")?;
    assert!(safe.forget()?);
    assert!(matches!(safe.find()?, Found::Nothing));
    Ok(())
}

#[test]
fn a_key_that_cannot_be_kept_leaves_the_one_before() -> Outcome {
    let setting = Setting::new()?;
    let safe = setting.safe();
    safe.keep(&key(7), &ada()?, &password())?;
    // In the way of a file that is written.
    let new = setting.place.file("database.key.new");
    std::fs::create_dir(&new)?;
    assert!(matches!(
        safe.keep(&key(8), &ada()?, &password()),
        Err(SafeError::Io(_))
    ));
    assert!(is_in_keyring(&safe, 7)?);
    assert_eq!(lock(&setting.ring.kept).len(), 1);
    std::fs::remove_dir(&new)?;
    // To the file, and back.
    setting.ring.set_fault(Some(Fault::Forgetful));
    assert_eq!(safe.keep(&key(8), &ada()?, &password())?, Kept::Sealed);
    setting.ring.set_fault(None);
    assert_eq!(safe.keep(&key(9), &ada()?, &password())?, Kept::Keyring);
    assert!(is_in_keyring(&safe, 9)?);
    Ok(())
}

#[test]
fn a_keyring_that_refuses_or_forgets_is_none() -> Outcome {
    for fault in [Fault::Locked, Fault::Forgetful] {
        let setting = Setting::new()?;
        setting.ring.set_fault(Some(fault));
        let safe = setting.safe();
        assert_eq!(safe.keep(&key(7), &ada()?, &password())?, Kept::Sealed);
        assert!(safe.open_sealed(&password())?.ct_eq(&key(7)));
    }
    Ok(())
}

#[test]
fn a_key_that_the_keyring_does_not_give_is_told_from_one_that_is_lost() -> Outcome {
    let setting = Setting::new()?;
    let safe = setting.safe();
    safe.keep(&key(7), &ada()?, &password())?;
    setting.ring.set_fault(Some(Fault::Locked));
    assert!(matches!(safe.find()?, Found::Unreachable));
    assert!(matches!(setting.safe_alone().find()?, Found::Unreachable));
    setting.ring.set_fault(None);
    assert!(is_in_keyring(&safe, 7)?);
    for bytes in lock(&setting.ring.kept).values_mut() {
        bytes.pop();
    }
    assert!(matches!(safe.find()?, Found::Lost));
    lock(&setting.ring.kept).clear();
    assert!(matches!(safe.find()?, Found::Lost));
    setting.ring.set_fault(Some(Fault::Locked));
    assert!(!safe.forget()?, "it may still have it");
    assert!(matches!(safe.find()?, Found::Nothing));
    Ok(())
}

#[test]
fn a_keyring_that_hangs_holds_nobody_up() -> Outcome {
    let setting = Setting::new()?;
    setting.safe().keep(&key(7), &ada()?, &password())?;
    setting.ring.set_fault(Some(Fault::Hangs));
    let safe = setting.safe_within(Duration::from_millis(1));
    assert!(matches!(safe.find()?, Found::Unreachable));
    // The call from before is still out: no second one waits beside it.
    let patient = Safe {
        place: setting.place.clone(),
        keyring: safe
            .keyring
            .map(|ring| ring.within(Duration::from_mins(10))),
    };
    assert!(matches!(patient.find()?, Found::Unreachable));
    setting.ring.set_fault(None);
    Ok(())
}

#[test]
fn what_a_keyring_takes_too_late_is_removed_again() -> Outcome {
    let setting = Setting::new()?;
    setting.ring.set_fault(Some(Fault::Hangs));
    let (removed, was_removed) = mpsc::channel();
    *lock(&setting.ring.removed) = Some(removed);
    let safe = setting.safe_within(Duration::from_millis(1));
    assert_eq!(safe.keep(&key(7), &ada()?, &password())?, Kept::Sealed);
    setting.ring.set_fault(None);
    was_removed.recv_timeout(Duration::from_mins(1))?;
    assert_eq!(lock(&setting.ring.kept).len(), 0);
    assert!(safe.open_sealed(&password())?.ct_eq(&key(7)));
    Ok(())
}

/// With the real one, which may ask the user and keeps what it was given: only where somebody says so.
#[test]
fn the_systems_keyring_keeps_a_key() -> Outcome {
    if std::env::var_os("PEARVAULT_TEST_KEYRING").is_none() {
        println!("skipped: the system's keyring: PEARVAULT_TEST_KEYRING is not set");
        return Ok(());
    }
    let setting = Setting::new()?;
    let safe = Safe::of(&setting.place);
    assert_eq!(safe.keep(&key(7), &ada()?, &password())?, Kept::Keyring);
    assert!(is_in_keyring(&Safe::of(&setting.place), 7)?);
    assert_eq!(safe.keep(&key(8), &ada()?, &password())?, Kept::Keyring);
    assert!(is_in_keyring(&safe, 8)?);
    let file = setting.file()?;
    assert!(safe.forget()?);
    std::fs::write(setting.place.file("database.key"), file)?;
    assert!(matches!(safe.find()?, Found::Lost));
    assert!(safe.forget()?);
    Ok(())
}
