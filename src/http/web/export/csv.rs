//! Rows of RFC 4180, safe to be opened in a spreadsheet.

use crate::audit::export::Line;

const COLUMNS: [&str; 7] = ["at", "node", "seq", "actor", "event", "detail", "request"];

/// The names of the columns.
pub(super) fn head() -> String {
    let mut out = String::new();
    record(&mut out, COLUMNS);
    out
}

/// One row of the journal.
pub(super) fn row(out: &mut String, line: &Line) {
    let (seq, detail) = (line.seq.to_string(), line.detail.to_string());
    record(out, [&line.at, &line.node, &seq, &line.actor, &line.event, &detail, &line.request]);
}

fn record<'a>(out: &mut String, cells: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(out, cell.as_ref());
    }
    out.push_str("\r\n");
}

// A spreadsheet takes such a beginning for a formula, and a formula may send
// the rest of the sheet somewhere: an apostrophe makes it a text.
fn push(out: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let defused = if formula { format!("'{cell}") } else { cell.to_owned() };
    if defused.contains([',', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&defused.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(&defused);
    }
}

#[cfg(test)]
mod tests {
    use super::push;

    #[test]
    fn cells_are_quoted_and_defused() {
        for (cell, written) in [
            ("anna@acme.cz", "anna@acme.cz"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"),
            ("+420", "'+420"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("=HYPERLINK(\"http://evil.test\",\"x\")", "\"'=HYPERLINK(\"\"http://evil.test\"\",\"\"x\"\")\""),
            ("a=1", "a=1"),
        ] {
            let mut out = String::new();
            push(&mut out, cell);
            assert_eq!(out, written, "{cell:?}");
        }
    }
}
