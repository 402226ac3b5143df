//! A file as the preview lists it: nothing secret of it.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
};

use proto::{
    bridge::exchange::{Contents, LeftOut, Listed, Remark},
    vault::ItemDraft,
};
use transfer::{Fate, Import, Imported};
use zeroize::Zeroizing;

/// What a file holds.
pub(crate) fn contents(import: &Import) -> Contents {
    // By a hash of all of it: a file of one name for all its items is compared as fast as any.
    let hasher = RandomState::new();
    let mut earlier: HashMap<u64, Vec<&ItemDraft>> = HashMap::new();
    let items = import.items.iter().map(|imported| {
        let draft = &imported.draft;
        let json = Zeroizing::new(serde_json::to_string(draft).unwrap_or_default());
        let alike = earlier.entry(hasher.hash_one(json.as_str())).or_default();
        let repeated = alike.contains(&draft);
        if !repeated {
            alike.push(draft);
        }
        listed(imported, repeated)
    });
    let left_out = import.left_out.iter().map(|left| LeftOut {
        name: left.name.clone(),
        why: left.why.to_string(),
    });
    Contents {
        format: import.format.to_string(),
        items: items.collect(),
        left_out: left_out.collect(),
    }
}

fn listed(imported: &Imported, repeated: bool) -> Listed {
    let draft = &imported.draft;
    let remarks = imported.remarks.iter().map(|remark| Remark {
        part: remark.part.clone(),
        fate: remark.fate.to_string(),
        lost: matches!(remark.fate, Fate::Lost(_)),
    });
    Listed {
        kind: draft.secrets.kind(),
        title: draft.title.clone(),
        subtitle: draft.subtitle.clone(),
        host: draft
            .urls
            .first()
            .map_or_else(String::new, |url| host(&url.url)),
        repeated,
        remarks: remarks.collect(),
    }
}

/// Host of an http or https URL, as lists of the vault show it.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}
