//! The low end of a size: a tier is only an upper bound of its users if users are sold in steps.

use super::hosting::Hosting;
use super::tier::Size;

const SERVER: [i64; 8] = [10, 25, 50, 100, 250, 500, 2000, 10_000];

const DATA_CENTER: [i64; 29] = [
    10, 25, 50, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000,
    11_000, 12_000, 13_000, 14_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 45_000, 50_000,
];

const CLOUD_ANNUAL: [i64; 35] = [
    10, 25, 50, 100, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000, 2500, 3000,
    3500, 4000, 4500, 5000, 6000, 7000, 8000, 9000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000,
    25_000, 30_000, 35_000,
];

/// Up to this many users are one flat step, even if users are paid for one by one.
const FLAT_STEP: i64 = 10;

/// Returns the least number of users that a size stands for, apart from added users.
pub(super) fn low_end(size: Size, hosting: Hosting, is_annual: bool) -> i64 {
    let is_per_user = hosting == Hosting::Cloud && !is_annual && size.users > FLAT_STEP;
    if size.is_unlimited || is_per_user {
        return size.users;
    }
    let ladder: &[i64] = match hosting {
        Hosting::Server => &SERVER,
        Hosting::DataCenter | Hosting::Other => &DATA_CENTER,
        Hosting::Cloud => &CLOUD_ANNUAL,
    };
    ladder
        .iter()
        .copied()
        .rev()
        .find(|step| *step < size.users)
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_end_is_the_greatest_step_below() {
        let cases = [
            (50, Hosting::Server, true, 25),
            (50, Hosting::Server, false, 25),
            (51, Hosting::Server, false, 50),
            (10, Hosting::Server, false, 1),
            (1, Hosting::Server, false, 1),
            (11, Hosting::Server, false, 10),
            (2000, Hosting::Server, false, 500),
            (99_999, Hosting::Server, false, 10_000),
            (750, Hosting::DataCenter, false, 500),
            (1000, Hosting::DataCenter, false, 750),
            (20_000, Hosting::DataCenter, false, 15_000),
            (60_000, Hosting::DataCenter, false, 50_000),
            (750, Hosting::Other, true, 500),
            (300, Hosting::Cloud, true, 200),
            (35_001, Hosting::Cloud, true, 35_000),
            (11, Hosting::Cloud, true, 10),
            (10, Hosting::Cloud, true, 1),
            (10, Hosting::Cloud, false, 1),
            (1, Hosting::Cloud, false, 1),
            (11, Hosting::Cloud, false, 11),
            (137, Hosting::Cloud, false, 137),
        ];
        for (users, hosting, is_annual, expected) in cases {
            let size = Size {
                users,
                is_unlimited: false,
            };
            assert_eq!(
                low_end(size, hosting, is_annual),
                expected,
                "{users} {hosting:?} {is_annual}"
            );
        }
    }

    #[test]
    fn an_unlimited_size_is_exact() {
        for hosting in Hosting::ALL {
            assert_eq!(
                low_end(
                    Size {
                        users: 5,
                        is_unlimited: true
                    },
                    hosting,
                    true
                ),
                5
            );
        }
    }
}
