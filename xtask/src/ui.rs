//! Builds the window's code: Rust to WebAssembly, the npm parts by esbuild, styles, fonts and icons,
//! all into `<cargo target dir>/ui`, from where the backend serves them.
//!
//! Where rustup has a `wasm32-unknown-unknown` target it is used. Where it cannot be had, Debian's
//! `rustc-web`, `cargo-web` and `rust-web-src` build the standard library along, and the linker is the
//! `rust-lld` that every rustup toolchain brings.

use crate::{machine, programs};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages that stand in for rustup's target.
const DEBIAN_PACKAGES: &str = "rustc-web cargo-web rust-web-src";

#[derive(Clone, Copy, clap::Args)]
pub struct Options {
    /// Functions that are alike only once, as in the window that `run`, `test` and `bench` start: a sixth less to load, and
    /// ten seconds more to build
    #[arg(long)]
    small: bool,
    /// Smaller still, and minutes slower to build
    #[arg(long)]
    release: bool,
}

/// Builds the window's code and returns the folder that holds it. What has not changed is not built again.
pub fn build(options: Options) -> Result<PathBuf> {
    let paths = Paths::find();
    fs::create_dir_all(&paths.out)?;
    // The compiler leaves one core idle for most of its time.
    let wasm = std::thread::scope(|scope| {
        let scripts = scope.spawn(|| bundle_scripts(&paths));
        let wasm = compile(&paths, options.release);
        scripts.join().map_err(|_| anyhow::anyhow!("bundling the scripts panicked"))??;
        wasm
    })?;
    bind(&paths, &wasm, options.small || options.release)?;
    copy_assets(&paths)?;
    write_page(&paths)?;
    Ok(paths.out)
}

/// Whether some compiler here can make wasm.
pub fn can_compile() -> bool {
    Compiler::find().is_ok()
}

/// Where [`build`] puts the window's code.
pub fn folder() -> PathBuf {
    Paths::find().out
}

struct Paths {
    root: PathBuf,
    /// The cargo target folder of the wasm build: its own, so that it never waits for the native one.
    wasm_target: PathBuf,
    out: PathBuf,
}

impl Paths {
    fn find() -> Self {
        let (root, target) = (machine::root().to_owned(), programs::target_dir());
        Self { wasm_target: target.join("wasm"), out: target.join("ui"), root }
    }

    fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    fn js(&self) -> PathBuf {
        self.root.join("ui/js")
    }
}

// ---- Rust

/// Which compiler can make wasm here.
enum Compiler {
    /// The toolchain in use has the target.
    Rustup,
    /// Debian's compiler with the library's source, and a linker.
    Debian { linker: PathBuf },
}

impl Compiler {
    fn find() -> Result<Self> {
        let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?.trim());
        if sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() {
            return Ok(Self::Rustup);
        }
        if Path::new("/usr/bin/cargo").exists() && Path::new("/usr/lib/rustlib/src/rust/library/std").exists() {
            let linker = sysroot.join("lib/rustlib").join(machine::host()?).join("bin/rust-lld");
            if linker.exists() {
                return Ok(Self::Debian { linker });
            }
            bail!("the linker rust-lld is missing: expected {}", linker.display());
        }
        bail!(
            "no compiler for {TARGET} here. Run `rustup target add {TARGET}`, or on Debian `apt-get install {DEBIAN_PACKAGES}`"
        )
    }
}

/// Cargo in the window's folder, by the compiler that can make wasm, and whether that is Debian's.
fn cargo(paths: &Paths) -> Result<(Command, bool)> {
    let (mut cargo, debian) = match Compiler::find()? {
        Compiler::Rustup => (Command::new("cargo"), false),
        Compiler::Debian { linker } => {
            let mut cargo = Command::new("/usr/bin/cargo");
            cargo
                .env("RUSTC_BOOTSTRAP", "1") // -Zbuild-std on a stable compiler
                .env("RUSTC", "/usr/bin/rustc")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            (cargo, true)
        }
    };
    cargo.current_dir(paths.ui()).env("CARGO_TARGET_DIR", &paths.wasm_target).env_remove("RUSTUP_TOOLCHAIN");
    Ok((cargo, debian))
}

/// Cargo about to test the window's own logic on this machine. By the compiler and in the folder of the wasm build, so
/// that the two share their macros.
pub fn tests() -> Result<Command> {
    let (mut cargo, _) = cargo(&Paths::find())?;
    cargo.args(["test", "--locked", "--lib"]);
    Ok(cargo)
}

