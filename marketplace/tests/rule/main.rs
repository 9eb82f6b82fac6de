//! The rule of the count, sentence by sentence.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

#[path = "../case/apps.rs"]
mod apps;
mod carried;
mod details;
mod examples;
mod exclusions;
mod given;
mod grace;
mod history;
mod low_ends;
mod movements;
mod notices;
mod properties;
mod refunds;
mod reports;
mod rows;
mod sales;
mod together;
