//! What messages to the account cost their senders, in tries and in time on this computer.

use leptos::prelude::*;
use proto::{
    bridge::{
        popup::{GetPrices, MeasureSolver, PricesView, SetPrices, SolverView},
        solver::EngineChoice,
    },
    error::WireError,
    ids::Difficulty,
    limits::MESSAGE_PRICE_MAX,
};
use webext::time;

use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        field::TextField,
        notice::{Notice, Tone},
        toast::Toast,
    },
    dom, format,
};

/// Times on this computer that are offered, seconds.
const STEPS: [(u32, &str); 4] = [(1, "1 s"), (10, "10 s"), (60, "1 min"), (300, "5 min")];

/// One of the two prices, as it is typed.
#[derive(Clone, Copy)]
struct Price {
    hook: &'static str,
    label: &'static str,
    typed: RwSignal<String>,
}

/// The screen.
#[component]
pub(crate) fn PricesScreen() -> impl IntoView {
    let app = App::here();
    let prices = RwSignal::new(None::<Result<PricesView, WireError>>);
    time::spawn(app.read_solver());
    dom::focus("back");
    time::spawn(async move {
        prices.try_set(Some(app.ask(GetPrices {}).await));
    });
    view! {
        <main class="screen">
            <TopBar title="Cost of writing to you"/>
            {move || match prices.get() {
                None => view! {
                    <div class="content"><p class="setting-note">"Asking the server…"</p></div>
                }
                .into_any(),
                Some(Err(error)) => view! {
                    <div class="content">
                        <Notice tone=Tone::Danger hook="prices-error" text=error.message/>
                    </div>
                }
                .into_any(),
                Some(Ok(set)) => view! { <Form set/> }.into_any(),
            }}
            <BottomBar/>
        </main>
    }
}

#[component]
fn Form(set: PricesView) -> impl IntoView {
    let app = App::here();
    let price = |hook, label, tries: Difficulty| Price {
        hook,
        label,
        typed: RwSignal::new(format::count(tries.0)),
    };
    let first = price("price-first", "A first message", set.first);
    let later = price("price-later", "A later one", set.later);
    let known = RwSignal::new((set.first, set.later));
    let failure = RwSignal::new(None::<WireError>);
    let busy = RwSignal::new(false);
    let least = set.least;
    let rate = Memo::new(move |_| {
        let choice = app.settings.with(|it| it.as_ref().map(|it| it.engine));
        app.solver
            .with(|view| rate(view.as_ref(), choice.unwrap_or_default()))
    });
    let wanted = move || {
        let tries = |price: Price| price.typed.with(|typed| read(typed, least)).ok();
        Some((tries(first)?, tries(later)?))
    };
    let ready = move || !busy.get() && wanted().is_some_and(|it| it != known.get());
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((first, later)) = untrack(|| wanted().filter(|_| ready())) else {
            return;
        };
        busy.set(true);
        failure.set(None);
        time::spawn(async move {
            match app.ask(SetPrices { first, later }).await {
                Ok(set) => {
                    known.try_set((set.first, set.later));
                    app.toast.set(Some(Toast::done("Saved")));
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="content form" novalidate on:submit=save>
            <p class="setting-note lead">
                "Whoever writes to you has their computer work for it, so that nobody writes to thousands. A first message is from somebody to whom you have not answered yet; it waits as a request."
            </p>
            <One price=first least rate/>
            <One price=later least rate/>
            {move || rate.get().is_none().then(|| view! { <Measure/> })}
            <p class="setting-note" data-test="price-least">
                {format!("Your server's least is {} tries. {}", format::count(least.0), MEASURED)}
            </p>
            {move || failure.get().map(|error| {
                view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }
            })}
            <div class="form-end">
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="save-prices"
                    aria-disabled=move || (!ready()).to_string()
                >
                    "Save"
                </button>
            </div>
        </form>
    }
}

const MEASURED: &str =
    "Times are of this computer; a phone takes longer, a fast graphics processor is done sooner.";

#[component]
fn One(price: Price, least: Difficulty, rate: Memo<Option<f64>>) -> impl IntoView {
    let problem = Signal::derive(move || price.typed.with(|typed| read(typed, least)).err());
    let hint = Signal::derive(move || {
        let tries = price.typed.with(|typed| read(typed, least));
        tries.map_or_else(|_| String::new(), |tries| told(tries, rate.get()))
    });
    let steps = move || {
        let rate = rate.get();
        let lowest = (least, "Least".to_owned());
        let timed = rate.into_iter().flat_map(move |rate| {
            let step = move |(seconds, word): (u32, &str)| (step(seconds, rate), word.to_owned());
            STEPS.into_iter().map(step)
        });
        let in_bounds = move |(tries, _): &(Difficulty, String)| {
            tries.0 > least.0 && tries.0 <= MESSAGE_PRICE_MAX
        };
        let all = [lowest].into_iter().chain(timed.filter(in_bounds));
        all.map(|(tries, word)| {
            let label = format!("{}: {word}", price.label);
            view! {
                <button
                    type="button"
                    class="button small"
                    data-test=format!("{}-step", price.hook)
                    data-tries=tries.0
                    aria-label=label
                    on:click=move |_| price.typed.set(format::count(tries.0))
                >
                    {word}
                </button>
            }
        })
        .collect_view()
    };
    view! {
        <TextField
            name=price.hook
            label=format!("{}, tries", price.label)
            value=price.typed
            on_input=move |text| price.typed.set(text)
            error=problem
            hint
            mode="numeric"
            mono=true
        />
        <div class="steps" role="group" aria-label=price.label>{steps}</div>
    }
}

/// Measures this computer, where it was not.
#[component]
fn Measure() -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let measuring = move || {
        let told = app
            .solver
            .with(|it| it.as_ref().is_some_and(|it| it.measuring));
        busy.get() || told
    };
    let measure = move |_| {
        busy.set(true);
        time::spawn(async move {
            if app.ask_or_tell(MeasureSolver {}).await.is_some() {
                app.read_solver().await;
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="steps">
            <button
                type="button"
                class="button small"
                class:busy=measuring
                data-test="price-measure"
                on:click=measure
            >
                {move || if measuring() { "Measuring…" } else { "Measure this computer" }}
            </button>
        </div>
    }
}

/// The number that was typed, with or without marks between its thousands.
fn read(typed: &str, least: Difficulty) -> Result<Difficulty, String> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\'' | '_'))
        .collect();
    let only_digits = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if !only_digits {
        return Err("A whole number of tries.".to_owned());
    }
    let most = MESSAGE_PRICE_MAX.max(least.0);
    match digits.parse::<u64>() {
        Ok(tries) if tries < least.0 => Err(format!("At least {}.", format::count(least.0))),
        Ok(tries) if tries <= most => Ok(Difficulty(tries)),
        _ => Err(format!("At most {}.", format::count(most))),
    }
}

/// Tries a second of what works on proofs here; `None` where it was not measured.
fn rate(view: Option<&SolverView>, choice: EngineChoice) -> Option<f64> {
    use proto::bridge::solver::EngineKind;
    let works = |kind, software: bool| match choice {
        EngineChoice::Automatic => !software,
        EngineChoice::Processor => kind == EngineKind::Processor,
        EngineChoice::Graphics => kind == EngineKind::Graphics,
    };
    let engines = view?.engines.iter();
    let rates = engines
        .filter(|it| works(it.kind, it.software))
        .filter_map(|it| it.rate);
    rates
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .reduce(f64::max)
}

/// What a price costs somebody with a computer like this one.
fn told(tries: Difficulty, rate: Option<f64>) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "told to two digits, of an average"
    )]
    let seconds = rate.map(|rate| tries.0 as f64 / rate);
    match seconds {
        None => "This computer was not measured yet.".to_owned(),
        Some(s) if s < 0.1 => "Less than 0.1 s on this computer".to_owned(),
        Some(s) if s < 5.0 => format!("About {s:.1} s on this computer"),
        Some(s) => {
            let wait = format::wait(s);
            format!(
                "A{} on this computer",
                wait.strip_prefix('a').unwrap_or(&wait)
            )
        }
    }
}

