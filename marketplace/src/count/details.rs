//! Details: the licenses behind a figure, a bar or a reason, and their relevant transactions.

mod merge;

use std::cmp::{Ordering, Reverse};

use super::exclusion::Exclusion;
use super::hosting::Hosting;
use super::ledger::{Ledger, Lists};
use super::movement::{Cause, Kind, Movement};
use super::period::Period;
use crate::day::Day;
use crate::rows::{Rows, TransactionRow};
use crate::texts::Text;

/// The most licenses that are listed.
const MOST_ROWS: usize = 10_000;

/// The most transactions that are listed with a license.
const MOST_TRANSACTIONS: usize = 20;

/// Which licenses to list.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Selection {
    /// Those with movements in a period, one row per movement.
    Movements {
        /// The days, of a period or of a bucket of it.
        period: Period,
        /// The kinds; none means all of them.
        kinds: Vec<Kind>,
        /// The hosting; nothing means all of them.
        hosting: Option<Hosting>,
    },
    /// Those with users today.
    UsersNow {
        /// The hosting; nothing means all of them.
        hosting: Option<Hosting>,
    },
    /// Those that are excluded today.
    Excluded {
        /// The reason; nothing means all of them.
        reason: Option<Exclusion>,
    },
}

/// The licenses behind a selection.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Details {
    /// The first 10,000 licenses.
    pub rows: Vec<LicenseDetail>,
    /// The number of all licenses.
    pub total: usize,
    /// The users of all licenses: gained, lost, or licensed today.
    pub users: i64,
}

/// One license, with one movement if the selection is of movements.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LicenseDetail {
    /// The company; may be empty.
    pub company: String,
    /// The country; may be empty.
    pub country: String,
    /// The key of its app.
    pub app: String,
    /// The id that people know it by.
    pub id: String,
    /// Its hosting.
    pub hosting: Hosting,
    /// Its type, as sent.
    pub license_type: String,
    /// Its status, as sent; empty without a license row.
    pub status: String,
    /// Its tier, as sent.
    pub tier: String,
    /// The first day of its maintenance.
    pub start: Option<Day>,
    /// The day after its maintenance.
    pub end: Option<Day>,
    /// The day on which its row last changed; nothing without a license row.
    pub last_updated: Option<Day>,
    /// Users today.
    pub users_now: i64,
    /// The low end of these users.
    pub users_now_low: i64,
    /// Whether the users count only because of grace.
    pub is_kept_by_grace: bool,
    /// Why it is excluded today.
    pub left_out: Option<Exclusion>,
    /// What changed.
    pub movement: Option<MovementDetail>,
    /// The relevant transactions, the latest first.
    pub transactions: Vec<TransactionDetail>,
}

/// A movement, and its cause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MovementDetail {
    /// The day on which the users changed.
    pub day: Day,
    /// Its kind.
    pub kind: Kind,
    /// Users on the day before.
    pub before: i64,
    /// Users on the day.
    pub after: i64,
    /// The cause.
    pub cause: Cause,
    /// The cause in words.
    pub reason: String,
}

/// A transaction of a license.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransactionDetail {
    /// Its transaction id.
    pub transaction_id: String,
    /// Its line item.
    pub line_item: String,
    /// New, Renewal, Upgrade, Downgrade, Refund, as sent.
    pub sale_type: String,
    /// The day of the sale.
    pub sold: Option<Day>,
    /// Its tier, as sent.
    pub tier: String,
    /// The tier before, as sent.
    pub old_tier: String,
    /// The first day of its maintenance.
    pub start: Option<Day>,
    /// The day after its maintenance.
    pub end: Option<Day>,
    /// Whether it explains the movement.
    pub explains: bool,
}

impl Ledger {
    /// Returns the licenses of a selection; `rows` must be those that the ledger was made from.
    ///
    /// Movements are ordered by day and kind; these and licenses by users, the most first, then by id and app.
    #[must_use]
    pub fn details(&self, rows: &Rows, selection: &Selection) -> Details {
        self.list(rows, None, selection)
    }

    /// Returns the licenses of a selection that belong to one app.
    #[must_use]
    pub fn details_of_app(&self, rows: &Rows, app: &str, selection: &Selection) -> Details {
        match rows.words.lookup(app) {
            Some(app) => self.list(rows, Some(app), selection),
            None => Details::default(),
        }
    }

    fn list(&self, rows: &Rows, app: Option<Text>, selection: &Selection) -> Details {
        let list = Lister {
            lists: &self.lists,
            today: self.today(),
            rows,
            app,
        };
        match selection {
            Selection::Movements {
                period,
                kinds,
                hosting,
            } => list.movements(*period, kinds, *hosting),
            Selection::UsersNow { hosting } => list.licenses(|license| {
                let license = &self.lists.licenses[license as usize];
                license.users_now > 0 && hosting.is_none_or(|hosting| hosting == license.hosting)
            }),
            Selection::Excluded { reason } => list.licenses(|license| {
                let left_out = self.lists.licenses[license as usize].left_out;
                left_out.is_some() && (reason.is_none() || *reason == left_out)
            }),
        }
    }
}

