//! Views that stand in for fresher ones.

use gadget_api::{Error, Source, SourceState, View};

/// Marks every source that would be fresh as stale, because the refresh failed with `reason`.
pub(crate) fn marked_stale(mut view: View, reason: &Error) -> View {
    let text = reason_text(reason);
    for source in view
        .sources
        .iter_mut()
        .filter(|source| source.state == SourceState::Fresh)
    {
        source.state = SourceState::Stale;
        source.reason = Some(text.clone());
    }
    // A view always says why it is stale, also where the gadget names no source at all.
    if !view.is_stale() {
        view.sources
            .push(Source::new("refresh", "Refresh", SourceState::Stale).with_reason(text));
    }
    view
}

fn reason_text(reason: &Error) -> String {
    match reason.remedy() {
        Some(remedy) => format!("{}. {remedy}", reason.message().trim_end_matches('.')),
        None => reason.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use gadget_api::ErrorKind;

    use super::*;

    #[test]
    fn a_view_whose_refresh_failed_is_stale_and_says_why() {
        let reason = Error::new(ErrorKind::Network, "no answer").with_remedy("Check the network.");
        let mut view = View::new("t");
        assert!(marked_stale(view.clone(), &reason).is_stale());
        view.sources = vec![
            Source::new("licenses", "Licenses", SourceState::Fresh).with_as_of("2026-11-20"),
            Source::new("metrics", "Metrics", SourceState::Stale).with_reason("older"),
            Source::new("apps", "Apps", SourceState::Unavailable).with_reason("no right"),
        ];
        let marked = marked_stale(view, &reason).sources;
        let told: Vec<_> = marked
            .iter()
            .map(|source| (source.state, source.reason.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (SourceState::Stale, Some("no answer. Check the network.")),
                (SourceState::Stale, Some("older")),
                (SourceState::Unavailable, Some("no right")),
            ]
        );
        assert_eq!(marked[0].as_of.as_deref(), Some("2026-11-20"));
    }
}
