//! Locks as the system does: hears on D-Bus that the screen is locked or the computer goes to sleep.
//!
//! ```text
//! system bus    org.freedesktop.login1    PrepareForSleep · Lock and LockedHint of the own session
//! session bus   …ScreenSaver              ActiveChanged
//! ```
//! An extension tells of a locked screen, too (`chrome.idle`); it may sleep, and hears of no computer that
//! does. Without a bus nothing happens, and one that is gone is looked for ever more rarely.
//!
//! **Invariant:** a signal counts by who has sent it, as the bus says: the one that has the name. A match
//! rule alone would not do, for a signal that is sent to us by address passes all rules. **Invariant:** the
//! computer does not fall asleep before the vault is closed, as long as logind waits for us (5 s by
//! default).
//!
//! Sources: `org.freedesktop.login1(5)`; the D-Bus specification, *Message Bus Messages*; the idle inhibition
//! interface of freedesktop.org.

mod login;
mod owners;

use std::{rc::Rc, time::Duration};

use engine::Backoff;
use futures_util::StreamExt as _;
use tokio::{
    select,
    task::{spawn_local, yield_now},
    time::{Instant, interval_at, sleep},
};
use zbus::{MatchRule, Message, MessageStream, connection, fdo::DBusProxy, message};

use self::{login::Login, owners::Owners};
use super::{desk::Desk, keeping};

/// How long a bus, or who is asked over it, may take to answer.
const ANSWERS: Duration = Duration::from_secs(10);
/// Between two attempts to be waited for when the computer is to sleep, where that was refused.
const HOLDS_AGAIN: Duration = Duration::from_mins(1);
/// A bus that stood for so long is looked for at once when it is gone.
const STANDS: Duration = Duration::from_mins(1);
/// Those that tell of a locked screen, and where. The last two have it as GNOME has.
const SCREENS: [(&str, &str); 5] = [
    (
        "org.freedesktop.ScreenSaver",
        "/org/freedesktop/ScreenSaver",
    ),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
];

/// Which bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bus {
    System,
    Session,
}

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// The screen is locked, or is to be.
    Locks,
    /// The computer goes to sleep.
    Sleeps,
    /// It is awake.
    Wakes,
    /// Another login manager is there.
    Began,
}

/// Hears of both buses for as long as the thread lives.
pub(super) fn hear(desk: &Rc<Desk>) {
    for bus in [Bus::System, Bus::Session] {
        let desk = Rc::clone(desk);
        spawn_local(async move {
            let mut backoff = Backoff::default();
            loop {
                let began = Instant::now();
                // There is none, or it is gone: nobody could do anything about it here.
                let _ = listen(&desk, bus).await;
                if began.elapsed() >= STANDS {
                    backoff.reset();
                }
                let pause = backoff.pause(keeping::random());
                sleep(Duration::from_millis(pause.into())).await;
            }
        });
    }
}

/// Hears of one bus until it is gone.
async fn listen(desk: &Rc<Desk>, bus: Bus) -> zbus::Result<()> {
    let builder = match bus {
        Bus::System => connection::Builder::system()?,
        Bus::Session => connection::Builder::session()?,
    };
    let connection = builder.method_timeout(ANSWERS).build().await?;
    // From here on nothing is missed that the rules let through.
    let mut messages = MessageStream::from(&connection);
    let daemon = DBusProxy::new(&connection).await?;
    let mut owners = Owners::default();
    let mut login = None;
    match bus {
        Bus::System => {
            owners.watch(&daemon, login::NAME).await?;
            let new = login.insert(Login::of(&connection, &daemon).await?);
            new.greet(&daemon).await;
        }
        Bus::Session => {
            for (name, path) in SCREENS {
                owners.watch(&daemon, name).await?;
                let rule = rule(name, path, name, "ActiveChanged")?;
                daemon.add_match_rule(rule).await?;
            }
        }
    }
    let mut again = interval_at(Instant::now() + HOLDS_AGAIN, HOLDS_AGAIN);
    loop {
        let message = select! {
            message = messages.next() => message,
            _ = again.tick() => {
                if let Some(login) = &mut login {
                    login.hold_sleep().await;
                }
                continue;
            }
        };
        let Some(message) = message.transpose()? else {
            return Ok(());
        };
        // Whoever sends many keeps the thread from nothing else.
        yield_now().await;
        if message.message_type() != message::Type::Signal {
            continue;
        }
        let news = match &login {
            _ if owners.take(&message) => login.as_ref().map(|_| News::Began),
            Some(login) => login.says(&owners, &message),
            None => screen_says(&owners, &message),
        };
        match (news, &mut login) {
            (Some(News::Locks), _) => desk.system_locks().await,
            (Some(News::Sleeps), login) => {
                desk.system_locks().await;
                if let Some(login) = login {
                    login.let_sleep();
                }
            }
            (Some(News::Wakes), Some(login)) => login.hold_sleep().await,
            (Some(News::Began), Some(login)) => login.greet(&daemon).await,
            _ => {}
        }
    }
}

fn screen_says(owners: &Owners, message: &Message) -> Option<News> {
    let header = message.header();
    let path = header.path()?.as_str();
    let known = SCREENS.iter().any(|(name, at)| {
        *at == path
            && header.interface().is_some_and(|it| it.as_str() == *name)
            && owners.has(name, &header)
    });
    let is_active = known
        && header.member()?.as_str() == "ActiveChanged"
        && message.body().deserialize::<bool>().ok()?;
    is_active.then_some(News::Locks)
}

/// Lets a signal of `sender` through.
fn rule<'a>(
    sender: &'a str,
    path: &'a str,
    interface: &'a str,
    member: &'a str,
) -> zbus::Result<MatchRule<'a>> {
    Ok(MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(sender)?
        .path(path)?
        .interface(interface)?
        .member(member)?
        .build())
}

impl Desk {
    /// The system locks the screen or goes to sleep: as if an extension had said so.
    async fn system_locks(self: &Rc<Self>) {
        self.locks_with_system().await;
        self.settle().await;
    }
}
