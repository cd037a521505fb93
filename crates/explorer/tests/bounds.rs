//! What is larger than memory or takes too long: shown at once, kept outside of memory, refused or cancelled.

mod common;

use atelier_wire::studio::data::recipe::Step;
use atelier_wire::studio::data::view::*;
use common::Folder;
use polars::prelude::*;

#[test]
fn json_lines_and_arrow_show_their_first_rows_at_once() {
    for budget in [1 << 30, 200_000] {
        let folder = Folder::with_budget(budget);
        let mut text = String::new();
        (0..60_000).for_each(|i| {
            text.push_str(&format!(
                "{{\"k\": {i}, \"t\": \"word {}\", \"a longer name so that the file is not small\": null}}\n",
                i % 7
            ))
        });
        text.push_str("{\"k\": 0.5, \"late\": true}\n");
        folder.write("a.jsonl", &text);
        let info = folder.open(OpenView { source: "a.jsonl".into(), ..OpenView::default() }).unwrap();
        assert_eq!(folder.rows(&info.view, 0, 2).cells[1][..2], [Some("1".to_owned()), Some("word 1".to_owned())]);
        let info = folder.whole("a.jsonl");
        let columns: Vec<String> = info.columns.iter().map(|c| format!("{}:{}", c.name, c.dtype)).collect();
        assert_eq!((info.num_rows, info.columns.len()), (Some(60_001), 4), "{columns:?}");
        assert_eq!((columns[0].as_str(), columns[3].as_str()), ("k:f64", "late:bool"));
        assert_eq!(
            folder.rows(&info.view, 59_999, 5).cells.iter().map(|row| row[0].clone().unwrap()).collect::<Vec<_>>(),
            ["59999", "0.5"]
        );

        let mut frame =
            df!("k" => (0..400_000i64).collect::<Vec<_>>(), "t" => (0..400_000).map(|i| i % 7).collect::<Vec<i64>>())
                .unwrap();
        IpcWriter::new(std::fs::File::create(folder.dir.path().join("a.arrow")).unwrap()).finish(&mut frame).unwrap();
        let info = folder.open(OpenView { source: "a.arrow".into(), ..OpenView::default() }).unwrap();
        assert_eq!(folder.rows(&info.view, 10, 1).cells[0], [Some("10".to_owned()), Some("3".to_owned())]);
        let info = folder.whole("a.arrow");
        assert_eq!((info.num_rows, info.complete), (Some(400_000), true));
        assert_eq!(folder.rows(&info.view, 399_999, 5).cells, [[Some("399999".to_owned()), Some("5".to_owned())]]);
    }
}

#[test]
fn many_files_beyond_the_budget_are_one_table_all_the_same() {
    let folder = Folder::with_budget(400_000);
    for file in 0..5i64 {
        let mut frame =
            df!("k" => (0..20_000).map(|i| file * 20_000 + i).collect::<Vec<i64>>(), "v" => vec![file; 20_000])
                .unwrap();
        if file == 3 {
            frame.with_column(Series::new("late".into(), vec![true; 20_000]).into_column()).unwrap();
        }
        ParquetWriter::new(std::fs::File::create(folder.dir.path().join(format!("part-{file}.parquet"))).unwrap())
            .finish(&mut frame)
            .unwrap();
    }
    folder.write("part-5.csv", "k,v\n100000,5\n");
    let info = folder.whole("part-*");
    assert_eq!((info.num_rows, info.columns.len()), (Some(100_001), 3));
    let ks: Vec<String> = [0u64, 20_000, 59_999, 100_000]
        .iter()
        .map(|&at| folder.rows(&info.view, at, 1).cells[0][0].clone().unwrap())
        .collect();
    assert_eq!(ks, ["0", "20000", "59999", "100000"]);
}

#[test]
fn a_step_that_makes_too_much_is_kept_outside_of_memory() {
    let folder = Folder::with_budget(2_000_000);
    folder.write("a.csv", (0..1_000).fold(String::from("k,v\n"), |text, i| text + &format!("{i},1\n")));
    folder.write("b.csv", (0..1_000).fold(String::from("v,w\n"), |text, i| text + &format!("1,{i}\n")));
    let step =
        serde_json::from_value(serde_json::json!({"id": "s", "op": "join", "params": {"table": "b.csv", "on": ["v"]}}))
            .unwrap();
    let info = folder.open(OpenView { source: "a.csv".into(), steps: vec![step], ..OpenView::default() }).unwrap();
    assert_eq!(info.num_rows, Some(1_000_000));
    let row = folder.rows(&info.view, 999_999, 1).cells[0].clone();
    assert_eq!(row, [Some("999".to_owned()), Some("1".to_owned()), Some("999".to_owned())]);
}

#[test]
fn a_query_whose_result_is_too_large_is_refused_with_its_remedy() {
    let folder = Folder::with_budget(2_000_000);
    folder.write("a.csv", (0..1_000).fold(String::from("k\n"), |text, i| text + &format!("{i}\n")));
    let query = "sql:SELECT a.k, b.k AS j FROM \"a.csv\" a CROSS JOIN \"a.csv\" b";
    let error = folder.open(OpenView { source: query.into(), ..OpenView::default() }).unwrap_err();
    assert!(error.contains("add a LIMIT or a WHERE"), "{error}");
}

#[test]
fn a_step_is_cancelled_within_it() {
    let folder = Folder::with_budget(2_000_000);
    folder.write("a.csv", (0..14_000).fold(String::from("k,v\n"), |text, i| text + &format!("{i},1\n")));
    let step: Step =
        serde_json::from_value(serde_json::json!({"id": "s", "op": "join", "params": {"table": "a.csv", "on": ["v"]}}))
            .unwrap();
    let work = || {
        folder.explorer.open_view(
            OpenView {
                source: "a.csv".into(),
                steps: vec![step.clone()],
                request: "long".into(),
                ..OpenView::default()
            },
            &folder,
        )
    };
    let made = std::thread::scope(|scope| {
        let running = scope.spawn(work);
        while !running.is_finished() {
            folder.explorer.cancel("long");
            std::thread::yield_now();
        }
        running.join().unwrap()
    });
    assert!(made.unwrap_err().is_cancelled());
}
