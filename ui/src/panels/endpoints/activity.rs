//! What goes through an endpoint: figures, latencies and requests of the last quarter of an hour.

use crate::frame::use_tab;
use crate::kit::chart::{Across, LineChart, Series};
use crate::kit::format;
use crate::kit::now::use_now;
use crate::live::Live;
use atelier_wire::studio::deploy::{ActivityBucket, EndpointActivity};
use leptos::prelude::*;

/// Seconds in a bucket, and buckets shown.
const BUCKET: f64 = 5.0;
const SPAN: f64 = 900.0;

/// A line over the buckets. Where nothing came through there is no latency, but there are 0 requests: `rest` says
/// which value stands for a bucket without requests.
fn line(
    name: &str,
    buckets: &[ActivityBucket],
    until: f64,
    rest: f64,
    value: impl Fn(&ActivityBucket) -> f64,
) -> Series {
    let Some(first) = buckets.iter().find(|bucket| bucket.invocations + bucket.errors > 0) else {
        return Series { name: name.to_owned(), points: Vec::new() };
    };
    let mut points = vec![(first.at - BUCKET, rest)];
    let mut next = first.at;
    for bucket in buckets.iter().filter(|bucket| bucket.at >= first.at) {
        while next < bucket.at - BUCKET / 2.0 {
            points.push((next, rest));
            next += BUCKET;
        }
        let served = bucket.invocations + bucket.errors > 0;
        points.push((bucket.at, if served { value(bucket) } else { rest }));
        next = bucket.at + BUCKET;
    }
    while next < until {
        points.push((next, rest));
        next += BUCKET;
    }
    Series { name: name.to_owned(), points }
}

/// Latencies of the whole span: the greatest p99 and the median of medians, weighted by requests.
fn typical(buckets: &[ActivityBucket], value: impl Fn(&ActivityBucket) -> f64) -> Option<f64> {
    let mut all: Vec<(f64, u64)> = buckets
        .iter()
        .filter(|bucket| bucket.invocations > 0)
        .map(|bucket| (value(bucket), bucket.invocations))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = all.iter().map(|(_, count)| count).sum::<u64>() / 2;
    let mut passed = 0;
    all.into_iter()
        .find(|(_, count)| {
            passed += count;
            passed > half
        })
        .map(|(value, _)| value)
}

/// Two places below 10 ms, one below 100 ms.
pub fn milliseconds(ms: f64) -> String {
    let places = if ms < 10.0 { 2 } else { usize::from(ms < 100.0) };
    format!("{ms:.places$}")
}

#[component]
pub fn Activity(activity: Live<EndpointActivity>, serves: Memo<bool>) -> impl IntoView {
    let tab = use_tab();
    let now = use_now(move || serves.get() && tab.shown.get(), 5_000);
    let buckets = Memo::new(move |_| {
        activity.value.with(|activity| activity.as_ref().map(|activity| activity.buckets.clone()).unwrap_or_default())
    });
    let until = move || buckets.with(|buckets| buckets.last().map_or(0.0, |bucket| bucket.at)).max(now.get());
    let range = Signal::derive(move || Some((until() - SPAN, until())));
    let latency = Signal::derive(move || {
        let gap = f64::NAN;
        buckets.with(|all| {
            vec![
                line("p50", all, until(), gap, |b| b.p50_ms),
                line("p90", all, until(), gap, |b| b.p90_ms),
                line("p99", all, until(), gap, |b| b.p99_ms),
            ]
        })
    });
    let requests = Signal::derive(move || {
        buckets.with(|all| {
            let mut lines = vec![line("requests", all, until(), 0.0, |b| b.invocations as f64 / BUCKET)];
            if all.iter().any(|bucket| bucket.errors > 0) {
                lines.push(line("errors", all, until(), 0.0, |b| b.errors as f64 / BUCKET));
            }
            lines
        })
    });
    let quiet =
        Memo::new(move |_| buckets.with(|all| all.iter().all(|bucket| bucket.invocations + bucket.errors == 0)));
    let total = move || {
        activity
            .value
            .with(|activity| activity.as_ref().map_or((0, 0, 0), |a| (a.invocations, a.errors_4xx, a.errors_5xx)))
    };
    let ms = move |value: fn(&ActivityBucket) -> f64| {
        buckets.with(|all| typical(all, value)).map_or_else(|| ("–".to_owned(), ""), |ms| (milliseconds(ms), "ms"))
    };
    let figure = move |name: &'static str, label: &'static str, value: Signal<(String, String)>| {
        view! {
            <div data-figure=name><p class="label">{label}</p><b>{move || value.get().0}</b><span>{move || value.get().1}</span></div>
        }
    };
    let of_ms = move |value: fn(&ActivityBucket) -> f64| {
        Signal::derive(move || {
            let (number, unit) = ms(value);
            (number, unit.to_owned())
        })
    };
    view! {
        <div class="figures" data-figures="">
            {figure("requests", "Requests", Signal::derive(move || (format::count(total().0), "since it serves".to_owned())))}
            {figure("p50", "Latency p50", of_ms(|b| b.p50_ms))}
            {figure("p90", "p90", of_ms(|b| b.p90_ms))}
            {figure("p99", "p99", of_ms(|b| b.p99_ms))}
            {figure("errors", "Errors", Signal::derive(move || { let (_, client, server) = total(); (format::count(client + server), if client + server == 0 { String::new() } else { format!("{client} refused, {server} failed") }) }))}
        </div>
        <div class="cols ep-charts">
            <div class="pane"><LineChart name="latency" title="Latency" unit="ms, last 15 minutes" series=latency across=Across::Clock range from_zero=true/></div>
            <div class="pane"><LineChart name="requests" title="Requests" unit="per second, last 15 minutes" series=requests across=Across::Clock range filled=true/></div>
            {move || quiet.get().then(|| view! { <p class="ep-quiet hint">{move || if serves.get() { "No request in the last 15 minutes. Send one below" } else { "Requests show here once the endpoint is in service" }}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(at: f64, invocations: u64, p50_ms: f64) -> ActivityBucket {
        ActivityBucket { at, invocations, errors: 0, p50_ms, p90_ms: p50_ms, p99_ms: p50_ms }
    }

    #[test]
    fn silence_is_zero_requests_and_no_latency() {
        let all = [bucket(100.0, 5, 1.0), bucket(115.0, 10, 2.0)];
        let requests = line("requests", &all, 122.0, 0.0, |b| b.invocations as f64 / BUCKET);
        assert_eq!(
            requests.points,
            [(95.0, 0.0), (100.0, 1.0), (105.0, 0.0), (110.0, 0.0), (115.0, 2.0), (120.0, 0.0)]
        );
        assert!(line("p50", &all, 122.0, f64::NAN, |b| b.p50_ms).points[2].1.is_nan());
        assert!(line("p50", &[], 122.0, 0.0, |b| b.p50_ms).points.is_empty());
    }

    #[test]
    fn the_typical_latency_weighs_requests() {
        assert_eq!(typical(&[bucket(0.0, 1, 9.0), bucket(5.0, 100, 1.0)], |b| b.p50_ms), Some(1.0));
        assert_eq!(typical(&[], |b| b.p50_ms), None);
    }
}
