//! x
use crate::frame::Address;
use leptos::prelude::*;
pub fn opens(thing: &Address) -> bool {
    match thing.kind.as_str() {
        "bucket" | "table" => true,
        "file" => matches!(thing.extension().as_str(), "csv" | "tsv" | "parquet" | "json" | "jsonl"),
        _ => false,
    }
}
pub fn open(address: Address) -> AnyView {
    view! { <main class="work"><p class="pane">{address.to_string()}</p></main> }.into_any()
}
