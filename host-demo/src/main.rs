//! A dashboard host that loads gadget libraries.

mod draw;
mod stale;

fn main() {}
