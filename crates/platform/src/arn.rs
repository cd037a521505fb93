//! ARNs of the platform's resources.

use crate::Settings;

/// `arn:aws:sagemaker:REGION:ACCOUNT:KIND/NAME`. SageMaker writes the name in lower case.
pub fn sagemaker(settings: &Settings, kind: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{}:{}:{kind}/{}", settings.region, settings.account, name.to_lowercase())
}

/// The kind and the name of a SageMaker ARN, `None` when it is none.
pub fn split(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(_partition), Some("sagemaker"), Some(_region), Some(_account), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    resource.split_once('/').filter(|(kind, name)| !kind.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let arn = sagemaker(&Settings::default(), "training-job", "Xgb-1");
        assert_eq!(arn, "arn:aws:sagemaker:us-east-1:123456789012:training-job/xgb-1");
        assert_eq!(split(&arn), Some(("training-job", "xgb-1")));
        assert_eq!(split("arn:aws:s3:::bucket/key"), None);
        assert_eq!(split("nonsense"), None);
    }
}
