use super::{Column, FALSE, How, Reading, TRUE, dtype};
use crate::expression::python_text;
use crate::frame::python_list;
use polars::prelude::DataType;

/// `read_source` in Polars Python.
pub fn polars(reading: &Reading) -> String {
    let mut options = vec![format!("separator={}", python_text(&reading.separator.to_string()))];
    match reading.quote {
        Some('"') => {}
        Some(quote) => options.push(format!("quote_char={}", python_text(&quote.to_string()))),
        None => options.push("quote_char=None".into()),
    }
    if !reading.is_utf8() && !reading.empty_lines {
        options.push(format!("encoding={}", python_text(&reading.encoding)));
    }
    if !reading.header {
        options.push("has_header=False".into());
    }
    if reading.skip_rows > 0 {
        options.push(format!("skip_rows={}", reading.skip_rows));
    }
    if let Some(comment) = &reading.comment {
        options.push(format!("comment_prefix={}", python_text(comment)));
    }
    if reading.decimal_comma {
        options.push("decimal_comma=True".into());
    }
    options.push(format!("null_values={}", python_list(&reading.missing)));
    if reading.cut_ragged {
        options.push("truncate_ragged_lines=True".into());
    }
    let options: String = options.iter().map(|option| format!("        {option},\n")).collect();
    let field = |column: &Column| {
        let kind = dtype(column.read_as(), true).unwrap_or_else(|| "pl.String".into());
        format!("            {}: {kind},\n", python_text(&column.name))
    };
    let schema: String = reading.columns.iter().map(field).collect();
    let mut code = String::from("def read_source(path: str) -> pl.DataFrame:\n");
    if reading.columns.iter().any(is_truth) {
        let (yes, no) = (python_list(&TRUE.map(String::from)), python_list(&FALSE.map(String::from)));
        code.push_str(&format!(
            "    def truth(text: pl.Expr) -> pl.Expr:\n        text = text.str.strip_chars().str.to_lowercase()\n        \
             return pl.when(text.is_in({yes})).then(True).when(text.is_in({no})).then(False)\n\n"
        ));
    }
    let text = if reading.empty_lines {
        code.push_str(&without_empty_lines(reading));
        "without_empty_lines()"
    } else {
        "path"
    };
    code.push_str(&format!(
        "    df = pl.read_csv(\n        {text},\n{options}        schema={{\n{schema}        }},\n    )\n"
    ));
    let changes: Vec<String> = reading.columns.iter().filter_map(|column| change(column, &reading.missing)).collect();
    if changes.is_empty() {
        return code.replacen("df = pl.read_csv", "return pl.read_csv", 1);
    }
    let changes: String = changes.iter().map(|change| format!("        {change},\n")).collect();
    code.push_str(&format!("    return df.with_columns(\n{changes}    )\n"));
    code
}

/// Polars takes an empty line for a row of missing values.
fn without_empty_lines(reading: &Reading) -> String {
    let quoted = match reading.quote {
        Some(quote) => format!("                quoted ^= line.count({}) % 2 == 1\n", python_text(&quote.to_string())),
        None => String::new(),
    };
    let above = match reading.skip_rows {
        0 => String::new(),
        rows => format!("number < {rows} or "),
    };
    let lines = if reading.skip_rows == 0 { "line in file" } else { "number, line in enumerate(file)" };
    format!(
        "    def without_empty_lines() -> bytes:\n        kept, quoted = [], False\n        \
         with open(path, encoding={}, newline=\"\") as file:\n            for {lines}:\n                \
         if {above}quoted or line.strip(\"\\r\\n\"):\n                    kept.append(line)\n{quoted}        \
         return \"\".join(kept).encode()\n\n",
        python_text(&reading.encoding)
    )
}

fn is_truth(column: &Column) -> bool {
    column.how == How::Cast && column.dtype == DataType::Boolean
}

fn change(column: &Column, missing: &[String]) -> Option<String> {
    let name = python_text(&column.name);
    let text = format!("pl.col({name}).str.strip_chars()");
    let kind = dtype(&column.dtype, true)?;
    Some(match (&column.how, &column.dtype) {
        (How::Native, _) => return None,
        (How::Cast, DataType::Boolean) => format!("truth(pl.col({name})).alias({name})"),
        (How::Cast, DataType::String) => format!("{text}.replace({}, None)", python_list(missing)),
        (How::Cast, _) => format!("{text}.cast({kind}, strict=False)"),
        (How::Format(Some(format)), _) => format!("{text}.str.strptime({kind}, {}, strict=False)", python_text(format)),
        (How::Format(None), _) => {
            let tries = column.formats().into_iter().map(|(format, timed)| {
                let (format, read) = (python_text(format), if timed { "pl.Datetime(\"us\")" } else { "pl.Date" });
                format!("{text}.str.strptime({read}, {format}, strict=False).cast({kind})")
            });
            format!("pl.coalesce({})", tries.collect::<Vec<_>>().join(", "))
        }
    })
}
