//! What a person does in the window, in a person's words: press, open, wait to see, type, look.

use crate::output;
use anyhow::{Context as _, bail};
use atelier_wire::studio::home::GetWindowState;
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a part of the window may take to show.
const SOON: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub struct Page {
    pub client: Client,
    /// Put before the names of screenshots.
    name: String,
}

impl Page {
    pub fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    /// Waits until an element is there that matches the CSS selector and can be seen.
    pub async fn see(&self, css: &str) -> anyhow::Result<Element> {
        self.see_within(css, SOON).await
    }

    pub async fn see_within(&self, css: &str, limit: Duration) -> anyhow::Result<Element> {
        let started = Instant::now();
        loop {
            for element in self.client.find_all(Locator::Css(css)).await? {
                // An element may go between the questions. WebKit's answer to the first is wrong for text that is cut
                // short, and an element without a box of its own has no size.
                let displayed = element.is_displayed().await.unwrap_or(false);
                if displayed || element.rectangle().await.is_ok_and(|(_, _, width, height)| width * height > 0.0) {
                    return Ok(element);
                }
            }
            if started.elapsed() > limit {
                self.shot("failed").await?;
                bail!("{css} was not seen within {} s; see the screenshot {}-failed.png", limit.as_secs(), self.name);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until nothing matches.
    pub async fn see_no_more(&self, css: &str, limit: Duration) -> anyhow::Result<()> {
        let started = Instant::now();
        while !self.client.find_all(Locator::Css(css)).await?.is_empty() {
            if started.elapsed() > limit {
                self.shot("failed").await?;
                bail!("{css} is still there; see the screenshot {}-failed.png", self.name);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits for the element and clicks it, as often as it is drawn anew in between.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            match self.see(css).await?.click().await {
                Ok(()) => return Ok(()),
                Err(problem) if started.elapsed() > SOON => {
                    return Err(problem).with_context(|| format!("pressing {css}"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        // As it is drawn. WebKit's driver says nothing of text that is cut short.
        let text = self.see(css).await?.prop("innerText").await?.unwrap_or_default();
        Ok(text.trim().to_owned())
    }

    /// Waits until the text of an element is as expected.
    pub async fn reads(&self, css: &str, expected: &str, limit: Duration) -> anyhow::Result<()> {
        self.text_where(css, limit, expected, |text| text == expected).await
    }

    /// Waits until the text of an element has this in it.
    pub async fn says(&self, css: &str, part: &str, limit: Duration) -> anyhow::Result<()> {
        self.text_where(css, limit, part, |text| text.contains(part)).await
    }

    async fn text_where(
        &self,
        css: &str,
        limit: Duration,
        expected: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let text = self.text(css).await?;
            if is_it(&text) {
                return Ok(());
            }
            if started.elapsed() > limit {
                self.shot("failed").await?;
                bail!("{css} reads {text:?}, not {expected:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs a script's body in the page and returns its value.
    pub async fn script(&self, body: &str) -> anyhow::Result<serde_json::Value> {
        Ok(self.client.execute(body, Vec::new()).await?)
    }

    /// What is far from the screen may not be drawn.
    pub async fn scroll_to(&self, css: &str) -> anyhow::Result<()> {
        self.script(&format!("document.querySelector(\"{css}\").scrollIntoView()")).await.map(drop)
    }

    /// Shows a panel by its button in the rail.
    pub async fn open_panel(&self, id: &str) -> anyhow::Result<()> {
        self.press(&format!("[data-rail={id}]")).await?;
        self.see(&format!(".screen.is-on[data-panel={id}]")).await?;
        Ok(())
    }

    /// Waits until the backend of `home` has been told of these tabs.
    pub async fn saved_window(&self, home: &Path, tabs: &[String]) -> anyhow::Result<()> {
        let request = GetWindowState { key: "window".into() };
        let started = Instant::now();
        loop {
            let value = crate::backend::call_on(home, &request).await?.value.unwrap_or_default();
            if tabs.iter().all(|tab| value.contains(tab.as_str())) {
                return Ok(());
            }
            if started.elapsed() > SOON {
                bail!("the window's tabs were not kept: {value}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Keeps a screenshot among the test's output.
    pub async fn shot(&self, what: &str) -> anyhow::Result<()> {
        let image = self.client.screenshot().await?;
        std::fs::write(output().join(format!("{}-{what}.png", self.name)), image)?;
        Ok(())
    }

    /// A screenshot in each theme.
    pub async fn shots(&self, what: &str) -> anyhow::Result<()> {
        for theme in ["light", "dark"] {
            // Colours fade from theme to theme; the picture is of their end.
            let settle = "document.getAnimations().forEach(animation => { try { animation.finish() } catch {} })";
            self.script(&format!(
                "document.documentElement.dataset.theme = '{theme}'; document.body.offsetWidth; {settle}"
            ))
            .await?;
            self.shot(&format!("{what}-{theme}")).await?;
        }
        Ok(())
    }
}
