//! Environments as a person meets them: found, made by uv, changed, refused. Packages come from the index.

use atelier_kernel::environment::{self, Stop};
use atelier_wire::studio::environment::{ChangePackages, Environment, EnvironmentKind};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Desk {
    _outer: tempfile::TempDir,
    workspace: PathBuf,
    envs: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        let (workspace, envs) = (outer.path().join("work"), outer.path().join("envs"));
        fs::create_dir_all(&workspace).unwrap();
        Desk { _outer: outer, workspace, envs }
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// The environments of this workspace, without those of the machine.
    fn own(&self) -> Vec<Environment> {
        let all = environment::list(&self.workspace, &self.envs).environments;
        let root = self.workspace.canonicalize().unwrap();
        all.into_iter().filter(|found| Path::new(&found.origin).starts_with(&root)).collect()
    }

    fn one(&self) -> Environment {
        let own = self.own();
        assert_eq!(own.len(), 1, "{own:?}");
        own.into_iter().next().unwrap()
    }

    fn change(&self, install: &[&str], remove: &[&str]) -> Result<String, String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let request = ChangePackages { kernel: self.one().kernel, install: owned(install), remove: owned(remove) };
        let change = environment::change(&self.workspace, &self.envs, &request).map_err(|error| error.to_string())?;
        change.run(&Stop::of_task(), &|line| println!("{line}")).map_err(|error| error.to_string())?;
        Ok(change.title)
    }

    fn packages(&self) -> Vec<String> {
        let found = environment::packages(&self.workspace, &self.envs, &self.one().kernel).unwrap();
        found.packages.into_iter().map(|package| package.name).collect()
    }

    fn has(&self, package: &str) -> bool {
        self.packages().iter().any(|name| name == package)
    }
}

/// An environment's folder without a Python that runs.
fn skeleton(dir: &Path, configuration: &str) {
    fs::create_dir_all(dir.join("bin")).unwrap();
    fs::create_dir_all(dir.join("lib/python3.11/site-packages")).unwrap();
    fs::write(dir.join("bin/python"), "").unwrap();
    fs::write(dir.join("pyvenv.cfg"), configuration).unwrap();
}

#[test]
fn a_venv_is_found_without_running_it() {
    let desk = Desk::new();
    let dir = desk.workspace.join("forecast/.venv");
    skeleton(&dir, "home = /usr/bin\nversion_info = 3.11.7.final.0\n");
    // A program that would leave a trace.
    fs::write(dir.join("bin/python"), format!("#!/bin/sh\ntouch {}/ran", desk.workspace.display())).unwrap();
    let found = desk.one();
    assert_eq!(
        (found.name.as_str(), found.kind, found.python.as_str()),
        ("forecast (.venv)", EnvironmentKind::Venv, "3.11.7")
    );
    assert!(found.is_ready && !found.has_kernel && found.kernel.starts_with("env-"));
    assert_eq!(desk.one().kernel, found.kernel, "the name is the same the next time");
    assert!(
        environment::specs(&desk.workspace, &desk.envs).iter().all(|spec| spec.spec.name != found.kernel),
        "no kernel can start in it"
    );
    fs::create_dir_all(dir.join("lib/python3.11/site-packages/ipykernel")).unwrap();
    fs::write(dir.join("lib/python3.11/site-packages/ipykernel/__init__.py"), "").unwrap();
    let specs = environment::specs(&desk.workspace, &desk.envs);
    let spec = specs.iter().find(|spec| spec.spec.name == found.kernel).unwrap();
    assert_eq!(spec.argv[0], dir.canonicalize().unwrap().join("bin/python").to_string_lossy());
    assert!(Path::new(&spec.argv[1]).is_file() && spec.argv[3] == "{connection_file}");
    assert!(!desk.workspace.join("ran").exists());
}

#[test]
fn conda_is_found_and_what_is_broken_is_not() {
    let desk = Desk::new();
    let conda = desk.workspace.join("tools/c");
    skeleton(&conda, "");
    fs::remove_file(conda.join("pyvenv.cfg")).unwrap();
    fs::create_dir(conda.join("conda-meta")).unwrap();
    fs::write(conda.join("conda-meta/python-3.12.4-h1_0.json"), "{}").unwrap();
    let broken = desk.workspace.join("broken/.venv");
    skeleton(&broken, "version = 3.9.1\n");
    fs::remove_file(broken.join("bin/python")).unwrap();
    symlink("/no/such/python", broken.join("bin/python")).unwrap();
    let found = desk.one();
    assert_eq!(
        (found.name.as_str(), found.kind, found.python.as_str()),
        ("conda: c", EnvironmentKind::Conda, "3.12.4")
    );
}

