//! A line of options: a label, and its control at the right.

use leptos::prelude::*;

use super::icon::Icon;

/// A slider with its number beside it. The slider ends at a handy value; the number goes on.
#[component]
pub(crate) fn Slider(
    /// Hook of the slider; the number's has `-number` behind it.
    hook: &'static str,
    /// Its label.
    label: &'static str,
    /// What it stands at.
    value: Signal<u32>,
    /// The least that is taken.
    least: u32,
    /// The most that is taken.
    most: u32,
    /// Where the slider ends.
    handy: u32,
    /// Called with what it is to be, from `least` to `most`.
    #[prop(into)]
    on_change: Callback<u32>,
) -> impl IntoView {
    let take = move |text: &str| {
        if let Ok(number) = text.parse::<u32>()
            && (least..=most).contains(&number)
        {
            on_change.run(number);
        }
    };
    let id = format!("option-{hook}");
    view! {
        <div class="option">
            <label class="option-label" for=id.clone()>{label}</label>
            <input
                class="slider"
                id=id
                data-test=hook
                type="range"
                min=least
                max=handy
                prop:value=move || value.get().min(handy).to_string()
                style:--done=move || done(value.get(), least, handy)
                on:input=move |event| take(&event_target_value(&event))
            />
            <input
                class="number"
                data-test=format!("{hook}-number")
                type="number"
                inputmode="numeric"
                aria-label=format!("{label}, {least} to {most}")
                min=least
                max=most
                prop:value=move || value.get().to_string()
                on:change=move |event| take(&event_target_value(&event))
            />
        </div>
    }
}

/// A switch with its label and an example.
#[component]
pub(crate) fn Switch(
    /// Its hook.
    hook: &'static str,
    /// Its label.
    label: &'static str,
    /// An example, or what follows from it.
    #[prop(optional)]
    sample: &'static str,
    /// Whether it is on.
    on: Signal<bool>,
    /// Called with what it is to be.
    #[prop(into)]
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="option">
            <span class="option-label">{label}</span>
            <span class="option-sample">{sample}</span>
            <input
                class="switch"
                type="checkbox"
                role="switch"
                data-test=hook
                prop:checked=move || on.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
        </label>
    }
}

/// A choice of few. One that is set and not offered is offered too, as the first.
#[component]
pub(crate) fn Choice<T>(
    /// Its hook.
    hook: &'static str,
    /// Its label.
    label: &'static str,
    /// What is offered.
    values: &'static [T],
    /// What people read for each.
    word: fn(T) -> String,
    /// What is set.
    value: Signal<T>,
    /// Called with what it is to be.
    #[prop(into)]
    on_change: Callback<T>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let options = move || {
        let set = value.get();
        offered(values, set)
            .into_iter()
            .enumerate()
            .map(|(place, v)| {
                view! { <option value=place prop:selected={v == set}>{word(v)}</option> }
            })
            .collect_view()
    };
    let take = move |place: &str| {
        let offered = offered(values, value.get_untracked());
        if let Some(chosen) = place.parse().ok().and_then(|p: usize| offered.get(p)) {
            on_change.run(*chosen);
        }
    };
    view! {
        <label class="option">
            <span class="option-label">{label}</span>
            <span class="select">
                <select data-test=hook on:change=move |event| take(&event_target_value(&event))>
                    {options}
                </select>
                <Icon icon=icondata_lu::LuChevronDown size=16/>
            </span>
        </label>
    }
}

fn offered<T: Copy + PartialEq>(values: &[T], set: T) -> Vec<T> {
    let unusual = (!values.contains(&set)).then_some(set);
    unusual.into_iter().chain(values.iter().copied()).collect()
}

/// How far along a slider is, for its style.
fn done(value: u32, least: u32, handy: u32) -> String {
    let share = f64::from(value.clamp(least, handy) - least) / f64::from(handy - least);
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_always_offered() {
        assert_eq!(offered(&[1, 5, 15], 5), [1, 5, 15]);
        assert_eq!(offered(&[1, 5, 15], 7), [7, 1, 5, 15]);
    }

    #[test]
    fn the_slider_ends_where_the_number_goes_on() {
        for (value, expect) in [
            (8, "0.0%"),
            (36, "50.0%"),
            (64, "100.0%"),
            (128, "100.0%"),
            (0, "0.0%"),
        ] {
            assert_eq!(done(value, 8, 64), expect);
        }
    }
}
