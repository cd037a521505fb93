//! The application core. Windows, browsers, boto3, the command line and tests all reach the platform through
//! [`Studio::call`]; real-time predictions go through [`Studio::invoke`], which passes no JSON.
//!
//! **Invariant:** tracing, validation, the panic guard, the error shape and change events exist once, in [`door`].
//! Nothing here knows HTTP.

mod calls;
pub mod credentials;
pub mod door;
pub mod environment;
mod functions;
mod open;
pub mod runtime;

pub use atelier_bridge as bridge;
pub use atelier_kernel as kernel;
pub use atelier_platform::Settings;
pub use atelier_store as store;
pub use atelier_wire as wire;
pub use credentials::Credentials;
pub use door::{Caller, Origin};
pub use functions::functions;
pub use open::{OpenError, Studio, StudioOptions};
pub use runtime::{InvokeError, InvokeRequest, InvokeResponse};
