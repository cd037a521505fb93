//! The transforms, a file for a few that belong together. A new one is a file (or an entry in one) and its line here.

mod bins;
mod case;
mod cast;
mod categories;
mod clean;
mod combine;
mod custom;
mod dates;
mod derive;
mod encode;
mod extract;
mod features;
mod filter;
mod fitted;
mod group;
mod hash;
mod join;
mod missing;
mod nested;
mod numbers;
mod one_hot;
mod outliers;
mod parse;
mod pick;
mod power;
mod replace;
mod resample;
mod reshape;
mod rows;
mod sample;
mod scale;
mod sort;
mod split;
mod sql;
mod text;
mod windows;

use crate::frame::Node;
use crate::spec::{Plan, Transform};

pub(crate) use features::code as features_code;
pub(crate) use fitted::code as fitted_code;
pub(crate) use hash::code as hash_code;

/// In the order of a menu.
pub const FILES: &[&[Transform]] = &[
    filter::ALL,
    sort::ALL,
    rows::ALL,
    pick::ALL,
    derive::ALL,
    sql::ALL,
    case::ALL,
    combine::ALL,
    cast::ALL,
    parse::ALL,
    missing::ALL,
    replace::ALL,
    text::ALL,
    features::ALL,
    clean::ALL,
    extract::ALL,
    numbers::ALL,
    scale::ALL,
    power::ALL,
    bins::ALL,
    one_hot::ALL,
    encode::ALL,
    hash::ALL,
    categories::ALL,
    outliers::ALL,
    dates::ALL,
    windows::ALL,
    group::ALL,
    reshape::ALL,
    join::ALL,
    sample::ALL,
    split::ALL,
    resample::ALL,
    nested::ALL,
    custom::ALL,
];

/// A plan of one operation.
fn one(node: impl Node + 'static) -> Plan {
    Ok(vec![Box::new(node)])
}

/// An example of the tests.
const fn on(table: &'static str, params: &'static str) -> crate::spec::Example {
    crate::spec::Example { table, params }
}
