//! Documents: what is acknowledged is there, lists page without gaps, changes happen together or not at all.

use atelier_store::{Doc, ListQuery, Sort, Store, StoreError};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    (home, store)
}

#[test]
fn insert_get_update_delete() {
    let (_home, store) = store();
    store.insert("model", "a", "New", &1).unwrap();
    let error = store.insert("model", "a", "New", &2).unwrap_err();
    assert_eq!(error.to_string(), "a model named a exists already");
    store.insert("endpoint", "a", "", &"another kind").unwrap();
    let old = store.get::<i32>("model", "a").unwrap().unwrap();
    let doubled = store.update("model", "a", |doc: &mut Doc<i32>| {
        doc.body *= 20;
        doc.status = "Old".into();
        doc.body * 2
    });
    assert_eq!(doubled.unwrap(), Some(40));
    let doc = store.get::<i32>("model", "a").unwrap().unwrap();
    assert_eq!((doc.body, doc.status.as_str(), doc.created_ms), (20, "Old", old.created_ms));
    assert!(doc.modified_ms >= old.modified_ms);
    assert_eq!(store.update("model", "b", |_: &mut Doc<i32>| ()).unwrap(), None);
    assert!(store.delete("model", "a").unwrap());
    assert!(!store.delete("model", "a").unwrap());
    assert!(store.get::<i32>("model", "a").unwrap().is_none());
}

#[test]
fn a_transaction_is_whole_or_nothing() {
    let (_home, store) = store();
    store.insert("model", "a", "", &1).unwrap();
    let result = store.transaction(|tx| {
        tx.insert("tags", "a", "", &["x"])?;
        tx.delete("model", "a")?;
        tx.insert("tags", "a", "", &["y"])
    });
    assert!(matches!(result, Err(StoreError::Exists { .. })));
    assert!(store.get::<i32>("model", "a").unwrap().is_some());
    assert!(store.get::<Vec<String>>("tags", "a").unwrap().is_none());
}

#[test]
fn a_panic_in_a_change_is_the_callers_own() {
    let (_home, store) = store();
    store.insert("model", "a", "", &1).unwrap();
    let panicking = store.clone();
    let caught = std::thread::spawn(move || {
        panicking.update("model", "a", |doc: &mut Doc<i32>| {
            doc.body = 2;
            panic!("on purpose");
        })
    });
    assert!(caught.join().is_err());
    assert_eq!(store.get::<i32>("model", "a").unwrap().unwrap().body, 1);
}

#[test]
fn many_writers_lose_nothing() {
    let (home, store) = store();
    store.insert("counter", "c", "", &0).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..50 {
                    store.insert("doc", &format!("{thread}-{n}"), "", &n).unwrap();
                    store.update("counter", "c", |doc: &mut Doc<i32>| doc.body += 1).unwrap();
                }
            });
        }
    });
    drop(store);
    let store = Store::open(home.path()).unwrap();
    assert_eq!(store.get::<i32>("counter", "c").unwrap().unwrap().body, 400);
    let all = store.list::<i32>("doc", &ListQuery { limit: 1000, ..ListQuery::default() }).unwrap();
    assert_eq!(all.docs.len(), 400);
}

#[test]
fn filters() {
    let (_home, store) = store();
    for (name, status) in [("train-1", "Failed"), ("train-2", "Completed"), ("other", "Completed")] {
        store.insert("job", name, status, &()).unwrap();
    }
    let check = |query: ListQuery, expected: &[&str]| {
        let page = store.list::<()>("job", &ListQuery { sort: Sort::Name, ..query.clone() }).unwrap();
        let names: Vec<_> = page.docs.iter().map(|doc| doc.name.as_str()).collect();
        assert_eq!(names, expected, "{query:?}");
    };
    check(ListQuery::default(), &["other", "train-1", "train-2"]);
    check(ListQuery { name_contains: Some("train".into()), ..ListQuery::default() }, &["train-1", "train-2"]);
    check(ListQuery { name_contains: Some("%".into()), ..ListQuery::default() }, &[]);
    check(ListQuery { status: Some("Completed".into()), ..ListQuery::default() }, &["other", "train-2"]);
    check(ListQuery { created_after: Some(i64::MAX), ..ListQuery::default() }, &[]);
    check(
        ListQuery { created_before: Some(i64::MAX), descending: true, ..ListQuery::default() },
        &["train-2", "train-1", "other"],
    );
    let foreign = ListQuery { after: Some("nonsense".into()), ..ListQuery::default() };
    assert!(matches!(store.list::<()>("job", &foreign), Err(StoreError::BadCursor(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Pages of any size, in any order, hold every document once and in order.
    #[test]
    fn pages_are_a_partition(
        names in prop::collection::btree_set("[a-z]{1,4}", 0..30),
        limit in 1usize..12,
        descending: bool,
        sort in prop_oneof![Just(Sort::Name), Just(Sort::Created), Just(Sort::Modified), Just(Sort::Status)],
    ) {
        let (_home, store) = store();
        let inserted = names.clone();
        store.transaction(move |tx| {
            inserted.iter().try_for_each(|name| tx.insert("k", name, &name[..1], &()))
        }).unwrap();
        let mut seen = Vec::new();
        let mut query = ListQuery { sort, descending, limit, ..ListQuery::default() };
        loop {
            let page = store.list::<()>("k", &query).unwrap();
            prop_assert!(page.docs.len() <= limit);
            seen.extend(page.docs);
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let keys: Vec<_> = seen.iter().map(|doc| match sort {
            Sort::Name => (0, String::new(), doc.name.clone()),
            Sort::Created => (doc.created_ms, String::new(), doc.name.clone()),
            Sort::Modified => (doc.modified_ms, String::new(), doc.name.clone()),
            Sort::Status => (0, doc.status.clone(), doc.name.clone()),
        }).collect();
        let ordered = keys.windows(2).all(|pair| if descending { pair[0] > pair[1] } else { pair[0] < pair[1] });
        prop_assert!(ordered);
        prop_assert_eq!(seen.into_iter().map(|doc| doc.name).collect::<BTreeSet<_>>(), names);
    }
}
