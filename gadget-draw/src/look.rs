//! How a series looks: a colour, and a texture or a dash, so that colour is never the only difference.

use gadget_api::{Role, Series, Tone};

/// The colour of a series. Within a tone, 1 is the strongest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SeriesColor {
    Good1,
    Good2,
    Good3,
    Bad1,
    Bad2,
    Attention1,
    Attention2,
    Neutral1,
    Neutral2,
    /// A level, which is drawn over everything else.
    Level,
    /// A level beside another one.
    LevelBeside,
}

/// What lies over the colour of an area.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Texture {
    Solid,
    Dots,
    Lines,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dash {
    None,
    Long,
    Short,
    Mixed,
}

/// How the area of a series looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Look {
    pub color: SeriesColor,
    pub texture: Texture,
}

/// How the line of a level looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LineLook {
    pub color: SeriesColor,
    pub dash: Dash,
}

/// What stands for a series in a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sign {
    Area(Look),
    Line(LineLook),
}

impl SeriesColor {
    /// Returns the class of the style sheet that has the colour.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good1 => "tone-good-1",
            Self::Good2 => "tone-good-2",
            Self::Good3 => "tone-good-3",
            Self::Bad1 => "tone-bad-1",
            Self::Bad2 => "tone-bad-2",
            Self::Attention1 => "tone-attention-1",
            Self::Attention2 => "tone-attention-2",
            Self::Neutral1 => "tone-neutral-1",
            Self::Neutral2 => "tone-neutral-2",
            Self::Level => "tone-level",
            Self::LevelBeside => "tone-level-beside",
        }
    }
}

impl Dash {
    /// Returns the class of the style sheet that breaks the line; empty for a whole one.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Long => " c-dash-long",
            Self::Short => " c-dash-short",
            Self::Mixed => " c-dash-mixed",
        }
    }

    /// Returns the lengths of strokes and gaps; empty for a whole line.
    pub(crate) const fn lengths(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Long => "6 3",
            Self::Short => "3 3",
            Self::Mixed => "8 3 2 3",
        }
    }
}

impl Look {
    /// Returns the look of a shade, counted from 1, of a tone. Neighbouring shades differ.
    pub(crate) fn of(tone: Tone, shade: u8) -> Self {
        use SeriesColor::{
            Attention1, Attention2, Bad1, Bad2, Good1, Good2, Good3, Neutral1, Neutral2,
        };
        let place = usize::from(shade.saturating_sub(1));
        // Two colours and three textures have six combinations in this order.
        let of_two = |first, second| Self {
            color: [first, second][place % 2],
            texture: [Texture::Solid, Texture::Lines, Texture::Dots][place % 3],
        };
        match tone {
            Tone::Good => Self {
                color: [Good1, Good2, Good3][place % 3],
                texture: [Texture::Solid, Texture::Dots, Texture::Lines][(place + place / 3) % 3],
            },
            Tone::Bad => of_two(Bad1, Bad2),
            Tone::Attention => of_two(Attention1, Attention2),
            _ => of_two(Neutral1, Neutral2),
        }
    }

    /// The look of a level that is drawn as an area.
    pub(crate) const LEVEL: Self = Self {
        color: SeriesColor::Level,
        texture: Texture::Solid,
    };
}

/// Returns the tone of what has no tone of its own.
pub(crate) fn tone_of(role: Role) -> Tone {
    match role {
        Role::Gain => Tone::Good,
        Role::Loss => Tone::Bad,
        _ => Tone::Neutral,
    }
}

/// Returns the gains or the losses of a chart with their looks, in stacking order away from zero.
pub(crate) fn stack(series: &[Series], role: Role) -> Vec<(&Series, Look)> {
    let mut stack: Vec<_> = series
        .iter()
        .filter(|series| series.role == role)
        .zip(1_u8..)
        .map(|(series, place)| (series, series.shade.unwrap_or(place)))
        .collect();
    stack.sort_by_key(|(_, shade)| *shade);
    stack
        .into_iter()
        .map(|(series, shade)| {
            let tone = series.tone.unwrap_or_else(|| tone_of(role));
            (series, Look::of(tone, shade))
        })
        .collect()
}

/// Returns the levels of a chart with the looks of their lines, in the order of the view.
pub(crate) fn levels(series: &[Series]) -> Vec<(&Series, LineLook)> {
    let dashes = [Dash::None, Dash::Long, Dash::Short, Dash::Mixed];
    let levels = series.iter().filter(|series| series.role == Role::Level);
    levels
        .enumerate()
        .map(|(place, series)| {
            let color = match (series.tone, place) {
                (Some(tone), _) => Look::of(tone, series.shade.unwrap_or(1)).color,
                (None, 0) => SeriesColor::Level,
                (None, _) => SeriesColor::LevelBeside,
            };
            let dash = dashes[place % dashes.len()];
            (series, LineLook { color, dash })
        })
        .collect()
}

/// Returns the label of something, or its stable name as words where it has none.
pub(crate) fn label_of(label: &str, id: &str) -> String {
    if !label.is_empty() {
        return label.to_owned();
    }
    let words = id.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(id: &str, role: Role) -> Series {
        Series::new(id, "", role, Vec::new())
    }

    fn ids(series: &[Series], role: Role) -> Vec<&str> {
        stack(series, role)
            .into_iter()
            .map(|(series, _)| series.id.as_str())
            .collect()
    }

    #[test]
    fn the_strongest_shade_stands_next_to_zero_and_without_shades_the_first_series() {
        let plain = ["a", "b", "c"].map(|id| series(id, Role::Gain));
        assert_eq!(ids(&plain, Role::Gain), ["a", "b", "c"]);
        let [a, b, c] = plain;
        let shaded = [
            a.with_tone(Tone::Good, 3),
            b.with_tone(Tone::Bad, 1),
            c.with_tone(Tone::Neutral, 2),
        ];
        assert_eq!(ids(&shaded, Role::Gain), ["b", "c", "a"]);
    }

    #[test]
    fn what_a_series_is_called_does_not_change_its_look() {
        for (one, other) in [("churn", "new"), ("contraction", "x"), ("closing", "net")] {
            for role in [Role::Gain, Role::Loss] {
                let (one, other) = ([series(one, role)], [series(other, role)]);
                assert_eq!(stack(&one, role)[0].1, stack(&other, role)[0].1);
            }
        }
    }

    #[test]
    fn neighbouring_shades_of_a_tone_differ_and_so_do_levels() {
        for tone in [Tone::Good, Tone::Bad, Tone::Attention, Tone::Neutral] {
            for shade in 1..32 {
                assert_ne!(Look::of(tone, shade), Look::of(tone, shade + 1));
            }
        }
        let lines = ["a", "b", "c"].map(|id| series(id, Role::Level));
        let looks: Vec<_> = levels(&lines).into_iter().map(|(_, look)| look).collect();
        assert!(looks[0] != looks[1] && looks[1] != looks[2] && looks[0] != looks[2]);
    }

    #[test]
    fn an_id_stands_in_for_a_missing_label() {
        assert_eq!(label_of("", "atlassian_users"), "Atlassian users");
        assert_eq!(label_of("Users", "closing"), "Users");
        assert_eq!(label_of("", ""), "");
    }
}
