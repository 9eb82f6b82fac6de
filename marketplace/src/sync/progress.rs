//! Reports the progress of a sync to the person who waits.

use gadget_api::{Progress, Services, Step, StepState};

use crate::number::{counted, grouped};

/// How many records are read between two reports.
const REPORT_EVERY: u64 = 2_000;
/// The share of reading records in the whole sync.
const SHARE_OF_RECORDS: f64 = 0.95;

/// The steps of a sync, in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    Access,
    Licenses,
    Transactions,
    Count,
}

/// Reports to the host how far the sync is.
pub(super) struct SyncProgress<'a> {
    services: &'a dyn Services,
    steps: [Step; 4],
    /// How many licenses and transactions the previous sync read.
    expected: [u64; 2],
    read: [u64; 2],
}

impl<'a> SyncProgress<'a> {
    pub(super) fn new(services: &'a dyn Services, expected: [u64; 2]) -> Self {
        Self {
            services,
            steps: [
                Step::waiting("access", "Access"),
                Step::waiting("licenses", "Licenses"),
                Step::waiting("transactions", "Transactions"),
                Step::waiting("atlassian", "Atlassian's count"),
            ],
            expected,
            read: [0; 2],
        }
    }

    /// Starts a step; `text` says what happens now.
    pub(super) fn start(&mut self, stage: Stage, text: &str) {
        self.steps[stage as usize].state = StepState::Running;
        self.report(text);
    }

    /// Ends a step.
    pub(super) fn end(&mut self, stage: Stage, state: StepState, detail: impl Into<String>) {
        let step = &mut self.steps[stage as usize];
        step.state = state;
        step.detail = detail.into();
        self.report("");
    }

    /// Marks the running step as failed.
    pub(super) fn fail(&mut self, detail: &str) {
        let running = |step: &&mut Step| step.state == StepState::Running;
        if let Some(step) = self.steps.iter_mut().find(running) {
            step.state = StepState::Failed;
            step.detail = detail.to_owned();
        }
        self.report("");
    }

    /// Starts reading from the beginning.
    pub(super) fn restart(&mut self) {
        self.read = [0; 2];
        for stage in [Stage::Licenses, Stage::Transactions] {
            self.steps[stage as usize].state = StepState::Waiting;
            self.steps[stage as usize].detail.clear();
        }
    }

    /// Counts a record of a step.
    pub(super) fn record(&mut self, stage: Stage) {
        let place = usize::from(stage == Stage::Transactions);
        self.read[place] += 1;
        if self.read[place].is_multiple_of(REPORT_EVERY) {
            let (read, expected) = (self.read[place], self.expected[place]);
            self.steps[stage as usize].detail = match expected {
                0 => counted(read, "row", "rows"),
                expected => format!("{} of about {}", grouped(read), grouped(expected.max(read))),
            };
            self.report("");
        }
    }

    /// Returns how many records of a step were read.
    pub(super) fn records(&self, stage: Stage) -> u64 {
        self.read[usize::from(stage == Stage::Transactions)]
    }

    fn report(&self, text: &str) {
        let running = self
            .steps
            .iter()
            .find(|step| step.state == StepState::Running);
        let text = match (text, running) {
            ("", Some(step)) if step.detail.is_empty() => step.label.clone(),
            ("", Some(step)) => format!("{}: {}", step.label, step.detail),
            (text, _) => text.to_owned(),
        };
        self.services.progress(&Progress {
            fraction: self.fraction(),
            text,
            steps: self.steps.to_vec(),
        });
    }

    /// Returns the finished share, if an earlier sync says how much there is.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a progress bar needs no more than 52 bits"
    )]
    fn fraction(&self) -> Option<f64> {
        let expected: u64 = self.expected.iter().sum();
        let read: u64 = self.read.iter().sum();
        (expected > 0).then(|| (read as f64 / expected as f64).min(1.0) * SHARE_OF_RECORDS)
    }
}
