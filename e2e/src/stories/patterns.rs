//! Pages of one habit each: a story plays a folder of `e2e/sites/patterns`, and tells of every page
//! that went wrong. `PEARVAULT_PATTERN` takes only those whose name holds it.

use anyhow::{Result, bail};

use crate::{
    browser::Kind,
    pages::user::User,
    patterns::{Items, Pattern},
    place,
    stage::Stage,
};

/// What does not work yet, and why. A pattern that works in spite of that fails the story: take its
/// line out.
const NOT_YET: &[(&str, &str)] = &[];

macro_rules! folders {
    ($($folder:ident)*) => {
        $(pub(super) async fn $folder(stage: &Stage) -> Result<()> {
            play_folder(stage, stringify!($folder)).await
        })*
        #[cfg(test)]
        const FOLDERS: &[&str] = &[$(stringify!($folder)),*];
    };
}

folders! { checkout codes forms frameworks hostile languages never new_password shadow }

async fn play_folder(stage: &Stage, folder: &str) -> Result<()> {
    let only = std::env::var("PEARVAULT_PATTERN").unwrap_or_default();
    let mut patterns = Pattern::in_folder(folder)?;
    patterns.retain(|pattern| pattern.name.contains(&only));
    if patterns.is_empty() {
        return Ok(());
    }
    let ada = stage.user_with_account("ada").await?;
    let items = Items::save(&ada).await?;
    let mut wrong = Vec::new();
    for pattern in &patterns {
        let played = pattern.play(&ada, &stage.site, &items).await;
        let missing = NOT_YET.iter().find(|(name, _)| *name == pattern.name);
        let (name, breaks) = (&pattern.name, &pattern.breaks);
        match (played, missing) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Ok(()), Some((_, why))) => {
                wrong.push(format!("{name} works by now: take `{why}` out of NOT_YET"));
            }
            (Err(error), None) => {
                keep_picture(&ada, stage.kind(), name).await.ok();
                wrong.push(format!("{name}: {error:#}\n            ({breaks})"));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let count = patterns.len();
    bail!(
        "{} of {count} patterns\n        {}",
        wrong.len(),
        wrong.join("\n        ")
    )
}

/// Leaves a picture of a page that went wrong.
async fn keep_picture(user: &User, kind: Kind, name: &str) -> Result<()> {
    let folder = place::in_root("target/e2e/patterns");
    std::fs::create_dir_all(&folder)?;
    user.page().await?;
    let file = format!("{kind}-{}.png", name.replace('/', "-"));
    user.screenshot(&folder.join(file)).await
}

#[cfg(test)]
mod tests {
    use anyhow::ensure;

    use super::*;

    fn all() -> Result<Vec<Pattern>> {
        let mut all = Vec::new();
        for folder in FOLDERS {
            all.extend(Pattern::in_folder(folder)?);
        }
        Ok(all)
    }

    #[test]
    fn every_page_says_what_it_breaks_and_what_is_expected() -> Result<()> {
        ensure!(all()?.len() >= 70);
        Ok(())
    }

    #[test]
    fn every_folder_has_a_story() -> Result<()> {
        for name in Pattern::folders()? {
            ensure!(FOLDERS.contains(&name.as_str()), "no story plays {name}");
        }
        Ok(())
    }

    #[test]
    fn what_does_not_work_yet_exists() -> Result<()> {
        let all = all()?;
        for (name, _) in NOT_YET {
            ensure!(all.iter().any(|it| it.name == *name), "there is no {name}");
        }
        Ok(())
    }
}
