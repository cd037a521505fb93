//! From Polars' Python syntax to a tree. Depth and size are bounded; an error says where and what was expected.

use super::functions::{Function, ParamKind, function, functions};
use super::lexer::{Word, words};
use super::tree::{Across, Ex, Lit, Op, UNARY};
use super::types::Type;
use crate::error::{Fault, similar};

/// Nesting; deeper ones would also be slow to plan.
const MAX_DEPTH: usize = 48;

/// Operators and calls in all: they make the tree deep too, and trees are walked by recursion.
const MAX_PARTS: usize = 256;

/// Reads an expression such as `(pl.col("a") * 2 + pl.col("b").str.len_chars()).clip(0, 10)`.
pub fn parse(text: &str) -> Result<Ex, Fault> {
    let words = words(text)?;
    if words.len() == 1 {
        return Err(Fault::new("The expression is empty").remedy("For example: pl.col(\"price\") * 2"));
    }
    let mut parser = Parser { words, at: 0, depth: 0, parts: 0 };
    let ex = parser.expression(0)?;
    match parser.peek() {
        Word::End => Ok(ex),
        Word::Sign("=") => Err(parser.wrong("`==`, since `=` gives names to arguments")),
        _ => Err(parser.wrong("an operator or the end")),
    }
}

struct Parser {
    words: Vec<(usize, Word)>,
    at: usize,
    depth: usize,
    parts: usize,
}

/// An argument: a value, or a list of them, with its name if it has one.
struct Arg {
    at: usize,
    name: Option<String>,
    value: Value,
}

enum Value {
    Ex(Ex),
    List(Vec<Ex>),
    Type(Type),
}

impl Parser {
    fn peek(&self) -> &Word {
        &self.words[self.at].1
    }

    fn place(&self) -> usize {
        self.words[self.at].0
    }

    fn next(&mut self) -> Word {
        let word = self.words[self.at].1.clone();
        self.at = (self.at + 1).min(self.words.len() - 1);
        word
    }

    fn eat(&mut self, sign: &'static str) -> bool {
        let there = *self.peek() == Word::Sign(sign);
        if there {
            self.next();
        }
        there
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Fault> {
        if self.eat(sign) { Ok(()) } else { Err(self.wrong(&format!("`{sign}`"))) }
    }

    fn count(&mut self) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts <= MAX_PARTS {
            return Ok(());
        }
        let text = format!("The expression has more than {MAX_PARTS} operators and calls");
        Err(Fault::new(text).at(self.place()).remedy("Split it into several steps"))
    }

    fn wrong(&self, expected: &str) -> Fault {
        Fault::new(format!("Expected {expected}, found {}", self.peek().noun())).at(self.place())
    }

    fn name(&mut self, expected: &str) -> Result<String, Fault> {
        match self.peek().clone() {
            Word::Name(name) => {
                self.next();
                Ok(name)
            }
            _ => Err(self.wrong(expected)),
        }
    }

