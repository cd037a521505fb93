//! The one door: who asks, for what, with which bytes.

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The client's own words; SDKs that poll slowly are answered late rather than asked to come again.
    pub user_agent: String,
    pub origin: Origin,
}

/// Through which transport a call came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A signed AWS request: AWS operations only.
    #[default]
    Aws,
    /// The window or a browser, with the session's token.
    Window,
    /// The command line, in the backend's own process.
    Cli,
}
