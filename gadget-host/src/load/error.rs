//! Why a library is refused: a variant per cause, each with its step and a remedy.

use std::{fmt, io, path::PathBuf};

use super::LibraryHash;

/// Why a library, or a directory of libraries, is refused.
///
/// Its text says what is wrong; [`RefusedLibrary`](super::RefusedLibrary) adds the file, the step and the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The directory is not there.
    #[error("the directory does not exist")]
    DirectoryMissing,
    /// The directory cannot be read.
    #[error("the directory cannot be read")]
    DirectoryUnreadable(#[source] io::Error),
    /// Users other than the host's could put files into the directory.
    #[error("the directory {what}")]
    DirectoryUnsafe {
        /// What is unsafe about it.
        what: String,
    },
    /// The file is not there.
    #[error("the file does not exist")]
    Missing,
    /// The file cannot be opened or read.
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
    /// The path is a symbolic link.
    #[error("it is a symbolic link")]
    Link,
    /// The path is something else than a file.
    #[error("it is {what}, not a regular file")]
    NotRegular {
        /// What it is.
        what: &'static str,
    },
    /// The file belongs to a user whose code is not trusted.
    #[error("it belongs to the user {owner}, neither to the user of this host nor to root")]
    ForeignOwner {
        /// The id of that user.
        owner: u32,
    },
    /// Users other than the owner may change the file.
    #[error("users other than its owner may write to it (mode {mode:03o})")]
    Writable {
        /// The permission bits.
        mode: u32,
    },
    /// The file is larger than the host allows.
    #[error("it has {bytes} bytes; at most {max_bytes} are allowed")]
    TooLarge {
        /// The size.
        bytes: u64,
        /// The largest size that is allowed.
        max_bytes: u64,
    },
    /// The file is not an ELF library.
    #[error("it is not a shared library: {what}")]
    NotElf {
        /// What is wrong with it.
        what: String,
    },
    /// The file was built for another kind of machine.
    #[error("it was built for another machine: {what}")]
    OtherMachine {
        /// What differs.
        what: String,
    },
    /// A part of the file is missing.
    #[error("it is truncated or damaged: {what}")]
    Truncated {
        /// What lies outside the file.
        what: String,
    },
    /// The file has not been allowed.
    #[error("it has not been allowed (SHA-256 {hash})")]
    NotTrusted {
        /// The hash to allow.
        hash: LibraryHash,
    },
    /// The private copy could not be made.
    #[error("its private copy cannot be made in `{}`", directory.display())]
    Copy {
        /// The directory of the copies.
        directory: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The private copy differs from what was read.
    #[error("its private copy in `{}` differs from what was read", directory.display())]
    CopyDiffers {
        /// The directory of the copies.
        directory: PathBuf,
    },
    /// The loader of the system refuses the file.
    #[error("the system cannot load it")]
    Open {
        /// What the system says.
        detail: String,
    },
    /// The file is a shared library without gadgets.
    #[error("it is not a gadget library")]
    NotAGadgetLibrary {
        /// What was looked for and not found.
        detail: String,
    },
    /// The library was built with an incompatible version of `abi_stable`.
    #[error("it was built with an incompatible version of the plugin interface")]
    Header {
        /// What differs.
        detail: String,
    },
    /// The library does not describe its side of the interface.
    #[error("it does not describe its interface")]
    LayoutMissing,
    /// The library has another major version of the interface.
    #[error("its interface has version {library}; this host has {host}")]
    AbiVersion {
        /// The version of the library.
        library: String,
        /// The version of this host.
        host: String,
    },
    /// The layout of the interface differs.
    #[error("the layout of its interface differs from this host's{}", type_text(inner_type.as_deref()))]
    Layout {
        /// The innermost type that differs, where it is known.
        inner_type: Option<String>,
        /// All differences; the text can be long.
        detail: String,
    },
    /// The library could not build its root, or panicked while it did.
    #[error("it failed to start: {what}")]
    Init {
        /// What it says.
        what: String,
    },
    /// A description of the library, or of a part of it, cannot be read or used.
    #[error("{what}")]
    Description {
        /// What is wrong, and where.
        what: String,
    },
    /// A settings schema breaks the profile.
    #[error("the settings schema of `{id}` does not follow the profile: {finding}")]
    Schema {
        /// The id of the gadget or datasource kind.
        id: String,
        /// The first thing that is wrong.
        finding: String,
        /// Everything that is wrong, one a line.
        detail: String,
    },
    /// Another library has a gadget of the same id.
    #[error("its gadget `{id}` is already there, from `{}`", other.display())]
    DuplicateGadget {
        /// The id.
        id: String,
        /// The library that was loaded first.
        other: PathBuf,
    },
}

fn type_text(name: Option<&str>) -> String {
    name.map(|name| format!(" (type `{name}`)"))
        .unwrap_or_default()
}

/// A step of the load pipeline.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LoadStep {
    /// The directory that libraries are read from.
    Directory,
    /// Opening and reading the file.
    File,
    /// The format of the file.
    Format,
    /// Trust in the file.
    Trust,
    /// The private copy.
    Copy,
    /// Handing the copy to the system's loader, and the header of the library.
    Header,
    /// Version and layout of the interface.
    Layout,
    /// What the library says about itself.
    Description,
    /// Adding it to the catalog.
    Catalog,
}

