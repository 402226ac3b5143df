//! Tables of logins: what browsers export, and any other whose heading names a password (RFC 4180).

use csv::{ReaderBuilder, StringRecord, Trim};
use proto::{ids::UnixMillis, vault::SecretText};

use crate::{
    ITEMS_MAX, ImportError,
    entry::{Entry, Kind},
    report::{Format, Import},
};

/// What a column holds, by its heading in lower case.
const COLUMNS: &[(Column, &[&str])] = &[
    (Column::Title, &["name", "title", "account"]),
    (
        Column::Url,
        &[
            "url",
            "website",
            "web site",
            "login_uri",
            "login uri",
            "uri",
        ],
    ),
    (
        Column::Username,
        &[
            "username",
            "user name",
            "login",
            "login_username",
            "login name",
            "user",
            "email",
        ],
    ),
    (Column::Password, &["password", "login_password"]),
    (Column::Notes, &["note", "notes", "comments", "extra"]),
    (
        Column::Totp,
        &["otpauth", "totp", "otp", "login_totp", "otp secret"],
    ),
    (Column::Created, &["timecreated"]),
    (Column::Changed, &["timepasswordchanged"]),
    // What a browser needs for itself.
    (
        Column::Ignored,
        &["guid", "formactionorigin", "timelastused", "httprealm"],
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Title,
    Url,
    Username,
    Password,
    Notes,
    Totp,
    Created,
    Changed,
    Ignored,
    /// A column of somebody's own: a field.
    Own,
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::Headers)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|_| damaged(1))?.clone();
    let columns: Vec<Column> = headings.iter().map(column).collect();
    let Some(format) = format(&headings, &columns) else {
        return Err(ImportError::Unknown);
    };
    let mut import = Import {
        format,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            damaged(usize::try_from(line).unwrap_or(0))
        })?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        // A row that is longer than its heading was torn by something that did not quote.
        if record.len() > columns.len() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(damaged(usize::try_from(line).unwrap_or(0)));
        }
        if import.items.len() + import.left_out.len() >= ITEMS_MAX {
            return Err(ImportError::TooMany);
        }
        match entry(&record, &columns, &headings).finish() {
            Ok(item) => import.items.push(item),
            Err(left) => import.left_out.push(left),
        }
    }
    Ok(import)
}

fn damaged(line: usize) -> ImportError {
    ImportError::Damaged { line }
}

/// The comma, or where the heading has none the semicolon or tab that some tables have instead.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .find(|byte| heading.as_bytes().contains(byte))
        .unwrap_or(b',')
}

fn column(heading: &str) -> Column {
    let heading = heading.to_lowercase();
    let known = COLUMNS
        .iter()
        .find(|(_, names)| names.contains(&heading.as_str()));
    known.map_or(Column::Own, |(column, _)| *column)
}

fn format(headings: &StringRecord, columns: &[Column]) -> Option<Format> {
    let has = |name: &str| {
        headings
            .iter()
            .any(|heading| heading.eq_ignore_ascii_case(name))
    };
    if !columns.contains(&Column::Password) {
        return None;
    }
    Some(if has("formActionOrigin") && has("guid") {
        Format::FirefoxCsv
    } else if has("OTPAuth") && has("Title") {
        Format::AppleCsv
    } else if ["name", "url", "username", "password"].into_iter().all(has) && headings.len() <= 5 {
        Format::ChromeCsv
    } else {
        Format::OtherCsv
    })
}

