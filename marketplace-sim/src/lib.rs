//! A stand-in for the Atlassian Marketplace reporting API, version 3, for demonstrations, tests and load.
//!
//! It is written from public knowledge of the API and shares no code with any client, so that a client's
//! misreading is not repeated here. [`Sim::start`] runs one on a free port; [`Options`] say what it serves
//! and how it misbehaves. The binary of the same name does the same from the command line.

mod answer;
mod apps;
mod body;
mod case;
mod changes;
mod control;
mod data;
mod day;
mod delivery;
mod exports;
mod fault;
mod fault_answer;
mod filter;
mod ids;
mod metrics;
mod options;
mod parameter;
mod reports;
mod route;
mod row;
mod row_faults;
mod sample;
mod selection;
mod server;
mod sim;

pub use changes::{Changes, FixedData, NextDay};
pub use data::{Data, DataError};
pub use fault::{Fault, Faults, Scope, UnknownFault};
pub use options::Options;
pub use server::Request;
pub use sim::Sim;

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
