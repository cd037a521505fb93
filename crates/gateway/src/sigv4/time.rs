//! `YYYYMMDDTHHMMSSZ`, the only form of time in a signature, to and from seconds since the epoch.

/// `None` for anything but the exact form with fields in range. Runs once per prediction, so it allocates nothing.
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let field = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let (year, month, day) = (field(0..4)?, field(4..6)?, field(6..8)?);
    let (hour, minute, second) = (field(9..11)?, field(11..13)?, field(13..15)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day is the last
/// (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

pub fn format(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        Err(_) => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for seconds in [0, 951_782_400, 951_868_800, 1_709_164_800, 1_795_242_398, 4_102_444_799] {
            assert_eq!(parse(&format(seconds)), Some(seconds), "{}", format(seconds));
        }
        assert_eq!(parse("20150830T123600Z"), Some(1_440_938_160));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "20150830T123600", "2015-08-30T12:36Z", "20151330T123600Z", "20150830T243600Z", "2015083aT123600Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
