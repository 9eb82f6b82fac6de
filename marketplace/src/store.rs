//! Stored snapshots of one datasource, vendor and account, and why syncs after them failed.
//!
//! A stored blob never changes: a name stands for the same data, and the same failure, for as long as it is kept.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use gadget_api::{Error, ErrorKind, LogLevel, Services, SnapshotName};
use sha2::{Digest, Sha256};

use crate::{
    datasource::Connection,
    digest::digest,
    rows::Rows,
    snapshot::{
        Part, Snapshot,
        part::{self, Depth},
    },
    wire,
};

const ROOT: &str = "snapshots";
/// How often a free generation is tried before storing fails.
const TRIES: usize = 3;
/// How many snapshots are kept.
const KEPT_SNAPSHOTS: usize = 2;
/// How many failures are kept for each snapshot.
const KEPT_FAILURES: u64 = 4;

/// Why a sync failed, kept with the last good snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncFailure {
    /// When the sync began.
    pub at: DateTime<Utc>,
    /// Why it failed.
    pub error: Error,
}

/// Names a snapshot, and the newest failed sync after it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct SnapshotVersion {
    /// Counts the snapshots, from 1.
    pub(crate) generation: u64,
    /// Counts the failed syncs after it, from 1; 0 for none.
    pub(crate) failure: u64,
}

/// Identifies a snapshot among those of all datasources.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SnapshotId {
    /// The host's id of the datasource: no other one is served its data, even for the same vendor and account.
    datasource: String,
    key: String,
    generation: u64,
}

/// The stored snapshots of one datasource, vendor and account.
pub(crate) struct SnapshotStore<'a> {
    services: &'a dyn Services,
    datasource: String,
    key: String,
}

impl<'a> SnapshotStore<'a> {
    /// Opens the store of a vendor for the datasource of the call.
    pub(crate) fn open(services: &'a dyn Services, vendor: &str) -> Result<Self, Error> {
        let connection = Connection::of(services)?;
        let mut digest = Sha256::new();
        for part in [
            connection.address.to_lowercase().trim_end_matches('/'),
            vendor.trim(),
            &connection.account.to_lowercase(),
        ] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let digest = digest.finalize();
        let half = digest.first_chunk().expect("a digest has 32 bytes");
        let key = format!("{:032x}", u128::from_be_bytes(*half));
        Ok(Self {
            services,
            datasource: connection.id,
            key,
        })
    }

    /// Returns the digest of address, vendor and account.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Returns the id of a snapshot.
    pub(crate) fn id(&self, generation: u64) -> SnapshotId {
        SnapshotId {
            datasource: self.datasource.clone(),
            key: self.key.clone(),
            generation,
        }
    }

    fn data_blob(&self, generation: u64) -> String {
        format!("{ROOT}/{}/{generation:010}.data", self.key)
    }

    fn part_blob(&self, digest: u128) -> String {
        format!("{ROOT}/{}/part.{digest:032x}", self.key)
    }

    fn failure_blob(&self, version: SnapshotVersion) -> String {
        format!(
            "{ROOT}/{}/{:010}.outcome.{:010}",
            self.key, version.generation, version.failure
        )
    }

    /// Returns the name that a host knows a version by.
    pub(crate) fn name(&self, version: SnapshotVersion) -> SnapshotName {
        let SnapshotVersion {
            generation,
            failure,
        } = version;
        SnapshotName::new(match failure {
            0 => format!("{}.{generation}", self.key),
            failure => format!("{}.{generation}.{failure}", self.key),
        })
    }

    /// Returns the version with a name; nothing if the name belongs to another datasource, vendor or account.
    pub(crate) fn version(&self, name: &SnapshotName) -> Option<SnapshotVersion> {
        let rest = name.as_str().strip_prefix(&self.key)?.strip_prefix('.')?;
        let (generation, failure) = rest.split_once('.').unwrap_or((rest, "0"));
        Some(SnapshotVersion {
            generation: generation.parse().ok()?,
            failure: failure.parse().ok()?,
        })
    }

