//! Files, errors, previews and bounds.

mod tables;

use atelier_recipe::{Cancel, Context, Limits, Param, Recipe, Step, transform};
use polars::prelude::*;
use tables::{Tables, read};

const PEOPLE: &str = "tests/tables/people.csv";

fn recipe(steps: &str) -> Recipe {
    Recipe::parse(&format!("{{\"version\": 1, \"steps\": [{steps}]}}")).unwrap()
}

fn step(op: &str, params: &str) -> String {
    format!("{{\"id\": \"a\", \"op\": \"{op}\", \"params\": {params}}}")
}

/// The error of one step over the people.
fn error(op: &str, params: &str) -> atelier_recipe::RecipeError {
    let context = Context { tables: &Tables, ..Context::default() };
    match recipe(&step(op, params)).apply(read(PEOPLE), &context) {
        Err(error) => error,
        Ok(_) => panic!("{op} {params} has no error"),
    }
}

#[test]
fn an_error_names_step_place_neighbours_and_remedy() {
    let check = |op: &str, params: &str, wanted: &[&str]| {
        let text = error(op, params).to_string();
        for part in wanted {
            assert!(text.contains(part), "{text:?} lacks {part:?}");
        }
        assert!(text.contains("Step 1"), "{text}");
    };
    check("sort", r#"{"by":["incom"]}"#, &["Sort rows", "no column `incom`", "income"]);
    check("sorted", r#"{}"#, &["no transform `sorted`", "Did you mean sort"]);
    check("sort", r#"{}"#, &["Columns is missing"]);
    check("sort", r#"{"bye":["age"]}"#, &["no parameter `bye`", "Did you mean by"]);
    check("limit", r#"{"n":-1}"#, &["Rows must be from 0"]);
    check("limit", r#"{"n":1.5}"#, &["whole number"]);
    check("round", r#"{"columns":["age"],"direction":"nearst"}"#, &["can't be `nearst`", "nearest"]);
    check("extract", r#"{"column":"name","pattern":"(a"}"#, &["regular expression", "unclosed group"]);
    check("derive", r#"{"name":"x","expression":"pl.col(\"age\") +"}"#, &["found the end", "at character 16"]);
    check("derive", r#"{"name":"x","expression":"pl.col(\"age\").mean2()"}"#, &["no method `mean2`", "mean"]);
    check("derive", r#"{"name":"x","expression":"pl.col(\"agee\")"}"#, &["no column `agee`", "Did you mean age"]);
    check("derive", r#"{"name":"x","expression":"pl.col(\"name\") - 1"}"#, &["Derive by expression"]);
    check("derive_sql", r#"{"name":"x","expression":"CASE WHEN"}"#, &["Derive by SQL"]);
    check("filter", r#"{"conditions":{"column":"age","is":"bigger","value":1}}"#, &["no comparison `bigger`"]);
    check(
        "filter",
        r#"{"conditions":{"column":"joined","is":">","value":"2021-02-30","type":"date"}}"#,
        &["isn't a date"],
    );
    check("rename", r#"{"names":{"age":"name"}}"#, &["two columns `name`"]);
    check("replace_values", r#"{"column":"city","old":["a"],"new":["b","c"]}"#, &["1 old values but 2 new"]);
    check(
        "join",
        r#"{"table":"tests/tables/cities.csv","on":["age"],"right_on":["city"]}"#,
        &["is i64", "is str", "Cast"],
    );
    check("join", r#"{"table":"tests/tables/cities.csv","on":["city"],"right_on":["town"]}"#, &["no column `town`"]);
    check("explode", r#"{"column":"age"}"#, &["not a list"]);
    check("cast", r#"{"columns":["age"],"type":"Int65"}"#, &["can't be `Int65`", "Int64"]);
    check("json_path", r#"{"column":"payload","path":"a.b","name":"x"}"#, &["isn't a path"]);
    check("custom_python", r#"{"code":"x"}"#, &["can't run here"]);
}

#[test]
fn places_point_into_the_text() {
    assert_eq!(error("extract", r#"{"column":"name","pattern":"ab(c"}"#).position, Some(2));
    assert_eq!(error("derive", r#"{"name":"x","expression":"pl.col(\"é\") + $"}"#).position, Some(14));
    let fault = error("derive", r#"{"name":"x","expression":"1 < 2 < 3"}"#);
    assert_eq!((fault.position, fault.param.as_deref()), (Some(6), Some("expression")));
}

#[test]
fn joins_that_explode_are_refused_with_their_keys() {
    let run = |op: &str, params: &str, max_rows: u64| {
        let limits = Limits { max_rows, ..Limits::default() };
        let context = Context { tables: &Tables, limits, ..Context::default() };
        recipe(&step(op, params)).apply(read(PEOPLE), &context).map(|_| ()).map_err(|error| error.to_string())
    };
    let params = r#"{"table":"tests/tables/people.csv","how":"inner","on":["city"]}"#;
    let text = run("join", params, 100).unwrap_err();
    assert!(text.contains("keys repeat on both sides") && text.contains("Bern"), "{text}");
    assert_eq!(run("join", params, 100_000), Ok(()));
    assert!(run("join_cross", r#"{"table":"tests/tables/people.csv"}"#, 1_599).unwrap_err().contains("1600"));
    assert_eq!(run("join_cross", r#"{"table":"tests/tables/people.csv"}"#, 1_600), Ok(()));
    let unique = r#"{"table":"tests/tables/people.csv","how":"inner","on":["id"]}"#;
    assert_eq!(run("join", unique, 100), Ok(()), "one partner each is no explosion");
    assert!(run("balance_up", r#"{"column":"label"}"#, 10).unwrap_err().contains("more than 10"));
}

#[test]
fn wide_results_are_refused() {
    let limits = Limits { max_columns: 3, ..Limits::default() };
    let context = Context { tables: &Tables, limits, ..Context::default() };
    for (op, params) in
        [("one_hot", r#"{"column":"name"}"#), ("pivot", r#"{"on":"name","index":["active"],"values":"age"}"#)]
    {
        let error = recipe(&step(op, params)).apply(read(PEOPLE), &context).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("columns"), "{error}");
    }
}

#[test]
fn a_cancelled_recipe_stops() {
    let cancel = Cancel::default();
    cancel.cancel();
    let context = Context { cancel, ..Context::default() };
    assert!(recipe(&step("limit", r#"{"n":1}"#)).apply(read(PEOPLE), &context).is_err());
}

#[test]
fn files_keep_what_they_do_not_know_and_refuse_what_is_newer() {
    let text = r#"{"version": 1, "made by": "x", "steps": [{"id": "a", "op": "limit", "params": {"n": 3, "offset": 0}, "color": {"r": 1}}]}"#;
    let first = Recipe::parse(text).unwrap();
    let written = first.to_text();
    assert!(written.contains("\"made by\"") && written.contains("\"color\""), "{written}");
    assert!(written.contains("\n        \"n\": 3,\n        \"offset\": 0\n"), "a parameter a line:\n{written}");
    assert_eq!(Recipe::parse(&written).unwrap(), first);
    assert_eq!(Recipe::parse(&written).unwrap().to_text(), written);
    let refused = |text: &str, part: &str| {
        let error = Recipe::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    };
    refused(r#"{"version": 2, "steps": []}"#, "version 2");
    refused(r#"{"steps": []}"#, "no version");
    refused("{", "isn't valid JSON");
    refused(r#"{"version": 1, "steps": [{"op": "limit"}]}"#, "can't be read");
    refused(r#"{"version": 1, "steps": [{"id": "a", "op": "x"}, {"id": "a", "op": "x"}]}"#, "Two steps");
}

#[test]
fn steps_can_be_off_and_applied_in_part() {
    let mut three = recipe(&step("limit", r#"{"n":9}"#));
    three.steps.push(Step::new("b", "limit", [("n", Param::Integer(5))]));
    three.steps.push(Step::new("c", "limit", [("n", Param::Integer(2))]));
    let rows = |recipe: &Recipe, until: usize| {
        recipe.apply_until(until, read(PEOPLE), &Context::default()).unwrap().collect().unwrap().height()
    };
    assert_eq!((rows(&three, 0), rows(&three, 1), rows(&three, 3)), (40, 9, 2));
    three.steps[2].disabled = true;
    assert_eq!(rows(&three, 3), 5);
}

#[test]
fn a_preview_counts_what_changes() {
    let preview =
        |op: &str, params: &str| recipe(&step(op, params)).preview(0, read(PEOPLE), &Context::default(), 3).unwrap();
    let filled = preview("fill_constant", r#"{"columns":["age"],"value":0}"#);
    let missing = read(PEOPLE).collect().unwrap().column("age").unwrap().null_count() as u64;
    assert_eq!(filled.cells_changed, [("age".to_string(), missing)]);
    assert!(filled.rows_aligned && filled.sample.len() <= 3);
    assert_eq!(filled.sample[0].cells, [("age".to_string(), None, Some("0".to_string()))]);
    let dropped = preview("drop", r#"{"columns":["note"]}"#);
    assert_eq!((dropped.columns_removed, dropped.cells_changed), (vec!["note".to_string()], vec![]));
    let cut = preview("limit", r#"{"n":4}"#);
    assert_eq!((cut.rows_before, cut.rows_after, cut.rows_aligned), (40, 4, false));
    let cast = preview("cast", r#"{"columns":["score"],"type":"Int64"}"#);
    assert_eq!(cast.columns_retyped.len(), 1);
    let made = preview("text_length", r#"{"column":"name"}"#);
    assert_eq!((made.columns_added, made.sample.len()), (vec!["name_length".to_string()], 3));
}

#[test]
fn columns_named_like_patterns_are_columns() {
    let table = df!("*" => [1, 2], "^.*$" => [3, 4], "c" => [5, 6]).unwrap();
    let run = |op: &str, params: &str| {
        let made =
            recipe(&step(op, params)).apply(table.clone().lazy(), &Context::default()).unwrap().collect().unwrap();
        made.get_column_names().iter().map(|name| name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run("select", r#"{"columns":["^.*$"]}"#), ["^.*$"]);
    assert_eq!(run("drop", r#"{"columns":["*"]}"#), ["^.*$", "c"]);
    assert_eq!(run("fill_constant", r#"{"columns":["*"],"value":0}"#), ["*", "^.*$", "c"]);
    assert_eq!(run("sort", r#"{"by":["*","^.*$"]}"#), ["*", "^.*$", "c"]);
    assert_eq!(run("deduplicate", r#"{"columns":["^.*$"]}"#), ["*", "^.*$", "c"]);
}

#[test]
fn the_seed_chooses_the_rows() {
    // pinned: the exported code of the past must keep choosing these
    let made = recipe(&step("sample_rows", r#"{"n":5,"seed":7}"#)).apply(read(PEOPLE), &Context::default());
    let ids = made.unwrap().collect().unwrap();
    let ids: Vec<i64> = ids.column("id").unwrap().i64().unwrap().iter().flatten().collect();
    let other = recipe(&step("sample_rows", r#"{"n":5,"seed":8}"#)).apply(read(PEOPLE), &Context::default());
    let other = other.unwrap().collect().unwrap();
    let other: Vec<i64> = other.column("id").unwrap().i64().unwrap().iter().flatten().collect();
    assert_eq!(ids.len(), 5);
    assert_ne!(ids, other);
    assert!(ids.is_sorted(), "rows keep their order");
    // SplitMix64 with the seed 7: its first outputs decide
    let mix = |n: u64| {
        let mut z = n.wrapping_add(8).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) >> 11
    };
    let mut order: Vec<u64> = (0..40).collect();
    order.sort_by_key(|row| mix(*row));
    let mut wanted: Vec<i64> = order[..5].iter().map(|row| *row as i64 + 1).collect();
    wanted.sort_unstable();
    assert_eq!(ids, wanted);
}

#[test]
fn ops_are_found_by_name() {
    assert_eq!(transform("sort").unwrap().title, "Sort rows");
    assert!(transform("").is_none());
}
