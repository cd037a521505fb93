//! Objects: content, ETags, names of every kind, parts, and what a restart finds.

use atelier_store::buckets::ListObjects;
use atelier_store::{Buckets, PutOptions, Store, StoreError};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

fn buckets() -> (tempfile::TempDir, Buckets) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store.buckets().create("bucket").unwrap();
    (home, store.buckets())
}

fn put(buckets: &Buckets, key: &str, content: &[u8]) {
    buckets.put_bytes("bucket", key, content, PutOptions::default()).unwrap();
}

fn content(buckets: &Buckets, key: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    buckets.get("bucket", key).unwrap().file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn keys(buckets: &Buckets) -> Vec<String> {
    let page = buckets.list_objects("bucket", &ListObjects::default()).unwrap();
    page.objects.into_iter().map(|object| object.key).collect()
}

#[test]
fn buckets_come_and_go() {
    let (_home, buckets) = buckets();
    assert!(matches!(buckets.create("bucket"), Err(StoreError::BucketExists(_))));
    assert!(matches!(buckets.create("../up"), Err(StoreError::BadBucketName(_))));
    assert!(matches!(buckets.delete("none"), Err(StoreError::NoSuchBucket(_))));
    put(&buckets, "a/b", b"x");
    assert!(matches!(buckets.delete("bucket"), Err(StoreError::BucketNotEmpty(_))));
    assert!(buckets.remove("bucket", "a/b").unwrap());
    assert!(!buckets.remove("bucket", "a/b").unwrap());
    buckets.delete("bucket").unwrap();
    assert!(buckets.head("bucket").unwrap().is_none());
    assert!(matches!(buckets.put("bucket", "a", PutOptions::default()), Err(StoreError::NoSuchBucket(_))));
}

#[test]
fn an_object_and_what_it_says() {
    let (_home, buckets) = buckets();
    let options = PutOptions {
        content_type: Some("text/csv".into()),
        user: BTreeMap::from([("owner".into(), "me".into())]),
        checksums: BTreeMap::from([("CRC32".into(), "AAAA".into())]),
        ..PutOptions::default()
    };
    let written = buckets.put_bytes("bucket", "data/a.csv", b"hello", options).unwrap();
    assert_eq!(written.etag, "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(buckets.head_object("bucket", "data/a.csv").unwrap(), written);
    let plain = std::fs::read(buckets.dir("bucket").join("data/a.csv")).unwrap();
    assert_eq!(plain, b"hello", "a person finds the object as a file");
    assert!(matches!(buckets.get("bucket", "data"), Err(StoreError::NoSuchKey { .. })));
    assert!(matches!(buckets.get("none", "data"), Err(StoreError::NoSuchBucket(_))));
    let copied = buckets.copy(("bucket", "data/a.csv"), ("bucket", "copy"), None).unwrap();
    assert_eq!((copied.etag, copied.user), (written.etag, written.user));
    assert_eq!(content(&buckets, "copy"), b"hello");
}

#[test]
fn an_open_object_does_not_change() {
    let (_home, buckets) = buckets();
    put(&buckets, "a", b"old");
    let mut open = buckets.get("bucket", "a").unwrap();
    put(&buckets, "a", b"new!");
    buckets.remove("bucket", "a").unwrap();
    let mut text = String::new();
    open.file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "old");
}

#[test]
fn conditions() {
    let (_home, buckets) = buckets();
    let absent = || PutOptions { only_if_absent: true, ..PutOptions::default() };
    let etag = |etag: &str| PutOptions { only_if_etag: Some(etag.into()), ..PutOptions::default() };
    let first = buckets.put_bytes("bucket", "a", b"1", absent()).unwrap();
    assert!(matches!(buckets.put_bytes("bucket", "a", b"2", absent()), Err(StoreError::KeyExists { .. })));
    assert!(matches!(buckets.put_bytes("bucket", "a", b"2", etag("other")), Err(StoreError::EtagDiffers { .. })));
    assert_eq!(content(&buckets, "a"), b"1");
    buckets.put_bytes("bucket", "a", b"2", etag(&first.etag)).unwrap();
    assert_eq!(content(&buckets, "a"), b"2");
}

#[test]
fn every_name_is_a_name() {
    let (home, buckets) = buckets();
    let long = format!("{}/x", "n".repeat(300));
    let names = [
        "a",
        "a/b",
        "a/b/c",
        "a/",
        "a//b",
        "/a",
        "/",
        ".",
        "..",
        "../../etc/passwd",
        "a/../b",
        "a/./b",
        "with space",
        "ünï",
        "line\nbreak",
        "back\\slash",
        ".atelier-keys",
        ".atelier-keys/x",
        "x.",
        "CON",
        "a?b*c",
        &long,
    ];
    for name in names {
        put(&buckets, name, name.as_bytes());
    }
    let check = |buckets: &Buckets| {
        for name in names {
            assert_eq!(content(buckets, name), name.as_bytes(), "{name:?}");
        }
        let mut sorted = names.map(str::to_owned);
        sorted.sort();
        assert_eq!(keys(buckets), sorted);
    };
    check(&buckets);
    drop(buckets);
    let buckets = Store::open(home.path()).unwrap().buckets();
    check(&buckets);
    // In the other order too: the longer key first, and then the file where its directory is.
    buckets.create("other").unwrap();
    for name in ["x/1", "x"] {
        buckets.put_bytes("other", name, name.as_bytes(), PutOptions::default()).unwrap();
    }
    for name in names {
        buckets.remove("bucket", name).unwrap();
    }
    assert!(keys(&buckets).is_empty());
    let outside: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(outside.iter().all(|name| name != "etc" && name != "b"), "{outside:?}");
    assert!(matches!(buckets.put("bucket", "", PutOptions::default()), Err(StoreError::BadKey(0))));
    assert!(matches!(buckets.put("bucket", &"k".repeat(1025), PutOptions::default()), Err(StoreError::BadKey(1025))));
}

#[test]
fn a_strangers_file_is_not_overwritten() {
    let (_home, buckets) = buckets();
    let dir = buckets.dir("bucket");
    std::fs::create_dir_all(dir.join("full/of")).unwrap();
    std::fs::write(dir.join("full/of/theirs"), "theirs").unwrap();
    std::fs::write(dir.join("file"), "theirs").unwrap();
    std::fs::create_dir(dir.join("empty")).unwrap();
    for key in ["full", "file/below", "empty"] {
        put(&buckets, key, b"ours");
        assert_eq!(content(&buckets, key), b"ours", "{key}");
    }
    assert_eq!(std::fs::read(dir.join("full/of/theirs")).unwrap(), b"theirs");
    assert_eq!(std::fs::read(dir.join("file")).unwrap(), b"theirs");
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    let (home, buckets) = buckets();
    let mut writer = buckets.put("bucket", "a", PutOptions::default()).unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    assert!(keys(&buckets).is_empty());
    assert_eq!(std::fs::read_dir(home.path().join("staging")).unwrap().count(), 0);
}

#[test]
fn parts() {
    let (home, buckets) = buckets();
    let options = PutOptions { content_type: Some("x/y".into()), ..PutOptions::default() };
    let upload = buckets.create_multipart("bucket", "big", options).unwrap();
    let part = |number: u32, content: &[u8]| {
        let mut writer = buckets.put_part("bucket", &upload, number).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().etag
    };
    let (big, small) = (vec![b'x'; 5 << 20], b"tail".to_vec());
    part(1, b"replaced below");
    let first = part(1, &big);
    let second = part(3, &small);
    part(7, b"never named");
    let listed = buckets.list_parts("bucket", &upload, 0, 100).unwrap();
    assert_eq!(listed.iter().map(|part| (part.number, part.size)).collect::<Vec<_>>(), [(1, 5 << 20), (3, 4), (7, 11)]);
    assert_eq!(buckets.list_uploads("bucket", "b").unwrap().len(), 1);
    let complete = |parts: &[(u32, &str)]| {
        let parts: Vec<_> = parts.iter().map(|(number, etag)| (*number, (*etag).to_owned())).collect();
        buckets.complete_multipart("bucket", "big", &upload, &parts)
    };
    assert!(matches!(complete(&[(3, &second), (1, &first)]), Err(StoreError::BadPartOrder)));
    assert!(matches!(complete(&[(1, &second)]), Err(StoreError::BadPart(1))));
    assert!(matches!(complete(&[(2, &second)]), Err(StoreError::BadPart(2))));
    assert!(matches!(
        complete(&[(3, &second), (7, &second)]),
        Err(StoreError::PartTooSmall { number: 3, .. } | StoreError::BadPart(7))
    ));
    let meta = complete(&[(1, &first), (3, &second)]).unwrap();
    // The MD5 of both binary digests, as S3 computes it.
    assert!(meta.etag.ends_with("-2") && meta.etag.len() == 34, "{}", meta.etag);
    assert_eq!((meta.size, meta.content_type.as_deref()), ((5 << 20) + 4, Some("x/y")));
    assert_eq!(content(&buckets, "big"), [big, small].concat());
    assert!(matches!(complete(&[(1, &first)]), Err(StoreError::NoSuchUpload(_))));
    let other = buckets.create_multipart("bucket", "dropped", PutOptions::default()).unwrap();
    buckets.put_part("bucket", &other, 1).unwrap().finish().unwrap();
    buckets.abort_multipart("bucket", &other).unwrap();
    assert_eq!(std::fs::read_dir(home.path().join("staging")).unwrap().count(), 0);
}

#[test]
fn uploads_survive_a_restart() {
    let (home, buckets) = buckets();
    let upload = buckets.create_multipart("bucket", "big", PutOptions::default()).unwrap();
    let empty = buckets.create_multipart("bucket", "later", PutOptions::default()).unwrap();
    let mut writer = buckets.put_part("bucket", &upload, 1).unwrap();
    writer.write_all(b"kept").unwrap();
    let etag = writer.finish().unwrap().etag;
    drop(buckets);
    let buckets = Store::open(home.path()).unwrap().buckets();
    buckets.put_part("bucket", &empty, 1).unwrap().finish().unwrap();
    buckets.complete_multipart("bucket", "big", &upload, &[(1, etag)]).unwrap();
    assert_eq!(content(&buckets, "big"), b"kept");
}

#[test]
fn many_writers_of_few_keys() {
    let (home, buckets) = buckets();
    std::thread::scope(|scope| {
        for thread in 0..6u8 {
            let buckets = &buckets;
            scope.spawn(move || {
                for n in 0..40usize {
                    let key = ["a/b", "a/c/d", "a"][(n + thread as usize) % 3];
                    match n % 4 {
                        3 => drop(buckets.remove("bucket", key).unwrap()),
                        _ => put(buckets, key, &vec![thread; 1000 + thread as usize]),
                    }
                    // What a reader sees is one write, whole.
                    if let Ok(mut object) = buckets.get("bucket", key) {
                        let mut bytes = Vec::new();
                        object.file.read_to_end(&mut bytes).unwrap();
                        assert_eq!(bytes.len() as u64, object.meta.size);
                        assert!(bytes.iter().all(|byte| *byte == bytes[0]));
                        assert_eq!(bytes.len(), 1000 + bytes[0] as usize);
                    }
                }
            });
        }
    });
    let before: Vec<_> = keys(&buckets).iter().map(|key| content(&buckets, key)).collect();
    drop(buckets);
    let buckets = Store::open(home.path()).unwrap().buckets();
    let after: Vec<_> = keys(&buckets).iter().map(|key| content(&buckets, key)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_file_taken_away_by_hand_is_named() {
    let (_home, buckets) = buckets();
    put(&buckets, "a", b"x");
    std::fs::remove_file(Path::new(&buckets.dir("bucket")).join("a")).unwrap();
    let error = buckets.get("bucket", "a").unwrap_err();
    assert!(error.to_string().starts_with("the file of the object bucket/a is gone from "), "{error}");
}