/// Compiles `ui` and returns the wasm file.
fn compile(paths: &Paths, release: bool) -> Result<PathBuf> {
    let (mut cargo, debian) = cargo(paths)?;
    cargo.args(["build", "--lib", "--locked", "--target", TARGET]);
    if debian {
        cargo.arg("-Zbuild-std=std,panic_abort");
    }
    if release {
        cargo.arg("--release");
    }
    run(&mut cargo, "compiling the window's code")?;
    let profile = if release { "release" } else { "debug" };
    Ok(paths.wasm_target.join(TARGET).join(profile).join("atelier_ui.wasm"))
}

/// Writes `atelier_ui.js` and `atelier_ui_bg.wasm`, unless they came from this very wasm file.
fn bind(paths: &Paths, wasm: &Path, small: bool) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let stamp = paths.out.join(".wasm-stamp");
    let digest = format!("{}{}", digest(&bytes), if small { " small" } else { "" });
    let bound = paths.out.join("atelier_ui_bg.wasm");
    if fs::read_to_string(&stamp).is_ok_and(|old| old == digest) && bound.exists() {
        return Ok(());
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_bytes("atelier_ui", bytes).web(true)?.typescript(false).remove_name_section(true);
    bindgen.remove_producers_section(true).generate(&paths.out).context("binding wasm to the window")?;
    if small {
        merge(paths, &bound)?;
    }
    fs::write(stamp, digest)?;
    Ok(())
}

/// Keeps functions that are alike once. The compiler writes one for every type that a generic function is used with, and
/// many differ in nothing, or in a constant. All other work of the optimiser takes minutes for as much again. It is
/// Binaryen as npm has it, since Debian's, of 2022, writes tables that no browser accepts.
fn merge(paths: &Paths, bound: &Path) -> Result<()> {
    let mut optimiser = Command::new(paths.js().join("node_modules/.bin/wasm-opt"));
    optimiser.arg(bound).arg("--output").arg(bound);
    // What was merged makes others alike.
    optimiser.args([
        "--duplicate-function-elimination",
        "--merge-similar-functions",
        "--duplicate-function-elimination",
    ]);
    run(&mut optimiser, "merging the window's functions")
}

// ---- npm

/// The window's scripts. What several of them need is in `part-*.js`, what only one moment needs is loaded then.
const OF_THE_WINDOW: &[&str] = &["boot", "editor", "late", "near", "paint"];

/// The scripts inside the frames of outputs, where each file stands alone; formulas are set in the window, too.
const OF_FRAMES: &[&str] = &["formulas", "output", "output-plotly", "output-vega", "output-widgets"];

/// Installs the npm parts when the lock file changed, and bundles the scripts with their styles and fonts.
fn bundle_scripts(paths: &Paths) -> Result<()> {
    let js = paths.js();
    let lock = digest(&fs::read(js.join("package-lock.json")).context("reading ui/js/package-lock.json")?);
    let stamp = js.join("node_modules/.atelier-stamp");
    if !fs::read_to_string(&stamp).is_ok_and(|old| old == lock) {
        let mut npm = Command::new("npm");
        npm.current_dir(&js).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        run(&mut npm, "installing the editor's parts with npm")?;
        fs::write(stamp, lock)?;
    }
    // Their names change with what is in them.
    for old in sorted_files(&paths.out)? {
        if old.file_name().is_some_and(|name| name.to_string_lossy().starts_with("part-")) {
            fs::remove_file(&old).with_context(|| format!("removing {}", old.display()))?;
        }
    }
    let bundle = |scripts: &[&str], options: &[&str]| {
        let mut esbuild = esbuild(paths);
        esbuild.args(scripts.iter().map(|script| format!("src/{script}.js"))).args(options);
        run(&mut esbuild, "bundling the scripts")
    };
    bundle(OF_THE_WINDOW, &["--splitting", "--chunk-names=part-[hash]", "--external:./formulas.js"])?;
    // What frames load late stays a file of its own.
    bundle(OF_FRAMES, &["--external:./formulas.js", "--external:./output-*.js"])
}

fn esbuild(paths: &Paths) -> Command {
    let js = paths.js();
    let mut esbuild = Command::new(js.join("node_modules/.bin/esbuild"));
    esbuild.current_dir(&js);
    // Of the formulas' fonts only the form that every browser here reads.
    esbuild.args(["--loader:.woff2=file", "--loader:.woff=empty", "--loader:.ttf=empty"]);
    esbuild.arg("--asset-names=fonts/[name]-[hash]");
    esbuild.args([
        "--bundle",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
        "--legal-comments=none",
        "--minify",
    ]);
    esbuild.arg("--external:./atelier_ui.js").arg(format!("--outdir={}", paths.out.display()));
    esbuild
}

