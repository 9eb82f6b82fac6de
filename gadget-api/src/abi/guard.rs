//! The guard: a panic becomes an error value before it reaches the border.

#![deny(unsafe_code)]

use std::{
    any::Any,
    cell::RefCell,
    mem,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
};

use crate::{Error, ErrorKind};

/// How much of a panic's message is kept.
const MESSAGE_CHARS: usize = 500;

thread_local! {
    static LAST_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `body` and turns a panic into an error that names `what`.
///
/// The payload of the panic is forgotten, not dropped: its `Drop` is foreign code that could panic again.
///
/// # Errors
///
/// Returns the error of `body`, or one of kind [`ErrorKind::Panicked`].
pub fn guarded<T>(what: &str, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    panic::catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let message = message_of(&*payload);
        mem::forget(payload);
        let place = LAST_PLACE.with(|place| place.borrow_mut().take());
        let place = place
            .map(|place| format!(" at {place}"))
            .unwrap_or_default();
        Err(Error::new(
            ErrorKind::Panicked,
            format!("{what} panicked{place}: {message}"),
        )
        .with_remedy("This is a bug of the gadget: report it to the author of its library."))
    })
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    // A message is foreign text: it is truncated, and control characters are removed.
    text.unwrap_or("the panic has no message")
        .chars()
        .take(MESSAGE_CHARS)
        .map(|each| if each.is_control() { ' ' } else { each })
        .collect()
}

/// Keeps the location of a panic for the error instead of printing it to the host's stderr.
///
/// A library has its own copy of std, so the hook touches neither the host nor other libraries.
pub(super) fn quiet_panics() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        // While a thread ends, its locals may be gone; the location is then unknown.
        let _ = LAST_PLACE.try_with(|last| last.replace(place));
    }));
}
