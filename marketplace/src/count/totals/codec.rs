//! The bytes of totals: columns of small integers, made for a compressor.
//!
//! Each totals have exactly one form, and nothing else is read: numbers have no superfluous bytes, keys and texts are
//! sorted, days ascend, and no number of entries is believed that the rest of the bytes cannot hold.

use std::collections::BTreeMap;
use std::iter::zip;
use std::sync::Arc;

use super::Totals;
use super::app::AppTotals;
use super::counters::{Counters, TextCounts};
use super::line::{DayChange, Line};
use super::repeats::{Repeat, Repeats};
use crate::day::{Day, HISTORY_BEGINS};

/// Changes with every change of the form.
const VERSION: u64 = 1;

/// The most that all numbers of totals add up to, so that not even sums of forged totals overflow.
///
/// It is as much as 70 million movements of the largest tier.
const MOST: u64 = 1 << 56;

impl Totals {
    /// Returns the totals as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer(Vec::new());
        writer.number(VERSION);
        writer.number(self.today.number().unsigned_abs().into());
        writer.count(self.apps.len());
        for app in &self.apps {
            writer.app(app);
        }
        writer.0
    }

    /// Reads totals from the bytes that [`encode`](Self::encode) returned for them; nothing if they are other bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader {
            bytes,
            left: MOST,
            today: HISTORY_BEGINS,
        };
        if reader.number()? != VERSION {
            return None;
        }
        let today = i32::try_from(reader.number()?).ok()?;
        reader.today = Day::of_number(today);
        if reader.today.number() != today {
            return None;
        }
        let mut apps: Vec<Arc<AppTotals>> = Vec::new();
        for _ in 0..reader.number()? {
            let app = reader.app()?;
            if apps.last().is_some_and(|last| last.key >= app.key) {
                return None;
            }
            apps.push(Arc::new(app));
        }
        reader.bytes.is_empty().then_some(Self {
            today: reader.today,
            apps,
        })
    }
}

