//! A backend in this process: the lock, the port, the studio, and the gateway in front of it. `serve` runs one until
//! it is told to end; `run` has one for a notebook where none runs yet.

use crate::exit::Failure;
use crate::home::{Announcement, Home};
use atelier_studio::{Studio, StudioOptions};
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted: 1,000 clients start at once.
const BACKLOG: u32 = 4096;

/// How to open one.
#[derive(Debug, Default)]
pub struct BackendOptions {
    /// 0: the last one if it is free, else any.
    pub port: u16,
    pub workspace: Option<PathBuf>,
    pub ui: Option<PathBuf>,
}

/// An open backend that does not serve yet.
pub struct Backend {
    pub studio: Studio,
    pub announcement: Announcement,
    home: Home,
    listener: TcpListener,
    ui: Option<PathBuf>,
    /// Held as long as the backend lives.
    _lock: File,
}

impl Backend {
    /// Takes the home, the port, and opens the studio. Nobody is told of it before [`Backend::serve`].
    pub async fn open(home: Home, options: BackendOptions) -> anyhow::Result<Backend> {
        let lock = home.lock()?;
        // What a crashed backend left would lead clients astray.
        home.retract().map_err(|error| Failure::of_home(home.path(), error))?;
        raise_file_limit();
        let listener = listen(options.port, home.last_port())?;
        let port = listener.local_addr()?.port();
        home.keep_port(port)?;
        let address = format!("http://127.0.0.1:{port}");
        let mut studio = StudioOptions::new(home.path());
        studio.workspace = options.workspace;
        let studio = Studio::open(studio).await?;
        studio.set_address(&address);
        let announcement = Announcement { pid: std::process::id(), address, token: studio.credentials().token.clone() };
        let ui = options.ui.or_else(find_ui);
        Ok(Backend { studio, announcement, home, listener, ui, _lock: lock })
    }

    /// Announces the backend, serves until `shutdown` resolves or somebody asks the studio to stop, and ends in order.
    pub async fn serve(
        self,
        ready: impl FnOnce(&Announcement),
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        self.home.announce(&self.announcement)?;
        ready(&self.announcement);
        let studio = self.studio.clone();
        let asked = async {
            tokio::select! {
                () = shutdown => {}
                () = studio.stop_requested() => {}
            }
        };
        let served = atelier_gateway::serve(self.studio.clone(), self.listener, self.ui, asked).await;
        self.home.retract()?;
        self.studio.shutdown().await;
        Ok(served?)
    }
}

fn listen(port: u16, last: Option<u16>) -> anyhow::Result<TcpListener> {
    if port == 0
        && let Some(last) = last
        && let Ok(listener) = bind(last)
    {
        return Ok(listener);
    }
    Ok(bind(port).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::PortInUse(port).into(),
        io::ErrorKind::PermissionDenied => Failure::PortRefused(port).into(),
        _ => anyhow::Error::new(error).context(format!("port {port} cannot be opened")),
    })?)
}

/// Loopback only: nothing here is meant for another machine.
fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // A port whose last connections still linger is free for the next backend.
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(BACKLOG)
}

/// A connection is a file: the soft limit of most systems is 1,024, the hard one far above.
fn raise_file_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised =
        getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays low: many connections at once may be refused");
    }
}

/// The window's files: `ui` beside the program's folder, where cargo and the bundle put them, or beside the program.
fn find_ui() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    [folder.join("../ui"), folder.join("ui")].into_iter().find(|ui| ui.join("index.html").is_file())
}
