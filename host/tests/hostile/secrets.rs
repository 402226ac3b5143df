//! Texts that nobody but the paired extension may ever see, and whether somebody has.

use std::collections::HashMap;

use proto::bytes::Base64;
use testkit::random::SeededRandom;

/// By how many bytes a text is found first.
const HEAD: usize = 8;

/// What is looked for, in every form in which it may be told.
#[derive(Default)]
pub(crate) struct Secrets {
    forms: HashMap<[u8; HEAD], Vec<Form>>,
    count: usize,
}

struct Form {
    name: String,
    bytes: Vec<u8>,
}

impl Secrets {
    /// Looks for these bytes from now on: as they are, in hex, in both alphabets of Base64 wherever they begin
    /// in it.
    pub(crate) fn plant(&mut self, name: &str, bytes: &[u8]) {
        self.count += 1;
        let hex = hex(bytes);
        self.add(name, hex.to_uppercase().into_bytes());
        self.add(name, hex.into_bytes());
        for before in 0..3 {
            let text = base64(&[vec![0; before], bytes.to_vec()].concat());
            // What is the secret's alone: neither bits of what stands before it nor the end.
            let inner = text[(before * 8).div_ceil(6)..text.len() - 1].to_owned();
            self.add(name, inner.replace('-', "+").replace('_', "/").into());
            self.add(name, inner.into());
        }
        self.add(name, bytes.to_vec());
    }

    /// A text that is looked for from now on.
    pub(crate) fn make(&mut self, name: &str, chance: &SeededRandom) -> String {
        let text = format!("{name}-{:016x}", chance.next());
        self.plant(name, text.as_bytes());
        text
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The name of one that is in there.
    pub(crate) fn find(&self, said: &[u8]) -> Option<&str> {
        (0..said.len().saturating_sub(HEAD - 1)).find_map(|at| {
            let head = said[at..at + HEAD].try_into().ok()?;
            let forms = self.forms.get::<[u8; HEAD]>(&head)?;
            let form = forms
                .iter()
                .find(|form| said[at..].starts_with(&form.bytes))?;
            Some(form.name.as_str())
        })
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let head = bytes[..HEAD].try_into().unwrap();
        let name = name.to_owned();
        self.forms
            .entry(head)
            .or_default()
            .push(Form { name, bytes });
    }
}

/// Base64url without filling.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let text = serde_json::to_string(&Base64(bytes.to_vec())).unwrap();
    text.trim_matches('"').to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn a_secret_is_found_in_whatever_form_it_is_told() {
    let mut secrets = Secrets::default();
    let key: Vec<u8> = SeededRandom::new(1).bytes::<32>().to_vec();
    secrets.plant("key", &key);
    for said in [&b""[..], b"x", b"{\"ok\":", b"plain "] {
        assert_eq!(secrets.find(said), None);
        let told = |told: &[u8]| [said, told, b"}"].concat();
        assert_eq!(secrets.find(&told(&key)), Some("key"));
        assert_eq!(secrets.find(&told(hex(&key).as_bytes())), Some("key"));
        let inside = base64(&told(&key));
        assert_eq!(secrets.find(inside.as_bytes()), Some("key"), "{inside}");
        assert_eq!(secrets.find(&told(&key[1..])), None);
    }
}
