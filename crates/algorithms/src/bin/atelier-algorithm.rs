//! The child process in which a built-in algorithm trains or transforms.

fn main() {}
