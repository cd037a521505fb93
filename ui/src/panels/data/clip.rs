//! Cells as text for elsewhere. Pure.

/// What is copied: names of the columns, and rows of cells.
pub struct Block {
    pub names: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether each column holds numbers, which JSON writes without quotes.
    pub numbers: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Without names, as spreadsheets paste it.
    Tsv,
    Csv,
    Markdown,
    Json,
}

impl Block {
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Tsv => self
                .rows
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|cell| cell.as_deref().unwrap_or_default().replace(['\t', '\n', '\r'], " "))
                        .collect::<Vec<_>>()
                        .join("\t")
                })
                .collect::<Vec<_>>()
                .join("\n"),
            Form::Csv => self.csv(),
            Form::Markdown => self.markdown(),
            Form::Json => self.json(),
        }
    }

    fn csv(&self) -> String {
        let field = |text: &str| {
            if text.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut out = self.names.iter().map(|name| field(name)).collect::<Vec<_>>().join(",");
        for row in &self.rows {
            out.push('\n');
            out.push_str(
                &row.iter().map(|cell| field(cell.as_deref().unwrap_or_default())).collect::<Vec<_>>().join(","),
            );
        }
        out
    }

    fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = line(self.names.iter().map(|name| cell(name)).collect());
        out.push_str(&line(
            self.numbers.iter().map(|number| if *number { "---:".to_owned() } else { "---".to_owned() }).collect(),
        ));
        for row in &self.rows {
            out.push_str(&line(row.iter().map(|text| cell(text.as_deref().unwrap_or_default())).collect()));
        }
        out
    }

    fn json(&self) -> String {
        let value = |text: &Option<String>, number: bool| match text {
            None => serde_json::Value::Null,
            Some(text) if number => serde_json::from_str::<serde_json::Number>(text)
                .map_or_else(|_| text.clone().into(), serde_json::Value::Number),
            Some(text) => text.clone().into(),
        };
        let rows: Vec<serde_json::Value> = self
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .zip(&self.names)
                    .zip(&self.numbers)
                    .map(|((text, name), number)| (name.clone(), value(text, *number)))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect();
        serde_json::to_string_pretty(&rows).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_for_elsewhere() {
        let some = |text: &str| Some(text.to_owned());
        let block = Block {
            names: vec!["a".into(), "b,c".into()],
            rows: vec![vec![some("1"), some("x|\"y\"\n")], vec![None, some("2")]],
            numbers: vec![true, false],
        };
        assert_eq!(block.text(Form::Tsv), "1\tx|\"y\" \n\t2");
        assert_eq!(block.text(Form::Csv), "a,\"b,c\"\n1,\"x|\"\"y\"\"\n\"\n,2");
        assert_eq!(block.text(Form::Markdown), "| a | b,c |\n| ---: | --- |\n| 1 | x\\|\"y\"  |\n|  | 2 |\n");
        let back: serde_json::Value = serde_json::from_str(&block.text(Form::Json)).unwrap();
        assert_eq!(back, serde_json::json!([{"a": 1, "b,c": "x|\"y\"\n"}, {"a": null, "b,c": "2"}]));
    }
}
