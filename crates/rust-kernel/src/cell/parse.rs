use super::{Binding, Cell, Command, Item, ItemKind, Piece, Problem, imports};
use ra_ap_syntax::ast::{self, HasName};
use ra_ap_syntax::{AstNode, Edition, SourceFile, SyntaxKind, SyntaxNode};

/// The code is parsed as the body of a function, so that items, statements and a value may follow each other.
const BEFORE: &str = "fn f(){\n";
const AFTER: &str = "\n}";

/// Takes a cell apart. Code with syntax errors comes back as one statement, for the compiler to object to.
pub fn parse(text: &str) -> Cell {
    let (commands, code) = split_commands(text);
    let mut cell = Cell { commands, ..Cell::default() };
    let places = Places::of(&code);
    let parsed = SourceFile::parse(&format!("{BEFORE}{code}{AFTER}"), Edition::Edition2024);
    let root = parsed.syntax_node();
    let inside = |offset: usize| offset.saturating_sub(BEFORE.len()).min(code.len());
    cell.problems = parsed
        .errors()
        .iter()
        .map(|error| Problem {
            message: error.to_string(),
            start: inside(error.range().start().into()),
            end: inside(error.range().end().into()),
        })
        .collect();
    let body = root.children().find_map(ast::Fn::cast).and_then(|function| function.body()?.stmt_list());
    let ends_where_it_should = body
        .as_ref()
        .is_some_and(|body| usize::from(body.syntax().text_range().end()) == BEFORE.len() + code.len() + AFTER.len());
    let Some(body) = body.filter(|_| cell.problems.is_empty() && ends_where_it_should) else {
        if !code.trim().is_empty() {
            cell.statements.push(Piece { text: code, line: 0, column: 0 });
        }
        return cell;
    };
    let piece = |node: &SyntaxNode| {
        let range = node.text_range();
        let (start, end) = (inside(range.start().into()), inside(range.end().into()));
        let (line, column) = places.of_offset(&code, start);
        Piece { text: code[start..end].to_owned(), line, column }
    };
    let last = body.tail_expr().map(|tail| tail.syntax().clone());
    for node in body.syntax().children() {
        if ast::Attr::can_cast(node.kind()) {
            cell.attributes.push(piece(&node));
        } else if let Some(item) = ast::Item::cast(node.clone()).filter(|item| !matches!(item, ast::Item::MacroCall(_)))
        {
            cell.items.push(Item { kind: kind_of(&item), piece: piece(&node) });
        } else if is_item_macro(&node) {
            cell.items.push(Item { kind: ItemKind::Other, piece: piece(&node) });
        } else {
            if let Some(definition) = ast::LetStmt::cast(node.clone()) {
                add_bindings(&definition, &mut cell.bindings);
            }
            cell.tries |= stands_outside(&node, SyntaxKind::TRY_EXPR);
            cell.awaits |= stands_outside(&node, SyntaxKind::AWAIT_EXPR);
            if Some(&node) == last.as_ref() && is_shown(&node) {
                cell.tail = Some(piece(&node));
            } else {
                let mut statement = piece(&node);
                // What stood at the end without a semicolon is followed by code of ours.
                if Some(&node) == last.as_ref() {
                    statement.text.push(';');
                }
                cell.statements.push(statement);
            }
        }
    }
    cell
}

/// Commands stand before the Rust code; their lines become empty so that all others keep their numbers.
fn split_commands(text: &str) -> (Vec<Command>, String) {
    let mut commands = Vec::new();
    let mut code = String::with_capacity(text.len());
    let mut in_head = true;
    for (line, full) in text.split_inclusive('\n').enumerate() {
        let trimmed = full.trim();
        if in_head && (trimmed.starts_with(':') && !trimmed.starts_with("::") || full.starts_with('!')) {
            commands.push(Command { line, text: trimmed.to_owned() });
            code.push_str(if full.ends_with('\n') { "\n" } else { "" });
            continue;
        }
        in_head &= trimmed.is_empty() || trimmed.starts_with("//");
        code.push_str(full);
    }
    (commands, code)
}

/// Macros whose whole purpose is to define things that outlive a function.
fn is_item_macro(node: &SyntaxNode) -> bool {
    let text = node.text().to_string();
    let name = text.split('!').next().unwrap_or_default().trim().rsplit("::").next().unwrap_or_default().to_owned();
    matches!(node.kind(), SyntaxKind::EXPR_STMT | SyntaxKind::MACRO_EXPR | SyntaxKind::MACRO_CALL)
        && matches!(name.as_str(), "thread_local" | "lazy_static")
}

/// Loops and macros that print or panic have no value worth showing.
fn is_shown(node: &SyntaxNode) -> bool {
    if matches!(node.kind(), SyntaxKind::FOR_EXPR | SyntaxKind::WHILE_EXPR) {
        return false;
    }
    let text = node.text().to_string();
    let Some((name, _)) = text.split_once('!').filter(|_| node.kind() == SyntaxKind::MACRO_EXPR) else {
        return true;
    };
    let name = name.trim().rsplit("::").next().unwrap_or_default();
    !(name.starts_with("assert") || name.starts_with("debug_assert") || STATEMENTS.contains(&name))
}

const STATEMENTS: [&str; 10] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "compile_error",
];

