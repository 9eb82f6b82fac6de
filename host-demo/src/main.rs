//! A dashboard host that loads gadget libraries.

mod draw;

fn main() {}
