//! `/patterns/`: a list of the patterns, made of what the pages say of themselves.

use std::path::Path;

use anyhow::Result;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::files;
use crate::patterns::Pattern;

/// The page with the list in it.
pub(super) fn overview(sites: &Path) -> Response {
    let page = std::fs::read_to_string(sites.join("patterns/index.html"));
    match (page, list()) {
        (Ok(page), Ok(list)) => files::bare(
            "text/html; charset=utf-8",
            page.replace("{{patterns}}", &list),
        ),
        (_, Err(error)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response()
        }
        (Err(_), _) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn list() -> Result<String> {
    let mut parts = Vec::new();
    for folder in Pattern::folders()? {
        let heading = folder.replace('_', " ");
        parts.push(format!("<h2>{heading}</h2>\n<ul class=\"list\">"));
        let patterns = Pattern::in_folder(&folder)?;
        parts.extend(patterns.into_iter().map(
            |Pattern {
                 path, name, breaks, ..
             }| {
                let name = name.rsplit('/').next().unwrap_or_default();
                format!("<li><a href=\"{path}\">{name}</a> <span>{breaks}</span></li>")
            },
        ));
        parts.push("</ul>".to_owned());
    }
    Ok(parts.join("\n"))
}
