//! Who and where this platform says it is.

/// Region, account and role of the local platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A real region: the SDK's tables of image addresses are keyed by it.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// The execution role that notebooks and jobs act as.
    pub role: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            region: "us-east-1".into(),
            account: "123456789012".into(),
            role: "service-role/AmazonSageMaker-ExecutionRole".into(),
        }
    }
}

impl Settings {
    /// The bucket that the SageMaker SDK makes for itself.
    pub fn default_bucket(&self) -> String {
        format!("sagemaker-{}-{}", self.region, self.account)
    }

    pub fn role_arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.role)
    }

    /// The role's name without its path.
    pub fn role_name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or(&self.role)
    }
}
