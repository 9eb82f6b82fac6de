//! The fourth step: a private copy that does not change while it is mapped.
//!
//! Overwriting a mapped library crashes its process, and the system's loader returns the library that
//! it already has for a known path. A copy named by its hash avoids both.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags};

use super::{LibraryHash, LoadError};

const FILE_NAME: &str = "library.so";

/// Returns the path of the copy of `bytes` below `directory`, creating it if it does not exist.
pub(super) fn make(
    directory: &Path,
    hash: LibraryHash,
    bytes: &[u8],
) -> Result<PathBuf, LoadError> {
    let failed = |source| LoadError::Copy {
        directory: directory.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(failed)?;
    // The loader searches the system's directories for a name without a slash.
    let directory = directory.canonicalize().map_err(failed)?;
    let home = directory.join(hash.to_string());
    let copy = home.join(FILE_NAME);
    // A copy appears in one step, so one that does not match is damaged, not half written.
    if home.exists() {
        if holds(&copy, hash) {
            return Ok(copy);
        }
        set_aside(&directory, &home).map_err(failed)?;
    }
    write(&directory, &home, bytes).map_err(failed)?;
    if holds(&copy, hash) {
        return Ok(copy);
    }
    Err(LoadError::CopyDiffers { directory })
}

/// Tells whether the copy exists and matches what was read.
fn holds(copy: &Path, hash: LibraryHash) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::open(copy, flags, Mode::empty()) else {
        return false;
    };
    let mut bytes = Vec::new();
    File::from(file).read_to_end(&mut bytes).is_ok() && LibraryHash::of(&bytes) == hash
}

/// Moves a damaged copy away; it is not overwritten, because a process may have it mapped.
fn set_aside(directory: &Path, home: &Path) -> io::Result<()> {
    let aside = tempfile::Builder::new()
        .prefix("damaged-")
        .tempdir_in(directory)?
        .keep();
    fs::set_permissions(home, Permissions::from_mode(0o700))?;
    fs::rename(home, aside.join("copy"))?;
    fs::remove_dir_all(aside)
}

/// Writes the copy to a temporary directory and moves it to its place in one step.
fn write(directory: &Path, home: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = tempfile::Builder::new()
        .prefix("new-")
        .tempdir_in(directory)?;
    let mut file = File::create_new(fresh.path().join(FILE_NAME))?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(0o444))?;
    file.sync_all()?;
    fs::set_permissions(fresh.path(), Permissions::from_mode(0o500))?;
    let fresh = fresh.keep();
    match fs::rename(&fresh, home) {
        Ok(()) => Ok(()),
        // Another process was faster; its copy is checked afterwards.
        Err(error) => {
            fs::set_permissions(&fresh, Permissions::from_mode(0o700))?;
            fs::remove_dir_all(&fresh)?;
            match error.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => Ok(()),
                _ => Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_copy_is_made_once_and_is_read_only() {
        let directory = tempfile::tempdir().unwrap();
        let copies = directory.path().join("copies");
        let hash = LibraryHash::of(b"library");
        let copy = make(&copies, hash, b"library").unwrap();
        assert_eq!(fs::read(&copy).unwrap(), b"library");
        assert_eq!(
            [&copies, copy.parent().unwrap(), &copy].map(mode),
            [0o700, 0o500, 0o444]
        );
        let made = fs::metadata(&copy).unwrap().modified().unwrap();
        assert_eq!(make(&copies, hash, b"library").unwrap(), copy);
        assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), made);
    }

    #[test]
    fn a_damaged_copy_is_replaced_and_not_written_to() {
        let directory = tempfile::tempdir().unwrap();
        let hash = LibraryHash::of(b"library");
        let copy = make(directory.path(), hash, b"library").unwrap();
        fs::set_permissions(copy.parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
        fs::remove_file(&copy).unwrap();
        fs::write(&copy, "something else").unwrap();
        let mut old = File::open(&copy).unwrap();
        assert_eq!(make(directory.path(), hash, b"library").unwrap(), copy);
        assert_eq!(fs::read(&copy).unwrap(), b"library");
        let mut kept = String::new();
        old.read_to_string(&mut kept).unwrap();
        assert_eq!(kept, "something else");
        let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn many_at_once_make_one_good_copy() {
        let directory = tempfile::tempdir().unwrap();
        let bytes = vec![7; 1 << 20];
        let hash = LibraryHash::of(&bytes);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let copy = make(directory.path(), hash, &bytes).unwrap();
                    assert!(holds(&copy, hash));
                });
            }
        });
    }
}
