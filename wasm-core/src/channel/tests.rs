#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::vectors::Replay;

type TestResult = Result<(), ChannelError>;

/// Bytes that differ by their seed.
fn bytes(seed: u8) -> Vec<u8> {
    let text: Vec<u8> = (0..=255).map(|at| at ^ seed.wrapping_mul(37)).collect();
    text.into_iter()
        .map(|byte| byte.wrapping_add(seed))
        .collect()
}

fn key(seed: u8) -> ChannelKey {
    ChannelKey::from_secret(ChannelSecret::init_with(|secret| {
        secret.copy_from_slice(&bytes(seed)[..32]);
    }))
}

fn begin(
    side: Side,
    own: &ChannelKey,
    expected: Expected,
    seed: u8,
) -> Result<Handshake, ChannelError> {
    let bytes = bytes(seed);
    Handshake::begin(side, own, expected, &mut Replay(&bytes))
}

/// Lets both say all that they have to say.
fn shake(mut one: Handshake, mut other: Handshake) -> Result<(Channel, Channel), ChannelError> {
    while !(one.is_finished() && other.is_finished()) {
        if let Some(message) = one.write()? {
            other.read(&message)?;
        }
        if let Some(message) = other.write()? {
            one.read(&message)?;
        }
    }
    Ok((one.finish()?, other.finish()?))
}

fn paired() -> Result<(Channel, Channel), ChannelError> {
    let (extension, host) = (key(1), key(2));
    shake(
        begin(Side::Extension, &extension, Expected::Anybody, 3)?,
        begin(Side::Host, &host, Expected::Anybody, 4)?,
    )
}

fn known(extension: u8, host: u8, expected: (u8, u8)) -> Result<(Channel, Channel), ChannelError> {
    let to_host = Expected::Known(key(expected.0).public());
    let to_extension = Expected::Known(key(expected.1).public());
    shake(
        begin(Side::Extension, &key(extension), to_host, 5)?,
        begin(Side::Host, &key(host), to_extension, 6)?,
    )
}

/// The text of messages, opened in their order.
fn open_all(channel: &mut Channel, messages: &[Vec<u8>]) -> Result<Option<Vec<u8>>, ChannelError> {
    let mut text = None;
    for message in messages {
        text = channel.open(message)?.map(|text| text.to_vec());
    }
    Ok(text)
}

#[test]
fn pairing_tells_each_side_the_key_of_the_other() -> TestResult {
    let (extension, host) = paired()?;
    assert_eq!(extension.remote(), key(2).public());
    assert_eq!(host.remote(), key(1).public());
    assert_eq!(extension.hash(), host.hash());
    Ok(())
}

#[test]
fn who_was_paired_is_let_in_and_nobody_else() -> TestResult {
    let (extension, host) = known(1, 2, (2, 1))?;
    assert_eq!(extension.remote(), key(2).public());
    assert_eq!(host.remote(), key(1).public());
    // Another program in the place of the host, and in the place of the extension.
    assert!(known(1, 9, (2, 1)).is_err());
    assert!(known(9, 2, (2, 1)).is_err());
    // A host that expects somebody else.
    assert!(known(1, 2, (2, 9)).is_err());
    Ok(())
}

#[test]
fn text_of_any_length_comes_through_in_both_directions() -> TestResult {
    let (mut extension, mut host) = paired()?;
    for length in [
        0,
        1,
        PIECE_MAX_BYTES - 1,
        PIECE_MAX_BYTES,
        PIECE_MAX_BYTES + 1,
        300_000,
    ] {
        let text: Vec<u8> = (0..length)
            .map(|at| u8::try_from(at % 251).unwrap_or(0))
            .collect();
        let there = extension.seal(&text)?;
        assert!(
            there
                .iter()
                .all(|message| message.len() <= MESSAGE_MAX_BYTES)
        );
        assert_eq!(open_all(&mut host, &there)?, Some(text.clone()));
        let back = host.seal(&text)?;
        assert_eq!(open_all(&mut extension, &back)?, Some(text));
    }
    assert_eq!(
        extension.seal(&vec![0; HOST_TEXT_MAX_BYTES + 1]),
        Err(ChannelError)
    );
    Ok(())
}

