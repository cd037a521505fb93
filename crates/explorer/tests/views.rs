//! Views through the explorer's own interface, compared with what plain loops give.

mod common;

use atelier_wire::studio::data::chart::{BuildChart, ChartKind, ChartSpec};
use atelier_wire::studio::data::filter::{Filter, Test};
use atelier_wire::studio::data::view::*;
use common::{Folder, one};
use polars::prelude::*;
use proptest::prelude::*;

/// The first column of the rows that a filter leaves.
#[track_caller]
fn check_filter(filter: Filter, expected: &str) {
    let folder = Folder::new();
    folder.write("a.csv", "k,n,t,d\n1,1.5,red,2024-05-01\n2,,blue,2024-05-02\n3,-2,,2024-06-01\n4,1.5,Red,\n");
    let info =
        folder.open(OpenView { source: "a.csv".into(), filter: Some(filter.clone()), ..OpenView::default() }).unwrap();
    assert_eq!(folder.column(&info.view).concat(), expected, "{filter:?}");
    assert_eq!(info.num_rows, Some(expected.len() as u64));
}

#[test]
fn filters() {
    let text = |text: &str| text.to_owned();
    check_filter(one("n", Test::Null), "2");
    check_filter(one("n", Test::NotNull), "134");
    check_filter(one("n", Test::Equals { value: text("1.5") }), "14");
    check_filter(one("n", Test::NotEquals { value: text("1.5") }), "3");
    check_filter(one("k", Test::More { value: text("2.5") }), "34");
    check_filter(one("k", Test::Between { low: Some(text("2")), high: Some(text("3")) }), "23");
    check_filter(one("k", Test::Between { low: None, high: Some(text("3")) }), "123");
    check_filter(one("d", Test::Between { low: Some(text("2024-05-01")), high: Some(text("2024-05-31")) }), "12");
    check_filter(one("t", Test::In { values: vec![Some(text("red")), None] }), "13");
    check_filter(one("t", Test::NotIn { values: vec![Some(text("red"))] }), "234");
    check_filter(one("k", Test::In { values: vec![Some(text("1")), Some(text("4"))] }), "14");
    check_filter(one("t", Test::Contains { text: text("ed"), ignore_case: false }), "14");
    check_filter(one("t", Test::StartsWith { text: text("r"), ignore_case: true }), "14");
    check_filter(one("t", Test::EndsWith { text: text("ue"), ignore_case: false }), "2");
    check_filter(one("t", Test::Matches { regex: text("^[rb]") }), "12");
    let not = Filter::Not { of: Box::new(one("n", Test::Equals { value: text("1.5") })) };
    check_filter(not.clone(), "3");
    check_filter(Filter::All { of: vec![] }, "1234");
    check_filter(Filter::Any { of: vec![] }, "");
    check_filter(Filter::Any { of: vec![not, one("k", Test::AtMost { value: text("1") })] }, "13");
    check_filter(Filter::All { of: vec![one("t", Test::NotNull), one("d", Test::NotNull)] }, "12");
}

