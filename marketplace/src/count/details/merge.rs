//! Merging the details of parts of the rows.

use std::cmp::{Ordering, Reverse};

use super::{Details, LicenseDetail, MOST_ROWS};

impl Details {
    /// Merges the details of one selection from parts of the rows: no license has rows in two parts.
    ///
    /// The result is what one ledger of all rows would list. Of parts that come one by one, never more than the
    /// listed rows are kept.
    #[must_use]
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut merged = Self::default();
        for part in parts {
            merged.total += part.total;
            merged.users += part.users;
            merged.rows.extend(part.rows);
            // Both halves are sorted, which this sort makes use of.
            merged.rows.sort_by(compare);
            merged.rows.truncate(MOST_ROWS);
        }
        merged
    }
}

/// Compares two rows of one list in the order in which it lists them.
fn compare(a: &LicenseDetail, b: &LicenseDetail) -> Ordering {
    let movement = |detail: &LicenseDetail| {
        detail.movement.as_ref().map(|movement| {
            let users = (movement.after - movement.before).abs();
            (movement.day, movement.kind, Reverse(users))
        })
    };
    // Rows without movements are of licenses, which are listed by users; an id belongs to one license of an app.
    let by_users = || b.users_now.cmp(&a.users_now);
    let by_order = match (movement(a), movement(b)) {
        (None, None) => by_users(),
        (a, b) => a.cmp(&b),
    };
    by_order.then_with(|| (&a.id, &a.app).cmp(&(&b.id, &b.app)))
}
