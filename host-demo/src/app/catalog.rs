//! What is found in a catalog by its id, for somebody who typed it.

use gadget_host::{Catalog, CatalogGadget, CatalogKind, UnknownId};

use super::{Failure, FailureKind};

/// Returns the gadget of this id.
///
/// # Errors
///
/// Returns an error that names the gadgets that there are; it is one of libraries if any was
/// refused, because the gadget that was meant may be in there.
pub(crate) fn gadget_in<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a CatalogGadget, Failure> {
    catalog
        .gadget(id)
        .map_err(|unknown| not_there(catalog, &unknown))
}

/// Returns the datasource kind of this id.
///
/// # Errors
///
/// The same as [`gadget_in`], for datasource kinds.
pub(crate) fn kind_in<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a CatalogKind, Failure> {
    catalog
        .datasource_kind(id)
        .map_err(|unknown| not_there(catalog, &unknown))
}

fn not_there(catalog: &Catalog, unknown: &UnknownId) -> Failure {
    match catalog.refused() {
        [] => Failure::usage(unknown),
        [refused] => Failure::new(FailureKind::Library, format!("{unknown}: {refused}")),
        [first, ..] => Failure::new(
            FailureKind::Library,
            format!("{unknown}: {first} (see `host-demo gadgets` for the others)"),
        ),
    }
}
