//! The load pipeline: turns the path of a file into a checked library, or names the step that refused it.
//!
//! The steps run in this order: the file, its format, trust in it, a private copy, the header, the
//! layout of the interface, and the library's description. No code of the library runs before
//! [`LoadStep::Header`].

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use gadget_api::{
    __abi::Exported, DatasourceDeclaration, GadgetDescription, LibraryDescription, Part,
};

pub use self::{
    error::{LoadError, LoadStep},
    trust::{InvalidHash, LibraryHash, TrustPolicy},
};
use crate::library;

mod copy;
mod describe;
mod elf;
pub(crate) mod error;
mod file;
mod trust;

/// The default size limit for libraries, in bytes.
const MAX_LIBRARY_BYTES: u64 = 256 * 1024 * 1024;

/// What a host decides about loading.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    trust: TrustPolicy,
    copies: PathBuf,
    max_bytes: u64,
}

impl LoadOptions {
    /// Creates the options: which libraries are trusted, and the directory for their private copies.
    ///
    /// The directory is created if it does not exist; only the host's user may write to it.
    pub fn new(trust: TrustPolicy, copies: impl Into<PathBuf>) -> Self {
        Self {
            trust,
            copies: copies.into(),
            max_bytes: MAX_LIBRARY_BYTES,
        }
    }

    /// Sets the size above which a library is refused, in bytes (256 MiB if it is not set).
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }
}

/// A file that was refused, and why.
#[derive(Debug)]
pub struct RefusedLibrary {
    path: PathBuf,
    error: LoadError,
}

impl RefusedLibrary {
    pub(crate) fn new(path: &Path, error: LoadError) -> Self {
        Self {
            path: path.to_owned(),
            error,
        }
    }

    /// Returns the path of the file, or of the directory that cannot be used.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is wrong with it.
    #[must_use]
    pub fn error(&self) -> &LoadError {
        &self.error
    }
}

impl fmt::Display for RefusedLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, error } = self;
        let (step, remedy) = (error.step(), error.remedy());
        write!(
            f,
            "failed to load the gadget library `{}` at the step {step}: {error}. {remedy}",
            path.display()
        )
    }
}

impl std::error::Error for RefusedLibrary {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

/// A library that was loaded.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    hash: LibraryHash,
    description: LibraryDescription,
}

impl Library {
    /// Returns the path that it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> LibraryHash {
        self.hash
    }

    /// Returns what it says about itself.
    #[must_use]
    pub fn description(&self) -> &LibraryDescription {
        &self.description
    }
}

/// A library with its parts, before they are added to the catalog.
pub(crate) struct Loaded {
    pub(crate) library: Arc<Library>,
    pub(crate) gadgets: Vec<(GadgetDescription, Exported)>,
    pub(crate) datasources: Vec<(DatasourceDeclaration, Exported)>,
}

#[cfg(test)]
impl Loaded {
    /// Creates a library from parts of this program.
    pub(crate) fn local(parts: Vec<Exported>) -> Self {
        Self::local_named("local", parts)
    }

    /// Creates a library of this name from parts of this program.
    pub(crate) fn local_named(name: &str, parts: Vec<Exported>) -> Self {
        let mut loaded = Self {
            library: Arc::new(Library {
                path: PathBuf::from(name),
                hash: LibraryHash::of(name.as_bytes()),
                description: LibraryDescription {
                    name: name.to_owned(),
                    version: gadget_api::Version::new(1, 0, 0),
                    api_version: String::new(),
                    datasources: Vec::new(),
                    templates: Vec::new(),
                },
            }),
            gadgets: Vec::new(),
            datasources: Vec::new(),
        };
        for part in parts {
            match describe::part(&part).expect("the parts of a test can be described") {
                Part::Gadget(description) => loaded.gadgets.push((*description, part)),
                Part::Datasource(declaration) => loaded.datasources.push((*declaration, part)),
                _ => {}
            }
        }
        loaded
    }
}

/// Takes the file at `path` through all steps.
pub(crate) fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, RefusedLibrary> {
    steps(path, options).map_err(|error| RefusedLibrary::new(path, error))
}

fn steps(path: &Path, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let bytes = file::read(path, options.max_bytes)?;
    elf::check(&bytes)?;
    let hash = LibraryHash::of(&bytes);
    options.trust.check(hash)?;
    let copy = copy::make(&options.copies, hash, &bytes)?;
    drop(bytes);
    let (description, parts) = library::open(&copy)?;
    let mut loaded = Loaded {
        library: Arc::new(Library {
            path: path.to_owned(),
            hash,
            description,
        }),
        gadgets: Vec::new(),
        datasources: Vec::new(),
    };
    describe::library(&loaded.library.description)?;
    for part in parts {
        match describe::part(&part)? {
            Part::Gadget(description) => loaded.gadgets.push((*description, part)),
            Part::Datasource(declaration) => loaded.datasources.push((*declaration, part)),
            // A newer library may have parts that this host does not know.
            _ => {}
        }
    }
    describe::whole(&loaded)?;
    Ok(loaded)
}

/// Reads a file that decides which libraries are trusted, as carefully as a library.
///
/// # Errors
///
/// Returns an error when it cannot be read, or somebody else than the host's user and root may write to it
/// or to its directory.
pub fn read_protected(path: &Path) -> Result<Vec<u8>, LoadError> {
    file::read_protected(path)
}

/// Checks a directory that libraries are read from.
pub(crate) fn check_directory(path: &Path) -> Result<(), LoadError> {
    file::check_directory(path)
}
