//! Chance that is the same in every language: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
//! Generators", OOPSLA 2014) of a whole number and a seed, as a number from 0 up to 1.

use super::Node;
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{python_text, rust_text};
use polars::prelude::*;

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
const MIX_1: u64 = 0xBF58_476D_1CE4_E5B9;
const MIX_2: u64 = 0x94D0_49BB_1331_11EB;

/// A column of random numbers, from row numbers or from a column of whole numbers.
pub struct Random {
    pub name: String,
    pub of: Option<String>,
    pub seed: i64,
}

impl Node for Random {
    fn needs(&self) -> Vec<&str> {
        self.of.as_deref().into_iter().collect()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let seed = self.seed;
        let name: PlSmallStr = self.name.as_str().into();
        let of: Expr = match &self.of {
            Some(of) => Expr::Column(of.as_str().into()),
            None => {
                let rows = frame.with_row_index(name.clone(), None);
                let (of, made) = (Expr::Column(name.clone()), random(Expr::Column(name.clone()), seed));
                let _ = of;
                // the new column goes last, as it does in the other languages
                let last = made.alias("\u{1}random");
                return Ok(rows.with_columns([last]).drop(by_name([name.clone()], true, false)).rename(
                    ["\u{1}random"],
                    [name.as_str()],
                    true,
                ));
            }
        };
        Ok(frame.with_columns([random(of, seed).alias(name)]))
    }

    fn polars(&self) -> Vec<String> {
        let of = match &self.of {
            Some(of) => format!("pl.col({})", python_text(of)),
            None => "pl.int_range(pl.len())".into(),
        };
        vec![format!("df = df.with_columns(random({of}, seed={}).alias({}))", self.seed, python_text(&self.name))]
    }

    fn pandas(&self) -> Vec<String> {
        let of = match &self.of {
            Some(of) => format!("df[{}]", python_text(of)),
            None => "np.arange(len(df))".into(),
        };
        vec![format!("df[{}] = random({of}, seed={})", python_text(&self.name), self.seed)]
    }

    fn rust(&self) -> Vec<String> {
        let name = rust_text(&self.name);
        match &self.of {
            Some(of) => vec![format!(
                "let df = df.with_columns([random(col({}), {}).alias({name})]);",
                rust_text(of),
                self.seed
            )],
            None => vec![
                "let df = df.with_row_index(\"row number\", None);".into(),
                format!("let df = df.with_columns([random(col(\"row number\"), {}).alias({name})]);", self.seed),
                "let df = df.drop(by_name([\"row number\"], true, false));".into(),
            ],
        }
    }
}

/// Arithmetic on `UInt64` wraps in Polars, which is what the algorithm wants.
fn random(of: Expr, seed: i64) -> Expr {
    let word = |value: u64| lit(Scalar::from(value));
    let shifted = |z: &Expr, bits: u32| z.clone().floor_div(word(1 << bits));
    let z = of.cast(DataType::UInt64) * word(GAMMA) + word((seed as u64).wrapping_add(1).wrapping_mul(GAMMA));
    let z = z.clone().xor(shifted(&z, 30)) * word(MIX_1);
    let z = z.clone().xor(shifted(&z, 27)) * word(MIX_2);
    let z = z.clone().xor(shifted(&z, 31));
    shifted(&z, 11).cast(DataType::Float64) * lit(1.0 / (1_u64 << 53) as f64)
}

pub const PYTHON: &str = r#"def random(numbers: pl.Expr, seed: int) -> pl.Expr:
    """Uniform in [0, 1) by SplitMix64 of whole numbers: the same in every language, unlike a library's generator."""
    def word(value: int) -> pl.Expr:
        return pl.lit(value % 2**64, dtype=pl.UInt64)
    gamma = 0x9E3779B97F4A7C15
    z = numbers.cast(pl.UInt64) * word(gamma) + word((seed + 1) * gamma)
    z = (z ^ z // word(2**30)) * word(0xBF58476D1CE4E5B9)
    z = (z ^ z // word(2**27)) * word(0x94D049BB133111EB)
    z = z ^ z // word(2**31)
    return (z // word(2**11)).cast(pl.Float64) * 2.0**-53
"#;

pub const PANDAS: &str = r#"def random(numbers, seed: int):
    """Uniform in [0, 1) by SplitMix64 of whole numbers: the same in every language, unlike a library's generator."""
    word = lambda value: np.uint64(value % 2**64)
    gamma = 0x9E3779B97F4A7C15
    z = np.asarray(numbers).astype("int64").astype("uint64") * word(gamma) + word((seed + 1) * gamma)
    z = (z ^ (z >> word(30))) * word(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> word(27))) * word(0x94D049BB133111EB)
    z = z ^ (z >> word(31))
    return (z >> word(11)).astype("float64") * 2.0**-53
"#;

pub const RUST: &str = r#"/// Uniform in [0, 1) by SplitMix64 of whole numbers: the same in every language, unlike a library's generator.
fn random(numbers: Expr, seed: u64) -> Expr {
    const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let word = |value: u64| lit(Scalar::from(value));
    let shifted = |z: &Expr, bits: u32| z.clone().floor_div(word(1 << bits));
    let z = numbers.cast(DataType::UInt64) * word(GAMMA) + word((seed + 1).wrapping_mul(GAMMA));
    let z = z.clone().xor(shifted(&z, 30)) * word(0xBF58_476D_1CE4_E5B9);
    let z = z.clone().xor(shifted(&z, 27)) * word(0x94D0_49BB_1331_11EB);
    let z = z.clone().xor(shifted(&z, 31));
    shifted(&z, 11).cast(DataType::Float64) * lit(1.0 / (1_u64 << 53) as f64)
}
"#;
