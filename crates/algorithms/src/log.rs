//! Lines on standard output as AWS's containers print them.

/// Prints `[2026-11-21:06:30:00:INFO] text`.
pub fn info(text: &str) {
    line("INFO", text);
}

/// Prints the same at level WARNING.
pub fn warning(text: &str) {
    line("WARNING", text);
}

fn line(level: &str, text: &str) {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d:%H:%M:%S");
    raw(&format!("[{now}:{level}] {text}"));
}

/// Prints a line as it is. A closed standard output is no reason to stop training, so errors are ignored.
pub fn raw(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
