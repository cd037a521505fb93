//! Text, row by row. Lengths and places count characters (code points), never bytes.

use super::{Function, method};
use polars::prelude::*;

pub const ALL: &[Function] = &[
    method!(Row "str.len_chars"(x: Expr) x.str().len_chars(); "{x}.str.len().astype(\"UInt32\")"),
    method!(Row "str.to_lowercase"(x: Expr) x.str().to_lowercase(); "{x}.str.lower()"),
    method!(Row "str.to_uppercase"(x: Expr) x.str().to_uppercase(); "{x}.str.upper()"),
    method!(Row "str.strip_chars"(x: Expr, characters: Text) x.str().strip_chars(lit(characters)); "{x}.str.strip({characters})"),
    method!(Row "str.strip_prefix"(x: Expr, prefix: Text) x.str().strip_prefix(lit(prefix)); "{x}.str.removeprefix({prefix})"),
    method!(Row "str.strip_suffix"(x: Expr, suffix: Text) x.str().strip_suffix(lit(suffix)); "{x}.str.removesuffix({suffix})"),
    method!(Row "str.starts_with"(x: Expr, prefix: Text) x.str().starts_with(lit(prefix)); "{x}.str.startswith({prefix})"),
    method!(Row "str.ends_with"(x: Expr, suffix: Text) x.str().ends_with(lit(suffix)); "{x}.str.endswith({suffix})"),
    method!(Row "str.contains"(x: Expr, pattern: Regex) x.str().contains(lit(pattern), true); "{x}.str.contains({pattern}, regex=True)"),
    method!(Row "str.count_matches"(x: Expr, pattern: Regex) x.str().count_matches(lit(pattern), false); "{x}.str.count({pattern}).astype(\"UInt32\")"),
    method!(Row "str.extract"(x: Expr, pattern: Regex, group_index: Count = Integer(1)) x.str().extract(lit(pattern), group_index); "extract({x}, {pattern}, {group_index})"),
    method!(Row "str.replace"(x: Expr, pattern: Regex, value: Replacement) x.str().replace(lit(pattern), lit(value), false); "{x}.str.replace({pattern}, {value}, n=1, regex=True)"),
    method!(Row "str.replace_all"(x: Expr, pattern: Regex, value: Replacement) x.str().replace_all(lit(pattern), lit(value), false); "{x}.str.replace({pattern}, {value}, regex=True)"),
    method!(Row "str.slice"(x: Expr, offset: Int, length: Int) x.str().slice(lit(offset), lit(length)); "{x}.str.slice({offset}, {offset} + {length})"),
    method!(Row "str.head"(x: Expr, n: Int) x.str().head(lit(n)); "{x}.str.slice(0, {n})"),
    method!(Row "str.zfill"(x: Expr, length: Int) x.str().zfill(lit(length)); "{x}.str.zfill({length})"),
    method!(Row "str.split"(x: Expr, by: Text) x.str().split(lit(by)); "{x}.str.split({by}, regex=False)"),
    method!(Row "str.normalize"(x: Expr, form: Form) x.str().normalize(form); "{x}.str.normalize({form})"),
    method!(Row "str.json_path_match"(x: Expr, json_path: Text) x.str().json_path_match(lit(json_path)); "json_path({x}, {json_path})"),
    // what doesn't match the format becomes null
    method!(Row "str.to_date"(x: Expr, format: Text, strict: Flag = Flag(true)) x.str().to_date(StrptimeOptions { format: Some(format.into()), strict, ..Default::default() }); "to_dates({x}, {format}, {strict})"),
    method!(Row "str.to_datetime"(x: Expr, format: Text, strict: Flag = Flag(true)) x.str().to_datetime(Some(TimeUnit::Microseconds), None, StrptimeOptions { format: Some(format.into()), strict, ..Default::default() }, lit("raise")); "to_dates({x}, {format}, {strict})"),
    // a place that isn't there gives null
    method!(Row "list.get"(x: Expr, index: Int, null_on_oob: Flag = Flag(false)) x.list().get(lit(index), null_on_oob); "{x}.str.get({index})"),
    method!(Row "list.len"(x: Expr) x.list().len(); "{x}.str.len().astype(\"UInt32\")"),
];
