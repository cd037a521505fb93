//! Numbers, sizes and times as a person reads them. Pure.

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `12,345 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Decimal units, two significant places: `1.2 MB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let value = if unit == 0 || value >= 99.95 { format!("{value:.0}") } else { format!("{value:.1}") };
    format!("{value} {}", UNITS[unit])
}

/// Seconds: `0.18 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    match seconds {
        s if s < 0.095 => format!("{:.0} ms", s * 1000.0),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 59.5 => format!("{s:.0} s"),
        s if s < 3570.0 => format!("{} min {:02} s", (s.round() as u64) / 60, (s.round() as u64) % 60),
        s if s < 86_400.0 => format!("{} h {:02} min", (s.round() as u64) / 3600, (s.round() as u64) % 3600 / 60),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

/// How long ago `at` was, seconds since the epoch both: `now`, `6 min ago`, `yesterday`, `12 Nov`.
pub fn ago(at: f64, now: f64) -> String {
    match now - at {
        s if s < 45.0 => "now".into(),
        s if s < 3_570.0 => format!("{:.0} min ago", (s / 60.0).max(1.0)),
        s if s < 86_400.0 => format!("{:.0} h ago", s / 3600.0),
        s if s < 2.0 * 86_400.0 => "yesterday".into(),
        s if s < 30.0 * 86_400.0 => format!("{:.0} days ago", s / 86_400.0),
        _ => date(at),
    }
}

/// Seconds since the epoch, now.
pub fn now() -> f64 {
    js_sys::Date::now() / 1000.0
}

/// Local clock time: `14:02:10`.
pub fn clock(at: f64) -> String {
    let date = local(at);
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

/// Local clock time with milliseconds: `14:02:10.412`.
pub fn clock_ms(at_ms: i64) -> String {
    format!("{}.{:03}", clock(at_ms as f64 / 1000.0), at_ms.rem_euclid(1000))
}

/// `21 Nov 2026`.
pub fn date(at: f64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = local(at);
    format!("{} {} {}", date.get_date(), MONTHS[date.get_month() as usize % 12], date.get_full_year())
}

/// `21 Nov 2026, 14:02:10`.
pub fn date_time(at: f64) -> String {
    format!("{}, {}", date(at), clock(at))
}

fn local(at: f64) -> js_sys::Date {
    js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at * 1000.0))
}

/// A figure with as many places as it deserves: `0.0123`, `4.57`, `43,890`.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        value.to_string()
    } else if size >= 10_000.0 {
        let whole = count(size.round() as u64);
        if value < 0.0 { format!("−{whole}") } else { whole }
    } else if size == 0.0 || value.fract() == 0.0 {
        format!("{value}")
    } else if !(1e-4..).contains(&size) {
        format!("{value:.2e}")
    } else {
        let places = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        format!("{value:.places$}")
    }
}
