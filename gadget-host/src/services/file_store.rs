//! Where gadgets keep data: blobs and leases in a directory, private to each datasource.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, Utc};
use gadget_api::{Blob, BlobInfo, Error, ErrorKind, LeaseId};

use crate::{BlobStore, LeaseStore};

/// The length of the header of a blob's file: its revision, little-endian.
const HEAD_BYTES: usize = 8;

/// A directory with blobs and leases; several processes may share it.
#[derive(Debug)]
pub(crate) struct FileStore {
    directory: PathBuf,
    leases: Mutex<HashMap<String, Held>>,
    next_lease: AtomicU64,
}

#[derive(Debug)]
struct Held {
    id: LeaseId,
    until: Instant,
    /// Locked while the lease is held; the lock ends with the process, however it ends.
    file: LockedFile,
}

/// A file that is locked until this value is dropped.
#[derive(Debug)]
struct LockedFile(File);

impl Drop for LockedFile {
    fn drop(&mut self) {
        // A child between fork and exec still has the file open, so closing it here is not enough.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "failed to unlock a file");
        }
    }
}

impl FileStore {
    /// Opens the directory, creating it if it does not exist.
    pub(crate) fn open(directory: PathBuf) -> Result<Self, Error> {
        make(&directory).map_err(|error| failed("open", &directory, &error))?;
        Ok(Self {
            directory,
            leases: Mutex::default(),
            next_lease: AtomicU64::new(1),
        })
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks a space against other writers, in this process and others.
    fn lock(&self, space: &str) -> Result<LockedFile, Error> {
        let directory = self.directory.join(space);
        let path = directory.join(".lock");
        let locked = make(&directory).and_then(|()| {
            let file = open_for_lock(&path)?;
            file.lock()?;
            Ok(LockedFile(file))
        });
        locked.map_err(|error| failed("lock", &path, &error))
    }

    fn path(&self, space: &str, name: &str) -> PathBuf {
        self.directory
            .join(space)
            .join(format!("b-{}", name.replace('/', "!")))
    }
}

impl BlobStore for FileStore {
    fn get(&self, space: &str, name: &str) -> Result<Option<Blob>, Error> {
        let path = self.path(space, name);
        read(&path).map_err(|error| failed("read", &path, &error))
    }

    fn put(&self, space: &str, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        let path = self.path(space, name);
        let _lock = self.lock(space)?;
        let io = |error: io::Error| failed("write", &path, &error);
        let revision = revision_at(&path).map_err(io)?;
        if revision != expected {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the blob `{name}` has the revision {revision}, not {expected}"),
            ));
        }
        write(&path, revision + 1, bytes).map_err(io)?;
        Ok(revision + 1)
    }

    fn list(&self, space: &str, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        let directory = self.directory.join(space);
        let io = |error: io::Error| failed("read", &directory, &error);
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(io)?,
        };
        let mut listed = Vec::new();
        for entry in entries {
            let entry = entry.map_err(io)?;
            let Some(name) = entry.file_name().to_str().and_then(name_of) else {
                continue;
            };
            if !name.starts_with(prefix) {
                continue;
            }
            // It may have been removed since the directory was read.
            let (Ok(metadata), Ok(revision @ 1..)) = (entry.metadata(), revision_at(&entry.path()))
            else {
                continue;
            };
            let stored_at: DateTime<Utc> = metadata.modified().map_err(io)?.into();
            listed.push(BlobInfo {
                name,
                revision,
                bytes: metadata.len().saturating_sub(HEAD_BYTES as u64),
                stored_at,
            });
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(listed)
    }

    fn remove(&self, space: &str, name: &str) -> Result<(), Error> {
        let path = self.path(space, name);
        let _lock = self.lock(space)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("remove", &path, &error))
            }
            _ => Ok(()),
        }
    }
}

