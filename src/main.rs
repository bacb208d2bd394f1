//! Hands the command line over and takes the exit code back.
fn main() {}
