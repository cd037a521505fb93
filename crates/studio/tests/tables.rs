//! Tables of every place through the wire: the workspace, a bucket, a prefix, a kernel's variable.

mod common;

use atelier_studio::bridge::{self, Bridge};
use atelier_wire::studio::data::view::{GetRows, GetStats, GetView, OpenView, ViewInfo};
use common::Bench;

/// Opens a source as the window does and waits until all of it has been read.
async fn open(bench: &Bench, source: &str) -> Result<ViewInfo, String> {
    let request = OpenView { source: source.to_owned(), ..OpenView::default() };
    let mut info = bench.window(request).await.map_err(|error| error.message)?;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !info.complete {
        assert!(std::time::Instant::now() < deadline, "{source} was not read: {info:?}");
        tokio::task::yield_now().await;
        info = bench.window(GetView { view: info.view }).await.map_err(|error| error.message)?;
    }
    Ok(info)
}

/// All rows, their cells joined by `,` and the rows by `;`, and `distinct missing` of the first column.
#[track_caller]
fn check(bench: &Bench, source: &str, rows: &str, first: &str) {
    let (got_rows, got_first) = tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let info = open(bench, source).await.unwrap();
            let window = bench
                .window(GetRows { view: info.view.clone(), offset: 0, limit: 100, columns: None, names: vec![] })
                .await
                .unwrap();
            let stats = bench
                .window(GetStats { view: info.view, column: info.columns[0].name.clone(), ..GetStats::default() })
                .await
                .unwrap();
            let row = |row: &Vec<Option<String>>| {
                row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(",")
            };
            let rows: Vec<String> = window.cells.iter().map(row).collect();
            (rows.join(";"), format!("{} {}", stats.num_distinct.unwrap(), stats.num_missing))
        })
    });
    assert_eq!((got_rows.as_str(), got_first.as_str()), (rows, first), "{source}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_wherever_data_is() {
    let bench = Bench::new().await;
    bench.put("sales/2024-01.csv", "k,v\n1,a\n2,b\n");
    bench.put("sales/2024-02.csv", "k,v\n2,c\n,d\n");
    bench.put("sales/_SUCCESS", "");
    bench.put("a b/\u{e9}t\u{e9}.csv", "x\n7\n");
    Bridge::at(bridge::folder(bench.home.path())).put("numbers", &vec![3i64, 1, 3]).unwrap();
    check(&bench, "s3://data/sales/2024-01.csv", "1,a;2,b", "2 0");
    check(&bench, "s3://data/sales/", "1,a;2,b;2,c;-,d", "2 1");
    check(&bench, "s3://data/a b/\u{e9}t\u{e9}.csv", "7", "1 0");
    check(&bench, "bridge:numbers", "3;1;3", "2 0");
    check(&bench, "sql:SELECT COUNT(*) AS n FROM \"s3://data/sales/\"", "4", "1 0");
    check(&bench, "sql:SELECT SUM(k) AS s FROM \"s3://data/sales/2024-01.csv\"", "3", "1 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let bench = Bench::new().await;
    for source in
        ["s3://data/none.csv", "s3://data/none/", "s3://nobody/none.csv", "bridge:none", "none.csv", "none/*.csv"]
    {
        let message = open(&bench, source).await.unwrap_err();
        assert!(message.contains("none"), "{source}: {message}");
    }
}
