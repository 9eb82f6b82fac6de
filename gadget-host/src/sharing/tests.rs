//! Sharing in a small world: two datasources of one kind, one of another, and some gadgets.

mod compatible;
mod fixtures;
mod preview;
mod properties;
mod save;
mod start;
mod taken;
