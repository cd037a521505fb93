//! Whatever is typed into a field: an answer in bounded time, never a panic; and what is printed reads back.

use atelier_recipe::expression::{Ex, functions, parse};
use atelier_recipe::{Context, Options, Recipe, Step, To, catalogue};
use polars::prelude::*;
use proptest::prelude::*;

#[test]
fn printed_expressions_read_back() {
    let check = |text: &str| {
        let tree = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let printed = tree.python();
        assert_eq!(parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error:?}")), tree, "{text} -> {printed}");
    };
    check("pl.col('a') + pl.col(\"b\") * -2 ** 3");
    check("(pl.col('a') - 1) - (pl.col('b') - 2)");
    check("-(pl.col('a') ** 2) ** 0.5");
    check("~(pl.col('a') > 1) & (pl.col('b') == 'x\\n\\u00e9\"') | pl.col('c')");
    check("(pl.col('a') < pl.col('b')) == (pl.col('c') < 1)");
    check("pl.when(pl.col('a') > 1).then('x').when(pl.col('b')).then(2).otherwise(None)");
    check("pl.col('a').rank('dense', descending=True).over('g', 'h')");
    check("pl.col('a').is_in([1, 2, 3]).cast(pl.Int64, strict=False)");
    check("pl.concat_str(['a', pl.lit('b')], separator='-', ignore_nulls=True)");
    check("pl.col('t') > pl.datetime(2024, 2, 29, 12, 30)");
    check("pl.col('a').quantile(0.25) + pl.len() + pl.col('a').rolling_mean(3, min_samples=1)");
    check("1e-3 + 0.1 - 1_000");
}

#[test]
fn the_wrong_expressions_say_what_was_expected() {
    let check = |text: &str, position: usize, part: &str| {
        let fault = parse(text).unwrap_err();
        assert!(fault.text.contains(part), "{text}: {fault:?}");
        assert_eq!(fault.position.unwrap_or(0), position, "{text}: {fault:?}");
    };
    check("", 0, "empty");
    check("pl.col('a'", 10, "Expected `,`");
    check("pl.col('a') b", 12, "operator or the end");
    check("pl.col('a", 7, "no end");
    check("price * 2", 0, "`price` has no meaning");
    check("pl.col('a') and pl.col('b')", 12, "operator");
    check("pl.foo(1)", 3, "no function pl.foo");
    check("pl.col('a').rank(methd='min')", 17, "no argument `methd`");
    check("pl.col('a').str.contains(1)", 25, "takes a text");
    check("pl.col('a').cast(Int64)", 17, "`Int64` has no meaning");
    check("pl.col('a').alias('b')", 12, "chosen beside");
    check("pl.date(2024, 2, 30)", 3, "a day that exists");
    check(&"(".repeat(5_000), 48, "nested");
    check(&format!("1{}", " + 1".repeat(1_000)), 1026, "more than 256");
    check("__import__('os')", 0, "no meaning");
    check("pl.col('a').map_elements(1)", 12, "no method");
}

#[test]
fn every_method_has_its_forms() {
    for function in functions() {
        assert!(!function.params.is_empty(), "{}", function.name);
        assert_eq!(functions().filter(|other| other.name == function.name).count(), 1, "{}", function.name);
    }
    assert!(functions().count() >= 80);
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("pl.col(\"i\")".to_string()),
        Just("pl.col(\"f\")".to_string()),
        any::<i32>().prop_map(|n| n.to_string()),
        (-1e6..1e6).prop_map(|n: f64| format!("{n:?}")),
    ]
}

fn tree() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("({a}).abs().round(2)")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("pl.when({a} > {b}).then({b}).otherwise({c})")),
        ]
    })
}

