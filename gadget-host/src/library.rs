//! Opens a library: the only place of this crate that relies on what foreign code claims.
//!
//! A library is never unloaded, so everything it returned stays valid until the process ends.

#![expect(
    unsafe_code,
    reason = "the root of a library is taken as what its layout, checked just before, says that it is"
)]

use std::path::Path;

use abi_stable::{
    StableAbi,
    library::{LibHeader, RootModule},
    sabi_types::VersionNumber,
    type_layout::TLFieldOrFunction,
};
use gadget_api::{
    __abi::{
        ABI_VERSION, Exported, GadgetModuleRef, LibraryError, check_layout_compatibility, guarded,
        lib_header_from_path, module_parts,
    },
    Error, LibraryDescription,
};

use crate::{load::error::LoadError, text::one_line};

/// Opens the library at `path`, which is absolute, and returns its description and its parts.
pub(crate) fn open(path: &Path) -> Result<(LibraryDescription, Vec<Exported>), LoadError> {
    let header = step(LoadStep::Header, || {
        lib_header_from_path(path).map_err(header_error)
    })?;
    step(LoadStep::Layout, || check_version_and_layout(header))?;
    let module = step(LoadStep::Layout, || root(header))?;
    step(LoadStep::Description, || {
        module_parts(module).map_err(|error| LoadError::Description {
            what: format!(
                "its description cannot be read: {}",
                one_line(error.message())
            ),
        })
    })
}

/// The step that a caught panic is reported for.
enum LoadStep {
    Header,
    Layout,
    Description,
}

/// Runs one step; a panic in it, of `abi_stable` or of the library, becomes an error of that step.
fn step<T>(step: LoadStep, body: impl FnOnce() -> Result<T, LoadError>) -> Result<T, LoadError> {
    guarded("loading", || Ok(body())).unwrap_or_else(|panic: Error| {
        let detail = panic.message().to_owned();
        Err(match step {
            LoadStep::Header => LoadError::Header { detail },
            LoadStep::Layout => LoadError::Layout {
                inner_type: None,
                detail,
            },
            LoadStep::Description => LoadError::Description {
                what: one_line(&detail),
            },
        })
    })
}

fn header_error(error: LibraryError) -> LoadError {
    let detail = error.to_string().trim().to_owned();
    match error {
        LibraryError::OpenError { err, .. } => LoadError::Open {
            detail: err.to_string(),
        },
        LibraryError::GetSymbolError { .. } => LoadError::NotAGadgetLibrary { detail },
        _ => LoadError::Header { detail },
    }
}

/// Compares both versions of the interface; the older one may lack what was added later.
fn check_version_and_layout(header: &'static LibHeader) -> Result<(), LoadError> {
    let theirs = header.layout().ok_or(LoadError::LayoutMissing)?;
    let ours = <GadgetModuleRef as StableAbi>::LAYOUT;
    let version_error = || LoadError::AbiVersion {
        library: one_line(header.version_strings().version.as_str()),
        host: ABI_VERSION.to_owned(),
    };
    let library = VersionNumber::new(header.version_strings()).map_err(|_| version_error())?;
    let host = VersionNumber::new(GadgetModuleRef::VERSION_STRINGS).map_err(|_| version_error())?;
    if library.major != host.major {
        return Err(version_error());
    }
    let is_older = (library.minor, library.patch) <= (host.minor, host.patch);
    let (older, newer) = if is_older {
        (theirs, ours)
    } else {
        (ours, theirs)
    };
    check_layout_compatibility(older, newer).map_err(|errors| LoadError::Layout {
        // Each enclosing type has an entry; the innermost one with an error is the cause.
        inner_type: errors
            .errors
            .iter()
            .filter(|error| !error.errs.is_empty())
            .filter_map(|error| type_name(&error.stack_trace.last()?.expected))
            .next_back(),
        detail: errors.to_string(),
    })
}

fn type_name(place: &TLFieldOrFunction) -> Option<String> {
    match place {
        TLFieldOrFunction::Field(field) => Some(field.layout().name().to_owned()),
        TLFieldOrFunction::Function(_) => None,
    }
}

fn root(header: &'static LibHeader) -> Result<GadgetModuleRef, LoadError> {
    // SAFETY: `check_version_and_layout` has found the layout of the library's root compatible with
    // the one of `GadgetModuleRef`, and a loaded library is never unloaded.
    unsafe { header.unchecked_layout::<GadgetModuleRef>() }.map_err(|error| LoadError::Init {
        what: one_line(error.to_string().trim()),
    })
}
