//! The kernels of a notebook: chosen from the menu, two in one notebook, and what they have in memory.

use super::notebook::{BOOK, KERNEL, cell, choose, notebook, open, saved_as};
use anyhow::ensure;
use atelier_tests::page::Page;

async fn run(page: &Page, id: &str) -> anyhow::Result<()> {
    page.press(&format!("{} .cell-gutter", cell(id))).await?;
    page.press(&format!("{} [data-action=run-this]", cell(id))).await?;
    page.see_within(&format!("{}[data-run=done]", cell(id)), KERNEL).await?;
    Ok(())
}

#[tokio::test]
async fn another_kernel_is_chosen_from_the_menu() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "choose.ipynb", notebook(&[("answer01", "code", "40 + 2")])).await?;
    page.press(&format!("{BOOK} [data-kernel-name]")).await?;
    page.see_within(&format!("{BOOK} [data-kernelspec=python3][aria-checked=true]"), KERNEL).await?;
    page.shots("kernels").await?;
    page.press(&format!("{BOOK} [data-kernelspec=rust]")).await?;
    page.see_within(&format!("{BOOK} [data-kernel-name=Rust]"), KERNEL).await?;
    saved_as(home.path(), "choose.ipynb", |file| file["metadata"]["kernelspec"]["name"] == "rust").await?;
    run(&page, "answer01").await?;
    page.reads(&format!("{} [data-output=text]", cell("answer01")), "42", KERNEL).await?;
    page.see_within(&format!("{BOOK} [data-kernel=idle]"), KERNEL).await?;
    // From the same menu it is stopped.
    page.press(&format!("{BOOK} [data-kernel=idle]")).await?;
    page.press(&format!("{BOOK} [data-action=kernel-stop]")).await?;
    page.see_within(&format!("{BOOK} [data-kernel='no kernel yet']"), KERNEL).await?;
    studio.close().await
}

const PUT: &str = "import atelier\natelier.put('scores', [1.5, 2.5])\nimport pandas\ndf = pandas.DataFrame({'letter': ['x', 'y', 'z'], 'n': [1, 2, 3]})";
const SUM: &str = "let scores: Vec<f64> = atelier::get(\"scores\").unwrap();\natelier::put(\"total\", &scores.iter().sum::<f64>()).unwrap();\nscores.len()";

#[tokio::test]
async fn python_and_rust_share_a_notebook() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let cells = [("put00001", "code", PUT), ("sum00001", "code", SUM), ("get00001", "code", "atelier.get('total')")];
    let (studio, page) = open(home.path(), "mixed.ipynb", notebook(&cells)).await?;
    page.press(&format!("{} .cell-gutter", cell("sum00001"))).await?;
    choose(&page, &format!("{} [aria-label='Language of the cell']", cell("sum00001")), "Rust").await?;
    page.reads(&format!("{} [data-language]", cell("sum00001")), "Rust", KERNEL).await?;
    let marked =
        saved_as(home.path(), "mixed.ipynb", |file| file["cells"][1]["metadata"] != serde_json::json!({})).await?;
    ensure!(marked["metadata"]["kernelspec"]["name"] == "python3", "{marked}");

    run(&page, "put00001").await?;
    run(&page, "sum00001").await?;
    page.reads(&format!("{} [data-output=text]", cell("sum00001")), "2", KERNEL).await?;
    run(&page, "get00001").await?;
    page.reads(&format!("{} [data-output=text]", cell("get00001")), "4.0", KERNEL).await?;
    let chips = page.script(&format!("return document.querySelectorAll('{BOOK} [data-kernel-name]').length")).await?;
    ensure!(chips == 2, "{chips} kernels are shown");

    // Both kernels' names stand in the pane; a table opens in the data explorer.
    page.see_within(&format!("{BOOK} [data-variable=scores]"), KERNEL).await?;
    page.press(&format!("{BOOK} [data-variable=df] .var-row")).await?;
    page.see(&format!("{BOOK} [data-picked=df] [data-action=open-variable]")).await?;
    page.shots("mixed").await?;
    page.press(&format!("{BOOK} [data-action=open-variable]")).await?;
    page.see_within(".screen.is-on [data-view=table] th[data-column=letter]", KERNEL).await?;
    page.see_within(".screen.is-on [data-view=table] [data-rows='3']", KERNEL).await?;
    page.shots("variable").await?;
    studio.close().await
}