impl LoadStep {
    /// The steps in the order in which a library goes through them.
    pub const ALL: [Self; 9] = [
        Self::Directory,
        Self::File,
        Self::Format,
        Self::Trust,
        Self::Copy,
        Self::Header,
        Self::Layout,
        Self::Description,
        Self::Catalog,
    ];
}

impl fmt::Display for LoadStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "directory",
            Self::File => "file",
            Self::Format => "format",
            Self::Trust => "trust",
            Self::Copy => "copy",
            Self::Header => "header",
            Self::Layout => "layout",
            Self::Description => "description",
            Self::Catalog => "catalog",
        })
    }
}

impl LoadError {
    /// Returns the step that refused the library.
    #[must_use]
    pub fn step(&self) -> LoadStep {
        match self {
            Self::DirectoryMissing
            | Self::DirectoryUnreadable(_)
            | Self::DirectoryUnsafe { .. } => LoadStep::Directory,
            Self::Missing
            | Self::Unreadable(_)
            | Self::Link
            | Self::NotRegular { .. }
            | Self::ForeignOwner { .. }
            | Self::Writable { .. }
            | Self::TooLarge { .. } => LoadStep::File,
            Self::NotElf { .. } | Self::OtherMachine { .. } | Self::Truncated { .. } => {
                LoadStep::Format
            }
            Self::NotTrusted { .. } => LoadStep::Trust,
            Self::Copy { .. } | Self::CopyDiffers { .. } => LoadStep::Copy,
            Self::Open { .. } | Self::NotAGadgetLibrary { .. } | Self::Header { .. } => {
                LoadStep::Header
            }
            Self::LayoutMissing
            | Self::AbiVersion { .. }
            | Self::Layout { .. }
            | Self::Init { .. } => LoadStep::Layout,
            Self::Description { .. } | Self::Schema { .. } => LoadStep::Description,
            Self::DuplicateGadget { .. } => LoadStep::Catalog,
        }
    }

    /// Returns what to do about it, as a sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::DirectoryMissing => "Create it, or name another one.",
            Self::DirectoryUnreadable(_) => "Let the user of this host read it.",
            Self::DirectoryUnsafe { .. } => {
                "Give it to the user of this host or to root, and remove write permission for everyone else (`chmod go-w`)."
            }
            Self::Missing => "Check the path.",
            Self::Unreadable(_) => "Let the user of this host read it.",
            Self::Link => "Put the library itself in its place.",
            Self::NotRegular { .. } => "Remove it, or put a library in its place.",
            Self::ForeignOwner { .. } => "Give it to the user of this host or to root (`chown`).",
            Self::Writable { .. } => "Remove write permission for group and others (`chmod go-w`).",
            Self::TooLarge { .. } => "Build it in release mode, without debug information.",
            Self::NotElf { .. } => "Remove it, or put a gadget library in its place.",
            Self::OtherMachine { .. } => "Build it for the machine of this host.",
            Self::Truncated { .. } => "Copy it again from where it was built.",
            Self::NotTrusted { .. } => {
                "Allow this hash, or start the host with `--allow-unsigned` if you trust every library in its directories."
            }
            Self::Copy { .. } => "Let the user of this host write there, and check the free space.",
            Self::CopyDiffers { .. } => "Check what else writes to this directory, and its disk.",
            Self::Open { .. } => {
                "Install the libraries it is linked with, or build it on a system like this one; the log has the loader's message."
            }
            Self::NotAGadgetLibrary { .. } => {
                "Remove it, or build it with `export_gadgets!` of gadget-api."
            }
            Self::Header { .. }
            | Self::LayoutMissing
            | Self::AbiVersion { .. }
            | Self::Layout { .. } => "Build it again with the gadget-api of this host.",
            Self::Init { .. } | Self::Description { .. } | Self::Schema { .. } => {
                "This is a bug in the library: report it to its author."
            }
            Self::DuplicateGadget { .. } => "Remove one of the two libraries.",
        }
    }

    /// Returns the details for the log; they can be long.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Open { detail }
            | Self::NotAGadgetLibrary { detail }
            | Self::Header { detail }
            | Self::Layout { detail, .. }
            | Self::Schema { detail, .. } => Some(detail),
            _ => None,
        }
    }
}
