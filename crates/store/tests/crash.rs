//! A writer dies at every named point, at every passage; what it acknowledged is there afterwards, and nothing is half.

#![cfg(debug_assertions)] // Other builds have no points to die at.

use atelier_store::buckets::ListObjects;
use atelier_store::crash::STORE;
use atelier_store::{Store, StoreError};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::Command;

/// Dies at the point; false if the writer came to its end before.
fn check(point: &str) -> bool {
    let home = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let writer = exe.parent().unwrap().parent().unwrap().join("examples/writer");
    let output = Command::new(writer).arg(home.path()).env("ATELIER_CRASH_AT", point).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut acknowledged = BTreeMap::new();
    for line in said.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["put", key, content] => drop(acknowledged.insert(key.to_owned(), content.to_owned())),
            ["remove", key] => drop(acknowledged.remove(key)),
            _ => panic!("{line}"),
        }
    }
    let store = Store::open(home.path()).unwrap();
    let buckets = store.buckets();
    let listed = match buckets.list_objects("bucket", &ListObjects::default()) {
        Ok(page) => page.objects,
        Err(StoreError::NoSuchBucket(_)) if said.is_empty() => Vec::new(),
        Err(error) => panic!("{point}: {error}"),
    };
    let mut found = BTreeMap::new();
    for meta in listed {
        let mut text = String::new();
        buckets.get("bucket", &meta.key).unwrap().file.read_to_string(&mut text).unwrap();
        assert_eq!(text.len() as u64, meta.size, "{point}: {}", meta.key);
        found.insert(meta.key, text);
    }
    // The one step under way when it died may have happened or not; every other is as acknowledged.
    let differing: Vec<_> = acknowledged
        .keys()
        .chain(found.keys())
        .filter(|key| acknowledged.get(*key) != found.get(*key))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    assert!(differing.len() <= 1, "{point}: acknowledged {acknowledged:?}, found {found:?}");
    let died = !output.status.success();
    assert!(died || differing.is_empty(), "{point}: {differing:?}");
    // No file without a row, none left in staging but the parts of an unfinished upload.
    let files = walkdir::WalkDir::new(home.path().join("buckets")).into_iter().flatten();
    assert_eq!(files.filter(|entry| entry.file_type().is_file()).count(), found.len(), "{point}");
    let parts = buckets.list_uploads("bucket", "").unwrap_or_default().len();
    let staged = walkdir::WalkDir::new(home.path().join("staging")).into_iter().flatten();
    assert!(staged.filter(|entry| entry.file_type().is_file()).count() <= parts, "{point}");
    died
}

#[test]
fn every_passage_of_every_point() {
    for point in STORE {
        let mut passages = 0;
        while check(&format!("{point}#{}", passages + 1)) {
            passages += 1;
        }
        assert!(passages > 0, "{point} is never reached");
    }
}
