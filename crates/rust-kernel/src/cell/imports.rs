//! What a `use` brings in, leaf by leaf, so that a later cell can bring in the same names again.

use ra_ap_syntax::ast::{self, HasName};

/// One leaf: `use a::b as c;` brings in `c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `None` for `*` and `_`.
    pub name: Option<String>,
    pub code: String,
}

pub fn imports(tree: &ast::UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    add(tree, "", &mut found);
    found
}

fn add(tree: &ast::UseTree, prefix: &str, found: &mut Vec<Import>) {
    let own = tree.path().map(|path| ra_ap_syntax::AstNode::syntax(&path).text().to_string()).unwrap_or_default();
    let own: String = own.split_whitespace().collect();
    if let Some(list) = tree.use_tree_list() {
        let prefix = if own.is_empty() { prefix.to_owned() } else { format!("{prefix}{own}::") };
        list.use_trees().for_each(|tree| add(&tree, &prefix, found));
        return;
    }
    if tree.star_token().is_some() {
        let path = if own.is_empty() { format!("{prefix}*") } else { format!("{prefix}{own}::*") };
        found.push(Import { name: None, code: format!("use {path};") });
        return;
    }
    let path = if own == "self" { prefix.trim_end_matches("::").to_owned() } else { format!("{prefix}{own}") };
    match tree.rename() {
        Some(rename) => {
            let name = rename.name().map(|name| name.text().to_string());
            let code = format!("use {path} as {};", name.as_deref().unwrap_or("_"));
            found.push(Import { name, code });
        }
        None => {
            let name = path.rsplit("::").next().map(str::to_owned);
            found.push(Import { name, code: format!("use {path};") });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cell::{ItemKind, parse};

    fn check(code: &str, expected: &[(&str, &str)]) {
        let cell = parse(code);
        let ItemKind::Use(imports) = &cell.items[0].kind else { panic!("{code} is no use") };
        let found: Vec<_> =
            imports.iter().map(|import| (import.name.as_deref().unwrap_or("-"), import.code.as_str())).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn leaves() {
        check("use std::fs;", &[("fs", "use std::fs;")]);
        check("use a::{self, b::{C, D as E}};", &[("a", "use a;"), ("C", "use a::b::C;"), ("E", "use a::b::D as E;")]);
        check("use a::*;", &[("-", "use a::*;")]);
        check("use a::{*};", &[("-", "use a::*;")]);
        check("use a::T as _;", &[("-", "use a::T as _;")]);
        check("use {a::B, c::D};", &[("B", "use a::B;"), ("D", "use c::D;")]);
    }
}
