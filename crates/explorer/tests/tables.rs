//! Files as people have them, through the explorer's own interface.

use atelier_explorer::{ExploreError, Explorer, Sources};
use atelier_wire::studio::data::view::{ColumnStats, GetRows, GetStats, OpenView, ReadOptions, SortBy, ViewInfo};
use polars::prelude::*;
use std::io::Write;
use std::path::PathBuf;

struct Folder {
    dir: tempfile::TempDir,
    explorer: Explorer,
}

impl Sources for Folder {
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        Ok(vec![self.dir.path().join(source)])
    }
}

impl Folder {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), explorer: Explorer::new() }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Opens a source and waits until it has been read.
    fn whole(&self, source: &str, header: Option<bool>, sort: Vec<SortBy>) -> Result<ViewInfo, ExploreError> {
        let options = ReadOptions { header, ..ReadOptions::default() };
        let request = OpenView { source: source.to_owned(), options, sort, ..OpenView::default() };
        let view = self.explorer.open_view(request, self)?.view;
        self.explorer.frame(&view)?;
        self.explorer.info(&view)
    }

    fn open(&self, name: &str, bytes: &[u8], header: Option<bool>) -> Result<ViewInfo, String> {
        self.write(name, bytes);
        self.whole(name, header, Vec::new()).map_err(|error| error.to_string())
    }

    fn rows(&self, name: &str, offset: u64, limit: usize, sort: Option<(&str, bool)>) -> Vec<Vec<Option<String>>> {
        let sort = sort.map(|(column, descending)| SortBy { column: column.to_owned(), descending });
        let view = self.whole(name, None, sort.into_iter().collect()).unwrap().view;
        self.explorer.rows(&GetRows { view, offset, limit, columns: None, names: Vec::new() }).unwrap().cells
    }

    fn column(&self, name: &str, column: &str) -> Result<ColumnStats, String> {
        let view = self.whole(name, None, Vec::new()).unwrap().view;
        self.explorer
            .stats(&GetStats { view, column: column.to_owned(), ..GetStats::default() })
            .map_err(|error| error.to_string())
    }
}

/// Opens the bytes and compares `rows name:dtype name:dtype …`.
#[track_caller]
fn check(name: &str, bytes: &[u8], expected: &str) {
    let table = Folder::new().open(name, bytes, None).unwrap();
    let columns: Vec<String> = table.columns.iter().map(|c| format!("{}:{}", c.name, c.dtype)).collect();
    assert_eq!(format!("{} {}", table.num_rows.unwrap(), columns.join(" ")), expected);
}

