//! The tree: text where nothing was changed, values where something was.

use super::scan::Scanner;
use super::{Text, decode, decode_string};
use serde_json::Value;

#[derive(Clone, Debug)]
pub enum Node {
    /// As it was read, not taken apart yet.
    Raw(Text),
    /// JSON text of somewhere else, to be laid out in this file's style, each number and string spelled as it is.
    Loose(Text),
    Array(Array),
    Object(Object),
    /// New. Laid out in the file's style when it is written.
    New(Value),
    /// A new output, held as is handy while it grows: its texts are one string each, and written as lists of lines.
    NewOutput(Value),
}

#[derive(Clone, Debug, Default)]
pub struct Array {
    pub items: Vec<Item>,
    /// The space before `]`; `None`: as the style has it.
    pub tail: Option<Text>,
    /// The space between the brackets, where nothing else was.
    pub hollow: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Item {
    /// The space before the value.
    pub lead: Option<Text>,
    pub value: Node,
    /// The space between the value and a comma.
    pub trail: Option<Text>,
}

#[derive(Clone, Debug, Default)]
pub struct Object {
    pub members: Vec<Member>,
    pub tail: Option<Text>,
    pub hollow: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub lead: Option<Text>,
    pub key: String,
    /// The key as it stands in the file, with its quotes.
    pub raw_key: Option<Text>,
    /// The colon and the space around it.
    pub colon: Option<Text>,
    pub value: Node,
    pub trail: Option<Text>,
}

impl Node {
    /// The same value, to be laid out anew.
    fn loose(self) -> Node {
        match self {
            Node::Raw(text) => Node::Loose(text),
            other => other,
        }
    }

    /// The text must have passed [`super::check`].
    pub fn read(text: Text) -> Node {
        let inner = text.as_str();
        let start = inner.len() - inner.trim_start().len();
        let end = inner.trim_end().len().max(start);
        Node::Raw(text.piece(start, end))
    }

    pub fn raw(&self) -> Option<&str> {
        match self {
            Node::Raw(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Where in the file it stands, while it is as it was read.
    pub fn start(&self) -> usize {
        match self {
            Node::Raw(text) => text.start(),
            _ => 0,
        }
    }

    pub fn value(&self) -> Value {
        match self {
            Node::Raw(text) | Node::Loose(text) => decode(text.as_str()),
            Node::Array(array) => array.items.iter().map(|item| item.value.value()).collect(),
            Node::Object(object) => {
                Value::Object(object.members.iter().map(|member| (member.key.clone(), member.value.value())).collect())
            }
            Node::New(value) | Node::NewOutput(value) => value.clone(),
        }
    }

    pub fn is_object(&self) -> bool {
        match self {
            Node::Raw(text) | Node::Loose(text) => text.as_str().starts_with('{'),
            Node::New(value) | Node::NewOutput(value) => value.is_object(),
            Node::Object(_) => true,
            Node::Array(_) => false,
        }
    }

    pub fn is_array(&self) -> bool {
        match self {
            Node::Raw(text) | Node::Loose(text) => text.as_str().starts_with('['),
            Node::New(value) | Node::NewOutput(value) => value.is_array(),
            Node::Array(_) => true,
            Node::Object(_) => false,
        }
    }

    pub fn is_string(&self) -> bool {
        match self {
            Node::Raw(text) | Node::Loose(text) => text.as_str().starts_with('"'),
            Node::New(value) => value.is_string(),
            _ => false,
        }
    }

    /// Takes it apart; `None` if it is no object.
    pub fn object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Node::Raw(text) if text.as_str().starts_with('{') => *self = Node::Object(Object::read(text)?),
            Node::Loose(text) if text.as_str().starts_with('{') => *self = Node::Object(Object::read(text)?.loose()),
            Node::New(Value::Object(map)) => {
                let members = std::mem::take(map).into_iter().map(|(key, value)| Member::new(key, Node::New(value)));
                *self = Node::Object(Object { members: members.collect(), ..Object::default() });
            }
            _ => {}
        }
        match self {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Takes it apart; `None` if it is no array.
    pub fn array_mut(&mut self) -> Option<&mut Array> {
        match self {
            Node::Raw(text) if text.as_str().starts_with('[') => *self = Node::Array(Array::read(text)?),
            Node::Loose(text) if text.as_str().starts_with('[') => *self = Node::Array(Array::read(text)?.loose()),
            Node::New(Value::Array(values)) => {
                let items = std::mem::take(values).into_iter().map(|value| Item::new(Node::New(value)));
                *self = Node::Array(Array { items: items.collect(), ..Array::default() });
            }
            _ => {}
        }
        match self {
            Node::Array(array) => Some(array),
            _ => None,
        }
    }
}

impl Item {
    pub fn new(value: Node) -> Item {
        Item { lead: None, value, trail: None }
    }
}

impl Member {
    pub fn new(key: String, value: Node) -> Member {
        Member { lead: None, key, raw_key: None, colon: None, value, trail: None }
    }
}

/// Walks over one level, giving out pieces of the text.
struct Cutter<'a> {
    text: &'a Text,
    scanner: Scanner<'a>,
}

impl Cutter<'_> {
    fn space(&mut self) -> Text {
        let start = self.scanner.at;
        self.scanner.space();
        self.text.piece(start, self.scanner.at)
    }

    fn value(&mut self) -> Option<Text> {
        let start = self.scanner.at;
        self.scanner.value().ok()?;
        Some(self.text.piece(start, self.scanner.at))
    }

    /// Passes a comma, or the closing bracket: then the space before it is the tail.
    fn more(&mut self, space: Text) -> Result<Text, Text> {
        let comma = self.scanner.peek() == Some(b',');
        self.scanner.at += 1;
        if comma { Ok(space) } else { Err(space) }
    }
}

impl Array {
    fn loose(self) -> Array {
        Array { items: self.items.into_iter().map(|item| Item::new(item.value.loose())).collect(), ..Array::default() }
    }

