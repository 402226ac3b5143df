//! The judge of the saved pages: counts what was filled right and wrong, as their own program does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

/// The answers.
#[derive(Deserialize)]
pub(crate) struct Truth {
    pub(crate) pages: BTreeMap<String, Page>,
}

/// What is known of a page.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) source: String,
    pub(crate) kind: String,
    /// Pages of one site share it.
    pub(crate) site: String,
    pub(crate) fields: Vec<Field>,
}

/// What is known of a control.
#[derive(Deserialize)]
pub(crate) struct Field {
    pub(crate) i: u32,
    pub(crate) role: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Indices of the controls of one page, as the judge reads them.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) user: Vec<u32>,
    pub(crate) password: Vec<u32>,
    pub(crate) new: Vec<u32>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share(u32, u32);

impl Share {
    fn count(&mut self, part: bool) {
        self.0 += u32::from(part);
        self.1 += 1;
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 == 0 {
            return out.pad("-");
        }
        let percent = 100.0 * f64::from(self.0) / f64::from(self.1);
        out.pad(&format!("{percent:5.1} % ({}/{})", self.0, self.1))
    }
}

/// The judge's counters.
#[derive(Default)]
pub(crate) struct Tally {
    login: Share,
    filled: u32,
    plain: Share,
    negative: Share,
    sign_up: Share,
    change: Share,
    change_polluted: Share,
    first: Share,
    both: Share,
    new_right: u32,
    new_said: u32,
    new_there: u32,
    new_on_login: Share,
    /// Pages that were judged wrong, with their kinds.
    pub(crate) fails: Vec<(String, String)>,
}

impl Tally {
    /// Judges one page.
    pub(crate) fn judge(&mut self, name: &str, page: &Page, out: &Outcome) {
        let of = |role: &str| -> BTreeSet<u32> {
            let fields = page.fields.iter().filter(|field| field.role == role);
            fields.map(|field| field.i).collect()
        };
        let (user, current, new, untagged) =
            (of("user"), of("current"), of("new"), of("pw-untagged"));
        let set = |list: &[u32]| -> BTreeSet<u32> { list.iter().copied().collect() };
        let (u, p, said) = (set(&out.user), set(&out.password), set(&out.new));
        let meets = |a: &BTreeSet<u32>, b: &BTreeSet<u32>| !a.is_disjoint(b);
        let within = |of: &BTreeSet<u32>| {
            of.iter()
                .all(|i| current.contains(i) || untagged.contains(i))
        };
        let filled = !(u.is_empty() && p.is_empty());
        let (user_right, password_right) = (meets(&u, &user), meets(&p, &current));
        let polluted = meets(&p, &new);
        let login = matches!(page.kind.as_str(), "login" | "login-password-only");
        let mut right = true;
        match page.kind.as_str() {
            _ if login => {
                right = password_right && within(&p) && (user.is_empty() || user_right);
                self.login.count(right);
                self.filled += u32::from(filled);
            }
            "none" | "otp" => {
                right = !filled;
                self.negative.count(!p.is_empty());
                self.filled += u32::from(filled);
                if page.fields.iter().all(|field| field.kind != "password") {
                    self.plain.count(filled);
                }
            }
            "signup" => {
                right = !polluted;
                self.sign_up.count(polluted);
                self.filled += u32::from(polluted);
            }
            "change" => {
                self.change_polluted.count(polluted);
                if !current.is_empty() {
                    right = password_right && !polluted;
                    self.change.count(right);
                }
            }
            "username-first" => {
                right = user_right;
                self.first.count(right);
            }
            "hybrid" => {
                right = password_right && !polluted && user_right;
                self.both.count(right);
            }
            _ => {}
        }
        if !new.is_empty() || login || matches!(page.kind.as_str(), "none" | "unlabelled-login") {
            if page.source != "lockwise" {
                let count = |set: &BTreeSet<u32>| u32::try_from(set.len()).unwrap_or(u32::MAX);
                self.new_there += count(&new);
                self.new_said += count(&said);
                self.new_right += count(&(&said & &new));
            }
            if login {
                let wrong = |i: &u32| !new.contains(i) && !untagged.contains(i);
                self.new_on_login.count(said.iter().any(wrong));
            }
        }
        if !right {
            self.fails.push((page.kind.clone(), name.to_owned()));
        }
    }

    /// The figures, with their names.
    pub(crate) fn rows(&self) -> [(&'static str, Share); 12] {
        [
            ("login filled right", self.login),
            ("precision of filling", Share(self.login.0, self.filled)),
            ("filled without any password", self.plain),
            ("password into a negative", self.negative),
            ("sign-up polluted", self.sign_up),
            ("change-password right", self.change),
            ("change-password polluted", self.change_polluted),
            ("username-first right", self.first),
            ("login and sign-up on one page", self.both),
            (
                "new-password field: precision",
                Share(self.new_right, self.new_said),
            ),
            (
                "new-password field: recall",
                Share(self.new_right, self.new_there),
            ),
            ("login pages with a field called new", self.new_on_login),
        ]
    }
}