impl LeaseStore for FileStore {
    fn take(&self, space: &str, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        let key = format!("{space}/.lease-{}", key.replace('/', "!"));
        let path = self.directory.join(&key);
        let io = |error: io::Error| failed("lock", &path, &error);
        // Only one process at a time may check the lease file.
        let _lock = self.lock(space)?;
        let mut leases = self.leases();
        let now = Instant::now();
        leases.retain(|_, held| held.until > now);
        if leases.contains_key(&key) {
            return Ok(None);
        }
        let Some(file) = lock_for(&path, SystemTime::now(), ttl).map_err(io)? else {
            return Ok(None);
        };
        let id = LeaseId(self.next_lease.fetch_add(1, Ordering::Relaxed));
        let until = now.checked_add(ttl).unwrap_or(now);
        leases.insert(key, Held { id, until, file });
        Ok(Some(id))
    }

    fn renew(&self, lease: LeaseId, ttl: Duration) -> Result<bool, Error> {
        let space = {
            let leases = self.leases();
            let key = leases.iter().find(|(_, held)| held.id == lease);
            let Some((space, _)) = key.and_then(|(key, _)| key.split_once('/')) else {
                return Ok(false);
            };
            space.to_owned()
        };
        // Another process may be checking whether the lease is over.
        let _lock = self.lock(&space)?;
        let mut leases = self.leases();
        let now = Instant::now();
        let held = leases.iter_mut().find(|(_, held)| held.id == lease);
        let Some((key, held)) = held.filter(|(_, held)| held.until > now) else {
            return Ok(false);
        };
        write_end(&mut held.file.0, SystemTime::now(), ttl)
            .map_err(|error| failed("renew", &self.directory.join(key), &error))?;
        held.until = now.checked_add(ttl).unwrap_or(now);
        Ok(true)
    }

    fn release(&self, lease: LeaseId) {
        self.leases().retain(|_, held| held.id != lease);
    }
}

fn name_of(file: &str) -> Option<String> {
    Some(file.strip_prefix("b-")?.replace('!', "/"))
}

fn make(directory: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

/// Takes the lock of a lease and records when it ends, or returns `None` while it is held.
fn lock_for(path: &Path, now: SystemTime, ttl: Duration) -> io::Result<Option<LockedFile>> {
    let mut file = open_for_lock(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut over = [0; 8];
            let is_over = file.read_exact(&mut over).is_ok()
                && u64::from_le_bytes(over) <= millis_since_1970(now);
            if !is_over {
                return Ok(None);
            }
            // The holder hangs; its lock stays with the removed file.
            fs::remove_file(path)?;
            file = open_for_lock(path)?;
            file.lock()?;
        }
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let mut file = LockedFile(file);
    write_end(&mut file.0, now, ttl)?;
    Ok(Some(file))
}

/// Records in the file of a lease that it ends `ttl` after `now`.
fn write_end(file: &mut File, now: SystemTime, ttl: Duration) -> io::Result<()> {
    let end = millis_since_1970(now).saturating_add(millis(ttl));
    file.rewind()?;
    file.write_all(&end.to_le_bytes())
}

fn millis_since_1970(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn open_for_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

/// Returns the revision of the blob at `path`, or 0 if there is none.
fn revision_at(path: &Path) -> io::Result<u64> {
    let mut head = [0; HEAD_BYTES];
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        file => file?
            .read_exact(&mut head)
            .map(|()| u64::from_le_bytes(head)),
    }
}

fn read(path: &Path) -> io::Result<Option<Blob>> {
    let mut bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is too short for a blob",
        ));
    };
    let revision = u64::from_le_bytes(*head);
    bytes.drain(..HEAD_BYTES);
    Ok(Some(Blob { revision, bytes }))
}

/// Writes a new file and renames it, so that readers find the old or the new content, never a part.
///
/// The caller holds the lock of the space, so only one writer at a time uses the temporary name. The
/// next writer overwrites what a killed one left there.
fn write(path: &Path, revision: u64, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let fresh = directory.join(".new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(&revision.to_le_bytes())?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(directory)?.sync_all()
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!("failed to {what} `{}`: {error}", path.display()),
    )
    .with_remedy("Check the permissions of the data directory and the free space on its disk.")
}

#[cfg(test)]
mod tests;
