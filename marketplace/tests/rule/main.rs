//! The rule of the count, sentence by sentence.

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
