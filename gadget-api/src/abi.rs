//! The border: the only types that cross it, and the guards on both sides of it.
//!
//! What crosses is an `abi_stable` type of this file, or bytes: UTF-8 JSON for structured data, raw bytes
//! for large data. No std type and no panic crosses; memory is freed by the side that allocated it. The
//! border is small enough to be rewritten as plain `repr(C)` tables.
//!
//! It grows only by optional JSON members, new operations of `invoke`, methods after the last prefix
//! field with default bodies and optional root fields (a new minor version). Everything else needs a new major version.
//!
//! Authors and hosts do not use this directly: the macro [`export_gadgets!`](crate::export_gadgets)
//! and `gadget-host` use it.

#![allow(
    unsafe_code,
    unused_qualifications,
    non_local_definitions,
    unused_braces,
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "abi_stable's macros, written for an older edition, expand to these"
)]

use abi_stable::{
    StableAbi,
    library::RootModule,
    sabi_trait,
    sabi_types::{RRef, VersionStrings},
    std_types::{RBox, RResult, RSlice, RStr, RVec},
};

pub use self::{
    export::{construct, datasource, description, gadget, parts, root_module_result},
    guard::guarded,
    import::{Exported, module_parts},
};
pub use abi_stable::{
    abi_stability::abi_checking::check_layout_compatibility,
    library::{CheckTypeLayout, LibHeader, LibraryError, RootModuleResult, lib_header_from_path},
};

mod export;
mod guard;
mod import;
mod services;

/// Encodes an error; its parts are texts, so this cannot fail.
fn error_json(error: &crate::Error) -> RVec<u8> {
    serde_json::to_vec(error).unwrap_or_default().into()
}

#[cfg(test)]
mod tests;

/// The version of the border, which is independent of the versions of the crates.
pub const ABI_VERSION: &str = if cfg!(feature = "__abi-other-major") {
    "2.0.0"
} else if cfg!(feature = "__abi-newer-minor") {
    "1.1.0"
} else {
    "1.0.0"
};

/// The one symbol that a gadget library exports.
pub const ROOT_SYMBOL: &str = "_1as_0lib_1header_0root_bmodule_bloader";

/// Answer of an operation: JSON, and raw bytes beside it.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawAnswer {
    pub json: RVec<u8>,
    #[cfg(feature = "__abi-changed-layout")]
    pub between: u64,
    pub bulk: RVec<u8>,
}

/// The result of an operation; the error is JSON too.
pub type RawResult<T> = RResult<T, RVec<u8>>;

/// One gadget, or one datasource kind, of a library.
#[cfg(not(feature = "__abi-newer-minor"))]
#[sabi_trait]
pub trait RawGadget: Send + Sync {
    fn describe(&self) -> RawResult<RVec<u8>>;

    fn render(&self, input: RSlice<'_, u8>, host: HostRef<'_>) -> RawResult<RVec<u8>>;

    #[sabi(last_prefix_field)]
    fn invoke(
        &self,
        op: RStr<'_>,
        json: RSlice<'_, u8>,
        bulk: RSlice<'_, u8>,
        host: HostRef<'_>,
    ) -> RawResult<RawAnswer>;
}

/// The same interface with a later minor version's additions, for tests of compatibility.
#[cfg(feature = "__abi-newer-minor")]
#[sabi_trait]
pub trait RawGadget: Send + Sync {
    fn describe(&self) -> RawResult<RVec<u8>>;

    fn render(&self, input: RSlice<'_, u8>, host: HostRef<'_>) -> RawResult<RVec<u8>>;

    #[sabi(last_prefix_field)]
    fn invoke(
        &self,
        op: RStr<'_>,
        json: RSlice<'_, u8>,
        bulk: RSlice<'_, u8>,
        host: HostRef<'_>,
    ) -> RawResult<RawAnswer>;

    fn newer(&self) -> u64 {
        0
    }
}

/// What a host lends for one call.
#[sabi_trait]
pub trait HostServices: Send + Sync {
    fn log(&self, level: u8, message: RStr<'_>);

    fn is_cancelled(&self) -> bool;

    fn remaining_ms(&self) -> u64;

    #[sabi(last_prefix_field)]
    fn invoke(
        &self,
        op: RStr<'_>,
        json: RSlice<'_, u8>,
        bulk: RSlice<'_, u8>,
    ) -> RawResult<RawAnswer>;
}

/// Bytes as they cross the border.
pub type Bytes = RVec<u8>;

/// The parts of a library as they cross the border.
pub type Parts = RVec<RawGadgetBox>;

/// A part of a library as it crosses the border.
pub type RawGadgetBox = RawGadget_TO<'static, RBox<()>>;

/// The services, lent for one call.
pub type HostRef<'a> = HostServices_TO<'a, RRef<'a, ()>>;

/// The root of a library.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = GadgetModuleRef)))]
#[sabi(missing_field(option))]
pub struct GadgetModule {
    /// Answers a `LibraryDescription` as JSON, or an error.
    pub build_info: extern "C" fn() -> RawResult<RVec<u8>>,
    #[sabi(last_prefix_field)]
    pub gadgets: extern "C" fn() -> RVec<RawGadgetBox>,
    #[cfg(feature = "__abi-newer-minor")]
    pub newer: extern "C" fn() -> u64,
}

impl RootModule for GadgetModuleRef {
    abi_stable::declare_root_module_statics! {GadgetModuleRef}

    const BASE_NAME: &'static str = "gadgets";
    const NAME: &'static str = "gadgets";
    const VERSION_STRINGS: VersionStrings = VersionStrings::new(ABI_VERSION);
}
