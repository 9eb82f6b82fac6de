//! Grace: a renewal that is listed late is not a loss.

use super::evaluate::Step;
use crate::day::Day;

/// Fills each gap of at most `days` days with the size of the day before it.
///
/// A gap that ends with today, the last day of the steps, is filled only if the license may still renew.
pub(super) fn fill_gaps(steps: &mut [Step], today: Day, days: u8, may_still_renew: bool) {
    let mut at = 0;
    while at < steps.len() {
        let gap_until = steps[at..]
            .iter()
            .position(|step| step.users() > 0)
            .map_or(steps.len(), |next| at + next);
        let kept = at.checked_sub(1).map(|before| steps[before]);
        if let Some(kept) = kept.filter(|_| gap_until > at) {
            let end = steps.get(gap_until).map(|step| step.from);
            let length = end.unwrap_or(today.plus(1)).days_since(steps[at].from);
            if length <= days.into() && (end.is_some() || may_still_renew) {
                for step in &mut steps[at..gap_until] {
                    *step = Step {
                        from: step.from,
                        is_grace: true,
                        ..kept
                    };
                }
            }
        }
        at = gap_until + 1;
    }
}
