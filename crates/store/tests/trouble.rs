//! What the data directory can do to us, and that the message says what to do about it.

use atelier_store::{PutOptions, Store, StoreError};
use std::process::Command;

fn refused(home: &std::path::Path) -> StoreError {
    match Store::open(home) {
        Ok(_) => panic!("{} was opened", home.display()),
        Err(error) => error,
    }
}

#[test]
fn a_home_that_is_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("home");
    std::fs::write(&file, "").unwrap();
    let message = refused(&file).to_string();
    assert!(message.starts_with("the data directory cannot be used: "), "{message}");
}

#[test]
fn a_database_that_is_none() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("atelier.db"), "this is no database, whatever its name says".repeat(100)).unwrap();
    assert_eq!(refused(dir.path()).to_string(), "the database failed: file is not a database");
}

#[test]
fn a_newer_format() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let conn = rusqlite::Connection::open(dir.path().join("atelier.db")).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    assert!(matches!(refused(dir.path()), StoreError::Newer { found: 999, .. }));
}

/// Runs one of the tests below in a mount namespace of its own, on a small file system mounted by `script`.
fn in_namespace(test: &str, script: &str) {
    let exe = std::env::current_exe().unwrap();
    let script = format!("{script} && exec {} --exact {test} --nocapture", exe.display());
    let possible = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if !possible {
        println!("{test}: no mount namespaces here, so nothing was tried");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let output =
        Command::new("unshare").args(["-rm", "sh", "-ec", &script]).env("SMALL_HOME", dir.path()).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_full_disk() {
    in_namespace("inside_a_full_disk", "mount -t tmpfs -o size=2m none $SMALL_HOME");
}

#[test]
fn inside_a_full_disk() {
    let Some(home) = std::env::var_os("SMALL_HOME") else { return };
    let store = Store::open(home.as_ref()).unwrap();
    let buckets = store.buckets();
    buckets.create("bucket").unwrap();
    buckets.put_bytes("bucket", "kept", b"kept", PutOptions::default()).unwrap();
    let full = |error: StoreError| {
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
        assert!(error.to_string().ends_with("is full: free some space and try again"), "{error}");
    };
    full(buckets.put_bytes("bucket", "big", &vec![1; 4 << 20], PutOptions::default()).unwrap_err());
    full(store.insert("doc", "big", "", &"x".repeat(4 << 20)).unwrap_err());
    // Nothing half-made is left, and what was there goes on.
    assert!(matches!(buckets.get("bucket", "big"), Err(StoreError::NoSuchKey { .. })));
    assert_eq!(std::fs::read_dir(store.home().join("staging")).unwrap().count(), 0);
    store.insert("doc", "small", "", &1).unwrap();
    assert_eq!(buckets.head_object("bucket", "kept").unwrap().size, 4);
    drop((buckets, store));
    let store = Store::open(home.as_ref()).unwrap();
    assert_eq!(store.get::<i32>("doc", "small").unwrap().unwrap().body, 1);
}

#[test]
fn a_read_only_home() {
    let mounts = "mount --bind $SMALL_HOME $SMALL_HOME && mount -o remount,bind,ro $SMALL_HOME";
    in_namespace("inside_a_read_only_home", mounts);
}

#[test]
fn inside_a_read_only_home() {
    let Some(home) = std::env::var_os("SMALL_HOME") else { return };
    let message = refused(home.as_ref()).to_string();
    assert!(message.starts_with("the data directory cannot be used: "), "{message}");
}
