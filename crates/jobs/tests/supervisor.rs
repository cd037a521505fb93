//! Jobs as real processes, through every phase.

mod common;

use atelier_jobs::{Change, Form, JobError, JobEvent, Jobs, Output, Source, Status};
use common::{Bench, KIND, backend, channel, eventually, lives, open, shell};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn trains_and_uploads() {
    let bench = Bench::new();
    bench.put("train/a.csv", b"1,2\n");
    bench.put("train/sub/b.csv", b"3,4\n");
    let script = "cd /opt/ml; cat input/data/train/a.csv input/data/train/sub/b.csv input/config/hyperparameters.json; echo;
        echo $GREETING; echo '[0] rmse=0.5'; echo '[1] rmse=0.25' >&2; echo weights > model/weights; ls /opt > /dev/null";
    let mut spec = shell("happy", script);
    spec.inputs = vec![channel("train", "s3://data/train")];
    spec.config = vec![("input/config/hyperparameters.json".into(), serde_json::json!({"eta": "0.1"}))];
    spec.metrics = vec![("rmse".into(), r"rmse=([0-9.]+)".into()), ("none".into(), "x=(.)".into())];
    let doc = bench.run(spec);
    let state = &doc.body.state;
    assert_eq!((state.status, state.exit_code), (Status::Completed, Some(0)), "{state:?} {:?}", bench.log("happy"));
    assert_eq!(doc.status, "Completed");
    let names: Vec<_> = state.transitions.iter().map(|transition| transition.status.as_str()).collect();
    assert_eq!(names, ["Starting", "Downloading", "Training", "Uploading", "Completed"]);
    assert_eq!(bench.log("happy"), ["1,2", "3,4", "{\"eta\":\"0.1\"}", "hello", "[0] rmse=0.5", "[1] rmse=0.25"]);
    let curves = bench.jobs.metrics(KIND, "happy").unwrap().unwrap();
    assert_eq!(curves[0].points.iter().map(|point| point.1).collect::<Vec<_>>(), [0.5, 0.25]);
    assert!(curves[1].points.is_empty());
    assert_eq!(unpack(&bench.content("out/model.tar.gz")), BTreeMap::from([("weights".into(), "weights\n".into())]));
    let inputs = bench.run_dir("happy").join("opt-ml/input/data/train");
    eventually("the removal of the inputs", || !inputs.exists());
}

fn unpack(archive: &[u8]) -> BTreeMap<String, String> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let files = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (entry.path().unwrap().display().to_string(), text)
    });
    files.collect()
}

#[test]
fn failures_say_why() {
    let bench = Bench::new();
    let check = |name: &str, script: &str, reason: &str| {
        let state = bench.run(shell(name, script)).body.state;
        assert_eq!((state.status, state.failure_reason.as_deref()), (Status::Failed, Some(reason)), "{name}");
    };
    check("code", "exit 3", "AlgorithmError: See job logs for more information, exit code: 3");
    check("file", "echo 'no luck' > /opt/ml/output/failure; exit 1", "AlgorithmError: no luck, exit code: 1");
    check("signal", "kill -9 $$", "AlgorithmError: the process was killed, perhaps for want of memory, exit code: 137");
    let mut spec = shell("program", "");
    spec.command = vec!["/no/such/program".into()];
    let reason = bench.run(spec).body.state.failure_reason.unwrap();
    assert!(
        reason.starts_with("ClientError: the program /no/such/program cannot be started: No such file"),
        "{reason}"
    );
    assert!(bench.keys().is_empty(), "a failed job leaves no model");
}

