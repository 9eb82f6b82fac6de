//! `schema`: the JSON Schema of settings, of views and of manifests.

use gadget_api::{Manifest, View};

use super::{
    arguments::{CommonOptions, SchemaOptions},
    exit::Exit,
    output::json,
};
use crate::app::{Failure, gadget_in};

/// Prints one schema.
pub(super) fn run(common: &CommonOptions, options: &SchemaOptions) -> Result<Exit, Failure> {
    match options.of.as_str() {
        "view" => json(&gadget_api::schema::schema_of::<View>())?,
        "manifest" => json(&gadget_api::schema::schema_of::<Manifest>())?,
        id => {
            let options = common.gadget_options()?;
            let catalog = options.catalog(&common.render_directory()?);
            json(&gadget_in(&catalog, id)?.description().schema)?;
        }
    }
    Ok(Exit::Fresh)
}
