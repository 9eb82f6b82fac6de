//! The contract between dashboard gadgets and the hosts that load them.
//!
//! A **gadget** is a kind of thing that a dashboard can show. It ships in a native **library** that a
//! host loads at run time through a stable ABI. An author implements [`Gadget`] and names it in
//! [`export_gadgets!`]; the settings' JSON Schema is the form, the [`View`] is what the host draws,
//! [`Services`] is everything that a gadget can use. [`testing`] has services with canned answers, so
//! that a gadget can be tested without a host.
//!
//! This crate has no IO, no clock and no async.

mod abi;
mod choices;
mod datasource;
mod error;
mod field_path;
mod gadget;
mod manifest;
mod ops;
pub mod schema;
mod selection;
mod services;
mod template;
pub mod testing;
mod version;
pub mod view;

/// What [`export_gadgets!`] and hosts need of the border; not for authors.
#[doc(hidden)]
pub mod __abi {
    pub use crate::abi::*;
}

#[doc(hidden)]
pub use self::ops::Part;
#[doc(inline)]
pub use self::view::{
    Better, Bucket, Cell, Chart, Column, ColumnKind, ColumnRole, Figure, Notation, Notice,
    NoticeLevel, Number, Order, Role, Series, Sorting, Source, SourceState, StackedBars, Table,
    Tone, View, Visibility, Waterfall, WaterfallStep,
};
pub use self::{
    choices::{Choice, Choices},
    datasource::{
        Authentication, DatasourceDeclaration, DatasourceKind, DatasourceRef, TestReport,
    },
    error::{Error, ErrorKind, FieldError},
    field_path::{FieldPath, InvalidPointer},
    gadget::{
        Adoption, CreateContext, Gadget, RefreshContext, Refreshed, RenderContext, SnapshotName,
    },
    manifest::{GadgetDescription, LibraryDescription, Manifest},
    selection::Selection,
    services::{
        Blob, BlobInfo, ChunkReader, Chunks, Lease, LeaseId, LogLevel, Method, Progress, Request,
        Response, ResponseHead, Services, Step, StepState, Stream,
    },
    template::{Template, TemplateTile, TileSize},
    version::{InvalidVersion, Version},
};

/// Makes the example of the README a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
