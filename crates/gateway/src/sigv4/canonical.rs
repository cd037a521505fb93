//! The canonical request: what both sides hash. Built in one buffer.

use super::{AuthError, incomplete};
use http::request::Parts;
use http::{HeaderMap, HeaderName};

/// `METHOD \n path \n query \n headers \n \n signed header names \n payload hash`, in bytes.
///
/// Fails if `host` or an `x-amz-` header that was sent is not signed: what the platform acts on must be covered.
pub fn canonical_request(parts: &Parts, signed_headers: &str, payload: &[u8; 64]) -> Result<Vec<u8>, AuthError> {
    check_covered(&parts.headers, signed_headers)?;
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.push(b'\n');
    push_path(&mut out, parts.uri.path());
    out.push(b'\n');
    push_query(&mut out, parts.uri.query().unwrap_or_default());
    out.push(b'\n');
    for name in signed_headers.split(';') {
        push_header(&mut out, &parts.headers, name)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload);
    Ok(out)
}

fn check_covered(headers: &HeaderMap, signed: &str) -> Result<(), AuthError> {
    let is_signed = |name: &str| signed.split(';').any(|signed| signed == name);
    if !is_signed("host") {
        return Err(incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    match headers.keys().map(HeaderName::as_str).find(|name| name.starts_with("x-amz-") && !is_signed(name)) {
        Some(name) => Err(incomplete(&format!("The header '{name}' was sent but is not signed."))),
        None => Ok(()),
    }
}

/// The path as it came, without dot segments, and percent-encoded once more, as every service but S3 has it.
fn push_path(out: &mut Vec<u8>, path: &str) {
    if !path.contains("//") && !path.contains("/.") {
        return path.bytes().for_each(|byte| push_encoded(out, byte));
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push(b'/');
        segment.bytes().for_each(|byte| push_encoded(out, byte));
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

/// Pairs as they came, which is encoded already, in the order of their bytes.
fn push_query(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(&str, &str)> =
        query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    pairs.sort_unstable();
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.as_bytes());
    }
}

/// `name:value\n`; several values joined by commas, runs of spaces made one.
fn push_header(out: &mut Vec<u8>, headers: &HeaderMap, name: &str) -> Result<(), AuthError> {
    let mut values = headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Err(incomplete(&format!("The header '{name}' is signed but was not sent.")));
    }
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    for (i, value) in values.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        let words = value.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        for (j, word) in words.enumerate() {
            if j > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
    }
    out.push(b'\n');
    Ok(())
}
