//! How fresh a view is, in words.

use gadget_api::{Source, SourceState, View};

use super::{day, look::label_of};

/// Sources that share a state and a time, in one line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    pub(crate) state: SourceState,
    /// Such as `Marketplace licenses, transactions: 20 Nov 2026, 06:00 UTC`.
    pub(crate) text: String,
}

/// Why a source is not fresh.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Trouble {
    pub(crate) state: SourceState,
    /// The sources that have it.
    pub(crate) labels: String,
    pub(crate) reason: String,
    /// When the data that is shown was read.
    pub(crate) shown: Option<String>,
}

/// Returns one line for each state and time.
pub(crate) fn lines(view: &View) -> Vec<Line> {
    grouped(view, |source| {
        (source.state, source.as_of.clone().unwrap_or_default())
    })
    .into_iter()
    .map(|((state, as_of), labels)| {
        let when = if as_of.is_empty() {
            "no time is known".to_owned()
        } else {
            day::moment(&as_of)
        };
        let text = match state {
            SourceState::Fresh if as_of.is_empty() => labels,
            SourceState::Fresh => format!("{labels}: {when}"),
            SourceState::Stale => format!("{labels}: stale, {when}"),
            _ => format!("{labels}: not available"),
        };
        Line { state, text }
    })
    .collect()
}

/// Returns what is wrong with sources that are not fresh, each reason once.
pub(crate) fn troubles(view: &View) -> Vec<Trouble> {
    let key = |source: &Source| {
        (
            source.state,
            source.reason.clone().unwrap_or_default(),
            source.as_of.clone().unwrap_or_default(),
        )
    };
    grouped(view, key)
        .into_iter()
        .filter(|((state, reason, _), _)| *state != SourceState::Fresh && !reason.is_empty())
        .map(|((state, reason, as_of), labels)| Trouble {
            state,
            labels,
            reason,
            shown: (state == SourceState::Stale && !as_of.is_empty()).then(|| day::moment(&as_of)),
        })
        .collect()
}

/// Returns the time of the first stale source, where there is one: the figures rest on the first sources.
pub(crate) fn stale_since(view: &View) -> Option<String> {
    view.sources
        .iter()
        .filter(|source| source.state == SourceState::Stale)
        .find_map(|source| source.as_of.as_deref())
        .map(day::moment)
}

fn grouped<K: PartialEq>(view: &View, key: impl Fn(&Source) -> K) -> Vec<(K, String)> {
    let mut groups: Vec<(K, String)> = Vec::new();
    for source in &view.sources {
        let label = label_of(&source.label, &source.id);
        let key = key(source);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, labels)) => *labels += &format!(", {label}"),
            None => groups.push((key, label)),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_one_state_and_time_share_a_line() {
        let mut view = View::new("t");
        let at = "2026-11-20T06:00:00Z";
        view.sources = vec![
            Source::new("licenses", "Licenses", SourceState::Fresh).with_as_of(at),
            Source::new("transactions", "Transactions", SourceState::Fresh).with_as_of(at),
            Source::new("metrics", "", SourceState::Stale)
                .with_as_of("2026-11-15")
                .with_reason("no answer"),
            Source::new("apps", "Apps", SourceState::Unavailable).with_reason("no right"),
        ];
        let texts: Vec<_> = lines(&view).into_iter().map(|line| line.text).collect();
        assert_eq!(
            texts,
            [
                "Licenses, Transactions: 20 Nov 2026, 06:00 UTC",
                "Metrics: stale, 15 Nov 2026",
                "Apps: not available"
            ]
        );
        let troubles = troubles(&view);
        assert_eq!(troubles[0].reason, "no answer");
        assert_eq!(troubles[0].shown.as_deref(), Some("15 Nov 2026"));
        assert_eq!(
            (troubles[1].labels.as_str(), troubles[1].shown.clone()),
            ("Apps", None)
        );
        assert_eq!(stale_since(&view).as_deref(), Some("15 Nov 2026"));
    }
}
