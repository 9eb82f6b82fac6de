//! Unpaid licenses, most of which are not counted as users by default.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::history::{Billing, Hosting, IdScheme, LicenseHistory, LicenseRow, Tier};
use crate::sample::history_builder::{HistoryBuilder, Setup};
use crate::sample::random::Random;

/// A kind of unpaid license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnpaidKind {
    Evaluation,
    Community,
    OpenSource,
    Demonstration,
    Internal,
    Free,
    Sandbox,
}

/// Creates the history of such a license that started on `start`.
pub(crate) fn history(
    kind: UnpaidKind,
    random: &mut Random,
    mut setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    match kind {
        UnpaidKind::Evaluation => evaluation(random, setup, hosting, start, today),
        UnpaidKind::Community => {
            setup.license_type = "COMMUNITY";
            renewed_yearly(random, setup, hosting, start, today)
        }
        UnpaidKind::OpenSource => {
            setup.license_type = "OPEN_SOURCE";
            renewed_yearly(random, setup, hosting, start, today)
        }
        UnpaidKind::Demonstration => {
            let row = RowOnly {
                license_type: "DEMONSTRATION",
                tier: Tier::Words("Demonstration License"),
                months: 12,
            };
            row_only(setup, hosting, start, today, row)
        }
        UnpaidKind::Internal => {
            let row = RowOnly {
                license_type: "INTERNAL USE",
                tier: Tier::Users(random.between(10, 50)),
                months: 12,
            };
            row_only(setup, hosting, start, today, row)
        }
        UnpaidKind::Free => free(random, setup, hosting, start, today),
        UnpaidKind::Sandbox => sandbox(random, setup, start, today),
    }
}

/// A license row without sales.
struct RowOnly {
    license_type: &'static str,
    tier: Tier,
    months: i32,
}

fn row_only(
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
    row: RowOnly,
) -> LicenseHistory {
    let end = day::plus_months(start, row.months);
    let (status, updated) = if end > today {
        ("active", start)
    } else {
        ("inactive", end)
    };
    LicenseHistory {
        number: setup.number,
        app: setup.app,
        customer: setup.customer,
        id_scheme: if hosting == Hosting::Cloud {
            IdScheme::Entitlement
        } else {
            IdScheme::License
        },
        other_license_id: None,
        row: Some(LicenseRow {
            license_type: Some(row.license_type),
            hosting,
            start,
            end: Some(end),
            status,
            tier: Some(row.tier),
            updated,
            billing: setup.billing,
            sandbox: false,
            opportunity: None,
            evaluated: None,
            boundary: "commercial",
            migrated_from: None,
            hidden: Hidden::No,
            gained_ids: false,
        }),
        sales: Vec::new(),
    }
}

/// An evaluation of a month without a purchase.
fn evaluation(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let row = RowOnly {
        license_type: "EVALUATION",
        tier: Tier::Evaluation,
        months: 1,
    };
    let mut history = row_only(setup, hosting, start, today, row);
    if let Some(row) = &mut history.row {
        let host = [
            (70, Tier::Users(random.between(5, 250))),
            (15, Tier::Words("Unknown")),
            (10, Tier::Words("NA")),
            (5, Tier::Unlimited),
        ];
        row.opportunity = Some(random.weighted(&host, Tier::Words("NA")));
    }
    history
}

/// Community and open source: renewed annually, since 2023 with sales at a price of zero.
fn renewed_yearly(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let tier = Tier::Users(random.weighted(&[(3, 25), (2, 50), (2, 100), (1, 250)], 25));
    let mut builder = HistoryBuilder::new(setup, hosting, start, tier);
    let listed_from = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default();
    let mut status = "active";
    while builder.end <= today {
        if random.chance(120) {
            status = "inactive";
            break;
        }
        let at = builder.end;
        builder.renew(at, tier);
    }
    builder.sales.retain(|sale| sale.sold >= listed_from);
    builder.finish(today, status)
}

fn free(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let license_type = random.weighted(
        &[(4, "FREE"), (2, "LEGACY_FREE"), (1, "FOUNDATION_FREE")],
        "FREE",
    );
    let row = RowOnly {
        license_type,
        tier: Tier::Users(10),
        months: 24,
    };
    let mut history = row_only(setup, hosting, start, today, row);
    if let Some(row) = history.row.as_mut().filter(|_| license_type == "FREE")
        && random.chance(500)
    {
        row.hidden = Hidden::LifetimeFree;
        row.end = None;
        row.status = "active";
        row.updated = start;
    }
    history
}

/// A sandbox: its size changes all the time, and its sales have a price of zero.
fn sandbox(
    random: &mut Random,
    mut setup: Setup,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    setup.billing = Billing::Monthly;
    let first = start.max(day::plus(today, -400));
    let mut users = random.between(5, 60);
    let mut builder = HistoryBuilder::new(setup, Hosting::Cloud, first, Tier::Users(users));
    let mut status = "active";
    while builder.end <= today {
        if random.chance(40) {
            status = "cancelled";
            break;
        }
        users = random.between(users / 2 + 1, users + 10);
        let at = builder.end;
        builder.renew(at, Tier::Users(users));
    }
    for sale in &mut builder.sales {
        sale.cents = 0;
    }
    let mut history = builder.finish(today, status);
    if let Some(row) = &mut history.row {
        row.sandbox = true;
    }
    history
}
