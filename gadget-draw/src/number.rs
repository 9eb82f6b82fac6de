//! Numbers for people: thousands get a comma, the minus is a true minus sign.

use gadget_api::Number;

const MINUS: char = '\u{2212}';

/// Returns a number as a person reads it, such as `18,390` or `−20`.
pub fn plain(number: Number) -> String {
    written(number, Sign::OfNegatives)
}

/// Returns a change with its sign, such as `+170`, `−30` or `0`.
pub fn signed(number: Number) -> String {
    written(number, Sign::Always)
}

/// Returns an amount that was taken away, which is stored without a sign: `−30` for 30.
pub fn taken(number: Number) -> String {
    signed(negated(number))
}

/// Returns a count that is no [`Number`], such as of rows.
pub fn count(count: usize) -> String {
    plain(Number::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Returns `count` and the word that fits it, such as `1 license` or `3 licenses`.
pub fn counted(count: i64, one: &str, more: &str) -> String {
    let word = if count == 1 { one } else { more };
    format!("{} {word}", plain(Number::Integer(count)))
}

/// Returns the number with the other sign.
pub fn negated(number: Number) -> Number {
    match number {
        Number::Integer(whole) => whole
            .checked_neg()
            .map_or_else(|| Number::Real(-number.as_f64()), Number::Integer),
        Number::Real(real) => Number::Real(-real),
    }
}

/// Returns how much more `now` is than `before`.
pub fn difference(now: Number, before: Number) -> Number {
    if let (Number::Integer(now), Number::Integer(before)) = (now, before)
        && let Some(whole) = now.checked_sub(before)
    {
        return Number::Integer(whole);
    }
    Number::Real(now.as_f64() - before.as_f64())
}

/// Returns the sum; it is a whole number as long as all of them are.
pub fn sum(numbers: impl IntoIterator<Item = Number>) -> Number {
    numbers.into_iter().fold(Number::Integer(0), |sum, next| {
        difference(sum, negated(next))
    })
}

#[derive(Clone, Copy)]
enum Sign {
    OfNegatives,
    Always,
}

fn written(number: Number, sign: Sign) -> String {
    let (is_negative, digits) = match number {
        Number::Integer(whole) => (whole < 0, grouped(&whole.unsigned_abs().to_string())),
        Number::Real(real) if !real.is_finite() => return "–".to_owned(),
        Number::Real(real) if real.abs() >= 1e15 => (real < 0.0, format!("{:e}", real.abs())),
        Number::Real(real) => {
            let rounded = format!("{:.2}", real.abs());
            let (whole, part) = rounded.split_once('.').unwrap_or((&rounded, ""));
            let part = part.trim_end_matches('0');
            let point = if part.is_empty() { "" } else { "." };
            let digits = format!("{}{point}{part}", grouped(whole));
            (real < 0.0 && digits != "0", digits)
        }
    };
    match sign {
        _ if is_negative => format!("{MINUS}{digits}"),
        Sign::Always if digits != "0" => format!("+{digits}"),
        Sign::Always | Sign::OfNegatives => digits,
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_a_true_minus_sign() {
        let cases: &[(Number, &str, &str)] = &[
            (0.into(), "0", "0"),
            (7.into(), "7", "+7"),
            (999.into(), "999", "+999"),
            (1_000.into(), "1,000", "+1,000"),
            ((-1_234_567).into(), "−1,234,567", "−1,234,567"),
            (
                i64::MIN.into(),
                "−9,223,372,036,854,775,808",
                "−9,223,372,036,854,775,808",
            ),
            (1234.5.into(), "1,234.5", "+1,234.5"),
            (0.25.into(), "0.25", "+0.25"),
            ((-0.001).into(), "0", "0"),
            (1e300.into(), "1e300", "+1e300"),
            (f64::NAN.into(), "–", "–"),
        ];
        for (number, as_plain, as_change) in cases {
            assert_eq!(plain(*number), *as_plain);
            assert_eq!(signed(*number), *as_change);
        }
        assert_eq!(taken(30.into()), "−30");
    }

    #[test]
    fn differences_and_sums_stay_whole_until_they_no_longer_fit() {
        assert_eq!(difference(3.into(), 5.into()), Number::Integer(-2));
        assert_eq!(sum([1.into(), 2.into()]), Number::Integer(3));
        let past = difference(i64::MAX.into(), (-1).into());
        assert_eq!(past, Number::Real(9_223_372_036_854_775_808.0));
        assert_eq!(
            negated(i64::MIN.into()),
            Number::Real(9_223_372_036_854_775_808.0)
        );
    }
}
