//! The script of a processing job: every table below the input folder through the recipe into the output folder.

use super::helpers::POLARS;
use super::reading::{self, Source};
use super::{functions, indent::indent, polars};
use crate::context::Language;
use crate::error::RecipeError;
use crate::recipe::Recipe;

const MAIN: &str = r#"
def main() -> None:
    parser = argparse.ArgumentParser(description="Prepares every table of a folder")
    parser.add_argument("--input", type=Path, default=Path("/opt/ml/processing/input"))
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    args = parser.parse_args()
    os.chdir(args.input)  # other tables of the recipe are looked for beside the input
    suffixes = {".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson", ".arrow", ".feather"}
    paths = sorted(path for path in args.input.rglob("*") if path.suffix in suffixes)
    if not paths:
        raise SystemExit(f"There is no table below {args.input}")
    args.output.mkdir(parents=True, exist_ok=True)
    for path in paths:
        df = prepare(read_table(str(path)))
        target = args.output / path.relative_to(args.input).with_suffix(f".{args.format}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if args.format == "csv":
            df.write_csv(target)
        else:
            df.write_parquet(target)
        print(f"{path.name}: {df.height} rows, {df.width} columns")


if __name__ == "__main__":
    main()
"#;

pub fn export(recipe: &Recipe, source: &Source) -> Result<String, RecipeError> {
    let text = indent(&polars::body(recipe)?, 4, Language::Python);
    let main = match source.reading {
        None => MAIN.to_owned(),
        Some(_) => MAIN.replace(
            "        df = prepare(read_table(str(path)))\n",
            "        read = read_source if path.suffix in {\".csv\", \".tsv\"} else read_table\n        \
             df = prepare(read(str(path)))\n",
        ),
    };
    // Named here, since the code calls it by another name.
    let calls = if source.reading.is_some() { "read_table()" } else { "" };
    let helpers = functions(POLARS, &format!("{text}{main}{calls}"), source.reading.as_ref().map(reading::polars));
    let imports = polars::imports(&format!("{helpers}{text}"));
    let imports = match imports.strip_prefix("import polars") {
        Some(_) => format!("import argparse\nimport os\nfrom pathlib import Path\n\n{imports}"),
        None => {
            let (standard, polars) = imports.split_once("\n\n").unwrap_or((&imports, ""));
            format!("import argparse\n{standard}\nimport os\nfrom pathlib import Path\n\n{polars}")
        }
    };
    Ok(format!("{imports}\n\n{helpers}def prepare(df: pl.DataFrame) -> pl.DataFrame:\n{text}    return df\n\n{main}"))
}
