//! Texts as search compares them: without case and without diacritics.

/// A text in lower case with the marks of Latin letters gone: `Ærøskøbing` becomes `aeroskobing`.
///
/// Other scripts keep their letters. This is for finding, never for comparing names.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(|c| push_bare(c, &mut out));
        }
    }
    out
}

/// Lower-case Latin letters of the blocks Latin-1 Supplement, Extended-A and Extended Additional
/// (Vietnamese), and what is left of them.
const BARE: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıǐỉị"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŉ"),
    ("o", "òóôõöøōŏőǒơọỏốồổỗộớờởỡợ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšșſ"),
    ("t", "ţťŧț"),
    ("u", "ùúûüũūŭůűųǔưụủứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
    ("ae", "æ"),
    ("oe", "œ"),
    ("ss", "ß"),
    ("th", "þ"),
];

fn push_bare(c: char, out: &mut String) {
    // Combining marks: what is left when a text comes decomposed.
    if ('\u{300}'..='\u{36f}').contains(&c) {
        return;
    }
    match BARE.iter().find(|(_, letters)| letters.contains(c)) {
        Some((bare, _)) => out.push_str(bare),
        None => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_marks_do_not_count() {
        for (text, want) in [
            ("GitHub", "github"),
            ("Ærøskøbing", "aeroskobing"),
            ("Straße", "strasse"),
            ("e\u{301}te\u{301}", "ete"),
            ("ÉTÉ", "ete"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("Việt Nam", "viet nam"),
            ("Ελλάδα", "ελλάδα"),
            ("日本", "日本"),
            ("", ""),
        ] {
            assert_eq!(fold(text), want, "{text}");
        }
    }
}
