//! Tests that cross crates. Each folder beside this file is one suite.
