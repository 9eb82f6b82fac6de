//! How fresh a view is, in words.

use gadget_api::{Source, SourceState, View};

use super::{day, look::label_of};

/// Sources that share a state and a time, in one line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    pub state: SourceState,
    /// Such as `Marketplace licenses, transactions: 20 Nov 2026, 06:00 UTC`.
    pub text: String,
}

/// Why a source is not fresh.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Trouble {
    pub state: SourceState,
    /// The sources that have it.
    pub labels: String,
    pub reason: String,
    /// When the data that is shown was read, if that is one time.
    pub shown: Option<String>,
}

/// Returns one line for each state and time.
pub(crate) fn lines(view: &View) -> Vec<Line> {
    grouped(
        view,
        |_| true,
        |source| (source.state, source.as_of.clone().unwrap_or_default()),
    )
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
    let reason_of = |source: &Source| (source.state, source.reason.clone().unwrap_or_default());
    let trouble = |((state, reason), labels): ((SourceState, String), String)| {
        let of_it = |source: &Source| reason_of(source) == (state, reason.clone());
        let times = grouped(view, of_it, |source| {
            source.as_of.clone().unwrap_or_default()
        });
        // Where they differ, the lines below tell each.
        let shown = match times.as_slice() {
            [(time, _)] if state == SourceState::Stale && !time.is_empty() => {
                Some(day::moment(time))
            }
            _ => None,
        };
        Trouble {
            state,
            labels,
            reason,
            shown,
        }
    };
    let is_trouble = |source: &Source| {
        source.state != SourceState::Fresh
            && source.reason.as_ref().is_some_and(|text| !text.is_empty())
    };
    let groups = grouped(view, is_trouble, reason_of);
    groups.into_iter().map(trouble).collect()
}

/// Returns the time of the first stale source, where there is one: the figures rest on the first sources.
pub(crate) fn stale_since(view: &View) -> Option<String> {
    view.sources
        .iter()
        .filter(|source| source.state == SourceState::Stale)
        .find_map(|source| source.as_of.as_deref())
        .map(day::moment)
}

/// Groups the labels of the wanted sources by a key, in their order.
fn grouped<K: PartialEq>(
    view: &View,
    is_wanted: impl Fn(&Source) -> bool,
    key: impl Fn(&Source) -> K,
) -> Vec<(K, String)> {
    let mut groups: Vec<(K, String)> = Vec::new();
    for source in view.sources.iter().filter(|source| is_wanted(source)) {
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
        let alike = |source: Source| source.with_reason("no answer");
        view.sources[0] =
            alike(Source::new("licenses", "Licenses", SourceState::Stale)).with_as_of(at);
        assert_eq!(
            troubles(&view)[0],
            Trouble {
                state: SourceState::Stale,
                labels: "Licenses, Metrics".to_owned(),
                reason: "no answer".to_owned(),
                shown: None,
            }
        );
        view.sources[0] = Source::new("licenses", "Licenses", SourceState::Fresh).with_as_of(at);
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
