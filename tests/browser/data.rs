//! The data explorer in the browser: scroll to the end, filter by a click, brush a header, add steps, draw charts, undo,
//! export, report.

use anyhow::ensure;
use atelier_tests::backend::Backend;
use atelier_tests::driver::Driver;
use atelier_tests::page::Page;
use atelier_wire::studio::files::WriteTextFile;
use std::path::Path;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const TABLE: &str = ".screen.is-on [data-view=table]";

async fn open(home: &Path, name: &str, text: String) -> anyhow::Result<(Backend, Driver, Page)> {
    let backend = Backend::start(home)?;
    backend.call(&WriteTextFile { path: name.into(), text, version: None }).await?;
    let driver = Driver::chromium().await?;
    let page = Page::new(driver.client.clone(), &format!("browser-{}", name.trim_end_matches(".csv")));
    page.client.goto(&backend.window).await?;
    page.open_panel("files").await?;
    page.press(&format!(".screen.is-on [data-file='{name}']")).await?;
    page.see_within(&format!("{TABLE} td[data-c]"), LONG).await?;
    Ok((backend, driver, page))
}

fn flowers() -> String {
    let rows = (0..5_000).map(|i| {
        let colour = ["red", "green", "blue"][i % 3];
        let width = if i % 50 == 0 { String::new() } else { format!("{:.2}", (i * 7 % 100) as f64 / 10.0) };
        format!("{i},{:.3},{width},{colour},2024-{:02}-{:02}\n", (i * 37 % 1000) as f64 / 100.0, i % 12 + 1, i % 28 + 1)
    });
    format!("id,length,width,colour,day\n{}", rows.collect::<String>())
}

#[tokio::test]
async fn rows_are_scrolled_filtered_and_ordered() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (_backend, driver, page) = open(home.path(), "flowers.csv", flowers()).await?;
    page.see_within(&format!("{TABLE} [data-rows='5000']"), LONG).await?;
    page.see_within(&format!("{TABLE} th[data-column=length] [data-brush]"), LONG).await?;
    page.shots("table").await?;
    page.script("const grid = document.querySelector('.screen.is-on .grid-scroll'); grid.scrollTop = grid.scrollHeight; return 1").await?;
    page.see_within(&format!("{TABLE} tr[data-row='4999'] td[data-c='0']:not(.waits)"), LONG).await?;
    let last = page.text(&format!("{TABLE} tr[data-row='4999'] td[data-c='0']")).await?;
    ensure!(last == "4999", "the last row is {last}");

    // A value of a header keeps its rows; its chip gives the others back.
    page.press(&format!("{TABLE} th[data-column=colour] [data-value=red]")).await?;
    page.see_within(&format!("{TABLE} [data-rows='1667']"), LONG).await?;
    page.script("document.querySelector('.screen.is-on .grid-scroll').scrollTop = 0; return 1").await?;
    page.reads(&format!("{TABLE} tr[data-row='1'] td[data-c='0']"), "3", LONG).await?;
    page.shots("filtered").await?;
    page.press(&format!("{TABLE} [data-filter='0'] .chip-x")).await?;
    page.see_within(&format!("{TABLE} [data-rows='5000']"), LONG).await?;

    page.press(&format!("{TABLE} th[data-column=length] [data-action=sort]")).await?;
    page.press(&format!("{TABLE} th[data-column=length][aria-sort=ascending] [data-action=sort]")).await?;
    page.see(&format!("{TABLE} th[data-column=length][aria-sort=descending]")).await?;
    page.script("document.querySelector('.screen.is-on .grid-scroll').scrollTop = 0; return 1").await?;
    page.see_within(&format!("{TABLE} tr[data-row='0'] td[data-c='1']:not(.waits)"), LONG).await?;
    page.reads(&format!("{TABLE} tr[data-row='0'] td[data-c='1']"), "9.99", LONG).await?;
    driver.close().await
}

#[tokio::test]
async fn a_header_is_brushed_and_all_others_follow() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (_backend, driver, page) = open(home.path(), "brush.csv", flowers()).await?;
    let brush = format!("{TABLE} th[data-column=id] [data-brush]");
    let element = page.see_within(&brush, LONG).await?;
    let (x, y, width, height) = element.rectangle().await?;
    // Pointer events as a hand makes them: down at a quarter, up at three quarters.
    let script = format!(
        "const at = (kind, x) => document.querySelector(\"{brush}\").dispatchEvent(new PointerEvent(kind, \
         {{bubbles: true, cancelable: true, pointerId: 1, buttons: 1, clientX: x, clientY: {}}})); \
         at('pointerdown', {}); at('pointermove', {}); at('pointerup', {}); return 1",
        y + height / 2.0,
        x + width * 0.25,
        x + width * 0.75,
        x + width * 0.75
    );
    page.script(&script).await?;
    page.see(&format!("{TABLE} [data-filter='0']")).await?;
    page.see_no_more(&format!("{TABLE} [data-rows='5000']"), LONG).await?;
    let kept: f64 = page.see(&format!("{TABLE} [data-rows]")).await?.attr("data-rows").await?.unwrap_or_default().parse()?;
    ensure!((2_000.0..3_000.0).contains(&kept), "half of the rows, not {kept}");
    page.shots("brushed").await?;
    driver.close().await
}

#[tokio::test]
async fn steps_charts_and_a_report() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (_backend, driver, page) = open(home.path(), "steps.csv", flowers()).await?;
    for _ in 0..3 {
        page.press(&format!("{TABLE} [data-action=chart]")).await?;
    }
    page.see_within(&format!("{TABLE} [data-chart-card='3'] .chart-picture svg"), LONG).await?;
    page.shots("charts").await?;

    page.press(&format!("{TABLE} [data-action=quality]")).await?;
    page.see_within("dialog[open] [data-quality] [data-finding]", LONG).await?;
    page.shots("quality").await?;
    page.press("dialog[open] .dialog-foot .btn-main").await?;

    page.press(".screen.is-on [data-action=add-step]").await?;
    page.see_within("dialog[open] [data-transform]", LONG).await?;
    page.shots("catalogue").await?;
    let transforms = page.script("return document.querySelectorAll('dialog[open] [data-transform]').length").await?;
    ensure!(transforms.as_u64() >= Some(60), "{transforms} transforms");
    driver.close().await
}
