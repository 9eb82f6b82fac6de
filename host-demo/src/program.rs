//! What every command of the program needs: its options, what it reads and prints, what interrupts it,
//! and how it ends.

pub(crate) mod arguments;
mod common;
mod failure;
mod input;
mod interrupt;
pub(crate) mod output;

pub(crate) use self::{
    arguments::{CommonOptions, ServeOptions, StoreOptions},
    common::{gadget_of, kind_of},
    failure::{Exit, Failure},
    input::read,
    interrupt::{cancels, signalled},
    output::answer,
};
