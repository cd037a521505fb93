//! What earlier cells left behind, and the source of the next one.

use super::source::{Origin, Source};
use crate::cell::{Binding, Cell, ItemKind, Piece, words};
use std::collections::{BTreeMap, BTreeSet};

/// Shows tables and charts by themselves; only where the prelude is linked.
const RICH: &str = include_str!("../../../../assets/rust/rich.rs");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// As it is written in Rust, with full paths.
    pub kind: String,
    pub mutable: bool,
}

/// An item that stays, and the cell it came from.
#[derive(Clone, Debug)]
struct Kept {
    kind: ItemKind,
    count: u64,
    piece: Piece,
}

#[derive(Clone, Debug, Default)]
pub struct Session {
    pub variables: BTreeMap<String, Variable>,
    attributes: Vec<String>,
    items: Vec<Kept>,
}

/// What the source of a cell is made of, apart from its text. It changes when the compiler objects to a part of it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub count: u64,
    /// Variables of earlier cells that this one names.
    pub loads: Vec<String>,
    /// Of these, the ones that it moves away.
    pub moved: BTreeSet<String>,
    /// Variables of this cell that stay.
    pub keeps: Vec<Binding>,
    pub shows_tail: bool,
    /// The prelude is linked: tables show themselves.
    pub has_prelude: bool,
    /// Crates named by `--extern` that every cell may use.
    pub runs_async: bool,
}

impl Session {
    pub fn plan(&self, count: u64, code: &str, cell: &Cell) -> Plan {
        let named = words(code);
        // Functions of earlier cells cannot name variables, so only this cell's words matter.
        let loads = self.variables.keys().filter(|name| named.contains(*name)).cloned().collect();
        Plan {
            count,
            loads,
            keeps: cell.bindings.iter().filter(|binding| !binding.name.starts_with("__")).cloned().collect(),
            shows_tail: cell.tail.is_some(),
            runs_async: cell.awaits,
            ..Plan::default()
        }
    }

    /// Every word of the session's items: what they use decides which crates are linked.
    pub fn words(&self) -> BTreeSet<String> {
        self.items.iter().flat_map(|item| words(&item.piece.text)).collect()
    }

    pub fn source(&self, cell: &Cell, plan: &Plan) -> Source {
        let mut source = Source::default();
        source.generated("#![allow(unused, nonstandard_style, static_mut_refs, private_interfaces)]");
        self.attributes.iter().for_each(|attribute| source.generated(attribute));
        cell.attributes.iter().for_each(|attribute| source.piece(plan.count, attribute));
        let next = self.with_items(plan.count, cell);
        let macros_first = |item: &&Kept| matches!(item.kind, ItemKind::Macro(_));
        for item in next.items.iter().filter(macros_first).chain(next.items.iter().filter(|item| !macros_first(item))) {
            source.piece(item.count, &item.piece);
        }
        if plan.has_prelude {
            source.generated("#[allow(warnings)] mod __rich { use ::__atelier::*;");
            source.generated(RICH);
            source.generated("}");
        }
        self.function(&mut source, cell, plan);
        source
    }

