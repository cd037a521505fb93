//! `atelier env`: the variables that send boto3, the AWS CLI and the SageMaker SDK to the local platform.

use crate::cli::{EnvArgs, Format};
use crate::exit::Failure;
use crate::home::Home;
use atelier_studio::{Credentials, StudioOptions, environment};
use std::io::Write as _;
use std::process::ExitCode;

/// Prints all or nothing: half an environment would send requests to the real AWS.
pub fn run(args: EnvArgs) -> anyhow::Result<ExitCode> {
    let variables = variables(&Home::find(args.home.home)?)?;
    let mut out = std::io::stdout().lock();
    out.write_all(print(args.format, &variables)?.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What the running backend of this home tells its clients to set.
pub fn variables(home: &Home) -> anyhow::Result<Vec<(String, String)>> {
    let running = home.running()?;
    let credentials = Credentials::read(home.path())
        .map_err(|error| Failure::of_home(home.path(), error))?
        .ok_or_else(|| Failure::NotRunning { home: home.path().display().to_string() })?;
    let options = StudioOptions::new(home.path());
    Ok(environment::variables(&running.address, &credentials, &options.settings, home.path()))
}

fn print(format: Format, variables: &[(String, String)]) -> anyhow::Result<String> {
    if format == Format::Json {
        let object: serde_json::Map<_, _> =
            variables.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        return Ok(format!("{}\n", serde_json::to_string_pretty(&object)?));
    }
    Ok(variables.iter().map(|(name, value)| line(format, name, value)).collect())
}

fn line(format: Format, name: &str, value: &str) -> String {
    match format {
        Format::Shell | Format::Json => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
        Format::Fish => format!("set -gx {name} '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'")),
        Format::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
        Format::Dotenv => {
            format!("{name}=\"{}\"\n", value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, value: &str, expected: &str) {
        assert_eq!(print(format, &[("A".to_owned(), value.to_owned())]).unwrap(), expected);
    }

    #[test]
    fn each_language_quotes_its_own_way() {
        check(Format::Shell, "a b", "export A='a b'\n");
        check(Format::Shell, "it's $x", "export A='it'\\''s $x'\n");
        check(Format::Fish, r"it's \", "set -gx A 'it\\'s \\\\'\n");
        check(Format::Powershell, "it's", "$env:A = 'it''s'\n");
        check(Format::Dotenv, r#"a"b$c\"#, "A=\"a\\\"b\\$c\\\\\"\n");
        check(Format::Json, r#"a"b"#, "{\n  \"A\": \"a\\\"b\"\n}\n");
    }
}
