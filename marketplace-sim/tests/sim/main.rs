//! The stand-in as its clients see it: over HTTP, and from the command line.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api;
mod client;
mod command;
mod days;
mod faults;
mod sample;
