//! `schema`: the JSON Schema of settings, of views and of manifests.

use gadget_api::{Manifest, View};

use crate::program::{
    Exit, Failure,
    arguments::{CommonOptions, SchemaOptions},
    gadget_of,
    output::json,
};

/// Prints one schema.
pub(super) fn run(common: &CommonOptions, options: &SchemaOptions) -> Result<Exit, Failure> {
    match options.of.as_str() {
        "view" => json(&gadget_api::schema::schema_of::<View>())?,
        "manifest" => json(&gadget_api::schema::schema_of::<Manifest>())?,
        id => {
            let room = common.data_directory()?.join("render");
            let catalog = common.catalog(&room)?;
            json(&gadget_of(&catalog, id)?.description().schema)?;
        }
    }
    Ok(Exit::Fresh)
}
