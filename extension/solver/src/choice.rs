//! Which kind of engine is to work.

use wasm_bindgen::prelude::wasm_bindgen;

/// Whether the graphics processor is to be used, alone or first.
///
/// | `choice` | uses it |
/// | --- | --- |
/// | `processor` | never |
/// | `graphics` | always, also one in software |
/// | `automatic` | where it is a real one, and not known to be slower than all of the processor |
///
/// `software` is `undefined` where nothing is known of it, rates (tries a second) where they were
/// not measured. On battery and gently it never works.
#[wasm_bindgen]
pub fn choose(
    choice: &str,
    gentle: bool,
    software: Option<bool>,
    graphics_rate: Option<f64>,
    processor_rate: Option<f64>,
) -> bool {
    let slower = graphics_rate
        .zip(processor_rate)
        .is_some_and(|(graphics, processor)| graphics < processor);
    match choice {
        _ if gentle => false,
        "graphics" => true,
        "processor" => false,
        _ => software != Some(true) && !slower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_is_never_preferred_and_the_user_overrules() {
        for software in [None, Some(false), Some(true)] {
            for rates in [(None, None), (Some(1.0), Some(9.0)), (Some(9.0), Some(1.0))] {
                let chosen = |choice, gentle| choose(choice, gentle, software, rates.0, rates.1);
                assert!(!chosen("processor", false));
                assert!(chosen("graphics", false));
                for choice in ["processor", "graphics", "automatic"] {
                    assert!(!chosen(choice, true));
                }
                let slower = rates.0 < rates.1 && rates.0.is_some();
                assert_eq!(
                    chosen("automatic", false),
                    software != Some(true) && !slower
                );
            }
        }
    }
}
