//! With whom the node exchanges messages.

/// Other domains, by what the administrator says of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Federation {
    /// Where any is named, only these may write here, and be written to.
    pub allow: Vec<String>,
    /// These may not, whatever is allowed.
    pub deny: Vec<String>,
    /// Messages from these always cost what a first one does.
    pub greylist: Vec<String>,
}

/// How another domain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DomainStanding {
    /// As any.
    Open,
    /// Each of its messages costs what a first one does.
    Grey,
    /// Nothing is taken from it, and nothing sent to it.
    Closed,
}

impl Federation {
    /// How a domain stands; what is said of a domain holds for the ones below it, too.
    pub(crate) fn standing(&self, domain: &str) -> DomainStanding {
        let is_in = |list: &[String]| list.iter().any(|named| is_or_is_below(domain, named));
        if is_in(&self.deny) || !self.allow.is_empty() && !is_in(&self.allow) {
            DomainStanding::Closed
        } else if is_in(&self.greylist) {
            DomainStanding::Grey
        } else {
            DomainStanding::Open
        }
    }

    /// All that are named, with the setting that names them.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &String)> {
        [
            ("allow_domain", &self.allow),
            ("deny_domain", &self.deny),
            ("greylist_domain", &self.greylist),
        ]
        .into_iter()
        .flat_map(|(setting, list)| list.iter().map(move |domain| (setting, domain)))
    }
}

fn is_or_is_below(domain: &str, named: &str) -> bool {
    let above = domain.strip_suffix(named);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{DomainStanding::*, *};

    #[test]
    fn what_is_said_of_a_domain_holds_below_it_and_not_beside_it() {
        let list = |domains: &[&str]| domains.iter().map(|it| (*it).to_owned()).collect();
        let open = Federation {
            deny: list(&["bad.example"]),
            greylist: list(&["grey.example", "bad.example"]),
            ..Federation::default()
        };
        for (domain, expected) in [
            ("bad.example", Closed),
            ("very.bad.example", Closed),
            ("notbad.example", Open),
            ("example", Open),
            ("grey.example", Grey),
        ] {
            assert_eq!(open.standing(domain), expected, "{domain}");
        }
        let closed = Federation {
            allow: list(&["friend.example"]),
            deny: list(&["not.friend.example"]),
            ..Federation::default()
        };
        for (domain, expected) in [
            ("friend.example", Open),
            ("a.friend.example", Open),
            ("not.friend.example", Closed),
            ("other.example", Closed),
        ] {
            assert_eq!(closed.standing(domain), expected, "{domain}");
        }
    }
}
