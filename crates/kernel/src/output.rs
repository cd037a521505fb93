//! Outputs in their three forms: what the kernel sends, what stands in the file, what a window is told.

use atelier_wire::studio::notebook::{Content, Output};
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
pub fn append_stream(so_far: &mut String, more: &str) {
    if so_far.len() >= MAX_STREAM_BYTES {
        if !so_far.ends_with(CUT) {
            so_far.push_str(CUT);
        }
        return;
    }
    let start = so_far.rfind('\n').map_or(0, |at| at + 1);
    if !more.contains('\r') && !so_far[start..].contains('\r') {
        so_far.push_str(more);
        return;
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
}

/// What a kernel's message adds to a cell, in the form of the file; `None` for messages that are no output.
pub fn from_message(kind: &str, content: &Value) -> Option<Value> {
    let field = |name: &str| content.get(name).cloned();
    let object = |name: &str| field(name).filter(Value::is_object).unwrap_or_else(|| json!({}));
    match kind {
        "display_data" => Some(json!({ "data": object("data"), "metadata": object("metadata"), "output_type": "display_data" })),
        "execute_result" => Some(json!({
            "data": object("data"),
            "execution_count": field("execution_count"),
            "metadata": object("metadata"),
            "output_type": "execute_result",
        })),
        "error" => Some(json!({
            "ename": field("ename"),
            "evalue": field("evalue"),
            "output_type": "error",
            "traceback": field("traceback").filter(Value::is_array).unwrap_or_else(|| json!([])),
        })),
        _ => None,
    }
}

/// What a window is told of an output in the form of the file.
pub fn to_wire(value: &Value) -> Output {
    match value.get("output_type").and_then(Value::as_str) {
        Some("stream") => Output::Stream {
            stderr: value.get("name").and_then(Value::as_str) == Some("stderr"),
            text: text(value.get("text")),
            num_left_out: 0,
        },
        Some("error") => Output::Error {
            name: text(value.get("ename")),
            message: text(value.get("evalue")),
            traceback: value
                .get("traceback")
                .and_then(Value::as_array)
                .map(|lines| lines.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default(),
        },
        _ => Output::Display {
            data: value
                .get("data")
                .and_then(Value::as_object)
                .map(|bundle| bundle.iter().map(|(mime, data)| (mime.clone(), Content::Text(data_text(mime, data)))).collect())
                .unwrap_or_default(),
            execution_count: value.get("execution_count").and_then(Value::as_u64),
            display_id: None,
        },
    }
}

fn is_json(mime: &str) -> bool {
    mime == "application/json" || mime.ends_with("+json")
}

fn data_text(mime: &str, data: &Value) -> String {
    match data {
        Value::String(_) | Value::Array(_) if !is_json(mime) => text(Some(data)),
        other => other.to_string(),
    }
}

/// The texts of an output: a stream's, and those of a bundle that are not JSON.
fn each_text(value: &mut Value, change: impl Fn(&mut Value)) {
    if let Some(stream) = value.get_mut("text") {
        change(stream);
    }
    if let Some(bundle) = value.get_mut("data").and_then(Value::as_object_mut) {
        bundle.iter_mut().filter(|(mime, _)| !is_json(mime)).for_each(|(_, data)| change(data));
    }
}

/// Lists of lines become single strings.
pub fn join_lines(value: &mut Value) {
    each_text(value, |data| {
        if data.is_array() {
            *data = Value::String(text(Some(data)));
        }
    });
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
        pieces.iter().for_each(|piece| append_stream(&mut text, piece));
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
        (0..5).for_each(|_| append_stream(&mut text, &piece));
        assert_eq!(text.matches("[Output cut here").count(), 1);
        assert!(text.len() < MAX_STREAM_BYTES + piece.len());
    }

    #[test]
    fn bundles_reach_the_window_as_text() {
        let value = json!({"output_type": "display_data", "data": {"text/html": ["<b>", "x"], "image/png": "aGk=", "application/json": {"a": [1]}}});
        let Output::Display { data, .. } = to_wire(&value) else { panic!("a display") };
        let text = |text: &str| Content::Text(text.to_owned());
        assert_eq!((&data["text/html"], &data["image/png"], &data["application/json"]), (&text("<b>x"), &text("aGk="), &text(r#"{"a":[1]}"#)));
    }
}
