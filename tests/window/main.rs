//! The real desktop app on a virtual screen, used as a person uses it: the quickstart from Home to its end, the jobs
//! that it starts, an endpoint by one click, a prediction from a form, and the same tabs after a restart; and every scene that the browser plays too.

use anyhow::{Context as _, ensure};
use atelier_tests::backend::{Backend, running};
use atelier_tests::driver::Driver;
use atelier_tests::page::Page;
use atelier_tests::studio::Place;
use std::time::Duration;

#[path = "../scenes/mod.rs"]
mod scenes;

/// Where the scenes are played.
const PLACE: Place = Place::Window;

/// The quickstart starts a kernel and trains, transforms and deploys.
const QUICKSTART: Duration = Duration::from_secs(180);

#[tokio::test]
async fn a_person_runs_the_quickstart() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let driver = Driver::desktop(home.path()).await?;
    let page = Page::new(driver.client.clone(), "window");
    page.see("[data-app=atelier]").await?;
    page.see(".screen.is-on[data-panel=home]").await?;
    page.shots("home").await?;

    page.press(".screen.is-on [data-action=open-quickstart]").await?;
    page.see(".screen.is-on[data-panel=notebook] .cell").await?;
    page.shots("notebook-before").await?;
    page.press(".screen.is-on [data-action=run-all]").await?;

    // The notebook runs on while its jobs are watched.
    page.open_panel("jobs").await?;
    let training = ".screen.is-on tr[data-row^='training-job/']";
    page.see_within(training, QUICKSTART).await?;
    page.shots("jobs-running").await?;
    page.see_within(&format!("{training} [data-state=Completed]"), QUICKSTART).await?;
    page.see_within(".screen.is-on tr[data-row^='transform-job/'] [data-state=Completed]", QUICKSTART).await?;
    page.shots("jobs").await?;

    page.press(&format!("{training} a[data-job]")).await?;
    page.see(".screen.is-on [data-timeline]").await?;
    page.see(".screen.is-on [data-chart] [data-series='validation:rmse']").await?;
    page.shots("training-job").await?;

    page.press(".screen.is-on [data-action=deploy]").await?;
    page.see(".screen.is-on [data-view=endpoint] [data-state='In service']").await?;
    page.press(".screen.is-on [data-tester] [data-action=send]").await?;
    page.see(".screen.is-on [data-answer] [data-status='200']").await?;
    let answer = page.text(".screen.is-on [data-answer-body]").await?;
    answer.trim().parse::<f64>().with_context(|| format!("the model predicts a number, not {answer:?}"))?;
    page.shots("endpoint").await?;
    page.open_panel("endpoints").await?;
    page.shots("endpoints").await?;

    // The quickstart itself ends, and without an error.
    page.press("[data-tab$='quickstart.ipynb']").await?;
    let notebook = ".screen.is-on[data-panel=notebook]";
    let unfinished = format!("{notebook} [data-kind=code]:not([data-run=done]):not([data-run=failed])");
    page.see_no_more(&unfinished, QUICKSTART).await?;
    let failed = page.client.find_all(fantoccini::Locator::Css(&format!("{notebook} .cell[data-run=failed]"))).await?;
    ensure!(failed.is_empty(), "a cell of the quickstart failed");
    // Outputs are drawn where they can be seen.
    page.scroll_to(".screen.is-on [data-cell=judge]").await?;
    page.see(&format!("{notebook} [data-output=image] img")).await?;
    page.shots("notebook").await?;

    let tabs = open_tabs(&page).await?;
    ensure!(tabs.len() >= 4, "tabs: {tabs:?}");
    page.saved_window(home.path(), &tabs).await?;
    driver.close().await?;
    ensure!(running(home.path()).await, "the backend outlives its window");

    let driver = Driver::desktop(home.path()).await?;
    let page = Page::new(driver.client.clone(), "window-again");
    page.see("[data-app=atelier]").await?;
    for tab in &tabs {
        page.see(&format!("[data-tab='{tab}']")).await?;
    }
    driver.close().await?;
    drop(Backend::adopt(home.path())?);
    Ok(())
}

async fn open_tabs(page: &Page) -> anyhow::Result<Vec<String>> {
    let found = page.script("return [...document.querySelectorAll('[data-tab]')].map(tab => tab.dataset.tab)").await?;
    Ok(serde_json::from_value(found)?)
}
