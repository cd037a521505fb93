//! CloudWatch Logs, for reading: a group per kind of job, a stream per job and host, named as AWS names them.

use crate::job::{self, TRAINING, TRANSFORM};
use crate::{Context, training, transform};
use atelier_jobs::{JobRecord, LogLine};
use atelier_store::{Doc, ListQuery};
use atelier_wire::Error;
use atelier_wire::aws::logs::{
    DescribeLogGroupsRequest, DescribeLogGroupsResponse, DescribeLogStreamsRequest, DescribeLogStreamsResponse,
    FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent, GetLogEventsRequest, GetLogEventsResponse,
    LogGroup, LogStream, OutputLogEvent, SearchedLogStream,
};

/// Groups and the kinds of jobs that write to them.
const GROUPS: [(&str, &str); 2] = [(training::LOG_GROUP, TRAINING), (transform::LOG_GROUP, TRANSFORM)];

/// CloudWatch's page sizes.
const MAX_EVENTS: usize = 10_000;
const MAX_STREAMS: usize = 50;

fn invalid(message: &str) -> Error {
    Error::new("InvalidParameterException", message)
}

fn not_found(what: &str) -> Error {
    Error::new("ResourceNotFoundException", format!("The specified log {what} does not exist."))
}

/// The kind of job behind a group's name, or behind the name in a group's ARN.
fn kind_of(name: Option<&str>, identifier: Option<&str>) -> Result<&'static str, Error> {
    let given =
        name.or(identifier).ok_or_else(|| invalid("Name the log group: set logGroupName or logGroupIdentifier."))?;
    let name = given.split_once(":log-group:").map_or(given, |(_, rest)| rest.trim_end_matches(":*"));
    GROUPS.iter().find(|(group, _)| *group == name).map(|(_, kind)| *kind).ok_or_else(|| not_found("group"))
}