    /// Operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Ex, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new(format!("The expression is nested more than {MAX_DEPTH} deep"))
                .at(self.place())
                .remedy("Derive a part of it in a step of its own"));
        }
        let mut left = self.unary()?;
        while let Some(op) = self.operator().filter(|op| op.binds() >= least) {
            let place = self.place();
            self.count()?;
            self.next();
            let right = self.expression(if op == Op::Pow { op.binds() } else { op.binds() + 1 })?;
            if op.compares()
                && matches!(&left, Ex::Binary(before, ..) if before.compares())
                && !self.closed_before(place)
            {
                return Err(Fault::new("Comparisons can't be chained")
                    .at(place)
                    .remedy("Write (a < b) & (b < c), or a.is_between(b, c)"));
            }
            left = left.binary(op, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Whether what stands before this place ends with a bracket, so that `(a < b) == c` is not a chain.
    fn closed_before(&self, place: usize) -> bool {
        let index = self.words.iter().position(|(at, _)| *at == place).unwrap_or(0);
        index > 0 && self.words[index - 1].1 == Word::Sign(")")
    }

    fn operator(&self) -> Option<Op> {
        let Word::Sign(sign) = self.peek() else { return None };
        Some(match *sign {
            "|" => Op::Or,
            "^" => Op::Xor,
            "&" => Op::And,
            "==" => Op::Eq,
            "!=" => Op::Ne,
            "<" => Op::Lt,
            "<=" => Op::Le,
            ">" => Op::Gt,
            ">=" => Op::Ge,
            "+" => Op::Add,
            "-" => Op::Sub,
            "*" => Op::Mul,
            "/" => Op::Div,
            "//" => Op::FloorDiv,
            "%" => Op::Mod,
            "**" => Op::Pow,
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Ex, Fault> {
        if self.eat("-") {
            return Ok(match self.expression(UNARY)? {
                Ex::Lit(Lit::Integer(number)) => Ex::Lit(Lit::Integer(number.wrapping_neg())),
                Ex::Lit(Lit::Number(number)) => Ex::Lit(Lit::Number(-number)),
                inner => Ex::Neg(Box::new(inner)),
            });
        }
        if self.eat("+") {
            return self.expression(UNARY);
        }
        if self.eat("~") {
            return Ok(Ex::Not(Box::new(self.expression(UNARY)?)));
        }
        let mut ex = self.primary()?;
        while *self.peek() == Word::Sign(".") {
            self.count()?;
            self.next();
            ex = self.method(ex)?;
        }
        Ok(ex)
    }

    fn primary(&mut self) -> Result<Ex, Fault> {
        let place = self.place();
        match self.peek().clone() {
            Word::Text(text) => {
                self.next();
                Ok(Ex::Lit(Lit::Text(text)))
            }
            Word::Integer(number) => {
                self.next();
                Ok(Ex::Lit(Lit::Integer(number)))
            }
            Word::Number(number) => {
                self.next();
                Ok(Ex::Lit(Lit::Number(number)))
            }
            Word::Sign("(") => {
                self.next();
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Word::Name(name) => {
                self.next();
                match name.as_str() {
                    "True" => Ok(Ex::Lit(Lit::Flag(true))),
                    "False" => Ok(Ex::Lit(Lit::Flag(false))),
                    "None" => Ok(Ex::Lit(Lit::Null)),
                    "pl" => {
                        self.expect(".")?;
                        let place = self.place();
                        let name = self.name("a function of pl")?;
                        self.free(&name, place)
                    }
                    "and" | "or" | "not" => Err(Fault::new(format!("`{name}` works on single values, not on columns"))
                        .at(place)
                        .remedy("Use &, | and ~ with brackets around comparisons")),
                    "col" | "lit" | "when" => self.free(&name, place),
                    _ => Err(Fault::new(format!("`{name}` has no meaning here"))
                        .at(place)
                        .remedy(format!("A column is pl.col(\"{name}\"), a text is \"{name}\""))),
                }
            }
            Word::Sign("~" | "-" | "+") => self.unary(),
            _ => Err(self.wrong("a column, a number, a text or a bracket")),
        }
    }

    /// A function of `pl`.
    fn free(&mut self, name: &str, place: usize) -> Result<Ex, Fault> {
        const FREE: &[&str] = &[
            "col",
            "lit",
            "when",
            "len",
            "coalesce",
            "max_horizontal",
            "min_horizontal",
            "sum_horizontal",
            "mean_horizontal",
            "any_horizontal",
            "all_horizontal",
            "concat_str",
            "date",
            "datetime",
        ];
        match name {
            "when" => return self.when(),
            _ if !FREE.contains(&name) => {
                return Err(Fault::new(format!("There is no function pl.{name} here"))
                    .at(place)
                    .near(similar(name, FREE))
                    .remedy(format!("There are {}", FREE.join(", "))));
            }
            _ => {}
        }
        let args = self.arguments()?;
        if name == "len" {
            return if args.is_empty() { Ok(Ex::Len) } else { Err(Fault::new("pl.len takes nothing").at(place)) };
        }
        let mut separator = String::new();
        let mut ignore_nulls = name == "sum_horizontal" || name == "mean_horizontal";
        let mut values = Vec::new();
        for arg in args {
            let at = arg.at;
            match (arg.name.as_deref(), arg.value) {
                (None, Value::Ex(ex)) => values.push(ex),
                (None, Value::List(list)) if name != "lit" => values.extend(list),
                (Some("separator"), Value::Ex(Ex::Lit(Lit::Text(text)))) if name == "concat_str" => separator = text,
                (Some("ignore_nulls"), Value::Ex(Ex::Lit(Lit::Flag(flag)))) if name == "concat_str" => {
                    ignore_nulls = flag
                }
                _ => return Err(Fault::new(format!("pl.{name} doesn't take this")).at(at)),
            }
        }
        let across = match name {
            "col" => return column(values, place),
            "lit" => return literal(values, place),
            "date" | "datetime" => return date(name, &values, place),
            "coalesce" => Across::Coalesce,
            "max_horizontal" => Across::Max,
            "min_horizontal" => Across::Min,
            "sum_horizontal" => Across::Sum,
            "mean_horizontal" => Across::Mean,
            "any_horizontal" => Across::Any,
            "all_horizontal" => Across::All,
            _ => Across::Concat { separator, ignore_nulls },
        };
        if values.is_empty() {
            return Err(Fault::new(format!("pl.{name} needs at least one column")).at(place));
        }
        // as in Polars, a bare text there is a column
        let values = values
            .into_iter()
            .map(|value| match value {
                Ex::Lit(Lit::Text(name)) => Ex::Col(name),
                value => value,
            })
            .collect();
        Ok(Ex::Across(across, values))
    }

    /// After `when`: `(condition).then(value)[.when(..).then(..)].otherwise(value)`.
    fn when(&mut self) -> Result<Ex, Fault> {
        let mut branches = Vec::new();
        loop {
            let when = self.bracketed()?;
            self.expect(".")?;
            if *self.peek() != Word::Name("then".into()) {
                return Err(self.wrong("`then`"));
            }
            self.next();
            branches.push((when, self.bracketed()?));
            if branches.len() > 200 {
                return Err(self.wrong("at most 200 branches"));
            }
            if !(*self.peek() == Word::Sign(".")) {
                return Ok(Ex::When(branches, Box::new(Ex::Lit(Lit::Null))));
            }
            self.next();
            match self.name("`when` or `otherwise`")?.as_str() {
                "when" => continue,
                "otherwise" => {
                    let otherwise = self.bracketed()?;
                    return Ok(Ex::When(branches, Box::new(otherwise)));
                }
                _ => {
                    self.at -= 1;
                    return Err(self.wrong("`when` or `otherwise`"));
                }
            }
        }
    }

    fn bracketed(&mut self) -> Result<Ex, Fault> {
        self.expect("(")?;
        let inner = self.expression(0)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn arguments(&mut self) -> Result<Vec<Arg>, Fault> {
        self.expect("(")?;
        let mut args = Vec::new();
        while !self.eat(")") {
            if !args.is_empty() {
                self.expect(",")?;
                if self.eat(")") {
                    break;
                }
            }
            let at = self.place();
            let named = matches!(self.peek(), Word::Name(_)) && self.words[self.at + 1].1 == Word::Sign("=");
            let name = if named { Some(self.name("a name")?) } else { None };
            if named {
                self.expect("=")?;
            }
            args.push(Arg { at, name, value: self.value()? });
            if args.len() > 10_000 {
                return Err(self.wrong("fewer arguments"));
            }
        }
        Ok(args)
    }

    fn value(&mut self) -> Result<Value, Fault> {
        if self.eat("[") {
            let mut list = Vec::new();
            while !self.eat("]") {
                if !list.is_empty() {
                    self.expect(",")?;
                    if self.eat("]") {
                        break;
                    }
                }
                list.push(self.expression(0)?);
            }
            return Ok(Value::List(list));
        }
        if *self.peek() == Word::Name("pl".into())
            && self.words[self.at + 1].1 == Word::Sign(".")
            && let Some((_, Word::Name(name))) = self.words.get(self.at + 2)
            && let Some(kind) = Type::parse(name)
        {
            self.at += 3;
            return Ok(Value::Type(kind));
        }
        Ok(Value::Ex(self.expression(0)?))
    }

    fn method(&mut self, receiver: Ex) -> Result<Ex, Fault> {
        let place = self.place();
        let mut name = self.name("a method")?;
        if matches!(name.as_str(), "str" | "dt" | "list" | "struct") && self.eat(".") {
            name = format!("{name}.{}", self.name("a method")?);
        }
        match name.as_str() {
            "cast" => return self.cast(receiver),
            "over" => return self.over(receiver, place),
            "alias" => {
                return Err(Fault::new("The name of the result is chosen beside the expression")
                    .at(place)
                    .remedy("Leave `.alias(…)` out"));
            }
            _ => {}
        }
        let Some(found) = function(&name) else {
            let names: Vec<&str> = functions().map(|function| function.name).collect();
            return Err(Fault::new(format!("There is no method `{name}` here"))
                .at(place)
                .near(similar(&name, &names))
                .remedy("The help beside the field lists all of them"));
        };
        let args = self.arguments()?;
        bind(found, receiver, args, place)
    }

    fn cast(&mut self, receiver: Ex) -> Result<Ex, Fault> {
        let place = self.place();
        let mut kind = None;
        let mut strict = true;
        for arg in self.arguments()? {
            match (arg.name.as_deref(), arg.value) {
                (None | Some("dtype"), Value::Type(given)) => kind = Some(given),
                (Some("strict"), Value::Ex(Ex::Lit(Lit::Flag(flag)))) => strict = flag,
                _ => return Err(Fault::new("cast takes a type such as pl.Int64, and strict=False").at(arg.at)),
            }
        }
        let names: Vec<&str> = Type::all().collect();
        let kind = kind.ok_or_else(|| {
            Fault::new("cast needs a type such as pl.Int64").at(place).remedy(format!("Types are {}", names.join(", ")))
        })?;
        Ok(Ex::Cast(Box::new(receiver), kind, strict))
    }

    fn over(&mut self, receiver: Ex, place: usize) -> Result<Ex, Fault> {
        let mut by = Vec::new();
        for arg in self.arguments()? {
            let values = match (arg.name, arg.value) {
                (None, Value::Ex(ex)) => vec![ex],
                (None, Value::List(list)) => list,
                _ => return Err(Fault::new("over takes names of columns").at(arg.at)),
            };
            for value in values {
                match value {
                    Ex::Lit(Lit::Text(name)) | Ex::Col(name) => by.push(name),
                    _ => return Err(Fault::new("over takes names of columns").at(arg.at)),
                }
            }
        }
        if by.is_empty() {
            return Err(Fault::new("over needs at least one column").at(place));
        }
        if !matches!(&receiver, Ex::Call(function, _) if function.class != super::Class::Row) {
            return Err(Fault::new("over follows an aggregation or a window function, such as mean() or shift(1)")
                .at(place)
                .remedy("Write pl.col(\"a\") - pl.col(\"a\").mean().over(\"g\")"));
        }
        Ok(Ex::Over(Box::new(receiver), by))
    }
}

fn column(values: Vec<Ex>, place: usize) -> Result<Ex, Fault> {
    match <[Ex; 1]>::try_from(values) {
        Ok([Ex::Lit(Lit::Text(name))]) => Ok(Ex::Col(name)),
        _ => Err(Fault::new("pl.col takes the name of one column").at(place).remedy("Write pl.col(\"name\")")),
    }
}

fn literal(values: Vec<Ex>, place: usize) -> Result<Ex, Fault> {
    match <[Ex; 1]>::try_from(values) {
        Ok([value @ Ex::Lit(_)]) => Ok(value),
        _ => Err(Fault::new("pl.lit takes one number, text or date").at(place)),
    }
}

fn date(name: &str, values: &[Ex], place: usize) -> Result<Ex, Fault> {
    let wrong = || {
        Fault::new(format!("pl.{name} takes year, month, day of a day that exists"))
            .at(place)
            .remedy("For example pl.date(2024, 2, 29)")
    };
    let mut parts = [0_i64, 1, 1, 0, 0, 0];
    let most = if name == "date" { 3 } else { 6 };
    if values.len() < 3 || values.len() > most {
        return Err(wrong());
    }
    for (part, value) in parts.iter_mut().zip(values) {
        let Ex::Lit(Lit::Integer(number)) = value else { return Err(wrong()) };
        *part = *number;
    }
    let [year, month, day, hour, minute, second] = parts;
    if !Lit::is_date(year, month, day) || hour as u64 > 23 || minute as u64 > 59 || second as u64 > 59 {
        return Err(wrong());
    }
    let (year, month, day) = (year as i32, month as u32, day as u32);
    Ok(Ex::Lit(match name {
        "date" => Lit::Date(year, month, day),
        _ => Lit::Datetime(year, month, day, hour as u32, minute as u32, second as u32),
    }))
}

/// Arguments by place and by name, defaults filled in, each of the kind it must have.
fn bind(function: &'static Function, receiver: Ex, args: Vec<Arg>, place: usize) -> Result<Ex, Fault> {
    let mut bound: Vec<Option<Ex>> = vec![None; function.params.len()];
    bound[0] = Some(receiver);
    let mut next = 1;
    for arg in args {
        let index = match &arg.name {
            None => next,
            Some(name) => {
                let names: Vec<&str> = function.params.iter().skip(1).map(|param| param.name).collect();
                function.params.iter().position(|param| param.name == name).filter(|index| *index > 0).ok_or_else(
                    || {
                        Fault::new(format!("`{}` has no argument `{name}`", function.name))
                            .at(arg.at)
                            .near(similar(name, &names))
                            .remedy(function.usage())
                    },
                )?
            }
        };
        if arg.name.is_none() {
            next += 1;
        }
        let Some(param) = function.params.get(index) else {
            return Err(Fault::new(format!("`{}` takes fewer arguments", function.name))
                .at(arg.at)
                .remedy(function.usage()));
        };
        if bound[index].is_some() {
            return Err(Fault::new(format!("`{}` is given twice", param.name)).at(arg.at));
        }
        bound[index] = Some(fit(param.kind, arg.value).ok_or_else(|| {
            Fault::new(format!("`{}` of `{}` takes {}", param.name, function.name, param.kind.noun()))
                .at(arg.at)
                .remedy(function.usage())
        })?);
    }
    let mut all = Vec::with_capacity(bound.len());
    for (value, param) in bound.into_iter().zip(function.params) {
        match value.or_else(|| param.default_value().map(Ex::Lit)) {
            Some(value) => all.push(value),
            None => {
                return Err(Fault::new(format!("`{}` needs `{}`", function.name, param.name))
                    .at(place)
                    .remedy(function.usage()));
            }
        }
    }
    Ok(Ex::Call(function, all))
}

fn fit(kind: ParamKind, value: Value) -> Option<Ex> {
    match (kind, value) {
        (ParamKind::List, Value::List(list)) => {
            let lits = list.into_iter().map(|ex| if let Ex::Lit(lit) = ex { Some(lit) } else { None });
            Some(Ex::Lit(Lit::List(lits.collect::<Option<_>>()?)))
        }
        (ParamKind::Expr, Value::Ex(ex)) => Some(ex),
        (ParamKind::Num, Value::Ex(Ex::Lit(Lit::Integer(number)))) => Some(Ex::Lit(Lit::Number(number as f64))),
        (kind, Value::Ex(Ex::Lit(lit))) if kind.takes(&lit) => Some(Ex::Lit(lit)),
        _ => None,
    }
}
