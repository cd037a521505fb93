//! A notebook: run, edit, cut and paste, undo, find, interrupt, answer a question. Its versions are in
//! [`super::notebook_versions`], its kernels in [`super::notebook_kernels`].

use crate::PLACE;
use anyhow::{Context as _, ensure};
use atelier_tests::page::Page;
use atelier_tests::studio::Studio;
use fantoccini::Locator;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// The first kernel of a home starts cold, on a machine with other work.
pub const KERNEL: Duration = Duration::from_secs(120);
pub const BOOK: &str = ".screen.is-on[data-panel=notebook]";

pub fn notebook(cells: &[(&str, &str, &str)]) -> String {
    let cell = |(id, kind, source): &(&str, &str, &str)| match *kind {
        "code" => {
            json!({"cell_type": "code", "id": id, "metadata": {}, "execution_count": null, "outputs": [], "source": [source]})
        }
        _ => json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": [source]}),
    };
    json!({
        "cells": cells.iter().map(cell).collect::<Vec<_>>(),
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4, "nbformat_minor": 5,
    })
    .to_string()
}

pub async fn open(home: &Path, name: &str, text: String) -> anyhow::Result<(Studio, Page)> {
    let studio = Studio::open(PLACE, home, name, &text).await?;
    let page = studio.page();
    page.see(&format!("{BOOK} .cell")).await?;
    Ok((studio, page))
}

pub fn cell(id: &str) -> String {
    format!("{BOOK} .cell[data-cell={id}]")
}

/// The notebook as it is on disk.
pub fn saved(home: &Path, name: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(home.join("workspace").join(name))?)?)
}

