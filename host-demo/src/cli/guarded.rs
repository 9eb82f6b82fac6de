//! Commands that run gadgets do so in a process of their own, so that a gadget that ends the process cannot be
//! taken for an answer.

use std::{
    env,
    ffi::OsString,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode, ExitStatus},
    sync::{Arc, OnceLock},
};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::exit::Exit;
use crate::app::{Failure, FailureKind, when_signalled};

/// Tells a process that it is the one that runs the gadgets.
const IS_GUARDED: &str = "HOST_DEMO_GUARDED";
/// What a process that runs gadgets adds to its exit code, so that nobody else ends with the same one.
const OFFSET: u8 = 200;

/// Tells whether this process is the one that runs the gadgets.
pub(super) fn is_guarded() -> bool {
    env::var_os(IS_GUARDED).is_some()
}

/// Returns how this process ends after `exit`, so that the process that started it knows it from any other end.
pub(super) fn ended(exit: Exit) -> ExitCode {
    ExitCode::from(OFFSET + exit as u8)
}

/// Ends this process when the one that started it does.
pub(super) fn follow_parent() {
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        tracing::debug!(%error, "this process may outlive the one that started it");
    }
}

/// Runs the same command in a process of its own.
///
/// # Errors
///
/// Returns an error when that process cannot be started, or ended in another way than by itself.
pub(super) fn run(words: &[OsString]) -> Result<ExitCode, Failure> {
    let failed = |what: &str, error: std::io::Error| {
        Failure::new(FailureKind::Other, format!("failed to {what}: {error}"))
    };
    let program = env::current_exe().map_err(|error| failed("find this program", error))?;
    let started: Arc<OnceLock<Pid>> = Arc::default();
    let interrupted = Arc::clone(&started);
    // From the keyboard both processes are interrupted; a second time makes no difference to the other one.
    when_signalled(move || {
        let _ = kill_process(*interrupted.wait(), Signal::TERM);
    })
    .map_err(|error| failed("catch interrupts", error))?;
    let mut process = Command::new(program)
        .args(words.iter().skip(1))
        .env(IS_GUARDED, "1")
        .spawn()
        .map_err(|error| failed("start a process for the gadgets", error))?;
    let _ = started.set(Pid::from_child(&process));
    let status = process
        .wait()
        .map_err(|error| failed("wait for the process of the gadgets", error))?;
    read(status).map(ExitCode::from)
}

/// Reads how the process of the gadgets ended.
fn read(status: ExitStatus) -> Result<u8, Failure> {
    let own = status
        .code()
        .and_then(|code| u8::try_from(code).ok()?.checked_sub(OFFSET))
        .filter(|code| *code <= Exit::LAST as u8);
    if let Some(code) = own {
        return Ok(code);
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("with exit code {code}"),
        (None, Some(signal)) => format!("by signal {signal}"),
        (None, None) => "in an unknown way".to_owned(),
    };
    let message = format!("a gadget or its library ended the process {how}, so there is no answer");
    Err(Failure::new(FailureKind::Library, message).with_remedy(
        "Report it to the author of the library; `host-demo check` shows how far it gets.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_end_of_a_process_is_an_answer() {
        let of_code = |code: i32| read(ExitStatus::from_raw(code << 8));
        assert_eq!(of_code(200), Ok(0));
        assert_eq!(of_code(203), Ok(3));
        assert_eq!(of_code(207), Ok(7));
        for (status, says) in [
            (0, "with exit code 0"),
            (7 << 8, "with exit code 7"),
            (208 << 8, "with exit code 208"),
            (101 << 8, "with exit code 101"),
            (11, "by signal 11"),
        ] {
            let failure = read(ExitStatus::from_raw(status)).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Library);
            assert!(failure.line().contains(says), "{}", failure.line());
        }
    }
}
