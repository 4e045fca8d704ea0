//! Measured values and the table made of their medians.

use std::collections::BTreeMap;

use crate::peers::Peer;

/// All values of a run.
#[derive(Debug, Default)]
pub struct Results {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    title: String,
    digits: usize,
    /// Whether a cell also says its ratio to `direct`.
    ratio: bool,
    values: BTreeMap<Peer, Vec<f64>>,
}

impl Results {
    /// Adds a value and says it at once.
    pub fn add(&mut self, title: &str, digits: usize, peer: Peer, value: f64) {
        eprintln!("    {title}: {} {value:.digits$}", peer.name());
        self.row(title, digits).values.entry(peer).or_default().push(value);
    }

    /// The same with the ratio to `direct` in the table.
    pub fn add_ratio(&mut self, title: &str, digits: usize, peer: Peer, value: f64) {
        self.add(title, digits, peer, value);
        self.row(title, digits).ratio = true;
    }

    fn row(&mut self, title: &str, digits: usize) -> &mut Row {
        let at = self.rows.iter().position(|row| row.title == title).unwrap_or_else(|| {
            self.rows.push(Row { title: title.to_owned(), digits, ratio: false, values: BTreeMap::new() });
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }

    /// In Markdown.
    pub fn table(&self, peers: &[Peer]) -> String {
        let mut text = "| |".to_owned();
        for peer in peers {
            text.push_str(&format!(" {} |", peer.name()));
        }
        text.push_str(&format!("\n|---|{}\n", "---|".repeat(peers.len())));
        for row in &self.rows {
            text.push_str(&format!("| {} |", row.title));
            for peer in peers {
                text.push_str(&format!(" {} |", row.cell(*peer)));
            }
            text.push('\n');
        }
        text
    }
}

impl Row {
    fn cell(&self, peer: Peer) -> String {
        let Some(value) = self.values.get(&peer).and_then(|values| median(values)) else {
            return "–".to_owned();
        };
        let digits = self.digits;
        let direct = self.values.get(&Peer::Direct).and_then(|values| median(values));
        match direct {
            Some(direct) if self.ratio && peer != Peer::Direct => {
                format!("{value:.digits$} ({:.2})", value / direct)
            }
            _ => format!("{value:.digits$}"),
        }
    }
}

fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 0.5)
}

/// The value that this share of the values does not exceed.
pub fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied()
}