#[test]
fn data_that_is_not_there() {
    let bench = Bench::new();
    let check = |name: &str, source: Source, start: &str| {
        let mut spec = shell(name, "true");
        spec.inputs = vec![channel("train", "")];
        spec.inputs[0].source = source;
        let reason = bench.run(spec).body.state.failure_reason.unwrap_or_default();
        assert!(reason.starts_with(start), "{reason}");
    };
    let none = "ClientError: Data download failed:No S3 objects found under S3 URL";
    check("prefix", Source::S3Prefix("s3://data/none".into()), none);
    check("bucket", Source::S3Prefix("s3://other/none".into()), none);
    check("manifest", Source::Manifest("s3://data/none".into()), "ClientError: Data download failed:NoSuchKey (404)");
    bench.put("manifest", b"{}");
    check("malformed", Source::Manifest("s3://data/manifest".into()), "ClientError: Data download failed:The manifest");
    bench.put("up", br#"[{"prefix": "s3://data/"}, "../../../x"]"#);
    check("upward", Source::Manifest("s3://data/up".into()), "ClientError: Data download failed:");
}

#[test]
fn stops_at_once_or_by_force() {
    let bench = Bench::new();
    let check = |name: &str, script: &str, grace: u64, code: i32| {
        let mut spec = shell(name, script);
        spec.stop_grace_s = grace;
        bench.jobs.submit(spec).unwrap();
        eventually("the first line", || bench.log(name).contains(&"ready".to_owned()));
        bench.jobs.stop(KIND, name).unwrap();
        bench.jobs.stop(KIND, name).unwrap();
        let state = bench.ended(name).body.state;
        assert_eq!(
            (state.status, state.exit_code, state.failure_reason),
            (Status::Stopped, Some(code), None),
            "{name}"
        );
        let names: Vec<_> = state.transitions.iter().map(|transition| transition.status.as_str()).collect();
        assert_eq!(names, ["Starting", "Downloading", "Training", "Stopping", "Stopped"]);
    };
    check(
        "polite",
        "trap 'echo kept > /opt/ml/model/kept; exit 0' TERM; echo ready; while :; do sleep 0.05; done",
        30,
        0,
    );
    assert_eq!(bench.keys(), ["out/model.tar.gz"], "a stopped job keeps its model");
    check("deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done", 0, 137);
    let error = bench.jobs.stop(KIND, "deaf").unwrap_err();
    assert!(matches!(error, JobError::Ended { status: "Stopped", .. }), "{error}");
    assert!(matches!(bench.jobs.stop(KIND, "nobody"), Err(JobError::NotFound { .. })));
}

#[test]
fn the_time_limit() {
    let bench = Bench::new();
    let mut spec = shell("slow", "echo ready; sleep 60");
    spec.max_runtime_s = 1;
    let state = bench.run(spec).body.state;
    assert_eq!((state.status, state.secondary()), (Status::Stopped, "MaxRuntimeExceeded"));
}

#[test]
fn nothing_outlives_the_command() {
    let bench = Bench::new();
    let script = "sleep 300 & echo $!; (setsid sleep 300 & echo $!); exit 0";
    assert_eq!(bench.run(shell("orphans", script)).body.state.status, Status::Completed);
    let pids = bench.log("orphans");
    assert_eq!(pids.len(), 2);
    assert!(pids.iter().all(|pid| !lives(pid)), "{pids:?}");
}

#[test]
fn a_name_used_twice() {
    let bench = Bench::new();
    bench.run(shell("twice", "echo first"));
    assert!(matches!(bench.jobs.submit(shell("twice", "echo second")), Err(JobError::Exists { .. })));
    assert_eq!(bench.log("twice"), ["first"]);
    assert!(bench.jobs.delete(KIND, "twice").unwrap());
    assert!(!bench.jobs.delete(KIND, "twice").unwrap());
    bench.run(shell("twice", "echo second"));
    assert_eq!(bench.log("twice"), ["second"]);
    assert!(matches!(bench.jobs.submit(shell("../up", "true")), Err(JobError::BadName(_))));
}

#[test]
fn the_stored_object_stays_as_it_is() {
    let bench = Bench::new();
    bench.put("train/a.csv", b"1,2\n");
    let mut spec = shell("vandal", "cd /opt/ml/input/data/train; echo 9 >> a.csv; chmod 000 a.csv; rm a.csv");
    spec.inputs = vec![channel("train", "s3://data/train/")];
    assert_eq!(bench.run(spec).body.state.status, Status::Completed);
    assert_eq!(bench.content("train/a.csv"), b"1,2\n");
}

#[test]
fn manifests_gzip_and_archives() {
    let bench = Bench::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"packed\n").unwrap();
    bench.put("m/a.csv.gz", &gzip.finish().unwrap());
    bench.put("m/unlisted", b"");
    bench.put("manifest", br#"[{"prefix": "s3://data/m/"}, "a.csv.gz"]"#);
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(4);
    header.set_mode(0o644);
    tar.append_data(&mut header, "inner/w", &b"abc\n"[..]).unwrap();
    bench.put("model.tar.gz", &tar.into_inner().unwrap().finish().unwrap());
    let mut spec = shell(
        "forms",
        "cd /opt/ml/; find input/data/train -type f; cat input/data/train/a.csv model/inner/w; mkdir -p output/t/x; echo r > output/t/x/a.out",
    );
    spec.inputs = vec![channel("train", ""), channel("model", "s3://data/model.tar.gz")];
    spec.inputs[0].source = Source::Manifest("s3://data/manifest".into());
    spec.inputs[0].gunzip = true;
    spec.inputs[1].dir = "model".into();
    spec.inputs[1].extract_tar_gz = true;
    spec.outputs = vec![Output {
        dir: "output/t".into(),
        to: "s3://data/res".into(),
        form: Form::Objects,
        required: false,
        only_on_success: true,
    }];
    assert_eq!(bench.run(spec).body.state.status, Status::Completed);
    assert_eq!(bench.log("forms"), ["input/data/train/a.csv", "packed", "abc"]);
    assert_eq!(bench.content("res/x/a.out"), b"r\n");
}

#[test]
fn two_hosts_share_the_data() {
    let bench = Bench::new();
    for n in 0..5 {
        bench.put(&format!("train/{n}.csv"), b"x\n");
    }
    let script =
        "cd /opt/ml; host=$(sed 's/.*\"current_host\":\"\\([^\"]*\\)\".*/\\1/' input/config/resourceconfig.json);
        echo $host has $(ls input/data/train); grep -c ' algo-' /etc/hosts; touch model/$host";
    let mut spec = shell("pair", script);
    spec.num_hosts = 2;
    spec.config = vec![(
        "input/config/resourceconfig.json".into(),
        serde_json::json!({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}),
    )];
    spec.inputs = vec![channel("train", "s3://data/train/")];
    spec.inputs[0].sharded = true;
    let state = bench.run(spec).body.state;
    assert_eq!(state.status, Status::Completed, "{state:?}");
    let log = |host: &str| {
        let chunk = bench.jobs.log_of_host(KIND, "pair", host, 0, 10).unwrap().unwrap();
        chunk.lines.into_iter().map(|line| line.text).collect::<Vec<_>>()
    };
    assert_eq!(log("algo-1"), ["algo-1 has 0.csv 2.csv 4.csv", "2"]);
    assert_eq!(log("algo-2"), ["algo-2 has 1.csv 3.csv", "2"]);
    assert_eq!(bench.jobs.log(KIND, "pair", 0, 10).unwrap().unwrap().lines.len(), 4);
    let names: Vec<_> = unpack(&bench.content("out/model.tar.gz")).into_keys().collect();
    assert_eq!(names, ["algo-1", "algo-2"]);
}

#[test]
fn a_new_backend_takes_a_running_job_up() {
    let bench = Bench::new();
    let script = "echo ready; while ! [ -e /opt/ml/go ]; do sleep 0.02; done; echo on; touch /opt/ml/model/m";
    bench.jobs.submit(shell("adopted", script)).unwrap();
    eventually("the first line", || bench.log("adopted") == ["ready"]);
    bench.jobs.close();
    let jobs = open(&bench.store);
    assert_eq!(jobs.running(), [(KIND.to_owned(), "adopted".to_owned())]);
    std::fs::write(bench.run_dir("adopted").join("opt-ml/go"), "").unwrap();
    let done = jobs.wait(KIND, "adopted", Duration::from_secs(30), |doc| doc.body.state.ended()).unwrap().unwrap();
    assert_eq!(done.body.state.status, Status::Completed);
    assert_eq!(bench.log("adopted"), ["ready", "on"]);
}

#[test]
fn a_killed_supervisor_fails_the_job_and_ends_the_command() {
    let bench = Bench::new();
    bench.jobs.submit(shell("lost", "echo $$; sleep 300")).unwrap();
    eventually("the first line", || bench.log("lost").len() == 1);
    let claim: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bench.run_dir("lost").join("supervisor.json")).unwrap()).unwrap();
    let killed = Command::new("kill").args(["-9", &claim["process"]["pid"].to_string()]).status().unwrap();
    assert!(killed.success());
    let state = bench.ended("lost").body.state;
    assert_eq!(state.status, Status::Failed);
    assert!(state.failure_reason.unwrap().starts_with("InternalServerError: "));
    eventually("the command's end", || !lives(&bench.log("lost")[0]));
}

