//! Every panel in both themes, without a word of complaint in the console, and what a browser must be refused.

use anyhow::ensure;
use atelier_tests::backend::Backend;
use atelier_tests::driver::Driver;
use atelier_tests::page::Page;
use atelier_wire::studio::files::WriteTextFile;

#[tokio::test]
async fn every_panel_in_both_themes() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let backend = Backend::start(home.path())?;
    let rows =
        (0..500).map(|i| format!("{i},{},{}\n", f64::from(i % 37) / 7.0, ["red", "green", "blue"][i as usize % 3]));
    let text = format!("id,length,colour\n{}", rows.collect::<String>());
    backend.call(&WriteTextFile { path: "table.csv".into(), text, version: None }).await?;

    let driver = Driver::chromium().await?;
    let page = Page::new(driver.client.clone(), "browser");
    page.client.goto(&backend.window).await?;
    page.see("[data-app=atelier]").await?;
    let shown = page.client.current_url().await?;
    ensure!(!shown.as_str().contains("token"), "the token stays in the address bar");
    for panel in ["home", "files", "data", "jobs", "endpoints", "settings"] {
        page.open_panel(panel).await?;
        page.shots(panel).await?;
    }

    // A table, with its types and histograms.
    page.open_panel("files").await?;
    page.press(".screen.is-on [data-file='table.csv']").await?;
    page.see(".screen.is-on [data-view=table] th[data-column=length] svg").await?;
    page.see(".screen.is-on tr[data-row='0']").await?;
    page.press(".screen.is-on th[data-column=length]").await?;
    page.see(".screen.is-on [data-profile=length]").await?;
    page.see(".screen.is-on [data-section=distribution] .hist-bars i").await?;
    page.shots("table").await?;

    // The palette finds commands and files.
    page.press("[data-action=palette]").await?;
    page.see("[data-command]").await?;
    page.shots("palette").await?;
    driver.close().await
}

/// A notebook from somewhere, whose output tries to take over the studio.
const HOSTILE: &str = r#"{"cells": [{"cell_type": "code", "execution_count": 1, "id": "hostile1", "metadata": {},
  "source": ["1"], "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html":
  "<b id='drawn'>drawn</b><img src='x' onerror='parent.document.title = 1'><script>window.ran = true; try { parent.document.title = 'taken' } catch (e) {}</script>"}}]}],
  "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
  "nbformat": 4, "nbformat_minor": 5}"#;

#[tokio::test]
async fn what_a_notebook_prints_cannot_reach_the_studio() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let backend = Backend::start(home.path())?;
    backend.call(&WriteTextFile { path: "hostile.ipynb".into(), text: HOSTILE.into(), version: None }).await?;
    let driver = Driver::chromium().await?;
    let page = Page::new(driver.client.clone(), "browser-hostile");
    page.client.goto(&backend.window).await?;
    page.open_panel("files").await?;
    page.press(".screen.is-on [data-file='hostile.ipynb']").await?;
    let frame = page.see(".screen.is-on iframe[data-output=html]").await?;
    ensure!(frame.attr("sandbox").await?.as_deref() == Some("allow-scripts"), "the frame has an origin");
    frame.enter_frame().await?;
    page.see("#drawn").await?;
    ensure!(page.script("return window.origin").await? == "null", "the frame has an origin");
    for (reach, what) in [
        ("return parent.document.title", "the studio's page"),
        ("return parent.sessionStorage.length", "the studio's token"),
        ("return sessionStorage.length", "its own storage"),
        ("await fetch('/health'); return 'reached'", "the backend"),
        ("await fetch('http://127.0.0.1:9/'); return 'reached'", "the network"),
    ] {
        let tried = format!("try {{ {reach} }} catch (refused) {{ return 'refused' }}");
        ensure!(page.script(&tried).await? == "refused", "an output reached {what}");
    }
    page.client.clone().enter_parent_frame().await?;
    ensure!(page.script("return document.title").await? == "Atelier", "an output changed the window");
    driver.close().await
}

#[tokio::test]
async fn a_page_without_the_token_is_refused() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let backend = Backend::start(home.path())?;
    let driver = Driver::chromium().await?;
    let page = Page::new(driver.client.clone(), "browser-refused");
    page.client.goto(&backend.address).await?;
    let script = "const answer = await fetch('/studio/call/GetStudio', {method: 'POST', body: '{}', \
                  headers: {'Content-Type': 'application/json'}}); return answer.status";
    let status = page.script(script).await?;
    ensure!(status == 401 || status == 403, "a call without the token is answered with {status}");
    page.see("[data-app=no-token]").await?;
    page.shots("refused").await?;
    // Nor may a page of another origin call, even one that a person opened.
    let foreign = backend.address.replace("127.0.0.1", "localhost");
    page.client.goto(&foreign).await?;
    let script = format!(
        "try {{ await fetch('{}/studio/call/GetStudio', {{method: 'POST', body: '{{}}', headers: {{Authorization: 'Bearer x'}}}}); \
         return 'answered' }} catch (refused) {{ return 'refused' }}",
        backend.address
    );
    ensure!(page.script(&script).await? == "refused", "another origin's page is refused");
    driver.close().await
}
