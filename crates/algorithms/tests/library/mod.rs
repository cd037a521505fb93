//! Where the tests find XGBoost's library.

use std::path::PathBuf;

/// From `ATELIER_XGBOOST_LIB`, or out of an environment that `atelier` has made. None prints why a test does nothing.
pub fn path() -> Option<PathBuf> {
    let named = std::env::var_os("ATELIER_XGBOOST_LIB").map(PathBuf::from).filter(|path| path.is_file());
    let found = named.or_else(in_environments);
    if found.is_none() {
        eprintln!("skipped: ATELIER_XGBOOST_LIB names no library and there is no Python environment yet");
    }
    found
}

fn in_environments() -> Option<PathBuf> {
    let home = || {
        std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))
    };
    let envs = std::env::var_os("ATELIER_ENVS").map(PathBuf::from).or_else(|| Some(home()?.join("atelier/envs")))?;
    let children = |dir: PathBuf| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let pythons = children(envs).flat_map(|env| children(env.join("lib")));
    pythons.map(|python| python.join("site-packages/xgboost/lib/libxgboost.so")).find(|library| library.is_file())
}
