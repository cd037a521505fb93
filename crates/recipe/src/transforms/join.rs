use super::{on, one};
use crate::args::Args;
use crate::error::Fault;
use crate::frame::{How, Join, Union};
use crate::spec::{Default, Group, Kind, ParamSpec, Plan, Transform, ask};

const TABLE: ParamSpec = ParamSpec::new("table", "Other table", Kind::Table);
const SUFFIX: ParamSpec =
    ParamSpec::new("suffix", "Suffix for names that are taken", Kind::Text).or(Default::Text("_right"));

pub const ALL: &[Transform] = &[
    Transform {
        op: "join",
        title: "Join",
        group: Group::Tables,
        summary: "Columns of another table beside the rows with equal keys; a missing key equals none. Rows keep their \
                  order; with full, the other table's rest follows; with right, the other table comes first.",
        params: &[
            TABLE,
            ask::choice("how", "How", &["left", "inner", "right", "full", "semi", "anti"]),
            ask::columns("on", "Keys"),
            ParamSpec::new("right_on", "Keys there", Kind::Values).optional().help("When they have other names"),
            SUFFIX,
        ],
        examples: &[
            on("people", r#"{"table":"tests/tables/cities.csv","on":["city"]}"#),
            on("people", r#"{"table":"tests/tables/cities.csv","how":"inner","on":["city"],"suffix":"_c"}"#),
            on("people", r#"{"table":"tests/tables/cities.csv","how":"right","on":["city"]}"#),
            on("people", r#"{"table":"tests/tables/cities.csv","how":"full","on":["city"]}"#),
            on("people", r#"{"table":"tests/tables/cities.csv","how":"semi","on":["city"]}"#),
            on("people", r#"{"table":"tests/tables/cities.csv","how":"anti","on":["city"]}"#),
            on(
                "people",
                r#"{"table":"tests/tables/visits.csv","how":"inner","on":["id","city"],"right_on":["person","place"]}"#,
            ),
            on("people", r#"{"table":"tests/tables/visits.csv","how":"left","on":["id"],"right_on":["person"]}"#),
        ],
        plan: |args| {
            let how = match args.text("how").as_str() {
                "inner" => How::Inner,
                "right" => How::Right,
                "full" => How::Full,
                "semi" => How::Semi,
                "anti" => How::Anti,
                _ => How::Left,
            };
            plan(args, how, args.columns("on"), args.columns("right_on"))
        },
    },
    Transform {
        op: "join_nearest",
        title: "Join to the nearest",
        group: Group::Tables,
        summary: "For each row the other table's row with the closest time or number that isn't later (or earlier, or \
                  either), among those with equal keys. Rows without that time are dropped, the others sorted by it.",
        params: &[
            TABLE,
            ask::column("on", "Time or number"),
            ParamSpec::new("right_on", "Its name there", Kind::Text).optional(),
            ask::columns("by", "Equal in").optional(),
            ask::choice("direction", "Direction", &["backward", "forward", "nearest"]),
            SUFFIX,
        ],
        examples: &[
            on("people", r#"{"table":"tests/tables/rates.csv","on":"seen"}"#),
            on("people", r#"{"table":"tests/tables/rates.csv","on":"seen","direction":"forward","by":["city"]}"#),
            on("people", r#"{"table":"tests/tables/rates.csv","on":"seen","direction":"nearest"}"#),
        ],
        plan: |args| {
            let how = match args.text("direction").as_str() {
                "forward" => How::AsofForward,
                "nearest" => How::AsofNearest,
                _ => How::AsofBackward,
            };
            let near = args.text("on");
            let (mut mine, mut theirs) = (args.columns("by"), args.columns("by"));
            theirs.push(args.text_opt("right_on").unwrap_or_else(|| near.clone()));
            mine.push(near);
            plan(args, how, mine, theirs)
        },
    },
    Transform {
        op: "join_cross",
        title: "Join each with each",
        group: Group::Tables,
        summary: "Every row with every row of another table.",
        params: &[TABLE, SUFFIX],
        examples: &[on("people", r#"{"table":"tests/tables/cities.csv"}"#)],
        plan: |args| plan(args, How::Cross, Vec::new(), Vec::new()),
    },
    Transform {
        op: "union",
        title: "Append rows",
        group: Group::Tables,
        summary: "Another table's rows below, columns by name; what one lacks is missing there.",
        params: &[TABLE],
        examples: &[on("people", r#"{"table":"tests/tables/more.csv"}"#)],
        plan: |args| one(Union(args.text("table"))),
    },
];

fn plan(args: &Args, how: How, on: Vec<String>, right_on: Vec<String>) -> Plan {
    let right_on = if right_on.is_empty() { on.clone() } else { right_on };
    if on.len() != right_on.len() {
        let text = format!("There are {} keys here, but {} there", on.len(), right_on.len());
        return Err(Fault::new(text).param("right_on").remedy("Name as many, in the same order"));
    }
    if args.text("suffix").is_empty() {
        return Err(Fault::new("The suffix is empty").param("suffix"));
    }
    one(Join { table: args.text("table"), how, on, right_on, suffix: args.text("suffix") })
}
