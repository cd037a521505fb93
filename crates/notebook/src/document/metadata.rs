//! Typed views of metadata, of the notebook's and of a cell's.

use super::{Cell, Document};
use crate::json::{Node, Object};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The languages of kernelspecs that a cell may name for itself, as VS Code does.
const LANGUAGE_KERNELS: &[(&str, &str)] = &[("python", "python3"), ("rust", "rust")];

impl Document {
    pub fn metadata(&self) -> Map<String, Value> {
        match self.root.get("metadata").map(Node::value) {
            Some(Value::Object(metadata)) => metadata,
            _ => Map::new(),
        }
    }

    fn text_at(&self, pointer: &str) -> Option<String> {
        Value::Object(self.metadata())
            .pointer(pointer)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// As it stands in the file; `python3` where it has none.
    pub fn kernel_name(&self) -> String {
        self.text_at("/kernelspec/name").unwrap_or_else(|| "python3".to_owned())
    }

    pub fn kernel_display_name(&self) -> Option<String> {
        self.text_at("/kernelspec/display_name")
    }

    /// The language of its cells, in small letters.
    pub fn language(&self) -> String {
        let named = self.text_at("/kernelspec/language").or_else(|| self.text_at("/language_info/name"));
        named
            .unwrap_or_else(|| if self.kernel_name().contains("rust") { "rust" } else { "python" }.to_owned())
            .to_lowercase()
    }

    /// Makes another kernelspec the notebook's own. What the file says of the old one's language goes with it.
    pub fn set_kernel(&mut self, name: &str, display_name: &str, language: &str) {
        if self.kernel_name() == name && self.text_at("/kernelspec/name").is_some() {
            return;
        }
        let old_language = self.language();
        self.touch();
        let metadata = self.root.object_at("metadata");
        let kernelspec = metadata.object_at("kernelspec");
        kernelspec.set("display_name", Node::New(json!(display_name)));
        kernelspec.set("language", Node::New(json!(language)));
        kernelspec.set("name", Node::New(json!(name)));
        if !old_language.eq_ignore_ascii_case(language) {
            metadata.set("language_info", Node::New(json!({ "name": language })));
        }
    }

    pub fn language_info(&self) -> Option<Value> {
        self.metadata().remove("language_info")
    }

    /// Notes what the kernel says about its language, as Jupyter does. Nothing changes where it stands there already.
    pub fn set_language_info(&mut self, info: Value) {
        if self.language_info().as_ref() != Some(&info) {
            self.touch();
            self.root.object_at("metadata").set("language_info", Node::New(info));
        }
    }
}

impl Cell {
    fn metadata_at(&self, pointer: &str) -> Option<Value> {
        Value::Object(self.metadata()).pointer(pointer).cloned()
    }

    fn flag(&self, pointer: &str) -> bool {
        self.metadata_at(pointer) == Some(Value::Bool(true))
    }

    pub fn tags(&self) -> Vec<String> {
        let tags = self.metadata_at("/tags");
        let tags = tags.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        tags.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub fn is_source_hidden(&self) -> bool {
        self.flag("/jupyter/source_hidden")
    }

    /// Also as the classic notebook says it.
    pub fn are_outputs_hidden(&self) -> bool {
        self.flag("/jupyter/outputs_hidden") || self.flag("/collapsed")
    }

    /// A heading whose section is folded away.
    pub fn is_collapsed(&self) -> bool {
        self.flag("/jp-MarkdownHeadingCollapsed") || self.flag("/heading_collapsed")
    }

    /// The kernelspec that runs this cell, where it is not the notebook's own.
    pub fn kernel(&self) -> Option<String> {
        if let Some(Value::String(kernel)) = self.metadata_at("/atelier/kernel") {
            return Some(kernel);
        }
        let language = self.metadata_at("/vscode/languageId")?;
        LANGUAGE_KERNELS.iter().find(|(name, _)| language == *name).map(|(_, kernel)| (*kernel).to_owned())
    }

    pub(crate) fn set_tags(&mut self, tags: &[String]) {
        let mut unique: Vec<&String> = Vec::new();
        tags.iter().filter(|tag| !tag.trim().is_empty()).for_each(|tag| {
            if !unique.contains(&tag) {
                unique.push(tag);
            }
        });
        if unique.is_empty() {
            self.metadata_mut().remove("tags");
        } else {
            self.metadata_mut().set("tags", Node::New(json!(unique)));
        }
    }

    pub(crate) fn set_hidden(&mut self, source: bool, outputs: bool) {
        let (old_source, old_outputs) = (self.is_source_hidden(), self.are_outputs_hidden());
        let metadata = self.metadata_mut();
        if old_source != source {
            set_flag_in(metadata, "jupyter", "source_hidden", source);
        }
        if old_outputs != outputs {
            set_flag_in(metadata, "jupyter", "outputs_hidden", outputs);
            // Both spellings must agree, or the classic one would still hide them.
            if metadata.get("collapsed").is_some() {
                metadata.set("collapsed", Node::New(json!(outputs)));
            }
        }
    }

    pub(crate) fn set_collapsed(&mut self, collapsed: bool) {
        let metadata = self.metadata_mut();
        metadata.remove("heading_collapsed");
        match collapsed {
            true => metadata.set("jp-MarkdownHeadingCollapsed", Node::New(json!(true))),
            false => drop(metadata.remove("jp-MarkdownHeadingCollapsed")),
        }
    }

    pub(crate) fn set_kernel(&mut self, kernel: Option<&str>) {
        let metadata = self.metadata_mut();
        // What another editor says of the language would contradict it.
        if let Some(other) = metadata.get_mut("vscode").and_then(Node::object_mut)
            && other.remove("languageId").is_some()
            && other.members.is_empty()
        {
            metadata.remove("vscode");
        }
        match kernel {
            Some(kernel) => metadata.object_at("atelier").set("kernel", Node::New(json!(kernel))),
            None => remove_in(metadata, "atelier", "kernel"),
        }
    }
}

fn set_flag_in(metadata: &mut Object, group: &str, key: &str, on: bool) {
    if on {
        metadata.object_at(group).set(key, Node::New(json!(true)));
    } else {
        remove_in(metadata, group, key);
    }
}

/// Removes a key, and its group if that is empty then.
fn remove_in(metadata: &mut Object, group: &str, key: &str) {
    if let Some(members) = metadata.get_mut(group).and_then(Node::object_mut) {
        members.remove(key);
        if members.members.is_empty() {
            metadata.remove(group);
        }
    }
}

/// The kernelspecs that cells ask for beside the notebook's own, in the order of the cells.
impl Document {
    pub fn cell_kernels(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.cells.iter().map(Arc::as_ref).filter_map(Cell::kernel) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
