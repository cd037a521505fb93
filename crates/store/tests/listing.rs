//! Listing against the simplest thing that could be right, and its speed with many keys.

use atelier_store::buckets::ListObjects;
use atelier_store::{Buckets, PutOptions, Store};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// All pages put together: objects and prefixes, each in order.
fn pages(
    buckets: &Buckets,
    prefix: &str,
    delimiter: Option<&str>,
    start: Option<&str>,
    max: usize,
) -> (Vec<String>, Vec<String>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    let mut after = start.map(str::to_owned);
    loop {
        let query = ListObjects { prefix, delimiter, after: after.as_deref(), max };
        let page = buckets.list_objects("bucket", &query).unwrap();
        assert!(page.objects.len() + page.prefixes.len() <= max);
        objects.extend(page.objects.into_iter().map(|object| object.key));
        prefixes.extend(page.prefixes);
        match page.next {
            Some(next) => after = Some(next),
            None => return (objects, prefixes),
        }
    }
}

fn reference(keys: &BTreeSet<String>, prefix: &str, delimiter: Option<&str>) -> (Vec<String>, Vec<String>) {
    let (mut objects, mut prefixes) = (Vec::new(), BTreeSet::new());
    for key in keys.iter().filter(|key| key.starts_with(prefix)) {
        match delimiter.and_then(|delimiter| Some(key[prefix.len()..].find(delimiter)? + delimiter.len())) {
            Some(end) => drop(prefixes.insert(key[..prefix.len() + end].to_owned())),
            None => objects.push(key.clone()),
        }
    }
    (objects, prefixes.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn as_the_reference(keys in prop::collection::btree_set("[ab/é]{1,5}", 1..14)) {
        let home = tempfile::tempdir().unwrap();
        let buckets = Store::open(home.path()).unwrap().buckets();
        buckets.create("bucket").unwrap();
        for key in &keys {
            buckets.put_bytes("bucket", key, b"", PutOptions::default()).unwrap();
        }
        for prefix in ["", "a", "a/", "/", "é", "b/a/"] {
            for delimiter in [None, Some("/"), Some("a"), Some("//")] {
                for max in [1, 2, 1000] {
                    prop_assert_eq!(
                        pages(&buckets, prefix, delimiter, None, max),
                        reference(&keys, prefix, delimiter),
                        "prefix {:?} delimiter {:?} max {}", prefix, delimiter, max
                    );
                }
            }
        }
        for start in &keys {
            let later = keys.iter().filter(|key| *key > start).cloned().collect();
            prop_assert_eq!(pages(&buckets, "", None, Some(start), 3), reference(&later, "", None));
        }
    }
}

#[test]
fn a_hundred_thousand_keys() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let buckets = store.buckets();
    buckets.create("bucket").unwrap();
    drop((buckets, store));
    // Rows alone: listing never opens a file, and making that many would take minutes of syncing.
    let conn = rusqlite::Connection::open(home.path().join("atelier.db")).unwrap();
    conn.execute_batch(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
         INSERT INTO objects SELECT 'bucket', printf('d%03d/k%05d', i / 100, i), printf('d%03d/k%05d', i / 100, i), 1, 'e', 0, '{}' FROM n;",
    )
    .unwrap();
    let buckets = Store::open(home.path()).unwrap().buckets();
    let check = |what: &str, prefix: &str, delimiter: Option<&str>, expected: (usize, usize)| {
        let (objects, prefixes) = pages(&buckets, prefix, delimiter, None, 1000);
        assert_eq!((objects.len(), prefixes.len()), expected, "{what}");
    };
    check("all keys in 100 pages", "", None, (100_000, 0));
    check("a thousand folders", "", Some("/"), (0, 1000));
    check("one folder", "d500/", Some("/"), (100, 0));
}
