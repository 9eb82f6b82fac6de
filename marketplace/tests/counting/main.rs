//! The counting rule, sentence by sentence, and the case files of the workspace.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod case;
mod case_files;
mod details;
mod exclusions;
mod fixture;
mod grace;
mod history;
mod low_ends;
mod movements;
mod notices;
mod properties;
mod refunds;
mod reports;
mod restatements;
mod row_and_sales;
mod rows;
mod sales;
mod sum_of_apps;
mod totals;
mod worked_examples;
