use proto::{
    address::{Address, AddressError},
    bridge::popup::{NodeState, PinState, RecoveryState, WorkStage},
    error::WireError,
    ids::UnixMillis,
};

use super::*;

fn address() -> Result<Address, AddressError> {
    "ada@example.com".parse()
}

fn working(task: WorkTask) -> Result<AppStatus, AddressError> {
    Ok(AppStatus::Working {
        address: address()?,
        task,
        stage: WorkStage::Work,
        progress: None,
    })
}

fn unlocked() -> Result<AppStatus, AddressError> {
    Ok(AppStatus::Unlocked {
        address: address()?,
        items: 0,
        node: NodeState::Online,
        pending: 0,
        unreadable: 0,
        synced_at: None,
        sync_problem: None,
        problem: None,
        recovery: RecoveryState::Confirmed,
        pin: PinState::Off,
        unread: 0,
        locks_at: UnixMillis(0),
    })
}

fn empty(code: Option<ErrorCode>) -> AppStatus {
    AppStatus::Empty {
        problem: code.map(WireError::new),
    }
}

#[test]
fn first_status_decides_on_the_first_screen() -> Result<(), AddressError> {
    let first = |status: &AppStatus| step(&Route::Starting, None, status, None);
    assert_eq!(first(&empty(None)), Step::Go(Route::Welcome));
    assert_eq!(first(&working(WorkTask::LogIn)?), Step::Go(Route::Work));
    assert_eq!(
        first(&AppStatus::Locked {
            address: address()?,
            problem: None,
            pin: PinState::Off,
        }),
        Step::Go(Route::Unlock)
    );
    assert_eq!(first(&unlocked()?), Step::Enter);
    Ok(())
}

#[test]
fn only_a_new_account_is_celebrated() -> Result<(), AddressError> {
    let after = |task| -> Result<Step, AddressError> {
        Ok(step(
            &Route::Work,
            Some(&working(task)?),
            &unlocked()?,
            None,
        ))
    };
    assert_eq!(after(WorkTask::CreateAccount)?, Step::Go(Route::Ready));
    assert_eq!(after(WorkTask::LogIn)?, Step::Enter);
    Ok(())
}

#[test]
fn a_code_leads_to_the_recovery_words_or_to_the_locked_keys() -> Result<(), AddressError> {
    let after = |from: &Route, before: &AppStatus, way| -> Result<Step, AddressError> {
        Ok(step(from, Some(before), &unlocked()?, Some(way)))
    };
    let login = working(WorkTask::LogIn)?;
    for (from, before) in [(Route::Code, &empty(None)), (Route::Work, &login)] {
        assert_eq!(after(&from, before, Way::Invited)?, Step::Go(Route::Ready));
        assert_eq!(after(&from, before, Way::Reset)?, Step::Go(Route::Keys));
        assert_eq!(after(&from, before, Way::LogIn)?, Step::Enter);
    }
    // A popup that was closed meanwhile, and an attempt that failed.
    let reset = Some(Way::Reset);
    assert_eq!(
        step(&Route::Starting, None, &unlocked()?, reset),
        Step::Go(Route::Keys)
    );
    let wrong = empty(Some(ErrorCode::CodeWrong));
    assert_eq!(
        step(&Route::Work, Some(&login), &wrong, reset),
        Step::Go(Route::Code)
    );
    assert_eq!(step(&Route::Code, None, &wrong, reset), Step::Stay);
    Ok(())
}

#[test]
fn a_failed_attempt_goes_back_to_where_it_can_be_mended() {
    let after = |code, way| step(&Route::Work, None, &empty(Some(code)), way);
    assert_eq!(
        after(ErrorCode::AddressTaken, Some(Way::Create)),
        Step::Go(Route::Address)
    );
    assert_eq!(
        after(ErrorCode::Cancelled, Some(Way::Create)),
        Step::Go(Route::Password)
    );
    assert_eq!(
        after(ErrorCode::CredentialsWrong, Some(Way::LogIn)),
        Step::Go(Route::LogIn)
    );
    assert_eq!(after(ErrorCode::Cancelled, None), Step::Go(Route::Welcome));
}

