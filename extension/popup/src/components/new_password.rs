//! A new master password, typed twice, with its strength.

use leptos::prelude::*;
use proto::vault::SecretText;

use super::{
    password_field::PasswordField,
    strength::{self, Strength},
};
use crate::password::{Estimate, PasswordProblem, check_pair};

/// What is typed into the two fields. Kept nowhere beyond the screen.
#[derive(Clone, Copy)]
pub(crate) struct Typed {
    password: RwSignal<String>,
    repetition: RwSignal<String>,
    estimate: RwSignal<Option<Estimate>>,
    asked: RwSignal<bool>,
}

impl Typed {
    /// Nothing yet. `inputs`: what a thief would try first.
    pub(crate) fn new(inputs: Vec<String>) -> Self {
        let password = RwSignal::new(String::new());
        Self {
            password,
            repetition: RwSignal::new(String::new()),
            estimate: strength::watch(move || password.get(), move || inputs.clone()),
            asked: RwSignal::new(false),
        }
    }

    /// Why it is not taken.
    pub(crate) fn problem(self) -> Signal<Option<PasswordProblem>> {
        Signal::derive(move || {
            let (password, repetition) = (self.password.read(), self.repetition.read());
            check_pair(&password, &repetition, self.estimate.read().as_ref()).err()
        })
    }

    /// From now on everything that is wrong is told.
    pub(crate) fn ask(self) {
        self.asked.set(true);
    }

    /// The password.
    pub(crate) fn secret(self) -> SecretText {
        SecretText::new(self.password.get_untracked())
    }
}

/// Both fields and the meter.
#[component]
pub(crate) fn NewPassword(
    /// What they hold.
    typed: Typed,
    /// Whether the first one takes the focus.
    #[prop(optional)]
    focused: bool,
) -> impl IntoView {
    let Typed {
        password,
        repetition,
        estimate,
        asked,
    } = typed;
    let shown = RwSignal::new(false);
    let problem = typed.problem();
    let at_password = Signal::derive(move || {
        let problem = problem.get().filter(|p| *p != PasswordProblem::Mismatch);
        problem.filter(|_| asked.get()).map(|p| p.to_string())
    });
    let at_repetition = Signal::derive(move || {
        // Told while typing only once the repetition is as long as the password.
        let complete = password
            .with(|p| repetition.with(|r| !r.is_empty() && r.chars().count() >= p.chars().count()));
        let problem = problem.get().filter(|p| *p == PasswordProblem::Mismatch);
        problem
            .filter(|_| asked.get() || complete)
            .map(|p| p.to_string())
    });
    view! {
        <PasswordField
            name="password-input"
            label="New password"
            value=password
            shown
            error=at_password
            hint="Five words that do not belong together are strong."
            autocomplete="new-password"
            focused
        />
        <Strength estimate/>
        <PasswordField
            name="confirm-input"
            label="Once more"
            value=repetition
            shown
            error=at_repetition
            autocomplete="new-password"
            eye=false
        />
    }
}
