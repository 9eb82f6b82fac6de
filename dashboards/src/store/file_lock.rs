//! The lock that keeps other hosts out of a database file.

use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::Mutex,
};

use crate::store::{
    OpenError,
    files::{self, file_error, with_suffix},
};

/// Locks a database file against other hosts until it is released or the process ends.
pub(super) struct FileLock {
    file: Mutex<Option<File>>,
}

impl FileLock {
    /// Locks the lock file of a database.
    pub(super) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = with_suffix(database, ".lock");
        let file = files::open_private(&path).map_err(|cause| file_error(&path, cause))?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                file: Mutex::new(Some(file)),
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: database.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(file_error(&path, cause)),
        }
    }

    /// Releases the lock.
    pub(super) fn release(&self) {
        let mut file = self
            .file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // A child between fork and exec still has the file open, so closing it here is not enough.
        if let Some(Err(error)) = file.take().map(|file| file.unlock()) {
            tracing::warn!(%error, "failed to unlock the database file");
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_lock_is_free_although_a_forked_child_has_inherited_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        let is_in_use = || matches!(FileLock::take(&database), Err(OpenError::InUse { .. }));
        for release in [FileLock::release as fn(&FileLock), |_| ()] {
            let lock = FileLock::take(&database).unwrap();
            // Between fork and exec, a child of this process shares the open file.
            let inherited = lock.file.lock().unwrap().as_ref().map(File::try_clone);
            assert!(is_in_use());
            release(&lock);
            drop(lock);
            assert!(!is_in_use());
            drop(inherited);
        }
    }
}
