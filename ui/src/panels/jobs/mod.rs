//! Jobs: training and batch transform, as a list and a page each.

mod curves;
pub mod deploy;
mod facts;
mod list;
mod log;
mod steps;
mod training;
mod transform;

pub use facts::as_boto3;

use crate::frame::Address;
use leptos::prelude::*;

pub fn open(address: Address) -> AnyView {
    match address.kind.as_str() {
        "training-job" => view! { <training::TrainingPage name=address.name/> }.into_any(),
        "transform-job" => view! { <transform::TransformPage name=address.name/> }.into_any(),
        _ => view! { <list::JobList/> }.into_any(),
    }
}