#[test]
fn message_that_was_changed_left_out_or_told_twice_ends_the_channel() -> TestResult {
    for fault in 0..3 {
        let (mut extension, mut host) = paired()?;
        let (first, second) = (extension.seal(b"one")?, extension.seal(b"two")?);
        assert_eq!(open_all(&mut host, &first)?, Some(b"one".to_vec()));
        let bad = match fault {
            0 => {
                let mut changed = second[0].clone();
                changed[0] ^= 1;
                changed
            }
            1 => first[0].clone(),
            _ => extension.seal(b"three")?[0].clone(),
        };
        assert_eq!(host.open(&bad).map(drop), Err(ChannelError));
        // What was right comes too late.
        assert_eq!(host.open(&second[0]).map(drop), Err(ChannelError));
        assert!(host.seal(b"anything").is_err());
    }
    Ok(())
}

#[test]
fn message_of_one_channel_opens_in_no_other() -> TestResult {
    let (mut extension, _) = known(1, 2, (2, 1))?;
    let (_, mut host) = paired()?;
    let sealed = extension.seal(b"to another")?;
    assert_eq!(host.open(&sealed[0]).map(drop), Err(ChannelError));
    Ok(())
}

#[test]
fn first_message_that_was_recorded_leads_nowhere() -> TestResult {
    let to_host = Expected::Known(key(2).public());
    let to_extension = || Expected::Known(key(1).public());
    let mut recorded = begin(Side::Extension, &key(1), to_host, 5)?;
    let message = recorded.write()?.ok_or(ChannelError)?;
    // A host takes it, as it cannot know, and answers; who replays it cannot go on.
    let mut host = begin(Side::Host, &key(2), to_extension(), 8)?;
    host.read(&message)?;
    host.write()?;
    let mut host = host.finish()?;
    assert_eq!(host.open(&[0; 40]).map(drop), Err(ChannelError));
    Ok(())
}

#[test]
fn key_that_adds_nothing_is_refused() -> TestResult {
    let mut host = begin(Side::Host, &key(2), Expected::Anybody, 4)?;
    host.read(&[0; 32])?;
    assert_eq!(host.write().map(drop), Err(ChannelError));
    Ok(())
}

#[test]
fn garbage_and_a_message_out_of_turn_are_refused() -> TestResult {
    for length in [0, 1, 31, 33, 96, MESSAGE_MAX_BYTES, MESSAGE_MAX_BYTES + 1] {
        let mut host = begin(Side::Host, &key(2), Expected::Known(key(1).public()), 4)?;
        assert_eq!(host.read(&vec![7; length]), Err(ChannelError), "{length}");
        assert!(host.finish().is_err());
    }
    let mut extension = begin(Side::Extension, &key(1), Expected::Anybody, 4)?;
    assert_eq!(extension.read(&[1; 32]), Err(ChannelError));
    Ok(())
}

#[test]
fn both_see_one_code_and_a_host_is_bound_to_its_nonce() -> TestResult {
    let (extension, host) = paired()?;
    let (theirs, ours) = ([1; 32], [2; 32]);
    let committed = code::commitment(&host, &ours);
    let shown = code::of(&host, &theirs, &ours);
    assert_eq!(
        code::checked(&extension, &committed, &theirs, &ours)?,
        shown
    );
    assert_eq!(
        code::checked(&extension, &committed, &theirs, &[3; 32]),
        Err(ChannelError)
    );
    // Another handshake has another code.
    let (other, _) = known(1, 2, (2, 1))?;
    assert_ne!(code::of(&other, &theirs, &ours), shown);
    assert_eq!(shown.to_string().len(), 7);
    Ok(())
}
