//! Recovery words, as a user sees and types them.

use anyhow::{Context as _, Result};

use super::Popup;
use crate::patience::WORK;

impl Popup<'_> {
    /// The words on the screen, in their order.
    pub async fn recovery_words(&self) -> Result<Vec<String>> {
        self.wait_for("words").await?;
        let mut words = Vec::new();
        for place in 1..=24 {
            words.push(self.text(&format!("word-{place}")).await?);
        }
        Ok(words)
    }

    /// Places of the words that are asked for, from 1.
    pub async fn asked_places(&self) -> Result<Vec<usize>> {
        self.wait_for("confirm-words").await?;
        let script = "return [...document.querySelectorAll('[data-test^=word-input-]')]
            .map(input => Number(input.dataset.test.slice('word-input-'.length)))";
        let places = self.user.script(script, Vec::new()).await?;
        serde_json::from_value(places).context("places of words")
    }

    /// Types the words that are asked for, and the password, and confirms.
    pub async fn confirm_words(&self, words: &[String], password: &str) -> Result<()> {
        for place in self.asked_places().await? {
            let word = words.get(place - 1).context("24 words")?;
            self.enter(&format!("word-input-{place}"), word).await?;
        }
        self.enter("password-input", password).await?;
        self.click("confirm-words").await
    }

    /// Sets a new password with words, from the welcome screen to the open vault.
    pub async fn recover(
        &self,
        address: &str,
        server: &str,
        words: &str,
        password: &str,
    ) -> Result<()> {
        self.wait_for_screen("welcome").await?;
        self.click("have-account").await?;
        self.wait_for_screen("login").await?;
        self.click("forgot-password").await?;
        self.wait_for_screen("recover").await?;
        self.enter_server(server).await?;
        self.enter("address-input", address).await?;
        self.enter("words-input", words).await?;
        self.click("continue").await?;
        self.set_new_password(password).await?;
        self.click("recover").await?;
        self.wait_for_screen_within("home", WORK).await
    }

    /// Fills both fields of a new password.
    pub async fn set_new_password(&self, password: &str) -> Result<()> {
        self.wait_for("confirm-input").await?;
        self.enter("password-input", password).await?;
        self.enter("confirm-input", password).await
    }
}
