//! CloudWatch metrics, for reading: curves of training jobs, and what endpoints count.

use crate::job::{self, TRAINING};
use crate::{Context, error};
use atelier_jobs::JobRecord;
use atelier_store::{ListQuery, now_ms};
use atelier_wire::Error;
use atelier_wire::aws::Timestamp;
use atelier_wire::aws::cloudwatch::{
    Datapoint, Dimension, GetMetricDataInput, GetMetricDataOutput, GetMetricStatisticsInput, GetMetricStatisticsOutput,
    ListMetricsInput, ListMetricsOutput, Metric, MetricDataQuery, MetricDataResult, ScanBy, StandardUnit, Statistic,
    StatusCode,
};
use std::collections::BTreeMap;

const TRAINING_NAMESPACE: &str = "/aws/sagemaker/TrainingJobs";
const ENDPOINT_NAMESPACE: &str = "AWS/SageMaker";

/// `count` samples of `value` at a time in seconds.
struct Sample {
    at: f64,
    value: f64,
    count: f64,
}

/// What a period's samples come to.
#[derive(Default)]
struct Bucket {
    count: f64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Bucket {
    fn add(&mut self, sample: &Sample) {
        let first = self.count == 0.0;
        self.min = if first { sample.value } else { self.min.min(sample.value) };
        self.max = if first { sample.value } else { self.max.max(sample.value) };
        self.count += sample.count;
        self.sum += sample.value * sample.count;
    }

    fn statistic(&self, name: &str) -> Option<f64> {
        match name {
            "SampleCount" => Some(self.count),
            "Average" => Some(self.sum / self.count),
            "Sum" => Some(self.sum),
            "Minimum" => Some(self.min),
            "Maximum" => Some(self.max),
            _ => None,
        }
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new("InvalidParameterValue", message)
}

fn samples(ctx: &Context, namespace: &str, name: &str, dimensions: &[Dimension]) -> Result<Vec<Sample>, Error> {
    let dimension = |wanted: &str| dimensions.iter().find(|it| it.name == wanted).map(|it| it.value.as_str());
    match namespace {
        TRAINING_NAMESPACE => {
            let Some(job_name) = dimension("TrainingJobName") else { return Ok(Vec::new()) };
            let curves = ctx.jobs.metrics(TRAINING, job_name).map_err(job::failed)?.unwrap_or_default();
            let curve = curves.into_iter().find(|curve| curve.name == name);
            let points = curve.map(|curve| curve.points).unwrap_or_default();
            Ok(points.into_iter().map(|(at, value)| Sample { at, value, count: 1.0 }).collect())
        }
        ENDPOINT_NAMESPACE => {
            let activity = dimension("EndpointName").and_then(|endpoint| ctx.router.activity(endpoint));
            let buckets = activity.map(|activity| activity.buckets).unwrap_or_default();
            let sample = |bucket: atelier_wire::studio::deploy::ActivityBucket| {
                let (value, count) = match name {
                    "Invocations" => (1.0, bucket.invocations as f64),
                    // Microseconds, as AWS counts.
                    "ModelLatency" => (bucket.p50_ms * 1000.0, bucket.invocations as f64),
                    _ => return None,
                };
                (count > 0.0).then_some(Sample { at: bucket.at, value, count })
            };
            Ok(buckets.into_iter().filter_map(sample).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// Sums samples up by period; the key is the period's start in seconds.
fn buckets(
    samples: &[Sample],
    start: Timestamp,
    end: Timestamp,
    period_s: i32,
) -> Result<BTreeMap<i64, Bucket>, Error> {
    if period_s < 1 {
        return Err(invalid("The value for parameter Period must be at least 1 second."));
    }
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let period = i64::from(period_s);
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    // Periods are aligned to the epoch, so the first one may begin before the start; AWS rounds the start likewise.
    let from = (start.0 as i64).div_euclid(period) * period;
    for sample in samples.iter().filter(|sample| sample.at >= from as f64 && sample.at < end.0) {
        buckets.entry((sample.at as i64).div_euclid(period) * period).or_default().add(sample);
    }
    Ok(buckets)
}

pub fn get_metric_statistics(
    ctx: &Context,
    request: GetMetricStatisticsInput,
) -> Result<GetMetricStatisticsOutput, Error> {
    let wanted = request.statistics.unwrap_or_default();
    if wanted.is_empty() {
        return Err(invalid("Name at least one of the statistics SampleCount, Average, Sum, Minimum and Maximum."));
    }
    let samples =
        samples(ctx, &request.namespace, &request.metric_name, request.dimensions.as_deref().unwrap_or_default())?;
    let buckets = buckets(&samples, request.start_time, request.end_time, request.period)?;
    let point = |(at, bucket): (&i64, &Bucket)| {
        let value = |statistic: Statistic| wanted.contains(&statistic).then(|| bucket.statistic(statistic.as_str()))?;
        Datapoint {
            timestamp: Some(Timestamp(*at as f64)),
            sample_count: value(Statistic::SampleCount),
            average: value(Statistic::Average),
            sum: value(Statistic::Sum),
            minimum: value(Statistic::Minimum),
            maximum: value(Statistic::Maximum),
            unit: Some(request.unit.unwrap_or(StandardUnit::None)),
            extended_statistics: None,
        }
    };
    Ok(GetMetricStatisticsOutput {
        label: Some(request.metric_name),
        datapoints: Some(buckets.iter().map(point).collect()),
    })
}

pub fn get_metric_data(ctx: &Context, request: GetMetricDataInput) -> Result<GetMetricDataOutput, Error> {
    let newest_first = request.scan_by != Some(ScanBy::TimestampAscending);
    let mut results = Vec::new();
    for query in &request.metric_data_queries {
        let result = query_one(ctx, query, request.start_time, request.end_time, newest_first)?;
        if query.return_data != Some(false) {
            results.push(result);
        }
    }
    Ok(GetMetricDataOutput { metric_data_results: Some(results), next_token: None, messages: None })
}

fn query_one(
    ctx: &Context,
    query: &MetricDataQuery,
    start: Timestamp,
    end: Timestamp,
    newest_first: bool,
) -> Result<MetricDataResult, Error> {
    let Some(stat) = &query.metric_stat else {
        return Err(Error::new(
            "ValidationError",
            format!("Query {}: only MetricStat is part of this platform, no expressions.", query.id),
        ));
    };
    let name = stat.metric.metric_name.clone().unwrap_or_default();
    let namespace = stat.metric.namespace.as_deref().unwrap_or_default();
    let samples = samples(ctx, namespace, &name, stat.metric.dimensions.as_deref().unwrap_or_default())?;
    let mut points = Vec::new();
    for (at, bucket) in buckets(&samples, start, end, stat.period)? {
        let value = bucket.statistic(&stat.stat).ok_or_else(|| {
            Error::new(
                "ValidationError",
                format!("Query {}: the statistic {} is not part of this platform.", query.id, stat.stat),
            )
        })?;
        points.push((Timestamp(at as f64), value));
    }
    if newest_first {
        points.reverse();
    }
    let (timestamps, values) = points.into_iter().unzip();
    Ok(MetricDataResult {
        id: Some(query.id.clone()),
        label: Some(query.label.clone().unwrap_or(name)),
        timestamps: Some(timestamps),
        values: Some(values),
        status_code: Some(StatusCode::Complete),
        messages: None,
    })
}

/// At most this many of the newest jobs are looked through.
const JOBS: usize = 500;

pub fn list_metrics(ctx: &Context, request: ListMetricsInput) -> Result<ListMetricsOutput, Error> {
    let mut metrics = Vec::new();
    let mut add = |namespace: &str, name: &str, dimensions: &[(&str, &str)]| {
        let dimension =
            |(name, value): &(&str, &str)| Dimension { name: (*name).to_owned(), value: (*value).to_owned() };
        metrics.push(Metric {
            namespace: Some(namespace.to_owned()),
            metric_name: Some(name.to_owned()),
            dimensions: Some(dimensions.iter().map(dimension).collect()),
        });
    };
    let recent = request.recently_active.is_some().then(|| now_ms() - 3 * 3_600_000);
    let query = ListQuery { limit: JOBS, descending: true, modified_after: recent, ..ListQuery::default() };
    for doc in ctx.store.list::<JobRecord>(TRAINING, &query).map_err(error::store)?.docs {
        for curve in ctx.jobs.metrics(TRAINING, &doc.name).map_err(job::failed)?.unwrap_or_default() {
            if !curve.points.is_empty() {
                add(TRAINING_NAMESPACE, &curve.name, &[("TrainingJobName", &doc.name)]);
            }
        }
    }
    for endpoint in ctx.router.endpoints() {
        for name in ["Invocations", "ModelLatency"] {
            add(ENDPOINT_NAMESPACE, name, &[("EndpointName", &endpoint)]);
        }
    }
    metrics.retain(|metric| {
        let has = |name: &str, value: Option<&str>| {
            let all = metric.dimensions.as_deref().unwrap_or_default();
            all.iter().any(|it| it.name == name && value.is_none_or(|value| it.value == value))
        };
        request.namespace.as_ref().is_none_or(|namespace| metric.namespace.as_ref() == Some(namespace))
            && request.metric_name.as_ref().is_none_or(|name| metric.metric_name.as_ref() == Some(name))
            && request.dimensions.iter().flatten().all(|filter| has(&filter.name, filter.value.as_deref()))
    });
    Ok(ListMetricsOutput { metrics: Some(metrics), next_token: None, owning_accounts: None })
}
