//! Practice pages of one habit each, and what Pearvault must do there. How such a page is written
//! is told in `e2e/sites/README.md`.

mod act;
mod look;
mod step;
mod words;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context as _, Result, anyhow, ensure};
use fantoccini::Locator;
use proto::{bridge::popup::FillReport, error::ErrorCode};

pub use self::{
    act::{Act, CARD, IDENTITY, Items, save_card_and_identity},
    step::Step,
};
use self::{look::Seen, words::Words};
use crate::{
    pages::{bridge::refusal, user::User},
    patience::{POLL, SOON, until},
    place,
    site::Site,
};

/// Time that a page gets to show what an act has done: the act itself is over by then.
const SHOWS_WITHIN: Duration = Duration::from_secs(1);
/// Time after which a page has failed.
const PAGE_LIMIT: Duration = Duration::from_secs(30);

/// A page of one habit.
#[derive(Debug)]
pub struct Pattern {
    /// `FOLDER/NAME`.
    pub name: String,
    /// What naive managers do wrong there, one sentence.
    pub breaks: String,
    /// Path of its address.
    pub path: String,
    first: Step,
}

impl Pattern {
    /// Names of the folders below `e2e/sites/patterns`.
    pub fn folders() -> Result<Vec<String>> {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(place::in_root("e2e/sites/patterns"))? {
            let entry = entry?;
            if entry.path().is_dir() {
                folders.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// The patterns of a folder below `e2e/sites/patterns`, by name.
    ///
    /// # Errors
    /// A page that does not say what it breaks and what is expected.
    pub fn in_folder(folder: &str) -> Result<Vec<Self>> {
        let below = place::in_root("e2e/sites/patterns").join(folder);
        let mut patterns = Vec::new();
        for entry in std::fs::read_dir(&below).with_context(|| below.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let (name, page, file) = match name.strip_suffix(".html") {
                Some(stem) => (stem, name.clone(), entry.path()),
                None if entry.path().is_dir() => (
                    name.as_str(),
                    format!("{name}/"),
                    entry.path().join("index.html"),
                ),
                None => continue,
            };
            let name = format!("{folder}/{name}");
            let path = format!("/patterns/{folder}/{page}");
            patterns.push(Self::read(&file, name.clone(), path).context(name)?);
        }
        patterns.sort_by(|one, other| one.name.cmp(&other.name));
        ensure!(!patterns.is_empty(), "{folder} has no patterns");
        Ok(patterns)
    }

    fn read(file: &Path, name: String, path: String) -> Result<Self> {
        let page = std::fs::read_to_string(file)?;
        let between = |before: &str, after: &str| {
            let (_, rest) = page.split_once(before)?;
            Some(rest.split_once(after)?.0)
        };
        let breaks = between("<meta name=\"breaks\" content=\"", "\">");
        let expect = between(
            "<script type=\"application/json\" id=\"expect\">",
            "</script>",
        );
        let first: Step = serde_json::from_str(expect.context("no `expect`")?)?;
        first.check()?;
        let breaks = breaks.context("no `breaks`")?;
        ensure!(!breaks.contains(['<', '&']), "`breaks` has markup");
        Ok(Self {
            name,
            breaks: breaks.to_owned(),
            path,
            first,
        })
    }

    /// Plays the page; the error tells what was expected and what was found.
    pub async fn play(&self, user: &User, site: &Site, items: &Items) -> Result<()> {
        let play = async {
            user.visit(&site.https("orchard.test", &self.path)).await?;
            let mut next = Some(&self.first);
            while let Some(step) = next {
                step.play(user, items).await?;
                next = step.then.as_deref();
            }
            Ok(())
        };
        let played = tokio::time::timeout(PAGE_LIMIT, play).await;
        played.unwrap_or_else(|_| Err(anyhow!("not over after {PAGE_LIMIT:?}")))
    }
}

impl Step {
    async fn play(&self, user: &User, items: &Items) -> Result<()> {
        self.prepare(user).await?;
        let mut words = Words::new();
        if self.tells_code() {
            words.learn_code(user, items).await?;
        }
        let answer = self.act.perform(user, items, self.new_field()).await;
        if self.tells_code() {
            words.learn_code(user, items).await?;
        }
        let answered = self.check_answer(&answer);
        let limit = match answered {
            _ if self.gone => SOON,
            Ok(()) => SHOWS_WITHIN,
            // Nothing more will come.
            Err(_) => Duration::ZERO,
        };
        user.page().await?;
        let mut seen = Vec::new();
        let shown = until("what was expected", limit, async || {
            seen = self.differences(user, &words).await?;
            Ok(seen.is_empty().then_some(()))
        })
        .await;
        if let (Err(error), true) = (&shown, seen.is_empty()) {
            return Err(anyhow!("{error:#}"));
        }
        seen.extend(answered.err().map(|error| error.to_string()));
        ensure!(seen.is_empty(), "{}", seen.join("; "));
        Ok(())
    }

    async fn prepare(&self, user: &User) -> Result<()> {
        let page = user.page().await?;
        if let Some(frame) = &self.frame {
            enter(user, frame).await?;
        }
        if let Some(target) = &self.click {
            page.wait_for(target).await?;
            page.click(target).await?;
        }
        if let Some(awaited) = &self.after {
            page.wait_for(awaited).await?;
        }
        Ok(())
    }

    /// Whether Pearvault says what it did.
    fn check_answer(&self, answer: &Result<FillReport>) -> Result<()> {
        if self.gone {
            return Ok(());
        }
        let code = refusal(answer).map(|error| error.code);
        if self.refused {
            let told = answer
                .as_ref()
                .map_or_else(|e| format!("{e:#}"), |done| format!("{done:?}"));
            ensure!(
                matches!(code, Some(ErrorCode::NothingToFill | ErrorCode::FillLost)),
                "not refused: {told}"
            );
            return Ok(());
        }
        let report = answer.as_ref().map_err(|error| anyhow!("{error:#}"))?;
        let wants = |word| self.wants().any(|wanted| wanted == word);
        if self.act == Act::FillLogin {
            ensure!(
                report.password == wants("PASSWORD") && report.username >= wants("USERNAME"),
                "it reports {report:?}"
            );
        }
        Ok(())
    }

    /// Looks at the page, and at the frame that the step is about.
    async fn differences(&self, user: &User, words: &Words) -> Result<Vec<String>> {
        user.page().await?;
        let nothing = BTreeMap::new();
        let Some(frame) = &self.frame else {
            let seen = Seen::take(user, &self.values, &self.state, words).await?;
            return Ok(seen.differences(&self.values, &self.state, words));
        };
        let around = Seen::take(user, &nothing, &nothing, words).await?;
        enter(user, frame).await?;
        let within = Seen::take(user, &self.values, &self.state, words).await?;
        let mut found = around.differences(&nothing, &nothing, words);
        found.extend(within.differences(&self.values, &self.state, words));
        Ok(found)
    }
}

async fn enter(user: &User, frame: &str) -> Result<()> {
    let client = &user.browser.client;
    let wait = client.wait().at_most(SOON).every(POLL);
    let frame = wait.for_element(Locator::Css(frame)).await?;
    Ok(frame.enter_frame().await?)
}
