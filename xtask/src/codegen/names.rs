//! From AWS's names to Rust's.

/// `S3Uri` to `s3_uri`, `VolumeKmsKeyId` to `volume_kms_key_id`, `EFSFileSystem` to `efs_file_system`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
        let ends_acronym = i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_lower || ends_acronym) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// What serde's `PascalCase` makes of a field's name.
pub fn pascal(field: &str) -> String {
    field.split('_').map(capital).collect()
}

/// What serde's `camelCase` makes of a field's name.
pub fn camel(field: &str) -> String {
    let pascal = pascal(field);
    let mut chars = pascal.chars();
    chars.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// A value of an enumeration as a variant: `InService` stays, `IN_PROGRESS` and `ml.m5.large` become words.
pub fn variant(value: &str) -> String {
    let shouts = value.len() > 3 && !value.chars().any(|c| c.is_lowercase());
    let words = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let name: String = words.map(|w| capital(&if shouts { w.to_lowercase() } else { w.to_owned() })).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("V{name}") } else { name }
}

/// A field's name as Rust accepts it.
pub fn field(name: &str) -> String {
    let snake = snake(name);
    match snake.as_str() {
        "type" | "ref" | "match" | "use" | "mod" | "move" | "where" | "in" | "loop" | "final" | "abstract" => {
            format!("r#{snake}")
        }
        _ => snake,
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_rust() {
        let check = |name: &str, expected: &str| assert_eq!(snake(name), expected);
        check("S3Uri", "s3_uri");
        check("S3DataSource", "s3_data_source");
        check("VolumeKmsKeyId", "volume_kms_key_id");
        check("EFSFileSystem", "efs_file_system");
        check("logStreamName", "log_stream_name");
        check("MaxPayloadInMB", "max_payload_in_mb");
        check("Type", "type");
        assert_eq!(field("Type"), "r#type");
    }

    #[test]
    fn values_become_variants() {
        let check = |value: &str, expected: &str| assert_eq!(variant(value), expected);
        check("InService", "InService");
        check("IN_PROGRESS", "InProgress");
        check("ml.m5.large", "MlM5Large");
        check("None", "None");
        check("Bytes/Second", "BytesSecond");
        check("1.2", "V12");
    }
}