/// Writes numbers with seven bits in each byte, the lowest first.
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Writes users, of which there are never less than none.
    fn users(&mut self, users: i64) {
        self.number(users.unsigned_abs());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn app(&mut self, app: &AppTotals) {
        self.text(&app.key);
        self.counters(&app.counters);
        app.all_lines().for_each(|line| self.line(line));
        app.all_repeats().for_each(|repeats| self.repeats(repeats));
    }

    fn counters(&mut self, counters: &Counters) {
        // By name, so that a new counter cannot be forgotten here.
        let Counters {
            users_now_low,
            excluded,
            no_id,
            refund_without_sale,
            by_sales_only,
            may_still_renew,
            may_still_renew_licenses,
            unlimited,
            merged_rows,
            date_not_understood,
            tier_not_understood,
            unknown_license_type,
        } = counters;
        users_now_low.iter().for_each(|users| self.users(*users));
        excluded.iter().for_each(|licenses| self.number(*licenses));
        self.number(*no_id);
        self.number(*refund_without_sale);
        self.users(*by_sales_only);
        self.users(*may_still_renew);
        self.number(*may_still_renew_licenses);
        self.number(*unlimited);
        self.number(*merged_rows);
        self.number(*date_not_understood);
        self.texts(tier_not_understood);
        self.texts(unknown_license_type);
    }

    fn texts(&mut self, counts: &TextCounts) {
        self.number(counts.rows);
        self.count(counts.texts.len());
        for (text, rows) in &counts.texts {
            self.text(text);
            self.number(*rows);
        }
    }

    fn line(&mut self, line: &Line) {
        self.count(line.len());
        self.days(line.changes().map(|change| change.day));
        line.changes()
            .for_each(|change| self.number(change.movements.into()));
        line.changes().for_each(|change| self.users(change.users));
    }

    fn repeats(&mut self, repeats: &Repeats) {
        self.count(repeats.len());
        self.days(repeats.iter().map(|repeat| repeat.day));
        for repeat in repeats.iter() {
            self.number(repeat.day.days_since(repeat.earlier).unsigned_abs().into());
        }
        repeats
            .iter()
            .for_each(|repeat| self.number(repeat.movements.into()));
    }

    /// Writes how many days each day is after the one before; none is before the start of history.
    fn days(&mut self, days: impl Iterator<Item = Day>) {
        let mut last = HISTORY_BEGINS;
        for day in days {
            self.number(day.days_since(last).unsigned_abs().into());
            last = day;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// How much further numbers may add up to.
    left: u64,
    today: Day,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u64> {
        // Most numbers are small.
        if let Some((byte, rest)) = self.bytes.split_first()
            && *byte < 0x80
        {
            self.bytes = rest;
            return Some((*byte).into());
        }
        self.long_number()
    }

    fn long_number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let is_shortest = bits > 0 || shift == 0;
                return (is_shortest && bits << shift >> shift == bits).then_some(number);
            }
        }
        None
    }

    /// Reads the number of entries that take at least so many bytes each.
    fn count(&mut self, bytes_of_each: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len() / bytes_of_each).then_some(count)
    }

    /// Reads a number that may be added up.
    fn addend(&mut self) -> Option<u64> {
        let number = self.number()?;
        self.left = self.left.checked_sub(number)?;
        Some(number)
    }

    fn users(&mut self) -> Option<i64> {
        i64::try_from(self.addend()?).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = self.count(1)?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(str::from_utf8(text).ok()?.to_owned())
    }

    fn app(&mut self) -> Option<AppTotals> {
        let mut app = AppTotals {
            key: self.text()?,
            counters: self.counters()?,
            ..AppTotals::default()
        };
        for line in app.all_lines_mut() {
            *line = self.line()?;
        }
        for repeats in app.all_repeats_mut() {
            *repeats = self.repeats()?;
        }
        Some(app)
    }

    fn counters(&mut self) -> Option<Counters> {
        let mut counters = Counters::default();
        for users in &mut counters.users_now_low {
            *users = self.users()?;
        }
        for licenses in &mut counters.excluded {
            *licenses = self.addend()?;
        }
        counters.no_id = self.addend()?;
        counters.refund_without_sale = self.addend()?;
        counters.by_sales_only = self.users()?;
        counters.may_still_renew = self.users()?;
        counters.may_still_renew_licenses = self.addend()?;
        counters.unlimited = self.addend()?;
        counters.merged_rows = self.addend()?;
        counters.date_not_understood = self.addend()?;
        counters.tier_not_understood = self.texts()?;
        counters.unknown_license_type = self.texts()?;
        Some(counters)
    }

    fn texts(&mut self) -> Option<TextCounts> {
        let rows = self.addend()?;
        let mut texts = BTreeMap::new();
        for _ in 0..self.count(2)? {
            let text = self.text()?;
            if texts
                .last_key_value()
                .is_some_and(|(last, _)| *last >= text)
            {
                return None;
            }
            texts.insert(text, self.addend()?);
        }
        Some(TextCounts { rows, texts })
    }

    fn line(&mut self) -> Option<Line> {
        let count = self.count(3)?;
        let days = self.days(count)?;
        if !days.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let movements = self.movements(count)?;
        let users = self.column(count, Self::users)?;
        let changes = zip(days, zip(movements, users));
        Some(Line::of_sorted(changes.map(|(day, (movements, users))| {
            DayChange {
                day,
                movements,
                users,
            }
        })))
    }

    fn repeats(&mut self) -> Option<Repeats> {
        let count = self.count(3)?;
        let days = self.days(count)?;
        let mut earlier = Vec::with_capacity(count);
        for day in &days {
            let gap = i32::try_from(self.number()?).ok().filter(|gap| *gap > 0)?;
            earlier.push(day.plus(-gap));
        }
        let movements = self.movements(count)?;
        let repeats: Vec<Repeat> = zip(days, zip(earlier, movements))
            .map(|(day, (earlier, movements))| Repeat {
                day,
                earlier,
                movements,
            })
            .collect();
        let is_sorted = repeats.is_sorted_by(|a, b| (a.day, a.earlier) < (b.day, b.earlier));
        let is_in_history = repeats
            .iter()
            .all(|repeat| repeat.earlier >= HISTORY_BEGINS);
        (is_sorted && is_in_history).then(|| Repeats::of_sorted(repeats))
    }

    fn days(&mut self, count: usize) -> Option<Vec<Day>> {
        let mut last = HISTORY_BEGINS;
        let today = self.today;
        self.column(count, |reader| {
            let days = i32::try_from(reader.number()?).ok()?;
            last = last.plus(days);
            (last <= today).then_some(last)
        })
    }

    /// Reads numbers of movements; all of a line together fit into 32 bits.
    fn movements(&mut self, count: usize) -> Option<Vec<u32>> {
        let mut sum = 0u32;
        self.column(count, |reader| {
            let movements = u32::try_from(reader.addend()?)
                .ok()
                .filter(|all| *all > 0)?;
            sum = sum.checked_add(movements)?;
            Some(movements)
        })
    }

    fn column<T>(
        &mut self,
        count: usize,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::MAX - 1, u64::MAX] {
            let mut writer = Writer(Vec::new());
            writer.number(number);
            assert_eq!(read(&writer.0), Some(number), "{number}");
        }
        let too_long: [&[u8]; 5] = [
            &[0x80, 0],
            &[0xff, 0x80, 0],
            &[0x80; 11],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0x80],
        ];
        for bytes in too_long {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    fn read(bytes: &[u8]) -> Option<u64> {
        let mut reader = Reader {
            bytes,
            left: MOST,
            today: HISTORY_BEGINS,
        };
        reader.number()
    }

    #[test]
    fn a_number_of_entries_that_the_bytes_cannot_hold_is_not_believed() {
        let whole = Totals::of_apps(HISTORY_BEGINS, [AppTotals::default()]).encode();
        assert!(Totals::decode(&whole).is_some());
        for place in 0..whole.len() {
            let mut forged = Writer(whole[..place].to_vec());
            forged.number(1 << 40);
            forged.0.extend_from_slice(&whole[place + 1..]);
            // A counter may well be that large; a number of entries may not.
            if let Some(totals) = Totals::decode(&forged.0) {
                assert_eq!(totals.encode(), forged.0);
            }
        }
        let days_of_an_app = &whole[whole.len() - 28..];
        assert_eq!(days_of_an_app, [0; 28], "21 lines and 7 lists of repeats");
        let mut forged = Writer(whole[..whole.len() - 1].to_vec());
        forged.number(1 << 40);
        forged.0.extend([1; 99]);
        assert_eq!(Totals::decode(&forged.0), None);
    }
}
