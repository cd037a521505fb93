//! The Python that draws the same chart: Polars for the numbers, Matplotlib for the marks.

use super::groups::word;
use super::{Drawing, Marks};
use atelier_wire::studio::data::chart::{Aggregate, ChartKind, ChartSpec};

/// A Python text.
fn text(value: &str) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "\"\"".to_owned())
}

/// `df` is the table; the cell that reads it comes before.
pub(super) fn python(spec: &ChartSpec, drawing: &Drawing) -> String {
    let x = text(spec.x.as_deref().unwrap_or_default());
    let y = text(spec.y.first().map(String::as_str).unwrap_or_default());
    let what = spec.aggregate.unwrap_or(if spec.y.is_empty() { Aggregate::Count } else { Aggregate::Mean });
    let value = if what == Aggregate::Count { "pl.len()".to_owned() } else { format!("pl.col({y}).{}()", word(what)) };
    let color = spec.color.as_deref().filter(|name| !name.is_empty()).map(text);
    let numbers = "df.select(pl.selectors.numeric())";
    let body = match spec.kind {
        ChartKind::Histogram if drawing.x_names.is_empty() => {
            let bins = drawing.series.first().map_or(24, |series| series.x.len());
            match &color {
                None => format!("ax.hist(df[{x}].drop_nulls(), bins={bins})\n"),
                Some(color) => format!("for (name,), part in df.group_by({color}, maintain_order=True):\n    ax.hist(part[{x}].drop_nulls(), bins={bins}, alpha=0.5, label=str(name))\nax.legend()\n"),
            }
        }
        ChartKind::Histogram | ChartKind::Bar => {
            let top = spec.top.unwrap_or(20);
            format!("data = df.group_by({x}).agg(value={value}, rows=pl.len()).sort(\"rows\", descending=True).head({top})\nax.bar(data[{x}].cast(pl.String).fill_null(\"(missing)\"), data[\"value\"])\nax.tick_params(axis=\"x\", rotation=90)\n")
        }
        ChartKind::Line | ChartKind::Area | ChartKind::TimeSeries => {
            let ys = if spec.y.is_empty() { "[pl.len().alias(\"rows\")]".to_owned() } else {
                let each: Vec<String> = spec.y.iter().map(|y| if what == Aggregate::Count { "pl.len().alias(\"rows\")".to_owned() } else { format!("pl.col({}).{}()", text(y), word(what)) }).collect();
                format!("[{}]", each.join(", "))
            };
            let every = drawing.notes.iter().find_map(|note| note.strip_prefix("Resampled to ")).map(|every| every.trim_end_matches('.').to_owned());
            let key = every.map_or_else(|| format!("pl.col({x})"), |every| format!("pl.col({x}).dt.truncate({})", text(&every)));
            let draw = if spec.kind == ChartKind::Area { "ax.fill_between(part[\"x\"], part[name], alpha=0.4, label=name)" } else { "ax.plot(part[\"x\"], part[name], label=name)" };
            format!("part = df.drop_nulls({x}).group_by({key}.alias(\"x\")).agg({ys}).sort(\"x\")\nfor name in part.columns[1:]:\n    {draw}\nax.legend()\n")
        }
        ChartKind::Scatter if drawing.marks == Marks::Cells => format!("data = df.select({x}, {y}).drop_nulls()\nax.hist2d(data[{x}], data[{y}], bins=(90, 60), cmin=1)\n"),
        ChartKind::Scatter => match &color {
            None => format!("ax.scatter(df[{x}], df[{y}], s=9, alpha=0.6)\n"),
            Some(color) => format!("for (name,), part in df.group_by({color}, maintain_order=True):\n    ax.scatter(part[{x}], part[{y}], s=9, alpha=0.6, label=str(name))\nax.legend()\n"),
        },
        ChartKind::Box | ChartKind::Violin => {
            let draw = if spec.kind == ChartKind::Box { "ax.boxplot(values, showfliers=False)" } else { "ax.violinplot(values)" };
            match spec.x.as_deref().or(spec.color.as_deref()).filter(|name| !name.is_empty()) {
                None => format!("values = [df[{y}].drop_nulls()]\n{draw}\n"),
                Some(by) => format!("parts = {{str(name): part[{y}].drop_nulls() for (name,), part in df.group_by({}, maintain_order=True)}}\nvalues = list(parts.values())\n{draw}\nax.set_xticks(range(1, len(parts) + 1), parts.keys())\n", text(by)),
            }
        }
        ChartKind::HeatMap => {
            let value = spec.value.as_deref().map_or("pl.len()".to_owned(), |value| format!("pl.col({}).{}()", text(value), word(spec.aggregate.unwrap_or(Aggregate::Mean))));
            format!("data = df.group_by({y}, {x}).agg(value={value}).pivot(on={x}, index={y}, values=\"value\")\nimage = ax.imshow(data.drop({y}).to_numpy(), aspect=\"auto\")\nax.set_xticks(range(data.width - 1), data.columns[1:], rotation=90)\nax.set_yticks(range(data.height), data[{y}].cast(pl.String))\nfig.colorbar(image)\n")
        }
        ChartKind::Correlation => {
            let method = spec.method.as_deref().unwrap_or("pearson");
            if method == "cramers_v" {
                "import numpy as np\nnames = df.select(pl.selectors.string() | pl.selectors.boolean()).columns\n\ndef cramers_v(a, b):\n    seen = df.select(a, b).drop_nulls().group_by(a, b).len().pivot(on=b, index=a, values=\"len\").drop(a).fill_null(0).to_numpy()\n    expected = np.outer(seen.sum(1), seen.sum(0)) / seen.sum()\n    chi = ((seen - expected) ** 2 / expected).sum()\n    return (chi / (seen.sum() * max(min(seen.shape) - 1, 1))) ** 0.5\n\nmatrix = [[1.0 if a == b else cramers_v(a, b) for b in names] for a in names]\nimage = ax.imshow(matrix, vmin=0, vmax=1)\nax.set_xticks(range(len(names)), names, rotation=90)\nax.set_yticks(range(len(names)), names)\nfig.colorbar(image)\n".to_owned()
            } else {
                format!("names = {numbers}.columns\nmatrix = [[df.select(pl.corr(a, b, method={})).item() for b in names] for a in names]\nimage = ax.imshow(matrix, vmin=-1, vmax=1, cmap=\"RdBu\")\nax.set_xticks(range(len(names)), names, rotation=90)\nax.set_yticks(range(len(names)), names)\nfig.colorbar(image)\n", text(method))
            }
        }
        ChartKind::Parallel => format!("data = {numbers}.drop_nulls()\ndata = data.gather_every(max(1, data.height // 500))\nshares = data.select((pl.all() - pl.all().min()) / (pl.all().max() - pl.all().min()))\nax.plot(range(shares.width), shares.to_numpy().T, color=\"tab:blue\", alpha=0.2)\nax.set_xticks(range(shares.width), shares.columns, rotation=90)\n"),
        ChartKind::Missing => "ax.imshow(df.select(pl.all().is_null()).to_numpy(), aspect=\"auto\", interpolation=\"none\", cmap=\"Greys\")\nax.set_xticks(range(df.width), df.columns, rotation=90)\n".to_owned(),
    };
    let log = if spec.log_y { "ax.set_yscale(\"log\")\n" } else { "" };
    format!(
        "import matplotlib.pyplot as plt\nimport polars as pl\n\nfig, ax = plt.subplots(figsize=(9, 5))\n{body}{log}ax.set(title={}, xlabel={}, ylabel={})\nplt.show()\n",
        text(&drawing.title),
        text(&drawing.x_label),
        text(&drawing.y_label)
    )
}
