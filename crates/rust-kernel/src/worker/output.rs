//! What a cell prints, taken apart: text, blocks of other MIME types, and the records of the code around the cell.

use serde_json::{Map, Value};

const RECORD: u8 = 0x1e;
const RECORD_HEAD: &str = "atelier:";
/// Blocks longer than this are not worth a kernel's memory.
const LONGEST: usize = 64 << 20;

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Stdout(String),
    Stderr(String),
    Display {
        data: Map<String, Value>,
        display_id: Option<String>,
    },
    Update {
        data: Map<String, Value>,
        display_id: String,
    },
    Result {
        data: Map<String, Value>,
    },
    Clear {
        wait: bool,
    },
    Panic(String),
    /// What `?` returned.
    UserError(String),
    Input {
        prompt: String,
        password: bool,
    },
}

/// Reads standard output piece by piece.
#[derive(Default)]
pub struct Output {
    pending: Vec<u8>,
    /// Between `begin` and `end` blocks belong to the result.
    in_result: bool,
    result: Map<String, Value>,
    /// A display that the next block may still join: text beside an image is one output.
    display: Map<String, Value>,
}

impl Output {
    pub fn read(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.pending.extend_from_slice(bytes);
        let mut events = Vec::new();
        while self.step(&mut events) {}
        events
    }

    /// What is left when the cell has ended.
    pub fn end(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let rest = std::mem::take(&mut self.pending);
        self.text(&String::from_utf8_lossy(&rest), &mut events);
        self.flush_display(&mut events);
        self.in_result = false;
        if !self.result.is_empty() {
            events.push(Event::Result { data: std::mem::take(&mut self.result) });
        }
        events
    }

