use super::{on, one};
use crate::expression::{Ex, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Group, Kind, ParamSpec, Transform, ask};

const WHAT: &[&str] = &["lower case", "accents", "punctuation", "digits", "tags", "addresses", "spaces"];

/// Articles, pronouns and the like, which say little about a text's subject.
const ENGLISH: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his",
    "i", "if", "in", "is", "it", "its", "no", "not", "of", "on", "or", "our", "she", "so", "that", "the", "their",
    "them", "there", "they", "this", "to", "was", "we", "were", "will", "with", "you", "your",
];

pub const ALL: &[Transform] = &[
    Transform {
        op: "clean_text",
        title: "Clean text",
        group: Group::Text,
        summary: "Removes what is chosen, in this order: capital letters, accents, tags between < and >, web and mail \
                  addresses, ASCII punctuation, digits, and white space that is doubled or at an end.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Text),
            ParamSpec::new("remove", "Remove", Kind::Choices(WHAT)),
        ],
        examples: &[
            on("people", r#"{"columns":["name","note"],"remove":["lower case","accents","punctuation","spaces"]}"#),
            on("people", r#"{"columns":["note"],"remove":["tags","addresses","digits","spaces"]}"#),
        ],
        plan: |args| {
            let chosen = args.columns("remove");
            let clean = |mut x: Ex| {
                let replace = |what: &str, rules: &[(&str, &str)], x: Ex| {
                    if !chosen.iter().any(|choice| choice == what) {
                        return x;
                    }
                    rules.iter().fold(x, |x, (find, with)| x.call("str.replace_all", [lit(*find), lit(*with)]))
                };
                if chosen.iter().any(|choice| choice == "lower case") {
                    x = x.call("str.to_lowercase", []);
                }
                if chosen.iter().any(|choice| choice == "accents") {
                    // a letter and its accents come apart, then the accents go
                    x = x.call("str.normalize", [lit("NFKD")]);
                    x = replace("accents", &[("[\u{300}-\u{36f}]", "")], x);
                }
                x = replace("tags", &[("<[^<>]*>", " ")], x);
                x = replace("addresses", &[(r"https?://\S+|www\.\S+|\S+@\S+", " ")], x);
                x = replace("punctuation", &[(r"[!-/:-@\[-`{-~]", "")], x);
                x = replace("digits", &[("[0-9]", "")], x);
                replace("spaces", &[(r"\s+", " "), ("^ | $", "")], x)
            };
            one(WithColumns(args.columns("columns").iter().map(|name| (name.clone(), clean(col(name)))).collect()))
        },
    },
    Transform {
        op: "remove_stop_words",
        title: "Remove stop words",
        group: Group::Text,
        summary: "Removes whole words in any case; the spaces around them become one. Without a list, common English \
                  words.",
        params: &[
            ask::columns_of("columns", "Columns", ColumnType::Text),
            ParamSpec::new("words", "Words", Kind::Values).optional(),
        ],
        examples: &[
            on("people", r#"{"columns":["note"]}"#),
            on("people", r#"{"columns":["note"],"words":["was","x+y"]}"#),
        ],
        plan: |args| {
            let mut words: Vec<String> = args.columns("words");
            if words.is_empty() {
                words = ENGLISH.iter().map(|word| word.to_string()).collect();
            }
            let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
            let pattern = format!(r"(?i)\b(?:{})\b", words.join("|"));
            let cleaned = |name: &String| {
                let x = col(name)
                    .call("str.replace_all", [lit(pattern.as_str()), lit(" ")])
                    .call("str.replace_all", [lit(r"\s+"), lit(" ")])
                    .call("str.replace_all", [lit("^ | $"), lit("")]);
                (name.clone(), x)
            };
            one(WithColumns(args.columns("columns").iter().map(cleaned).collect()))
        },
    },
];
