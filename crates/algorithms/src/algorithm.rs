//! The table of algorithms and how an image's address names one.

use crate::{
    hyperparameter::{self, Hyperparameter},
    linear_learner, xgboost,
};
use std::collections::BTreeMap;

/// One built-in algorithm as the platform and the job form see it.
#[derive(Debug)]
pub struct Algorithm {
    /// The repository name of AWS's image, and the value of `ATELIER_ALGORITHM`.
    pub name: &'static str,
    pub title: &'static str,
    pub hyperparameters: &'static [Hyperparameter],
    /// Other names of hyperparameters: (alias, name).
    pub aliases: &'static [(&'static str, &'static str)],
    /// Metric name and the regular expression that finds its value in the log.
    pub metrics: &'static [(&'static str, &'static str)],
    pub channels: &'static [Channel],
    /// What no single hyperparameter can tell: rules between them.
    pub(crate) rules: fn(&BTreeMap<String, String>) -> Result<(), String>,
}

/// An input channel.
#[derive(Debug)]
pub struct Channel {
    pub name: &'static str,
    pub required: bool,
    /// Content types without parameters.
    pub content_types: &'static [&'static str],
}

static ALGORITHMS: &[Algorithm] = &[xgboost::ALGORITHM, linear_learner::ALGORITHM];

impl Algorithm {
    /// All algorithms of this build.
    pub fn all() -> &'static [Algorithm] {
        ALGORITHMS
    }

    /// The algorithm by its name, as in `ATELIER_ALGORITHM`.
    pub fn named(name: &str) -> Option<&'static Algorithm> {
        ALGORITHMS.iter().find(|a| a.name == name)
    }

    /// The algorithm behind an image such as `811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1`. Only the
    /// repository's name counts: accounts and regions differ by partition, and tags by version.
    pub fn for_image(image_uri: &str) -> Option<&'static Algorithm> {
        let repository = image_uri.rsplit('/').next()?;
        let name = repository.split(['@', ':']).next()?;
        let name = if name == "sagemaker-xgboost" { "xgboost" } else { name };
        Algorithm::named(name)
    }

    /// Hyperparameters under their own names, aliases replaced.
    pub fn without_aliases(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let own = |name: &String| {
            self.aliases.iter().find(|(alias, _)| alias == name).map_or(name.clone(), |(_, n)| n.to_string())
        };
        given.iter().map(|(name, value)| (own(name), value.clone())).collect()
    }

    /// Checks hyperparameters as the container would; the text is what it writes to the failure file.
    pub fn validate(&self, given: &BTreeMap<String, String>) -> Result<(), String> {
        let given = self.without_aliases(given);
        hyperparameter::validate(self.hyperparameters, &given)?;
        (self.rules)(&given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_image(image: &str, expected: Option<&str>) {
        assert_eq!(Algorithm::for_image(image).map(|a| a.name), expected, "{image}");
    }

    #[test]
    fn an_image_names_its_algorithm_whatever_the_account_region_and_tag() {
        check_image("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", Some("xgboost"));
        check_image("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", Some("xgboost"));
        check_image("438346466558.dkr.ecr.eu-west-1.amazonaws.com/linear-learner:1", Some("linear-learner"));
        check_image("438346466558.dkr.ecr.eu-west-1.amazonaws.com/linear-learner@sha256:0a", Some("linear-learner"));
        check_image("xgboost", Some("xgboost"));
        check_image("382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1", None);
        check_image("", None);
    }

    fn check(algorithm: &str, given: &[(&str, &str)], expected: &str) {
        let given = given.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let said = Algorithm::named(algorithm).expect("an algorithm").validate(&given).err().unwrap_or_default();
        assert_eq!(said, expected, "{given:?}");
    }

    #[test]
    fn xgboost_refuses_in_the_words_of_its_container() {
        check("xgboost", &[("num_round", "10"), ("eta", "0.2"), ("learning_rate", "0.2")], "");
        check("xgboost", &[("eta", "0.2")], "Missing required hyperparameter: num_round");
        check("xgboost", &[("num_round", "0")], "Hyperparameter num_round: 0 is not in [1, +inf)");
        check(
            "xgboost",
            &[("num_round", "1.5")],
            "Hyperparameter num_round: could not parse value (caused by ValueError)",
        );
        check("xgboost", &[("num_round", "1"), ("eta", "2")], "Hyperparameter eta: 2.0 is not in [0, 1]");
        check("xgboost", &[("num_round", "1"), ("eta", "nan")], "Hyperparameter eta: nan is not in [0, 1]");
        check("xgboost", &[("num_round", "1"), ("subsample", "0")], "Hyperparameter subsample: 0.0 is not in (0, 1]");
        check("xgboost", &[("num_round", "1"), ("depth", "3")], "Extraneous hyperparameter found: depth");
        check(
            "xgboost",
            &[("num_round", "1"), ("booster", "tree")],
            "Hyperparameter booster: tree is not in ['gbtree', 'gblinear', 'dart']",
        );
        check(
            "xgboost",
            &[("num_round", "1"), ("objective", "multi:softmax")],
            "Require input for parameter 'num_class' for multi-classification",
        );
        check(
            "xgboost",
            &[("num_round", "1"), ("eval_metric", "auc"), ("objective", "reg:squarederror")],
            "Metric 'auc' can only be applied for classification and ranking problems.",
        );
        check("xgboost", &[("num_round", "1"), ("eval_metric", "error@0.7,rmse")], "");
        check(
            "xgboost",
            &[("num_round", "1"), ("eval_metric", "rmse@2")],
            "Metric 'rmse@2' is not supported. Parameter 'eval_metric' with customized threshold should be one of these options: 'error', 'ndcg', 'map'.",
        );
        check(
            "xgboost",
            &[("num_round", "1"), ("monotone_constraints", "(1,0)")],
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'.",
        );
    }

    #[test]
    fn linear_learner_checks_its_own() {
        check("linear-learner", &[("predictor_type", "regressor"), ("learning_rate", "auto")], "");
        check("linear-learner", &[], "Missing required hyperparameter: predictor_type");
        check(
            "linear-learner",
            &[("predictor_type", "multiclass_classifier")],
            "num_classes must be set for predictor_type multiclass_classifier",
        );
    }
}