#[test]
fn events_tell_what_to_read_again() {
    let bench = Bench::new();
    let (seen, events) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(seen);
    let jobs =
        Jobs::open(bench.store.clone(), backend(), Arc::new(move |event| drop(tell.lock().unwrap().send(event))))
            .unwrap();
    let script = "echo loss=1; while ! [ -e /opt/ml/go ]; do sleep 0.02; done; echo bye";
    let mut spec = shell("told", script);
    spec.metrics = vec![("loss".into(), "loss=(.)".into())];
    jobs.submit(spec).unwrap();
    let next = |change: Change| {
        let found = |event: &JobEvent| event.change == change && event.name == "told" && event.kind == KIND;
        while !found(&events.recv_timeout(Duration::from_secs(30)).unwrap()) {}
    };
    next(Change::State);
    // While the command runs, not after it: it waits for us.
    next(Change::Log);
    next(Change::Metrics);
    std::fs::write(bench.run_dir("told").join("opt-ml/go"), "").unwrap();
    next(Change::Log);
    jobs.wait(KIND, "told", Duration::from_secs(30), |doc| doc.body.state.ended()).unwrap();
    assert_eq!(jobs.metrics(KIND, "told").unwrap().unwrap()[0].points.len(), 1);
}

#[test]
fn odd_things_in_the_outputs() {
    let bench = Bench::new();
    let script = "cd /opt/ml; mkfifo output/failure model/pipe; ln -s /etc/passwd model/link; rm -r output/data; ln -s /etc output/data; exit 1";
    let mut spec = shell("odd", script);
    spec.outputs[0].required = true;
    spec.outputs[0].only_on_success = false;
    spec.outputs.push(Output {
        dir: "output/data".into(),
        to: "s3://data/data".into(),
        form: Form::Objects,
        required: false,
        only_on_success: false,
    });
    let state = bench.run(spec).body.state;
    assert_eq!(
        state.failure_reason.as_deref(),
        Some("AlgorithmError: See job logs for more information, exit code: 1")
    );
    assert_eq!(bench.keys(), ["out/model.tar.gz"]);
    assert!(unpack(&bench.content("out/model.tar.gz")).is_empty());
}

