//! The files of `KeePass`.

use proto::vault::ItemSecrets;

use super::*;
use crate::report::Fate;

const FILE: &str = r#"<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<KeePassFile><Meta><RecycleBinUUID>bin</RecycleBinUUID></Meta><Root><Group><UUID>r</UUID><Name>Root</Name>
<Group><UUID>g</UUID><Name>Mail &amp; more</Name><Entry>
 <Tags>a;b</Tags><Times><CreationTime>2024-01-02T03:04:05Z</CreationTime><LastModificationTime>2024-02-02T03:04:05Z</LastModificationTime></Times>
 <String><Key>Title</Key><Value>Pear &lt;3 &#x1F350;</Value></String>
 <String><Key>UserName</Key><Value>ada</Value></String>
 <String><Key>Password</Key><Value ProtectInMemory="True">p&amp;w</Value></String>
 <String><Key>URL</Key><Value>https://pear.example</Value></String>
 <String><Key>KP2A_URL_1</Key><Value>https://pears.example</Value></String>
 <String><Key>Notes</Key><Value>one
two</Value></String>
 <String><Key>otp</Key><Value>otpauth://totp/x?secret=JBSWY3DPEHPK3PXP</Value></String>
 <String><Key>Code</Key><Value ProtectInMemory="True">42</Value></String>
 <Binary><Key>scan.pdf</Key><Value Ref="0"/></Binary>
 <History><Entry><String><Key>Password</Key><Value>older</Value></String><Times><LastModificationTime>2023-01-01T00:00:00Z</LastModificationTime></Times></Entry>
 <Entry><String><Key>Password</Key><Value>p&amp;w</Value></String></Entry></History>
</Entry></Group>
<Group><UUID>bin</UUID><Name>Recycle Bin</Name><Entry><String><Key>Title</Key><Value>Gone</Value></String></Entry></Group>
</Group></Root></KeePassFile>"#;

#[test]
fn every_part_is_somewhere() {
    let import = read(FILE).unwrap_or_else(|error| unreachable!("{error}"));
    assert_eq!(import.items.len(), 1);
    assert_eq!(import.left_out[0].why, WhyLeft::Deleted);
    let item = &import.items[0];
    assert_eq!(
        (item.draft.title.as_str(), item.draft.subtitle.as_str()),
        ("Pear <3 🍐", "ada")
    );
    assert_eq!(item.draft.urls.len(), 2);
    assert_eq!(item.created_at.map(|at| at.0), Some(1_704_164_645_000));
    let ItemSecrets::Login {
        password,
        totp,
        fields,
        notes,
    } = &item.draft.secrets
    else {
        unreachable!("a login")
    };
    // EXPOSE: made up above.
    assert_eq!(
        (password.expose_secret(), notes.expose_secret()),
        ("p&w", "one\ntwo")
    );
    assert!(!totp.is_empty());
    let fields: Vec<_> = fields
        .iter()
        // EXPOSE: made up above.
        .map(|field| {
            (
                field.name.as_str(),
                field.value.expose_secret(),
                field.concealed,
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            ("Code", "42", true),
            ("Folder", "Mail & more", false),
            ("Tags", "a;b", false),
            ("Older password, of 2023-01-01", "older", true)
        ]
    );
    let lost: Vec<_> = item
        .remarks
        .iter()
        .map(|it| (it.part.as_str(), it.fate))
        .collect();
    assert_eq!(lost, [("scan.pdf", Fate::Lost(WhyLeft::Attachment))]);
}

#[test]
fn hostile_and_broken_files_are_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><KeePassFile><Root>&a;</Root></KeePassFile>";
    let own = "<KeePassFile><Root>&a;</Root></KeePassFile>";
    let deep = format!("<KeePassFile>{}", "<Group>".repeat(200));
    for (text, want) in [
        (bomb, ImportError::Refused("a document type")),
        (own, ImportError::Damaged { line: 1 }),
        (&deep, ImportError::Refused("elements nested that deep")),
        ("<html></html>", ImportError::Unknown),
        ("<KeePassFile>\n<Root>", ImportError::Damaged { line: 2 }),
        ("<KeePassFile>\n</Root>", ImportError::Damaged { line: 2 }),
    ] {
        assert_eq!(read(text).map(|_| ()), Err(want), "{text}");
    }
}
