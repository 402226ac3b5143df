//! Bodies and answers of the node's API, and what KeyPears servers say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::{
    api::{
        account::{
            AddKeyRequest, CreateAccountRequest, DeleteAccountRequest, KeyList, SessionOpened,
        },
        challenge::{Challenge, ChallengeRequest, ProofOfWork},
        info::{AddressStatus, NodeInfo},
        session::{LoginRequest, SessionList},
        vault::{DeleteItemRequest, VaultPage, WriteAccepted, WriteItemRequest},
    },
    codec::{decode, encode},
    error::WireError,
    federation,
    limits::API_BODY_MAX_BYTES,
};
use serde::{Serialize, de::DeserializeOwned};

fn comes_back<T: Serialize + DeserializeOwned + PartialEq>(text: &str) {
    if let Ok(read) = decode::<T>(text, API_BODY_MAX_BYTES) {
        let written = encode(&read).expect("what was read can be written");
        assert!(decode::<T>(&written, usize::MAX).is_ok_and(|again| again == read));
    }
}

fuzz_target!(|text: &str| {
    comes_back::<CreateAccountRequest>(text);
    comes_back::<DeleteAccountRequest>(text);
    comes_back::<AddKeyRequest>(text);
    comes_back::<KeyList>(text);
    comes_back::<SessionOpened>(text);
    comes_back::<ChallengeRequest>(text);
    comes_back::<Challenge>(text);
    comes_back::<ProofOfWork>(text);
    comes_back::<AddressStatus>(text);
    comes_back::<NodeInfo>(text);
    comes_back::<LoginRequest>(text);
    comes_back::<SessionList>(text);
    comes_back::<VaultPage>(text);
    comes_back::<WriteItemRequest>(text);
    comes_back::<DeleteItemRequest>(text);
    comes_back::<WriteAccepted>(text);
    comes_back::<WireError>(text);
    comes_back::<federation::WellKnown>(text);
});
