//! What any host of dashboard gadgets needs: loading libraries, calling gadgets within limits, guarded
//! services with credentials, and settings against their schema.
//!
//! It knows no web framework, no database and no gadget. A host loads a [`Catalog`], puts it into a [`Runner`],
//! and asks that for views.

mod call;
mod catalog;
mod datasource;
mod form;
mod library;
mod load;
mod network_scope;
mod origin;
mod runner;
mod services;
mod settings;
pub mod sharing;
mod stores;
mod text;

pub use self::{
    call::{Call, CallError, Cancellation, DEFAULT_TIMEOUT},
    catalog::{Catalog, CatalogGadget, CatalogKind, CatalogTemplate, UnknownId},
    datasource::Datasource,
    form::{
        ChoiceCache, ChoiceQuestion, ChoiceSource, Form, NoCache, dynamic_fields,
        no_longer_offered, resolve,
    },
    load::{
        InvalidHash, Library, LibraryHash, LoadError, LoadOptions, LoadStep, RefusedLibrary,
        TrustPolicy, read_protected,
    },
    origin::{InvalidOrigin, OriginPolicy},
    runner::Runner,
    settings::{accepted, problems, with_defaults},
    stores::{BlobStore, LeaseStore},
};
