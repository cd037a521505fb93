//! Counting values without sorting them, wherever that is possible.
//!
//! Most columns of real tables hold few values that lie close together: codes, ages, prices in cents, times on the full
//! minute. [`lattice`] finds that out in one pass and turns each value into a small number, so that distinct values,
//! quantiles, histograms and moments come from counters. What is no such column is sorted by its bits ([`radix`]); text
//! is counted by a hash of the words that Polars keeps for each value ([`tally`]). All of it is exact, runs on the
//! calling thread, and looks at the cancel flag every few thousand rows.

pub(crate) mod lattice;
pub(crate) mod radix;
pub(crate) mod sorted;
pub(crate) mod tally;
