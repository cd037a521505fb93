//! Writing the tree: old text as it was, new values in the file's style.

use super::scan::Scanner;
use super::{Array, Item, Node, Object, Style, Text};
use crate::output;
use serde_json::Value;
use std::fmt::Write as _;

pub struct Writer<'a> {
    pub style: &'a Style,
    pub out: String,
}

impl<'a> Writer<'a> {
    pub fn new(style: &'a Style) -> Writer<'a> {
        Writer { style, out: String::new() }
    }

    /// `depth` is the number of brackets around the value.
    pub fn node(&mut self, node: &Node, depth: usize) {
        match node {
            Node::Raw(text) => self.out.push_str(text.as_str()),
            Node::Loose(text) => self.layout(text.as_str(), depth),
            Node::Array(array) => self.array(array, depth),
            Node::Object(object) => self.object(object, depth),
            Node::New(value) => self.value(value, depth),
            Node::NewOutput(value) => {
                let mut value = value.clone();
                output::split_lines(&mut value);
                self.value(&value, depth);
            }
        }
    }

    pub fn value(&mut self, value: &Value, depth: usize) {
        // A tree of values has string keys only, the one thing that could fail.
        self.layout(&value.to_string(), depth);
    }

    pub fn array(&mut self, array: &Array, depth: usize) {
        self.items(array.items.iter(), array.items.len(), array, depth);
    }

    /// Writes `num` items in the brackets of `frame`.
    pub fn items<'i>(&mut self, items: impl Iterator<Item = &'i Item>, num: usize, frame: &Array, depth: usize) {
        self.out.push('[');
        for (at, item) in items.enumerate() {
            self.lead(item.lead.as_ref(), at == 0, depth + 1);
            self.node(&item.value, depth + 1);
            self.comma(item.trail.as_ref(), at + 1 == num);
        }
        self.close(']', if num == 0 { Err(frame.hollow.as_ref()) } else { Ok(frame.tail.as_ref()) }, depth);
    }

    pub fn object(&mut self, object: &Object, depth: usize) {
        self.object_with(object, depth, |writer, _, value| writer.node(value, depth + 1));
    }

    /// Writes an object whose values `write` writes, given key and value.
    pub fn object_with(&mut self, object: &Object, depth: usize, mut write: impl FnMut(&mut Self, &str, &Node)) {
        self.out.push('{');
        let num = object.members.len();
        for (at, member) in object.members.iter().enumerate() {
            self.lead(member.lead.as_ref(), at == 0, depth + 1);
            match &member.raw_key {
                Some(raw) => self.out.push_str(raw.as_str()),
                None => self.string(&Value::String(member.key.clone()).to_string()),
            }
            let colon = member.colon.as_ref().map_or(self.style.colon.as_str(), |colon| colon.as_str());
            self.out.push_str(colon);
            write(self, &member.key, &member.value);
            self.comma(member.trail.as_ref(), at + 1 == num);
        }
        self.close('}', if num == 0 { Err(object.hollow.as_ref()) } else { Ok(object.tail.as_ref()) }, depth);
    }

    fn lead(&mut self, lead: Option<&Text>, first: bool, depth: usize) {
        match lead {
            Some(lead) => self.out.push_str(lead.as_str()),
            _ if self.style.indent.is_some() => self.new_line(depth),
            _ if first => {}
            _ => self.out.push_str(&self.style.comma[1..]),
        }
    }

    fn comma(&mut self, trail: Option<&Text>, last: bool) {
        if !last {
            self.out.push_str(trail.map_or("", |trail| trail.as_str()));
            self.out.push(',');
        }
    }

    /// `space` is what stands before the bracket: after something, or (`Err`) after nothing.
    fn close(&mut self, bracket: char, space: Result<Option<&Text>, Option<&Text>>, depth: usize) {
        match space {
            Ok(Some(space)) | Err(Some(space)) => self.out.push_str(space.as_str()),
            Err(None) => {}
            Ok(None) if self.style.indent.is_some() => self.new_line(depth),
            Ok(None) => {}
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self, depth: usize) {
        let Some(indent) = &self.style.indent else { return };
        self.out.push_str(self.style.line_end);
        self.out.extend(std::iter::repeat_n(indent.as_str(), depth));
    }

    /// A string in its quotes, escaped beyond ASCII if the file does so.
    fn string(&mut self, quoted: &str) {
        if !self.style.ascii || quoted.is_ascii() {
            self.out.push_str(quoted);
            return;
        }
        for c in quoted.chars() {
            if c.is_ascii() {
                self.out.push(c);
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(self.out, "\\u{unit:04x}");
            }
        }
    }

    /// Writes a JSON text in the file's style, each number and string spelled as it is.
    pub fn layout(&mut self, text: &str, mut depth: usize) {
        let mut scanner = Scanner::new(text);
        let mut first = true;
        loop {
            scanner.space();
            let Some(byte) = scanner.peek() else { return };
            match byte {
                b'{' | b'[' => {
                    self.out.push(char::from(byte));
                    scanner.at += 1;
                    scanner.space();
                    first = true;
                    if scanner.peek() == Some(byte + 2) {
                        continue;
                    }
                    depth += 1;
                    self.new_line(depth);
                }
                b'}' | b']' => {
                    if !std::mem::take(&mut first) {
                        depth = depth.saturating_sub(1);
                        self.new_line(depth);
                    }
                    self.out.push(char::from(byte));
                    scanner.at += 1;
                }
                b',' => {
                    self.out.push_str(if self.style.indent.is_some() { "," } else { self.style.comma });
                    self.new_line(depth);
                    scanner.at += 1;
                }
                b':' => {
                    self.out.push_str(&self.style.colon);
                    scanner.at += 1;
                }
                _ => {
                    first = false;
                    let start = scanner.at;
                    if scanner.value().is_err() {
                        return;
                    }
                    self.string(&text[start..scanner.at]);
                }
            }
        }
    }
}
