//! The catalog: what the libraries in some directories offer, and which of them were refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use gadget_api::{__abi::Exported, DatasourceDeclaration, ErrorKind, GadgetDescription, Template};

use crate::{
    load::{self, Library, LoadError, LoadOptions, Loaded, RefusedLibrary},
    text::listed,
};

/// All gadgets, datasource kinds and templates of a host, each with the library that it comes from.
#[derive(Debug, Default)]
pub struct Catalog {
    libraries: Vec<Arc<Library>>,
    refused: Vec<RefusedLibrary>,
    remarks: Vec<String>,
    gadgets: BTreeMap<String, CatalogGadget>,
    kinds: BTreeMap<String, CatalogKind>,
    templates: BTreeMap<String, CatalogTemplate>,
}

/// A gadget of the catalog.
pub struct CatalogGadget {
    description: GadgetDescription,
    library: Arc<Library>,
    pub(crate) exported: Arc<Exported>,
}

/// A datasource kind of the catalog.
pub struct CatalogKind {
    declaration: Arc<DatasourceDeclaration>,
    library: Arc<Library>,
    pub(crate) exported: Arc<Exported>,
}

/// A dashboard template of the catalog.
#[derive(Debug)]
pub struct CatalogTemplate {
    template: Template,
    library: Arc<Library>,
}

/// No library has a gadget, datasource kind or template with this id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no library has the {what} `{id}`; {}", self.known_text())]
pub struct UnknownId {
    what: &'static str,
    id: String,
    known: Vec<String>,
    refused: Vec<PathBuf>,
}

impl UnknownId {
    /// Returns the unknown id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the known ids.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// Returns the libraries that were refused; one of them may have what was asked for.
    #[must_use]
    pub fn refused(&self) -> &[PathBuf] {
        &self.refused
    }

    fn known_text(&self) -> String {
        let known = match self.known.as_slice() {
            [] => "there are none".to_owned(),
            known => format!("there are {}", listed(known.iter().map(String::as_str))),
        };
        match self.refused.len() {
            0 => known,
            1 => format!("{known}; a library was refused, see the catalog"),
            count => format!("{known}; {count} libraries were refused, see the catalog"),
        }
    }
}

impl From<UnknownId> for gadget_api::Error {
    fn from(unknown: UnknownId) -> Self {
        Self::new(ErrorKind::NotFound, unknown.to_string())
    }
}

impl Catalog {
    /// Loads every `*.so` of the directories: in their order, and by name within each.
    ///
    /// A library that cannot be loaded, or a directory that cannot be read, is listed as
    /// [refused](Catalog::refused) with its reason; the others are still loaded.
    #[must_use]
    pub fn load<P: AsRef<Path>>(directories: &[P], options: &LoadOptions) -> Self {
        let mut catalog = Self::default();
        let mut seen = BTreeSet::new();
        for directory in directories {
            let directory = directory.as_ref();
            // A directory that is named twice is read once.
            let place = directory
                .canonicalize()
                .unwrap_or_else(|_| directory.to_owned());
            if !seen.insert(place) {
                continue;
            }
            match libraries_in(directory) {
                Ok(paths) => paths
                    .iter()
                    .for_each(|path| catalog.load_file(path, options)),
                Err(error) => catalog.refuse(RefusedLibrary::new(directory, error)),
            }
        }
        catalog
    }

    /// Loads one library into a catalog of its own, whatever its name.
    ///
    /// # Errors
    ///
    /// Returns the step that refused the library, and why.
    pub fn load_library(path: &Path, options: &LoadOptions) -> Result<Self, RefusedLibrary> {
        let mut catalog = Self::default();
        catalog.load_file(path, options);
        match mem::take(&mut catalog.refused).pop() {
            Some(refused) => Err(refused),
            None => Ok(catalog),
        }
    }

    fn load_file(&mut self, path: &Path, options: &LoadOptions) {
        match load::load(path, options).and_then(|loaded| self.add(loaded)) {
            Ok(()) => tracing::debug!(path = %path.display(), "loaded a gadget library"),
            Err(refused) => self.refuse(refused),
        }
    }

    fn refuse(&mut self, refused: RefusedLibrary) {
        tracing::warn!("{refused}");
        if let Some(detail) = refused.error().detail() {
            tracing::debug!(path = %refused.path().display(), "{detail}");
        }
        self.refused.push(refused);
    }

    /// Adds a library, either all of it or nothing.
    pub(crate) fn add(&mut self, loaded: Loaded) -> Result<(), RefusedLibrary> {
        let Loaded {
            library,
            gadgets,
            datasources,
        } = loaded;
        for (description, _) in &gadgets {
            let id = &description.manifest.id;
            if let Some(present) = self.gadgets.get(id) {
                let error = LoadError::DuplicateGadget {
                    id: id.clone(),
                    other: present.library.path().to_owned(),
                };
                return Err(RefusedLibrary::new(library.path(), error));
            }
        }
        for (description, exported) in gadgets {
            let gadget = CatalogGadget {
                library: Arc::clone(&library),
                exported: Arc::new(exported),
                description,
            };
            self.gadgets.insert(gadget.id().to_owned(), gadget);
        }
        for (declaration, exported) in datasources {
            self.add_kind(CatalogKind {
                library: Arc::clone(&library),
                exported: Arc::new(exported),
                declaration: Arc::new(declaration),
            });
        }
        for template in &library.description().templates {
            self.add_template(template, &library);
        }
        self.libraries.push(library);
        Ok(())
    }

