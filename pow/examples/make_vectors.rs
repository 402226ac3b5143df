//! Makes the lists of `pow/vectors/pow5-64b.json` that must be refused, out of those that must be
//! accepted (which are the reference's and stay as they are), and prints the whole file:
//! `cargo run -p pearvault-pow --example make_vectors --features vectors`.

use std::error::Error;

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut file: Value = serde_json::from_str(include_str!("../vectors/pow5-64b.json"))?;
    let hashes = list(&file, "hash_vectors");
    let solved = list(&file, "solved");

    let neighbours = hashes.iter().zip(hashes.iter().skip(1));
    let wrong_hashes: Vec<Value> = neighbours
        .flat_map(|(one, other)| {
            [
                json!({"header": one["header"], "hash": other["final"], "why": "another header's"}),
                json!({"header": one["header"], "hash": one["matmul_work"], "why": "the work, not yet hashed twice"}),
            ]
        })
        .collect();

    let mut unsolved = Vec::new();
    for entry in &solved {
        let header = bytes(&entry["solved_header"])?;
        let flipped = |byte: usize| {
            let mut header = header.clone();
            header[byte] ^= 1;
            hex::encode(header)
        };
        unsolved.extend([
            json!({"header": entry["challenge_header"], "target": entry["target"], "why": "not solved at all"}),
            json!({"header": flipped(31), "target": entry["target"], "why": "wrong nonce"}),
            json!({"header": flipped(63), "target": entry["target"], "why": "another challenge"}),
            json!({"header": entry["solved_header"], "target": entry["final"], "why": "hash equal to the target"}),
            json!({"header": entry["solved_header"], "target": format!("{:0>64}", "1"), "why": "a harder target"}),
        ]);
    }

    file["wrong_hashes"] = wrong_hashes.into();
    file["unsolved"] = unsolved.into();
    file["invalid_targets"] = json!([
        {"difficulty": "0", "why": "no hash is below infinity"},
        {"target": "00".repeat(32), "why": "zero"},
        {"target": "00".repeat(31), "why": "short"},
        {"target": "ff".repeat(33), "why": "long"},
        {"target": "", "why": "empty"},
        {"target": "FF".repeat(32), "why": "upper case"},
        {"target": format!("0x{}", "ff".repeat(31)), "why": "prefix"},
    ]);
    file["invalid_headers"] = json!([
        {"header": "00".repeat(63), "why": "short"},
        {"header": "00".repeat(65), "why": "long"},
        {"header": "00".repeat(32), "why": "challenge only"},
        {"header": "", "why": "empty"},
        {"header": "0A".repeat(64), "why": "upper case"},
        {"header": "0g".repeat(64), "why": "no hex"},
    ]);
    println!("{}", serde_json::to_string_pretty(&file)?);
    Ok(())
}

fn list(file: &Value, name: &str) -> Vec<Value> {
    file[name].as_array().cloned().unwrap_or_default()
}

fn bytes(value: &Value) -> Result<Vec<u8>, hex::FromHexError> {
    hex::decode(value.as_str().unwrap_or_default())
}
