//! The table.

use crate::{Extent, machine};

/// What has been measured.
pub(crate) struct Report {
    rows: Vec<[String; 5]>,
    all_met: bool,
}

impl Report {
    /// Says what is being measured, and on what.
    pub(crate) fn new(extent: Extent) -> Self {
        let profile = if cfg!(debug_assertions) { "dev profile: targets are for release" } else { "release" };
        println!("{} clients and loans, {profile}\n{}", extent.clients, machine::description());
        Self { rows: Vec::new(), all_met: true }
    }

    /// A figure without a target: what others are held against.
    pub(crate) fn tell(&mut self, name: &str, figure: String, beside: String) {
        self.push([name.to_owned(), figure, beside, String::new(), String::new()]);
    }

    /// A figure with a target.
    pub(crate) fn hold(&mut self, name: &str, figure: String, beside: String, target: &str, met: bool) {
        self.all_met &= met;
        let verdict = if met { "pass" } else { "FAIL" };
        self.push([name.to_owned(), figure, beside, target.to_owned(), verdict.to_owned()]);
    }

    /// A figure that could not be had; as bad as a missed target.
    pub(crate) fn miss(&mut self, name: &str, why: &str) {
        self.all_met = false;
        self.push([
            name.to_owned(),
            "not measured".to_owned(),
            why.to_owned(),
            String::new(),
            "FAIL".to_owned(),
        ]);
    }

    fn push(&mut self, row: [String; 5]) {
        eprintln!("  {}: {}", row[0], row[1]);
        self.rows.push(row);
    }

    /// Prints the table. Whether all targets were met.
    pub(crate) fn end(mut self) -> bool {
        let head = ["figure", "median", "beside", "target", ""].map(str::to_owned);
        self.rows.insert(0, head);
        let widths: [usize; 5] = std::array::from_fn(|i| {
            self.rows.iter().map(|row| row[i].chars().count()).max().unwrap_or_default()
        });
        println!();
        for row in &self.rows {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            println!("{}", cells.join("  ").trim_end());
        }
        println!("\n{}", machine::description());
        self.all_met
    }
}

/// The middle one; none of none.
pub(crate) fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