    /// Returns the stored versions, the newest first, each with the newest failure after it.
    pub(crate) fn versions(&self) -> Result<Vec<SnapshotVersion>, Error> {
        let prefix = format!("{ROOT}/{}/", self.key);
        let mut versions: Vec<SnapshotVersion> = Vec::new();
        let mut failures: Vec<SnapshotVersion> = Vec::new();
        for blob in self.services.blob_list(&prefix)? {
            let name = blob.name.strip_prefix(&prefix).unwrap_or_default();
            if let Some(generation) = name
                .strip_suffix(".data")
                .and_then(|text| text.parse().ok())
            {
                versions.push(SnapshotVersion {
                    generation,
                    failure: 0,
                });
            } else if let Some((generation, failure)) = name.split_once(".outcome.")
                && let (Ok(generation), Ok(failure)) = (generation.parse(), failure.parse())
            {
                failures.push(SnapshotVersion {
                    generation,
                    failure,
                });
            }
        }
        versions.sort_unstable_by(|a, b| b.cmp(a));
        for version in &mut versions {
            let of_version = failures
                .iter()
                .filter(|other| other.generation == version.generation);
            version.failure = of_version.map(|other| other.failure).max().unwrap_or(0);
        }
        Ok(versions)
    }

    /// Reads a snapshot; nothing if it is not stored.
    pub(crate) fn snapshot(&self, generation: u64) -> Result<Option<Snapshot>, Error> {
        let Some(blob) = self.services.blob_get(&self.data_blob(generation))? else {
            return Ok(None);
        };
        let broken = |reason: &str| {
            let message = format!("failed to read snapshot {generation}: {reason}");
            Error::new(ErrorKind::Internal, message).with_remedy("Refresh to read the data again.")
        };
        let snapshot = Snapshot::decode(&blob.bytes).map_err(|error| broken(&error.to_string()))?;
        if snapshot.key != self.key {
            return Err(broken("it belongs to another datasource"));
        }
        Ok(Some(snapshot))
    }

    /// Stores a part of a snapshot that is not stored yet.
    pub(crate) fn put_part(&self, lane: u8, rows: &Rows) -> Result<Part, Error> {
        let bytes = part::encode(rows);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let part = Part {
            digest: digest(&bytes),
            lane,
            bytes: bytes.len() as u64,
            licenses: count(rows.license_count()),
            transactions: count(rows.transaction_count()),
            apps: rows.apps().into_iter().map(str::to_owned).collect(),
        };
        let name = self.part_blob(part.digest);
        match self.services.blob_put(&name, &bytes, 0) {
            // The same rows were stored before, unless that blob is damaged.
            Err(error) if error.kind() == ErrorKind::Conflict => {
                let blob = self.services.blob_get(&name)?;
                if let Some(blob) = blob.filter(|blob| blob.bytes != bytes) {
                    self.services.blob_put(&name, &bytes, blob.revision)?;
                }
                Ok(part)
            }
            stored => stored.map(|_| part),
        }
    }

