//! What a file holds, and what of it to take.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::{
    model::{Duplicates, File, Filter, remarks_by_part},
    steps::Steps,
};
use crate::{
    components::{avatar::Avatar, icon::Icon},
    format::{count, counted},
};

/// Rows that are shown at once.
const PAGE: usize = 100;

/// The screen's second step.
#[component]
pub(super) fn Preview(steps: Steps) -> impl IntoView {
    let filter = RwSignal::new(Filter::All);
    let pages = RwSignal::new(1_usize);
    let Some(file) = steps.file.get_untracked() else {
        return ().into_any();
    };
    let file = StoredValue::new(file);
    let chosen = move || steps.chosen.with(BTreeSet::len) as u64;
    let label = move || match chosen() {
        0 => "Nothing is chosen".to_owned(),
        some => format!("Import {}", counted(some, "item")),
    };
    let choose = move |duplicates| {
        steps
            .chosen
            .set(file.with_value(|file| file.numbers(duplicates)));
    };
    let rows = move || {
        let numbers = file.with_value(|file| file.shown(filter.get()));
        let room = pages.get() * PAGE;
        let more = numbers.len().saturating_sub(room);
        let rows = numbers.into_iter().take(room);
        let rows = rows.map(|number| view! { <ItemRow steps file number/> });
        view! {
            <ul class="card import-rows" aria-label="Items of the file">{rows.collect_view()}</ul>
            {(more > 0).then(|| view! {
                <button
                    type="button"
                    class="button import-more"
                    data-test="import-more"
                    on:click=move |_| pages.update(|pages| *pages += 1)
                >
                    {format!("Show {} more", count(more.min(PAGE) as u64))}
                </button>
            })}
        }
    };
    view! {
        <div class="content import-preview">
            <Summary file/>
            <LeftOuts file/>
            <Filters file filter pages/>
            {rows}
        </div>
        <div class="actions import-actions">
            <div class="import-choice" role="group" aria-label="What to import">
                <button
                    type="button"
                    class="button small quiet"
                    data-test="choose-all"
                    on:click=move |_| choose(Duplicates::Too)
                >
                    "All"
                </button>
                <button
                    type="button"
                    class="button small quiet"
                    data-test="choose-new"
                    on:click=move |_| choose(Duplicates::Without)
                >
                    "Without duplicates"
                </button>
                <button
                    type="button"
                    class="button small quiet"
                    data-test="choose-none"
                    on:click=move |_| steps.chosen.set(BTreeSet::new())
                >
                    "None"
                </button>
            </div>
            <button
                type="button"
                class="button primary"
                data-test="import-start"
                aria-disabled=move || (chosen() == 0).to_string()
                on:click=move |_| steps.write()
            >
                {label}
            </button>
        </div>
    }
    .into_any()
}

/// Format and kinds.
#[component]
fn Summary(file: StoredValue<File>) -> impl IntoView {
    let (format, kinds) = file.with_value(|file| (file.format.clone(), file.kinds()));
    view! {
        <h2 class="import-title" tabindex="-1" data-test="import-summary">
            {format!("From {format}: {kinds}")}
        </h2>
    }
}

/// What of the file is not taken, or not where it was.
#[component]
fn LeftOuts(file: StoredValue<File>) -> impl IntoView {
    let (parts, left) = file.with_value(|file| {
        let left = file.left_out.iter();
        let left: Vec<String> = left.map(|it| format!("{}: {}", it.name, it.why)).collect();
        (remarks_by_part(file), left)
    });
    let told: usize = parts.values().sum::<usize>() + left.len();
    let lines = parts
        .into_iter()
        .map(|((_, part, fate), times)| match times {
            1 => format!("{part}: {fate}"),
            many => format!("{part}: {fate} ({} items)", count(many as u64)),
        });
    let lines: Vec<String> = left.into_iter().chain(lines).take(PAGE).collect();
    let rest = told.saturating_sub(lines.len());
    (told > 0).then(|| {
        view! {
            <details class="import-left" data-test="import-left">
                <summary>{format!("{} not taken, or kept elsewhere", counted(told as u64, "part"))}</summary>
                <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                {(rest > 0).then_some("The report at the end names them all.")}
            </details>
        }
    })
}

