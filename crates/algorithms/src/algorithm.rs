//! The table of algorithms and how an image's address names one.

use crate::hyperparameter::{self, Hyperparameter};
use std::collections::BTreeMap;

/// One built-in algorithm as the platform and the job form see it.
#[derive(Debug)]
pub struct Algorithm {
    /// The repository name of AWS's image, and the value of `ATELIER_ALGORITHM`.
    pub name: &'static str,
    pub title: &'static str,
    pub hyperparameters: &'static [Hyperparameter],
    /// Metric name and the regular expression that finds its value in the log.
    pub metrics: &'static [(&'static str, &'static str)],
    pub channels: &'static [Channel],
}

/// An input channel.
#[derive(Debug)]
pub struct Channel {
    pub name: &'static str,
    pub required: bool,
    /// Content types without parameters.
    pub content_types: &'static [&'static str],
}

static ALGORITHMS: &[Algorithm] = &[];

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

    /// Checks hyperparameters as the container would; the text is what it writes to the failure file.
    pub fn validate(&self, given: &BTreeMap<String, String>) -> Result<(), String> {
        hyperparameter::validate(self.hyperparameters, given)
    }
}
