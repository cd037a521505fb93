//! Outputs as they stand in the file, and as they grow.

use serde_json::{Value, json};

/// A stream stops growing here; a loop that prints forever must not fill memory and disk.
const MAX_STREAM_BYTES: usize = 4 << 20;
const CUT: &str = "\n[Output cut here: this cell printed more than 4 MiB]\n";

/// Text of a notebook: one string or a list of strings.
pub fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// The list-of-lines form, each line with its end.
pub fn lines(text: &str) -> Value {
    text.split_inclusive('\n').map(|line| json!(line)).collect()
}

/// Appends what a program printed. A line that was returned to and written over is dropped, so that a progress bar
/// does not grow; a `\r` at the end stays, since what follows may not be there yet.
///
/// Returns whether `more` was only appended: then a window can do the same.
pub fn append_stream(so_far: &mut String, more: &str) -> bool {
    if so_far.len() >= MAX_STREAM_BYTES {
        if !so_far.ends_with(CUT) {
            so_far.push_str(CUT);
        }
        return false;
    }
    let start = so_far.rfind('\n').map_or(0, |at| at + 1);
    if !more.contains('\r') && !so_far[start..].contains('\r') {
        so_far.push_str(more);
        return true;
    }
    let tail = so_far.split_off(start) + more;
    for line in tail.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix("\r\n").map(|body| (body, "\r\n")) {
            Some(split) => split,
            None => line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n")),
        };
        let shown = body.trim_end_matches('\r');
        let kept = shown.rfind('\r').map_or(0, |at| at + 1);
        so_far.push_str(&body[kept..]);
        so_far.push_str(end);
    }
    false
}

pub fn is_json(mime: &str) -> bool {
    mime == "application/json" || mime.ends_with("+json")
}

/// Lists of lines become single strings.
pub fn join_lines(value: &mut Value) {
    let join = |data: &mut Value| {
        if data.is_array() {
            *data = Value::String(text(Some(data)));
        }
    };
    if let Some(stream) = value.get_mut("text") {
        join(stream);
    }
    if let Some(bundle) = value.get_mut("data").and_then(Value::as_object_mut) {
        bundle.iter_mut().filter(|(mime, _)| !is_json(mime)).for_each(|(_, data)| join(data));
    }
}

/// Single strings become lists of lines, as Jupyter writes them; base64 stays whole.
pub fn split_lines(value: &mut Value) {
    let Some(object) = value.as_object_mut() else { return };
    if let Some(Value::String(stream)) = object.get("text") {
        let split = lines(stream);
        object.insert("text".to_owned(), split);
    }
    let Some(bundle) = object.get_mut("data").and_then(Value::as_object_mut) else { return };
    for (mime, data) in bundle.iter_mut() {
        let textual = mime.starts_with("text/") || mime == "image/svg+xml" || mime == "application/javascript";
        if let (true, Value::String(whole)) = (textual, &*data) {
            *data = lines(whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str], shown: &str) {
        let mut text = String::new();
        for piece in pieces {
            append_stream(&mut text, piece);
        }
        assert_eq!(text, shown, "{pieces:?}");
    }

    #[test]
    fn returned_lines_are_written_over() {
        check(&["a", "b\n", "c"], "ab\nc");
        check(&["10%", "\r20%", "\r30%"], "30%");
        check(&["10%\r", "20%\r"], "20%\r");
        check(&["10%\r", "20%\r", "\ndone\n"], "20%\r\ndone\n");
        check(&["x\r\ny\r\n"], "x\r\ny\r\n");
        check(&["kept\n1\r2\r3", "\n"], "kept\n3\n");
        check(&["a\rb\nc\rd"], "b\nd");
    }

    #[test]
    fn endless_stream_is_cut_once() {
        let mut text = String::new();
        let piece = "y\n".repeat(1 << 20);
        for _ in 0..5 {
            append_stream(&mut text, &piece);
        }
        assert_eq!(text.matches("[Output cut here").count(), 1);
        assert!(text.len() < MAX_STREAM_BYTES + piece.len());
    }
}