    fn read(text: &Text) -> Option<Array> {
        let mut cutter = Cutter { text, scanner: Scanner::new(text.as_str()) };
        cutter.scanner.at = 1;
        let mut items = Vec::new();
        loop {
            let lead = cutter.space();
            if items.is_empty() && cutter.scanner.peek() == Some(b']') {
                return Some(Array { items, tail: None, hollow: Some(lead) });
            }
            let value = Node::Raw(cutter.value()?);
            let space = cutter.space();
            let (trail, tail) = split(cutter.more(space));
            items.push(Item { lead: Some(lead), value, trail });
            if tail.is_some() {
                return Some(Array { items, tail, hollow: None });
            }
        }
    }
}

fn split(more: Result<Text, Text>) -> (Option<Text>, Option<Text>) {
    match more {
        Ok(trail) => (Some(trail), None),
        Err(tail) => (None, Some(tail)),
    }
}

impl Object {
    fn loose(self) -> Object {
        let members = self.members.into_iter().map(|member| Member::new(member.key, member.value.loose()));
        Object { members: members.collect(), ..Object::default() }
    }

    fn read(text: &Text) -> Option<Object> {
        let mut cutter = Cutter { text, scanner: Scanner::new(text.as_str()) };
        cutter.scanner.at = 1;
        let mut members = Vec::new();
        loop {
            let lead = cutter.space();
            if members.is_empty() && cutter.scanner.peek() == Some(b'}') {
                return Some(Object { members, tail: None, hollow: Some(lead) });
            }
            let key = cutter.value()?;
            let colon_start = cutter.scanner.at;
            cutter.scanner.space();
            cutter.scanner.at += 1;
            cutter.scanner.space();
            let colon = text.piece(colon_start, cutter.scanner.at);
            let value = Node::Raw(cutter.value()?);
            let space = cutter.space();
            let (trail, tail) = split(cutter.more(space));
            members.push(Member {
                lead: Some(lead),
                key: decode_string(key.as_str()),
                raw_key: Some(key),
                colon: Some(colon),
                value,
                trail,
            });
            if tail.is_some() {
                return Some(Object { members, tail, hollow: None });
            }
        }
    }

    /// Of a doubled key the last counts, as everywhere.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members.iter().rfind(|member| member.key == key).map(|member| &member.value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.members.iter_mut().rfind(|member| member.key == key).map(|member| &mut member.value)
    }

    /// Replaces the value where there is one. A new key goes where the order of the alphabet wants it if the others
    /// stand in that order, else to the end.
    pub fn set(&mut self, key: &str, value: Node) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
            return;
        }
        let sorted = self.members.is_sorted_by(|a, b| a.key <= b.key);
        let end = self.members.len();
        let at = if sorted { self.members.partition_point(|member| member.key.as_str() < key) } else { end };
        self.members.insert(at, Member::new(key.to_owned(), value));
    }

    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.members.iter().rposition(|member| member.key == key)?;
        Some(self.members.remove(at).value)
    }

    /// The object under `key`, made if there is none, or if there is something else.
    pub fn object_at(&mut self, key: &str) -> &mut Object {
        if !self.get(key).is_some_and(Node::is_object) {
            self.set(key, Node::Object(Object::default()));
        }
        self.get_mut(key).and_then(Node::object_mut).expect("an object was put there just now")
    }
}