/// The price of a time, to two digits.
fn step(seconds: u32, rate: f64) -> Difficulty {
    let tries = f64::from(seconds) * rate;
    let unit = 10_f64.powf((tries.log10().floor() - 1.0).max(0.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive; what is beyond the most is not offered"
    )]
    Difficulty(((tries / unit).round() * unit) as u64)
}

#[cfg(test)]
mod tests {
    use proto::bridge::solver::{EngineKind, EnginePlace, EngineReport};

    use super::*;

    const LEAST: Difficulty = Difficulty(40_000);

    #[test]
    fn a_price_is_a_whole_number_within_bounds() {
        for (typed, wanted) in [
            ("40000", Ok(40_000)),
            (" 40,000 ", Ok(40_000)),
            ("4 000 000", Ok(4_000_000)),
            ("39999", Err("At least 40,000.")),
            ("10000000000", Ok(10_000_000_000)),
            ("10000000001", Err("At most 10,000,000,000.")),
            ("99999999999999999999999", Err("At most 10,000,000,000.")),
            ("", Err("A whole number of tries.")),
            ("4e6", Err("A whole number of tries.")),
            ("-5", Err("A whole number of tries.")),
        ] {
            let read = read(typed, LEAST).map(|it| it.0);
            assert_eq!(read, wanted.map_err(str::to_owned), "{typed}");
        }
    }

    #[test]
    fn a_price_is_told_in_time_where_this_computer_was_measured() {
        for (tries, rate, wanted) in [
            (40_000, Some(1e6), "Less than 0.1 s on this computer"),
            (400_000, Some(1e6), "About 0.4 s on this computer"),
            (4_000_000, Some(1e6), "About 4.0 s on this computer"),
            (12_000_000, Some(1e6), "About 10 s on this computer"),
            (600_000_000, Some(1e6), "About 10 min on this computer"),
        ] {
            assert_eq!(told(Difficulty(tries), rate), wanted);
        }
        assert!(told(LEAST, None).contains("not measured"));
    }

    #[test]
    fn steps_are_round_numbers() {
        assert_eq!(step(1, 1_234_567.0), Difficulty(1_200_000));
        assert_eq!(step(10, 1_234_567.0), Difficulty(12_000_000));
        assert_eq!(step(1, 7.0), Difficulty(7));
    }

    #[test]
    fn the_rate_is_of_what_works() {
        let engine = |kind, software, rate| EngineReport {
            kind,
            place: EnginePlace::Browser,
            name: String::new(),
            units: 1,
            software,
            rate: Some(rate),
            problem: None,
        };
        let view = SolverView {
            engines: vec![
                engine(EngineKind::Processor, false, 1e6),
                engine(EngineKind::Graphics, true, 3e6),
            ],
            measured_at: None,
            measuring: false,
            on_battery: false,
        };
        assert_eq!(rate(Some(&view), EngineChoice::Automatic), Some(1e6));
        assert_eq!(rate(Some(&view), EngineChoice::Graphics), Some(3e6));
        assert_eq!(rate(None, EngineChoice::Automatic), None);
    }
}
