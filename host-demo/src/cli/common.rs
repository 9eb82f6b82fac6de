//! What the common options come to: directories, trust, allowed origins.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use gadget_host::{LibraryHash, LoadError, OriginPolicy, TrustPolicy, read_protected};

use super::arguments::CommonOptions;
use crate::app::{Failure, FailureKind, GadgetOptions};

/// The directory of gadget libraries beside the executable.
const GADGETS: &str = "gadgets";
/// A file in the data directory: hashes of libraries that are allowed, one a line.
const ALLOWED: &str = "allowed-libraries";

impl CommonOptions {
    /// Returns the directories of gadget libraries.
    fn gadget_directories(&self) -> Result<Vec<PathBuf>, Failure> {
        if !self.gadgets.is_empty() {
            return Ok(self.gadgets.clone());
        }
        if let Some(named) = env::var_os("GADGETS_GADGETS").filter(|named| !named.is_empty()) {
            return Ok(env::split_paths(&named).collect());
        }
        let own = env::current_exe().map_err(|error| {
            Failure::new(
                FailureKind::Other,
                format!("failed to find this program's own file: {error}"),
            )
        })?;
        Ok(vec![own.with_file_name(GADGETS)])
    }

    /// Returns the data directory.
    pub(super) fn data_directory(&self) -> Result<PathBuf, Failure> {
        if let Some(directory) = &self.data {
            return Ok(directory.clone());
        }
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            Failure::usage(format!("failed to find the data directory: {error}"))
                .with_remedy("Choose one with `--data`.")
        })?;
        Ok(strategy.data_dir().join("host-demo"))
    }

    /// Returns which libraries are loaded, and which datasources they may reach.
    pub(super) fn gadget_options(&self) -> Result<GadgetOptions, Failure> {
        let trust = if self.allow_unsigned {
            TrustPolicy::AllowUnsigned
        } else {
            TrustPolicy::AllowedHashes(allowed(&self.data_directory()?.join(ALLOWED))?)
        };
        Ok(GadgetOptions {
            directories: self.gadget_directories()?,
            trust,
            origins: self.origin_policy()?,
        })
    }

    /// Returns where the commands that need no server keep what they read.
    pub(super) fn render_directory(&self) -> Result<PathBuf, Failure> {
        Ok(self.data_directory()?.join("render"))
    }

    /// Returns where datasources may be.
    fn origin_policy(&self) -> Result<OriginPolicy, Failure> {
        let mut policy = OriginPolicy::new();
        if self.allow_insecure_datasource {
            policy = policy.with_insecure_loopback();
        }
        for origin in &self.allow_origin {
            policy = policy
                .with_origin(origin)
                .map_err(|error| Failure::usage(error).with_remedy("Correct `--allow-origin`."))?;
        }
        Ok(policy)
    }
}

/// Reads the hashes of allowed libraries; without the file none is allowed.
fn allowed(path: &Path) -> Result<BTreeSet<LibraryHash>, Failure> {
    let bytes = match read_protected(path) {
        Ok(bytes) => bytes,
        Err(LoadError::Missing | LoadError::DirectoryMissing) => return Ok(BTreeSet::new()),
        Err(error) => {
            let (message, path) = (error.to_string(), path.display());
            return Err(Failure::usage(format!("`{path}` is not believed: {message}")).with_remedy(
                "Only the user of this host and root may be able to write to it and to its directory (`chmod go-w`).",
            ));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split('#').next().unwrap_or_default().trim()))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| {
            line.parse().map_err(|error| {
                Failure::usage(format!("`{}`, line {number}: {error}", path.display()))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    #[test]
    fn allowed_hashes_are_read_line_by_line_and_a_bad_line_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ALLOWED);
        assert_eq!(allowed(&path).unwrap(), BTreeSet::new());
        let hash = LibraryHash::of(b"abc");
        fs::write(&path, format!("# App Users\n\n{hash}  # 1.0.0\n")).unwrap();
        assert_eq!(allowed(&path).unwrap(), BTreeSet::from([hash]));
        fs::write(&path, format!("{hash}\nnonsense\n")).unwrap();
        assert!(allowed(&path).unwrap_err().line().contains("line 2"));
    }

    #[test]
    fn hashes_that_others_may_write_are_not_believed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ALLOWED);
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        fs::write(&path, format!("{}\n", LibraryHash::of(b"abc"))).unwrap();
        for (of_file, of_directory, is_believed) in [
            (0o600, 0o700, true),
            (0o644, 0o755, true),
            (0o664, 0o700, false),
            (0o646, 0o700, false),
            (0o600, 0o777, false),
        ] {
            mode(&path, of_file);
            mode(directory.path(), of_directory);
            let read = allowed(&path);
            assert_eq!(read.is_ok(), is_believed, "{of_file:o} {of_directory:o}");
            if let Err(failure) = read {
                assert!(
                    failure.line().contains("is not believed"),
                    "{}",
                    failure.line()
                );
            }
        }
        let link = directory.path().join("link");
        mode(directory.path(), 0o700);
        symlink(&path, &link).unwrap();
        assert!(allowed(&link).is_err());
    }
}