    /// Adds a datasource kind; if two libraries declare it differently, the newer library is used.
    fn add_kind(&mut self, kind: CatalogKind) {
        let id = kind.declaration.id.clone();
        let Some(present) = self.kinds.get(&id) else {
            self.kinds.insert(id, kind);
            return;
        };
        let version = |kind: &CatalogKind| kind.library.description().version;
        let is_newer = version(&kind) > version(present);
        if kind.declaration != present.declaration {
            let serves = if is_newer { &kind } else { present };
            self.remarks.push(format!(
                "the datasource kind `{id}` is declared differently by `{}` ({}) and `{}` ({}); `{}` serves it",
                present.library.path().display(),
                version(present),
                kind.library.path().display(),
                version(&kind),
                serves.library.path().display(),
            ));
        }
        if is_newer {
            self.kinds.insert(id, kind);
        }
    }

    fn add_template(&mut self, template: &Template, library: &Arc<Library>) {
        if let Some(present) = self.templates.get(&template.id) {
            self.remarks.push(format!(
                "the template `{}` of `{}` is left out: `{}` has one of the same id",
                template.id,
                library.path().display(),
                present.library.path().display(),
            ));
            return;
        }
        let template = CatalogTemplate {
            template: template.clone(),
            library: Arc::clone(library),
        };
        self.templates
            .insert(template.template.id.clone(), template);
    }

    /// Returns the libraries that were loaded, in the order of loading.
    #[must_use]
    pub fn libraries(&self) -> &[Arc<Library>] {
        &self.libraries
    }

    /// Returns the libraries and directories that were refused, in the order of loading.
    #[must_use]
    pub fn refused(&self) -> &[RefusedLibrary] {
        &self.refused
    }

    /// Returns other remarks about loading, one sentence each.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Iterates over the gadgets by id.
    pub fn gadgets(&self) -> impl Iterator<Item = &CatalogGadget> {
        self.gadgets.values()
    }

    /// Iterates over the datasource kinds by id.
    pub fn datasource_kinds(&self) -> impl Iterator<Item = &CatalogKind> {
        self.kinds.values()
    }

    /// Iterates over the dashboard templates by id.
    pub fn templates(&self) -> impl Iterator<Item = &CatalogTemplate> {
        self.templates.values()
    }

    /// Returns the gadget of this id.
    ///
    /// # Errors
    ///
    /// Returns an error that names the known gadgets.
    pub fn gadget(&self, id: &str) -> Result<&CatalogGadget, UnknownId> {
        self.gadgets
            .get(id)
            .ok_or_else(|| self.unknown("gadget", id, self.gadgets.keys()))
    }

    /// Returns the datasource kind of this id.
    ///
    /// # Errors
    ///
    /// Returns an error that names the known datasource kinds.
    pub fn datasource_kind(&self, id: &str) -> Result<&CatalogKind, UnknownId> {
        self.kinds
            .get(id)
            .ok_or_else(|| self.unknown("datasource kind", id, self.kinds.keys()))
    }

    /// Returns the dashboard template of this id.
    ///
    /// # Errors
    ///
    /// Returns an error that names the known templates.
    pub fn template(&self, id: &str) -> Result<&CatalogTemplate, UnknownId> {
        self.templates
            .get(id)
            .ok_or_else(|| self.unknown("template", id, self.templates.keys()))
    }

    fn unknown<'a>(
        &self,
        what: &'static str,
        id: &str,
        known: impl Iterator<Item = &'a String>,
    ) -> UnknownId {
        UnknownId {
            what,
            id: id.to_owned(),
            known: known.cloned().collect(),
            refused: self
                .refused
                .iter()
                .map(|refused| refused.path().to_owned())
                .collect(),
        }
    }
}

impl CatalogGadget {
    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.description.manifest.id
    }

    /// Returns what the gadget says about itself.
    #[must_use]
    pub fn description(&self) -> &GadgetDescription {
        &self.description
    }

    /// Returns the library that it comes from.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }
}

impl CatalogKind {
    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.declaration.id
    }

    /// Returns what the library declares about datasources of this kind.
    #[must_use]
    pub fn declaration(&self) -> &Arc<DatasourceDeclaration> {
        &self.declaration
    }

    /// Returns the library that it comes from.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }
}

impl CatalogTemplate {
    /// Returns the template.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Returns the library that it comes from.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }
}

impl std::fmt::Debug for CatalogGadget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatalogGadget")
            .field("id", &self.id())
            .field("library", &self.library.path())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CatalogKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatalogKind")
            .field("id", &self.id())
            .field("library", &self.library.path())
            .finish_non_exhaustive()
    }
}

/// Returns the paths of all `*.so` in a directory, sorted by name.
fn libraries_in(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    load::check_directory(directory)?;
    let entries = fs::read_dir(directory).map_err(LoadError::DirectoryUnreadable)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(LoadError::DirectoryUnreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "so") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
