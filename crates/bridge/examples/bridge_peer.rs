//! The Rust side of `tests/clients/test_bridge.py`: puts and gets what it is told to, on the bridge of its environment.

use atelier_bridge as atelier;
use atelier_bridge::{Array, Bytes, Element, Value};
use polars::prelude::*;
use std::collections::BTreeMap;

type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["copy", name, to] => copy(name, to),
        ["array", kind, name, to] => array(kind, name, to),
        ["value", name, to] => value(name, to),
        ["make"] => make(),
        ["mapped", name] => mapped(name),
        ["names"] => names(),
        ["large", name, count] => large(name, count),
        ["hammer", name, count] => hammer(name, count),
        _ => Err("which of copy, array, value, make, mapped, names, large, hammer?".into()),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn copy(name: &str, to: &str) -> Done {
    Ok(atelier::put(to, &atelier::get::<DataFrame>(name)?)?)
}

fn array(kind: &str, name: &str, to: &str) -> Done {
    fn same<T: Element + Clone>(name: &str, to: &str) -> Done {
        Ok(atelier::put(to, &atelier::get::<Array<T>>(name)?)?)
    }
    match kind {
        "f64" => same::<f64>(name, to),
        "f32" => same::<f32>(name, to),
        "i64" => same::<i64>(name, to),
        "i16" => same::<i16>(name, to),
        "bool" => same::<bool>(name, to),
        "text" => same::<String>(name, to),
        _ => Err("an array of what?".into()),
    }
}

fn value(name: &str, to: &str) -> Done {
    Ok(atelier::put(to, &atelier::get::<serde_json::Value>(name)?)?)
}

fn make() -> Done {
    atelier::put("floats", &[1.5, -2.0])?;
    atelier::put("texts", &vec!["a".to_owned(), "ü".to_owned()])?;
    atelier::put("holes", &[Some(1_i64), None])?;
    atelier::put("flags", &[true, false])?;
    atelier::put("matrix", &Array { shape: vec![2, 3], values: vec![1_i32, 2, 3, 4, 5, 6] })?;
    atelier::put("pi", &3.5)?;
    atelier::put("count", &7_u32)?;
    atelier::put("word", "seven")?;
    atelier::put("config", &Value(serde_json::json!({"depth": 3, "names": ["a", "b"]})))?;
    atelier::put("raw", &Bytes(vec![0, 1]))?;
    atelier::put("table", &df!("n" => [1_i64, 2], "s" => [Some("a"), None])?)?;
    let depths: BTreeMap<String, u32> = [("a".to_owned(), 1)].into();
    atelier::put("depths", &depths)?;
    assert_eq!(atelier::get::<BTreeMap<String, u32>>("depths")?, depths);
    Ok(())
}

/// Prints the rows, and the columns whose values lie in a file of the bridge.
fn mapped(name: &str) -> Done {
    let table: DataFrame = atelier::get(name)?;
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let folder = std::env::var(atelier::FOLDER_VARIABLE)?;
    let is_mapped = |address: usize| {
        maps.lines().filter(|line| line.contains(&folder)).any(|line| {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let bound = |text: &str| usize::from_str_radix(text, 16).unwrap_or(0);
            range.is_some_and(|(first, last)| (bound(first)..bound(last)).contains(&address))
        })
    };
    let mut columns = Vec::new();
    for column in table.columns() {
        let physical = column.as_materialized_series().to_physical_repr().into_owned();
        let addresses: Vec<usize> = match physical.dtype() {
            DataType::Int64 => physical.i64()?.downcast_iter().map(|chunk| chunk.values().as_ptr() as usize).collect(),
            DataType::Float64 => {
                physical.f64()?.downcast_iter().map(|chunk| chunk.values().as_ptr() as usize).collect()
            }
            DataType::String => {
                let chunks = physical.str()?.downcast_iter();
                chunks
                    .flat_map(|chunk| [chunk.views().as_ptr() as usize, chunk.data_buffers()[0].as_ptr() as usize])
                    .collect()
            }
            other => return Err(format!("no test looks at {other}").into()),
        };
        if addresses.into_iter().all(is_mapped) {
            columns.push(column.name().to_string());
        }
    }
    println!("{}", serde_json::json!({"rows": table.height(), "mapped": columns}));
    Ok(())
}

fn names() -> Done {
    println!("{}", serde_json::to_string(&atelier::names()?)?);
    Ok(())
}

fn large(name: &str, count: &str) -> Done {
    Ok(atelier::put(name, &vec![0.0_f64; count.parse()?])?)
}

/// Puts and gets while others do.
fn hammer(name: &str, count: &str) -> Done {
    for i in 0..count.parse::<usize>()? {
        let size = 1000 + i;
        atelier::put(name, &df!("n" => vec![size as i64; size])?)?;
        let found: DataFrame = atelier::get(name)?;
        let numbers = found.column("n")?.i64()?;
        if numbers.min() != numbers.max() {
            return Err(format!("half of one table and half of another: {numbers:?}").into());
        }
    }
    Ok(())
}
