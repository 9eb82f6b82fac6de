//! Where the host's key is, and what can be wrong with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use crate::store::{HostKey, files};

/// Where the host's key is.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// In a file that only the host's user may read; made on the first start.
    File(PathBuf),
    /// It was given, by an environment variable perhaps.
    Text(SecretString),
}

/// Why secrets can be neither opened nor sealed. Everything else works.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyProblem {
    /// The store is being opened.
    #[error("the key was not read yet")]
    NotRead,
    /// The file is not there, but the database was used with a key.
    #[error("the key file {} is missing; bring it back from where the data came from", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Others may read the file.
    #[error("the key file {} can be read by others (mode {mode:04o}); run `chmod 600` on it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read.
    #[error("the key file {} cannot be read: {details}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        details: String,
    },
    /// What was given is no key.
    #[error("the key that was given is not 64 hexadecimal digits")]
    NoKey,
    /// It is another key than the one that the secrets were sealed with.
    #[error(
        "the key `{found}` is not the one that the secrets were sealed with, `{expected}`; bring that one back"
    )]
    Wrong {
        /// The id of the key that is there.
        found: String,
        /// The id of the key that is needed.
        expected: String,
    },
}

/// Returns the path of the key that will be the next one.
pub(super) fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    PathBuf::from(name)
}

/// Reads a key file; nothing if it is not there.
pub(super) fn read(path: &Path) -> Result<Option<HostKey>, KeyProblem> {
    let unreadable = |details: String| KeyProblem::Unreadable {
        path: path.to_owned(),
        details,
    };
    let mode = match files::mode(path) {
        Ok(mode) => mode,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    if mode & 0o077 != 0 {
        return Err(KeyProblem::Open {
            path: path.to_owned(),
            mode,
        });
    }
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| unreadable(error.to_string()))?;
    let key = HostKey::parse(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(key))
}

/// Writes the key that will be the next one, over one that never came to be used.
pub(super) fn write_next(path: &Path, key: &HostKey) -> io::Result<()> {
    if let Some(parent) = path.parent()
        && !parent.as_os_str().is_empty()
    {
        files::make_directory(parent)?;
    }
    let next = next(path);
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let text = Zeroizing::new(format!("{}\n", key.to_text().expose_secret()));
    files::write_new(&next, text.as_bytes())
}

/// Makes the next key the one that is used.
pub(super) fn take_next(path: &Path) -> io::Result<()> {
    files::rename(&next(path), path)
}