/// Which rows are shown: one of a group of radio buttons, so that arrows choose.
#[component]
fn Filters(
    file: StoredValue<File>,
    filter: RwSignal<Filter>,
    pages: RwSignal<usize>,
) -> impl IntoView {
    let shown = Filter::ALL.into_iter().filter_map(|(of, hook, name)| {
        let rows = file.with_value(|file| file.shown(of).len());
        (rows > 0 || of == Filter::All).then_some((of, hook, name, rows))
    });
    let chip = move |(of, hook, name, rows): (Filter, &'static str, &'static str, usize)| {
        view! {
            <label class="chip">
                <input
                    type="radio"
                    name="import-filter"
                    data-test=format!("filter-{hook}")
                    prop:checked=move || filter.get() == of
                    on:change=move |_| {
                        pages.set(1);
                        filter.set(of);
                    }
                />
                <span>{name} " " <b>{count(rows as u64)}</b></span>
            </label>
        }
    };
    view! {
        <fieldset class="chips" aria-label="Which items to show">
            {shown.map(chip).collect_view()}
        </fieldset>
    }
}

#[component]
fn ItemRow(steps: Steps, file: StoredValue<File>, number: u32) -> impl IntoView {
    let row = file.with_value(|file| file.row(number).cloned())?;
    let (moved, lost) = row.remarks();
    let state = row.state.word();
    let named = row.to_string();
    let listed = row.listed;
    let title = match (listed.title.is_empty(), listed.host.is_empty()) {
        (false, _) => listed.title.clone(),
        (true, false) => listed.host.clone(),
        (true, true) => "Without a name".to_owned(),
    };
    let second = [listed.subtitle.as_str(), listed.host.as_str()];
    let second = second
        .into_iter()
        .filter(|text| !text.is_empty() && *text != title);
    let second = second.collect::<Vec<_>>().join(" · ");
    let remarks = listed.remarks;
    let (hook, letter) = (title.clone(), title.clone());
    Some(view! {
        <li class="import-row" data-test="import-row" data-title=hook data-state=state>
            <label class="import-item">
                <input
                    class="tick"
                    type="checkbox"
                    data-test=format!("take-{number}")
                    aria-label=format!("Import {named}")
                    prop:checked=move || steps.chosen.with(|chosen| chosen.contains(&number))
                    on:change=move |event| {
                        let take = event_target_checked(&event);
                        steps.chosen.update(|chosen| {
                            if take {
                                chosen.insert(number);
                            } else {
                                chosen.remove(&number);
                            }
                        });
                    }
                />
                <Avatar kind=listed.kind title=letter seed=listed.host/>
                <span class="row-text">
                    <span class="row-title">{title}</span>
                    <span class="row-second">{second}</span>
                </span>
                {(!state.is_empty()).then(|| view! { <span class="badge">{state}</span> })}
            </label>
            {(moved + lost > 0).then(|| view! {
                <details class="import-remarks">
                    <summary>
                        {(lost > 0).then(|| view! { <Icon icon=icondata_lu::LuTriangleAlert size=14/> })}
                        {told(moved, lost)}
                    </summary>
                    <ul>
                        {remarks
                            .into_iter()
                            .map(|remark| view! { <li>{format!("{}: {}", remark.part, remark.fate)}</li> })
                            .collect_view()}
                    </ul>
                </details>
            })}
        </li>
    })
}

fn told(moved: usize, lost: usize) -> String {
    let parts = |number| counted(number as u64, "part");
    match (moved, lost) {
        (moved, 0) => format!("{} in another place", parts(moved)),
        (0, lost) => format!("{} not taken", parts(lost)),
        (moved, lost) => format!("{} in another place, {lost} not taken", parts(moved)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_it_was_is_counted() {
        assert_eq!(told(1, 0), "1 part in another place");
        assert_eq!(told(0, 2), "2 parts not taken");
        assert_eq!(told(3, 1), "3 parts in another place, 1 not taken");
    }
}
