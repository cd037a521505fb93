//! All transforms in the order of a menu.

use crate::spec::Transform;
use crate::transforms::FILES;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<&'static Transform>> =
    LazyLock::new(|| FILES.iter().flat_map(|transforms| transforms.iter()).collect());

pub fn catalogue() -> &'static [&'static Transform] {
    &ALL
}

pub fn transform(op: &str) -> Option<&'static Transform> {
    ALL.iter().copied().find(|transform| transform.op == op)
}
