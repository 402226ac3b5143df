//! Files below a folder, with the headers of the practice site.

use std::path::{Component, Path, PathBuf};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

/// The answer for a path of the site.
pub(super) fn answer(folder: &Path, path: &str) -> Response {
    let Some(mut file) = below(folder, path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if file.is_dir() {
        if !path.ends_with('/') {
            return Redirect::permanent(&format!("{path}/")).into_response();
        }
        file.push("index.html");
    }
    match std::fs::read(&file) {
        Ok(bytes) => bare(kind_of(&file), bytes),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A body with its type and the headers that every file has.
pub(super) fn bare(kind: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// A path below `folder`; `None` where it would leave it.
pub(super) fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    let inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| folder.join(relative))
}

fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        let folder = Path::new("/sites");
        assert_eq!(
            below(folder, "/plain/a.css"),
            Some(PathBuf::from("/sites/plain/a.css"))
        );
        assert_eq!(below(folder, "/"), Some(PathBuf::from("/sites/")));
        for outside in ["/../secret", "/a/../../secret"] {
            assert_eq!(below(folder, outside), None, "{outside}");
        }
    }
}