#[test]
fn the_bundled_one_comes_first_and_links_do_not_lead_in_circles() {
    let desk = Desk::new();
    symlink(&desk.workspace, desk.workspace.join("again")).unwrap();
    let all = environment::list(&desk.workspace, &desk.envs).environments;
    assert_eq!((all[0].kernel.as_str(), all[0].kind, all[0].is_ready), ("python3", EnvironmentKind::Bundled, false));
    assert!(desk.own().is_empty());
}

#[test]
fn a_project_with_requirements_gets_its_environment_and_keeps_its_name() {
    let desk = Desk::new();
    desk.write("requirements.txt", "iniconfig==2.1.0\n");
    let before = desk.one();
    assert_eq!(
        (before.kind, before.name.as_str(), before.is_ready),
        (EnvironmentKind::Project, "work (requirements.txt)", false)
    );
    let request = ChangePackages { kernel: before.kernel.clone(), install: vec![], remove: vec![] };
    let change = environment::change(&desk.workspace, &desk.envs, &request).unwrap();
    assert_eq!(change.title, "Making work (requirements.txt)");
    environment::ensure_project(&desk.workspace, &desk.envs, &before.kernel, &|line| println!("{line}")).unwrap();
    let after = desk.one();
    assert!(after.is_ready && after.has_kernel && !after.python.is_empty());
    assert_eq!(after.kernel, before.kernel);
    assert!(desk.has("iniconfig") && desk.has("ipykernel"));
    assert_eq!(fs::read_dir(&desk.workspace).unwrap().count(), 1, "nothing is written into the project");

    assert_eq!(desk.change(&["six>=1.16"], &[]).unwrap(), "Installing six>=1.16 into work (requirements.txt)");
    assert!(desk.has("six"));
    assert_eq!(desk.change(&[], &["six"]).unwrap(), "Removing six from work (requirements.txt)");
    assert!(!desk.has("six"));
    let error = desk.change(&["no-such-package-anywhere-0"], &[]).unwrap_err();
    assert!(error.contains("uv ended with") && error.contains("no-such-package-anywhere-0"), "{error}");

    let specs = environment::specs(&desk.workspace, &desk.envs);
    let spec = specs.iter().find(|spec| spec.spec.name == after.kernel).unwrap();
    let code = "import atelier, atelier_bridge, ipykernel, iniconfig, sys; print(sys.prefix)";
    let said = Command::new(&spec.argv[0]).args(["-c", code]).envs(&spec.env).current_dir("/").output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), spec.env["VIRTUAL_ENV"]);
}

#[test]
fn environments_of_the_projects_around_a_folder_are_its_own_too() {
    let desk = Desk::new();
    let venv = desk.workspace.join("project/.venv");
    skeleton(&venv, "version = 3.11.7\n");
    let kernel = desk.one().kernel;
    let seen_from = |folder: &str| {
        let folder = desk.workspace.join(folder);
        fs::create_dir_all(&folder).unwrap();
        environment::list(&folder, &desk.envs).environments.iter().any(|found| found.kernel == kernel)
    };
    assert!(seen_from("project") && seen_from("project/notebooks") && seen_from("project/a/b/c"));
    assert!(!seen_from("project/a/b/c/d") && !seen_from("other"));
    for name in ["python3", "env-00000000", &kernel] {
        environment::ensure_project(&desk.workspace, &desk.envs, name, &|line| panic!("{line}")).unwrap();
    }
}

#[test]
fn nothing_but_packages_reaches_uv() {
    let desk = Desk::new();
    skeleton(&desk.workspace.join("v"), "version = 3.11.7\n");
    for bad in [
        "--index-url=https://example.org/",
        "-r /etc/passwd",
        "x @ https://example.org/x.whl",
        "../x.whl",
        "/etc/passwd",
    ] {
        let error = desk.change(&["six", bad], &[]).unwrap_err();
        assert!(error.contains("cannot be installed"), "{bad}: {error}");
    }
    assert!(desk.change(&[], &["-y"]).unwrap_err().contains("is not the name of a package"));
    assert!(desk.change(&[], &["ipykernel"]).unwrap_err().contains("kernels run on"));
    let request = ChangePackages { kernel: "env-00000000".into(), install: vec!["six".into()], remove: vec![] };
    let error = environment::change(&desk.workspace, &desk.envs, &request).unwrap_err();
    assert_eq!(error.to_string(), "There is no environment env-00000000.");
}

#[test]
fn a_stopped_task_changes_nothing() {
    let desk = Desk::new();
    desk.write("requirements.txt", "iniconfig\n");
    let request = ChangePackages { kernel: desk.one().kernel, install: vec![], remove: vec![] };
    let change = environment::change(&desk.workspace, &desk.envs, &request).unwrap();
    let stop = Stop::of_task();
    let error = change.run(&stop, &|_| stop.stop()).unwrap_err().to_string();
    assert!(error.contains("stopped"), "{error}");
    assert!(!desk.one().is_ready);
}
