//! The Jupyter messaging protocol, version 5.3: messages, channels, and what each request is answered.

mod channels;
mod execute;
mod message;
mod serve;

pub use serve::serve;
