//! The data explorer: scroll to the end, filter by a click, brush a header, add steps, draw charts, undo,
//! export, report.

use crate::PLACE;
use anyhow::ensure;
use atelier_tests::page::Page;
use atelier_tests::studio::Studio;
use std::path::Path;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const TABLE: &str = ".screen.is-on [data-view=table]";

async fn open(home: &Path, name: &str, text: String) -> anyhow::Result<(Studio, Page)> {
    let studio = Studio::open(PLACE, home, name, &text).await?;
    let page = studio.page();
    page.see_within(&format!("{TABLE} td[data-c]"), LONG).await?;
    Ok((studio, page))
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
    let (studio, page) = open(home.path(), "flowers.csv", flowers()).await?;
    page.see_within(&format!("{TABLE} [data-rows='5000']"), LONG).await?;
    page.see_within(&format!("{TABLE} th[data-column=length] [data-brush]"), LONG).await?;
    page.shots("table").await?;
    page.script("const grid = document.querySelector('.screen.is-on .grid-scroll'); grid.scrollTop = grid.scrollHeight; return 1").await?;
    page.see_within(&format!("{TABLE} tr[data-row='4999'] td[data-c='0']:not(.waits)"), LONG).await?;
    page.reads(&format!("{TABLE} tr[data-row='4999'] td[data-c='0']"), "4999", LONG).await?;

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
    studio.close().await
}

#[tokio::test]
async fn a_header_is_brushed_and_all_others_follow() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "brush.csv", flowers()).await?;
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
    let kept: f64 =
        page.see(&format!("{TABLE} [data-rows]")).await?.attr("data-rows").await?.unwrap_or_default().parse()?;
    ensure!((2_000.0..3_000.0).contains(&kept), "half of the rows, not {kept}");
    page.shots("brushed").await?;
    studio.close().await
}

/// Steps by hand: chosen in the catalogue, filled in, seen beforehand, undone, and taken away as code.
#[tokio::test]
async fn a_recipe_is_made_undone_and_exported() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "recipe.csv", flowers()).await?;
    page.press(".screen.is-on [data-action=add-step]").await?;
    page.see_within("dialog[open] [data-transform]", LONG).await?;
    page.shots("catalogue").await?;
    let transforms = page.script("return document.querySelectorAll('dialog[open] [data-transform]').length").await?;
    ensure!(transforms.as_u64() >= Some(60), "{transforms} transforms");
    page.press("dialog[open] [data-transform=drop_missing]").await?;
    page.press("dialog[open] [data-field=columns] [data-column=width] input").await?;
    page.see_within("dialog[open] [data-preview-rows='4900']", LONG).await?;
    page.shots("preview").await?;
    page.press("dialog[open] [data-action=apply-step]").await?;
    page.see_within(&format!("{TABLE} [data-rows='4900']"), LONG).await?;
    page.see(".screen.is-on [data-step='0'][data-op=drop_missing]").await?;

    page.press(".screen.is-on [data-action=undo-step]").await?;
    page.see_within(&format!("{TABLE} [data-rows='5000']"), LONG).await?;
    page.see_no_more(".screen.is-on [data-step]", LONG).await?;
    page.press(".screen.is-on [data-action=redo-step]").await?;
    page.see_within(&format!("{TABLE} [data-rows='4900']"), LONG).await?;

    page.press(".screen.is-on [aria-label='Export the recipe']").await?;
    page.press("[data-item='Python (pandas)']").await?;
    let shown = "dialog[open] [data-export='recipe.py'] pre";
    page.see_within(shown, LONG).await?;
    let code = page.text(shown).await?;
    ensure!(code.contains("read_source(\"recipe.csv\")") && code.contains("dropna"), "{code}");
    page.shots("exported").await?;
    page.press("dialog[open] [data-action=keep-export]").await?;
    page.see_within(".toasts [data-toast]", LONG).await?;
    let kept = std::fs::read_to_string(home.path().join("workspace/recipe.py"))?;
    ensure!(kept.contains("def prepare(df: pd.DataFrame)"), "{kept}");
    studio.close().await
}

/// A function of one's own: what is wrong with it, and on which line, while it is written; then its table.
#[tokio::test]
async fn a_function_of_ones_own_is_a_step() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "function.csv", flowers()).await?;
    page.press(".screen.is-on [data-action=add-step]").await?;
    page.press("dialog[open] [data-transform=custom_python]").await?;
    // The form starts with a function that changes nothing.
    page.see_within("dialog[open] [data-preview-rows='5000']", LONG).await?;
    let code = page.see("dialog[open] textarea[name=code]").await?;
    code.clear().await?;
    // As a person types it; WebKit's driver types no line feeds.
    code.send_keys("def transform(df):\u{E007}return df.nope").await?;
    page.see_within("dialog[open] [data-preview] [role=alert]", LONG).await?;
    page.says("dialog[open] [data-preview]", "line 2", LONG).await?;
    page.shots("wrong").await?;
    let code = page.see("dialog[open] textarea[name=code]").await?;
    code.clear().await?;
    code.send_keys(
        "transform = lambda df: df.filter(pl.col('colour') == 'red').with_columns(area=pl.col('length') * 2)",
    )
    .await?;
    page.see_within("dialog[open] [data-preview-rows='1667']", LONG).await?;
    page.shots("preview").await?;
    page.press("dialog[open] [data-action=apply-step]").await?;
    page.see_within(&format!("{TABLE} [data-rows='1667']"), LONG).await?;
    page.see_within(&format!("{TABLE} th[data-column=area]"), LONG).await?;
    studio.close().await
}