/// Waits until the notebook on disk is as wanted.
pub async fn saved_as(home: &Path, name: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    let started = Instant::now();
    loop {
        let file = saved(home, name)?;
        if wanted(&file) {
            return Ok(file);
        }
        ensure!(started.elapsed() < KERNEL, "the file is not as it should be: {file}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Chooses a line of the menu behind a button.
pub async fn choose(page: &Page, button: &str, line: &str) -> anyhow::Result<()> {
    page.press(button).await?;
    let line = format!("//*[@role='menuitem'][contains(., '{line}')]");
    let line = page.client.wait().at_most(KERNEL).for_element(Locator::XPath(&line)).await?;
    line.click().await.with_context(|| format!("choosing behind {button}"))
}

/// Keys to the notebook in command mode, as a person presses them after clicking beside a cell.
pub async fn keys(page: &Page, id: &str, keys: &str) -> anyhow::Result<()> {
    page.press(&format!("{} .cell-gutter", cell(id))).await?;
    let element = page.client.active_element().await?;
    element.send_keys(keys).await.with_context(|| format!("pressing {keys}"))
}

#[tokio::test]
async fn cells_run_and_say_what_they_do() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(
        home.path(),
        "run.ipynb",
        notebook(&[
            ("title001", "markdown", "# Numbers\n\n$x^2$ and a [link](https://example.org)"),
            ("plain001", "code", "x = 20\nx + 1"),
            ("progress", "code", "for i in range(5):\n    print(f'\\r{i + 1} of 5', end='')"),
            ("colours1", "code", "print('\\x1b[31mred\\x1b[0m plain')"),
            ("picture1", "code", "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])\nplt.show()"),
            ("table001", "code", "import pandas\ndf = pandas.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\ndf"),
            ("wrong001", "code", "def f():\n    return 1 / 0\nf()"),
        ]),
    )
    .await?;
    page.press(&format!("{BOOK} [data-action=run-all]")).await?;
    page.see_within(&format!("{}[data-run=failed] [data-output=error]", cell("wrong001")), KERNEL).await?;
    page.reads(&format!("{} [data-output=text]", cell("plain001")), "21", KERNEL).await?;
    // A progress bar is one line.
    page.reads(&format!("{} [data-output=stdout]", cell("progress")), "5 of 5", KERNEL).await?;
    page.reads(&format!("{} [data-output=stdout]", cell("colours1")), "red plain", KERNEL).await?;
    page.see(&format!("{} [data-output=image] img", cell("picture1"))).await?;
    page.scroll_to(&cell("wrong001")).await?;
    page.says(&format!("{} [data-output=error]", cell("wrong001")), "ZeroDivisionError", KERNEL).await?;
    page.shots("run").await?;
    // What ran is in the file, and the file is a notebook that Jupyter reads.
    page.see(&format!("{BOOK} [data-saved=true]")).await?;
    let file = saved(home.path(), "run.ipynb")?;
    ensure!(
        file["cells"][1]["outputs"][0]["data"]["text/plain"] == json!(["21"])
            || file["cells"][1]["outputs"][0]["data"]["text/plain"] == "21",
        "{file}"
    );
    studio.close().await
}

#[tokio::test]
async fn cells_are_edited_by_keys() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let cells: Vec<(String, String)> = (0..4).map(|i| (format!("cell000{i}"), format!("value = {i}"))).collect();
    let cells: Vec<(&str, &str, &str)> =
        cells.iter().map(|(id, source)| (id.as_str(), "code", source.as_str())).collect();
    let (studio, page) = open(home.path(), "edit.ipynb", notebook(&cells)).await?;
    keys(&page, "cell0001", "dd").await?;
    page.see_no_more(&cell("cell0001"), KERNEL).await?;
    keys(&page, "cell0002", "z").await?;
    page.see(&cell("cell0001")).await?;
    // Two cells chosen together become one, and come apart again.
    page.press(&format!("{} .cell-gutter", cell("cell0002"))).await?;
    for letter in ["j", "m"] {
        page.client.active_element().await?.send_keys(&format!("\u{E008}{letter}\u{E000}")).await?;
    }
    page.see_no_more(&cell("cell0003"), KERNEL).await?;
    keys(&page, "cell0002", "z").await?;
    page.see(&cell("cell0003")).await?;
    // Found and replaced in all cells, as one step.
    page.client.active_element().await?.send_keys("\u{E009}f\u{E000}").await?;
    page.see("[data-find]").await?;
    page.see("#nb-find").await?.send_keys("value").await?;
    page.see("[data-found='4']").await?;
    page.shots("find").await?;
    studio.close().await
}

#[tokio::test]
async fn the_keys_of_vim_edit_cells_and_leave_them() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let cells = notebook(&[("first001", "code", "one two"), ("second01", "code", "three")]);
    let (studio, page) = open(home.path(), "vim.ipynb", cells).await?;
    page.open_panel("settings").await?;
    page.press(".screen.is-on [data-choice=vim]").await?;
    page.shots("settings").await?;
    page.press("[data-tab$='vim.ipynb']").await?;
    let source = |file: &Value, at: usize| match &file["cells"][at]["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<String>(),
        text => text.as_str().unwrap_or_default().to_owned(),
    };

    page.press(&format!("{} .src", cell("first001"))).await?;
    page.see(&format!("{} .cm-vimMode", cell("first001"))).await?;
    page.client.active_element().await?.send_keys("0dw").await?;
    saved_as(home.path(), "vim.ipynb", |file| source(file, 0) == "two").await?;
    // Down from the last line is the next cell; out of insert mode first, then out of the cell.
    page.client.active_element().await?.send_keys("j").await?;
    page.see(&format!("{} .cm-editor.cm-focused .cm-vimMode", cell("second01"))).await?;
    page.client.active_element().await?.send_keys("0iall \u{E00C}").await?;
    saved_as(home.path(), "vim.ipynb", |file| source(file, 1) == "all three").await?;
    page.client.active_element().await?.send_keys("\u{E00C}").await?;
    page.client.active_element().await?.send_keys("dd").await?;
    page.see_no_more(&cell("second01"), KERNEL).await?;
    studio.close().await
}

