//! A disk that is really full: a small file system in memory, which only root can mount.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A file system of a few megabytes, until this value is dropped.
pub struct SmallDisk {
    directory: TempDir,
}

impl SmallDisk {
    /// Mounts a file system of `size`, such as `4m`; returns nothing, and prints why, where this
    /// user may not mount one.
    ///
    /// # Panics
    ///
    /// Panics when there can be no temporary directory.
    #[must_use]
    pub fn mount(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=700")])
            .arg("tmpfs")
            .arg(directory.path())
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { directory });
        }
        #[expect(clippy::print_stdout, reason = "who runs the tests should know")]
        {
            println!("skipped, no file system can be mounted here");
        }
        None
    }

    /// Returns where the file system is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Takes all the space that is left.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be written for another reason than the lack of space.
    pub fn fill(&self) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .expect("a file can be made");
        for size in [64 * 1024, 512] {
            let error = loop {
                if let Err(error) = file.write_all(&vec![0; size]) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        }
    }

    /// Gives the space back.
    ///
    /// # Panics
    ///
    /// Panics when it was not taken.
    pub fn free(&self) {
        fs::remove_file(self.filler()).expect("the disk was filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is left open by a test that fails is unmounted once it is closed.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}