fn kind_of(item: &ast::Item) -> ItemKind {
    let name = match item {
        ast::Item::Use(item) => return ItemKind::Use(item.use_tree().map(|tree| imports(&tree)).unwrap_or_default()),
        ast::Item::Impl(item) => return kind_of_impl(item),
        ast::Item::MacroRules(item) => {
            return item.name().map_or(ItemKind::Other, |name| ItemKind::Macro(name.text().to_string()));
        }
        ast::Item::Const(item) => item.name(),
        ast::Item::Enum(item) => item.name(),
        ast::Item::Fn(item) => item.name(),
        ast::Item::Module(item) => item.name(),
        ast::Item::Static(item) => item.name(),
        ast::Item::Struct(item) => item.name(),
        ast::Item::Trait(item) => item.name(),
        ast::Item::TypeAlias(item) => item.name(),
        ast::Item::Union(item) => item.name(),
        _ => None,
    };
    name.map_or(ItemKind::Other, |name| ItemKind::Named(name.text().to_string()))
}

fn kind_of_impl(item: &ast::Impl) -> ItemKind {
    let text = item.syntax().text().to_string();
    let header = text.split('{').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let members = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items().collect::<Vec<_>>());
    let members = members.filter_map(|member| match member {
        ast::AssocItem::Fn(item) => item.name(),
        ast::AssocItem::Const(item) => item.name(),
        ast::AssocItem::TypeAlias(item) => item.name(),
        ast::AssocItem::MacroCall(_) => None,
    });
    ItemKind::Impl { header, members: members.map(|name| name.text().to_string()).collect() }
}

fn add_bindings(definition: &ast::LetStmt, bindings: &mut Vec<Binding>) {
    let Some(pattern) = definition.pat() else { return };
    for found in pattern.syntax().descendants().filter_map(ast::IdentPat::cast) {
        let Some(name) = found.name() else { continue };
        let name = name.text().to_string();
        // `None` and constants look like variables until names are resolved.
        if name.starts_with(char::is_uppercase) {
            continue;
        }
        bindings.retain(|binding: &Binding| binding.name != name);
        bindings.push(Binding { name, mutable: found.mut_token().is_some() });
    }
}

/// Whether an expression of this kind belongs to the cell itself and not to a function within it.
fn stands_outside(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    let inner = |node: &SyntaxNode| {
        let is_async_block = node.kind() == SyntaxKind::BLOCK_EXPR
            && ast::BlockExpr::cast(node.clone()).is_some_and(|block| block.async_token().is_some());
        is_async_block
            || matches!(node.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR | SyntaxKind::IMPL | SyntaxKind::MODULE)
    };
    if inner(node) {
        return false;
    }
    node.kind() == kind || node.children().any(|child| stands_outside(&child, kind))
}

/// Where each line begins.
struct Places(Vec<usize>);

impl Places {
    fn of(code: &str) -> Self {
        Self(std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn of_offset(&self, code: &str, offset: usize) -> (usize, usize) {
        let line = self.0.partition_point(|start| *start <= offset) - 1;
        (line, code[self.0[line]..offset].chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cell: &Cell) -> Vec<&str> {
        cell.bindings.iter().map(|binding| binding.name.as_str()).collect()
    }

    #[test]
    fn a_cell_comes_apart() {
        let cell = parse(":opt 2\nuse std::fs;\nlet (a, mut b) = (1, 2); struct P;\n  a + b");
        assert_eq!(cell.commands, [Command { line: 0, text: ":opt 2".to_owned() }]);
        assert_eq!(names(&cell), ["a", "b"]);
        assert_eq!(cell.items.len(), 2);
        assert_eq!(cell.items[1].piece, Piece { text: "struct P;".to_owned(), line: 2, column: 25 });
        assert_eq!(cell.tail, Some(Piece { text: "a + b".to_owned(), line: 3, column: 2 }));
    }

    #[test]
    fn what_has_no_value_is_no_tail() {
        for code in ["println!(\"x\")", "for _ in 0..3 {}", "assert_eq!(1, 1)", "1;", "let x = 1;"] {
            assert_eq!(parse(code).tail, None, "{code}");
        }
        assert!(parse("vec![1]").tail.is_some());
        assert!(parse("if true { 1 } else { 2 }").tail.is_some());
    }

    #[test]
    fn a_question_mark_counts_only_outside_of_functions() {
        assert!(parse("let x: i32 = \"1\".parse()?;").tries);
        assert!(!parse("fn f() -> Option<i32> { Some(None?) }").tries);
        assert!(!parse("let f = || -> Option<i32> { Some(None?) };").tries);
        assert!(parse("task().await;").awaits);
        assert!(!parse("let f = async { task().await };").awaits);
    }

    #[test]
    fn a_broken_cell_goes_to_the_compiler_whole() {
        for code in ["let x = ;", "fn f( {", "} let y = 1; {"] {
            let cell = parse(code);
            assert_eq!(cell.statements.len(), 1, "{code}");
            assert_eq!(cell.statements[0].text, code);
        }
    }

    #[test]
    fn impl_blocks_are_known_by_header_and_members() {
        let cell = parse("impl  Point { fn x(&self) {} fn y(&self) {} }");
        let members = vec!["x".to_owned(), "y".to_owned()];
        assert_eq!(cell.items[0].kind, ItemKind::Impl { header: "impl Point".to_owned(), members });
    }
}
