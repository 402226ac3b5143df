//! The lists of `wasm-core/vectors/safety.json`.

use pow::vectors::{Entry, Fault, equal, refused};

use super::{kp1::public_key, ours::read};
use crate::safety::{Fingerprint, SafetyNumber};

pub(super) fn check(list: &str, entry: Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match list {
        "safety_numbers" => check_number(entry),
        "wrong_safety_numbers" => refused(check_number(entry).is_err()),
        _ => return None,
    })
}

fn check_number(entry: Entry<'_>) -> Result<(), Fault> {
    let side = |address, key| {
        let (address, key) = (read(entry, address)?, public_key(entry, key)?);
        Ok::<_, Fault>(Fingerprint::of(&address, &key))
    };
    let own = side("address", "publicKey")?;
    let other = side("otherAddress", "otherPublicKey")?;
    let number = SafetyNumber::of(&own, &other);
    equal("safetyNumber", entry.text("safetyNumber")?, number.as_str())?;
    if number != SafetyNumber::of(&other, &own) || number.groups().count() != 12 {
        return Err(Fault::Refused("the other side sees another one".to_owned()));
    }
    equal("fingerprint", entry.text("fingerprint")?, own.as_str())
}
