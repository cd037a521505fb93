//! The profile of a column: small over the grid, large in the inspector.

use crate::kit::{Bones, ErrorNote, format};
use crate::live::live_where;
use atelier_wire::studio::data::{Column, ColumnClass, ColumnProfile, ProfileColumn};
use leptos::prelude::*;

/// A bound of a column, as its class is read.
fn bound(value: f64, class: ColumnClass) -> String {
    if class == ColumnClass::Time { format::date(value) } else { trimmed(format::figure(value)) }
}

/// As [`bound`] in a narrow place: three places that count.
fn brief(value: f64, class: ColumnClass) -> String {
    let size = value.abs();
    if class == ColumnClass::Time || size >= 100.0 || size < 1e-3 || value.fract() == 0.0 {
        return bound(value, class);
    }
    let places = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
    trimmed(format!("{value:.places$}"))
}

/// `0.0476` for `0.04760`: a bound has no places to keep in line.
fn trimmed(figure: String) -> String {
    if figure.contains('e') || !figure.contains('.') {
        return figure;
    }
    figure.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn share(part: u64, whole: u64) -> String {
    let percent = if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 };
    if percent > 0.0 && percent < 0.1 { "< 0.1 %".into() } else { format!("{percent:.1} %") }
}

/// Type and missing share, the histogram, and its bounds: what stands under a column's name. `version` changes
/// with the file.
#[component]
pub fn Spark(column: Column, #[prop(into)] request: Signal<Option<ProfileColumn>>, #[prop(into)] version: Signal<Option<(u64, u64)>>) -> impl IntoView {
    let profile = live_where(move || { version.track(); request.get() }, |_, _| false);
    let class = column.class;
    view! {
        <div class="col-meta"><span>{column.dtype.clone()}</span>
            {move || profile.value.with(|profile| profile.as_ref().map(|profile| if profile.num_missing == 0 { view! { <span>"complete"</span> }.into_any() } else { view! { <span class="warn">{format!("{} missing", share(profile.num_missing, profile.num_rows))}</span> }.into_any() }))}
        </div>
        {move || profile.value.with(|profile| profile.as_ref().map(|profile| small(profile, class)))}
        {move || profile.error.get().map(|error| view! { <div class="col-meta"><span class="warn cut" title=error.message>"no profile"</span></div> })}
    }
}

fn small(profile: &ColumnProfile, class: ColumnClass) -> AnyView {
    if profile.top.is_empty() {
        let ends = profile.min.zip(profile.max);
        // Drawn by the backend in numbers and `currentColor`: no text of the file is in it.
        return view! {
            <div class="spark-svg" inner_html=profile.spark_svg.clone()></div>
            <div class="col-meta"><span>{ends.map(|ends| brief(ends.0, class))}</span><span>{ends.map(|ends| brief(ends.1, class))}</span></div>
        }
        .into_any();
    }
    let most = profile.top.first().map_or(1, |top| top.1).max(1);
    view! {
        <div class="top">{profile.top.iter().take(2).map(|(value, count)| view! {
            <div><i style:width=format!("{:.0}%", *count as f64 / most as f64 * 100.0)></i><span class="cut">{value.clone()}</span><span>{format::count(*count)}</span></div>
        }).collect_view()}</div>
        <div class="col-meta"><span>{format!("{} distinct", format::count(profile.num_distinct))}</span></div>
    }
    .into_any()
}

/// The inspector: the histogram with axes, what is missing, moments, frequent values.
pub fn profile_pane(column: Column, ask: impl Fn(String) -> Option<ProfileColumn> + Copy + 'static) -> impl IntoView {
    let asked = column.name.clone();
    let profile = live_where(move || ask(asked.clone()), |tag, _| matches!(tag, "object" | "file"));
    let class = column.class;
    let (title, kind, name) = (column.name.clone(), column.dtype.clone(), column.name.clone());
    view! {
        <div class="inspector-head" data-profile=name><h2 class="cut">{title}</h2><span class="chip chip-line"><span class="code-s">{kind}</span></span></div>
        <div class="scroll">
            {move || profile.waiting().then(|| view! { <div class="section"><Bones lines=4/></div> })}
            {move || profile.error.get().map(|error| view! { <div class="section"><ErrorNote tried="The column could not be profiled" code=error.code message=error.message/></div> })}
            {move || profile.value.with(|profile| profile.as_ref().map(|profile| large(profile, class)))}
        </div>
    }
}

fn large(profile: &ColumnProfile, class: ColumnClass) -> impl IntoView + use<> {
    let figure = |name: &'static str, value: Option<String>| value.map(|value| { let id = value.clone(); view! { <dt>{name}</dt><dd data-stat=name title=id>{value}</dd> } });
    let number = |value: Option<f64>| value.map(|value| bound(value, class));
    let rows = profile.num_rows;
    let missing = profile.num_missing;
    let most = profile.top.first().map_or(1, |top| top.1).max(1);
    let spread = (class != ColumnClass::Time).then(|| profile.std.map(|std| trimmed(format::figure(std)))).flatten();
    view! {
        {(!profile.chart_svg.is_empty()).then(|| view! {
            <section class="section" data-section="distribution">
                <div class="section-head"><h3>"Distribution"</h3><span class="hint small">"rows per bin"</span></div>
                <div class="profile-svg" inner_html=profile.chart_svg.clone()></div>
            </section>
        })}
        {(!profile.top.is_empty()).then(|| view! {
            <section class="section" data-section="top">
                <div class="section-head"><h3>"Frequent values"</h3><span class="hint small">"rows"</span></div>
                <dl class="kv kv-bar">{profile.top.iter().map(|(value, count)| { let whole = value.clone(); view! {
                    <dt title=whole>{value.clone()}</dt><dd><span class="meter"><i style:width=format!("{:.0}%", *count as f64 / most as f64 * 100.0)></i></span>{format::count(*count)}</dd>
                } }).collect_view()}</dl>
            </section>
        })}
        <section class="section" data-section="statistics">
            <div class="section-head"><h3>"All rows"</h3><span class="grow hint small num">{format::count(rows)}</span></div>
            <dl class="kv">
                {figure("Missing", Some(format::count(missing)))}
                {figure("Share", Some(share(missing, rows)))}
                {figure("Distinct", (class != ColumnClass::Other).then(|| format::count(profile.num_distinct)))}
                {figure("Median", number(profile.median))}
                {figure("Mean", number(profile.mean))}
                {figure("Std", spread)}
                {figure("Min", number(profile.min))}
                {figure("Max", number(profile.max))}
            </dl>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnClass, brief, share, trimmed};

    #[test]
    fn shares_tell_a_little_from_none() {
        assert_eq!((share(0, 10).as_str(), share(1, 3).as_str(), share(1, 100_000).as_str()), ("0.0 %", "33.3 %", "< 0.1 %"));
        assert_eq!(share(0, 0), "0.0 %");
        assert_eq!((brief(-0.044641, ColumnClass::Float).as_str(), brief(346.0, ColumnClass::Float).as_str()), ("-0.0446", "346"));
        assert_eq!((trimmed("0.04760".into()).as_str(), trimmed("1,200".into()).as_str(), trimmed("2.0".into()).as_str()), ("0.0476", "1,200", "2"));
    }
}
