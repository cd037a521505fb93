//! What a program needs to reach this platform instead of AWS: variables, and the SDK's own configuration file.

use crate::Credentials;
use atelier_platform::Settings;
use std::path::{Path, PathBuf};

/// The variables that `atelier env` prints and that notebooks and jobs get.
///
/// `AWS_ENDPOINT_URL` redirects every client of boto3 and of the AWS CLI; the SageMaker SDK builds its STS client
/// with an address of its own, so its configuration file names the default bucket and keeps it from asking.
/// `SAGEMAKER_*` is read by the SDK's loader; no telemetry is sent.
pub fn variables(address: &str, credentials: &Credentials, settings: &Settings, home: &Path) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        pair("AWS_ENDPOINT_URL", address),
        pair("AWS_ACCESS_KEY_ID", &credentials.access_key),
        pair("AWS_SECRET_ACCESS_KEY", &credentials.secret_key),
        pair("AWS_DEFAULT_REGION", &settings.region),
        pair("AWS_REGION", &settings.region),
        // No request to the instance metadata service, which does not exist here and takes seconds to fail.
        pair("AWS_EC2_METADATA_DISABLED", "true"),
        // Where tables go from one kernel or job to another.
        pair(atelier_bridge::FOLDER_VARIABLE, &atelier_bridge::folder(home).to_string_lossy()),
        pair("SAGEMAKER_USER_CONFIG_OVERRIDE", &sdk_config_path(home).to_string_lossy()),
    ]
}

/// `$ATELIER_HOME/sagemaker.yaml`.
pub fn sdk_config_path(home: &Path) -> PathBuf {
    home.join("sagemaker.yaml")
}

/// Writes the SageMaker SDK's configuration file: defaults for role and bucket, telemetry off.
pub fn write_sdk_config(home: &Path, settings: &Settings) -> std::io::Result<()> {
    let text = format!(
        "SchemaVersion: '1.0'\n\
         SageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n      Session:\n        DefaultS3Bucket: {bucket}\n  \
         TrainingJob:\n    RoleArn: {role}\n  Model:\n    ExecutionRoleArn: {role}\n",
        bucket = settings.default_bucket(),
        role = settings.role_arn(),
    );
    let path = sdk_config_path(home);
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let draft = path.with_extension("yaml.new");
    std::fs::write(&draft, text)?;
    std::fs::File::open(&draft)?.sync_all()?;
    std::fs::rename(draft, path)
}
