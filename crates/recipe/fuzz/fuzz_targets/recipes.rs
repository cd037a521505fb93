//! Expressions and recipes of any bytes: parsed, planned, printed and written as code without a panic.
#![no_main]

use atelier_recipe::expression::parse;
use atelier_recipe::{Options, Recipe, To};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(tree) = parse(text) {
        let _ = tree.build();
        assert_eq!(parse(&tree.python()).map(|tree| tree.python()), Ok(tree.python()));
    }
    if let Ok(recipe) = Recipe::parse(text) {
        assert_eq!(Recipe::parse(&recipe.to_text()).as_ref(), Ok(&recipe));
        for to in [To::Python, To::Pandas, To::Rust, To::Notebook, To::ProcessingScript] {
            let _ = recipe.export(to, "table.csv", Options::default());
        }
    }
});
