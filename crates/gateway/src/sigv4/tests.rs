use super::*;
use http::Request;

/// The example of AWS's documentation ("Authenticating requests", IAM ListUsers): its key pair is public.
const ACCESS: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, \
    Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
const AT: i64 = 1_440_938_160;

fn example() -> Request<()> {
    Request::get("/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("host", "iam.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header("authorization", SIGNED)
        .body(())
        .unwrap()
}

fn verify(request: Request<()>, secret: &str, body: &[u8], now_s: i64) -> Result<(), AuthError> {
    let (parts, ()) = request.into_parts();
    let auth = Authorization::read(&parts.headers)?;
    let verifier = Verifier::new(ACCESS, secret);
    let first = verifier.verify(&parts, &auth, body, now_s);
    // The second time the key comes from the cache.
    assert_eq!(first, verifier.verify(&parts, &auth, body, now_s));
    first
}

fn changed(change: impl FnOnce(&mut Request<()>)) -> Result<(), AuthError> {
    let mut request = example();
    change(&mut request);
    verify(request, SECRET, b"", AT)
}

#[test]
fn the_documented_example_verifies() {
    assert_eq!(verify(example(), SECRET, b"", AT), Ok(()));
    assert_eq!(verify(example(), SECRET, b"", AT + 899), Ok(()));
}

#[test]
fn every_change_is_noticed() {
    assert_eq!(verify(example(), "another secret", b"", AT), Err(AuthError::Mismatch));
    assert_eq!(verify(example(), SECRET, b"x", AT), Err(AuthError::Mismatch));
    assert_eq!(changed(|r| *r.method_mut() = http::Method::POST), Err(AuthError::Mismatch));
    assert_eq!(
        changed(|r| *r.uri_mut() = "/x?Action=ListUsers&Version=2010-05-08".parse().unwrap()),
        Err(AuthError::Mismatch)
    );
    assert_eq!(
        changed(|r| *r.uri_mut() = "/?Action=ListRoles&Version=2010-05-08".parse().unwrap()),
        Err(AuthError::Mismatch)
    );
    assert_eq!(changed(|r| drop(r.headers_mut().insert("host", "x".parse().unwrap()))), Err(AuthError::Mismatch));
    assert_eq!(
        changed(|r| *r.uri_mut() = "/?Version=2010-05-08&Action=ListUsers".parse().unwrap()),
        Ok(()),
        "order of the query"
    );
}

#[test]
fn replays_and_wrong_clocks() {
    assert!(matches!(verify(example(), SECRET, b"", AT + 901), Err(AuthError::Skewed { late: true, .. })));
    assert!(matches!(verify(example(), SECRET, b"", AT - 901), Err(AuthError::Skewed { late: false, .. })));
}

#[test]
fn unsigned_headers_that_matter_are_refused() {
    let error = changed(|r| drop(r.headers_mut().insert("x-amz-target", "SageMaker.DeleteModel".parse().unwrap())));
    assert!(matches!(error, Err(AuthError::Incomplete(text)) if text.contains("x-amz-target")));
    let authorization = SIGNED.replace("content-type;host;x-amz-date", "x-amz-date");
    let error = changed(|r| drop(r.headers_mut().insert("authorization", authorization.parse().unwrap())));
    assert!(matches!(error, Err(AuthError::Incomplete(text)) if text.contains("Host")));
}

#[test]
fn hostile_authorization_headers() {
    let parse = |text: &str| Authorization::parse(text).map(|_| ());
    for text in [
        "",
        "Basic eDp5",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request/x, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host",
    ] {
        assert!(matches!(parse(text), Err(AuthError::Incomplete(_))), "{text}");
    }
    let short = SIGNED.replace("5d672d79", "");
    assert_eq!(
        changed(|r| drop(r.headers_mut().insert("authorization", short.parse().unwrap()))),
        Err(AuthError::Mismatch)
    );
    let other = SIGNED.replace("AKIDEXAMPLE", "AKIDSOMEBODY");
    assert_eq!(
        changed(|r| drop(r.headers_mut().insert("authorization", other.parse().unwrap()))),
        Err(AuthError::UnknownKey)
    );
}

#[test]
fn the_claimed_payload_hash_must_be_true() {
    let claim = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let (mut parts, ()) = example().into_parts();
    parts.headers.insert("x-amz-content-sha256", claim.parse().unwrap());
    let auth = Authorization::parse(SIGNED).unwrap();
    assert_eq!(Verifier::new(ACCESS, SECRET).verify(&parts, &auth, b"x", AT), Err(AuthError::Payload));
}
