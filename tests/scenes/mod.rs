//! What a person does in the studio wherever it is shown: both suites play these, in the browser and in the desktop
//! window, whose engines differ.

mod data;
mod notebook;
mod notebook_kernels;
mod notebook_versions;
