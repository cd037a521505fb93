//! The report as a page that stands alone: no script, nothing fetched.

use atelier_wire::studio::data::quality::{Quality, Severity};

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(super) fn page(source: &str, quality: &Quality, target: Option<&str>) -> String {
    let mut rows = String::new();
    for finding in &quality.findings {
        let severity = match finding.severity {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        };
        rows.push_str(&format!(
            "<tr><td class=\"{severity}\">{severity}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escape(&finding.kind.replace('_', " ")),
            escape(finding.column.as_deref().unwrap_or("")),
            escape(&finding.message),
            escape(&finding.remedy)
        ));
    }
    if rows.is_empty() {
        rows.push_str("<tr><td colspan=\"5\">Nothing was found.</td></tr>\n");
    }
    let model = quality.model.as_ref().map_or(String::new(), |model| {
        let list: String = model.importance.iter().filter(|(_, share)| *share > 0.0).map(|(name, share)| format!("<li>{} {:.1} %</li>", escape(name), share * 100.0)).collect();
        let what = if model.metric == "r2" { "R²" } else { "Accuracy" };
        format!("<h2>Quick model of {}</h2><p>{what} <b>{:.3}</b> (a decision tree, three-fold cross-validated on {} rows); without looking at any column {:.3}.</p><ol>{list}</ol>\n", escape(target.unwrap_or_default()), model.score, model.num_rows, model.baseline)
    });
    let notes: String = quality.notes.iter().map(|note| format!("<p>{}</p>\n", escape(note))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Data quality of {name}</title>\n<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}}table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}}.high{{color:#b3261e;font-weight:600}}.medium{{color:#8a5a00;font-weight:600}}.low{{color:#555}}</style></head>\n<body><h1>Data quality of {name}</h1>\n<p>{rows_} rows, {columns} columns, {count} findings.</p>\n{notes}<table><thead><tr><th>Severity</th><th>Kind</th><th>Column</th><th>What was found</th><th>What mends it</th></tr></thead><tbody>\n{rows}</tbody></table>\n{model}</body></html>\n",
        name = escape(source),
        rows_ = quality.num_rows,
        columns = quality.num_columns,
        count = quality.findings.len(),
    )
}
