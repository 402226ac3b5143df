//! The browsers that are compared, and whose turn it is.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use super::visitor::{Load, Visitor};
use crate::{
    browser::{Extension, Kind},
    pages::user::User,
    stage::{Stage, save_practice_login},
};

/// What a browser has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// No extension.
    Bare,
    /// No extension either.
    Again,
    /// The extension with empty content scripts.
    Blank,
    /// The extension.
    Ours,
}

impl Subject {
    /// In the order in which results are told.
    pub(super) const ALL: [Self; 4] = [Self::Bare, Self::Again, Self::Blank, Self::Ours];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Again => "again",
            Self::Blank => "blank",
            Self::Ours => "ours",
        }
    }
}

/// Stage and browsers.
#[derive(Debug)]
pub(super) struct Lab {
    stage: Stage,
    visitors: Vec<(Subject, Visitor)>,
    turns: usize,
    _blank: TempDir,
}

impl Lab {
    /// Starts all browsers.
    pub(super) async fn open(stage: Stage) -> Result<Self> {
        let blank = tempfile::Builder::new()
            .prefix("pearvault-blank-")
            .tempdir()?;
        let ours = stage.user(Subject::Ours.name()).await?;
        blank_copy(ours.browser.extension_folder()?, blank.path())?;
        let mut visitors = Vec::new();
        for subject in [Subject::Bare, Subject::Again, Subject::Blank] {
            let extension = match subject {
                Subject::Blank => Extension::Folder(blank.path().to_owned()),
                _ => Extension::Absent,
            };
            let user = stage.user_with_extension(subject.name(), extension).await?;
            visitors.push((subject, Visitor::new(user)));
        }
        visitors.push((Subject::Ours, Visitor::new(ours)));
        Ok(Self {
            stage,
            visitors,
            turns: 0,
            _blank: blank,
        })
    }

    /// Makes an account in the extension's browser, open and with the practice site's login.
    pub(super) async fn unlock(&self) -> Result<()> {
        let user = self.user(Subject::Ours)?;
        self.stage.give_account(user).await?;
        save_practice_login(user, &self.stage.site.https("orchard.test", "/")).await?;
        user.close_popup().await
    }

    /// The browser that is measured.
    pub(super) fn kind(&self) -> Kind {
        self.stage.kind()
    }

    /// Address of a page of `sites/bench`.
    pub(super) fn page(&self, name: &str) -> String {
        let path = format!("/bench/{name}.html");
        self.stage.site.https("orchard.test", &path)
    }

    /// Address of a saved page.
    pub(super) fn saved(&self, path: &str) -> String {
        self.stage
            .site
            .https("saved.test", &format!("/saved/{path}"))
    }

    pub(super) fn visitor(&self, subject: Subject) -> Result<&Visitor> {
        let mut all = self.visitors.iter();
        let found = all.find_map(|(it, visitor)| (*it == subject).then_some(visitor));
        found.with_context(|| format!("nobody is {}", subject.name()))
    }

    pub(super) fn user(&self, subject: Subject) -> Result<&Arc<User>> {
        Ok(&self.visitor(subject)?.user)
    }

    /// The subjects in an order that changes from round to round: nobody is always first.
    pub(super) fn turn(&mut self, subjects: &[Subject]) -> Vec<Subject> {
        let mut order = subjects.to_vec();
        order.rotate_left(self.turns % subjects.len());
        self.turns += 1;
        order
    }

    /// One load in every subject's browser, in the order of `subjects`.
    pub(super) async fn round(&mut self, url: &str, subjects: &[Subject]) -> Result<Vec<Load>> {
        let mut loads = Vec::new();
        for subject in self.turn(subjects) {
            loads.push((subject, self.visitor(subject)?.load(url).await?));
        }
        loads.sort_by_key(|(subject, _)| *subject);
        Ok(loads.into_iter().map(|(_, load)| load).collect())
    }

    /// Prints `page.NAME.BROWSER`.
    pub(super) fn tell(&self, name: &str, value: f64, unit: &str) {
        crate::bench::print(&format!("page.{name}.{}", self.kind()), value, unit);
    }

    /// Ends the browsers in order.
    pub(super) async fn close(self) {
        drop(self.visitors);
        self.stage.close().await;
    }
}

/// Files that the manifest puts into pages.
pub(super) fn content_scripts(extension: &Path) -> Result<Vec<PathBuf>> {
    let text = fs::read_to_string(extension.join("manifest.json"))?;
    let manifest: Value = serde_json::from_str(&text)?;
    let lists = manifest["content_scripts"].as_array().into_iter().flatten();
    let files = lists.flat_map(|list| list["js"].as_array().into_iter().flatten());
    Ok(files
        .filter_map(|file| Some(extension.join(file.as_str()?)))
        .collect())
}

/// Copies an extension and empties its content scripts: the browser still gives every page a place
/// for them.
fn blank_copy(from: &Path, to: &Path) -> Result<()> {
    copy(from, to)?;
    for script in content_scripts(to)? {
        fs::write(script, ";\n")?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
