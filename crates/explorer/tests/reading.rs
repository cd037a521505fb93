//! Exported code reads a file as the explorer did. What it reads is proved where the code is compiled and run:
//! `crates/recipe/tests/exported.rs` and `tests/clients/test_data.py`.

use atelier_explorer::{ExploreError, Explorer, Sources};
use atelier_wire::studio::data::recipe::ExportRecipe;
use atelier_wire::studio::data::view::ReadOptions;
use std::path::PathBuf;

const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../recipe/tests/tables");
const COMPILED: &str = include_str!("../../recipe/tests/exported/code.rs");

struct Folder(PathBuf);

impl Sources for Folder {
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        Ok(vec![self.0.join(source)])
    }
}

fn export(folder: &Folder, source: &str, options: ReadOptions, to: &str) -> String {
    let request = ExportRecipe { source: source.into(), options, steps: Vec::new(), to: to.into() };
    Explorer::new().export_recipe(&request, folder).unwrap().text
}

#[test]
fn the_reader_that_is_compiled_is_the_explorers() {
    let code = export(&Folder(TABLES.into()), "odd.csv", ReadOptions::default(), "rust");
    let function = &code[code.find("fn read_source").unwrap()..code.find("pub fn prepare").unwrap()];
    assert!(COMPILED.contains(&function.replacen("read_source", "read_odd", 1)), "{function}");
}

#[test]
fn options_and_types_of_the_person_are_exported() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.txt"), "# x\nk|v|w\n1|2|3\n2|-|yes\n").unwrap();
    std::fs::write(dir.path().join("b.csv"), "k,v\n1,2\n3,4,5\n").unwrap();
    let folder = Folder(dir.path().to_owned());
    let types = [("k".to_owned(), "str".to_owned()), ("v".to_owned(), "f64".to_owned())].into();
    let options =
        ReadOptions { comment: Some("#".into()), null_values: Some(vec!["-".into()]), types, ..ReadOptions::default() };
    let code = export(&folder, "a.txt", options, "python");
    for part in [
        "separator=\"|\"",
        "comment_prefix=\"#\"",
        "null_values=[\"-\"]",
        "\"k\": pl.String",
        "\"v\": pl.Float64",
        "df = prepare(read_source(\"a.txt\"))",
    ] {
        assert!(code.contains(part), "{part} is not in\n{code}");
    }
    // A row that is wider than the header: the column without a name is there, the header is passed over.
    let wide = export(&folder, "b.csv", ReadOptions::default(), "python");
    assert!(
        wide.contains("has_header=False") && wide.contains("skip_rows=1") && wide.contains("\"column_3\""),
        "{wide}"
    );
    // What says itself how it is read, and what is not there, is read by its ending.
    std::fs::write(dir.path().join("c.json"), "[{\"a\": 1}]").unwrap();
    assert!(export(&folder, "c.json", ReadOptions::default(), "python").contains("read_table(\"c.json\")"));
    assert!(export(&folder, "none.csv", ReadOptions::default(), "pandas").contains("read_table(\"none.csv\")"));
}
