//! Measured values and the table made of their medians.

use std::collections::BTreeMap;

use crate::table::percentile;

/// The column of what has only one value.
const POSTERN: &str = "postern";

/// What was measured.
#[derive(Debug, Default)]
pub struct Figures {
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    title: String,
    /// Digits and values, by the place of the column.
    cells: BTreeMap<usize, (usize, Vec<f64>)>,
}

impl Figures {
    /// Adds a value and says it at once.
    pub fn add(&mut self, title: &str, digits: usize, value: f64) {
        eprintln!("    {title}: {value:.digits$}");
        self.put(title, POSTERN, digits, value);
    }

    /// The same of what has several, each with a column of its own.
    pub fn add_in(&mut self, column: &str, title: &str, digits: usize, value: f64) {
        eprintln!("    {title}: {value:.digits$} {column}");
        self.put(title, column, digits, value);
    }

    fn put(&mut self, title: &str, column: &str, digits: usize, value: f64) {
        let column = self.columns.iter().position(|known| known == column).unwrap_or_else(|| {
            self.columns.push(column.to_owned());
            self.columns.len() - 1
        });
        let row = self.rows.iter().position(|row| row.title == title).unwrap_or_else(|| {
            self.rows.push(Row { title: title.to_owned(), cells: BTreeMap::new() });
            self.rows.len() - 1
        });
        self.rows[row].cells.entry(column).or_insert((digits, Vec::new())).1.push(value);
    }

    /// The medians, in Markdown.
    pub fn table(&self) -> String {
        let heads: String = self.columns.iter().map(|column| format!(" {column} |")).collect();
        let rows = self.rows.iter().map(|row| {
            let cells: String = (0..self.columns.len()).map(|at| format!(" {} |", row.cell(at))).collect();
            format!("| {} |{cells}\n", row.title)
        });
        format!("| |{heads}\n|---|{}\n{}", "---|".repeat(self.columns.len()), rows.collect::<String>())
    }
}

impl Row {
    fn cell(&self, column: usize) -> String {
        let cell = self.cells.get(&column);
        let median = cell.and_then(|(digits, values)| Some((digits, percentile(values, 0.5)?)));
        median.map_or_else(|| "–".to_owned(), |(digits, value)| format!("{value:.digits$}"))
    }
}
