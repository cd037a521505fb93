use super::workspace::Workspace;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A workspace `work` beside a folder `outside` with a secret, and a trash.
fn workspace() -> (TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("work/data")).unwrap();
    fs::create_dir_all(dir.path().join("outside")).unwrap();
    fs::write(dir.path().join("outside/secret.txt"), "secret").unwrap();
    fs::write(dir.path().join("work/data/a.csv"), "1,2\n").unwrap();
    let workspace = Workspace::open(&dir.path().join("work")).unwrap();
    (dir, workspace)
}

fn code<T: std::fmt::Debug>(result: Result<T, atelier_wire::Error>) -> String {
    result.unwrap_err().code
}

#[test]
fn a_path_that_leaves_the_workspace_is_refused() {
    let (dir, w) = workspace();
    let trash = dir.path().join("trash");
    let long = "x".repeat(256);
    for path in [
        "..",
        "../outside",
        "../outside/secret.txt",
        "data/../../outside/secret.txt",
        "/etc/passwd",
        "data//a.csv",
        "./data",
        "data/.",
        "a\\b",
        "a\0b",
        "data/",
        &long,
    ] {
        assert_eq!(code(w.list(path)), "ValidationException", "{path:?}");
        assert_eq!(code(w.read(path)), "ValidationException", "{path:?}");
        assert_eq!(code(w.write(path, "x", None)), "ValidationException", "{path:?}");
        assert_eq!(code(w.make_folder(path)), "ValidationException", "{path:?}");
        assert_eq!(code(w.rename("data", path)), "ValidationException", "{path:?}");
        assert_eq!(code(w.rename(path, "b")), "ValidationException", "{path:?}");
        assert_eq!(code(w.delete(path, &trash)), "ValidationException", "{path:?}");
    }
    assert_eq!(code(w.delete("", &trash)), "ValidationException");
    assert_eq!(fs::read_to_string(dir.path().join("outside/secret.txt")).unwrap(), "secret");
}

#[cfg(unix)]
#[test]
fn a_link_that_leaves_the_workspace_is_refused() {
    let (dir, w) = workspace();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, dir.path().join("work").join(name)).unwrap();
    link(&dir.path().join("outside"), "way-out");
    link(&dir.path().join("outside/secret.txt"), "secret.txt");
    link(&dir.path().join("outside/absent.txt"), "dangling.txt");
    link(&dir.path().join("work/data"), "inside");
    assert_eq!(code(w.list("way-out")), "ValidationException");
    assert_eq!(code(w.read("way-out/secret.txt")), "ValidationException");
    assert_eq!(code(w.read("secret.txt")), "ValidationException");
    assert_eq!(code(w.write("way-out/new.txt", "x", None)), "ValidationException");
    assert_eq!(code(w.write("dangling.txt", "x", None)), "ResourceInUse");
    assert_eq!(code(w.rename("data/a.csv", "way-out/a.csv")), "ValidationException");
    assert_eq!(w.read("inside/a.csv").unwrap().text, "1,2\n");
    let shown: Vec<_> = w.list("").unwrap().into_iter().map(|e| (e.name, e.folder)).collect();
    assert!(shown.contains(&("way-out".into(), false)) && shown.contains(&("inside".into(), true)), "{shown:?}");
    // A link goes to the trash itself; what it points at stays.
    w.delete("way-out", &dir.path().join("trash")).unwrap();
    assert!(dir.path().join("outside/secret.txt").exists());
}

#[test]
fn a_list_has_folders_first() {
    let (dir, w) = workspace();
    for name in ["b.txt", "A.txt", ".hidden"] {
        fs::write(dir.path().join("work").join(name), "x").unwrap();
    }
    let names = |path| w.list(path).unwrap().into_iter().map(|e| e.path).collect::<Vec<_>>();
    assert_eq!(names(""), ["data", "A.txt", "b.txt"]);
    assert_eq!(names("data"), ["data/a.csv"]);
    assert_eq!(code(w.list("absent")), "ResourceNotFound");
    assert_eq!(w.walk(10).len(), 3);
    assert_eq!(w.walk(1).len(), 1);
}

#[test]
fn a_write_needs_the_version_that_was_read() {
    let (dir, w) = workspace();
    let first = w.write("a.py", "one", None).unwrap();
    assert_eq!(code(w.write("a.py", "two", None)), "ResourceInUse");
    let second = w.write("a.py", "two", Some(&first.version)).unwrap();
    assert_eq!(code(w.write("a.py", "three", Some(&first.version))), "ResourceInUse");
    assert_eq!(w.read("a.py").unwrap(), second);
    fs::write(dir.path().join("work/a.py"), "by another program").unwrap();
    assert_eq!(code(w.write("a.py", "three", Some(&second.version))), "ResourceInUse");
    assert_eq!(w.read("a.py").unwrap().text, "by another program");
    assert_eq!(code(w.write("absent.py", "x", Some("v"))), "ResourceNotFound");
}

#[test]
fn what_is_not_text_is_not_opened() {
    let (dir, w) = workspace();
    fs::write(dir.path().join("work/b.bin"), [0xff, 0xfe, 0]).unwrap();
    fs::File::create(dir.path().join("work/huge.txt")).unwrap().set_len(17 << 20).unwrap();
    assert_eq!(code(w.read("b.bin")), "ValidationException");
    assert_eq!(code(w.read("huge.txt")), "ValidationException");
    assert_eq!(code(w.read("data")), "ValidationException");
    assert_eq!(code(w.read("absent.txt")), "ResourceNotFound");
}

#[test]
fn a_taken_name_gets_a_number() {
    let (_dir, w) = workspace();
    let make = |wish| w.make_numbered(wish, ".ipynb", b"{}").unwrap();
    assert_eq!(make("Untitled.ipynb"), "Untitled.ipynb");
    assert_eq!(make("Untitled.ipynb"), "Untitled 2.ipynb");
    assert_eq!(make("Untitled"), "Untitled 3.ipynb");
    assert_eq!(make("data/Untitled"), "data/Untitled.ipynb");
    assert_eq!(code(w.make_numbered("absent/x", ".ipynb", b"{}")), "ResourceNotFound");
}

#[test]
fn a_rename_takes_no_other_file_away() {
    let (_dir, w) = workspace();
    w.write("b.txt", "b", None).unwrap();
    w.rename("data/a.csv", "c.csv").unwrap();
    assert_eq!(w.read("c.csv").unwrap().text, "1,2\n");
    assert_eq!(code(w.rename("c.csv", "b.txt")), "ResourceInUse");
    assert_eq!(code(w.rename("absent", "d")), "ResourceNotFound");
    assert_eq!(code(w.rename("data", "data/below")), "ValidationException");
    assert_eq!(code(w.make_folder("data")), "ResourceInUse");
}

#[test]
fn the_trash_keeps_what_was_deleted() {
    let (dir, w) = workspace();
    let trash = dir.path().join("home/trash");
    w.delete("data", &trash).unwrap();
    w.make_folder("data").unwrap();
    w.delete("data", &trash).unwrap();
    let mut kept = 0;
    for entry in fs::read_dir(&trash).unwrap() {
        let place = entry.unwrap().path();
        assert_eq!(fs::read_to_string(place.join("origin.txt")).unwrap(), "data");
        kept += usize::from(place.join("content/data/a.csv").exists());
    }
    assert_eq!(kept, 1);
    assert_eq!(code(w.delete("data", &trash)), "ResourceNotFound");
}
