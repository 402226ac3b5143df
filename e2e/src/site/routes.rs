//! Routes of the practice site: the table of `e2e/sites/README.md`.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Router,
    extract::{Path as UrlPath, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{PASSWORD, USERNAME, files};

/// Policy of `/strict-csp/`: nothing but its own style and form.
const STRICT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// Policy of saved pages: nothing of them runs or loads.
const SAVED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-src 'self' data:",
);
/// What `/basic-auth/` asks for.
const BASIC: HeaderValue =
    HeaderValue::from_static("Basic realm=\"Orchard Mail\", charset=\"UTF-8\"");

/// What the site knows.
pub(super) struct Practice {
    sites: PathBuf,
    saved: Option<PathBuf>,
    /// Names behind live session cookies.
    sessions: Mutex<HashMap<String, String>>,
}

impl Practice {
    pub(super) fn new(sites: PathBuf, saved: Option<PathBuf>) -> Self {
        Self {
            sites,
            saved,
            sessions: Mutex::default(),
        }
    }

    fn with_sessions<T>(&self, act: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        act(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Shared = State<Arc<Practice>>;

pub(super) fn router(practice: Arc<Practice>) -> Router {
    let nothing = || async { StatusCode::NO_CONTENT };
    Router::new()
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/identify", post(identify))
        .route("/welcome/", get(welcome))
        .route("/username-first/password/", get(second_step))
        .route("/sign-up", post(nothing))
        .route("/change-password", post(change_password))
        .route("/newsletter", post(nothing))
        .route("/search", get(nothing))
        .route("/strict-csp/{*path}", get(strict))
        .route("/strict-csp/", get(strict))
        .route("/saved/{*path}", get(saved))
        .route("/basic-auth/", get(behind_basic))
        .route("/patterns/", get(patterns))
        .fallback(get(file))
        .with_state(practice)
}

#[derive(Deserialize)]
struct LogIn {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    from: String,
}

async fn log_in(State(practice): Shared, Form(form): Form<LogIn>) -> Response {
    if form.username != USERNAME || form.password != PASSWORD {
        return see_other(&format!("{}#error", page_or_plain(&form.from)), None);
    }
    // Unguessable enough for a practice site that holds nothing: `RandomState` is seeded by the
    // operating system.
    let token = format!("{:016x}{:016x}", random_u64(), random_u64());
    practice.with_sessions(|sessions| sessions.insert(token.clone(), form.username));
    see_other(
        "/welcome/",
        Some(&format!(
            "orchard_session={token}; HttpOnly; SameSite=Lax; Path=/"
        )),
    )
}

async fn log_out(State(practice): Shared, headers: HeaderMap) -> Response {
    if let Some(token) = cookie(&headers, "orchard_session") {
        practice.with_sessions(|sessions| sessions.remove(&token));
    }
    see_other("/plain/", None)
}

#[derive(Deserialize)]
struct Identify {
    #[serde(default)]
    username: String,
}

async fn identify(Form(form): Form<Identify>) -> Response {
    let name: String = url::form_urlencoded::byte_serialize(form.username.as_bytes()).collect();
    see_other(
        "/username-first/password/",
        Some(&format!("orchard_user={name}; SameSite=Lax; Path=/")),
    )
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    repeat: String,
}

/// Says that the password was changed, and keeps the old one.
async fn change_password(Form(form): Form<Change>) -> Response {
    if form.current == PASSWORD && !form.new.is_empty() && form.new == form.repeat {
        see_other("/change-password/done/", None)
    } else {
        StatusCode::NO_CONTENT.into_response()
    }
}

async fn welcome(State(practice): Shared, headers: HeaderMap) -> Response {
    let token = cookie(&headers, "orchard_session").unwrap_or_default();
    match practice.with_sessions(|sessions| sessions.get(&token).cloned()) {
        Some(user) => with_user(&practice, "welcome/index.html", &user),
        None => see_other("/plain/", None),
    }
}

async fn second_step(State(practice): Shared, headers: HeaderMap) -> Response {
    let user = cookie(&headers, "orchard_user").unwrap_or_default();
    with_user(&practice, "username-first/password/index.html", &user)
}

async fn strict(State(practice): Shared, uri: Uri) -> Response {
    let mut response = files::answer(&practice.sites, uri.path());
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, STRICT);
    response
}

async fn saved(State(practice): Shared, UrlPath(path): UrlPath<String>) -> Response {
    let mut response = match &practice.saved {
        Some(folder) => files::answer(folder, &path),
        None => StatusCode::NOT_FOUND.into_response(),
    };
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, SAVED);
    response
}

/// HTTP's own sign-in (RFC 7617).
async fn behind_basic(State(practice): Shared, uri: Uri, headers: HeaderMap) -> Response {
    let known = BASE64_STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
    let given = headers.get(header::AUTHORIZATION);
    if given.is_some_and(|given| given == format!("Basic {known}").as_str()) {
        return files::answer(&practice.sites, uri.path());
    }
    let challenge = [(header::WWW_AUTHENTICATE, BASIC)];
    (StatusCode::UNAUTHORIZED, challenge).into_response()
}

async fn file(State(practice): Shared, uri: Uri) -> Response {
    files::answer(&practice.sites, uri.path())
}

async fn patterns(State(practice): Shared) -> Response {
    super::patterns::overview(&practice.sites)
}

fn with_user(practice: &Practice, file: &str, user: &str) -> Response {
    let Ok(page) = std::fs::read_to_string(practice.sites.join(file)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    files::bare(
        "text/html; charset=utf-8",
        page.replace("{{user}}", &escape(user)),
    )
}

/// Where a failed sign-in goes back to: a path of ours, and nothing else.
fn page_or_plain(from: &str) -> &str {
    let inner = from
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let letters = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'/' | b'-'))
    };
    // `//host/` would be another site's address.
    if inner.is_some_and(|inner| letters(inner) && !inner.starts_with('/')) {
        from
    } else {
        "/plain/"
    }
}

fn see_other(to: &str, cookie: Option<&str>) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let value = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))?;
    let decoded = url::form_urlencoded::parse(format!("v={value}").as_bytes())
        .next()?
        .1
        .into_owned();
    Some(decoded)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn random_u64() -> u64 {
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_sign_in_returns_only_to_pages_of_the_site() {
        assert_eq!(page_or_plain("/strict-csp/"), "/strict-csp/");
        assert_eq!(
            page_or_plain("/username-first/password/"),
            "/username-first/password/"
        );
        for elsewhere in [
            "",
            "/",
            "//other.test/",
            "//other/",
            "https://other.test/",
            "/A/",
            "/a",
        ] {
            assert_eq!(page_or_plain(elsewhere), "/plain/", "{elsewhere}");
        }
    }

    #[test]
    fn cookies_are_read_by_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=1; orchard_user=ada%40b+c; b=2"),
        );
        assert_eq!(cookie(&headers, "orchard_user").as_deref(), Some("ada@b c"));
        assert_eq!(cookie(&headers, "user"), None);
    }

    #[test]
    fn names_cannot_bring_markup() {
        assert_eq!(escape("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
    }
}
