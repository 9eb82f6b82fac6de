//! Progress on a terminal: one line that is written over.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
};

use gadget_api::{Progress, StepState};

use gadget_draw::text::clean;

/// The line on standard error; nothing at all where that is no terminal.
pub(super) struct ProgressLine {
    is_shown: bool,
    last: Mutex<String>,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self {
            is_shown: io::stderr().is_terminal(),
            last: Mutex::new(String::new()),
        }
    }

    /// Shows how far the work is.
    pub(super) fn show(&self, progress: &Progress) {
        if self.is_shown {
            let line: String = clean(&line_of(progress)).chars().take(78).collect();
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last != line {
                write(&format!("\r\u{1b}[K{line}"));
                *last = line;
            }
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !last.is_empty() {
            write("\r\u{1b}[K");
            last.clear();
        }
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // Who cannot be told of progress cannot be told of that either.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

fn line_of(progress: &Progress) -> String {
    let mut parts = Vec::new();
    if let Some(fraction) = progress.fraction.filter(|fraction| fraction.is_finite()) {
        parts.push(format!("{:3.0} %", fraction.clamp(0.0, 1.0) * 100.0));
    }
    if !progress.text.is_empty() {
        parts.push(progress.text.clone());
    }
    let running = progress
        .steps
        .iter()
        .find(|step| step.state == StepState::Running);
    if let Some(step) = running.filter(|step| !step.detail.is_empty()) {
        parts.push(step.detail.clone());
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use gadget_api::Step;

    use super::*;

    #[test]
    fn progress_says_how_much_and_what() {
        let mut step = Step::waiting("licenses", "Licenses");
        (step.state, step.detail) = (StepState::Running, "62,318 rows".into());
        let progress = Progress {
            fraction: Some(0.645),
            text: "Reading licenses".into(),
            steps: vec![step],
        };
        assert_eq!(line_of(&progress), " 64 %  Reading licenses  62,318 rows");
        assert_eq!(line_of(&Progress::default()), "");
    }
}
