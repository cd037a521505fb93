//! A step's parameters, checked against what its transform asks for.

use crate::error::{Fault, similar};
use crate::expression::{Ex, Lit, col, parse};
use crate::param::Param;
use crate::spec::{Default, Kind, ParamSpec, Transform};
use std::collections::BTreeMap;

pub struct Args<'a> {
    transform: &'a Transform,
    params: &'a BTreeMap<String, Param>,
}

impl<'a> Args<'a> {
    pub fn check(transform: &'a Transform, params: &'a BTreeMap<String, Param>) -> Result<Args<'a>, Fault> {
        let names: Vec<&str> = transform.params.iter().map(|spec| spec.name).collect();
        if let Some(name) = params.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(Fault::new(format!("It has no parameter `{name}`"))
                .param(name)
                .near(similar(name, &names))
                .remedy(format!("It has {}", if names.is_empty() { "none".into() } else { names.join(", ") })));
        }
        let args = Args { transform, params };
        for spec in transform.params {
            match args.given(spec.name) {
                None if spec.required => {
                    return Err(Fault::new(format!("{} is missing", spec.label)).param(spec.name).remedy("Fill it in"));
                }
                None => {}
                Some(value) => check_kind(spec, value).map_err(|fault| fault.param(spec.name))?,
            }
        }
        Ok(args)
    }

    fn given(&self, name: &str) -> Option<&'a Param> {
        self.params.get(name).filter(|value| match value {
            Param::Null => false,
            Param::Text(text) => !text.is_empty() || self.may_be_empty(name),
            Param::List(list) => !list.is_empty(),
            _ => true,
        })
    }

    /// An empty field of a form means "not given", except where text is asked for without a default.
    fn may_be_empty(&self, name: &str) -> bool {
        self.transform.params.iter().any(|spec| spec.name == name && spec.kind == Kind::Text && spec.required)
    }

    fn preset(&self, name: &str) -> Default {
        self.transform.params.iter().find(|spec| spec.name == name).map_or(Default::None, |spec| spec.default)
    }

    pub fn raw(&self, name: &str) -> Option<&'a Param> {
        self.given(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.text_opt(name).unwrap_or_default()
    }

    pub fn text_opt(&self, name: &str) -> Option<String> {
        match (self.given(name), self.preset(name)) {
            (Some(Param::Text(text)), _) => Some(text.clone()),
            (None, Default::Text(text)) => Some(text.into()),
            _ => None,
        }
    }

    /// A column's name for the result.
    pub fn name_or(&self, otherwise: &str) -> String {
        self.text_opt("name").unwrap_or_else(|| otherwise.into())
    }

    pub fn columns(&self, name: &str) -> Vec<String> {
        match self.given(name) {
            Some(Param::List(list)) => list.iter().filter_map(text_of).collect(),
            Some(Param::Text(one)) => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    pub fn column(&self, name: &str) -> Ex {
        col(&self.text(name))
    }

    pub fn number(&self, name: &str) -> f64 {
        self.number_opt(name).unwrap_or_default()
    }

    pub fn number_opt(&self, name: &str) -> Option<f64> {
        match (self.given(name), self.preset(name)) {
            (Some(value), _) => value.number(),
            (None, Default::Number(number)) => Some(number),
            _ => None,
        }
    }

    pub fn integer(&self, name: &str) -> i64 {
        self.number(name) as i64
    }

    pub fn flag(&self, name: &str) -> bool {
        match (self.given(name), self.preset(name)) {
            (Some(Param::Flag(flag)), _) => *flag,
            (None, Default::Flag(flag)) => flag,
            _ => false,
        }
    }

    pub fn values(&self, name: &str) -> Result<Vec<Lit>, Fault> {
        match self.given(name) {
            Some(Param::List(list)) => list.iter().map(|value| literal(value).map_err(|f| f.param(name))).collect(),
            Some(one) => Ok(vec![literal(one).map_err(|fault| fault.param(name))?]),
            None => Ok(Vec::new()),
        }
    }

    pub fn value(&self, name: &str) -> Result<Lit, Fault> {
        Ok(self.values(name)?.into_iter().next().unwrap_or(Lit::Null))
    }

    /// From old text to new value, in the order of the old ones.
    pub fn mapping(&self, name: &str) -> Result<Vec<(String, Lit)>, Fault> {
        match self.given(name) {
            Some(Param::Map(map)) => {
                map.iter().map(|(from, to)| Ok((from.clone(), literal(to).map_err(|f| f.param(name))?))).collect()
            }
            _ => Ok(Vec::new()),
        }
    }

    pub fn expression(&self, name: &str) -> Result<Ex, Fault> {
        parse(&self.text(name)).map_err(|fault| fault.param(name))
    }
}

pub fn text_of(value: &Param) -> Option<String> {
    if let Param::Text(text) = value { Some(text.clone()) } else { None }
}

/// A plain value as a literal.
pub fn literal(value: &Param) -> Result<Lit, Fault> {
    Ok(match value {
        Param::Null => Lit::Null,
        Param::Flag(flag) => Lit::Flag(*flag),
        Param::Integer(number) => Lit::Integer(*number),
        Param::Number(number) => Lit::Number(*number),
        Param::Text(text) => Lit::Text(text.clone()),
        Param::List(_) | Param::Map(_) => {
            return Err(Fault::new(format!("Expected one value, found {}", value.noun())));
        }
    })
}

/// `2024-02-29` or `2024-02-29 13:30[:00]`, also with `T`.
pub fn time_literal(text: &str, with_time: bool) -> Option<Lit> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time),
        None => (text, "00:00:00"),
    };
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut parts = time.splitn(3, ':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if !Lit::is_date(year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (year, month, day) = (year as i32, month as u32, day as u32);
    Some(match with_time {
        true => Lit::Datetime(year, month, day, hour, minute, second),
        false => Lit::Date(year, month, day),
    })
}

