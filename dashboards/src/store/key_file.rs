//! The file of the host's key, and what can be wrong with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use crate::store::{HostKey, files};

/// Where the host's key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file that only the host's user can read; created at the first start.
    File(PathBuf),
    /// The key itself, for example from an environment variable.
    Text(SecretString),
}

/// Why secrets can be neither decrypted nor encrypted. Everything else works.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyProblem {
    /// The store is still being opened.
    #[error("the key has not been read yet")]
    NotLoaded,
    /// The file does not exist, but the database has been used with a key.
    #[error("the key file {} is missing; restore it from the same backup as the database", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Other users can read the file.
    #[error("the key file {} can be read by other users (mode {mode:04o}); run `chmod 600` on it", path.display())]
    ReadableByOthers {
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
        /// The cause.
        details: String,
    },
    /// The given text is not a key.
    #[error("the given key is not 64 hexadecimal digits")]
    Malformed,
    /// The secrets were encrypted with another key.
    #[error(
        "the secrets were encrypted with the key `{expected}`, not with the key `{found}`; restore the right key"
    )]
    Wrong {
        /// The id of the present key.
        found: String,
        /// The id of the required key.
        expected: String,
    },
}

/// Returns the path of the next key during a rotation.
pub(super) fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    PathBuf::from(name)
}

/// Reads a key file; returns nothing if it does not exist.
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
        return Err(KeyProblem::ReadableByOthers {
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

/// Writes the next key, replacing one that was never activated.
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

/// Makes the next key the current one.
pub(super) fn activate_next(path: &Path) -> io::Result<()> {
    files::rename(&next(path), path)
}
