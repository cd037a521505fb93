//! Studio calls, a file per panel.
