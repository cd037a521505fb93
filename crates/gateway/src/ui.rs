//! The window's own files, with a content policy on each: only our scripts run, nothing is fetched from elsewhere,
//! nobody frames us. The files hold no secret, so they need no token; everything they ask for does.

use crate::reply::{self, Body, Reply};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use std::path::PathBuf;
use tower_http::services::ServeDir;

/// The page in which hostile notebook output is drawn: it runs scripts, has no origin, and reaches no network.
const OUTPUT_PAGE: &str = "/output.html";

pub struct Ui {
    files: Option<ServeDir>,
}

impl Ui {
    pub fn new(dir: Option<PathBuf>) -> Ui {
        Ui { files: dir.map(ServeDir::new) }
    }

    /// Answers a GET or HEAD; `None` if there is no such file.
    pub async fn file(&self, parts: &Parts) -> Option<Reply> {
        let path = parts.uri.path();
        let Some(files) = &self.files else {
            return (path == "/").then(|| {
                reply::text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The user interface was not built. `cargo xtask run` builds it; the AWS services on this port work without it.\n",
                )
            });
        };
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return None;
        }
        let mut request = Request::new(http_body_util::Empty::<bytes::Bytes>::new());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        let answer = match files.clone().try_call(request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(path, %error, "a file of the user interface cannot be read");
                return None;
            }
        };
        if answer.status() == StatusCode::NOT_FOUND {
            return None;
        }
        let mut response = answer.map(Body::stream);
        protect(path, &parts.headers, response.headers_mut());
        response.headers_mut().insert(header::CACHE_CONTROL, keep(&parts.uri));
        Some(response)
    }
}

fn protect(path: &str, asked: &HeaderMap, headers: &mut HeaderMap) {
    // The guard has checked it, so it holds letters, digits, dots, dashes, brackets and colons only.
    let host = asked.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let policy = if path == OUTPUT_PAGE { output_policy(host) } else { window_policy(host) };
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // The output page has no origin, so to it even our own script and fonts are another's.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// How long a browser may keep a file. What has its version in the address never changes under it, and a browser keeps
/// the machine code that it made of it. All else is asked for each time, and mostly answered with "not modified": a
/// rebuilt window is never an old one.
fn keep(uri: &Uri) -> HeaderValue {
    let versioned = uri.query().is_some_and(|query| query.starts_with("v=")) || uri.path().starts_with("/part-");
    HeaderValue::from_static(if versioned { "private, max-age=31536000, immutable" } else { "no-cache" })
}

/// `wasm-unsafe-eval` compiles WebAssembly and nothing else. Styles are set on elements by the components.
fn window_policy(host: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host}; frame-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// `sandbox` takes the origin away even if somebody opens the page by itself, so `'self'` would match nothing.
fn output_policy(host: &str) -> String {
    format!(
        "sandbox allow-scripts; default-src 'none'; script-src http://{host} 'unsafe-inline' 'unsafe-eval' blob: data:; \
         style-src http://{host} 'unsafe-inline'; img-src data: blob: http://{host}/studio/blob/; \
         media-src data: blob: http://{host}/studio/blob/; font-src http://{host} data:; \
         connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors http://{host}"
    )
}
