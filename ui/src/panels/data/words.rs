//! Values, shares and tests as a person reads them. Pure.

use crate::kit::format;
use atelier_wire::studio::data::filter::{Filter, Test};

pub fn share(part: u64, whole: u64) -> String {
    let percent = if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 };
    if percent > 0.0 && percent < 0.1 { "< 0.1 %".into() } else { format!("{percent:.1} %") }
}

/// `0.0476` for `0.04760`: a bound has no places to keep in line.
pub fn trimmed(figure: String) -> String {
    if figure.contains('e') || !figure.contains('.') {
        return figure;
    }
    figure.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value of the grid in a narrow place.
pub fn brief(text: &str, number: bool) -> String {
    match text.parse::<f64>() {
        Ok(value) if number && value.is_finite() => {
            let size = value.abs();
            if size >= 100.0 || size < 1e-3 || value.fract() == 0.0 {
                return trimmed(format::figure(value));
            }
            let places = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
            trimmed(format!("{value:.places$}"))
        }
        _ => text.to_owned(),
    }
}

/// Seconds since the epoch as `2024-05-01` or `2024-05-01 12:30:00`, without a zone.
/// Days to a civil date as in Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
pub fn stamp(seconds: f64, time: bool) -> String {
    let whole = seconds.floor() as i64;
    let (days, rest) = (whole.div_euclid(86_400), whole.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time { format!("{date} {:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60) } else { date }
}

/// A number, or the seconds since the epoch of a date with or without a time.
pub fn number_of(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return Some(number);
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    let mut clock = time.get(..8).unwrap_or(time).splitn(3, ':').map(|part| part.parse::<f64>().unwrap_or(0.0));
    let mut next = || clock.next().unwrap_or(0.0);
    Some(days as f64 * 86_400.0 + next() * 3_600.0 + next() * 60.0 + next())
}

/// A filter in one line: `age ≥ 18`, `colour is red or blue`.
pub fn filter(filter: &Filter) -> String {
    let join = |of: &[Filter], word: &str| {
        of.iter()
            .map(|part| {
                if matches!(part, Filter::Column { .. }) {
                    self::filter(part)
                } else {
                    format!("({})", self::filter(part))
                }
            })
            .collect::<Vec<_>>()
            .join(word)
    };
    match filter {
        Filter::All { of } => join(of, " and "),
        Filter::Any { of } => join(of, " or "),
        Filter::Not { of } => format!("not ({})", self::filter(of)),
        Filter::Column { column, test } => format!("{column} {}", self::test(test)),
    }
}

pub fn test(test: &Test) -> String {
    let set = |values: &[Option<String>]| {
        let words: Vec<&str> = values.iter().take(3).map(|value| value.as_deref().unwrap_or("missing")).collect();
        let more = values.len().saturating_sub(3);
        if more > 0 { format!("{} or {more} more", words.join(", ")) } else { words.join(" or ") }
    };
    match test {
        Test::Null => "is missing".into(),
        Test::NotNull => "is there".into(),
        Test::Equals { value } => format!("= {value}"),
        Test::NotEquals { value } => format!("≠ {value}"),
        Test::Less { value } => format!("< {value}"),
        Test::AtMost { value } => format!("≤ {value}"),
        Test::More { value } => format!("> {value}"),
        Test::AtLeast { value } => format!("≥ {value}"),
        Test::Between { low: Some(low), high: Some(high) } => format!("{} to {}", brief(low, true), brief(high, true)),
        Test::Between { low: Some(low), high: None } => format!("≥ {low}"),
        Test::Between { low: None, high: Some(high) } => format!("≤ {high}"),
        Test::Between { low: None, high: None } => "is there".into(),
        Test::In { values } => format!("is {}", set(values)),
        Test::NotIn { values } => format!("is not {}", set(values)),
        Test::Contains { text, .. } => format!("contains “{text}”"),
        Test::StartsWith { text, .. } => format!("starts with “{text}”"),
        Test::EndsWith { text, .. } => format!("ends with “{text}”"),
        Test::Matches { regex } => format!("matches /{regex}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_tell_a_little_from_none() {
        assert_eq!(
            (share(0, 10).as_str(), share(1, 3).as_str(), share(1, 100_000).as_str()),
            ("0.0 %", "33.3 %", "< 0.1 %")
        );
        assert_eq!(share(0, 0), "0.0 %");
        assert_eq!(
            (brief("-0.044641", true).as_str(), brief("346.0", true).as_str(), brief("red", false).as_str()),
            ("-0.0446", "346", "red")
        );
        assert_eq!(
            (trimmed("0.04760".into()).as_str(), trimmed("1,200".into()).as_str(), trimmed("2.0".into()).as_str()),
            ("0.0476", "1,200", "2")
        );
    }

    #[test]
    fn times_go_there_and_back() {
        for (seconds, text) in [
            (0.0, "1970-01-01 00:00:00"),
            (951_782_400.0, "2000-02-29 00:00:00"),
            (-1.0, "1969-12-31 23:59:59"),
            (4_102_444_799.0, "2099-12-31 23:59:59"),
        ] {
            assert_eq!(stamp(seconds, true), text);
            assert_eq!(number_of(text), Some(seconds));
        }
        assert_eq!(number_of("2000-02-29"), Some(951_782_400.0));
        assert_eq!((number_of("1.5"), number_of("red"), number_of("2000-x-1")), (Some(1.5), None, None));
    }

    #[test]
    fn filters_are_said_in_words() {
        let column = |test| Filter::Column { column: "a".into(), test };
        let set = Test::In { values: ["x", "y", "z", "w"].iter().map(|value| Some((*value).to_owned())).collect() };
        let any = Filter::Any { of: vec![column(Test::Null), Filter::Not { of: Box::new(column(set)) }] };
        assert_eq!(filter(&any), "a is missing or (not (a is x, y, z or 1 more))");
        assert_eq!(
            filter(&Filter::All { of: vec![column(Test::Less { value: "3".into() }), any.clone()] }),
            format!("a < 3 and ({})", filter(&any))
        );
    }
}
