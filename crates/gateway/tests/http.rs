//! The gateway over real HTTP: who is let in, how each protocol answers, and S3 with a signing client of our own.

mod client;

use client::{Answer, Server};
use serde_json::{Value, json};

fn error_code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["__type"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn health_needs_nobody() {
    let server = Server::start().await;
    let answer = server.send("GET", "/health", &[], b"").await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!("ok")));
}

#[tokio::test]
async fn wrong_hosts_and_origins_are_refused_everywhere() {
    let server = Server::start().await;
    for path in ["/", "/health", "/studio/call/GetStudio", "/bucket/key", "/endpoints/x/invocations"] {
        let answer = server.send("POST", path, &[("host", "evil.example")], b"").await;
        assert_eq!(answer.status, 403, "{path}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let token = format!("Bearer {}", server.token());
        let headers = [("origin", origin), ("authorization", token.as_str())];
        let answer = server.send("POST", "/studio/call/GetStudio", &headers, b"{}").await;
        assert_eq!((answer.status, error_code(&answer)), (403, "AccessDeniedException".to_owned()), "{origin}");
        let answer =
            server.send("POST", "/", &[("origin", origin), ("x-amz-target", "SageMaker.ListModels")], b"{}").await;
        assert_eq!(answer.status, 403, "{origin}");
    }
}

#[tokio::test]
async fn the_window_needs_its_token() {
    let server = Server::start().await;
    for authorization in ["", "Bearer ", "Bearer x", "Basic eDp5"] {
        let answer = server.send("POST", "/studio/call/GetStudio", &[("authorization", authorization)], b"{}").await;
        assert_eq!((answer.status, error_code(&answer)), (401, "AccessDeniedException".to_owned()), "{authorization}");
    }
    let token = format!("Bearer {}", server.token());
    for origin in [server.address(), "tauri://localhost"] {
        let headers = [("authorization", token.as_str()), ("origin", origin)];
        let answer = server.send("POST", "/studio/call/NoSuchCall", &headers, b"{}").await;
        assert_eq!((answer.status, error_code(&answer)), (400, "UnknownOperationException".to_owned()), "{origin}");
        let allowed = answer.header("access-control-allow-origin").map(str::to_owned);
        assert_eq!(allowed.as_deref(), origin.starts_with("tauri").then_some(origin));
    }
}

#[tokio::test]
async fn json_protocol() {
    let server = Server::start().await;
    let headers = [("x-amz-target", "SageMaker.NoSuchOperation"), ("content-type", "application/x-amz-json-1.1")];
    let answer = server.signed("sagemaker", "POST", "/", &headers, b"{}").await;
    assert_eq!((answer.status, error_code(&answer)), (400, "UnknownOperationException".to_owned()));
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert!(answer.header("x-amzn-requestid").is_some());

    let answer = server.send("POST", "/", &headers, b"{}").await;
    assert_eq!((answer.status, error_code(&answer)), (403, "MissingAuthenticationTokenException".to_owned()));
    let answer = server.with_key("AKIDSOMEBODY").signed("sagemaker", "POST", "/", &headers, b"{}").await;
    assert_eq!((answer.status, error_code(&answer)), (403, "UnrecognizedClientException".to_owned()));
    let answer = server.with_secret("wrong").signed("sagemaker", "POST", "/", &headers, b"{}").await;
    assert_eq!((answer.status, error_code(&answer)), (403, "InvalidSignatureException".to_owned()));
    let answer = server.at_offset(-3_600).signed("sagemaker", "POST", "/", &headers, b"{}").await;
    assert_eq!(error_code(&answer), "InvalidSignatureException");
    assert!(answer.text().contains("Signature expired"), "{}", answer.text());

    let unknown = [("x-amz-target", "DynamoDB_20120810.ListTables")];
    let answer = server.signed("dynamodb", "POST", "/", &unknown, b"{}").await;
    assert_eq!(error_code(&answer), "UnknownOperationException");
    let query_mode = [("x-amz-target", "GraniteServiceVersion20100801.Nothing"), ("x-amzn-query-mode", "true")];
    let answer = server.signed("monitoring", "POST", "/", &query_mode, b"{}").await;
    assert_eq!(answer.header("x-amzn-query-error"), Some("UnknownOperationException;Sender"));
}

#[tokio::test]
async fn query_protocol() {
    let server = Server::start().await;
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let body = b"Action=NoSuchAction&Version=2011-06-15";
    let answer = server.signed("sts", "POST", "/", &headers, body).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("<Code>InvalidAction</Code>"), "{}", answer.text());
    let answer = server.with_key("AKIDSOMEBODY").signed("sts", "POST", "/", &headers, body).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("<Code>InvalidClientTokenId</Code>"), "{}", answer.text());
    let answer = server.with_secret("wrong").signed("iam", "POST", "/", &headers, body).await;
    assert!(answer.text().contains("<Code>SignatureDoesNotMatch</Code>"), "{}", answer.text());
}

#[tokio::test]
async fn invocations() {
    let server = Server::start().await;
    let headers = [("content-type", "text/csv")];
    let path = "/endpoints/nothing-here/invocations";
    let answer = server.signed("sagemaker", "POST", path, &headers, b"1,2,3").await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (400, Some("ValidationError")));
    assert!(answer.json()["Message"].as_str().is_some_and(|text| text.contains("nothing-here")), "{}", answer.text());
    let answer = server.send("POST", path, &headers, b"1,2,3").await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("MissingAuthenticationTokenException")));
    let answer = server.with_secret("wrong").signed("sagemaker", "POST", path, &headers, b"1,2,3").await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("InvalidSignatureException")));
    let large = vec![b'1'; (25 << 20) + 1];
    let answer = server.signed("sagemaker", "POST", path, &headers, &large).await;
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (413, Some("ValidationError")));
}

#[tokio::test]
async fn the_windows_files_come_with_a_policy() {
    let server = Server::start().await;
    let page = server.send("GET", "/", &[], b"").await;
    assert_eq!((page.status, page.text().as_str()), (200, "<!doctype html>window"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("'unsafe-eval'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));

    // The output page has no origin, and neither has what it loads.
    let output = server.send("GET", "/output.html", &[("origin", "null")], b"").await;
    let policy = output.header("content-security-policy").unwrap();
    assert!(policy.contains("sandbox allow-scripts") && policy.contains("connect-src 'none'"), "{policy}");
    assert!(!policy.contains("allow-same-origin"), "{policy}");
    assert_eq!(output.header("access-control-allow-origin"), Some("*"));

    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/nothing", "/bucket/key"] {
        let answer = server.send("GET", path, &[], b"").await;
        assert!(
            answer.status >= 400 && answer.text().starts_with("<?xml"),
            "{path} {} {}",
            answer.status,
            answer.text()
        );
    }
}
