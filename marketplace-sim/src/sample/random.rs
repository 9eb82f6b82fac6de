//! Numbers that look random and depend on a seed alone.

use crate::ids::mix;

/// Parts of the whole (of 2^64) by which three coordinates move on from one number to the next, so that any run of numbers
/// fills the cube evenly: the powers of the root of x^4 = x + 1.
const STRIDES: [u64; 3] = [
    0xd1b5_4a32_d192_ed03,
    0xabc9_8388_fb8f_ac03,
    0x8cb9_2ba7_2f3d_8dd7,
];

/// Returns one of three coordinates of the point with this number, as a part of 2^64. Points of neighbouring numbers lie far apart,
/// which makes their days as even as those of many more.
pub(crate) fn even(seed: u64, number: u32, coordinate: usize) -> u64 {
    let stride = STRIDES.get(coordinate).copied().unwrap_or(1);
    mix(seed ^ stride).wrapping_add(stride.wrapping_mul(u64::from(number)))
}

/// Returns the number below `end` that lies at `part` of 2^64.
pub(crate) fn scaled(part: u64, end: u64) -> u64 {
    u64::try_from((u128::from(part) * u128::from(end)) >> 64).unwrap_or(0)
}

/// Returns one of the choices: those that `part` of 2^64 of the sum of all weights falls on.
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
    /// Creates the stream of one thing (`number`) of one `kind`.
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

    /// Returns a number from 0 up to, not including, `end`, which is above 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is far below what anybody could see here.
        self.next() % end.max(1)
    }

    /// Returns a number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        least + u32::try_from(self.below(span)).unwrap_or(0)
    }

    /// Returns a number of days from `least` to `most`, both included.
    pub(crate) fn days(&mut self, least: u32, most: u32) -> i64 {
        i64::from(self.between(least, most))
    }

    /// Tells whether something happens that does so `per_mille` times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Returns one of the choices, each as often as its weight says.
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