    fn function(&self, source: &mut Source, cell: &Cell, plan: &Plan) {
        source.generated(
            "#[unsafe(no_mangle)] pub extern \"C\" fn atelier_cell(store: *const ::__atelier::Store) -> i32 {",
        );
        source
            .generated("use ::__atelier::{Fallback as _, PeekAny as _, PeekDebug as _, ShowAny as _, ShowDebug as _};");
        source.generated(if plan.has_prelude { "use __rich::ShowRich as _;" } else { "" });
        source.generated("let __store = unsafe { &*store }; __store.watch_panics();");
        for name in &plan.loads {
            let Some(variable) = self.variables.get(name) else { continue };
            let mutable = if variable.mutable { "mut " } else { "" };
            source.generated(&format!("let {mutable}{name}: {} = __store.take({name:?});", variable.kind));
        }
        source.generated("let __outcome = ::std::panic::catch_unwind(::std::panic::AssertUnwindSafe(|| {");
        if plan.runs_async {
            source.generated(
                "let __runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().expect(\"tokio starts\");\
                 let __ended: ::std::result::Result<(), ::__atelier::UserError> = __runtime.block_on(async {",
            );
        } else {
            source.generated("let __ended: ::std::result::Result<(), ::__atelier::UserError> = (|| {");
        }
        cell.statements.iter().for_each(|statement| source.piece(plan.count, statement));
        if let Some(tail) = &cell.tail {
            tail_source(source, tail, plan);
        }
        for Binding { name, .. } in &plan.keeps {
            let line = format!("#[warn(dropping_references)] ::std::mem::drop(&{name});");
            source.line(&line, Origin::TypeOf(name.clone()));
        }
        for Binding { name, .. } in &plan.keeps {
            let line = format!("__store.put({name:?}, (&&::__atelier::Peek(&{name})).peeker(), {name});");
            source.line(&line, Origin::Keep(name.clone()));
        }
        source.generated(if plan.runs_async { "Ok(()) }); __ended" } else { "Ok(()) })(); __ended" });
        source.generated("}));");
        for name in plan.loads.iter().filter(|name| !plan.moved.contains(*name)) {
            let line = format!("__store.put_back({name:?}, (&&::__atelier::Peek(&{name})).peeker(), {name});");
            source.line(&line, Origin::PutBack(name.clone()));
        }
        source.generated("::__atelier::finish(__outcome)\n}");
    }

    /// What remains of the cell once it was compiled: its items, which later cells may use.
    pub fn with_items(&self, count: u64, cell: &Cell) -> Session {
        let mut next = self.clone();
        for item in &cell.items {
            next.items.retain(|kept| !replaces(&item.kind, kept, count));
            if let ItemKind::Use(imports) = &item.kind {
                next.forget_imports(imports.iter().filter_map(|import| import.name.as_deref()), count);
            }
            next.items.push(Kept { kind: item.kind.clone(), count, piece: item.piece.clone() });
        }
        next.attributes.extend(cell.attributes.iter().map(|attribute| attribute.text.clone()));
        next.attributes.dedup();
        next
    }

    /// Takes names out of earlier `use` items, leaf by leaf.
    fn forget_imports<'a>(&mut self, names: impl Iterator<Item = &'a str>, count: u64) {
        let names: BTreeSet<&str> = names.collect();
        let mut kept = Vec::with_capacity(self.items.len());
        for item in std::mem::take(&mut self.items) {
            match &item.kind {
                ItemKind::Use(imports) if item.count != count => {
                    let stays = |name: &Option<String>| name.as_deref().is_none_or(|name| !names.contains(name));
                    if imports.iter().all(|import| stays(&import.name)) {
                        kept.push(item);
                        continue;
                    }
                    for import in imports.iter().filter(|import| stays(&import.name)) {
                        let piece = Piece { text: import.code.clone(), ..item.piece.clone() };
                        kept.push(Kept { kind: ItemKind::Use(vec![import.clone()]), count: item.count, piece });
                    }
                }
                _ => kept.push(item),
            }
        }
        self.items = kept;
    }

    /// Names of the items, for completion.
    pub fn item_names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().flat_map(|item| match &item.kind {
            ItemKind::Named(name) | ItemKind::Macro(name) => vec![name.as_str()],
            ItemKind::Use(imports) => imports.iter().filter_map(|import| import.name.as_deref()).collect(),
            _ => Vec::new(),
        })
    }

    /// The items as text with the variables as arguments of an unfinished function, for the analyser.
    pub fn preamble(&self) -> String {
        let mut text: String = self.items.iter().map(|item| format!("{}\n", item.piece.text)).collect();
        for (name, variable) in &self.variables {
            let mutable = if variable.mutable { "mut " } else { "" };
            text.push_str(&format!("let {mutable}{name}: {} = panic!();\n", variable.kind));
        }
        text
    }

    /// The items named so, as text: what the words of other items are searched for.
    pub fn item_texts(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.items.iter().map(|item| {
            let name = match &item.kind {
                ItemKind::Named(name) => Some(name.as_str()),
                _ => None,
            };
            (name, item.piece.text.as_str())
        })
    }
}

