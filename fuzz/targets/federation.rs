//! What other servers and their users write: well-known files, inputs and outputs of the procedures between servers,
//! and what messages say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::federation::{
    Notified, NotifyRequest, PowAsked, PowChallenge, PublicKeyRequest, PublicKeyResponse,
    PullRequest, PulledMessage, Rpc, RpcError, ServerInfo, WellKnownAny,
};
use proto::kp1::Content;
use serde::{Serialize, de::DeserializeOwned};

/// What is read and written again is the same.
fn comes_back<T: Serialize + DeserializeOwned + PartialEq>(body: &[u8]) {
    if let Ok(read) = serde_json::from_slice::<Rpc<T>>(body) {
        let written = serde_json::to_vec(&read).expect("what was read can be written");
        let again = serde_json::from_slice::<Rpc<T>>(&written);
        assert!(again.is_ok_and(|again| again == read));
    }
}

fuzz_target!(|body: &[u8]| {
    comes_back::<PowAsked>(body);
    comes_back::<PowChallenge>(body);
    comes_back::<NotifyRequest>(body);
    comes_back::<Notified>(body);
    comes_back::<PublicKeyRequest>(body);
    comes_back::<PublicKeyResponse>(body);
    comes_back::<PullRequest>(body);
    comes_back::<PulledMessage>(body);
    comes_back::<ServerInfo>(body);
    let _ = serde_json::from_slice::<Rpc<RpcError>>(body);
    if let Ok(content) = Content::read(body) {
        let written = content.write().expect("what was read can be written");
        assert_eq!(Content::read(&written), Ok(content));
    }
    if let Ok(place) = serde_json::from_slice::<WellKnownAny>(body).map(|file| file.place())
        && let Ok(place) = place
    {
        // No other host, no other scheme, no other port. Names that are no Unicode are refused by who connects.
        let Ok(url) = url::Url::parse(&place.url("pullMessage")) else {
            return;
        };
        assert_eq!(url.scheme(), "https");
        assert_eq!(url.domain(), Some(place.host()), "a name, not an address");
        assert_eq!((url.port(), url.query(), url.fragment()), (None, None, None));
        assert!(url.username().is_empty() && url.password().is_none());
        assert!(url.path().ends_with("/pullMessage"));
        assert_eq!(url.as_str(), place.url("pullMessage"), "it has one spelling");
    }
});