fn check_kind(spec: &ParamSpec, value: &Param) -> Result<(), Fault> {
    let wrong = |wanted: &str| Err(Fault::new(format!("{} must be {wanted}, not {}", spec.label, value.noun())));
    match (spec.kind, value) {
        (Kind::Number { min, max, integer }, _) => match value.number() {
            None => wrong("a number"),
            Some(number) if integer && number.fract() != 0.0 => wrong("a whole number"),
            Some(number) if !(min..=max).contains(&number) => {
                let bounds = match (min == f64::MIN, max == f64::MAX) {
                    (true, _) => format!("at most {max}"),
                    (_, true) => format!("at least {min}"),
                    _ => format!("from {min} to {max}"),
                };
                Err(Fault::new(format!("{} must be {bounds}, not {number}", spec.label)))
            }
            Some(_) => Ok(()),
        },
        (Kind::Choice(of), Param::Text(text)) if !of.contains(&text.as_str()) => {
            Err(Fault::new(format!("{} can't be `{text}`", spec.label))
                .near(similar(text, of))
                .remedy(format!("Choose one of {}", of.join(", "))))
        }
        (Kind::Column | Kind::ColumnOf(_) | Kind::NewColumn | Kind::Text | Kind::Choice(_), Param::Text(_)) => Ok(()),
        (Kind::Expression | Kind::Sql | Kind::Table | Kind::Code, Param::Text(_)) => Ok(()),
        (Kind::Regex, Param::Text(pattern)) => crate::expression::check_regex(pattern).map(|_| ()),
        (Kind::Column | Kind::ColumnOf(_), _) => wrong("the name of one column"),
        (
            Kind::NewColumn
            | Kind::Text
            | Kind::Choice(_)
            | Kind::Expression
            | Kind::Sql
            | Kind::Regex
            | Kind::Table
            | Kind::Code,
            _,
        ) => wrong("text"),
        (Kind::Flag, Param::Flag(_)) => Ok(()),
        (Kind::Flag, _) => wrong("true or false"),
        (Kind::Choices(of), Param::List(list)) => {
            let wrong = list.iter().find(|item| !text_of(item).is_some_and(|text| of.contains(&text.as_str())));
            match wrong {
                None => Ok(()),
                Some(item) => {
                    let text = text_of(item).unwrap_or_default();
                    Err(Fault::new(format!("{} can't have `{text}`", spec.label))
                        .near(similar(&text, of))
                        .remedy(format!("Choose from {}", of.join(", "))))
                }
            }
        }
        (Kind::Choices(_), _) => wrong("a list"),
        (Kind::Columns | Kind::ColumnsOf(_), Param::Text(_)) => Ok(()),
        (Kind::Columns | Kind::ColumnsOf(_), Param::List(list)) => match list.iter().all(|v| text_of(v).is_some()) {
            true => Ok(()),
            false => wrong("a list of columns' names"),
        },
        (Kind::Columns | Kind::ColumnsOf(_), _) => wrong("a list of columns' names"),
        (Kind::Values, Param::Map(_)) => wrong("a list of values"),
        (Kind::Mapping, Param::Map(_)) => Ok(()),
        (Kind::Mapping, _) => wrong("pairs of old and new values"),
        (Kind::Aggregations | Kind::Cases, Param::List(_)) => Ok(()),
        (Kind::Aggregations | Kind::Cases, _) => wrong("a list"),
        (Kind::Filter, Param::Map(_)) => Ok(()),
        (Kind::Filter, _) => wrong("conditions"),
        (Kind::Values, _) => Ok(()),
    }
}
