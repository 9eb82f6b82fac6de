//! The first step: a regular file that only its owner can change, read once.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use super::LoadError;

/// Write permission of group and others.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// No list of hashes is larger.
const MAX_PROTECTED_BYTES: u64 = 1024 * 1024;
/// In a directory with this bit, only the owner of a file can replace it.
const STICKY: u32 = 0o1000;

/// Opens the file at `path` once, checks it, and reads all of it.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, LoadError> {
    let file = open(path)?;
    let metadata = file.metadata().map_err(LoadError::Unreadable)?;
    check(&metadata, rustix::process::geteuid().as_raw(), max_bytes)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The file may grow while it is read; one byte above the limit shows that.
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(LoadError::Unreadable)?;
    if bytes.len() as u64 > max_bytes {
        return Err(LoadError::TooLarge {
            bytes: bytes.len() as u64,
            max_bytes,
        });
    }
    Ok(bytes)
}

/// Reads a small file that decides about trust: it and its directory can be changed only by the host's user and root.
pub(super) fn read_protected(path: &Path) -> Result<Vec<u8>, LoadError> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    check_directory(parent.unwrap_or(Path::new(".")))?;
    read(path, MAX_PROTECTED_BYTES)
}

/// Opens without following a link, and without waiting for the other end of a FIFO.
fn open(path: &Path) -> Result<File, LoadError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => Ok(File::from(file)),
        Err(Errno::LOOP) => Err(LoadError::Link),
        Err(Errno::NOENT) => Err(LoadError::Missing),
        // What the system answers for a socket, and for a device without a driver.
        Err(Errno::NXIO | Errno::NODEV) => Err(LoadError::NotRegular {
            what: "a socket or a device",
        }),
        Err(errno) => Err(LoadError::Unreadable(errno.into())),
    }
}

fn check(metadata: &Metadata, user: u32, max_bytes: u64) -> Result<(), LoadError> {
    let kind = metadata.file_type();
    if !kind.is_file() {
        let what = if kind.is_dir() {
            "a directory"
        } else if kind.is_fifo() {
            "a FIFO"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        };
        return Err(LoadError::NotRegular { what });
    }
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != user && owner != 0 {
        return Err(LoadError::ForeignOwner { owner });
    }
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Err(LoadError::Writable { mode });
    }
    if metadata.len() > max_bytes {
        return Err(LoadError::TooLarge {
            bytes: metadata.len(),
            max_bytes,
        });
    }
    Ok(())
}

/// Checks that only the host's user and root can put files into a directory.
pub(super) fn check_directory(path: &Path) -> Result<(), LoadError> {
    let metadata = path.metadata().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LoadError::DirectoryMissing,
        _ => LoadError::DirectoryUnreadable(error),
    })?;
    let refused = |what: String| Err(LoadError::DirectoryUnsafe { what });
    if !metadata.is_dir() {
        return refused("is not a directory".to_owned());
    }
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != rustix::process::geteuid().as_raw() && owner != 0 {
        return refused(format!(
            "belongs to the user {owner}, neither to the user of this host nor to root"
        ));
    }
    if mode & WRITABLE_BY_OTHERS != 0 && mode & STICKY == 0 {
        return refused(format!(
            "can be written to by users other than its owner (mode {mode:03o})"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::PermissionsExt, fs::symlink, net::UnixListener},
    };

    use super::*;

    fn refusal(path: &Path) -> String {
        read(path, 100).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_regular_file_of_ours_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("fifo.so"),
            rustix::fs::FileType::Fifo,
            Mode::RWXU,
            0,
        )
        .unwrap();
        fs::create_dir(at("directory.so")).unwrap();
        let _socket = UnixListener::bind(at("socket.so")).unwrap();
        fs::write(at("real"), "x").unwrap();
        symlink(at("real"), at("link.so")).unwrap();
        symlink(at("nowhere"), at("dangling.so")).unwrap();
        fs::write(at("writable.so"), "x").unwrap();
        fs::set_permissions(at("writable.so"), fs::Permissions::from_mode(0o666)).unwrap();
        fs::write(at("large.so"), [0; 101]).unwrap();
        for (name, expected) in [
            ("fifo.so", "it is a FIFO, not a regular file"),
            ("directory.so", "it is a directory, not a regular file"),
            (
                "socket.so",
                "it is a socket or a device, not a regular file",
            ),
            ("link.so", "it is a symbolic link"),
            ("dangling.so", "it is a symbolic link"),
            ("missing.so", "the file does not exist"),
            (
                "writable.so",
                "users other than its owner may write to it (mode 666)",
            ),
            ("large.so", "it has 101 bytes; at most 100 are allowed"),
        ] {
            assert_eq!(refusal(&at(name)), expected, "{name}");
        }
        assert_eq!(
            refusal(Path::new("/dev/null")),
            "it is a device, not a regular file"
        );
    }

    #[test]
    fn a_file_of_another_user_is_refused_but_not_one_of_root() {
        let metadata = fs::metadata("/etc/passwd").unwrap();
        let owner = metadata.uid();
        assert!(check(&metadata, owner, 1 << 30).is_ok());
        assert_eq!(
            check(&metadata, owner + 1, 1 << 30).is_ok(),
            owner == 0,
            "only root's files are taken from another user"
        );
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, holds) in [
            (0o755, true),
            (0o777, false),
            (0o775, false),
            (0o1777, true),
        ] {
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(check_directory(directory.path()).is_ok(), holds, "{mode:o}");
        }
        let missing = check_directory(&directory.path().join("none")).unwrap_err();
        assert_eq!(missing.to_string(), "the directory does not exist");
    }
}
