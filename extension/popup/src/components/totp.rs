//! A one-time code with the time it has left.

use leptos::prelude::*;
use proto::{
    bridge::popup::{Reveal, Revealed},
    ids::{ItemId, UnixMillis},
    vault::{SecretField, SecretText},
};
use webext::time;

use super::icon::Icon;
use crate::{api, app::App, format};

/// Length of the ring, in its own units (`pathLength`).
const RING: f64 = 100.0;

/// What is left of a code's life at a time: whole seconds, and the share of its period.
fn left(code: &Revealed, now: UnixMillis) -> (u64, f64) {
    let (Some(expires), Some(period)) = (code.expires_at, code.period_seconds) else {
        return (0, 0.0);
    };
    let millis = expires.0.saturating_sub(now.0);
    // Exact: a code lives for an hour at most.
    let share = f64::from(u32::try_from(millis).unwrap_or(u32::MAX)) / 1_000.0 / f64::from(period);
    (millis.div_ceil(1_000), share.min(1.0))
}

/// The present code, asked for anew when it runs out.
#[component]
pub(crate) fn TotpCode(
    /// Of which item.
    id: ItemId,
) -> impl IntoView {
    let app = App::here();
    let code = RwSignal::new(None::<Revealed>);
    let now = RwSignal::new(api::now());
    let alive = StoredValue::new(());
    time::spawn(async move {
        // The value is gone with the component: then the loop ends.
        while alive.try_get_value().is_some() {
            let expired = code.with_untracked(|code| {
                code.as_ref()
                    .is_none_or(|c| c.expires_at.is_some_and(|at| at <= api::now()))
            });
            if expired {
                let answer = app
                    .ask(Reveal {
                        id,
                        field: SecretField::TotpCode,
                    })
                    .await;
                if alive.try_get_value().is_none() {
                    return;
                }
                code.set(answer.ok());
            }
            now.set(api::now());
            time::sleep(500).await;
        }
    });
    let text = move || {
        code.with(|code| match code {
            // EXPOSE: one-time codes are shown on the item's own screen.
            Some(code) => format::code(code.value.expose_secret()),
            None => "··· ···".to_owned(),
        })
    };
    let remaining =
        move || code.with(|code| code.as_ref().map_or((0, 0.0), |code| left(code, now.get())));
    let copy = move |_| {
        if let Some(code) = code.get_untracked() {
            let value = SecretText::clone(&code.value);
            time::spawn(async move {
                app.copy_text(value).await;
            });
        }
    };
    view! {
        <div class="entry">
            <div class="entry-text">
                <span class="entry-label">"One-time code"</span>
                <span class="entry-value totp" data-test="totp-code">{text}</span>
            </div>
            <div class="totp-ring" role="timer" aria-label="Seconds left">
                <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                    <circle class="totp-track" cx="16" cy="16" r="13"></circle>
                    <circle
                        class="totp-left"
                        class:late=move || remaining().0 <= 5
                        cx="16"
                        cy="16"
                        r="13"
                        pathLength=RING
                        stroke-dasharray=RING
                        stroke-dashoffset=move || RING * (1.0 - remaining().1)
                    ></circle>
                </svg>
                <span>{move || remaining().0}</span>
            </div>
            <button
                type="button"
                class="icon-button"
                data-test="copy-totp"
                aria-label="Copy one-time code"
                title="Copy one-time code"
                on:click=copy
            >
                <Icon icon=icondata_lu::LuCopy/>
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_shows_the_share_that_is_left() {
        let left = |period, expires, now| {
            let code = Revealed {
                value: SecretText::default(),
                expires_at: Some(UnixMillis(expires)),
                period_seconds: Some(period),
            };
            left(&code, UnixMillis(now))
        };
        assert_eq!(left(30, 30_000, 0), (30, 1.0));
        assert_eq!(left(30, 30_000, 15_000), (15, 0.5));
        assert_eq!(left(60, 60_000, 45_000), (15, 0.25));
        assert_eq!(left(30, 1_000, 5_000), (0, 0.0));
    }
}
