//! Recorded exchanges of KeyPears servers: what one side sent must be read by our types, and what
//! the other refused must be refused by them.

use pow::{
    Header, Target,
    vectors::{Entry, Fault, equal, refused},
};
use proto::federation::{
    Notified, NotifyRequest, PowAsked, PowChallenge, PublicKeyRequest, PublicKeyResponse,
    PullRequest, PulledMessage, Rpc, RpcError, ServerInfo, WellKnownAny,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    NotPassed,
    kp1::{public_key, refusal},
};
use crate::{
    hazmat::{NONCE_BYTES, TAG_BYTES},
    keys::Signature,
    kp1::pow::request_message,
};

/// An entry of `serverToServer` or `errors`.
pub(super) fn check_exchange(entry: Entry<'_>) -> Result<(), NotPassed> {
    let (request, response) = (&entry.0["request"], &entry.0["response"]);
    let address = request["path"]
        .as_str()
        .or_else(|| request["url"].as_str())
        .ok_or(Fault::Field("request"))?;
    let status = response["status"]
        .as_u64()
        .ok_or(Fault::Field("response"))?;
    let path = address.split('?').next().unwrap_or_default();
    let procedure = path.rsplit('/').next().unwrap_or_default();
    let is_post = request["method"] == "POST";
    let answer = text(response);
    // What one server sent to another; the rest was made up to be refused.
    let between_servers = entry.0.get("server").is_some();
    if status >= 400 {
        if !answer.starts_with('{') {
            return Err(NotPassed::Skipped(
                "the refusal is no JSON, and no type of ours reads it",
            ));
        }
        let error = read::<Rpc<RpcError>>(answer)?.json;
        if u64::from(error.status) != status {
            return Err(NotPassed::Failed(Fault::Refused(
                "the error's status is not the answer's".to_owned(),
            )));
        }
        let typed_json = is_post && status == 400 && is_json(request);
        if typed_json {
            refused(!is_input(procedure, text(request)))?;
        }
        return Ok(());
    }
    match procedure {
        "keypears.json" => {
            let place = read::<WellKnownAny>(answer)?.place();
            drop(place.map_err(|error| Fault::Refused(error.to_string()))?);
        }
        "serverInfo" => drop(read::<Rpc<ServerInfo>>(answer)?),
        "getPublicKey" => {
            read::<Rpc<PublicKeyRequest>>(text(request))?;
            read::<Rpc<PublicKeyResponse>>(answer)?;
        }
        "getPowChallenge" => {
            reads::<PowAsked>(request, between_servers)?;
            reads::<PowChallenge>(response, between_servers)?;
            check_challenge(&rpc(request)?, &rpc(response)?)?;
        }
        "notifyMessage" => {
            reads::<NotifyRequest>(request, between_servers)?;
            reads::<Notified>(response, true)?;
            check_work(&rpc(request)?)?;
        }
        "pullMessage" => {
            reads::<PullRequest>(request, between_servers)?;
            reads::<PulledMessage>(response, between_servers)?;
            check_keys(&rpc(response)?)?;
        }
        _ => return Err(NotPassed::Skipped("no type of ours reads this procedure")),
    }
    Ok(())
}

/// Whether our type of a procedure's input takes a body.
fn is_input(procedure: &str, body: &str) -> bool {
    match procedure {
        "getPublicKey" => read::<Rpc<PublicKeyRequest>>(body).is_ok(),
        "getPowChallenge" => read::<Rpc<PowAsked>>(body).is_ok(),
        "notifyMessage" => read::<Rpc<NotifyRequest>>(body).is_ok(),
        "pullMessage" => read::<Rpc<PullRequest>>(body).is_ok(),
        _ => false,
    }
}

/// A body is read and, where a server sent it, written again byte for byte.
fn reads<T: DeserializeOwned + Serialize>(side: &Value, writes: bool) -> Result<(), Fault> {
    let recorded = text(side);
    let typed = read::<Rpc<T>>(recorded)?;
    if !writes {
        return Ok(());
    }
    let written = serde_json::to_string(&typed);
    let written = written.map_err(|error| Fault::Refused(error.to_string()))?;
    equal("body", recorded, written)
}

/// The sender's signature holds, and the target is the difficulty's.
fn check_challenge(request: &Value, response: &Value) -> Result<(), Fault> {
    let (request, response) = (Entry(request), Entry(response));
    let timestamp = request.0["timestamp"]
        .as_u64()
        .ok_or(Fault::Field("timestamp"))?;
    let message = request_message(
        request.text("senderAddress")?,
        request.text("recipientAddress")?,
        timestamp,
    );
    let signature = Signature(request.array("signature")?);
    public_key(request, "senderPubKey")?
        .verify(message.as_bytes(), &signature)
        .map_err(refusal)?;
    let target = Target::from_wide_difficulty(&response.number("difficulty")?).map_err(refusal)?;
    equal("target", response.text("target")?, target)?;
    Header::parse(&response.bytes("header")?)
        .map(drop)
        .map_err(refusal)
}

/// The work of a message that was taken was done.
fn check_work(request: &Value) -> Result<(), Fault> {
    let pow = Entry(request.get("pow").ok_or(Fault::Field("pow"))?);
    let header = Header::parse(&pow.bytes("solvedHeader")?).map_err(refusal)?;
    let target = Target::parse(&pow.bytes("target")?).map_err(refusal)?;
    pow::verify(&header, &target).map_err(refusal)
}

/// Both keys of a message are points of the curve, and its content is long enough to be sealed.
fn check_keys(response: &Value) -> Result<(), Fault> {
    let response = Entry(response);
    public_key(response, "senderPubKey")?;
    public_key(response, "recipientPubKey")?;
    refused(response.bytes("encryptedContent")?.len() > NONCE_BYTES + TAG_BYTES)
        .map_err(|_| Fault::Field("encryptedContent"))
}

fn rpc(side: &Value) -> Result<Value, Fault> {
    read::<Rpc<Value>>(text(side)).map(|rpc| rpc.json)
}

fn text(side: &Value) -> &str {
    side["body"].as_str().unwrap_or_default()
}

fn is_json(request: &Value) -> bool {
    request["headers"]["content-type"]
        .as_str()
        .is_some_and(|value| value.starts_with("application/json"))
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Fault> {
    serde_json::from_str(json).map_err(|error| Fault::Refused(error.to_string()))
}
