//! S3 over real HTTP, signed by a client of our own. What boto3 makes of it is tested in `tests/clients`.

mod client;

use client::{Answer, Server};

fn code(answer: &Answer) -> String {
    let text = answer.text();
    let after = text.split("<Code>").nth(1).unwrap_or_default();
    after.split("</Code>").next().unwrap_or_default().to_owned()
}

impl Server {
    async fn s3(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.signed("s3", method, path, headers, body).await
    }

    async fn with_bucket() -> Server {
        let server = Server::start().await;
        assert_eq!(server.s3("PUT", "/bucket-one", &[], b"").await.status, 200);
        server
    }
}

#[tokio::test]
async fn buckets() {
    let server = Server::with_bucket().await;
    assert_eq!(server.s3("PUT", "/bucket-one", &[], b"").await.status, 200, "one's own, again");
    assert!(server.s3("GET", "/", &[], b"").await.text().contains("<Name>bucket-one</Name>"));
    assert_eq!(server.s3("HEAD", "/bucket-one", &[], b"").await.status, 200);
    assert_eq!(server.s3("HEAD", "/no-such-bucket", &[], b"").await.status, 404);
    let other = [("x-amz-expected-bucket-owner", "999999999999")];
    assert_eq!(server.s3("HEAD", "/bucket-one", &other, b"").await.status, 403);
    server.s3("PUT", "/bucket-one/key", &[], b"x").await;
    let full = server.s3("DELETE", "/bucket-one", &[], b"").await;
    assert_eq!((full.status, code(&full).as_str()), (409, "BucketNotEmpty"));
    server.s3("DELETE", "/bucket-one/key", &[], b"").await;
    assert_eq!(server.s3("DELETE", "/bucket-one", &[], b"").await.status, 204);
    assert_eq!(code(&server.s3("GET", "/bucket-one", &[], b"").await), "NoSuchBucket");
}

#[tokio::test]
async fn objects_come_back_as_they_were_put() {
    let server = Server::with_bucket().await;
    let headers = [
        ("content-type", "text/csv"),
        ("x-amz-meta-origin", "somewhere"),
        ("cache-control", "no-store"),
        ("x-amz-checksum-crc32", "8zEoqA=="),
    ];
    let wrong = server.s3("PUT", "/bucket-one/a/b%20c.csv", &headers, b"hello").await;
    assert_eq!((wrong.status, code(&wrong).as_str()), (400, "BadDigest"));
    assert_eq!(server.s3("HEAD", "/bucket-one/a/b%20c.csv", &[], b"").await.status, 404, "nothing half-made");

    let headers = [headers[0], headers[1], headers[2], ("x-amz-checksum-crc32", "NhCmhg==")];
    let put = server.s3("PUT", "/bucket-one/a/b%20c.csv", &headers, b"hello").await;
    assert_eq!((put.status, put.header("etag")), (200, Some("\"5d41402abc4b2a76b9719d911017c592\"")), "{}", put.text());
    let got = server.s3("GET", "/bucket-one/a/b%20c.csv", &[], b"").await;
    assert_eq!((got.status, got.text().as_str()), (200, "hello"));
    assert_eq!(got.header("content-length"), Some("5"));
    for (name, value) in headers {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    let head = server.s3("HEAD", "/bucket-one/a/b%20c.csv", &[], b"").await;
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some("5")));
    let md5 = server.s3("PUT", "/bucket-one/x", &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], b"hello").await;
    assert_eq!(code(&md5), "BadDigest");
}

