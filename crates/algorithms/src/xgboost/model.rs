//! A model file in memory, and the margins of a row.
//!
//! Layout: <https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html> and its JSON schema. The files of
//! XGBoost 1.0 to 3.2 are read; what differs is `base_score`, a number in text until 3.0 and a list in text from 3.1 on.

use super::{document::Document, objective::Objective, tree::Tree};

/// What sums up the margin.
#[derive(Clone, Debug)]
enum Booster {
    /// Trees with the group (class) that each adds to, and its weight (1 but for DART).
    Trees(Vec<(Tree, u32, f32)>),
    /// `weights[feature * groups + group]`, then a bias for each group.
    Linear(Vec<f32>),
}

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model {
    pub num_features: usize,
    pub num_groups: usize,
    /// 0 where the model is no classifier of several classes.
    pub num_class: usize,
    pub feature_names: Vec<String>,
    pub objective_name: String,
    pub objective: Objective,
    base_margins: Vec<f32>,
    booster: Booster,
}

/// Widest model that is read.
const MAX_FEATURES: usize = 1 << 24;
/// Most classes or targets.
const MAX_GROUPS: usize = 1 << 16;

impl Model {
    /// Reads a model file, JSON or UBJSON.
    pub fn parse(bytes: &[u8]) -> Result<Model, String> {
        let document = Document::parse(bytes)?;
        let learner = document.at("learner")?;
        let count = |path: &str| learner.at(path).ok().and_then(Document::count);
        let num_features = count("learner_model_param/num_feature").ok_or("num_feature is missing")?;
        let num_class = count("learner_model_param/num_class").unwrap_or(0);
        let num_groups = num_class.max(count("learner_model_param/num_target").unwrap_or(1)).max(1);
        if num_features > MAX_FEATURES || num_groups > MAX_GROUPS {
            return Err(format!("{num_features} features and {num_groups} outputs are too many"));
        }
        let objective_name = learner.at("objective/name")?.text().unwrap_or_default().to_string();
        let objective = Objective::named(&objective_name)?;
        let base = learner.at("learner_model_param/base_score")?;
        let booster = learner.at("gradient_booster")?;
        Ok(Model {
            num_features,
            num_groups,
            num_class,
            feature_names: names(learner.get("feature_names")),
            base_margins: base_margins(base, objective, num_groups)?,
            booster: read_booster(booster, num_features, num_groups)?,
            objective_name,
            objective,
        })
    }

    /// Writes a row's margins to `out`, which has `num_groups` places. NaN in the row stands for a missing value.
    pub fn margins(&self, row: &[f32], out: &mut [f32]) {
        out.copy_from_slice(&self.base_margins);
        match &self.booster {
            Booster::Trees(trees) => {
                for (tree, group, weight) in trees {
                    out[*group as usize] += weight * tree.score(row);
                }
            }
            Booster::Linear(weights) => {
                let bias = &weights[self.num_features * self.num_groups..];
                out.iter_mut().zip(bias).for_each(|(o, b)| *o += b);
                for (x, weights) in row.iter().zip(weights.chunks_exact(self.num_groups)).filter(|(x, _)| !x.is_nan()) {
                    out.iter_mut().zip(weights).for_each(|(o, w)| *o += x * w);
                }
            }
        }
    }

    /// A value for each feature that lies among the splits on it; 0 where there are none.
    pub fn typical_row(&self) -> Vec<f32> {
        let mut seen: Vec<Vec<f32>> = vec![Vec::new(); self.num_features.min(4096)];
        if let Booster::Trees(trees) = &self.booster {
            for (tree, ..) in trees {
                tree.splits(|feature, threshold| {
                    if let Some(list) = seen.get_mut(feature) {
                        list.push(threshold)
                    }
                });
            }
        }
        let middle = |mut list: Vec<f32>| {
            list.sort_by(f32::total_cmp);
            list.get(list.len() / 2).copied().unwrap_or(0.0)
        };
        seen.into_iter().map(middle).collect()
    }
}

fn names(document: Option<&Document>) -> Vec<String> {
    let items = document.and_then(Document::array).unwrap_or_default();
    items.iter().map(|name| name.text().unwrap_or_default().to_string()).collect()
}

/// `5E-1`, `[5E-1]` or `[1E0,2E0]`, on the prediction's scale.
fn base_margins(base: &Document, objective: Objective, num_groups: usize) -> Result<Vec<f32>, String> {
    let scores: Option<Vec<f32>> = match base {
        Document::Number(number) => Some(vec![*number as f32]),
        Document::Numbers(numbers) => Some(numbers.iter().map(|n| *n as f32).collect()),
        Document::Text(text) => {
            text.trim_matches(['[', ']', ' ']).split(',').map(|score| score.trim().parse::<f32>().ok()).collect()
        }
        _ => None,
    };
    let scores = scores.ok_or("base_score is not a number")?;
    match scores.len() {
        1 => Ok(vec![objective.margin(scores[0]); num_groups]),
        n if n == num_groups => Ok(scores.into_iter().map(|s| objective.margin(s)).collect()),
        n => Err(format!("{n} base scores for {num_groups} outputs")),
    }
}

fn read_booster(booster: &Document, num_features: usize, num_groups: usize) -> Result<Booster, String> {
    match booster.at("name")?.text() {
        Some("gblinear") => {
            let weights = booster.at("model/weights")?.numbers().ok_or("weights are not numbers")?;
            match weights.len() == (num_features + 1) * num_groups {
                true => Ok(Booster::Linear(weights.iter().map(|w| *w as f32).collect())),
                false => Err("the number of weights does not fit the number of features".into()),
            }
        }
        Some("gbtree") => read_trees(booster.at("model")?, None, num_features, num_groups),
        Some("dart") => {
            let weights = booster.at("weight_drop")?.numbers().ok_or("weight_drop is not a list of numbers")?;
            read_trees(booster.at("gbtree/model")?, Some(weights), num_features, num_groups)
        }
        other => Err(format!("booster {} is not known", other.unwrap_or("?"))),
    }
}

fn read_trees(
    model: &Document,
    weights: Option<&[f64]>,
    num_features: usize,
    num_groups: usize,
) -> Result<Booster, String> {
    let trees = model.at("trees")?.array().ok_or("trees are not a list")?;
    let info = model.at("tree_info")?.numbers().ok_or("tree_info is not a list of numbers")?;
    if info.len() != trees.len() || weights.is_some_and(|w| w.len() != trees.len()) {
        return Err("tree_info or weight_drop does not fit the number of trees".into());
    }
    let read = |(i, tree): (usize, &Document)| {
        let group = info[i];
        if !(group >= 0.0 && group < num_groups as f64) {
            return Err(format!("tree {i} adds to output {group} of {num_groups}"));
        }
        let tree = Tree::read(tree, num_features).map_err(|e| format!("tree {i}: {e}"))?;
        Ok((tree, group as u32, weights.map_or(1.0, |w| w[i] as f32)))
    };
    Ok(Booster::Trees(trees.iter().enumerate().map(read).collect::<Result<_, String>>()?))
}
