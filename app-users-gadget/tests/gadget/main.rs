//! Tests of the gadget library: no host, no network.

mod details;
mod given;
mod sample;
mod settings;
mod vendor;
mod view;
