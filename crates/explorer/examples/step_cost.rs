//! What the panel adds to the Polars calls that its steps are: `step_cost FILE.parquet ROUNDS` prints, for each step, the
//! least milliseconds of the Polars plan on the table in memory and of the panel's step, as JSON. Both are of one build.
//!
//! The least and not the median: on two threads Polars takes one time or nearly twice that for the same grouping into a
//! dozen groups, at random; it divides them among the threads by hash, which would explain it.

use atelier_explorer::{ExploreError, Explorer, Sources};
use atelier_recipe::{Context, Recipe};
use atelier_wire::studio::data::recipe::Step;
use atelier_wire::studio::data::view::OpenView;
use polars::prelude::*;
use std::path::{Path, PathBuf};
use std::time::Instant;

struct One(PathBuf);

impl Sources for One {
    fn locate(&self, _source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        Ok(vec![self.0.clone()])
    }
}

fn steps() -> [(&'static str, serde_json::Value); 3] {
    let aggregations = serde_json::json!([{"column": "distance", "function": "mean"}]);
    [
        (
            "derive",
            serde_json::json!({"name": "speed", "expression": "pl.col(\"distance\") / pl.col(\"air_time\") * 60"}),
        ),
        ("group_by", serde_json::json!({"by": ["carrier"], "aggregations": aggregations})),
        ("fill_statistic", serde_json::json!({"columns": ["dep_delay", "arr_delay"], "statistic": "median"})),
    ]
}

fn least(times: Vec<f64>) -> f64 {
    times.into_iter().fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(rounds)) = (arguments.next(), arguments.next()) else {
        return Err("usage: step_cost FILE.parquet ROUNDS".into());
    };
    let rounds: usize = rounds.parse()?;
    // In one piece, as the panel keeps its tables.
    let mut frame = ParquetReader::new(std::fs::File::open(&path)?).finish()?;
    frame.rechunk_mut();
    let explorer = Explorer::with_budget(usize::MAX >> 1);
    let source = One(Path::new(&path).to_owned());
    let open = |steps: Vec<Step>| {
        let view =
            explorer.open_view(OpenView { source: "table.parquet".into(), steps, ..OpenView::default() }, &source)?;
        explorer.frame(&view.view)?;
        Ok::<_, ExploreError>(view.view)
    };
    // Held, so that the table stays in memory.
    let _whole = open(Vec::new())?;
    for (op, params) in steps() {
        let recipe = serde_json::json!({"version": 1, "steps": [{"id": "a", "op": op, "params": params}]});
        let recipe = Recipe::parse(&recipe.to_string())?;
        let (mut alone, mut panel, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let started = Instant::now();
            // Kept, as the panel keeps what it made: memory that was used before would be quicker.
            held.push(recipe.apply(frame.clone().lazy(), &Context::default())?.collect()?);
            alone.push(started.elapsed().as_secs_f64() * 1000.0);
            // Another id each time: the same step again costs nothing.
            let step =
                serde_json::from_value(serde_json::json!({"id": format!("s{round}"), "op": op, "params": params}))?;
            let started = Instant::now();
            let view = open(vec![step])?;
            panel.push(started.elapsed().as_secs_f64() * 1000.0);
            explorer.drop_view(&view);
        }
        println!("{}", serde_json::json!({"step": op, "bare_ms": least(alone), "panel_ms": least(panel)}));
    }
    Ok(())
}
