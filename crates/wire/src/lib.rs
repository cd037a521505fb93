//! Every type that crosses a boundary: between the backend and a window, a browser, the command line or boto3.
//!
//! Types here have no behaviour beyond serde and build for `wasm32`, so that the two sides of a call share them.
//! [`aws`] is generated from the public service model; [`studio`] is ours and written by hand.

pub mod aws;
pub mod error;
pub mod event;
pub mod studio;

pub use error::Error;
pub use event::Event;

/// A request type and the name under which it enters the door (`Studio::call`).
pub trait Call: serde::Serialize + serde::de::DeserializeOwned {
    /// The operation's name, as it stands in `operations.toml` or in [`studio::NAMES`].
    const NAME: &'static str;
    type Response: serde::Serialize + serde::de::DeserializeOwned;
}

/// Declares the name and the response of a request type.
macro_rules! calls {
    ($($request:ident => $response:ty),+ $(,)?) => {
        $(impl crate::Call for $request {
            const NAME: &'static str = stringify!($request);
            type Response = $response;
        })+
        /// The names declared in this module.
        pub const NAMES: &[&str] = &[$(stringify!($request)),+];
    };
}
pub(crate) use calls;