#[tokio::test]
async fn ranges_and_conditions() {
    let server = Server::with_bucket().await;
    let long: Vec<u8> = (0..2_000_000u32).map(|i| (i % 251) as u8).collect();
    let etag = server.s3("PUT", "/bucket-one/k", &[], &long).await.header("etag").unwrap().to_owned();
    let path = "/bucket-one/k";
    let whole = server.s3("GET", path, &[], b"").await;
    assert!(whole.status == 200 && whole.body == long);
    let part = server.s3("GET", path, &[("range", "bytes=10-19")], b"").await;
    assert_eq!((part.status, part.header("content-range")), (206, Some("bytes 10-19/2000000")));
    assert_eq!(part.body, long[10..20]);
    let tail = server.s3("GET", path, &[("range", "bytes=-3")], b"").await;
    assert_eq!(tail.body, long[long.len() - 3..]);
    let wide = server.s3("GET", path, &[("range", "bytes=100-")], b"").await;
    assert!(wide.status == 206 && wide.body == long[100..]);
    let beyond = server.s3("GET", path, &[("range", "bytes=2000000-")], b"").await;
    assert_eq!((beyond.status, code(&beyond).as_str()), (416, "InvalidRange"));
    assert_eq!(server.s3("GET", path, &[("if-none-match", &etag)], b"").await.status, 304);
    assert_eq!(server.s3("GET", path, &[("if-match", &etag)], b"").await.status, 200);
    assert_eq!(server.s3("GET", path, &[("if-match", "\"other\"")], b"").await.status, 412);
    assert_eq!(server.s3("PUT", path, &[("if-none-match", "*")], b"y").await.status, 412);
    assert_eq!(server.s3("PUT", path, &[("if-match", &etag)], b"y").await.status, 200);
    assert_eq!(server.s3("PUT", path, &[("if-match", &etag)], b"z").await.status, 412);
}

#[tokio::test]
async fn listings() {
    let server = Server::with_bucket().await;
    for key in ["a", "d/1", "d/2", "e%20f/1", "z"] {
        server.s3("PUT", &format!("/bucket-one/{key}"), &[], b"x").await;
    }
    let page =
        server.s3("GET", "/bucket-one?delimiter=%2F&encoding-type=url&list-type=2&max-keys=3", &[], b"").await.text();
    assert!(
        page.contains("<Key>a</Key>")
            && page.contains("<Prefix>d/</Prefix>")
            && page.contains("<Prefix>e%20f/</Prefix>"),
        "{page}"
    );
    assert!(page.contains("<IsTruncated>true</IsTruncated>") && !page.contains("<Key>z</Key>"), "{page}");
    let token = page.split("<NextContinuationToken>").nth(1).unwrap().split('<').next().unwrap();
    let path = format!("/bucket-one?continuation-token={token}&delimiter=%2F&list-type=2");
    let rest = server.s3("GET", &path, &[], b"").await.text();
    assert!(rest.contains("<Key>z</Key>") && !rest.contains("<Key>a</Key>"), "{rest}");
    let first = server.s3("GET", "/bucket-one?marker=d%2F1&max-keys=1", &[], b"").await.text();
    assert!(first.contains("<Key>d/2</Key>") && !first.contains("<Key>z</Key>"), "{first}");
    let versions = server.s3("GET", "/bucket-one?prefix=d%2F&versions=", &[], b"").await.text();
    assert!(versions.contains("<VersionId>null</VersionId>") && versions.contains("<Key>d/1</Key>"), "{versions}");
}

