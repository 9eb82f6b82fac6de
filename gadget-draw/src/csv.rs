//! A table as CSV (RFC 4180), safe to open in a spreadsheet.

use gadget_api::{Cell, Table};

/// Writes a table; the first line has the stable names of the columns.
///
/// Numbers stay numbers. A text that a spreadsheet would run as a formula gets an apostrophe in front.
pub fn csv(table: &Table) -> String {
    let mut out = String::new();
    line(
        &mut out,
        table.columns.iter().map(|column| text(&column.id)),
    );
    for row in &table.rows {
        line(&mut out, row.iter().map(cell));
    }
    out
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    let fields: Vec<_> = fields.collect();
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty(()) => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(content) => text(content),
    }
}

fn text(content: &str) -> String {
    // Where numbers have a decimal comma, spreadsheets part the cells of a line at semicolons.
    let cells = content.split(';').map(|cell| match is_formula(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    });
    let safe = cells.collect::<Vec<_>>().join(";");
    if safe.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

/// Tells whether a spreadsheet would take a text for a formula.
fn is_formula(text: &str) -> bool {
    // Spreadsheets trim before they look for one, and some take the wide forms for the narrow ones.
    let begin = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
    begin.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r'])
}

#[cfg(test)]
mod tests {
    use gadget_api::{Column, ColumnKind};
    use proptest::prelude::*;

    use super::*;

    fn table(cells: Vec<Cell>) -> Table {
        let mut table = Table::new(
            "t",
            "",
            vec![Column::new("a", "A", ColumnKind::Text); cells.len()],
        );
        table.rows = vec![cells];
        table
    }

    #[test]
    fn fields_are_quoted_and_formulas_are_defused() {
        let cases: &[(Cell, &str)] = &[
            (Cell::Empty(()), ""),
            (Cell::Integer(-20), "-20"),
            (Cell::Number(1.5), "1.5"),
            ("Acme, Inc.".into(), "\"Acme, Inc.\""),
            ("say \"hi\"".into(), "\"say \"\"hi\"\"\""),
            ("=1+1".into(), "'=1+1"),
            ("+1".into(), "'+1"),
            ("-1".into(), "'-1"),
            ("@SUM(A1)".into(), "'@SUM(A1)"),
            (" =1,2".into(), "\"' =1,2\""),
            ("a=1".into(), "a=1"),
            // Where numbers have a decimal comma, a spreadsheet parts the cells at semicolons.
            ("a;=1+1".into(), "a;'=1+1"),
            ("a; @x; b".into(), "a;' @x; b"),
            ("a;\"=1".into(), "\"a;'\"\"=1\""),
            ("Acme, =x".into(), "\"Acme, =x\""),
            ("a\u{a0};\u{a0}=1".into(), "a\u{a0};'\u{a0}=1"),
            ("2026-10-19".into(), "2026-10-19"),
        ];
        for (cell, written) in cases {
            assert_eq!(
                csv(&table(vec![cell.clone()])),
                format!("a\r\n{written}\r\n")
            );
        }
        assert_eq!(csv(&table(vec![1.into(), "x".into()])), "a,a\r\n1,x\r\n");
    }

    proptest! {
        #[test]
        fn every_line_has_as_many_fields_as_there_are_columns(texts in prop::collection::vec("[ -~\"=,\n]{0,12}", 1..5)) {
            let written = csv(&table(texts.iter().map(|text| text.as_str().into()).collect()));
            let body = written.split_once("\r\n").unwrap().1;
            let (mut fields, mut is_quoted) = (1, false);
            for each in body.trim_end_matches("\r\n").chars() {
                match each {
                    '"' => is_quoted = !is_quoted,
                    ',' if !is_quoted => fields += 1,
                    _ => {}
                }
            }
            prop_assert_eq!(fields, texts.len());
            prop_assert!(!is_quoted);
        }
    }
}
