//! A safety number.

use leptos::prelude::*;

use crate::message::contact::groups;

/// Twelve groups of five digits, which are read out as they are compared: digit by digit.
#[component]
pub(super) fn SafetyNumber(
    /// The digits.
    number: String,
    /// Its hook.
    hook: &'static str,
) -> impl IntoView {
    let groups = groups(&number);
    let whole = groups.join(" ");
    view! {
        <ol class="safety-number mono" data-test=hook data-number=whole>
            {groups
                .into_iter()
                .map(|group| {
                    let spoken = spelled(&group);
                    view! { <li aria-label=spoken>{group}</li> }
                })
                .collect_view()}
        </ol>
    }
}

/// `01234` becomes `0 1 2 3 4`: no number of thousands.
fn spelled(group: &str) -> String {
    let digits: Vec<String> = group.chars().map(String::from).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_out_digit_by_digit() {
        assert_eq!(spelled("01234"), "0 1 2 3 4");
    }
}
