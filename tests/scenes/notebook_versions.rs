//! Other versions and other forms of a notebook: a file that another program changed, the last save, the last commit,
//! exports.

use super::notebook::{BOOK, KERNEL, cell, choose, keys, notebook, open, saved, saved_as};
use anyhow::{Context as _, ensure};
use atelier_tests::driver::Driver;
use atelier_tests::page::Page;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const MORE: &str = ".screen.is-on[data-panel=notebook] .toolbar [aria-label=More]";

fn has(file: &Value, source: &str) -> bool {
    let is = |cell: &Value| cell["source"] == json!([source]) || cell["source"] == source;
    file["cells"].as_array().is_some_and(|cells| cells.iter().any(is))
}

/// A notebook with a cell that asks, and one in which its versions differ.
fn version(source: &str) -> String {
    notebook(&[("waits001", "code", "answer = input('Go on? ')"), ("differs1", "code", source)])
}

async fn conflict(page: &Page, home: &Path, theirs: &str) -> anyhow::Result<()> {
    std::fs::write(home.join("workspace/both.ipynb"), version(theirs))?;
    page.see_within(&format!("{BOOK} [data-conflict=changed]"), KERNEL).await?;
    Ok(())
}

async fn settle(page: &Page, choice: &str) -> anyhow::Result<()> {
    page.press(&format!("{BOOK} [data-conflict] [data-action={choice}]")).await?;
    page.see_no_more(&format!("{BOOK} [data-conflict]"), KERNEL).await
}

/// While a cell runs nothing that another program writes is taken over unasked. This one asks and waits, and what it
/// changed is saved, so that nothing is written here but what the test does.
#[tokio::test]
async fn a_change_by_another_program_is_settled_as_a_person_chooses() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "both.ipynb", version("mine = 1")).await?;
    keys(&page, "waits001", "\u{E009}\u{E007}\u{E000}").await?;
    page.see_within(&format!("{} [data-input] input", cell("waits001")), KERNEL).await?;
    page.see_within(&format!("{BOOK} [data-saved=true]"), KERNEL).await?;

    // Compared, then edited further: nothing is written before a choice, and mine is all that is here.
    conflict(&page, home.path(), "theirs = 1").await?;
    page.shots("conflict").await?;
    page.press(&format!("{BOOK} [data-conflict] [data-action=compare]")).await?;
    page.see_within(&format!("{BOOK} [data-diff] [data-change=changed]"), KERNEL).await?;
    let text = page.text(&format!("{BOOK} [data-diff]")).await?;
    ensure!(text.contains("theirs = 1") && text.contains("mine = 1"), "{text}");
    page.press(&format!("{BOOK} [data-action=diff-close]")).await?;
    keys(&page, "differs1", "b").await?;
    page.see(&format!("{BOOK} [data-saved=false]")).await?;
    choose(&page, MORE, "Compare").await?;
    page.see_within(&format!("{BOOK} [data-diff] [data-change=added]"), KERNEL).await?;
    page.shots("last-save").await?;
    page.press(&format!("{BOOK} [data-action=diff-close]")).await?;
    ensure!(has(&saved(home.path(), "both.ipynb")?, "theirs = 1"), "it was written over unasked");
    settle(&page, "keep-mine").await?;
    let file = saved_as(home.path(), "both.ipynb", |file| has(file, "mine = 1")).await?;
    ensure!(file["cells"].as_array().is_some_and(|cells| cells.len() == 3), "the edit is lost: {file}");

    conflict(&page, home.path(), "theirs = 2").await?;
    settle(&page, "keep-both").await?;
    saved_as(home.path(), "both.ipynb", |file| has(file, "mine = 1")).await?;
    ensure!(has(&saved(home.path(), "both (other version).ipynb")?, "theirs = 2"), "the other version is lost");

    conflict(&page, home.path(), "theirs = 3").await?;
    settle(&page, "keep-theirs").await?;
    page.reads(&format!("{} .src", cell("differs1")), "theirs = 3", KERNEL).await?;
    ensure!(
        std::fs::read_to_string(home.path().join("workspace/both.ipynb"))? == version("theirs = 3"),
        "the file was touched"
    );
    studio.close().await
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]);
    let done =
        command.arg("-C").arg(folder).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().context("git")?;
    ensure!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

#[tokio::test]
async fn the_last_commit_is_compared_with() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let cells =
        [("same0001", "code", "same = 1"), ("gone0001", "code", "gone = 1"), ("text0001", "markdown", "# Title")];
    let (studio, page) = open(home.path(), "commit.ipynb", notebook(&cells)).await?;
    let workspace = home.path().join("workspace");
    git(&workspace, &["init", "-q"])?;
    git(&workspace, &["add", "commit.ipynb"])?;
    git(&workspace, &["commit", "-q", "-m", "One"])?;
    keys(&page, "gone0001", "dd").await?;
    page.see_no_more(&cell("gone0001"), KERNEL).await?;
    saved_as(home.path(), "commit.ipynb", |file| !has(file, "gone = 1")).await?;
    choose(&page, MORE, "Compare").await?;
    page.press(&format!("{BOOK} [data-action=diff-commit]")).await?;
    let text = page.text(&format!("{BOOK} [data-diff] [data-change=removed]")).await?;
    ensure!(text.contains("gone = 1"), "{text}");
    page.see(&format!("{BOOK} [data-diff] [data-differs='1']")).await?;
    page.shots("commit").await?;
    page.press(&format!("{BOOK} [data-action=diff-unified]")).await?;
    page.see(&format!("{BOOK} [data-diff] .nb-diff-text:not(.is-beside)")).await?;
    studio.close().await
}

/// Waits for a file that another process writes.
async fn text_of(file: &Path) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(file) {
            return Ok(text);
        }
        ensure!(started.elapsed() < KERNEL, "{} was not written", file.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_notebook_is_exported() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let mut file: Value = serde_json::from_str(&notebook(&[
        ("title001", "markdown", "# Title"),
        ("code0001", "code", "%time print(1)"),
    ]))?;
    // A page that needs its scripts stands in a frame.
    let alive = "<div id='alive' style='height: 60px'>alive</div><script>document.body.dataset.ran = 1</script>";
    file["cells"][1]["outputs"] =
        json!([{"output_type": "display_data", "metadata": {}, "data": {"text/html": alive}}]);
    let (studio, page) = open(home.path(), "export.ipynb", file.to_string()).await?;
    let workspace = home.path().join("workspace");

    choose(&page, MORE, "Export as Python").await?;
    page.see("[data-toast='The notebook was exported']").await?;
    let python = text_of(&workspace.join("export.py")).await?;
    ensure!(python.contains("# # Title") && python.contains("print(1)"), "{python}");
    choose(&page, MORE, "Export as HTML").await?;
    let html = text_of(&workspace.join("export.html")).await?;
    ensure!(html.contains(">Title</h1>") && html.contains("sandbox=\"allow-scripts\""), "{html}");
    page.shots("exported").await?;
    studio.close().await?;

    // In any browser the page needs nothing else, and its frame is as tall as what it holds.
    let browser = Driver::chromium().await?;
    let page = Page::new(browser.client.clone(), "export");
    let address = format!("file://{}", workspace.join("export.html").display());
    page.client.goto(&address).await?;
    page.see("iframe").await?;
    let started = Instant::now();
    loop {
        let tall = page.script("return document.querySelector('iframe').clientHeight").await?;
        if tall.as_u64().is_some_and(|tall| (70..=90).contains(&tall)) {
            break;
        }
        ensure!(started.elapsed() < KERNEL, "the frame is {tall} px tall");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    page.shot("page").await?;
    browser.close().await
}
