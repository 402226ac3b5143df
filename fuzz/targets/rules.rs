//! What a site says of new passwords: lengths, a pattern, a text of rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::bridge::popup::{PasswordConstraints, Settings};
use testkit::{device::Device, node::MemoryNode};

fuzz_target!(|said: (u8, u8, &str, &str)| {
    let (min, max, pattern, rules) = said;
    let device = Device::new(&MemoryNode::new(1), 2);
    let Ok(engine) = device.open() else { return };
    let constraints = PasswordConstraints {
        min: min.into(),
        max: max.into(),
        pattern: pattern.to_owned(),
        rules: rules.to_owned(),
    };
    if let Ok(made) = engine.generate_for(&constraints, &Settings::default().generator) {
        // EXPOSE: fuzzing looks at it.
        let text = made.value.expose_secret();
        assert!(text.len() <= 128 && text.len() >= min.into());
        assert!(max == 0 || text.len() <= max.into());
        assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)));
        assert!(made.bits.is_finite() && made.bits >= 0.0);
    }
});
