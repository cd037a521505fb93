//! Accepts connections and hands each request to whom it concerns.

use crate::reply::{self, Reply};
use crate::route::{Route, route};
use crate::sigv4::Verifier;
use crate::ui::Ui;
use crate::{aws, blob, events, guard, s3, transport};
use atelier_studio::Studio;
use atelier_wire::Error;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::service::S3Service;
use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// A connection that begins a request and does not finish its head, or idles, for so long is closed. Longer than
/// AWS's SDKs keep an idle connection, so that they close first.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// How long requests that run may take to end once the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What all requests share.
pub struct Gateway {
    pub studio: Studio,
    pub verifier: Verifier,
    pub s3: S3Service,
    pub ui: Ui,
    /// True once the server ends; WebSockets close on it.
    stopping: watch::Receiver<bool>,
}

impl Gateway {
    /// Resolves once the server ends.
    pub async fn stopped(&self) {
        // An error means that the server is gone, which is an end too.
        let _ = self.stopping.clone().wait_for(|stopping| *stopping).await;
    }
}

/// Serves until `shutdown` resolves, then lets the requests that run end. `ui_dir` holds the window's files.
///
/// The listener must be on a loopback address: the guard refuses every other host's name.
pub async fn serve(
    studio: Studio,
    listener: TcpListener,
    ui_dir: Option<PathBuf>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let credentials = studio.credentials();
    let gateway = Arc::new(Gateway {
        verifier: Verifier::new(&credentials.access_key, &credentials.secret_key),
        s3: s3::service(&studio),
        ui: Ui::new(ui_dir),
        stopping,
        studio,
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).pipeline_flush(true);
    let connections = TaskTracker::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => connect(&gateway, &http, &connections, stream),
            // A connection that died in the queue concerns nobody; out of file descriptors, the rest must end first.
            Err(error) if is_passing(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

fn connect(gateway: &Arc<Gateway>, http: &http1::Builder, connections: &TaskTracker, stream: TcpStream) {
    // Answers are small: waiting to fill a packet costs 40 ms. Should this fail they are merely slower.
    let _ = stream.set_nodelay(true);
    let shared = gateway.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let gateway = shared.clone();
        async move { Ok::<_, Infallible>(answer(&gateway, request).await) }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let gateway = gateway.clone();
    connections.spawn(async move {
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = gateway.stopped() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

async fn answer(gateway: &Arc<Gateway>, request: Request<Incoming>) -> Reply {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = guard::check_host(&parts.uri, &parts.headers) {
        return refuse(refusal);
    }
    let route = route(&parts);
    if route != Route::Ui
        && let Err(refusal) = guard::check_origin(&parts.headers)
    {
        return refuse(refusal);
    }
    // All but the hot path are boxed, so that a prediction does not carry their state around.
    match route {
        Route::Invoke(endpoint) => aws::runtime::invoke(gateway, &parts, endpoint, body).await,
        Route::Health => health(),
        Route::Preflight => transport::preflight(&parts),
        Route::Call(name) => Box::pin(transport::call(gateway, &parts, name, body)).await,
        Route::Aws => Box::pin(aws::handle(gateway, &parts, body)).await,
        Route::Blob(rest) => Box::pin(blob::answer(gateway, &parts, rest)).await,
        Route::Events => events::open(gateway, parts, body),
        Route::S3 => Box::pin(s3::answer(&gateway.s3, Request::from_parts(parts, body))).await,
        Route::Ui => match Box::pin(gateway.ui.file(&parts)).await {
            Some(file) => file,
            None => Box::pin(s3::answer(&gateway.s3, Request::from_parts(parts, body))).await,
        },
    }
}

fn health() -> Reply {
    let body = format!(r#"{{"status":"ok","name":"atelier","version":"{}"}}"#, env!("CARGO_PKG_VERSION"));
    reply::json(StatusCode::OK, body)
}

fn refuse(refusal: guard::Refusal) -> Reply {
    transport::failed(&Error::new("AccessDeniedException", refusal.to_string()).with_status(403))
}
