//! `gadgets`: the catalog in words.

use gadget_host::Catalog;

use super::{arguments::CommonOptions, exit::Exit, output::answer};
use crate::app::Failure;
use gadget_draw::text::{clean, padded};

/// Lists what was loaded and what was refused.
pub(super) fn run(common: &CommonOptions) -> Result<Exit, Failure> {
    let options = common.gadget_options()?;
    let catalog = options.catalog(&common.render_directory()?);
    answer(&listing(&catalog))?;
    Ok(Exit::Fresh)
}

fn listing(catalog: &Catalog) -> String {
    let mut out = String::new();
    let width = catalog
        .gadgets()
        .map(|gadget| gadget.id().len())
        .max()
        .unwrap_or(0);
    for gadget in catalog.gadgets() {
        let manifest = &gadget.description().manifest;
        out += &format!(
            "{}  {} {}: {}\n",
            padded(gadget.id(), width),
            clean(&manifest.title),
            manifest.version,
            clean(&manifest.summary)
        );
        out += &format!(
            "{}  from {}\n",
            " ".repeat(width),
            gadget.library().path().display()
        );
    }
    if out.is_empty() {
        out += "no gadgets loaded\n";
    }
    for kind in catalog.datasource_kinds() {
        let declaration = kind.declaration();
        out += &format!(
            "datasource kind {}  {}\n",
            kind.id(),
            clean(&declaration.title)
        );
    }
    for template in catalog.templates() {
        let template = template.template();
        out += &format!(
            "template {}  {}\n",
            clean(&template.id),
            clean(&template.name)
        );
    }
    for refused in catalog.refused() {
        out += &format!("refused: {}\n", clean(&refused.to_string()));
    }
    for remark in catalog.remarks() {
        out += &format!("note: {}\n", clean(remark));
    }
    out
}
