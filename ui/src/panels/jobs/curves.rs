//! Metric curves of a job: those that measure the same stand in one chart.

use crate::kit::chart::{Across, LineChart, Series};
use crate::kit::{Choice, format};
use crate::live::Live;
use atelier_wire::studio::job::{JobMetrics, MetricCurve};
use leptos::prelude::*;

/// `validation:rmse` measures `rmse` on `validation`.
fn measure(name: &str) -> (&str, &str) {
    name.rsplit_once(':').map_or(("", name), |(on, what)| (on, what))
}

/// The measures in the order in which they first appear, those of validation first in each.
fn measures(curves: &[MetricCurve]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for curve in curves {
        let what = measure(&curve.name).1.to_owned();
        if !out.contains(&what) {
            out.push(what);
        }
    }
    out
}

fn of_measure(curves: &[MetricCurve], what: &str, by_time: bool) -> Vec<Series> {
    let mut lines: Vec<Series> = curves
        .iter()
        .filter(|curve| measure(&curve.name).1 == what)
        .map(|curve| {
            let start = curve.points.first().map_or(0.0, |point| point.0);
            let point = |(i, (at, value)): (usize, &(f64, f64))| (if by_time { at - start } else { i as f64 }, *value);
            Series { name: curve.name.clone(), points: curve.points.iter().enumerate().map(point).collect() }
        })
        .collect();
    lines.sort_by_key(|line| !line.name.starts_with("validation"));
    lines
}

/// Short names are abbreviations and stand in capitals: `rmse` is RMSE, `objective_loss` is Objective loss.
fn title(what: &str) -> String {
    if what.len() <= 5 && !what.contains(['_', '@']) {
        return what.to_uppercase();
    }
    let words = what.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[component]
pub fn Curves(metrics: Live<JobMetrics>, #[prop(into)] runs: Signal<bool>) -> impl IntoView {
    let by = RwSignal::new("round".to_owned());
    let by_time = move || by.with(|by| by == "time");
    let curves = Memo::new(move |_| {
        metrics.value.with(|metrics| metrics.as_ref().map(|metrics| metrics.curves.clone()).unwrap_or_default())
    });
    let charts = Memo::new(move |_| curves.with(|curves| measures(curves)));
    let across = Signal::derive(move || if by_time() { Across::Elapsed } else { Across::Number });
    view! {
        <div class="job-charts" class:is-empty=move || charts.with(Vec::is_empty) && !runs.get() data-charts="" data-count=move || charts.with(Vec::len).to_string()>
            {move || charts.get().into_iter().map(|what| {
                let (wanted, named) = (what.clone(), what.clone());
                let series = Signal::derive(move || curves.with(|curves| of_measure(curves, &wanted, by_time())));
                let last = move || series.with(|series| series.iter().map(|line| line.points.len()).max().unwrap_or(0));
                let unit = Signal::derive(move || if by_time() { "by time".to_owned() } else { format!("{} rounds", format::count(last() as u64)) });
                let x_name = Signal::derive(move || if by_time() { "seconds since the first value".to_owned() } else { "round".to_owned() });
                view! {
                    <div class="pane">
                        <LineChart name="metric" title=title(&named) unit x_name series across>
                            <Choice value=by name="Horizontal axis" options=vec![("round", "Round"), ("time", "Time")]/>
                        </LineChart>
                    </div>
                }
            }).collect_view()}
            {move || charts.with(Vec::is_empty).then(|| view! {
                <p class="pane hint job-no-curves">{move || if runs.get() { "Curves appear with the first metric in the log" } else { "This job wrote no metric that its definitions recognise" }}</p>
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_that_measure_the_same_stand_together() {
        let curve = |name: &str| MetricCurve { name: name.to_owned(), points: vec![(10.0, 2.0), (11.0, 1.0)] };
        let curves = [curve("train:rmse"), curve("validation:rmse"), curve("train:mae")];
        assert_eq!(measures(&curves), ["rmse", "mae"]);
        let lines = of_measure(&curves, "rmse", false);
        assert_eq!(lines[0].name, "validation:rmse");
        assert_eq!(lines[0].points, [(0.0, 2.0), (1.0, 1.0)]);
        assert_eq!(of_measure(&curves, "mae", true)[0].points, [(0.0, 2.0), (1.0, 1.0)]);
        assert_eq!((title("rmse").as_str(), title("objective_loss").as_str()), ("RMSE", "Objective loss"));
    }
}
