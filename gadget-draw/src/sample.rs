//! Views for tests: one as the App Users gadget makes it, one as an attacker would.

use gadget_api::{Chart, Tone, View, WaterfallStep};

/// Returns 14 weeks of an app, the last one unfinished.
pub(crate) fn timeboard() -> View {
    let new = [4, 45, 30, 46, 60, 42, 50, 25, 62, 65, 38, 30, 28, 5];
    let back = [1, 8, 14, 10, 6, 10, 9, 16, 0, 3, 5, 10, 16, 2];
    let grown = [4, 19, 37, 40, 8, 33, 25, 20, 38, 17, 35, 29, 40, 31];
    let shrunk = [0, 0, 4, 2, 0, 9, 10, 5, 12, 8, 16, 3, 5, 15];
    let gone = [5, 30, 25, 24, 9, 36, 34, 28, 15, 14, 29, 20, 15, 10];
    let mut closing = 17_767;
    let level: Vec<i64> = (0..14)
        .map(|week| {
            closing += new[week] + back[week] + grown[week] - shrunk[week] - gone[week];
            closing
        })
        .collect();
    let starts: Vec<String> = (0..14)
        .map(|week| {
            (chrono::NaiveDate::from_ymd_opt(2026, 8, 17).unwrap() + chrono::Days::new(7 * week))
                .to_string()
        })
        .collect();
    let incomplete: Vec<bool> = (0..14).map(|week| week == 13).collect();
    let steps = |name: &str, value: i64, note: &str| {
        let step = WaterfallStep::new(name, "", value).with_note(note);
        match note {
            "" => step,
            _ => step.with_rows(),
        }
    };
    let sum = |values: &[i64; 14]| values.iter().sum::<i64>();
    let mut view: View = serde_json::from_value(serde_json::json!({
        "view": 1, "title": "Timeboard users", "subtitle": "last 90 days: 23 Aug – 20 Nov 2026 (UTC)",
        "figures": [
            {"id": "users_now", "label": "Licensed users now", "unit": "users", "value": closing, "previous": closing - 13, "previous_label": "a week ago", "better": "up", "low": 15120, "has_rows": true},
            {"id": "gained", "label": "Gained", "unit": "users", "value": 1033, "notation": "signed", "comparison": "in the 90 days before", "has_rows": true, "previous": 939, "previous_label": "the 90 days before", "better": "up"},
            {"id": "lost", "label": "Lost", "unit": "users", "value": 383, "notation": "taken_away", "comparison": "in the 90 days before", "has_rows": true, "previous": 431, "previous_label": "the 90 days before", "better": "down"},
            {"id": "net", "label": "Net", "unit": "users", "value": 650, "notation": "signed", "comparison": "in the 90 days before", "has_rows": true, "previous": 508, "previous_label": "the 90 days before", "better": "up"},
            {"id": "atlassian_users", "label": "Users by Atlassian's count", "unit": "users", "value": 21004, "previous": 20871, "previous_label": "the week before", "as_of": "2026-11-15", "better": "up"}],
        "charts": [
            {"id": "movements", "label": "Users gained and lost by week", "level_label": "Users at the end of the week", "has_rows": true, "kind": "stacked_bars", "unit": "users", "bucket": "week", "starts": starts, "incomplete": incomplete,
             "series": [
                {"id": "new", "label": "New", "role": "gain", "tone": "good", "shade": 1, "has_rows": true, "values": new},
                {"id": "reactivation", "label": "Reactivation", "role": "gain", "tone": "good", "shade": 2, "has_rows": true, "values": back},
                {"id": "expansion", "label": "Expansion", "role": "gain", "tone": "good", "shade": 3, "has_rows": true, "values": grown},
                {"id": "contraction", "label": "Contraction", "role": "loss", "tone": "bad", "shade": 2, "has_rows": true, "values": shrunk},
                {"id": "churn", "label": "Churn", "role": "loss", "tone": "bad", "shade": 1, "has_rows": true, "values": gone},
                {"id": "closing", "label": "Users", "role": "level", "values": level}]},
            {"id": "waterfall", "kind": "waterfall", "unit": "users", "steps": []}],
        "tables": [
            {"id": "by_hosting", "label": "By hosting", "columns": [
                {"id": "hosting", "label": "Hosting", "kind": "text"}, {"id": "users_now", "label": "Users", "kind": "integer"},
                {"id": "gained", "label": "Gained", "kind": "integer", "role": "gain"}, {"id": "lost", "label": "Lost", "kind": "integer", "role": "loss"}, {"id": "net", "label": "Net", "kind": "integer", "role": "change"}],
             "rows": [["Cloud", 15110, 980, 340, 640], ["Data Center", 3280, 53, 43, 10]]}],
        "notices": [
            {"code": "excluded", "level": "info", "text": "7 licenses are left out: 7 evaluations", "count": 7},
            {"code": "no_transactions", "level": "warning", "text": "the account may not read transactions; losses have no reason"}],
        "sources": [
            {"id": "licenses", "label": "Marketplace licenses", "as_of": "2026-11-20T06:00:00Z", "state": "fresh"},
            {"id": "transactions", "label": "transactions", "as_of": "2026-11-20T06:00:00Z", "state": "fresh"}]
    }))
    .unwrap();
    if let Some(Chart::Waterfall(waterfall)) = view.charts.get_mut(1) {
        waterfall.steps = vec![
            steps("opening", 17_767, ""),
            steps("new", sum(&new), "31 licenses"),
            steps("reactivation", sum(&back), "4 licenses"),
            steps("expansion", sum(&grown), "18 licenses"),
            steps("contraction", -sum(&shrunk), "7 licenses"),
            steps("churn", -sum(&gone), "1 license"),
            steps("closing", closing, ""),
        ];
        for (place, step) in waterfall.steps.iter_mut().enumerate() {
            (step.tone, step.shade) = match place {
                1..=3 => (Some(Tone::Good), u8::try_from(place).ok()),
                4 => (Some(Tone::Bad), Some(2)),
                5 => (Some(Tone::Bad), Some(1)),
                _ => (None, None),
            };
        }
    }
    view.bounded().unwrap()
}