pub fn describe_log_groups(
    ctx: &Context,
    request: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, Error> {
    let prefix = request.log_group_name_prefix.unwrap_or_default();
    let pattern = request.log_group_name_pattern.unwrap_or_default();
    let groups =
        GROUPS.iter().filter(|(group, _)| group.starts_with(&prefix) && group.contains(&pattern)).map(|(group, _)| {
            let arn = group_arn(ctx, group);
            LogGroup {
                log_group_name: Some((*group).to_owned()),
                arn: Some(format!("{arn}:*")),
                log_group_arn: Some(arn),
                ..LogGroup::default()
            }
        });
    Ok(DescribeLogGroupsResponse { log_groups: Some(groups.collect()), next_token: None })
}

fn group_arn(ctx: &Context, group: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{group}", ctx.settings.region, ctx.settings.account)
}

/// `JOB/algo-1-EPOCH`; the epoch is the job's creation, in seconds.
fn stream_name(doc: &Doc<JobRecord>, host: &str) -> String {
    format!("{}/{host}-{}", doc.name, doc.created_ms / 1000)
}

/// The job and the host that write to a stream.
fn find_stream(ctx: &Context, kind: &str, stream: &str) -> Result<(Doc<JobRecord>, String), Error> {
    let missing = || not_found("stream");
    let (name, _) = stream.rsplit_once('/').ok_or_else(missing)?;
    let doc = ctx.jobs.get(kind, name).map_err(job::failed)?.ok_or_else(missing)?;
    let host = doc.body.spec.hosts().find(|host| stream_name(&doc, host) == stream).ok_or_else(missing)?;
    Ok((doc, host))
}

fn lines(
    ctx: &Context,
    doc: &Doc<JobRecord>,
    host: &str,
    after: u64,
    limit: usize,
) -> Result<(Vec<LogLine>, u64), Error> {
    let chunk = ctx.jobs.log_of_host(&doc.kind, &doc.name, host, after, limit).map_err(job::failed)?;
    Ok(chunk.map_or((Vec::new(), after), |chunk| (chunk.lines, chunk.next)))
}

pub fn describe_log_streams(
    ctx: &Context,
    request: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, Error> {
    let kind = kind_of(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
    let prefix = request.log_stream_name_prefix.unwrap_or_default();
    let mut found: Vec<(Doc<JobRecord>, String)> = Vec::new();
    for doc in jobs(ctx, kind, &prefix)? {
        for host in doc.body.spec.hosts() {
            // A stream begins to exist with its first line, as on AWS.
            if stream_name(&doc, &host).starts_with(&prefix) && !lines(ctx, &doc, &host, 0, 1)?.0.is_empty() {
                found.push((doc.clone(), host));
            }
        }
    }
    found.sort_by_cached_key(|(doc, host)| stream_name(doc, host));
    if request.descending == Some(true) {
        found.reverse();
    }
    // The SDK asks for a page of at most 50 and never for the next, and would ask forever if it were told of one.
    let limit = request.limit.map_or(MAX_STREAMS, |limit| limit.clamp(1, MAX_STREAMS as i32) as usize);
    let start = match request.next_token.as_deref() {
        None => 0,
        Some(token) => {
            found.iter().position(|(doc, host)| stream_name(doc, host) == token).map_or(found.len(), |at| at + 1)
        }
    };
    let page = found.get(start..).unwrap_or_default();
    let more = page.len() > limit && found.len() > MAX_STREAMS;
    let page = &page[..page.len().min(limit)];
    let next_token = page.last().filter(|_| more).map(|(doc, host)| stream_name(doc, host));
    let streams = page.iter().map(|(doc, host)| about(ctx, kind, doc, host)).collect::<Result<_, Error>>()?;
    Ok(DescribeLogStreamsResponse { log_streams: Some(streams), next_token })
}

fn about(ctx: &Context, kind: &str, doc: &Doc<JobRecord>, host: &str) -> Result<LogStream, Error> {
    let name = stream_name(doc, host);
    let group = GROUPS.iter().find(|(_, of)| *of == kind).map_or("", |(group, _)| group);
    let first = lines(ctx, doc, host, 0, 1)?.0.first().map(|line| line.at_ms);
    let last = job::end_ms(&doc.body.state).unwrap_or(doc.modified_ms);
    Ok(LogStream {
        arn: Some(format!("{}:log-stream:{name}", group_arn(ctx, group))),
        log_stream_name: Some(name),
        creation_time: Some(doc.created_ms),
        first_event_timestamp: first,
        last_event_timestamp: Some(last),
        last_ingestion_time: Some(last),
        ..LogStream::default()
    })
}

/// The jobs whose streams may start with a prefix.
fn jobs(ctx: &Context, kind: &str, prefix: &str) -> Result<Vec<Doc<JobRecord>>, Error> {
    if let Some((name, _)) = prefix.split_once('/') {
        return Ok(ctx.jobs.get(kind, name).map_err(job::failed)?.into_iter().collect());
    }
    let query = ListQuery {
        name_contains: Some(prefix.to_owned()).filter(|text| !text.is_empty()),
        limit: 1000,
        descending: true,
        ..ListQuery::default()
    };
    Ok(ctx.jobs.list(kind, &query).map_err(job::failed)?.docs)
}

pub fn get_log_events(ctx: &Context, request: GetLogEventsRequest) -> Result<GetLogEventsResponse, Error> {
    let kind = kind_of(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
    let (doc, host) = find_stream(ctx, kind, &request.log_stream_name)?;
    let limit = request.limit.map_or(MAX_EVENTS, |limit| limit.clamp(1, MAX_EVENTS as i32) as usize);
    let read = |after, limit| lines(ctx, &doc, &host, after, limit);
    let start = match request.next_token.as_deref() {
        None if request.start_from_head == Some(true) => 0,
        None => {
            let count = read(0, usize::MAX)?.0.len();
            read(0, count.saturating_sub(limit))?.1
        }
        Some(token) => {
            let bad = || invalid("The specified nextToken is invalid.");
            let (direction, offset) = token.split_once('/').ok_or_else(bad)?;
            let offset: u64 = offset.parse().map_err(|_| bad())?;
            match direction {
                "f" => offset,
                "b" => {
                    let before = lines_before(offset, &read)?;
                    read(0, before.saturating_sub(limit))?.1
                }
                _ => return Err(bad()),
            }
        }
    };
    let backward = request.next_token.as_deref().is_some_and(|token| token.starts_with("b/"));
    let limit = if backward { limit.min(lines_before(offset_of(&request), &read)?) } else { limit };
    let (found, next) = read(start, limit)?;
    let wanted = |line: &LogLine| {
        request.start_time.is_none_or(|start| line.at_ms >= start)
            && request.end_time.is_none_or(|end| line.at_ms < end)
    };
    let event = |line: LogLine| OutputLogEvent {
        timestamp: Some(line.at_ms),
        ingestion_time: Some(line.at_ms),
        message: Some(message(&line.text)),
    };
    Ok(GetLogEventsResponse {
        events: Some(found.into_iter().filter(wanted).map(event).collect()),
        // The same as asked for when nothing is new, which is how readers know that they have seen all.
        next_forward_token: Some(format!("f/{next}")),
        next_backward_token: Some(format!("b/{start}")),
    })
}

fn offset_of(request: &GetLogEventsRequest) -> u64 {
    let token = request.next_token.as_deref().and_then(|token| token.split_once('/'));
    token.and_then(|(_, offset)| offset.parse().ok()).unwrap_or(0)
}

/// How many lines end at or before a byte offset.
fn lines_before(offset: u64, read: &impl Fn(u64, usize) -> Result<(Vec<LogLine>, u64), Error>) -> Result<usize, Error> {
    let (mut low, mut high) = (0, read(0, usize::MAX)?.0.len());
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if read(0, middle)?.1 <= offset {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// CloudWatch writes a tab as `#011`, which the metric expressions of the XGBoost containers count on.
fn message(text: &str) -> String {
    text.replace('\t', "#011")
}

pub fn filter_log_events(ctx: &Context, request: FilterLogEventsRequest) -> Result<FilterLogEventsResponse, Error> {
    let kind = kind_of(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
    let prefix = request.log_stream_name_prefix.clone().unwrap_or_default();
    let words: Vec<String> = terms(request.filter_pattern.as_deref().unwrap_or_default());
    let names = request.log_stream_names.unwrap_or_default();
    let docs = match names.as_slice() {
        [] => jobs(ctx, kind, &prefix)?,
        names => names.iter().map(|name| find_stream(ctx, kind, name).map(|(doc, _)| doc)).collect::<Result<_, _>>()?,
    };
    let mut events = Vec::new();
    let mut searched = Vec::new();
    for doc in &docs {
        for host in doc.body.spec.hosts() {
            let stream = stream_name(doc, &host);
            if !stream.starts_with(&prefix) || !(names.is_empty() || names.contains(&stream)) {
                continue;
            }
            for (index, line) in lines(ctx, doc, &host, 0, usize::MAX)?.0.into_iter().enumerate() {
                let text = message(&line.text);
                let in_time = request.start_time.is_none_or(|start| line.at_ms >= start)
                    && request.end_time.is_none_or(|end| line.at_ms <= end);
                if in_time && words.iter().all(|word| text.contains(word.as_str())) {
                    events.push(FilteredLogEvent {
                        log_stream_name: Some(stream.clone()),
                        timestamp: Some(line.at_ms),
                        ingestion_time: Some(line.at_ms),
                        message: Some(text),
                        event_id: Some(format!("{stream}/{index}")),
                    });
                }
            }
            searched.push(SearchedLogStream { log_stream_name: Some(stream), searched_completely: Some(true) });
        }
    }
    events.sort_by_key(|event| event.timestamp);
    let skip = match request.next_token.as_deref() {
        None => 0,
        Some(token) => token.parse().map_err(|_| invalid("The specified nextToken is invalid."))?,
    };
    let limit = request.limit.map_or(MAX_EVENTS, |limit| limit.clamp(1, MAX_EVENTS as i32) as usize);
    let next_token = (events.len() > skip + limit).then(|| (skip + limit).to_string());
    let page = events.into_iter().skip(skip).take(limit).collect();
    Ok(FilterLogEventsResponse { events: Some(page), searched_log_streams: Some(searched), next_token })
}

/// The terms of a filter pattern, of which each must occur. Patterns over JSON fields are not understood.
fn terms(pattern: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for (index, part) in pattern.split('"').enumerate() {
        match index % 2 {
            1 => terms.push(part.to_owned()),
            _ => terms.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}
