//! nesie
fn main() {}
