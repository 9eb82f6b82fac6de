//! Medians of repeated runs.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Returns the median time of `runs` runs of `body`, whose result is dropped after the time is taken.
pub(crate) fn median<T>(runs: usize, mut body: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs.max(1))
        .map(|_| {
            let started = Instant::now();
            let result = black_box(body());
            let time = started.elapsed();
            drop(result);
            time
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns milliseconds with a fraction.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