#[test]
fn locking_leaves_every_screen_of_the_vault() -> Result<(), AddressError> {
    let locked = AppStatus::Locked {
        address: address()?,
        problem: None,
        pin: PinState::Set { tries_left: 5 },
    };
    let routes = [
        Route::Home,
        Route::Settings,
        Route::Editor(Editing::Draft),
        Route::Conversation(address()?),
        Route::Messages(Shelf::Requests),
    ];
    for route in routes {
        assert_eq!(
            step(&route, Some(&unlocked()?), &locked, None),
            Step::Go(Route::Unlock)
        );
    }
    Ok(())
}

#[test]
fn typing_is_not_interrupted_by_a_status() -> Result<(), AddressError> {
    assert_eq!(
        step(&Route::Password, None, &empty(None), Some(Way::Create)),
        Step::Stay
    );
    let status = unlocked()?;
    assert_eq!(
        step(&Route::Editor(Editing::Draft), Some(&status), &status, None),
        Step::Stay
    );
    Ok(())
}

#[test]
fn the_way_back_leads_through_the_conversation() -> Result<(), AddressError> {
    let mut route = Route::Contact(address()?);
    let mut way = vec![];
    while let Some(parent) = route.parent() {
        way.push(parent.name());
        route = parent;
    }
    assert_eq!(way, ["conversation", "messages", "home"]);
    Ok(())
}

#[test]
fn a_full_page_opens_where_its_address_says() {
    assert_eq!(Route::from_hash("#/settings"), Route::Settings);
    assert_eq!(Route::from_hash("#/why"), Route::Why);
    assert_eq!(Route::from_hash("#/messages"), Route::Messages(Shelf::All));
    assert_eq!(Route::from_hash("#/import"), Route::Import);
    let none = Route::NewMessage(Addressed::NoAddress);
    assert_eq!(Route::from_hash("#/write"), none);
    assert_eq!(Route::from_hash("#/sign-in/12"), Route::SignIn(12));
    assert_eq!(Route::from_hash("#/sign-in/x"), Route::SignIn(0));
    assert_eq!(Route::from_hash(""), Route::Home);
    assert_eq!(Route::from_hash("#/nonsense"), Route::Home);
}

#[test]
fn no_url_names_anybody() -> Result<(), AddressError> {
    for hash in [
        "#/write/ada@b.de",
        "#/contact/ada@b.de",
        "#/messages/ada@b.de",
        "#/to/ada@b.de",
    ] {
        assert_eq!(Route::from_hash(hash), Route::Home, "{hash}");
        assert_eq!(landing_id(hash), None, "{hash}");
    }
    let id = "00112233445566778899aabbccddeeff";
    let found = landing_id(&format!("#/to/{id}")).map(|id| id.to_string());
    assert_eq!(found.as_deref(), Some(id));
    assert_eq!(landing_id(&format!("#/to/{id}0")), None);

    let address = address()?;
    let write = Landing::Write {
        address: address.clone(),
    };
    let screen = Route::of_landing(write);
    assert_eq!(screen, Route::NewMessage(Addressed::To(address.clone())));
    let contact = Landing::Contact {
        address: address.clone(),
    };
    assert_eq!(Route::of_landing(contact), Route::Contact(address));
    Ok(())
}

#[test]
fn a_host_that_is_away_is_told_of_but_where_it_is_connected_anew() -> Result<(), AddressError> {
    let away = AppStatus::Away {
        address: address()?,
        reaching: false,
        problem: None,
    };
    let now = |current: &Route| step(current, Some(&away), &away, None);
    assert_eq!(now(&Route::Starting), Step::Go(Route::Away));
    assert_eq!(now(&Route::Home), Step::Go(Route::Away));
    for stays in [
        Route::Away,
        Route::Host(Opened::AtStart),
        Route::Host(Opened::InSettings),
    ] {
        assert_eq!(now(&stays), Step::Stay);
    }
    // Back again, locked or not.
    let back = step(&Route::Away, Some(&away), &unlocked()?, None);
    assert_eq!(back, Step::Enter);
    Ok(())
}
