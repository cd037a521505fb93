//! Which package brings a module that an import did not find.
//!
//! Names on the index that look like well-known ones are how people are made to install somebody else's code. So a
//! suggestion is either in the table below, written by hand, or the module's own name where that is well known or is at
//! least on the index and not one typing error away from a name that is well known.

use super::task::{Stop, run};
use super::uv::{self, uv};
use atelier_wire::studio::environment::FoundPackage;
use std::process::Command;

/// Module and package, where the names differ.
const TABLE: &[(&str, &str)] = &[
    ("Bio", "biopython"),
    ("Crypto", "pycryptodome"),
    ("IPython", "ipython"),
    ("Levenshtein", "levenshtein"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyopenssl"),
    ("PIL", "pillow"),
    ("PyPDF2", "pypdf2"),
    ("absl", "absl-py"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("category_encoders", "category-encoders"),
    ("community", "python-louvain"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("faiss", "faiss-cpu"),
    ("fitz", "pymupdf"),
    ("git", "gitpython"),
    ("grpc", "grpcio"),
    ("imblearn", "imbalanced-learn"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("kafka", "kafka-python"),
    ("keras_tuner", "keras-tuner"),
    ("langchain_openai", "langchain-openai"),
    ("magic", "python-magic"),
    ("mpl_toolkits", "matplotlib"),
    ("multipart", "python-multipart"),
    ("mysql", "mysql-connector-python"),
    ("nacl", "pynacl"),
    ("osgeo", "gdal"),
    ("pkg_resources", "setuptools"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("pylab", "matplotlib"),
    ("pytorch_lightning", "pytorch-lightning"),
    ("ruamel", "ruamel-yaml"),
    ("sentence_transformers", "sentence-transformers"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("skopt", "scikit-optimize"),
    ("slugify", "python-slugify"),
    ("snowflake", "snowflake-connector-python"),
    ("socks", "pysocks"),
    ("talib", "ta-lib"),
    ("telegram", "python-telegram-bot"),
    ("umap", "umap-learn"),
    ("usb", "pyusb"),
    ("wx", "wxpython"),
    ("xgboost", "xgboost-cpu"),
    ("yaml", "pyyaml"),
    ("zmq", "pyzmq"),
];

/// Modules whose package has the same name.
const SAME: &[&str] = &[
    "aiohttp",
    "altair",
    "anthropic",
    "anywidget",
    "arch",
    "arviz",
    "astropy",
    "bokeh",
    "boto3",
    "botocore",
    "cartopy",
    "catboost",
    "cupy",
    "cvxpy",
    "dash",
    "dask",
    "datasets",
    "deltalake",
    "duckdb",
    "emcee",
    "evaluate",
    "fastai",
    "fastapi",
    "fastparquet",
    "flask",
    "folium",
    "fsspec",
    "gensim",
    "geopandas",
    "gradio",
    "graphviz",
    "gymnasium",
    "h5py",
    "holoviews",
    "httpx",
    "hvplot",
    "hyperopt",
    "ipykernel",
    "ipywidgets",
    "jax",
    "jinja2",
    "joblib",
    "jupyter",
    "keras",
    "kmodes",
    "lifelines",
    "lightgbm",
    "lime",
    "linearmodels",
    "llvmlite",
    "lxml",
    "mapie",
    "markdown",
    "matplotlib",
    "missingno",
    "mlflow",
    "mlxtend",
    "moto",
    "narwhals",
    "networkx",
    "nltk",
    "numba",
    "numexpr",
    "numpy",
    "openai",
    "openpyxl",
    "optuna",
    "pandas",
    "pandera",
    "panel",
    "patsy",
    "pingouin",
    "plotly",
    "plotnine",
    "polars",
    "prophet",
    "pyarrow",
    "pycaret",
    "pydantic",
    "pydeck",
    "pymc",
    "pyod",
    "pyproj",
    "pytest",
    "rasterio",
    "ray",
    "regex",
    "requests",
    "rich",
    "river",
    "rtree",
    "s3fs",
    "sagemaker",
    "scipy",
    "scrapy",
    "seaborn",
    "selenium",
    "shap",
    "shapely",
    "sktime",
    "spacy",
    "sqlalchemy",
    "statsmodels",
    "streamlit",
    "sympy",
    "tabulate",
    "tensorboard",
    "tensorflow",
    "tiktoken",
    "timm",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "tqdm",
    "transformers",
    "tsfresh",
    "unidecode",
    "wandb",
    "wordcloud",
    "xarray",
    "xlrd",
    "xlsxwriter",
    "yfinance",
    "zarr",
];

/// Modules of Python itself, and of this program, that a package of the same name would only imitate.
const NOBODYS: &[&str] = &[
    "__main__",
    "_tkinter",
    "asyncio",
    "atelier",
    "atelier_bridge",
    "collections",
    "csv",
    "datetime",
    "distutils",
    "imp",
    "json",
    "math",
    "os",
    "pathlib",
    "random",
    "re",
    "sqlite3",
    "statistics",
    "string",
    "subprocess",
    "sys",
    "time",
    "tkinter",
    "tomllib",
    "typing",
    "unittest",
    "urllib",
    "urllib2",
    "utils",
    "zoneinfo",
];

/// For a module's full name (`sklearn.svm`), the package to offer.
pub fn find_package(module: &str) -> FoundPackage {
    let top = module.split('.').next().unwrap_or_default();
    FoundPackage { package: known(top).or_else(|| unknown(top)) }
}

fn known(module: &str) -> Option<String> {
    let table = TABLE.iter().find(|(name, _)| *name == module).map(|(_, package)| *package);
    table.or_else(|| SAME.iter().find(|name| **name == module).copied()).map(str::to_owned)
}

/// The module's own name, if that is a package and no likely typing error.
fn unknown(module: &str) -> Option<String> {
    let is_word =
        !module.is_empty() && module.len() <= 60 && module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word
        || !module.starts_with(|c: char| c.is_ascii_alphabetic())
        || NOBODYS.contains(&module)
        || looks_like_known(module)
    {
        return None;
    }
    let package = module.replace('_', "-").to_lowercase();
    is_on_index(&package).then_some(package)
}

/// One letter more, less, other, or two exchanged.
fn looks_like_known(module: &str) -> bool {
    let module = module.to_lowercase();
    let others = TABLE.iter().flat_map(|(name, package)| [*name, *package]).chain(SAME.iter().copied());
    others.filter(|other| other.len() > 3).any(|other| is_near(&module, &other.to_lowercase()))
}

fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - back], &b[..b.len() - back]) {
        ([], _) | (_, []) | ([_], [_]) => true,
        ([x, y], [z, w]) => x == w && y == z,
        _ => false,
    }
}

/// Asks the index that uv is configured with; `false` where it cannot be reached.
fn is_on_index(package: &str) -> bool {
    let Ok(uv) = uv(&|_| ()) else { return false };
    let Ok(folder) = tempfile::tempdir() else { return false };
    let list = folder.path().join("one.in");
    if std::fs::write(&list, package).is_err() {
        return false;
    }
    let mut command: Command = uv::command(&uv, folder.path());
    command
        .env("UV_HTTP_TIMEOUT", "10")
        .args(["pip", "compile", "--quiet", "--no-deps", "--no-build", "--no-header"])
        .arg(&list);
    run(&mut command, &Stop::default(), &|_| ()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(module: &str, package: Option<&str>) {
        assert_eq!(known(module).as_deref(), package, "{module}");
    }

    #[test]
    fn well_known_modules_have_their_package() {
        check("cv2", Some("opencv-python"));
        check("sklearn", Some("scikit-learn"));
        check("PIL", Some("pillow"));
        check("yaml", Some("pyyaml"));
        check("seaborn", Some("seaborn"));
        check("no_such_module", None);
        assert_eq!(find_package("sklearn.svm").package.as_deref(), Some("scikit-learn"));
    }

    #[test]
    fn what_looks_like_a_well_known_name_is_not_offered() {
        for module in [
            "nunpy",
            "panda",
            "pandsa",
            "reqests",
            "skleanr",
            "matplotlb",
            "torhc",
            "os",
            "json",
            "",
            "-x",
            "a b",
            "../x",
            "utils",
        ] {
            assert_eq!(unknown(module), None, "{module}");
        }
    }

    #[test]
    fn the_tables_are_in_order() {
        assert!(TABLE.is_sorted(), "TABLE");
        assert!(SAME.is_sorted(), "SAME");
        assert!(NOBODYS.is_sorted(), "NOBODYS");
    }
}
