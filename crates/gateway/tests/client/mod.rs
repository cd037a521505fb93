//! A gateway on a port of its own, and a client that signs as AWS describes it, written apart from the verifier.

#![allow(dead_code)] // each test binary uses a part of it

use atelier_studio::{Studio, StudioOptions};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

pub struct Server {
    shared: Arc<Shared>,
    access_key: String,
    secret_key: String,
    offset_s: i64,
}

struct Shared {
    pub studio: Studio,
    address: String,
    _home: tempfile::TempDir,
    _stop: oneshot::Sender<()>,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Server {
    pub async fn start() -> Server {
        let home = tempfile::tempdir().unwrap();
        let ui = home.path().join("ui");
        std::fs::create_dir(&ui).unwrap();
        std::fs::write(ui.join("index.html"), "<!doctype html>window").unwrap();
        std::fs::write(ui.join("output.html"), "<!doctype html>output").unwrap();
        let studio = Studio::open(StudioOptions::new(home.path().join("home"))).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        studio.set_address(&address);
        let (stop, stopped) = oneshot::channel();
        let served = studio.clone();
        tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            atelier_gateway::serve(served, listener, Some(ui), stopped).await.unwrap();
        });
        let (access_key, secret_key) =
            (studio.credentials().access_key.clone(), studio.credentials().secret_key.clone());
        Server {
            shared: Arc::new(Shared { studio, address, _home: home, _stop: stop }),
            access_key,
            secret_key,
            offset_s: 0,
        }
    }

    fn changed(&self) -> Server {
        Server {
            shared: self.shared.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
            ..*self
        }
    }

    pub fn with_key(&self, access_key: &str) -> Server {
        Server { access_key: access_key.to_owned(), ..self.changed() }
    }

    pub fn with_secret(&self, secret_key: &str) -> Server {
        Server { secret_key: secret_key.to_owned(), ..self.changed() }
    }

    /// Signs as if the clock were off by so many seconds.
    pub fn at_offset(&self, offset_s: i64) -> Server {
        Server { offset_s, ..self.changed() }
    }

    pub fn studio(&self) -> &Studio {
        &self.shared.studio
    }

    pub fn address(&self) -> &str {
        &self.shared.address
    }

    pub fn host(&self) -> &str {
        self.shared.address.strip_prefix("http://").unwrap()
    }

    pub fn token(&self) -> &str {
        &self.shared.studio.credentials().token
    }

    /// Sends bytes as they are: the client library of no test may tidy paths and headers up.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {}\r\n", self.host()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(self.host()).await.unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        // A server that refuses by the head alone may close before it has read all.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        parse(&answer)
    }

    pub async fn signed(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let date = self.date();
        let payload = hex::encode(Sha256::digest(body));
        let mut all: BTreeMap<String, String> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.entry("host".to_owned()).or_insert_with(|| self.host().to_owned());
        all.insert("x-amz-date".to_owned(), date.clone());
        if service == "s3" {
            all.insert("x-amz-content-sha256".to_owned(), payload.clone());
        }
        let (target, query) = path.split_once('?').unwrap_or((path, ""));
        let canonical_headers: String = all.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let names = all.keys().cloned().collect::<Vec<_>>().join(";");
        let canonical = format!("{method}\n{target}\n{query}\n{canonical_headers}\n{names}\n{payload}");
        let scope = format!("{}/us-east-1/{service}/aws4_request", &date[..8]);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for part in scope.split('/') {
            key = hmac(&key, part);
        }
        let signature = hex::encode(hmac(&key, &to_sign));
        let credential = format!("{}/{scope}", self.access_key);
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
        all.insert("authorization".to_owned(), authorization);
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.send(method, path, &all, body).await
    }

    fn date(&self) -> String {
        let now = jiff::Timestamp::now().as_second() + self.offset_s;
        jiff::Timestamp::from_second(now).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("the answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Answer { status, headers, body: if chunked { unchunk(rest) } else { rest.to_vec() } }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}
