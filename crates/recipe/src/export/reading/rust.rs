use super::{Column, FALSE, How, Reading, TRUE, dtype};
use crate::expression::rust_text;
use crate::frame::rust_list;
use polars::prelude::DataType;

/// Windows-1252 beyond ASCII differs from Unicode in these 32 places (WHATWG Encoding Standard, index windows-1252).
const WINDOWS_1252: &str = r#"/// Text of Windows-1252, which Latin-1 is read as.
fn windows_1252(bytes: &[u8]) -> String {
    let high = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ".chars().collect::<Vec<char>>();
    bytes.iter().map(|byte| if (0x80..0xa0).contains(byte) { high[usize::from(byte - 0x80)] } else { char::from(*byte) }).collect()
}

"#;

const WITHOUT_EMPTY_LINES: &str = r#"/// The text without the empty lines below the first `skip_rows`, which Polars takes for rows of missing values.
fn without_empty_lines(text: &[u8], skip_rows: usize, quote: Option<u8>) -> Vec<u8> {
    let (mut kept, mut quoted) = (Vec::with_capacity(text.len()), false);
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number < skip_rows || quoted || !matches!(line, b"\n" | b"\r\n") {
            kept.extend_from_slice(line);
        }
        quoted ^= line.iter().filter(|byte| Some(**byte) == quote).count() % 2 == 1;
    }
    kept
}

"#;

/// `read_source` in Rust.
pub fn rust(reading: &Reading) -> String {
    let quote = |letter: char| format!("b{:?}", letter);
    let mut parse = vec![format!("with_separator({})", quote(reading.separator))];
    match reading.quote {
        Some('"') => {}
        Some(letter) => parse.push(format!("with_quote_char(Some({}))", quote(letter))),
        None => parse.push("with_quote_char(None)".into()),
    }
    if let Some(comment) = &reading.comment {
        parse.push(format!("with_comment_prefix(Some({}))", rust_text(comment)));
    }
    if reading.decimal_comma {
        parse.push("with_decimal_comma(true)".into());
    }
    let missing: Vec<String> = reading.missing.iter().map(|text| format!("{}.into()", rust_text(text))).collect();
    parse.push(format!("with_null_values(Some(NullValues::AllColumns(vec![{}])))", missing.join(", ")));
    if reading.cut_ragged {
        parse.push("with_truncate_ragged_lines(true)".into());
    }
    let parse: String = parse.iter().map(|option| format!("\n                .{option}")).collect();
    let field = |column: &Column| {
        let kind = dtype(column.read_as(), false).unwrap_or_else(|| "DataType::String".into());
        format!("        Field::new({}.into(), {kind}),\n", rust_text(&column.name))
    };
    let fields: String = reading.columns.iter().map(field).collect();
    let bytes = match reading.encoding.as_str() {
        "utf-8" => "std::fs::read(path)?".to_owned(),
        "windows-1252" => "windows_1252(&std::fs::read(path)?).into_bytes()".to_owned(),
        other => {
            let text = format!("the file is in {other}: write it as UTF-8 first, and read that");
            return format!(
                "fn read_source(_: &str) -> PolarsResult<LazyFrame> {{\n    polars_bail!(ComputeError: {})\n}}\n",
                rust_text(&text)
            );
        }
    };
    let changes: Vec<String> = reading.columns.iter().filter_map(|column| change(column, &reading.missing)).collect();
    let changes = match changes.is_empty() {
        true => String::new(),
        false => format!(
            ".with_columns([\n{}    ])",
            changes.iter().map(|change| format!("        {change},\n")).collect::<String>()
        ),
    };
    let bytes = match (reading.empty_lines, reading.quote) {
        (false, _) => bytes,
        (true, mark) => {
            let mark = mark.map_or_else(|| "None".to_owned(), |mark| format!("Some({})", quote(mark)));
            format!("without_empty_lines(&{bytes}, {}, {mark})", reading.skip_rows)
        }
    };
    let helper = |needed: bool, code: &'static str| if needed { code } else { "" };
    let before = [helper(!reading.is_utf8(), WINDOWS_1252), helper(reading.empty_lines, WITHOUT_EMPTY_LINES)].concat();
    format!(
        "{before}fn read_source(path: &str) -> PolarsResult<LazyFrame> {{\n    let schema = Schema::from_iter([\n{fields}    ]);\n    \
         let df = CsvReadOptions::default()\n        .with_has_header({})\n        .with_skip_rows({})\n        \
         .with_schema(Some(std::sync::Arc::new(schema)))\n        .map_parse_options(|options| {{\n            \
         options{parse}\n        }})\n        .into_reader_with_file_handle(std::io::Cursor::new({bytes}))\n        \
         .finish()?;\n    Ok(df.lazy(){changes})\n}}\n",
        reading.header, reading.skip_rows
    )
}

fn change(column: &Column, missing: &[String]) -> Option<String> {
    let name = rust_text(&column.name);
    let text = format!("col({name}).str().strip_chars(lit(NULL))");
    let kind = dtype(&column.dtype, false)?;
    let read = |kind: &str, format: &str| {
        let options = format!(
            "StrptimeOptions {{ format: Some({}.into()), strict: false, ..Default::default() }}",
            rust_text(format)
        );
        format!("{text}.str().strptime({kind}, {options}, lit(\"raise\"))")
    };
    Some(match (&column.how, &column.dtype) {
        (How::Native, _) => return None,
        (How::Cast, DataType::Boolean) => {
            let lower = format!("{text}.str().to_lowercase()");
            let any = |of: &[&str]| {
                of.iter().map(|word| format!("{lower}.eq(lit({}))", rust_text(word))).collect::<Vec<_>>().join(".or(")
                    + &")".repeat(of.len() - 1)
            };
            format!(
                "when({}).then(lit(true)).when({}).then(lit(false)).otherwise(lit(NULL)).alias({name})",
                any(&TRUE),
                any(&FALSE)
            )
        }
        (How::Cast, DataType::String) => {
            let gone = rust_list(missing);
            format!(
                "when({text}.is_in(lit(Series::new(\"\".into(), {gone})).implode(true), false)).then(lit(NULL)).otherwise({text}).alias({name})"
            )
        }
        (How::Cast, _) => format!("{text}.cast({kind})"),
        (How::Format(Some(format)), _) => read(&kind, format),
        (How::Format(None), _) => {
            let tries = column.formats().into_iter().map(|(format, timed)| {
                let kind_read =
                    if timed { "DataType::Datetime(TimeUnit::Microseconds, None)" } else { "DataType::Date" };
                format!("{}.cast({kind})", read(kind_read, format))
            });
            format!("coalesce(&[{}])", tries.collect::<Vec<_>>().join(", "))
        }
    })
}
