//! A hyperparameter's kind and range, and the check that gives AWS's wording.

use std::collections::BTreeMap;

/// One hyperparameter.
#[derive(Debug, Clone, Copy)]
pub struct Hyperparameter {
    pub name: &'static str,
    pub kind: Kind,
    pub range: Range,
    pub required: bool,
    /// What the algorithm takes when the job names none; for the form, as text.
    pub default: Option<&'static str>,
    pub tunable: bool,
}

/// How the value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Continuous,
    /// A number or the word `auto`.
    Auto,
    Categorical,
    /// `a,b,c`
    List,
    /// `(1, 0, -1)`
    Tuple,
    /// `[[0, 1], [2, 3]]`
    NestedList,
}

/// What values are allowed.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    Any,
    Interval { min: Option<Bound>, max: Option<Bound> },
    OneOf(&'static [&'static str]),
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub value: f64,
    pub open: bool,
}

/// The end that belongs to the interval.
pub const fn closed(value: f64) -> Option<Bound> {
    Some(Bound { value, open: false })
}

/// The end that does not.
pub const fn open(value: f64) -> Option<Bound> {
    Some(Bound { value, open: true })
}

impl Hyperparameter {
    const fn new(name: &'static str, kind: Kind, range: Range) -> Hyperparameter {
        Hyperparameter { name, kind, range, required: false, default: None, tunable: false }
    }

    pub const fn integer(name: &'static str, min: Option<Bound>, max: Option<Bound>) -> Hyperparameter {
        Hyperparameter::new(name, Kind::Integer, Range::Interval { min, max })
    }

    pub const fn continuous(name: &'static str, min: Option<Bound>, max: Option<Bound>) -> Hyperparameter {
        Hyperparameter::new(name, Kind::Continuous, Range::Interval { min, max })
    }

    pub const fn auto(name: &'static str, min: Option<Bound>, max: Option<Bound>) -> Hyperparameter {
        Hyperparameter::new(name, Kind::Auto, Range::Interval { min, max }).or("auto")
    }

    pub const fn one_of(name: &'static str, values: &'static [&'static str]) -> Hyperparameter {
        Hyperparameter::new(name, Kind::Categorical, Range::OneOf(values))
    }

    pub const fn text(name: &'static str, kind: Kind) -> Hyperparameter {
        Hyperparameter::new(name, kind, Range::Any)
    }

    pub const fn required(mut self) -> Hyperparameter {
        self.required = true;
        self
    }

    pub const fn tunable(mut self) -> Hyperparameter {
        self.tunable = true;
        self
    }

    /// Names the default.
    pub const fn or(mut self, default: &'static str) -> Hyperparameter {
        self.default = Some(default);
        self
    }

    fn check(&self, value: &str) -> Result<(), String> {
        let unreadable = || format!("Hyperparameter {}: could not parse value (caused by ValueError)", self.name);
        let shown = match self.kind {
            Kind::Auto if value == "auto" => return Ok(()),
            Kind::Integer => value.trim().parse::<i64>().map_err(|_| unreadable())?.to_string(),
            Kind::Continuous | Kind::Auto => python_float(value.trim().parse::<f64>().map_err(|_| unreadable())?),
            Kind::Categorical | Kind::List | Kind::Tuple | Kind::NestedList => value.to_string(),
        };
        let inside = match self.range {
            Range::Any => true,
            Range::OneOf(values) => values.contains(&value),
            Range::Interval { min, max } => {
                let number: f64 = value.trim().parse().map_err(|_| unreadable())?;
                let above = min.is_none_or(|b| if b.open { number > b.value } else { number >= b.value });
                let below = max.is_none_or(|b| if b.open { number < b.value } else { number <= b.value });
                above && below && !number.is_nan()
            }
        };
        match inside {
            true => Ok(()),
            false => Err(format!("Hyperparameter {}: {shown} is not in {}", self.name, self.range)),
        }
    }
}

/// A float as Python prints it, since the containers' texts are Python's.
pub(crate) fn python_float(value: f64) -> String {
    let mut text = String::new();
    crate::response::push_float(&mut text, value);
    text
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Range::Any => write!(f, "any value"),
            Range::OneOf(values) => {
                let quoted: Vec<String> = values.iter().map(|v| format!("'{v}'")).collect();
                write!(f, "[{}]", quoted.join(", "))
            }
            Range::Interval { min, max } => {
                match min {
                    Some(b) => write!(f, "{}{}, ", if b.open { '(' } else { '[' }, b.value)?,
                    None => write!(f, "(-inf, ")?,
                }
                match max {
                    Some(b) => write!(f, "{}{}", b.value, if b.open { ')' } else { ']' }),
                    None => write!(f, "+inf)"),
                }
            }
        }
    }
}

/// Checks presence, names, types and ranges, in the order in which the containers do: what is missing comes first.
pub fn validate(all: &[Hyperparameter], given: &BTreeMap<String, String>) -> Result<(), String> {
    for parameter in all {
        if parameter.required && !given.contains_key(parameter.name) {
            return Err(format!("Missing required hyperparameter: {}", parameter.name));
        }
    }
    for (name, value) in given {
        let Some(parameter) = all.iter().find(|p| p.name == name) else {
            return Err(format!("Extraneous hyperparameter found: {name}"));
        };
        parameter.check(value)?;
    }
    Ok(())
}