fn entry(record: &StringRecord, columns: &[Column], headings: &StringRecord) -> Entry {
    let mut entry = Entry::login("", "", "");
    for ((value, column), heading) in record.iter().zip(columns).zip(headings) {
        if value.is_empty() {
            continue;
        }
        match column {
            Column::Title if entry.title.is_empty() => value.clone_into(&mut entry.title),
            Column::Username if entry.subtitle.is_empty() => value.clone_into(&mut entry.subtitle),
            Column::Url => entry.address(value),
            Column::Password | Column::Totp => {
                let concealed = match &mut entry.kind {
                    Kind::Login { password, .. } if *column == Column::Password => password,
                    Kind::Login { totp, .. } => totp,
                    _ => continue,
                };
                // A table may have two such columns: the second is kept as a field.
                if concealed.is_empty() {
                    *concealed = SecretText::new(value);
                } else {
                    entry.field(heading, value, true);
                }
            }
            Column::Notes if entry.notes.is_empty() => entry.notes.push_str(value),
            Column::Created => entry.created_at = value.parse().ok().map(UnixMillis),
            Column::Changed => entry.updated_at = value.parse().ok().map(UnixMillis),
            Column::Ignored => {}
            Column::Own | Column::Title | Column::Username | Column::Notes => {
                entry.field(heading, value, false);
            }
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    use proto::vault::ItemSecrets;

    use super::*;

    fn logins(text: &str) -> (Format, Vec<(String, String, String)>) {
        let import = read(text).unwrap_or_else(|error| unreachable!("{error}"));
        let login = |item: crate::Imported| {
            let ItemSecrets::Login { password, .. } = &item.draft.secrets else {
                unreachable!("a login")
            };
            // EXPOSE: made up below.
            let password = password.expose_secret().to_owned();
            (item.draft.title, item.draft.subtitle, password)
        };
        (import.format, import.items.into_iter().map(login).collect())
    }

    fn row(title: &str, name: &str, password: &str) -> (String, String, String) {
        (title.to_owned(), name.to_owned(), password.to_owned())
    }

    #[test]
    fn browsers_are_told_apart() {
        let chrome = "name,url,username,password,note\r\nPear,https://pear.example/,ada,\"a,\"\"b\"\"\nc\",hello\r\n";
        assert_eq!(
            logins(chrome),
            (Format::ChromeCsv, vec![row("Pear", "ada", "a,\"b\"\nc")])
        );
        let firefox = "\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\",\"timeCreated\",\"timeLastUsed\",\"timePasswordChanged\"\n\"https://pear.example\",\"ada\",\"pw\",,\"https://pear.example\",\"{x}\",\"1700000000000\",\"1700000000001\",\"1700000000002\"\n";
        assert_eq!(
            logins(firefox),
            (Format::FirefoxCsv, vec![row("", "ada", "pw")])
        );
        let import = read(firefox).unwrap_or_else(|error| unreachable!("{error}"));
        assert_eq!(
            import.items[0].created_at,
            Some(UnixMillis(1_700_000_000_000))
        );
        assert_eq!(
            import.items[0].updated_at,
            Some(UnixMillis(1_700_000_000_002))
        );
        let apple = "Title,URL,Username,Password,Notes,OTPAuth\nPear,https://pear.example/,ada,pw,,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n";
        assert_eq!(logins(apple).0, Format::AppleCsv);
        let other = "Login;Password;Web Site;Shoe size\nada;pw;pear.example;38\n";
        assert_eq!(
            logins(other),
            (Format::OtherCsv, vec![row("", "ada", "pw")])
        );
    }

    #[test]
    fn second_columns_of_a_kind_become_fields() {
        let text = "title,password,login_password,notes,extra\nPear,one,two,first,second\n";
        let import = read(text).unwrap_or_else(|error| unreachable!("{error}"));
        let ItemSecrets::Login {
            fields, password, ..
        } = &import.items[0].draft.secrets
        else {
            unreachable!("a login")
        };
        // EXPOSE: made up above.
        assert_eq!(password.expose_secret(), "one");
        let fields: Vec<_> = fields
            .iter()
            // EXPOSE: made up above.
            .map(|it| (it.name.as_str(), it.value.expose_secret(), it.concealed))
            .collect();
        assert_eq!(
            fields,
            [("login_password", "two", true), ("extra", "second", false)]
        );
    }

    #[test]
    fn broken_tables_are_refused_whole() {
        let torn = "name,url,username,password\nPear,https://pear.example,ada,pw,rest\n";
        assert_eq!(
            read(torn).map(|_| ()),
            Err(ImportError::Damaged { line: 2 })
        );
        for text in ["", "hello", "a,b,c\n1,2,3\n", "name,url,username\nx,y,z\n"] {
            assert_eq!(read(text).map(|_| ()), Err(ImportError::Unknown), "{text}");
        }
    }
}
