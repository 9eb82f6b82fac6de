//! Background exports: started, polled, downloaded.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::ids;
use crate::row::List;
use crate::selection::Selection;

/// How many exports are kept; the oldest is dropped first.
const KEPT: usize = 1_000;

/// One export.
#[derive(Clone)]
pub(crate) struct Job {
    id: String,
    list: List,
    /// The selected rows, from the data at the start of the export.
    pub(crate) selection: Arc<Selection>,
    started: Instant,
}

impl Job {
    /// Returns the name of the state for exports that take `duration`.
    pub(crate) fn state(&self, now: Instant, duration: Duration) -> &'static str {
        let age = now.saturating_duration_since(self.started);
        if age >= duration {
            "COMPLETED"
        } else if age >= duration / 3 {
            "IN_PROGRESS"
        } else {
            "QUEUED"
        }
    }
}

/// The exports of a server.
#[derive(Default)]
pub(crate) struct Jobs {
    started: u64,
    jobs: VecDeque<Job>,
}

impl Jobs {
    /// Starts an export and returns its id.
    pub(crate) fn start(
        &mut self,
        list: List,
        selection: Arc<Selection>,
        started: Instant,
    ) -> String {
        self.started += 1;
        let id = ids::uuid("export", &self.started.to_string());
        if self.jobs.len() == KEPT {
            self.jobs.pop_front();
        }
        self.jobs.push_back(Job {
            id: id.clone(),
            list,
            selection,
            started,
        });
        id
    }

    /// Returns the export of `list` with this id.
    pub(crate) fn find(&self, list: List, id: &str) -> Option<Job> {
        self.jobs
            .iter()
            .find(|job| job.id == id && job.list == list)
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseData;
    use crate::filter::Filter;

    #[test]
    fn an_export_is_queued_then_in_progress_then_completed() {
        let selection = Arc::new(Selection::new(
            Arc::new(CaseData::from_values(&[], &[])),
            List::Licenses,
            Filter::everything(),
        ));
        let mut jobs = Jobs::default();
        let start = Instant::now();
        let id = jobs.start(List::Licenses, selection, start);
        let job = jobs.find(List::Licenses, &id).unwrap();
        for (age_ms, state) in [
            (0, "QUEUED"),
            (99, "QUEUED"),
            (100, "IN_PROGRESS"),
            (299, "IN_PROGRESS"),
            (300, "COMPLETED"),
        ] {
            let now = start + Duration::from_millis(age_ms);
            assert_eq!(
                job.state(now, Duration::from_millis(300)),
                state,
                "{age_ms}"
            );
        }
        assert!(jobs.find(List::Transactions, &id).is_none());
    }
}