fn tail_source(source: &mut Source, tail: &Piece, plan: &Plan) {
    if !plan.shows_tail {
        source.piece(plan.count, tail);
        source.generated(";");
        return;
    }
    let levels = if plan.has_prelude { "&&&" } else { "&&" };
    source.generated("match &(");
    source.piece(plan.count, tail);
    source.generated(&format!(
        ") {{ __value => {{ ::__atelier::begin(); \
         ::__atelier::end((*__value).evcxr_display(), &|| ({levels}::__atelier::Show(__value)).show()); }} }}"
    ));
}

/// Whether a new item takes the place of one that an earlier cell left.
fn replaces(new: &ItemKind, kept: &Kept, count: u64) -> bool {
    if kept.count == count {
        return false;
    }
    match (new, &kept.kind) {
        (ItemKind::Named(new), ItemKind::Named(old)) | (ItemKind::Macro(new), ItemKind::Macro(old)) => new == old,
        (ItemKind::Impl { header: new, members: added }, ItemKind::Impl { header: old, members }) => {
            let is_trait = new.contains(" for ");
            new == old && (is_trait || added.iter().any(|name| members.contains(name)))
        }
        // What a definition implements goes with it where the cell that defined both runs again.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::parse;

    fn run(session: Session, count: u64, code: &str) -> Session {
        session.with_items(count, &parse(code))
    }

    fn texts(session: &Session) -> Vec<&str> {
        session.items.iter().map(|item| item.piece.text.as_str()).collect()
    }

    #[test]
    fn a_later_definition_takes_the_place_of_the_earlier() {
        let session = run(Session::default(), 1, "fn f() -> i32 { 1 }\nfn g() {}");
        let session = run(session, 2, "fn f() -> i32 { 2 }");
        assert_eq!(texts(&session), ["fn g() {}", "fn f() -> i32 { 2 }"]);
    }

    #[test]
    fn a_name_may_be_imported_again() {
        let session = run(Session::default(), 1, "use std::{fmt, io::Result};");
        let session = run(session, 2, "use std::fmt::Result;");
        assert_eq!(texts(&session), ["use std::fmt;", "use std::fmt::Result;"]);
        let session = run(session, 3, "use std::fmt::Result;");
        assert_eq!(texts(&session), ["use std::fmt;", "use std::fmt::Result;"]);
    }

    #[test]
    fn impl_blocks_add_up_until_they_meet() {
        let session = run(Session::default(), 1, "struct P; impl P { fn a(&self) {} }");
        let session = run(session, 2, "impl P { fn b(&self) {} }");
        assert_eq!(texts(&session).len(), 3);
        let session = run(session, 3, "impl P { fn b(&self) {} fn c(&self) {} }");
        assert_eq!(
            texts(&session),
            ["struct P;", "impl P { fn a(&self) {} }", "impl P { fn b(&self) {} fn c(&self) {} }"]
        );
    }

    #[test]
    fn only_variables_that_the_cell_names_are_loaded() {
        let mut session = Session::default();
        for name in ["x", "y"] {
            session.variables.insert(name.to_owned(), Variable { kind: "i32".to_owned(), mutable: true });
        }
        let code = "println!(\"{x}\");";
        let plan = session.plan(1, code, &parse(code));
        assert_eq!(plan.loads, ["x"]);
        let source = session.source(&parse(code), &plan);
        assert!(source.text.contains("let mut x: i32 = __store.take(\"x\");"));
        assert!(!source.text.contains("let mut y"));
    }
}