    /// Consumes one text, block or record; `false` where more bytes are needed.
    fn step(&mut self, events: &mut Vec<Event>) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        if self.pending[0] == RECORD {
            return self.record(events);
        }
        let text_end = self.pending.iter().position(|byte| *byte == RECORD).unwrap_or(self.pending.len());
        if self.pending.starts_with(b"EVCXR_") {
            return self.marker(text_end, events);
        }
        if text_end < 6 && text_end == self.pending.len() && b"EVCXR_".starts_with(&self.pending[..text_end]) {
            return false;
        }
        // Up to the next line that could be a marker, or to all that came.
        let marker = find(&self.pending[..text_end], b"\nEVCXR_").map(|at| at + 1);
        let mut end = marker.unwrap_or(text_end);
        if marker.is_none() && end == self.pending.len() {
            end -= unfinished(&self.pending);
        }
        if end == 0 {
            return false;
        }
        let text: Vec<u8> = self.pending.drain(..end).collect();
        self.text(&String::from_utf8_lossy(&text), events);
        true
    }

    fn text(&mut self, text: &str, events: &mut Vec<Event>) {
        if !text.is_empty() {
            self.flush_display(events);
            events.push(Event::Stdout(text.to_owned()));
        }
    }

    fn record(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(length) = self.pending[1..].iter().position(|byte| *byte == RECORD) else {
            if self.pending.len() > LONGEST {
                self.pending.clear();
            }
            return false;
        };
        let body: Vec<u8> = self.pending.drain(..length + 2).collect();
        let text = String::from_utf8_lossy(&body[1..=length]);
        let json = text.strip_prefix(RECORD_HEAD).and_then(|json| serde_json::from_str::<Value>(json).ok());
        match json {
            Some(json) => self.understand(&json, events),
            // Somebody prints such bytes: the second may begin a record.
            None => {
                self.text(&format!("\u{1e}{text}"), events);
                self.pending.insert(0, RECORD);
                if length == 0 && self.pending.len() == 1 {
                    self.pending.clear();
                }
            }
        }
        true
    }

    fn understand(&mut self, json: &Value, events: &mut Vec<Event>) {
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let data = || {
            let fields = json["data"].as_object().into_iter().flatten();
            fields
                .map(|(mime, value)| (mime.clone(), typed(mime, value.as_str().unwrap_or_default())))
                .collect::<Map<_, _>>()
        };
        if json["kind"] != "begin" {
            self.flush_display(events);
        }
        match json["kind"].as_str().unwrap_or_default() {
            "begin" => {
                self.flush_display(events);
                self.in_result = true;
            }
            "end" => {
                self.in_result = false;
                if !self.result.is_empty() {
                    events.push(Event::Result { data: std::mem::take(&mut self.result) });
                }
            }
            "result" if self.in_result => self.result.extend(data()),
            "result" => events.push(Event::Result { data: data() }),
            "display" => {
                events.push(Event::Display { data: data(), display_id: json["id"].as_str().map(str::to_owned) })
            }
            "update" => events.push(Event::Update { data: data(), display_id: text("id") }),
            "clear" => events.push(Event::Clear { wait: json["wait"].as_bool().unwrap_or_default() }),
            "panic" => events.push(Event::Panic(text("text"))),
            "error" => events.push(Event::UserError(text("text"))),
            "input" => events.push(Event::Input {
                prompt: text("prompt"),
                password: json["password"].as_bool().unwrap_or_default(),
            }),
            _ => {}
        }
    }

    /// `EVCXR_BEGIN_CONTENT mime`, the content, `EVCXR_END_CONTENT`; or a request for input.
    fn marker(&mut self, text_end: usize, events: &mut Vec<Event>) -> bool {
        let Some(line_end) = self.pending[..text_end].iter().position(|byte| *byte == b'\n') else {
            if text_end == self.pending.len() && text_end < 4096 {
                return false;
            }
            let text: Vec<u8> = self.pending.drain(..text_end).collect();
            self.text(&String::from_utf8_lossy(&text), events);
            return true;
        };
        let line = String::from_utf8_lossy(&self.pending[..line_end]).into_owned();
        if let Some(mime) = line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
            let Some(length) = find(&self.pending[line_end..], b"\nEVCXR_END_CONTENT\n") else {
                if self.pending.len() < LONGEST {
                    return false;
                }
                self.pending.clear();
                self.text("(an output of more than 64 MiB was not shown)\n", events);
                return true;
            };
            let content =
                String::from_utf8_lossy(&self.pending[(line_end + 1).min(line_end + length)..line_end + length])
                    .into_owned();
            self.pending.drain(..line_end + length + b"\nEVCXR_END_CONTENT\n".len());
            self.block(mime.trim(), &content, events);
            return true;
        }
        let request = line.strip_prefix("EVCXR_INPUT_REQUEST").and_then(|rest| {
            let (is_password, rest) = rest.strip_prefix("_PASSWORD").map_or((false, rest), |rest| (true, rest));
            Some((is_password, rest.strip_prefix(':')?.to_owned()))
        });
        self.pending.drain(..=line_end);
        match request {
            Some((password, prompt)) => events.push(Event::Input { prompt, password }),
            None => self.text(&format!("{line}\n"), events),
        }
        true
    }

    fn block(&mut self, mime: &str, content: &str, events: &mut Vec<Event>) {
        let value = typed(mime, content);
        if self.in_result {
            self.result.insert(mime.to_owned(), value);
            return;
        }
        let joins = self.display.len() == 1 && (self.display.contains_key("text/plain") != (mime == "text/plain"));
        if !joins {
            self.flush_display(events);
        }
        self.display.insert(mime.to_owned(), value);
        if self.display.len() == 2 {
            self.flush_display(events);
        }
    }

    fn flush_display(&mut self, events: &mut Vec<Event>) {
        if !self.display.is_empty() {
            events.push(Event::Display { data: std::mem::take(&mut self.display), display_id: None });
        }
    }
}

