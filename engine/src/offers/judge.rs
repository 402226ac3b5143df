//! Whether what was typed is new, changed, or known.

use proto::ids::ItemId;

/// A login that fits the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: ItemId,
    pub(super) title: String,
    pub(super) username: String,
    /// Whether it has the password that holds from now on.
    pub(super) has_valid: bool,
    /// Whether it has the present password, where a new one was typed beside it.
    pub(super) has_present: bool,
    /// Whether an address of it names the page's very host and port.
    pub(super) is_here: bool,
}

/// What to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing: the vault has it.
    Unchanged,
    /// To change a login.
    Update(Known),
    /// To save a new one.
    Save,
}

/// Compares what was typed with the logins that fit the page.
///
/// A login is changed only where the present password was typed that it has, or where it is of that
/// name and of the page's very host and port: another host of the site may have users of its own,
/// and may be another's. One login too many harms nobody, a password that is overwritten does.
pub(super) fn judge(username: &str, known: &[Known]) -> Judged {
    let named: Vec<&Known> = known
        .iter()
        .filter(|login| !username.trim().is_empty() && same_name(&login.username, username))
        .collect();
    if named.iter().any(|login| login.has_valid) {
        return Judged::Unchanged;
    }
    // A page that only asks for passwords, or one that names the user otherwise than the vault, or
    // several logins of one name: the present password tells which is meant.
    let meant = if named.is_empty() {
        known.iter().collect()
    } else {
        named.clone()
    };
    if let Some(login) = only(meant.iter().filter(|login| login.has_present)) {
        return if login.has_valid {
            Judged::Unchanged
        } else {
            Judged::Update((*login).clone())
        };
    }
    if let Some(login) = only(named.iter().filter(|login| login.is_here)) {
        return Judged::Update((*login).clone());
    }
    let nameless = |login: &Known| username.trim().is_empty() || login.username.is_empty();
    if known.iter().any(|login| login.has_valid && nameless(login)) {
        return Judged::Unchanged;
    }
    Judged::Save
}

/// The one that there is; `None` where there are several.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let one = all.next()?;
    all.next().is_none().then_some(one)
}

/// Whether two user names are the same to people.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    /// A login: number, user name, whether it has the valid and the present password, and whether
    /// it is of the very host.
    type Login = (u8, &'static str, bool, bool, bool);

    /// What is to come of it: the number of the login to change.
    #[derive(Debug, PartialEq, Eq)]
    enum Want {
        Unchanged,
        Update(u8),
        Save,
    }
    use Want::{Save, Unchanged, Update};

    #[rustfmt::skip]
    const ROWS: &[(&str, &[Login], Want)] = &[
        // A sign-in with a user name.
        ("ada", &[], Save),
        ("ada", &[(1, "ada", true, false, true)], Unchanged),
        ("ada", &[(1, "ada", false, false, true)], Update(1)),
        (" ADA ", &[(1, "ada", false, false, true)], Update(1)),
        ("ada", &[(1, "bob", false, false, true)], Save),
        ("ada", &[(1, "bob", true, false, true)], Save),
        ("ada", &[(1, "bob", true, false, true), (2, "ada", false, false, true)], Update(2)),
        ("ada", &[(1, "ada", false, false, true), (2, "ada", true, false, true)], Unchanged),
        ("ada", &[(1, "", true, false, true)], Unchanged),
        ("ada", &[(1, "", false, false, true)], Save),
        // Several logins of one name.
        ("ada", &[(1, "ada", false, false, true), (2, "ada", false, false, true)], Save),
        ("ada", &[(1, "ada", false, false, true), (2, "ada", false, true, true)], Update(2)),
        ("ada", &[(1, "ada", false, true, true), (2, "ada", false, true, true)], Save),
        ("ada", &[(1, "ada", false, false, true), (2, "ada", false, false, true), (3, "bob", false, true, true)], Save),
        ("ada", &[(1, "ada", false, false, true), (2, "ada", false, true, false)], Update(2)),
        // Of another host of the site, or another port.
        ("ada", &[(1, "ada", false, false, false)], Save),
        ("ada", &[(1, "ada", false, true, false)], Update(1)),
        ("ada", &[(1, "ada", true, false, false)], Unchanged),
        ("ada", &[(1, "ada", false, false, false), (2, "ada", false, false, true)], Update(2)),
        ("", &[(1, "ada", false, true, false)], Update(1)),
        ("", &[(1, "ada", true, false, false)], Unchanged),
        // A sign-in without one.
        ("", &[], Save),
        ("", &[(1, "ada", true, false, true)], Unchanged),
        ("", &[(1, "ada", false, false, true)], Save),
        // A change of the password without a user name.
        ("", &[(1, "ada", false, true, true)], Update(1)),
        ("", &[(1, "ada", false, false, true), (2, "bob", false, true, true)], Update(2)),
        ("", &[(1, "ada", false, true, true), (2, "bob", false, true, true)], Save),
        ("", &[(1, "ada", true, true, true)], Unchanged),
        ("", &[(1, "ada", true, false, true)], Unchanged),
        ("", &[(1, "ada", true, false, true), (2, "bob", false, true, true)], Update(2)),
        // One that names the user otherwise.
        ("Ada Pear", &[(1, "ada@example.com", false, true, true)], Update(1)),
    ];

    #[test]
    fn submissions_are_judged_by_what_is_known() {
        for (username, logins, want) in ROWS {
            let known = |(number, username, valid, present, here): &Login| Known {
                id: ItemId::make(UnixMillis(1), [*number; 10]),
                title: number.to_string(),
                username: (*username).to_owned(),
                has_valid: *valid,
                has_present: *present,
                is_here: *here,
            };
            let known: Vec<_> = logins.iter().map(known).collect();
            let got = match judge(username, &known) {
                Judged::Unchanged => Unchanged,
                Judged::Update(login) => Update(login.title.parse().unwrap_or(0)),
                Judged::Save => Save,
            };
            assert_eq!(got, *want, "{username} {logins:?}");
        }
    }
}