#[tokio::test]
async fn copies_and_batches() {
    let server = Server::with_bucket().await;
    server.s3("PUT", "/bucket-one/a", &[("x-amz-meta-m", "1")], b"x").await;
    let copied = server.s3("PUT", "/bucket-one/b", &[("x-amz-copy-source", "bucket-one/a")], b"").await;
    assert_eq!(copied.status, 200, "{}", copied.text());
    assert_eq!(server.s3("HEAD", "/bucket-one/b", &[], b"").await.header("x-amz-meta-m"), Some("1"));
    let same = server.s3("PUT", "/bucket-one/a", &[("x-amz-copy-source", "bucket-one/a")], b"").await;
    assert_eq!(code(&same), "InvalidRequest");
    let replace =
        [("x-amz-copy-source", "/bucket-one/a"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-m", "2")];
    assert_eq!(server.s3("PUT", "/bucket-one/a", &replace, b"").await.status, 200);
    assert_eq!(server.s3("HEAD", "/bucket-one/a", &[], b"").await.header("x-amz-meta-m"), Some("2"));
    assert_eq!(
        code(&server.s3("PUT", "/bucket-one/c", &[("x-amz-copy-source", "bucket-one/none")], b"").await),
        "NoSuchKey"
    );
    let batch = b"<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>";
    let deleted = server.s3("POST", "/bucket-one?delete=", &[("content-type", "application/xml")], batch).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert!(
        deleted.text().contains("<Key>a</Key>") && deleted.text().contains("<Key>none</Key>"),
        "{}",
        deleted.text()
    );
    assert_eq!(server.s3("HEAD", "/bucket-one/a", &[], b"").await.status, 404);
}

#[tokio::test]
async fn parts() {
    let server = Server::with_bucket().await;
    let started = server.s3("POST", "/bucket-one/big?uploads=", &[("content-type", "text/csv")], b"").await.text();
    let id = started.split("<UploadId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let first = vec![b'a'; 5 << 20];
    let mut etags = Vec::new();
    for (number, part) in [(1, first.as_slice()), (2, b"b")] {
        let path = format!("/bucket-one/big?partNumber={number}&uploadId={id}");
        let put = server.s3("PUT", &path, &[], part).await;
        assert_eq!(put.status, 200, "{}", put.text());
        etags.push(put.header("etag").unwrap().to_owned());
    }
    let list = server.s3("GET", &format!("/bucket-one/big?uploadId={id}"), &[], b"").await.text();
    assert!(list.contains("<PartNumber>2</PartNumber>"), "{list}");
    let part =
        |number: usize| format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", etags[number - 1]);
    let path = format!("/bucket-one/big?uploadId={id}");
    let wrong = format!("<CompleteMultipartUpload>{}{}</CompleteMultipartUpload>", part(2), part(1));
    assert_eq!(code(&server.s3("POST", &path, &[], wrong.as_bytes()).await), "InvalidPartOrder");
    let right = format!("<CompleteMultipartUpload>{}{}</CompleteMultipartUpload>", part(1), part(2));
    let completed = server.s3("POST", &path, &[], right.as_bytes()).await;
    assert!(completed.status == 200 && completed.text().contains("-2"), "{}", completed.text());
    let got = server.s3("GET", "/bucket-one/big", &[], b"").await;
    assert_eq!(
        (got.body.len(), got.body.last(), got.header("content-type")),
        ((5 << 20) + 1, Some(&b'b'), Some("text/csv"))
    );
    assert_eq!(code(&server.s3("POST", &path, &[], right.as_bytes()).await), "NoSuchUpload");
}

#[tokio::test]
async fn virtual_host_style() {
    let server = Server::with_bucket().await;
    server.s3("PUT", "/bucket-one/a/key", &[], b"x").await;
    let host = format!("bucket-one.localhost:{}", server.host().rsplit(':').next().unwrap());
    let got = server.s3("GET", "/a/key", &[("host", &host)], b"").await;
    assert_eq!((got.status, got.text().as_str()), (200, "x"), "{}", got.text());
}

#[tokio::test]
async fn strangers() {
    let server = Server::with_bucket().await;
    assert_eq!(code(&server.send("PUT", "/bucket-one/k", &[], b"x").await), "AccessDenied");
    assert_eq!(code(&server.send("DELETE", "/bucket-one/k", &[], b"").await), "AccessDenied");
    let stranger = server.with_key("AKIDSOMEBODY").s3("PUT", "/bucket-one/k", &[], b"x").await;
    assert_eq!((stranger.status, code(&stranger).as_str()), (403, "InvalidAccessKeyId"));
    let forger = server.with_secret("wrong").s3("PUT", "/bucket-one/k", &[], b"x").await;
    assert_eq!((forger.status, code(&forger).as_str()), (403, "SignatureDoesNotMatch"));
    assert!(forger.text().contains("<Message>The request signature we calculated"), "{}", forger.text());
    assert!(forger.header("x-amz-request-id").is_some());
    let late = server.at_offset(-3_600).s3("GET", "/bucket-one/k", &[], b"").await;
    assert_eq!((late.status, code(&late).as_str()), (403, "RequestTimeTooSkewed"));
    assert_eq!(code(&server.s3("GET", "/bucket-one/../../etc/passwd", &[], b"").await), "NoSuchKey");
}