fn table() -> impl Strategy<Value = DataFrame> {
    let cell = (
        prop::option::of(prop_oneof![any::<i64>(), -5..5_i64]),
        prop::option::of(prop_oneof![any::<f64>(), Just(-0.0), Just(f64::NAN), -5.0..5.0_f64]),
        prop::option::of(prop_oneof![Just(String::new()), "[a-c]{1,2}", "\\PC{0,6}"]),
        prop::option::of(any::<bool>()),
        prop::option::of(-800_000..800_000_i32),
    );
    prop::collection::vec(cell, 0..12).prop_map(|rows| {
        let mut table = df!(
            "i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "s" => rows.iter().map(|row| row.2.clone()).collect::<Vec<_>>(),
            "b" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            "d" => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
        )
        .unwrap();
        table = table.lazy().with_columns([col("d").cast(DataType::Date)]).collect().unwrap();
        table
    })
}

/// The columns of the examples' table by those of the generated one.
fn adapted(params: &str) -> String {
    const NAMES: &[(&str, &str)] = &[
        ("age", "i"),
        ("id", "i"),
        ("income", "f"),
        ("score", "f"),
        ("city", "s"),
        ("name", "s"),
        ("note", "s"),
        ("tags", "s"),
        ("code", "s"),
        ("price", "s"),
        ("day", "s"),
        ("moment", "s"),
        ("payload", "s"),
        ("label", "s"),
        ("active", "b"),
        ("joined", "d"),
        ("seen", "d"),
    ];
    NAMES.iter().fold(params.to_string(), |text, (old, new)| {
        text.replace(&format!("\"{old}\""), &format!("\"{new}\""))
            .replace(&format!("\\\"{old}\\\""), &format!("\\\"{new}\\\""))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,80}") {
        let _ = parse(&text);
        let _ = Recipe::parse(&text);
    }

    #[test]
    fn words_of_expressions_get_an_answer(words in prop::collection::vec(prop::sample::select(vec![
        "pl", ".", "col", "(", ")", "\"a\"", "'", "[", "]", ",", "+", "-", "**", "~", "==", "<", "1", "2.5", "when", "then",
        "otherwise", "cast", "Int64", "over", "str", "len_chars", "rank", "=", "None", "True", "date", "\\", "1e999", "\u{0}",
    ]), 0..60)) {
        if let Ok(tree) = parse(&words.concat()) {
            let _ = tree.build();
            let printed = tree.python();
            prop_assert_eq!(parse(&printed).ok().map(|tree| tree.python()), Some(printed));
        }
    }

    #[test]
    fn generated_expressions_print_and_run(text in tree(), table in table()) {
        let tree: Ex = parse(&text).unwrap();
        let again = parse(&tree.python()).unwrap();
        prop_assert_eq!(&again, &tree);
        let run = |tree: &Ex| table.clone().lazy().select([tree.build().unwrap().alias("x")]).collect();
        if let (Ok(a), Ok(b)) = (run(&tree), run(&again)) {
            prop_assert!(a.equals_missing(&b));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nulls, NaN, negative zero, the largest numbers, no row, one row, any letter: a table or an error in words.
    #[test]
    fn every_transform_meets_any_table(table in table()) {
        for transform in catalogue() {
            if transform.op.starts_with("custom") {
                continue;
            }
            for example in transform.examples.iter().filter(|example| example.table == "people") {
                let params: serde_json::Value = serde_json::from_str(&adapted(example.params)).unwrap();
                let params = serde_json::from_value(params).unwrap();
                let step = Step { id: "a".into(), op: transform.op.into(), params, ..Step::default() };
                let recipe = Recipe { steps: vec![step], ..Recipe::default() };
                let made = recipe.apply(table.clone().lazy(), &Context::default()).map(LazyFrame::collect);
                if let Err(error) = &made {
                    prop_assert!(!error.text.is_empty() && error.step == Some(1));
                }
                if recipe.check().is_ok() {
                    for to in [To::Python, To::Pandas, To::Rust] {
                        prop_assert!(recipe.export(to, "x.csv", Options::default()).is_ok());
                    }
                }
            }
        }
    }
}