#[test]
fn without_namespaces_the_base_directory_moves() {
    let home = tempfile::tempdir().unwrap();
    let mut spec =
        shell("based", "cat $SAGEMAKER_BASE_DIR/input/data/train/a.csv /opt/ml/input/data/train/a.csv && pwd");
    spec.inputs = vec![channel("train", "s3://data/train/")];
    assert_eq!(
        run_backend(home.path(), &spec, |command| command.env("ATELIER_JOB_ISOLATION", "base-dir")),
        "Completed"
    );
}

#[test]
fn without_root_a_user_namespace_does() {
    // SAFETY: cannot fail.
    if unsafe { nix::libc::geteuid() } != 0 {
        return; // Then every other test here shows it.
    }
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(65534), Some(65534)).unwrap();
    let program = home.path().join("backend");
    std::fs::copy(backend(), &program).unwrap();
    let mut spec = shell("nobody", "test $(id -u) = 65534 && test -e /opt/ml/input/data/train/a.csv");
    spec.inputs = vec![channel("train", "s3://data/train/")];
    let file = home.path().join("spec.json");
    std::fs::write(&file, serde_json::to_vec(&spec).unwrap()).unwrap();
    use std::os::unix::process::CommandExt as _;
    let output = Command::new(&program)
        .uid(65534)
        .gid(65534)
        .arg("run")
        .arg(home.path().join("home"))
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("Completed\n"), "{output:?}");
}

fn run_backend(
    home: &std::path::Path,
    spec: &atelier_jobs::JobSpec,
    set: impl Fn(&mut Command) -> &mut Command,
) -> String {
    let file = home.join("spec.json");
    std::fs::write(&file, serde_json::to_vec(spec).unwrap()).unwrap();
    let mut command = Command::new(backend());
    command.arg("run").arg(home.join("home")).arg(&file);
    let output = set(&mut command).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned()
}
