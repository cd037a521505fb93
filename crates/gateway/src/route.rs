//! Tells requests apart by their head alone.

use crate::sigv4::Authorization;
use http::request::Parts;
use http::{HeaderMap, Method, header};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// S3, which verifies by itself: signed headers, presigned addresses, browser forms.
    S3,
    /// `sagemaker-runtime`: the part of the path between `/endpoints/` and `/invocations`.
    Invoke(&'a str),
    /// Every other AWS service.
    Aws,
    Health,
    /// A studio call of this name.
    Call(&'a str),
    Events,
    /// What a notebook put out: key and name, between them a slash.
    Blob(&'a str),
    /// A file of the user interface; S3 says what is wrong if there is none.
    Ui,
    /// A browser asks whether the shell's page may call.
    Preflight,
}

pub fn route(parts: &Parts) -> Route<'_> {
    let path = parts.uri.path();
    if is_signed(&parts.headers) {
        // An AWS caller says by its signature's scope which service it means; S3 keys may look like any path.
        return match Authorization::read(&parts.headers) {
            Ok(auth) if auth.service == "s3" => Route::S3,
            Ok(_) | Err(_) if parts.headers.contains_key("x-amz-target") => Route::Aws,
            Ok(auth) if auth.service != "sagemaker" => Route::Aws,
            Ok(_) => invocation(parts).unwrap_or(Route::Aws),
            // Signature version 2, which only S3 has.
            Err(_) if authorization(&parts.headers).starts_with(b"AWS ") => Route::S3,
            Err(_) => Route::Aws,
        };
    }
    if parts.uri.query().is_some_and(is_presigned) || is_browser_form(parts) {
        return Route::S3;
    }
    if let Some(rest) = path.strip_prefix("/studio/") {
        return match (&parts.method, rest.strip_prefix("call/")) {
            (&Method::OPTIONS, _) => Route::Preflight,
            (&Method::POST, Some(name)) => Route::Call(name),
            (&Method::GET, None) if rest == "events" => Route::Events,
            (&Method::GET | &Method::HEAD, None) if rest.starts_with("blob/") => Route::Blob(&rest["blob/".len()..]),
            _ => Route::Ui,
        };
    }
    match parts.method {
        Method::GET | Method::HEAD if path == "/health" => Route::Health,
        Method::GET | Method::HEAD => Route::Ui,
        Method::POST if path == "/" => Route::Aws,
        Method::POST => invocation(parts).unwrap_or(Route::S3),
        _ => Route::S3,
    }
}

fn authorization(headers: &HeaderMap) -> &[u8] {
    headers.get(header::AUTHORIZATION).map_or(b"", |value| value.as_bytes())
}

fn is_signed(headers: &HeaderMap) -> bool {
    let value = authorization(headers);
    value.starts_with(b"AWS4-") || value.starts_with(b"AWS ")
}

fn is_presigned(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("X-Amz-Signature=") || pair.starts_with("Signature="))
}

fn is_browser_form(parts: &Parts) -> bool {
    let content_type = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    parts.method == Method::POST && content_type.starts_with(b"multipart/form-data")
}

fn invocation(parts: &Parts) -> Option<Route<'_>> {
    let name = parts.uri.path().strip_prefix("/endpoints/")?.strip_suffix("/invocations")?;
    (parts.method == Method::POST && !name.contains('/')).then_some(Route::Invoke(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn check(method: &str, uri: &str, headers: &[(&str, &str)], expected: Route<'_>) {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(route(&parts), expected, "{method} {uri} {headers:?}");
    }

    fn scope(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=00"
        )
    }

    #[test]
    fn by_signature() {
        check("GET", "/", &[("authorization", &scope("s3"))], Route::S3);
        check("PUT", "/studio/call/GetStudio", &[("authorization", &scope("s3"))], Route::S3);
        check("GET", "/health", &[("authorization", &scope("s3"))], Route::S3);
        check("POST", "/endpoints/a/invocations", &[("authorization", &scope("s3"))], Route::S3);
        check("POST", "/endpoints/a/invocations", &[("authorization", &scope("sagemaker"))], Route::Invoke("a"));
        check(
            "POST",
            "/",
            &[("authorization", &scope("sagemaker")), ("x-amz-target", "SageMaker.ListModels")],
            Route::Aws,
        );
        check("POST", "/", &[("authorization", &scope("sts"))], Route::Aws);
        check("GET", "/", &[("authorization", "AWS AKID:c2ln")], Route::S3);
        check("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 nonsense")], Route::Aws);
    }

    #[test]
    fn presigned_and_forms() {
        check("GET", "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", &[], Route::S3);
        check("GET", "/bucket/key?AWSAccessKeyId=A&Expires=1&Signature=00", &[], Route::S3);
        check("POST", "/bucket", &[("content-type", "multipart/form-data; boundary=x")], Route::S3);
    }

    #[test]
    fn unsigned() {
        check("GET", "/", &[], Route::Ui);
        check("GET", "/index.js", &[], Route::Ui);
        check("GET", "/health", &[], Route::Health);
        check("POST", "/studio/call/GetStudio", &[("authorization", "Bearer x")], Route::Call("GetStudio"));
        check("GET", "/studio/call/GetStudio", &[], Route::Ui);
        check("GET", "/studio/events", &[], Route::Events);
        check("GET", "/studio/blob/k/0a?type=image%2Fpng", &[], Route::Blob("k/0a"));
        check("POST", "/studio/blob/k/0a", &[], Route::Ui);
        check("OPTIONS", "/studio/call/GetStudio", &[], Route::Preflight);
        check("POST", "/", &[("x-amz-target", "SageMaker.ListModels")], Route::Aws);
        check("POST", "/endpoints/a/invocations", &[], Route::Invoke("a"));
        check("POST", "/endpoints/a/b/invocations", &[], Route::S3);
        check("PUT", "/bucket/key", &[], Route::S3);
        check("DELETE", "/bucket", &[], Route::S3);
    }
}