#[test]
fn a_filter_that_cannot_be_meant_is_refused_by_name() {
    let folder = Folder::new();
    folder.write("a.csv", "k,t\n1,a\n");
    let check = |filter: Filter, expected: &str| {
        let error =
            folder.open(OpenView { source: "a.csv".into(), filter: Some(filter), ..OpenView::default() }).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    check(one("k", Test::Equals { value: "x".into() }), "column `k` holds i64, and `x` is none");
    check(one("t", Test::Matches { regex: "(".into() }), "`(` is no regular expression");
    check(one("z", Test::Null), "has no column `z`");
}

#[test]
fn headers_follow_the_brush_on_other_columns() {
    let folder = Folder::new();
    folder.write("a.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n");
    let filter = Filter::All {
        of: vec![one("x", Test::AtLeast { value: "3".into() }), one("y", Test::Equals { value: "a".into() })],
    };
    let info = folder.open(OpenView { source: "a.csv".into(), filter: Some(filter), ..OpenView::default() }).unwrap();
    let stats = |column: &str, cross| {
        folder
            .explorer
            .stats(&GetStats { view: info.view.clone(), column: column.into(), cross, ..GetStats::default() })
            .unwrap()
    };
    assert_eq!((stats("x", false).num_rows, stats("x", true).num_rows), (1, 2));
    assert_eq!(stats("x", true).bins, [1, 0, 1, 0]);
    assert_eq!(stats("y", true).top, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    let values = folder
        .explorer
        .values(&ListValues { view: info.view.clone(), column: "y".into(), limit: 10, ..ListValues::default() })
        .unwrap();
    assert_eq!(values.values, [(Some("a".to_owned()), 1), (Some("b".to_owned()), 1)]);
}

#[test]
fn finding_goes_round() {
    let folder = Folder::new();
    folder.write("a.csv", "x,y\nfoo,1\nbar,2\nFoot,12\n");
    let view = folder.whole("a.csv").view;
    let check = |text: &str, from: (u64, usize), backwards, expected: Option<(u64, usize)>| {
        let request = FindInView {
            view: view.clone(),
            text: text.into(),
            from_row: from.0,
            from_column: from.1,
            backwards,
            ..FindInView::default()
        };
        assert_eq!(folder.explorer.find(&request).unwrap().at, expected, "{text} {from:?}");
    };
    check("foo", (0, 0), false, Some((0, 0)));
    check("foo", (0, 1), false, Some((2, 0)));
    check("foo", (2, 1), false, Some((0, 0)));
    check("2", (1, 0), false, Some((1, 1)));
    check("foo", (1, 1), true, Some((0, 0)));
    check("none", (0, 0), false, None);
}

#[test]
fn a_file_larger_than_the_budget_is_read_by_parts() {
    let folder = Folder::with_budget(100_000);
    let mut text = String::from("k,v\n");
    (0..300_000).for_each(|i| text.push_str(&format!("{i},word {}\n", i % 7)));
    folder.write("a.csv", &text);
    let info = folder.open(OpenView { source: "a.csv".into(), ..OpenView::default() }).unwrap();
    assert_eq!(folder.rows(&info.view, 0, 2).cells[1][0].as_deref(), Some("1"));
    assert_eq!(folder.rows(&info.view, 299_990, 100).cells.len(), 10);
    let info = folder.whole("a.csv");
    assert_eq!((info.num_rows, info.complete), (Some(300_000), true));
    assert_eq!(folder.rows(&info.view, 150_000, 1).cells[0], [Some("150000".to_owned()), Some("word 4".to_owned())]);
    let filtered = folder
        .open(OpenView {
            source: "a.csv".into(),
            filter: Some(one("v", Test::Equals { value: "word 3".into() })),
            sort: vec![SortBy { column: "k".into(), descending: true }],
            ..OpenView::default()
        })
        .unwrap();
    assert_eq!(filtered.num_rows, Some(300_000 / 7));
    assert_eq!(folder.rows(&filtered.view, 0, 1).cells[0][0].as_deref(), Some("299995"));
}

#[test]
fn a_type_that_changes_late_is_learned() {
    let folder = Folder::new();
    let mut text = String::from("a,b\n");
    (0..400_000).for_each(|i| text.push_str(&format!("{i},00{i}\n")));
    text.push_str("x,1\n");
    folder.write("a.csv", &text);
    let info = folder.whole("a.csv");
    assert_eq!(info.columns[0].dtype, "str");
    assert_eq!(folder.rows(&info.view, 400_000, 1).cells[0], [Some("x".to_owned()), Some("1".to_owned())]);
    let types = [("a".to_owned(), "i64".to_owned())].into();
    let info = folder
        .open(OpenView {
            source: "a.csv".into(),
            options: ReadOptions { types, ..ReadOptions::default() },
            ..OpenView::default()
        })
        .unwrap();
    let error = folder.explorer.frame(&info.view).unwrap_err().to_string();
    assert!(error.contains("row 400001, column `a`: `x` is no i64"), "{error}");
    // The first rows stay.
    assert_eq!(folder.rows(&info.view, 0, 3).cells.len(), 3);
}

#[test]
fn what_happens_to_the_file_is_said() {
    let folder = Folder::new();
    folder.write("a.csv", "x\n1\n2\n");
    let view = folder.whole("a.csv").view;
    let kinds =
        || folder.explorer.info(&view).unwrap().notices.into_iter().map(|notice| notice.kind).collect::<Vec<_>>();
    assert!(kinds().is_empty());
    folder.write("a.csv", "x\n1\n2\n3\n");
    assert_eq!(kinds(), ["changed"]);
    std::fs::remove_file(folder.dir.path().join("a.csv")).unwrap();
    assert_eq!(kinds(), ["vanished"]);
    assert_eq!(folder.column(&view), ["1", "2"]);
}

#[test]
fn folders_patterns_and_queries() {
    let folder = Folder::new();
    folder.write("a-1.csv", "x,y\n1,a\n");
    folder.write("a-2.csv", "x,z\n2.5,true\n");
    let info = folder.whole("a-*.csv");
    let columns: Vec<String> = info.columns.iter().map(|c| format!("{}:{}", c.name, c.dtype)).collect();
    assert_eq!((info.num_rows, columns.join(" ").as_str()), (Some(2), "x:f64 y:str z:bool"));
    let info = folder.whole("sql:SELECT a.x + b.x AS s FROM \"a-1.csv\" a CROSS JOIN \"a-2.csv\" b");
    assert_eq!(folder.column(&info.view), ["3.5"]);
    let error =
        folder.open(OpenView { source: "sql:SELECT nope FROM \"a-1.csv\"".into(), ..OpenView::default() }).unwrap_err();
    assert!(error.contains("nope"), "{error}");
}

#[test]
fn hostile_files_are_refused_by_name() {
    let folder = Folder::new();
    let check = |name: &str, bytes: &[u8], expected: &str| {
        folder.write(name, bytes);
        let error = folder.open(OpenView { source: name.into(), ..OpenView::default() }).err().or_else(|| {
            let info = folder.open(OpenView { source: name.into(), ..OpenView::default() }).unwrap();
            folder.explorer.frame(&info.view).err().map(|error| error.to_string())
        });
        let error = error.unwrap_or_else(|| panic!("{name} opened"));
        assert!(error.contains(expected), "{name}: {error}");
    };
    check("a.parquet", b"PAR1....", "without the footer");
    check("b.parquet", b"PAR1aaaaaaaaaaaaaaaa\xff\xff\xff\x0fPAR1", "claims");
    check("c.parquet", b"PAR1aaaaaaaaaaaaaaaaaaaaaaaaaaaa\x08\x00\x00\x00PAR1", "Parquet");
    check("d.json", "[".repeat(100_000).as_bytes(), "nest more than 64 deep");
    check("e.arrow", b"ARROW1\0\0garbage", "Arrow");
    check("f.xlsx", b"PK\x03\x04garbage", "Excel");
    let zeros = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all("1,2\n".repeat(2 << 20).as_bytes()).unwrap();
        // A gzip file may have many members: 40 of 8 MiB each.
        encoder.finish().unwrap().repeat(40)
    };
    check("bomb.csv.gz", &zeros, "unpacks to more than 100 times");
    let wide: String = (0..30_000).map(|i| format!("c{i},")).collect();
    check("wide.csv", wide.as_bytes(), "more than the 20000");
    assert!(folder.open(OpenView { source: ".".into(), ..OpenView::default() }).unwrap_err().contains("folder"));
    #[cfg(unix)]
    {
        let error = atelier_explorer::Explorer::new()
            .open_view(OpenView { source: "/dev/zero".into(), ..OpenView::default() }, &folder)
            .unwrap_err();
        assert!(error.to_string().contains("no end"), "{error}");
    }
}

#[test]
fn ragged_mixed_and_odd_text() {
    let folder = Folder::new();
    let mut text = b"a,b,c\n1,2,3\n".to_vec();
    text.extend((0..40).map(|i| i.to_string()).collect::<Vec<_>>().join(",").bytes());
    folder.write("ragged.csv", &text);
    let info = folder.whole("ragged.csv");
    assert_eq!((info.columns.len(), info.notices[0].kind.as_str()), (40, "ragged"));
    folder.write("mixed.csv", [b"a,b\n".as_slice(), "x\u{e9},1\n".repeat(2000).as_bytes(), b"caf\xe9,2\n"].concat());
    let info = folder.whole("mixed.csv");
    assert_eq!(folder.rows(&info.view, 2000, 1).cells[0][0].as_deref(), Some("caf\u{e9}"));
    assert!(info.notices.iter().any(|notice| notice.kind == "encoding"), "{:?}", info.notices);
    folder.write("names.csv", "x,x,,y\n1,2,3,4\n");
    let names: Vec<String> = folder
        .open(OpenView {
            source: "names.csv".into(),
            options: ReadOptions { header: Some(true), ..ReadOptions::default() },
            ..OpenView::default()
        })
        .unwrap()
        .columns
        .into_iter()
        .map(|c| c.name)
        .collect();
    assert_eq!(names, ["x", "x_2", "column_3", "y"]);
}

#[test]
fn parquet_of_many_groups() {
    let folder = Folder::new();
    let mut frame =
        df!("k" => (0..50_000i64).collect::<Vec<_>>(), "t" => (0..50_000).map(|i| format!("t{i}")).collect::<Vec<_>>())
            .unwrap();
    let file = std::fs::File::create(folder.dir.path().join("a.parquet")).unwrap();
    ParquetWriter::new(file).with_row_group_size(Some(7_000)).finish(&mut frame).unwrap();
    let info = folder.open(OpenView { source: "a.parquet".into(), ..OpenView::default() }).unwrap();
    assert_eq!((info.num_rows, info.complete), (Some(50_000), true));
    for at in [0u64, 6_995, 8_190, 16_380, 49_995] {
        let rows = folder.rows(&info.view, at, 10);
        let expected: Vec<u64> = (at..(at + 10).min(50_000)).collect();
        let got: Vec<u64> = rows.cells.iter().map(|row| row[0].as_ref().unwrap().parse().unwrap()).collect();
        assert_eq!((got, rows.ids.clone()), (expected.clone(), expected));
    }
}

#[test]
fn long_cells_are_cut_and_come_whole() {
    let folder = Folder::new();
    let long = "é".repeat(2_000);
    folder.write("a.jsonl", format!("{{\"t\": \"{long}\", \"n\": [1, null]}}\n"));
    let view = folder.whole("a.jsonl").view;
    let rows = folder.rows(&view, 0, 1);
    assert_eq!((rows.cut.clone(), rows.cells[0][1].as_deref()), (vec![(0, 0)], Some("[1, null]")));
    let full = folder.explorer.cell(&GetCell { view, row: 0, column: "t".into() }).unwrap();
    assert_eq!(full.text.unwrap(), long);
}

#[test]
fn a_cancelled_call_says_so_and_a_gone_view_too() {
    let folder = Folder::new();
    folder.write("a.csv", "x\n1\n");
    let view = folder.whole("a.csv").view;
    folder.explorer.cancel("nothing");
    folder.explorer.drop_view(&view);
    assert!(folder.explorer.info(&view).unwrap_err().is_missing());
}

#[test]
fn every_chart_is_drawn() {
    let folder = Folder::new();
    let mut text = String::from("n,m,c,d\n");
    (0..500).for_each(|i| {
        text.push_str(&format!(
            "{},{},{},2024-{:02}-{:02}\n",
            i % 17,
            (i * 7) % 31,
            ["a", "b<", "\"c&"][i % 3].replace('"', ""),
            i % 12 + 1,
            i % 28 + 1
        ))
    });
    folder.write("a.csv", text);
    let view = folder.whole("a.csv").view;
    let check = |kind: ChartKind, x: &str, y: &[&str]| {
        for color in [None, Some("c".to_owned())] {
            let spec = ChartSpec {
                kind,
                x: (!x.is_empty()).then(|| x.to_owned()),
                y: y.iter().map(|y| (*y).to_owned()).collect(),
                color,
                ..ChartSpec::default()
            };
            let chart = folder
                .explorer
                .chart(&BuildChart { view: view.clone(), spec, request: String::new() })
                .unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert!(
                chart.svg.starts_with("<svg")
                    && chart.svg.contains("aria-label")
                    && !chart.series.is_empty()
                    && !chart.title.is_empty(),
                "{kind:?}"
            );
            assert!(!chart.svg.contains("\"#FAFA") && !chart.svg.contains("b<<"), "{kind:?}");
            assert!(chart.code.contains("import polars"), "{kind:?}");
        }
    };
    check(ChartKind::Histogram, "n", &[]);
    check(ChartKind::Histogram, "c", &[]);
    check(ChartKind::Bar, "c", &["n"]);
    check(ChartKind::Line, "n", &["m"]);
    check(ChartKind::Area, "n", &["m"]);
    check(ChartKind::Scatter, "n", &["m"]);
    check(ChartKind::Box, "c", &["n"]);
    check(ChartKind::Violin, "c", &["n"]);
    check(ChartKind::HeatMap, "c", &["n"]);
    check(ChartKind::Correlation, "", &[]);
    check(ChartKind::Parallel, "", &[]);
    check(ChartKind::Missing, "", &[]);
    check(ChartKind::TimeSeries, "d", &["n"]);
}

#[test]
fn faults_are_found_and_mended() {
    let folder = Folder::new();
    let mut text = String::from("id,same,gap,leak,x,target\n");
    for i in 0..300 {
        let class = i % 3;
        text.push_str(&format!(
            "name{i},k,{},{},{},{}\n",
            if i % 4 == 0 { "" } else { "1" },
            class * 10,
            (i * 37) % 101,
            ["a", "b", "c"][class]
        ));
    }
    text.push_str("name1,k,1,10,37,b\n");
    folder.write("a.csv", text);
    let view = folder.whole("a.csv").view;
    let report = folder
        .explorer
        .quality(&atelier_wire::studio::data::quality::QualityReport {
            view,
            target: Some("target".into()),
            request: String::new(),
        })
        .unwrap();
    let has = |kind: &str, column: Option<&str>| {
        assert!(
            report.findings.iter().any(|f| f.kind == kind && f.column.as_deref() == column),
            "{kind} {:?}",
            report.findings
        )
    };
    has("constant", Some("same"));
    has("missing", Some("gap"));
    has("high_cardinality", Some("id"));
    has("leakage", Some("leak"));
    has("duplicate_rows", None);
    assert!(report.model.unwrap().score > 0.95);
    assert!(report.html.contains("Data quality of a.csv"));
    // Every suggested step can be taken.
    for step in report.findings.into_iter().filter_map(|finding| finding.step) {
        let name = step.op.clone();
        folder
            .open(OpenView { source: "a.csv".into(), steps: vec![step], ..OpenView::default() })
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

type Row = (Option<i32>, Option<f64>, Option<String>);

fn row() -> impl Strategy<Value = Row> {
    let float = prop_oneof![(-100i32..100).prop_map(|n| f64::from(n) / 4.0), Just(0.0)];
    (prop::option::of(-5i32..5), prop::option::of(float), prop::option::of("[abc]{1,2}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn order_and_filter_equal_plain_loops(rows in prop::collection::vec(row(), 1..60), descending: bool, low in -20.0f64..20.0) {
        let folder = Folder::new();
        let mut frame = df!(
            "i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "t" => rows.iter().map(|row| row.2.clone()).collect::<Vec<_>>(),
        ).unwrap();
        ParquetWriter::new(std::fs::File::create(folder.dir.path().join("a.parquet")).unwrap()).finish(&mut frame).unwrap();
        let sort = vec![SortBy { column: "t".into(), descending }, SortBy { column: "f".into(), descending: !descending }];
        let filter = one("f", Test::AtLeast { value: low.to_string() });
        let info = folder.open(OpenView { source: "a.parquet".into(), filter: Some(filter), sort, ..OpenView::default() }).unwrap();
        let got = folder.rows(&info.view, 0, 1000).ids;
        let mut expected: Vec<u64> = (0..rows.len() as u64).filter(|&i| rows[i as usize].1.is_some_and(|f| f >= low)).collect();
        let turn = |order: std::cmp::Ordering, descending: bool| if descending { order.reverse() } else { order };
        expected.sort_by(|&a, &b| {
            let (a, b) = (&rows[a as usize], &rows[b as usize]);
            let text = match (&a.2, &b.2) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, _) => std::cmp::Ordering::Greater,
                (_, None) => std::cmp::Ordering::Less,
                (Some(a), Some(b)) => turn(a.cmp(b), descending),
            };
            text.then_with(|| turn(a.1.unwrap().total_cmp(&b.1.unwrap()), !descending))
        });
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn statistics_equal_plain_loops(rows in prop::collection::vec(row(), 1..80)) {
        let folder = Folder::new();
        let mut frame = df!("i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(), "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>()).unwrap();
        ParquetWriter::new(std::fs::File::create(folder.dir.path().join("a.parquet")).unwrap()).finish(&mut frame).unwrap();
        let view = folder.whole("a.parquet").view;
        for (name, values) in [("i", rows.iter().filter_map(|row| row.0.map(f64::from)).collect::<Vec<_>>()), ("f", rows.iter().filter_map(|row| row.1).collect())] {
            let stats = folder.explorer.stats(&GetStats { view: view.clone(), column: name.into(), ..GetStats::default() }).unwrap();
            prop_assert_eq!(stats.num_missing as usize, rows.len() - values.len());
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            prop_assert_eq!(stats.num_distinct, Some(distinct.len() as u64));
            prop_assert_eq!(stats.bins.iter().sum::<u64>() as usize, values.len());
            if !values.is_empty() {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                prop_assert!((stats.mean.unwrap() - mean).abs() < 1e-9);
                let median = if sorted.len() % 2 == 1 { sorted[sorted.len() / 2] } else { (sorted[sorted.len() / 2 - 1] + sorted[sorted.len() / 2]) / 2.0 };
                prop_assert!((stats.quantiles[2] - median).abs() < 1e-9);
            }
        }
    }
}
