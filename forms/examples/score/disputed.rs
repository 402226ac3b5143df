//! Pages whose answers look wrong. They count like all others; a column of its own tells the figures without them.

/// Parts of the pages' names, and what is to be seen there.
pub(crate) const DISPUTED: &[(&str, &str)] = &[
    ("samples/negative/fp5.html", NEGATIVE),
    ("samples/negative/fp14.html", NEGATIVE),
    ("samples/negative/fp21.html", NEGATIVE),
    ("samples/negative/fp28.html", NEGATIVE),
    ("samples/negative/fp40.html", NEGATIVE),
    ("samples/negative/fp42.html", NEGATIVE),
    ("samples/negative/fp43.html", NEGATIVE),
    ("samples/negative/fp45.html", NEGATIVE),
    ("samples/negative/fp72.html", NEGATIVE),
    ("samples/negative/fp77.html", NEGATIVE),
    ("search__typeless-search", NEGATIVE),
    (
        "ddg/containerstore_login_signup",
        "\"I have a password\": the password of a login called new",
    ),
    (
        "ddg/indeed_login_signup",
        "`current-password`, but called new",
    ),
    ("ddg/librarything_com_signup", LOGIN_BESIDE_SIGN_UP),
    ("ddg/namecheap_com-signup", LOGIN_BESIDE_SIGN_UP),
    ("training/EN_161.html", LOGIN_BESIDE_SIGN_UP),
    ("ddg/printful_com_login", "called a login, but is a sign-up"),
    (
        "positive/unused/138.html",
        "\"New Customers\", \"Create Password\": the sign-up called the login",
    ),
    (
        "ddg/duckduckgo_cloudsave-passphrase",
        "the box that shows a pass phrase called the user name",
    ),
    (
        "positive/unused/487.html",
        "an e-mail box called the password",
    ),
    (
        "ddg/en_irna_ir_login",
        "called username-first, but is a comment",
    ),
    (
        "ddg/www_mailspike_net_login",
        "called username-first, but is a contact form",
    ),
    (
        "ddg/socialmediaexaminer_com_login",
        "called username-first, but is a newsletter",
    ),
];

const NEGATIVE: &str = "called negative, but holds a plain login form, which is filled";
const LOGIN_BESIDE_SIGN_UP: &str = "the password of a login called the new one of a sign-up";

/// Why a page's answer looks wrong.
pub(crate) fn why(page: &str) -> Option<&'static str> {
    let found = DISPUTED.iter().find(|(part, _)| page.contains(part));
    found.map(|(_, why)| *why)
}