/// JSON types travel as JSON, everything else as text.
fn typed(mime: &str, content: &str) -> Value {
    let is_json = mime == "application/json" || mime.ends_with("+json");
    let parsed = if is_json { serde_json::from_str(content).ok() } else { None };
    parsed.unwrap_or_else(|| Value::String(content.to_owned()))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// How many bytes at the end must wait: half a character, or what could become a marker.
pub fn unfinished(bytes: &[u8]) -> usize {
    let line_start = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let last_line = &bytes[line_start..];
    if line_start > 0 && !last_line.is_empty() && b"EVCXR_".starts_with(last_line) {
        return last_line.len();
    }
    for back in 1..=bytes.len().min(3) {
        let needed = match bytes[bytes.len() - back] {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        return if needed > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn display(value: Value) -> Event {
        Event::Display { data: map(value), display_id: None }
    }

    fn stdout(text: &str) -> Event {
        Event::Stdout(text.to_owned())
    }

    /// Text that was cut differently is the same text.
    fn joined(events: Vec<Event>) -> Vec<Event> {
        let mut joined: Vec<Event> = Vec::new();
        for event in events {
            match (joined.last_mut(), event) {
                (Some(Event::Stdout(before)), Event::Stdout(text)) => before.push_str(&text),
                (_, event) => joined.push(event),
            }
        }
        joined
    }

    /// Whatever the pieces in which the bytes arrive.
    fn check(bytes: &str, expected: &[Event]) {
        for size in [1, 2, 3, 7, 4096] {
            let mut output = Output::default();
            let mut events: Vec<Event> = bytes.as_bytes().chunks(size).flat_map(|piece| output.read(piece)).collect();
            events.extend(output.end());
            assert_eq!(joined(events), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn plain_text() {
        check("one\ntwo ü€😀", &[stdout("one\ntwo ü€😀")]);
        check("EVCXR_ is no marker\nEVCXR", &[stdout("EVCXR_ is no marker\nEVCXR")]);
    }

    #[test]
    fn blocks_between_text() {
        let image = "EVCXR_BEGIN_CONTENT image/png\nAAAA\nEVCXR_END_CONTENT\n";
        check(&format!("a\n{image}b"), &[stdout("a\n"), display(json!({"image/png": "AAAA"})), stdout("b")]);
        check(
            &format!("{image}{image}"),
            &[display(json!({"image/png": "AAAA"})), display(json!({"image/png": "AAAA"}))],
        );
        let html = "EVCXR_BEGIN_CONTENT text/html\n<b>\nx</b>\nEVCXR_END_CONTENT\n";
        let plain = "EVCXR_BEGIN_CONTENT text/plain\nx\nEVCXR_END_CONTENT\n";
        check(&format!("{html}{plain}"), &[display(json!({"text/html": "<b>\nx</b>", "text/plain": "x"}))]);
        check(
            &format!("{html}{image}"),
            &[display(json!({"text/html": "<b>\nx</b>"})), display(json!({"image/png": "AAAA"}))],
        );
    }

    #[test]
    fn blocks_of_a_value_are_its_result() {
        let html = "EVCXR_BEGIN_CONTENT text/html\n<i>\nEVCXR_END_CONTENT\n";
        let bytes = format!("\u{1e}atelier:{{\"kind\":\"begin\"}}\u{1e}{html}\u{1e}atelier:{{\"kind\":\"end\"}}\u{1e}");
        check(&bytes, &[Event::Result { data: map(json!({"text/html": "<i>"})) }]);
    }

    #[test]
    fn records() {
        check(
            "x\u{1e}atelier:{\"kind\":\"panic\",\"text\":\"no\"}\u{1e}",
            &[stdout("x"), Event::Panic("no".to_owned())],
        );
        let json = "\u{1e}atelier:{\"kind\":\"display\",\"data\":{\"application/json\":\"{\\\"a\\\":1}\"}}\u{1e}";
        check(json, &[display(json!({"application/json": {"a": 1}}))]);
    }

    #[test]
    fn requests_for_input() {
        check("EVCXR_INPUT_REQUEST:Name?\n", &[Event::Input { prompt: "Name?".to_owned(), password: false }]);
        check("EVCXR_INPUT_REQUEST_PASSWORD:Key\n", &[Event::Input { prompt: "Key".to_owned(), password: true }]);
    }
}
