//! How hard a password is to guess. The estimate comes from a module of its own, loaded when
//! this is first shown.

use leptos::prelude::*;
use webext::time;

use super::icon::Icon;
use crate::password::{Estimate, score_word};

/// How long typing must rest before it is judged, milliseconds.
const REST_MS: u32 = 120;

/// Keeps an estimate of a text that is being typed; `None` while it is empty or not judged yet.
pub(crate) fn watch(
    password: impl Fn() -> String + Send + Sync + 'static,
    inputs: impl Fn() -> Vec<String> + Send + Sync + 'static,
) -> RwSignal<Option<Estimate>> {
    let estimate = RwSignal::new(None);
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        let (password, inputs) = (password(), inputs());
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        if password.is_empty() {
            estimate.set(None);
            return;
        }
        time::spawn(async move {
            time::sleep(REST_MS).await;
            if newest.try_get_value() != Some(number) {
                return;
            }
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            let Ok(text) = webext::strength::estimate(&password, &inputs).await else {
                return;
            };
            if newest.try_get_value() == Some(number) {
                estimate.set(serde_json::from_str(&text).ok());
            }
        });
    });
    estimate
}

/// Four bars and what they mean. Its height is always the same.
#[component]
pub(crate) fn Strength(
    /// The estimate.
    #[prop(into)]
    estimate: Signal<Option<Estimate>>,
) -> impl IntoView {
    let score = move || estimate.with(|e| e.as_ref().map(|e| e.score));
    let lit = move |bar: u8| score().is_some_and(|score| score.max(1) >= bar);
    let word = move || score().map_or("", score_word);
    let detail = move || {
        estimate.with(|e| {
            let e = e.as_ref()?;
            let weak = e.warning.as_deref().filter(|w| !w.is_empty());
            let advice = weak.or(e.suggestions.first().map(String::as_str));
            match advice {
                Some(advice) if e.score < 3 => Some(advice.to_owned()),
                _ if e.crack_time.is_empty() => None,
                _ => Some(format!("Guessed in {}", e.crack_time)),
            }
        })
    };
    view! {
        <div
            class="strength"
            data-test="strength"
            data-score=move || score().map(|score| score.to_string())
        >
            <div class="strength-bars" aria-hidden="true">
                {(1..=4_u8).map(|bar| view! { <span class:lit=move || lit(bar)></span> }).collect_view()}
            </div>
            <p class="strength-text" aria-live="polite">
                <strong>{word}</strong>
                " "
                {detail}
            </p>
        </div>
    }
}

/// What everybody must know before choosing the master password.
#[component]
pub(crate) fn CannotRecover() -> impl IntoView {
    view! {
        <p class="footnote">
            <Icon icon=icondata_lu::LuShieldAlert size=16/>
            <span>
                <strong>"Nobody else knows this password, the server included."</strong>
                " The recovery words that come next let you set a new one. Who loses both has lost the vault for good."
            </span>
        </p>
    }
}