#[tokio::test]
async fn cut_and_copied_cells_keep_their_outputs() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let mut file: Value =
        serde_json::from_str(&notebook(&[("printed1", "code", "print('kept')"), ("other001", "code", "1")]))?;
    file["cells"][0]["outputs"] = json!([{"output_type": "stream", "name": "stdout", "text": ["kept\n"]}]);
    file["cells"][0]["execution_count"] = json!(7);
    let (studio, page) = open(home.path(), "cut.ipynb", file.to_string()).await?;
    let pasted = format!("{BOOK} .cell:not([data-cell=other001]):not([data-cell=printed1])");
    let all_there = |cells: usize| {
        move |file: &Value| {
            let has = |cell: &&Value| cell["outputs"][0]["text"] == json!(["kept\n"]) && cell["execution_count"] == 7;
            file["cells"].as_array().is_some_and(|all| all.iter().filter(has).count() == cells)
        }
    };

    keys(&page, "printed1", "x").await?;
    page.see_no_more(&cell("printed1"), KERNEL).await?;
    saved_as(home.path(), "cut.ipynb", all_there(0)).await?;
    keys(&page, "other001", "v").await?;
    page.reads(&format!("{pasted} [data-output=stdout]"), "kept", KERNEL).await?;
    saved_as(home.path(), "cut.ipynb", all_there(1)).await?;
    // Undone twice it is where it was, with what it had printed.
    keys(&page, "other001", "z").await?;
    page.see_no_more(&pasted, KERNEL).await?;
    keys(&page, "other001", "z").await?;
    page.reads(&format!("{} [data-output=stdout]", cell("printed1")), "kept", KERNEL).await?;
    keys(&page, "printed1", "c").await?;
    keys(&page, "other001", "v").await?;
    page.reads(&format!("{pasted} [data-output=stdout]"), "kept", KERNEL).await?;
    saved_as(home.path(), "cut.ipynb", all_there(2)).await?;
    // What was drawn before the backend knew of it is what the backend has.
    page.client.refresh().await?;
    page.reads(&format!("{pasted} [data-output=stdout]"), "kept", KERNEL).await?;
    studio.close().await
}

/// Large outputs before it, so that those of the cell that prints are read after the notebook, while it goes on.
#[tokio::test]
async fn a_window_that_comes_while_a_cell_prints_shows_all_of_it() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let print = "import time\nfor i in range(900):\n    print(i, end=' ', flush=True)\n    time.sleep(0.004)";
    let mut file: Value = serde_json::from_str(&notebook(&[("large001", "code", "1"), ("prints01", "code", print)]))?;
    let large =
        json!({"output_type": "stream", "name": "stdout", "text": format!("{}\n", "large ".repeat(20)).repeat(1500)});
    file["cells"][0]["outputs"] = json!([large]);
    let (studio, page) = open(home.path(), "prints.ipynb", file.to_string()).await?;
    let printed = format!("{} [data-output=stdout]", cell("prints01"));
    page.scroll_to(&cell("prints01")).await?;
    keys(&page, "prints01", "\u{E009}\u{E007}\u{E000}").await?;
    page.see_within(&printed, KERNEL).await?;
    let mut seen = 0;
    while page.client.find(Locator::Css(&format!("{}[data-run=done]", cell("prints01")))).await.is_err() {
        page.client.refresh().await?;
        page.see_within(&printed, KERNEL).await?;
        seen += 1;
    }
    ensure!(seen > 1, "the window came {seen} times");
    let all: Vec<String> = (0..900).map(|number| number.to_string()).collect();
    page.scroll_to(&printed).await?;
    page.reads(&printed, &all.join(" "), KERNEL).await?;
    studio.close().await
}

