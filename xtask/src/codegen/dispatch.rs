//! The dispatch of `platform`: from an operation's name to the function that does the work, and the table of names.

use super::service_model::ServiceModel;
use super::{Generated, Operations, names};
use std::fmt::Write as _;

pub const PATH: &str = "crates/platform/src/generated/dispatch.rs";

pub fn generate(operations: &Operations, models: &[ServiceModel]) -> Generated {
    let mut out = operations.rust_header("From an operation's name to the function that does it.");
    out.push_str("use super::{Operation, run};\nuse crate::{Context, ops};\nuse atelier_wire::Error;\n\n");
    out.push_str(
        "/// `None` when `name` is not an implemented operation. `body` is the request as JSON, validated before.\n",
    );
    out.push_str("pub fn dispatch(ctx: &Context, name: &str, body: &[u8]) -> Option<Result<Vec<u8>, Error>> {\n    Some(match name {\n");
    for o in &operations.list {
        let _ =
            writeln!(out, "        {:?} => run(ctx, body, ops::{}::{}),", o.name, o.module(), names::snake(&o.name));
    }
    out.push_str("        _ => return None,\n    })\n}\n\n/// Every implemented operation, by tag and name.\npub const OPERATIONS: &[Operation] = &[\n");
    for o in &operations.list {
        let _ = writeln!(
            out,
            "    Operation {{ name: {:?}, service: {:?}, tag: {:?}, writes: {} }},",
            o.name, o.service, o.section, o.writes
        );
    }
    out.push_str("];\n\n/// Every operation that SageMaker itself has, sorted, so that an unimplemented one is told from a misspelt one.\npub const SAGEMAKER: &[&str] = &[\n");
    for name in models.iter().filter(|m| m.name == "sagemaker").flat_map(ServiceModel::operation_names) {
        let _ = writeln!(out, "    {name:?},");
    }
    out.push_str("];\n");
    Generated { path: PATH.into(), text: out }
}