#[tokio::test]
async fn rows_are_filtered_in_the_dialog() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "dialog.csv", flowers()).await?;
    page.press(&format!("{TABLE} [data-action=filter]")).await?;
    let line = |number: usize, part: &str| format!("dialog[open] .filter-line:nth-of-type({}) {part}", number + 1);
    choose(&page, &line(1, "select[name=Column]"), "colour").await?;
    choose(&page, &line(1, "select[name=Test]"), "starts_with").await?;
    page.see(&line(1, "input[name=text]")).await?.send_keys("gr").await?;
    page.press("dialog[open] [data-action=add-test]").await?;
    choose(&page, &line(2, "select[name=Column]"), "length").await?;
    choose(&page, &line(2, "select[name=Test]"), "between").await?;
    page.see(&line(2, "input[name=from]")).await?.send_keys("2").await?;
    page.see(&line(2, "input[name=to]")).await?.send_keys("4").await?;
    page.shots("filter").await?;
    page.press("dialog[open] [data-action=apply-filter]").await?;
    let expected = (0..5_000).filter(|i| i % 3 == 1 && (200..=400).contains(&(i * 37 % 1000))).count();
    page.see_within(&format!("{TABLE} [data-rows='{expected}']"), LONG).await?;
    page.see(&format!("{TABLE} [data-filter='1']")).await?;
    studio.close().await
}

#[tokio::test]
async fn three_charts_of_chosen_columns() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "charts.csv", flowers()).await?;
    for (number, kind, across, up, title) in [
        (1, "scatter", "length", "width", "width against length"),
        (2, "bar", "colour", "length", "mean of length by colour"),
        (3, "time_series", "day", "width", "mean of width by 1w of day"),
    ] {
        page.press(&format!("{TABLE} [data-action=chart]")).await?;
        let card = format!("{TABLE} [data-chart-card='{number}']");
        choose(&page, &format!("{card} select[name=Kind]"), kind).await?;
        choose(&page, &format!("{card} select[name=Across]"), across).await?;
        choose(&page, &format!("{card} select[name=Up]"), up).await?;
        page.reads(&format!("{card} .chart-title"), title, LONG).await?;
        page.press(&format!("{card} [data-action=edit-chart]")).await?;
    }
    page.see_within(&format!("{TABLE} [data-chart-card='3'] .chart-picture svg"), LONG).await?;
    drawn_at_their_size(&page).await?;
    page.shots("charts").await?;
    page.client.set_window_size(1100, 800).await?;
    drawn_at_their_size(&page).await?;
    page.shots("charts-narrow").await?;
    studio.close().await
}

/// Waits until every chart is drawn for the pixels that it has (its title's 24 lie above the edge), so that its text is as large as all other text.
async fn drawn_at_their_size(page: &Page) -> anyhow::Result<()> {
    let fits = "return [...document.querySelectorAll('.screen.is-on .chart-picture')].every(place => { \
                const svg = place.querySelector('svg'); \
                return svg && Math.abs(svg.getAttribute('width') - place.clientWidth) < 1 && Math.abs(svg.getAttribute('height') - place.clientHeight - 24) < 1 })";
    let started = std::time::Instant::now();
    while page.script(fits).await? != true {
        ensure!(started.elapsed() < LONG, "a chart is not drawn at its size");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Chooses in a list by the value of a line.
async fn choose(page: &Page, css: &str, value: &str) -> anyhow::Result<()> {
    page.see_within(&format!("{css} option[value='{value}']"), LONG).await?;
    Ok(page.see(css).await?.select_by_value(value).await?)
}

#[tokio::test]
async fn a_finding_of_the_report_becomes_a_step() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "steps.csv", flowers()).await?;
    page.press(&format!("{TABLE} [data-action=quality]")).await?;
    page.see_within("dialog[open] [data-quality] [data-finding]", LONG).await?;
    page.shots("quality").await?;
    // The report is made anew as soon as the step is there, so only the step itself is waited for.
    page.press("dialog[open] [data-finding] [data-action=mend]").await?;
    page.press("dialog[open] .dialog-foot .btn-main").await?;
    page.see_within(".screen.is-on [data-step='0']", LONG).await?;
    page.shots("mended").await?;
    studio.close().await
}