/// Presses the first cell's source as soon as it is there, and keys right after; `typedEarly` says whether that was before the
/// editor's code had come.
const TYPE_AT_ONCE: &str = "const begin = () => {
      const source = document.querySelector('.screen.is-on .cell .editor');
      if (!source) return setTimeout(begin, 1);
      const { right, top } = source.getBoundingClientRect();
      const common = { bubbles: true, cancelable: true };
      source.dispatchEvent(new MouseEvent('mousedown', { ...common, detail: 1, clientX: right - 4, clientY: top + 8 }));
      window.typedEarly = !source.querySelector('.cm-editor');
      for (const [key, ctrlKey] of [['+', false], ['5', false], ['Enter', true]])
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { ...common, key, ctrlKey }));
    };
    begin();";

#[tokio::test]
async fn what_is_typed_before_there_is_an_editor_is_not_lost() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(home.path(), "first.ipynb", notebook(&[("first001", "code", "1+1")])).await?;
    page.saved_window(home.path(), &["atelier://file/first.ipynb".to_owned()]).await?;
    let started = Instant::now();
    loop {
        page.client.refresh().await?;
        page.script(TYPE_AT_ONCE).await?;
        page.see(&format!("{} .cm-editor", cell("first001"))).await?;
        if page.script("return window.typedEarly").await? == json!(true) {
            break;
        }
        ensure!(started.elapsed() < KERNEL, "the editor's code always came before the cell");
    }
    let output = format!("{} [data-output]", cell("first001"));
    page.see_within(&output, KERNEL).await?;
    page.reads(&output, "7", KERNEL).await?;
    saved_as(home.path(), "first.ipynb", |file| file["cells"][0]["source"] == json!(["1+1+5"])).await?;
    studio.close().await
}

#[tokio::test]
async fn a_kernel_is_interrupted_asked_and_answered() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let (studio, page) = open(
        home.path(),
        "ask.ipynb",
        notebook(&[
            ("endless1", "code", "kept = 7\nwhile True:\n    pass"),
            ("ask00001", "code", "name = input('Who? ')\nprint('Hello', name, kept)"),
        ]),
    )
    .await?;
    keys(&page, "endless1", "\u{E009}\u{E007}\u{E000}").await?;
    page.see_within(&format!("{}[data-run=running]", cell("endless1")), KERNEL).await?;
    page.see_within(&format!("{BOOK} [data-kernel=busy]"), KERNEL).await?;
    page.press(&format!("{BOOK} [data-action=interrupt]")).await?;
    page.see_within(&format!("{}[data-run=failed]", cell("endless1")), KERNEL).await?;
    keys(&page, "ask00001", "\u{E009}\u{E007}\u{E000}").await?;
    let field = page.see_within(&format!("{} [data-input] input", cell("ask00001")), KERNEL).await?;
    page.shots("asked").await?;
    field.send_keys("Ada\u{E007}").await?;
    page.see_within(&format!("{}[data-run=done]", cell("ask00001")), KERNEL).await?;
    page.says(&format!("{} [data-output=stdout]", cell("ask00001")), "Hello Ada 7", KERNEL).await?;
    studio.close().await
}

#[tokio::test]
async fn three_hundred_cells_are_all_there() -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let cells: Vec<(String, String)> = (0..300).map(|i| (format!("cell{i:04}"), format!("print({i})"))).collect();
    let cells: Vec<(&str, &str, &str)> =
        cells.iter().map(|(id, source)| (id.as_str(), "code", source.as_str())).collect();
    let (studio, page) = open(home.path(), "many.ipynb", notebook(&cells)).await?;
    page.see(&format!("{BOOK} [data-notebook][data-missing='0'], {BOOK}[data-missing='0'], [data-missing='0']"))
        .await?;
    let count =
        page.script(&format!("return document.querySelectorAll('{BOOK} .cell[data-kind=code]').length")).await?;
    ensure!(count == 300, "{count} cells of 300");
    // The last one is made when somebody goes there.
    let last = cell("cell0299");
    page.scroll_to(&last).await?;
    page.reads(&format!("{last} .src"), "print(299)", KERNEL).await?;
    page.press(&format!("{last} .src")).await?;
    page.see(&format!("{last} .cm-content")).await?;
    studio.close().await
}