/// Returns all apps of a vendor, with the table that Vendor Users brings.
pub(crate) fn vendor() -> View {
    let mut view = timeboard();
    view.title = "Acme Apps users".into();
    view.tables = serde_json::from_value(serde_json::json!([
        {"id": "apps", "label": "By app", "columns": [
            {"id": "app", "label": "App key", "kind": "text", "role": "key", "visibility": "data"}, {"id": "name", "label": "App", "kind": "text", "role": "label"},
            {"id": "users_now", "label": "Users", "kind": "integer", "role": "level"}, {"id": "users_week_ago", "label": "A week ago", "kind": "integer", "role": "earlier_level"},
            {"id": "gained", "label": "Gained", "kind": "integer", "role": "gain"}, {"id": "lost", "label": "Lost", "kind": "integer", "role": "loss"},
            {"id": "net", "label": "Net", "kind": "integer", "role": "change", "visibility": "data"}],
         "rows": [
            ["com.acme.timeboard", "Timeboard", 18390, 18368, 1006, 383, 623],
            ["com.acme.planboard", "Planboard", 9126, 9136, 671, 255, 416],
            ["com.acme.retro", "Retro Notes", 4310, 4295, 376, 242, 134],
            ["com.acme.checklists", "Checklists", 2745, 2745, 222, 101, 121]]}]))
    .unwrap();
    view
}

/// Returns a view in which every text is `text`, and every kind of element is there.
pub(crate) fn made_of(text: &str) -> View {
    serde_json::from_value(serde_json::json!({
        "view": 1, "title": text, "subtitle": text,
        "figures": [
            {"id": text, "label": text, "unit": text, "value": 1, "previous": 2, "previous_label": text, "as_of": text, "better": "up", "low": 0, "comparison": text, "tip": text, "has_rows": true},
            {"id": text, "label": text, "unit": text, "value": 1, "previous": 2, "previous_label": text, "as_of": text, "better": "down"},
            {"id": "b", "label": text, "unit": text, "value": 1, "previous": 2, "previous_label": text}],
        "charts": [
            {"id": text, "label": text, "level_label": text, "net_label": text, "has_rows": true, "kind": "stacked_bars", "unit": text, "bucket": "week", "starts": [text, text], "incomplete": [false, true],
             "series": [{"id": text, "label": text, "role": "gain", "values": [1, 2]}, {"id": text, "label": text, "role": "loss", "values": [1, 2]}, {"id": text, "label": text, "role": "level", "values": [1, 2]}, {"id": "m", "label": text, "role": "level", "values": [2, 3]}]},
            {"id": text, "label": text, "kind": "waterfall", "unit": text, "steps": [{"id": text, "label": text, "value": 1}, {"id": text, "label": text, "value": 2, "note": text}, {"id": text, "label": text, "value": 3}]}],
        "tables": [{"id": text, "label": text, "columns": [{"id": text, "label": text, "kind": "text"}, {"id": text, "label": text, "kind": "date"}], "rows": [[text, text]]}],
        "notices": [{"code": text, "level": "warning", "text": text}, {"code": text, "level": "info", "text": text}],
        "sources": [{"id": text, "label": text, "as_of": text, "state": "stale", "reason": text}, {"id": text, "label": text, "as_of": text, "state": "fresh"}]
    }))
    .unwrap()
}
