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
pub(super) fn judge(username: &str, known: &[Known]) -> Judged {
    let named: Vec<&Known> = known
        .iter()
        .filter(|login| !username.trim().is_empty() && same_name(&login.username, username))
        .collect();
    if named.iter().any(|login| login.has_valid) {
        return Judged::Unchanged;
    }
    if let [login] = named.as_slice() {
        return Judged::Update((*login).clone());
    }
    // A page that only asks for passwords, or one that names the user otherwise than the vault, or
    // several logins of one name: the present password tells which is meant.
    let meant: Vec<&Known> = if named.is_empty() {
        known.iter().collect()
    } else {
        named
    };
    let present: Vec<&Known> = meant
        .into_iter()
        .filter(|login| login.has_present)
        .collect();
    if let [login] = present.as_slice() {
        return if login.has_valid {
            Judged::Unchanged
        } else {
            Judged::Update((*login).clone())
        };
    }
    let nameless = |login: &Known| username.trim().is_empty() || login.username.is_empty();
    if known.iter().any(|login| login.has_valid && nameless(login)) {
        return Judged::Unchanged;
    }
    Judged::Save
}

/// Whether two user names are the same to people.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    /// A login: number, user name, whether it has the valid and the present password.
    type Login = (u8, &'static str, bool, bool);

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
        ("ada", &[(1, "ada", true, false)], Unchanged),
        ("ada", &[(1, "ada", false, false)], Update(1)),
        (" ADA ", &[(1, "ada", false, false)], Update(1)),
        ("ada", &[(1, "bob", false, false)], Save),
        ("ada", &[(1, "bob", true, false)], Save),
        ("ada", &[(1, "bob", true, false), (2, "ada", false, false)], Update(2)),
        ("ada", &[(1, "ada", false, false), (2, "ada", true, false)], Unchanged),
        ("ada", &[(1, "", true, false)], Unchanged),
        ("ada", &[(1, "", false, false)], Save),
        // Several logins of one name.
        ("ada", &[(1, "ada", false, false), (2, "ada", false, false)], Save),
        ("ada", &[(1, "ada", false, false), (2, "ada", false, true)], Update(2)),
        ("ada", &[(1, "ada", false, true), (2, "ada", false, true)], Save),
        ("ada", &[(1, "ada", false, false), (2, "ada", false, false), (3, "bob", false, true)], Save),
        // A sign-in without one.
        ("", &[], Save),
        ("", &[(1, "ada", true, false)], Unchanged),
        ("", &[(1, "ada", false, false)], Save),
        // A change of the password without a user name.
        ("", &[(1, "ada", false, true)], Update(1)),
        ("", &[(1, "ada", false, false), (2, "bob", false, true)], Update(2)),
        ("", &[(1, "ada", false, true), (2, "bob", false, true)], Save),
        ("", &[(1, "ada", true, true)], Unchanged),
        ("", &[(1, "ada", true, false)], Unchanged),
        ("", &[(1, "ada", true, false), (2, "bob", false, true)], Update(2)),
        // One that names the user otherwise.
        ("Ada Pear", &[(1, "ada@example.com", false, true)], Update(1)),
    ];

    #[test]
    fn submissions_are_judged_by_what_is_known() {
        for (username, logins, want) in ROWS {
            let known = |(number, username, valid, present): &Login| Known {
                id: ItemId::make(UnixMillis(1), [*number; 10]),
                title: number.to_string(),
                username: (*username).to_owned(),
                has_valid: *valid,
                has_present: *present,
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
