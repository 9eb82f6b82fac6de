//! What a host does, with no HTTP in sight.

mod catalog;
mod data_directory;
pub(crate) mod datasource_file;
mod failure;
mod input;
mod interrupt;
mod options;
pub(crate) mod settings_edit;
pub(crate) mod stale;

pub(crate) use self::{
    catalog::gadget_in,
    data_directory::DataDirectory,
    failure::{Failure, FailureKind},
    input::read,
    interrupt::{cancels, signalled},
    options::{Content, GadgetOptions, ServerOptions},
};