// ---- styles, fonts, page

/// Copies fonts and writes `studio.css`: the shared styles, then the panels' and parts' own in the order of their paths.
fn copy_assets(paths: &Paths) -> Result<()> {
    let fonts = paths.out.join("fonts");
    fs::create_dir_all(&fonts)?;
    for font in sorted_files(&paths.root.join("assets/fonts"))? {
        let name = font.file_name().context("a font without a name")?;
        write_if_changed(&fonts.join(name), &fs::read(&font)?)?;
    }
    let tokens = fs::read_to_string(paths.root.join("assets/styles/tokens.css"))?;
    write_if_changed(&paths.out.join("tokens.css"), with_system_dark(&tokens)?.as_bytes())?;
    let mut styles = String::new();
    let shared = ["assets/styles/fonts.css", "assets/styles/studio.css", "assets/styles/app.css"];
    let mut files: Vec<PathBuf> = shared.iter().map(|path| paths.root.join(path)).collect();
    collect(&paths.ui().join("src"), "css", &mut files)?;
    for file in files {
        styles.push_str(&fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?);
        styles.push('\n');
    }
    write_if_changed(&paths.out.join("studio.css"), styles.as_bytes())?;
    // The page inside the frames of outputs.
    let fonts = paths.root.join("assets/styles/fonts.css");
    for file in [paths.ui().join("output.html"), paths.ui().join("output.css"), fonts] {
        let name = file.file_name().context("a file without a name")?;
        write_if_changed(&paths.out.join(name), &fs::read(&file)?)?;
    }
    Ok(())
}

/// Writes the block of dark roles once more for windows that follow the system.
fn with_system_dark(tokens: &str) -> Result<String> {
    const HEAD: &str = ":root[data-theme=\"dark\"] {";
    let start = tokens.find(HEAD).context("tokens.css has no dark block")?;
    let end = start + tokens[start..].find("\n}").context("the dark block of tokens.css has no end")? + 2;
    let dark = tokens[start..end].replace(HEAD, ":root:not([data-theme]) {");
    Ok(format!("{}\n\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{}", &tokens[..end], &tokens[end..]))
}

/// Writes `index.html` with the icons inlined and a version on each address, so that no cache serves an old part.
fn write_page(paths: &Paths) -> Result<()> {
    let mut page = fs::read_to_string(paths.ui().join("index.html"))?;
    let icons = fs::read_to_string(paths.root.join("assets/icons/icons.svg"))?;
    page = page.replace("<!-- icons -->", icons.trim());
    let mut all = Vec::new();
    for part in
        ["studio.css", "tokens.css", "boot.js", "atelier_ui.js", "atelier_ui_bg.wasm", "late.js", "near.js", "paint.js"]
    {
        all.extend(fs::read(paths.out.join(part)).with_context(|| format!("reading {part}"))?);
    }
    page = page.replace("VERSION", &digest(&all)[..12]);
    // A browser finds them by itself only after it has read what needs them.
    let parts = parts_of(&paths.out, "paint.js")?.into_iter();
    let links: Vec<String> = parts.map(|part| format!(r#"<link rel="modulepreload" href="{part}">"#)).collect();
    page = page.replace("<!-- parts -->", &links.join("\n"));
    write_if_changed(&paths.out.join("index.html"), page.as_bytes())
}

/// The `part-*.js` without which a script does not start.
fn parts_of(folder: &Path, script: &str) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(folder.join(script)).with_context(|| format!("reading {script}"))?;
    let mut parts = BTreeSet::new();
    // As esbuild writes them: `from"./part-ABC.js"`, `import"./part-ABC.js"`; with a bracket it is loaded later.
    for (before, rest) in text.match_indices("\"./part-").map(|(at, _)| (&text[..at], &text[at + 3..])) {
        let part = rest.split('"').next().unwrap_or_default();
        if (before.ends_with("from") || before.ends_with("import")) && parts.insert(part.to_owned()) {
            parts.extend(parts_of(folder, part)?);
        }
    }
    Ok(parts)
}

// ---- small parts

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<()> {
    for path in sorted_files(folder)? {
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}

fn sorted_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn output(command: &mut Command) -> Result<String> {
    let out = command.output().with_context(|| format!("starting {:?}", command.get_program()))?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("{what}: cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}
