//! Which kind of engine is to work.

use proto::bridge::solver::EngineChoice;

/// Below this part of the processor's rate a device is slower: with a margin, so that two that are
/// much alike do not take turns.
const SLOWER: f64 = 0.8;

/// Whether the graphics processor is to be used, alone or first.
///
/// | `choice` | uses it |
/// | --- | --- |
/// | `Processor` | never |
/// | `Graphics` | always, also one in software |
/// | `Automatic` | where it is a real one, and not known to be slower than all of the processor |
///
/// `software` is `None` where nothing is known of it, rates (tries a second) where they were not
/// measured. It never works gently.
pub(crate) fn uses_graphics(
    choice: EngineChoice,
    gentle: bool,
    software: Option<bool>,
    graphics_rate: Option<f64>,
    processor_rate: Option<f64>,
) -> bool {
    let slower = graphics_rate
        .zip(processor_rate)
        .is_some_and(|(graphics, processor)| graphics < SLOWER * processor);
    match choice {
        _ if gentle => false,
        EngineChoice::Graphics => true,
        EngineChoice::Processor => false,
        EngineChoice::Automatic => software != Some(true) && !slower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_is_never_preferred_and_the_user_overrules() {
        use EngineChoice::{Automatic, Graphics, Processor};
        for software in [None, Some(false), Some(true)] {
            for rates in [(None, None), (Some(1.0), Some(9.0)), (Some(9.0), Some(1.0))] {
                let chosen =
                    |choice, gentle| uses_graphics(choice, gentle, software, rates.0, rates.1);
                assert!(!chosen(Processor, false));
                assert!(chosen(Graphics, false));
                for choice in [Processor, Graphics, Automatic] {
                    assert!(!chosen(choice, true));
                }
                let slower = rates.0.is_some() && rates.0 < rates.1;
                assert_eq!(chosen(Automatic, false), software != Some(true) && !slower);
            }
        }
    }
}