    /// Tells whether all parts of a snapshot are stored as they were written.
    pub(crate) fn has_parts(&self, snapshot: &Snapshot) -> Result<bool, Error> {
        for part in &snapshot.parts {
            let blob = self.services.blob_get(&self.part_blob(part.digest))?;
            if blob.is_none_or(|blob| digest(&blob.bytes) != part.digest) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a part of a snapshot.
    pub(crate) fn part(&self, part: &Part, depth: Depth) -> Result<Rows, Error> {
        let broken = |reason: &str| {
            let message = format!("failed to read a part of the data: {reason}");
            Error::new(ErrorKind::Internal, message).with_remedy("Refresh to read the data again.")
        };
        let blob = self.services.blob_get(&self.part_blob(part.digest))?;
        let blob = blob.ok_or_else(|| broken("it is not stored"))?;
        part::decode(&blob.bytes, depth).map_err(|error| broken(&error.to_string()))
    }

    /// Stores a snapshot whose parts are stored as the newest one, and removes those that are no longer needed.
    ///
    /// The parts of the snapshot before it stay too.
    pub(crate) fn put(
        &self,
        snapshot: &Snapshot,
        previous: Option<&Snapshot>,
    ) -> Result<SnapshotVersion, Error> {
        let bytes = snapshot.encode();
        let newest = self.versions()?.first().copied();
        let mut generation = newest.map_or(0, |version| version.generation);
        for _ in 0..TRIES {
            generation += 1;
            match self
                .services
                .blob_put(&self.data_blob(generation), &bytes, 0)
            {
                // A sync that outlived its lease stored this generation first.
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    let kept = previous.into_iter().chain([snapshot]);
                    let parts = kept.flat_map(|snapshot| &snapshot.parts);
                    let parts = parts.map(|part| self.part_blob(part.digest)).collect();
                    self.tidy(Some(&parts));
                    return Ok(SnapshotVersion {
                        generation,
                        failure: 0,
                    });
                }
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "other syncs keep storing the same data",
        ))
    }

    /// Stores why the sync after a version failed.
    pub(crate) fn put_failure(
        &self,
        after: SnapshotVersion,
        failure: &SyncFailure,
    ) -> Result<SnapshotVersion, Error> {
        let version = SnapshotVersion {
            failure: after.failure + 1,
            ..after
        };
        let bytes = wire::encode_failure(failure.at, &failure.error)
            .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        self.services
            .blob_put(&self.failure_blob(version), &bytes, 0)?;
        self.tidy(None);
        Ok(version)
    }

    /// Reads why the sync after a version failed; nothing if none did.
    pub(crate) fn failure(&self, version: SnapshotVersion) -> Result<Option<SyncFailure>, Error> {
        if version.failure == 0 {
            return Ok(None);
        }
        let blob = self.services.blob_get(&self.failure_blob(version))?;
        let blob = blob.ok_or_else(|| not_stored(&self.name(version)))?;
        let (at, error) = wire::decode_failure(&blob.bytes).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to read why the last sync failed: {error}"),
            )
        })?;
        Ok(Some(SyncFailure { at, error }))
    }

    /// Removes old snapshots and failures, and all but these parts, if they are known.
    ///
    /// What cannot be removed now is tried again after the next sync.
    fn tidy(&self, parts: Option<&HashSet<String>>) {
        let removed = self.superfluous(parts).and_then(|names| {
            names
                .iter()
                .try_for_each(|name| self.services.blob_remove(name))
        });
        if let Err(error) = removed {
            let line = format!("failed to remove old snapshots: {error}");
            self.services.log(LogLevel::Warn, &line);
        }
    }

    fn superfluous(&self, parts: Option<&HashSet<String>>) -> Result<Vec<String>, Error> {
        let versions = self.versions()?;
        let kept: Vec<&SnapshotVersion> = versions.iter().take(KEPT_SNAPSHOTS).collect();
        let part_prefix = format!("{ROOT}/{}/part.", self.key);
        let is_kept = |name: &str| {
            if name.starts_with(&part_prefix) {
                return parts.is_none_or(|parts| parts.contains(name));
            }
            kept.iter().any(|version| {
                let oldest = version.failure.saturating_sub(KEPT_FAILURES - 1).max(1);
                name == self.data_blob(version.generation)
                    || (oldest..=version.failure).any(|failure| {
                        name == self.failure_blob(SnapshotVersion {
                            failure,
                            ..**version
                        })
                    })
            })
        };
        let blobs = self.services.blob_list(&format!("{ROOT}/{}/", self.key))?;
        Ok(blobs
            .into_iter()
            .map(|blob| blob.name)
            .filter(|name| !is_kept(name))
            .collect())
    }
}

/// Returns the error for a name whose data is not stored, or no longer.
pub(crate) fn not_stored(name: &SnapshotName) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("the data `{name}` is not stored"),
    )
    .with_remedy("Refresh to read it again.")
}
