//! The JSON of the Marketplace, read leniently into rows.
//!
//! JSON stays in this module: the count works on rows alone.

mod array;
mod block;
mod builder;
mod canonical;
mod envelope;
mod failure;
mod lenient;
mod piece_text;
mod record;
mod record_error;
mod record_reader;
mod record_texts;
mod scan;
mod tie_breaker;
mod unsorted_rows;

pub use array::ArrayError;
pub use builder::RowsBuilder;
pub use envelope::ResponseError;
pub(crate) use envelope::{
    ExportState, Page, Records, api_error, apps, developer, export_id, export_state, page,
    weekly_users, weekly_users_request,
};
pub(crate) use failure::{decode_failure, encode_failure};
pub(crate) use record_error::Place;
pub use record_error::RecordError;
pub(crate) use record_reader::{RecordReader, SentRecord};
pub(crate) use record_texts::RecordTexts;
pub use tie_breaker::TieBreaker;
pub(crate) use tie_breaker::{TieTexts, row_digest};
pub(crate) use unsorted_rows::{Candidate, UnsortedRows};