/// Opens the bytes and compares the whole message.
#[track_caller]
fn check_error(name: &str, bytes: &[u8], expected: &str) {
    assert_eq!(Folder::new().open(name, bytes, None).unwrap_err(), expected);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn delimited_files() {
    check("a.csv", b"x,y,z\n1,0.5,red\n2,1.5,blue\n", "2 x:i64 y:f64 z:str");
    check("train.csv", b"24.0,0.00632,18\n21.6,0.02731,0\n", "2 column_1:f64 column_2:f64 column_3:i64");
    check("a.csv", b"id,when,ok\n1,2024-05-01,true\n2,2024-05-02,false\n", "2 id:i64 when:date ok:bool");
    check("a.tsv", b"x\ty\n1\t2\n", "1 x:i64 y:i64");
    check("a.csv", b"x;y\n1;a,b\n", "1 x:i64 y:str");
    check("a.csv", b"\xef\xbb\xbfx,y\r\n1,2\r\n", "1 x:i64 y:i64");
    check("a.csv", b"x,y\r1,2\r3,4\r", "2 x:i64 y:i64");
    check("a.csv", b"caf\xe9,y\n1,2\n", "1 café:i64 y:i64");
    check("a.csv.gz", &gzip(b"x,y\n1,2\n"), "1 x:i64 y:i64");
    check("test.csv.out", b"152.5\n99.25\n", "2 column_1:f64");
    check("a.csv", b"only,names\n", "0 only:str names:str");
    check("a.csv", b"x,y\n\"a\nb\",1\n", "1 x:str y:i64");
    check("adult", b"39, State-gov, 77516\n50, ?, 83311\n", "2 column_1:i64 column_2:str column_3:i64");
}

#[test]
fn a_late_row_widens_the_type() {
    let mut text = "x\n".to_owned();
    text.extend((0..5000).map(|i| format!("{i}\n")));
    text.push_str("0.5\n");
    check("a.csv", text.as_bytes(), "5001 x:f64");
}

#[test]
fn json_files() {
    check("a.json", br#"[{"x": 1, "y": "a"}, {"x": 2, "y": null}]"#, "2 x:i64 y:str");
    check("a.jsonl", b"{\"x\": 1.5}\n\n{\"x\": 2}\n", "2 x:f64");
    check("a.json", b"{\"x\": 1}\n{\"x\": 2}\n", "2 x:i64");
}

#[test]
fn parquet_files() {
    let mut frame = df!("x" => [1i64, 2, 3], "y" => [Some("a"), None, Some("c")]).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    check("a.parquet", &bytes, "3 x:i64 y:str");
    // The content decides, whatever the name says.
    check("part-0", &bytes, "3 x:i64 y:str");
    let error = Folder::new().open("a.parquet", &bytes[..bytes.len() / 2], None).unwrap_err();
    assert!(error.starts_with("a.parquet is not valid Parquet: "), "{error}");
}

#[test]
fn what_is_wrong_is_said() {
    check_error("a.csv", b"", "a.csv is empty: there is no row to show");
    check_error("a.csv", b" \n\n", "a.csv is empty: there is no row to show");
    check_error(
        "a.csv",
        b"a,b\n1,\x00\n",
        "a.csv is not a table this explorer reads (CSV, TSV, Parquet, JSON, JSON lines, Arrow, Excel): it holds binary data",
    );
    check_error("a.json", b"[{\"x\": 1},", "a.json is not valid JSON: EOF while parsing a value at line 1 column 10");
    check_error(
        "a.json",
        b"[1, 2]",
        "a.json is not valid JSON: element 1 is no object: a table is an array of objects",
    );
    check_error(
        "a.jsonl",
        b"{\"x\": 1}\nhello\n",
        "a.jsonl is not valid JSON lines: line 2 is no JSON object: expected value",
    );
    let cut = Folder::new().open("a.csv.gz", &gzip(b"x,y\n1,2\n")[..12], None).unwrap_err();
    assert!(cut.starts_with("a.csv.gz is not valid gzip: "), "{cut}");
}

#[test]
fn a_missing_file_and_column() {
    let folder = Folder::new();
    let error = folder.whole("no", None, Vec::new()).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.to_string(), "no could not be opened: no such file");
    folder.write("a.csv", b"x\n1\n");
    assert_eq!(folder.column("a.csv", "y").unwrap_err(), "a.csv has no column `y`");
}

#[test]
fn the_header_can_be_overridden() {
    let folder = Folder::new();
    let table = folder.open("a.csv", b"x,y\n1,2\n", Some(false)).unwrap();
    assert_eq!((table.options.header, table.num_rows), (Some(false), Some(2)));
    let table = folder.open("b.csv", b"1,2\n3,4\n", Some(true)).unwrap();
    assert_eq!((table.options.header, table.num_rows, table.columns[1].name.as_str()), (Some(true), Some(1), "2"));
}

#[test]
fn pages_and_order() {
    let folder = Folder::new();
    folder.open("a.csv", b"k,v\n3,c\n1,a\n,n\n3,d\n2,NA\n", None).unwrap();
    let keys = |sort| -> String {
        let rows = folder.rows("a.csv", 0, 10, sort);
        rows.iter().map(|row| row[1].clone().unwrap_or_else(|| "-".to_owned())).collect()
    };
    assert_eq!(keys(None), "cand-");
    assert_eq!(keys(Some(("k", false))), "a-cdn");
    assert_eq!(keys(Some(("k", true))), "cd-an");
    assert_eq!(folder.rows("a.csv", 1, 2, None).len(), 2);
    assert_eq!(folder.rows("a.csv", 4, 10, Some(("k", false))).len(), 1);
    assert_eq!(folder.rows("a.csv", u64::MAX, 10, None).len(), 0);
}

#[test]
fn cells_are_readable() {
    let folder = Folder::new();
    folder.open("a.csv", b"f,d,b\n0.1,2024-05-01,true\n1e300,2024-05-02,false\n", None).unwrap();
    let text = |row: &Vec<Option<String>>| row.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = folder.rows("a.csv", 0, 10, None).iter().map(text).collect();
    assert_eq!(rows, ["0.1 2024-05-01 true", "1e300 2024-05-02 false"]);
}

#[test]
fn statistics_follow_the_file() {
    let folder = Folder::new();
    folder.open("a.csv", b"x,d\n1,2024-05-01\n2,2024-05-03\n", None).unwrap();
    assert_eq!(folder.column("a.csv", "x").unwrap().max.as_deref(), Some("2"));
    let days = folder.column("a.csv", "d").unwrap();
    assert_eq!(days.high.unwrap() - days.low.unwrap(), 2.0 * 86_400.0);
    assert_eq!(days.max.as_deref(), Some("2024-05-03"));
    folder.write("a.csv", b"x,d\n1,2024-05-01\n2,2024-05-03\n9,2024-05-03\n");
    assert_eq!(folder.column("a.csv", "x").unwrap().max.as_deref(), Some("9"));
}

/// `distinct missing min max mean median` of one column.
#[track_caller]
fn check_stats(column: Series, expected: &str) {
    let folder = Folder::new();
    let mut frame = DataFrame::new(column.len(), vec![column.with_name("x".into()).into_column()]).unwrap();
    ParquetWriter::new(std::fs::File::create(folder.dir.path().join("a.parquet")).unwrap()).finish(&mut frame).unwrap();
    let stats = folder.column("a.parquet", "x").unwrap();
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let got = [
        stats.num_distinct.unwrap().to_string(),
        stats.num_missing.to_string(),
        text(&stats.min),
        text(&stats.max),
        number(stats.mean),
        number(stats.quantiles.get(2).copied()),
    ];
    assert_eq!(got.join(" "), expected, "{stats:?}");
    let num_present = stats.num_rows - stats.num_missing;
    assert!(stats.bins.is_empty() || (1..=num_present).contains(&stats.bins.iter().sum()), "{stats:?}");
}

#[test]
fn statistics_of_every_kind_of_number() {
    let name = || PlSmallStr::from_static("x");
    check_stats(Series::new(name(), [3i8, -1, 3]), "2 0 -1 3 1.6666666666666667 3");
    check_stats(Series::new(name(), [Some(7u32), None, Some(9)]), "2 1 7 9 8 8");
    check_stats(Series::new(name(), [0i64, i64::MAX - 1, 10]), "3 0 0 9223372036854775806 3074457345618258400 10");
    check_stats(
        Series::new(name(), [u64::MAX, 0]),
        "2 0 0 18446744073709551615 9223372036854776000 9223372036854776000",
    );
    check_stats(Series::new(name(), [0.25, 0.5, 0.25, f64::NAN]), "2 1 0.25 0.5 0.3333333333333333 0.25");
    check_stats(Series::new(name(), [1.0 / 3.0, 2.0 / 3.0, 2.0]), "3 0 0.3333333333333333 2 1 0.6666666666666666");
    check_stats(Series::new(name(), [0.1f32, 0.3]), "2 0 0.1 0.3 0.20000000670552254 0.20000000670552254");
    check_stats(Series::new(name(), [f64::INFINITY, 1.0, f64::NEG_INFINITY]), "3 0 -inf inf 1 1");
    check_stats(Series::new(name(), [f64::MAX, f64::MAX]), &format!("1 0 {0:e} {0:e} {0} {0}", f64::MAX));
    check_stats(Series::new(name(), [Option::<f64>::None, None]), "0 2 - - - -");
    let days = Series::new(name(), ["2024-05-01", "2024-05-03"]).cast(&DataType::Date).unwrap();
    check_stats(days, "2 0 2024-05-01 2024-05-03 1714608000 1714608000");
    let hours = Series::new(name(), [0i64, 3_600_000_000, 360_000_000_000_000])
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .unwrap();
    check_stats(hours, "3 0 1970-01-01 00:00:00 1981-05-29 16:00:00 120001200 3600");
    let prices = Series::new(name(), ["1.10", "2.30", "1.10"]).cast(&DataType::Decimal(10, 2)).unwrap();
    check_stats(prices, "2 0 1.10 2.30 1.5 1.1");
}
