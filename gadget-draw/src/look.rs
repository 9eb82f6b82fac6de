//! How a series looks: a tint and a texture, so that colour is never the only difference.

use gadget_api::{Role, Series};

/// The colour of a movement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tint {
    New,
    Reactivation,
    Expansion,
    Contraction,
    Churn,
    Level,
}

/// What lies over the colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Texture {
    /// Something came or went whole.
    Solid,
    /// Something came back.
    Dots,
    /// Something grew or shrank.
    Lines,
}

/// How a series looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Look {
    pub tint: Tint,
    pub texture: Texture,
}

impl Look {
    const fn new(tint: Tint, texture: Texture) -> Self {
        Self { tint, texture }
    }

    /// Returns the look of a movement by its stable name, or of another series by its role and place.
    pub(crate) fn of(id: &str, role: Role, place: usize) -> Self {
        match id {
            "new" => return Self::new(Tint::New, Texture::Solid),
            "reactivation" => return Self::new(Tint::Reactivation, Texture::Dots),
            "expansion" => return Self::new(Tint::Expansion, Texture::Lines),
            "contraction" => return Self::new(Tint::Contraction, Texture::Lines),
            "churn" => return Self::new(Tint::Churn, Texture::Solid),
            _ => {}
        }
        let textures = [Texture::Solid, Texture::Dots, Texture::Lines];
        match role {
            Role::Gain => {
                let tints = [Tint::New, Tint::Reactivation, Tint::Expansion];
                Self::new(tints[place % 3], textures[(place + place / 3) % 3])
            }
            Role::Loss => {
                let tints = [Tint::Churn, Tint::Contraction];
                Self::new(tints[place % 2], textures[(place + place / 2) % 3])
            }
            _ => Self::new(Tint::Level, Texture::Solid),
        }
    }

    /// Returns where the series stands in its stack: what came or went whole is next to zero.
    fn rank(self) -> u8 {
        match self.tint {
            Tint::New | Tint::Churn => 0,
            Tint::Reactivation => 1,
            Tint::Expansion | Tint::Contraction | Tint::Level => 2,
        }
    }
}

/// A series of one role with its look, in stacking order away from zero.
pub(crate) fn stack(series: &[Series], role: Role) -> Vec<(&Series, Look)> {
    let mut stack: Vec<_> = series
        .iter()
        .filter(|series| series.role == role)
        .enumerate()
        .map(|(place, series)| (series, Look::of(&series.id, role, place)))
        .collect();
    stack.sort_by_key(|(_, look)| look.rank());
    stack
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
        Series {
            id: id.into(),
            label: String::new(),
            role,
            values: Vec::new(),
        }
    }

    #[test]
    fn what_came_or_went_whole_stands_next_to_zero() {
        let all: Vec<_> = [
            ("new", Role::Gain),
            ("reactivation", Role::Gain),
            ("expansion", Role::Gain),
            ("contraction", Role::Loss),
            ("churn", Role::Loss),
        ]
        .map(|(id, role)| series(id, role))
        .into();
        let ids = |role| {
            stack(&all, role)
                .iter()
                .map(|(s, _)| s.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(Role::Gain), ["new", "reactivation", "expansion"]);
        assert_eq!(ids(Role::Loss), ["churn", "contraction"]);
    }

    #[test]
    fn series_that_nobody_knows_differ_from_their_neighbours() {
        for role in [Role::Gain, Role::Loss] {
            for place in 0..32 {
                assert_ne!(Look::of("x", role, place), Look::of("x", role, place + 1));
            }
        }
    }

    #[test]
    fn an_id_stands_in_for_a_missing_label() {
        assert_eq!(label_of("", "atlassian_users"), "Atlassian users");
        assert_eq!(label_of("Users", "closing"), "Users");
        assert_eq!(label_of("", ""), "");
    }
}