/// Lists licenses of a ledger.
#[derive(Clone, Debug)]
struct Lister<'a> {
    lists: &'a Lists,
    today: Day,
    rows: &'a Rows,
    /// The app whose licenses are listed; nothing for all of them.
    app: Option<Text>,
}

impl Lister<'_> {
    fn movements(&self, period: Period, kinds: &[Kind], hosting: Option<Hosting>) -> Details {
        let mut movements: Vec<&Movement> = self
            .lists
            .movements_between(period.from(), period.until())
            .iter()
            .filter(|movement| self.is_of_app(movement.license))
            .filter(|movement| kinds.is_empty() || kinds.contains(&movement.kind))
            .filter(|movement| hosting.is_none_or(|hosting| hosting == movement.hosting))
            .collect();
        movements.sort_by(|a, b| {
            let key =
                |movement: &Movement| (movement.day, movement.kind, Reverse(movement.users()));
            key(a)
                .cmp(&key(b))
                .then_with(|| self.compare_licenses(a.license, b.license))
        });
        Details {
            total: movements.len(),
            users: movements.iter().map(|movement| movement.users()).sum(),
            rows: movements
                .into_iter()
                .take(MOST_ROWS)
                .map(|movement| self.detail(movement.license, Some(movement)))
                .collect(),
        }
    }

    fn licenses(&self, is_wanted: impl Fn(u32) -> bool) -> Details {
        let all = 0..u32::try_from(self.lists.licenses.len()).unwrap_or(u32::MAX);
        let mut licenses: Vec<u32> = all
            .filter(|license| self.is_of_app(*license) && is_wanted(*license))
            .collect();
        let users = |license: u32| self.lists.licenses[license as usize].users_now;
        licenses.sort_by(|a, b| {
            users(*b)
                .cmp(&users(*a))
                .then_with(|| self.compare_licenses(*a, *b))
        });
        Details {
            total: licenses.len(),
            users: licenses.iter().map(|license| users(*license)).sum(),
            rows: licenses
                .into_iter()
                .take(MOST_ROWS)
                .map(|license| self.detail(license, None))
                .collect(),
        }
    }

    fn is_of_app(&self, license: u32) -> bool {
        let app = self.lists.licenses[license as usize].app;
        self.app.is_none_or(|wanted| wanted == app)
    }

    fn app_of(&self, license: u32) -> &str {
        let app = self.lists.licenses[license as usize].app;
        self.rows.words.text(app)
    }

    /// Compares by id, and licenses of several apps with one id by app, so that the order of rows never decides.
    fn compare_licenses(&self, a: u32, b: u32) -> Ordering {
        let key = |license| (self.id(license), self.app_of(license));
        key(a).cmp(&key(b))
    }

    fn row(&self, index: u32) -> &TransactionRow {
        &self.rows.transactions[index as usize]
    }

    /// Returns the id that people know a license by, whatever the order of its rows.
    fn id(&self, license: u32) -> &str {
        let row = self.lists.licenses[license as usize].row;
        let license_row = row.map(|row| self.rows.licenses[row as usize].ids);
        let transactions = self
            .lists
            .transactions_of(license)
            .iter()
            .map(|index| self.row(*index).ids);
        let ids = || license_row.into_iter().chain(transactions.clone());
        let best = |id: fn(crate::rows::Ids) -> Text| {
            ids()
                .map(id)
                .filter(|id| !id.is_missing())
                .map(|id| self.rows.names.text(id))
                .min()
        };
        best(|ids| ids.entitlement_number)
            .or_else(|| best(|ids| ids.license))
            .or_else(|| best(|ids| ids.addon_license))
            .or_else(|| best(|ids| ids.entitlement))
            .unwrap_or_default()
    }

    fn detail(&self, license: u32, movement: Option<&Movement>) -> LicenseDetail {
        let entry = &self.lists.licenses[license as usize];
        let row = entry.row.map(|row| &self.rows.licenses[row as usize]);
        let mut transactions = self.lists.transactions_of(license).to_vec();
        transactions.sort_by(|a, b| self.compare_transactions(*b, *a));
        let latest = transactions.first().map(|index| self.row(*index));
        let word = |word: Text| self.rows.words.text(word).trim().to_owned();
        // The latest transaction fills in what the license row does not say.
        let either = |of_row: Option<Text>, of_sale: Option<Text>| {
            of_row
                .filter(|text| !text.is_missing())
                .or(of_sale)
                .unwrap_or_default()
        };
        let company = either(row.map(|row| row.company), latest.map(|sale| sale.company));
        let country = either(row.map(|row| row.country), latest.map(|sale| sale.country));
        let license_type = either(
            row.map(|row| row.license_type),
            latest.map(|sale| sale.license_type),
        );
        let tier = either(row.map(|row| row.tier), latest.map(|sale| sale.tier));
        LicenseDetail {
            company: self.rows.names.text(company).to_owned(),
            country: word(country),
            app: self.app_of(license).to_owned(),
            id: self.id(license).to_owned(),
            hosting: entry.hosting,
            license_type: word(license_type),
            status: row.map(|row| word(row.status)).unwrap_or_default(),
            tier: word(tier),
            start: row.map_or(latest.and_then(|sale| sale.start), |row| row.start),
            end: row.map_or(latest.and_then(|sale| sale.end), |row| row.end),
            last_updated: row.and_then(|row| row.last_updated),
            users_now: entry.users_now,
            users_now_low: entry.users_now_low,
            is_kept_by_grace: entry.is_kept_by_grace,
            left_out: entry.left_out,
            movement: movement.map(|movement| self.movement(movement)),
            transactions: self.transactions(&transactions, movement),
        }
    }

    fn compare_transactions(&self, a: u32, b: u32) -> Ordering {
        let key = |row: &TransactionRow| (row.sold.or(row.start), row.start, row.end);
        let names = |row: &TransactionRow| {
            [row.line_item, row.transaction_id].map(|name| self.rows.names.text(name))
        };
        let (a, b) = (self.row(a), self.row(b));
        key(a).cmp(&key(b)).then_with(|| names(a).cmp(&names(b)))
    }

    fn movement(&self, movement: &Movement) -> MovementDetail {
        MovementDetail {
            day: movement.day,
            kind: movement.kind,
            before: movement.before,
            after: movement.after,
            cause: movement.cause,
            reason: self.reason(movement),
        }
    }

    fn reason(&self, movement: &Movement) -> String {
        let row = movement.transaction.map(|index| self.row(index));
        let sale = row.map_or_else(|| "sale".to_owned(), |row| self.named(row));
        match movement.cause {
            Cause::Sale => format!("{sale} takes effect"),
            Cause::Refund => format!("{sale} takes effect"),
            Cause::SaleEnds => format!("{sale} ran out, and none followed"),
            Cause::AddedUsers => format!("users joined, billed later by {sale}"),
            Cause::AddedUsersEnd => "the month of the users who joined is over".to_owned(),
            Cause::RowBegins => "the maintenance of the license begins".to_owned(),
            Cause::RowEnds => "the maintenance of the license is over".to_owned(),
            Cause::RowSays => "the license list says so from this day on".to_owned(),
            Cause::BeforeSales => {
                format!("the license was there before its first known sale, {sale}")
            }
            Cause::AfterSales => "the license goes on after its last known sale".to_owned(),
        }
    }

    /// Returns a transaction in words: `Upgrade of 2026-07-14 (500 Users to 1000 Users)`.
    fn named(&self, row: &TransactionRow) -> String {
        let word = |word: Text| self.rows.words.text(word).trim();
        let sale_type = if row.sale_type.is_missing() {
            "sale"
        } else {
            word(row.sale_type)
        };
        let sold = row
            .sold
            .or(row.start)
            .map(|day| format!(" of {day}"))
            .unwrap_or_default();
        let tier = match (word(row.old_tier), word(row.tier)) {
            (_, "") => String::new(),
            ("", tier) => format!(" ({tier})"),
            (old, tier) if old == tier => format!(" ({tier})"),
            (old, tier) => format!(" ({old} to {tier})"),
        };
        format!("{sale_type}{sold}{tier}")
    }

    /// Picks the transactions around the day of the movement, or around today, the latest first.
    fn transactions(&self, sorted: &[u32], movement: Option<&Movement>) -> Vec<TransactionDetail> {
        let day = movement.map_or(self.today, |movement| movement.day);
        let explains =
            |index: u32| movement.is_some_and(|movement| movement.transaction == Some(index));
        let matters = |index: &u32| {
            let row = self.row(*index);
            let is_around = row.start <= Some(day) && row.end.is_none_or(|end| day <= end);
            explains(*index) || is_around || row.sold == Some(day)
        };
        // The one that explains the movement comes first, so that the limit never drops it.
        let mut picked: Vec<u32> = sorted.iter().copied().filter(matters).collect();
        picked.sort_by_key(|index| !explains(*index));
        let name = |name: Text| self.rows.names.text(name).to_owned();
        let word = |word: Text| self.rows.words.text(word).trim().to_owned();
        picked
            .into_iter()
            .take(MOST_TRANSACTIONS)
            .map(|index| {
                let row = self.row(index);
                TransactionDetail {
                    transaction_id: name(row.transaction_id),
                    line_item: name(row.line_item),
                    sale_type: word(row.sale_type),
                    sold: row.sold.or(row.start),
                    tier: word(row.tier),
                    old_tier: word(row.old_tier),
                    start: row.start,
                    end: row.end,
                    explains: explains(index),
                }
            })
            .collect()
    }
}
