use super::{Column, FALSE, How, Reading, TRUE};
use crate::expression::python_text;
use crate::frame::python_list;
use polars::prelude::DataType;

/// `read_source` in pandas, with nullable types.
pub fn pandas(reading: &Reading) -> String {
    let mut options = vec![format!("sep={}", python_text(&reading.separator.to_string()))];
    match reading.quote {
        Some('"') => {}
        Some(quote) => options.push(format!("quotechar={}", python_text(&quote.to_string()))),
        None => options.push("quoting=3,  # no quotes".into()),
    }
    if !reading.is_utf8() {
        options.push(format!("encoding={}", python_text(&reading.encoding)));
    }
    options.push(if reading.header { "header=0" } else { "header=None" }.into());
    if reading.skip_rows > 0 {
        options.push(format!("skiprows={}", reading.skip_rows));
    }
    if let Some(comment) = reading.comment.as_deref().and_then(|comment| comment.chars().next()) {
        options.push(format!("comment={}", python_text(&comment.to_string())));
    }
    if reading.decimal_comma {
        options.push("decimal=\",\"".into());
    }
    if reading.columns.len() == 1 {
        options.push("skip_blank_lines=False".into());
    }
    options.push("keep_default_na=False".into());
    options.push(format!("na_values={}", python_list(&reading.missing)));
    if reading.cut_ragged {
        options.push("engine=\"python\"".into());
        options.push(format!("on_bad_lines=lambda fields: fields[:{}]", reading.columns.len()));
    }
    let comma = |option: &String| if option.contains(",  #") { "" } else { "," };
    let options: String = options.iter().map(|option| format!("        {option}{}\n", comma(option))).collect();
    let fields: String = reading
        .columns
        .iter()
        .map(|column| format!("            {}: \"{}\",\n", python_text(&column.name), read_as(column)))
        .collect();
    let mut code = format!(
        "def read_source(path: str) -> pd.DataFrame:\n    dtypes = {{\n{}    }}\n    df = pd.read_csv(\n        path,\n{options}        \
         index_col=False,\n        names=list(dtypes),\n        dtype=dtypes,\n    )\n",
        fields.replace("            ", "        ")
    );
    for column in &reading.columns {
        change(column, &reading.missing).into_iter().for_each(|line| code.push_str(&format!("    {line}\n")));
    }
    code.push_str("    return df\n");
    code
}

/// What the reader is asked for. Nullable floats don't know a decimal comma, so floats are plain at first.
fn read_as(column: &Column) -> &'static str {
    match (&column.how, &column.dtype) {
        (How::Native, DataType::Int64) => "Int64",
        (How::Native, DataType::Float64) => "float64",
        _ => "string",
    }
}

fn change(column: &Column, missing: &[String]) -> Option<String> {
    let name = python_text(&column.name);
    let text = format!("df[{name}].str.strip()");
    let made = match (&column.how, &column.dtype) {
        (How::Native, DataType::Float64) => format!("df[{name}].astype(\"Float64\")"),
        (How::Native, _) => return None,
        (How::Cast, DataType::Boolean) => {
            let pairs = TRUE.iter().map(|text| (text, "True")).chain(FALSE.iter().map(|text| (text, "False")));
            let pairs: Vec<String> = pairs.map(|(text, value)| format!("\"{text}\": {value}")).collect();
            format!("{text}.str.lower().map({{{}}}).astype(\"boolean\")", pairs.join(", "))
        }
        (How::Cast, DataType::String) => format!("{text}.replace({}, pd.NA)", python_list(missing)),
        (How::Cast, DataType::Categorical(..)) => format!("{text}.astype(\"category\")"),
        (How::Cast, dtype) => {
            let kind = match dtype {
                DataType::Int8 => "Int8",
                DataType::Int16 => "Int16",
                DataType::Int32 => "Int32",
                DataType::Int64 => "Int64",
                DataType::UInt8 => "UInt8",
                DataType::UInt16 => "UInt16",
                DataType::UInt32 => "UInt32",
                DataType::UInt64 => "UInt64",
                DataType::Float32 => "Float32",
                _ => "Float64",
            };
            format!("pd.to_numeric({text}, errors=\"coerce\").astype(\"{kind}\")")
        }
        (How::Format(_), DataType::Time) => {
            format!("pd.to_datetime({text}, format=\"%H:%M:%S\", errors=\"coerce\").dt.time")
        }
        (How::Format(_), _) => {
            let tries: Vec<String> = column
                .formats()
                .into_iter()
                .map(|(format, _)| {
                    let format = python_text(&format.replace("%.f", ".%f").replace("%#z", "%z"));
                    format!("pd.to_datetime({text}, format={format}, errors=\"coerce\")")
                })
                .collect();
            tries.iter().skip(1).fold(tries[0].clone(), |first, next| format!("{first}.fillna({next})"))
        }
    };
    Some(format!("df[{name}] = {made}"))
}
