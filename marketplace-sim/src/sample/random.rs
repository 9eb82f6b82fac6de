//! Pseudo-random numbers that depend only on a seed.

use crate::ids::mix;

/// The steps, as parts of 2^64, of a low-discrepancy sequence in three dimensions: the powers of the root of x^4 = x + 1.
const STRIDES: [u64; 3] = [
    0xd1b5_4a32_d192_ed03,
    0xabc9_8388_fb8f_ac03,
    0x8cb9_2ba7_2f3d_8dd7,
];

/// Returns a coordinate of the point with this number in the low-discrepancy sequence, as a part of 2^64. Few licenses are then
/// spread over days, apps and kinds as evenly as many random ones would be.
pub(crate) fn even(seed: u64, number: u32, coordinate: usize) -> u64 {
    let stride = STRIDES.get(coordinate).copied().unwrap_or(1);
    mix(seed ^ stride).wrapping_add(stride.wrapping_mul(u64::from(number)))
}

/// Scales `part` of 2^64 to a number below `end`.
pub(crate) fn scaled(part: u64, end: u64) -> u64 {
    u64::try_from((u128::from(part) * u128::from(end)) >> 64).unwrap_or(0)
}

/// Returns the choice at `part` (of 2^64) of the sum of all weights.
pub(crate) fn weighted_at<T: Copy>(part: u64, choices: &[(u64, T)], otherwise: T) -> T {
    let total = choices.iter().map(|(weight, _)| weight).sum();
    let mut at = scaled(part, total);
    for (weight, choice) in choices {
        if at < *weight {
            return *choice;
        }
        at -= weight;
    }
    otherwise
}

/// A stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Creates the stream of the item `number` of a `kind`.
    pub(crate) fn new(seed: u64, kind: u64, number: u64) -> Self {
        Self(mix(
            mix(seed ^ (kind << 56)).wrapping_add(mix(number.wrapping_add(1)))
        ))
    }

    /// Returns the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Returns a number from 0 to `end`, excluding `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder does not matter here.
        self.next() % end.max(1)
    }

    /// Returns a number from `least` to `most`, inclusive.
    pub(crate) fn between(&mut self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        least + u32::try_from(self.below(span)).unwrap_or(0)
    }

    /// Returns a number of days from `least` to `most`, inclusive.
    pub(crate) fn days(&mut self, least: u32, most: u32) -> i64 {
        i64::from(self.between(least, most))
    }

    /// Returns true `per_mille` times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Returns one of the choices, according to their weights.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u64, T)], otherwise: T) -> T {
        weighted_at(self.next(), choices, otherwise)
    }

    /// Returns one of `texts`.
    pub(crate) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(texts.len() as u64)).unwrap_or(0);
        texts.get(at).copied().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_seed_kind_and_number() {
        let first = |seed, kind, number| Random::new(seed, kind, number).next();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        assert_ne!(first(1, 2, 3), first(2, 2, 3));
        assert_ne!(first(1, 2, 3), first(1, 3, 3));
        assert_ne!(first(1, 2, 3), first(1, 2, 4));
    }

    #[test]
    fn weights_are_kept_to() {
        let mut random = Random::new(1, 1, 1);
        let heavy = (0..1000).filter(|_| random.weighted(&[(3, true), (1, false)], false));
        assert!((700..800).contains(&heavy.count()));
    }
}
