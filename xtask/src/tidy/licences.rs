//! Licences of everything we build on. An expression passes when one way through it uses allowed licences only.

use super::packages::Workspace;

/// Permissive licences, and two that bind only their own files or data.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0", // the list of certificate authorities: data
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0", // weak copyleft by file, on files that we do not change
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub fn check(workspaces: &[Workspace]) -> Vec<String> {
    let packages = workspaces.iter().flat_map(|w| &w.packages);
    packages
        .filter(|p| !allowed(&p.licence))
        .map(|p| {
            format!(
                "{} {} has the licence {:?}: choose another package, or add the licence to xtask's list with a reason",
                p.name, p.version, p.licence
            )
        })
        .collect()
}

/// `(A OR B) AND C`, with `/` for OR in old packages. Unknown syntax does not pass.
pub fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    any(&mut rest).is_some_and(|passes| passes && rest.is_empty())
}

fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut passes = all(rest)?;
    while take(rest, "OR") {
        passes |= all(rest)?;
    }
    Some(passes)
}

fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut passes = one(rest)?;
    while take(rest, "AND") {
        passes &= one(rest)?;
    }
    Some(passes)
}

fn one(rest: &mut &[&str]) -> Option<bool> {
    if take(rest, "(") {
        let inner = any(rest)?;
        return take(rest, ")").then_some(inner);
    }
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    let mut name = (*first).to_owned();
    if take(rest, "WITH") {
        let (exception, tail) = rest.split_first()?;
        *rest = tail;
        name = format!("{name} WITH {exception}");
    }
    Some(ALLOWED.contains(&name.as_str()))
}

fn take(rest: &mut &[&str], token: &str) -> bool {
    let found = rest.first() == Some(&token);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let check = |expression: &str, expected: bool| assert_eq!(allowed(expression), expected, "{expression}");
        check("MIT", true);
        check("MIT/Apache-2.0", true);
        check("MIT OR GPL-3.0", true);
        check("GPL-3.0", false);
        check("MIT AND GPL-3.0", false);
        check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
        check("(MIT OR Apache-2.0) AND GPL-2.0", false);
        check("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true);
        check("", false);
        check("MIT OR", false);
        check("(MIT", false);
    }
}
