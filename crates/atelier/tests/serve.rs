//! The command line as a script meets it: what it prints, and which code it ends with.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn atelier(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    command.args(args).env_remove("ATELIER_HOME").env("ATELIER_LOG", "off");
    command
}

fn run(args: &[&str]) -> Output {
    atelier(args).output().unwrap()
}

fn check(args: &[&str], code: i32, told: &str) {
    let output = run(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
    assert!(stderr.contains(told), "{args:?}: {stderr}");
    assert_eq!(stderr.trim().lines().count(), 1, "one clear message: {stderr}");
}

/// A backend of its own; killed when dropped.
struct Backend {
    child: Child,
    address: String,
}

impl Backend {
    fn start(home: &Path, port: &str) -> Backend {
        let mut child = atelier(&["serve", "--port", port, "--home"]).arg(home).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("atelier is ready at ").unwrap_or_else(|| panic!("{first}")).to_owned();
        let window = lines.next().unwrap().unwrap();
        assert!(window.starts_with(&format!("{address}/#token=")), "the second line is the window's address");
        Backend { child, address }
    }

    fn get(&self, path: &str) -> String {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_backends_life() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let path = home.to_str().unwrap();
    check(&["env", "--home", path], 7, "no backend runs");
    check(&["stop", "--home", path], 7, "no backend runs");

    let backend = Backend::start(&home, "0");
    assert!(backend.get("/health").contains(r#""status":"ok""#));
    check(&["serve", "--home", path], 4, &backend.address);
    let other = dir.path().join("other");
    let port = backend.address.rsplit(':').next().unwrap();
    check(&["serve", "--port", port, "--home", other.to_str().unwrap()], 3, "in use");

    let shell = String::from_utf8(run(&["env", "--home", path]).stdout).unwrap();
    assert!(shell.contains(&format!("export AWS_ENDPOINT_URL='{}'\n", backend.address)), "{shell}");
    let json = run(&["env", "--home", path, "--format", "json"]).stdout;
    let variables: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(variables["AWS_ENDPOINT_URL"], backend.address);
    assert!(variables["AWS_SECRET_ACCESS_KEY"].as_str().is_some_and(|key| key.len() == 40));

    assert_eq!(run(&["stop", "--home", path]).status.code(), Some(0));
    assert!(!home.join("backend.json").exists());
    check(&["env", "--home", path], 7, "no backend runs");
}

#[test]
fn a_killed_backend_comes_back_at_its_address() {
    let dir = tempfile::tempdir().unwrap();
    let first = Backend::start(dir.path(), "0");
    let address = first.address.clone();
    drop(first);
    check(&["env", "--home", dir.path().to_str().unwrap()], 7, "no backend runs");
    assert_eq!(Backend::start(dir.path(), "0").address, address);
}

#[test]
fn a_signal_ends_it_in_order() {
    let dir = tempfile::tempdir().unwrap();
    for signal in [nix::sys::signal::SIGTERM, nix::sys::signal::SIGINT] {
        let mut backend = Backend::start(dir.path(), "0");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(backend.child.id() as i32), signal).unwrap();
        assert_eq!(backend.child.wait().unwrap().code(), Some(0), "{signal}");
        assert!(!dir.path().join("backend.json").exists());
    }
}

#[test]
fn homes_that_cannot_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    check(&["serve", "--home", file.to_str().unwrap()], 5, "cannot be used");
    check(&["serve", "--home", "/proc/nowhere"], 5, "cannot be used");
    let damaged = dir.path().join("damaged");
    std::fs::create_dir(&damaged).unwrap();
    std::fs::create_dir(damaged.join("atelier.db")).unwrap();
    check(&["serve", "--home", damaged.to_str().unwrap()], 5, "cannot be used");
}

#[test]
fn the_help_names_the_codes() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    assert!(help.contains("Exit codes:") && !help.contains("job-runner"), "{help}");
}
