//! Where snapshots of one datasource, vendor and account lie, and what is told of syncs that failed.
//!
//! Blobs never change once they are there: a name stands for the same data, and the same outcome, for as long as they
//! are kept.

use chrono::{DateTime, Utc};
use gadget_api::{Error, ErrorKind, LogLevel, Services, SnapshotName};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::snapshot::Snapshot;

const ROOT: &str = "snapshots";
/// How often a place for a snapshot is looked for.
const TRIES: usize = 3;
/// How many snapshots are kept.
const KEPT_SNAPSHOTS: usize = 2;
/// How many outcomes of failed syncs are kept for a snapshot.
const KEPT_OUTCOMES: usize = 4;

/// Why a sync failed, told together with the snapshot that stands in.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Outcome {
    /// When the sync began.
    pub at: DateTime<Utc>,
    /// Why it failed.
    pub error: Error,
}

/// Names a snapshot, and the failed sync after it if there was one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// Counts the snapshots, from 1.
    pub(crate) generation: u64,
    /// Counts the failed syncs after it, from 1; 0 for none.
    pub(crate) outcome: u64,
}

/// The blobs of one datasource, vendor and account.
pub(crate) struct Shelf<'a> {
    services: &'a dyn Services,
    key: String,
}

impl<'a> Shelf<'a> {
    /// Creates the shelf of the datasource of the call.
    pub(crate) fn of(services: &'a dyn Services, vendor: &str) -> Result<Self, Error> {
        let datasource = services.datasource()?;
        let settings = datasource.settings;
        let field = |name: &str| {
            let text = settings.get(name).and_then(serde_json::Value::as_str);
            text.unwrap_or_default().trim().to_lowercase()
        };
        let mut digest = Sha256::new();
        // What is kept in memory is found by this key too, and a library serves all datasources.
        for part in [
            datasource.id.as_str(),
            field("base_url").trim_end_matches('/'),
            vendor.trim(),
            &field("email"),
        ] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let digest = digest.finalize();
        let key = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self { services, key })
    }

    /// Returns the digest of datasource, address, vendor and account.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    fn data_blob(&self, generation: u64) -> String {
        format!("{ROOT}/{}/{generation:010}.data", self.key)
    }

    fn outcome_blob(&self, place: Place) -> String {
        format!(
            "{ROOT}/{}/{:010}.outcome.{:010}",
            self.key, place.generation, place.outcome
        )
    }

    /// Returns the name of a place, for hosts.
    pub(crate) fn name(&self, place: Place) -> SnapshotName {
        let Place {
            generation,
            outcome,
        } = place;
        SnapshotName::new(match outcome {
            0 => format!("{}.{generation}", self.key),
            outcome => format!("{}.{generation}.{outcome}", self.key),
        })
    }

    /// Returns the place of a name; nothing for one of another datasource, vendor or account.
    pub(crate) fn place(&self, name: &SnapshotName) -> Option<Place> {
        let rest = name.as_str().strip_prefix(&self.key)?.strip_prefix('.')?;
        let (generation, outcome) = rest.split_once('.').unwrap_or((rest, "0"));
        Some(Place {
            generation: generation.parse().ok()?,
            outcome: outcome.parse().ok()?,
        })
    }

    /// Returns the places that are there, the newest first; each with the newest outcome after it.
    pub(crate) fn places(&self) -> Result<Vec<Place>, Error> {
        let prefix = format!("{ROOT}/{}/", self.key);
        let mut places: Vec<Place> = Vec::new();
        let mut outcomes: Vec<Place> = Vec::new();
        for blob in self.services.blob_list(&prefix)? {
            let name = blob.name.strip_prefix(&prefix).unwrap_or_default();
            if let Some(generation) = name
                .strip_suffix(".data")
                .and_then(|text| text.parse().ok())
            {
                places.push(Place {
                    generation,
                    outcome: 0,
                });
            } else if let Some((generation, outcome)) = name.split_once(".outcome.")
                && let (Ok(generation), Ok(outcome)) = (generation.parse(), outcome.parse())
            {
                outcomes.push(Place {
                    generation,
                    outcome,
                });
            }
        }
        places.sort_unstable_by(|a, b| b.cmp(a));
        for place in &mut places {
            let of_place = outcomes
                .iter()
                .filter(|other| other.generation == place.generation);
            place.outcome = of_place.map(|other| other.outcome).max().unwrap_or(0);
        }
        Ok(places)
    }

    /// Reads a snapshot; nothing if it is not there.
    pub(crate) fn snapshot(&self, generation: u64) -> Result<Option<Snapshot>, Error> {
        let Some(blob) = self.services.blob_get(&self.data_blob(generation))? else {
            return Ok(None);
        };
        let broken = |what: &str| {
            let message = format!("the stored data of {generation} cannot be read: {what}");
            Error::new(ErrorKind::Internal, message).with_remedy("Refresh to read it anew.")
        };
        let snapshot = Snapshot::decode(&blob.bytes).map_err(|error| broken(&error.to_string()))?;
        if snapshot.key != self.key {
            return Err(broken("it is of another datasource"));
        }
        Ok(Some(snapshot))
    }

    /// Returns the newest snapshot that can be read, and where it is.
    pub(crate) fn newest(&self) -> Result<Option<(Place, Snapshot)>, Error> {
        for place in self.places()? {
            match self.snapshot(place.generation) {
                Ok(Some(snapshot)) => return Ok(Some((place, snapshot))),
                Ok(None) => {}
                Err(error) => self.services.log(LogLevel::Warn, &error.to_string()),
            }
        }
        Ok(None)
    }

    /// Stores a snapshot after all that are there, and removes what is no longer needed.
    pub(crate) fn put(&self, snapshot: &Snapshot) -> Result<Place, Error> {
        let bytes = snapshot.encode();
        let mut generation = self.places()?.first().map_or(0, |place| place.generation);
        for _ in 0..TRIES {
            generation += 1;
            match self
                .services
                .blob_put(&self.data_blob(generation), &bytes, 0)
            {
                // A sync that outlived its lease was faster.
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    self.tidy();
                    return Ok(Place {
                        generation,
                        outcome: 0,
                    });
                }
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "other syncs store the same data all the time",
        ))
    }

    /// Stores why a sync failed, after a snapshot.
    pub(crate) fn put_outcome(&self, after: Place, outcome: &Outcome) -> Result<Place, Error> {
        let place = Place {
            outcome: after.outcome + 1,
            ..after
        };
        let bytes = serde_json::to_vec(outcome)
            .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        self.services
            .blob_put(&self.outcome_blob(place), &bytes, 0)?;
        self.tidy();
        Ok(place)
    }

    /// Reads why the sync at a place failed; nothing if none did.
    pub(crate) fn outcome(&self, place: Place) -> Result<Option<Outcome>, Error> {
        if place.outcome == 0 {
            return Ok(None);
        }
        let blob = self.services.blob_get(&self.outcome_blob(place))?;
        let blob = blob.ok_or_else(|| not_there(&self.name(place)))?;
        let outcome = serde_json::from_slice(&blob.bytes).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("the stored outcome of a sync cannot be read: {error}"),
            )
        })?;
        Ok(Some(outcome))
    }

    /// Removes old snapshots and outcomes; what cannot be removed now is removed next time.
    fn tidy(&self) {
        let removed = self.superfluous().and_then(|names| {
            names
                .iter()
                .try_for_each(|name| self.services.blob_remove(name))
        });
        if let Err(error) = removed {
            let line = format!("old snapshots are not removed: {error}");
            self.services.log(LogLevel::Warn, &line);
        }
    }

    fn superfluous(&self) -> Result<Vec<String>, Error> {
        let places = self.places()?;
        let kept: Vec<&Place> = places.iter().take(KEPT_SNAPSHOTS).collect();
        let is_kept = |name: &str| {
            kept.iter().any(|place| {
                let oldest = place
                    .outcome
                    .saturating_sub(KEPT_OUTCOMES as u64 - 1)
                    .max(1);
                name == self.data_blob(place.generation)
                    || (oldest..=place.outcome)
                        .any(|outcome| name == self.outcome_blob(Place { outcome, ..**place }))
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

/// Returns the error of a name that stands for nothing any more.
pub(crate) fn not_there(name: &SnapshotName) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("the data `{name}` is not stored (any more)"),
    )
    .with_remedy("Refresh to read it anew.")
}
