//! The only crate that knows HTTP. One port serves the window, the studio's transport, and the AWS services.
//!
//! A request passes [`guard`] (Host and Origin), is told apart by [`route`], and is then answered by one of
//! [`ui`], [`transport`], [`events`], [`aws`] or [`s3`]. Whatever enters the platform goes through `Studio::call`,
//! `Studio::invoke` or the studio's buckets; no operation is known here.
//!
//! **Invariant:** nothing reaches the studio before its signature (AWS) or its token (window) was verified.

mod aws;
mod blob;
mod body;
mod events;
mod guard;
mod reply;
mod route;
mod s3;
mod server;
mod sigv4;
mod transport;
mod ui;

pub use server::serve;
