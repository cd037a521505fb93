//! Whatever is put comes back, for generated tables and vectors.

use atelier_bridge::{Array, Bridge, Bytes, Get, Put, Value};
use polars::prelude::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn bridge() -> (tempfile::TempDir, Bridge) {
    let home = tempfile::tempdir().unwrap();
    let bridge = Bridge::at(home.path().join("bridge"));
    (home, bridge)
}

fn check<T: Put + Get + PartialEq + std::fmt::Debug>(thing: T) {
    let (_home, bridge) = bridge();
    bridge.put("x", &thing).unwrap();
    assert_eq!(bridge.get::<T>("x").unwrap(), thing);
}

fn check_table(table: DataFrame) {
    let (_home, bridge) = bridge();
    bridge.put("t", &table).unwrap();
    let got: DataFrame = bridge.get("t").unwrap();
    assert_eq!(got.schema(), table.schema());
    assert!(got.equals_missing(&table), "{got} is not {table}");
}

/// Columns of every kind that polars holds, with missing values, of one length.
fn table() -> impl Strategy<Value = DataFrame> {
    (0_usize..40).prop_flat_map(|rows| {
        let options = |strategy: BoxedStrategy<i64>| proptest::collection::vec(proptest::option::of(strategy), rows);
        (
            options(any::<i64>().boxed()),
            proptest::collection::vec(proptest::option::of(any::<f64>()), rows),
            proptest::collection::vec(proptest::option::of(any::<bool>()), rows),
            proptest::collection::vec(proptest::option::of(".{0,30}"), rows),
            proptest::collection::vec(proptest::option::of("[a-c]"), rows),
            options((-100_000_000_000_000_i64..100_000_000_000_000).boxed()),
            proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<i32>(), 0..4)), rows),
        )
            .prop_map(move |(ints, floats, flags, texts, kinds, times, lists)| {
                let time = Column::new("time".into(), times.clone());
                let list = |list: Option<Vec<i32>>| list.map(|list| Series::new("".into(), list));
                let lists: ListChunked = lists.into_iter().map(list).collect();
                let lists = lists.into_series().cast(&DataType::List(DataType::Int32.into())).unwrap();
                let zone = TimeZone::opt_try_new(Some("Europe/Berlin")).unwrap();
                let categories = DataType::from_categories(Categories::global());
                DataFrame::new(
                    rows,
                    vec![
                        Column::new("int".into(), ints.clone()),
                        Column::new("small".into(), ints).cast(&DataType::Int8).unwrap(),
                        Column::new("float".into(), floats),
                        Column::new("flag".into(), flags),
                        Column::new("text".into(), texts),
                        Column::new("kind".into(), kinds).cast(&categories).unwrap(),
                        time.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).unwrap().with_name("zoned".into()),
                        time.cast(&DataType::Duration(TimeUnit::Nanoseconds)).unwrap().with_name("span".into()),
                        time.cast(&DataType::Decimal(38, 3)).unwrap().with_name("money".into()),
                        lists.with_name("list".into()).into(),
                        time,
                    ],
                )
                .unwrap()
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn tables_come_back(table in table()) {
        check_table(table);
    }

    #[test]
    fn numbers_come_back(values in proptest::collection::vec(any::<i64>(), 0..50)) {
        check(values);
    }

    #[test]
    fn missing_numbers_come_back(values in proptest::collection::vec(proptest::option::of(any::<u16>()), 0..50)) {
        check(values);
    }

    #[test]
    fn texts_come_back(values in proptest::collection::vec(".*", 0..20)) {
        check(values);
    }

    #[test]
    fn maps_come_back(map in proptest::collection::btree_map(".*", proptest::option::of(any::<u32>()), 0..10)) {
        check::<BTreeMap<String, Option<u32>>>(map);
    }

    #[test]
    fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        check(Bytes(bytes));
    }
}

#[test]
fn plain_values_come_back() {
    check(true);
    check(-3_i8);
    check(u64::MAX);
    check(0.1_f64);
    check(f64::NEG_INFINITY);
    check("ü\n\0".to_owned());
    check(serde_json::json!({"a": [1, null, "x"]}));
    check(Value((1, "pair".to_owned())));
    check(Array { shape: vec![2, 0, 3], values: Vec::<f32>::new() });
    check(Array { shape: vec![2, 2], values: vec![true, false, false, true] });
}

#[test]
fn odd_tables_come_back() {
    check_table(DataFrame::empty());
    check_table(DataFrame::empty_with_height(3));
    check_table(df!("a" => Vec::<String>::new(), "b" => Vec::<i64>::new()).unwrap());
    check_table(df!("n" => [None::<i64>, None]).unwrap());
    let mut pieces = df!("n" => [1, 2], "s" => ["a", "b"]).unwrap();
    pieces.vstack_mut(&df!("n" => [3], "s" => ["c"]).unwrap()).unwrap();
    check_table(pieces);
    let inner = df!("a" => [1, 2], "b" => ["x", "y"]).unwrap().into_struct("s".into()).into_series();
    check_table(DataFrame::new(2, vec![inner.into()]).unwrap());
}

#[test]
fn an_array_gives_its_column_in_wider_types_only() {
    let (_home, bridge) = bridge();
    bridge.put("x", &[1_i32, 2]).unwrap();
    assert_eq!(bridge.get::<Vec<i64>>("x").unwrap(), [1, 2]);
    assert_eq!(bridge.get::<Vec<f64>>("x").unwrap(), [1.0, 2.0]);
    let error = bridge.get::<Vec<u8>>("x").unwrap_err().to_string();
    assert_eq!(error, "x is a column of i32, not Vec<u8>.");
    bridge.put("x", &[Some(1.5), None]).unwrap();
    let error = bridge.get::<Vec<f64>>("x").unwrap_err().to_string();
    assert_eq!(error, "x is a column with 1 missing values, not Vec<f64>: ask for Vec<Option<f64>>.");
    bridge.put("x", "text").unwrap();
    let error = bridge.get::<DataFrame>("x").unwrap_err().to_string();
    assert_eq!(error, "x is a plain value (str), not a table.");
}

#[test]
fn names_go_and_come() {
    let (home, bridge) = bridge();
    assert!(bridge.names().unwrap().is_empty());
    bridge.put("b.c", &1).unwrap();
    bridge.put("a", &vec![1.0]).unwrap();
    assert_eq!(bridge.names().unwrap(), ["a", "b.c"]);
    assert!(bridge.entry("a").unwrap().manifest.producer.is_alive());
    bridge.delete("a").unwrap();
    assert_eq!(bridge.delete("a").unwrap_err().to_string(), "Nothing on the bridge is named a. There is b.c.");
    bridge.put("b.c", &2).unwrap();
    std::fs::write(bridge.folder().join("notes.txt"), "mine").unwrap();
    bridge.clear().unwrap();
    let left: Vec<_> = std::fs::read_dir(bridge.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["notes.txt"], "somebody else's file stays");
    std::fs::remove_file(bridge.folder().join("notes.txt")).unwrap();
    bridge.clear().unwrap();
    bridge.clear().unwrap();
    assert!(!home.path().join("bridge").exists());
}

#[test]
fn an_entry_outlives_its_name() {
    let (_home, bridge) = bridge();
    bridge.put("x", &df!("n" => [1, 2]).unwrap()).unwrap();
    let entry = bridge.entry("x").unwrap();
    bridge.put("x", &0).unwrap();
    bridge.clear().unwrap();
    assert_eq!(entry.table().unwrap().height(), 2);
}
