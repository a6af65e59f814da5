//! The table for a terminal and for Markdown.

use crate::engine::Engine;
use crate::engines;

use super::rows::Row;

/// The heads of the columns.
fn heads() -> Vec<String> {
    let mut heads = vec![String::new(), "unit".to_owned(), "ratio".to_owned()];
    heads.extend(engines::ALL.map(Engine::name).map(str::to_owned));
    heads
}

/// A row's columns; `mark` is put around the best peer's number.
fn columns(row: &Row, mark: &str) -> Vec<String> {
    let best = row.best_peer().map(|(place, _)| place);
    let values = row.values.iter().enumerate().map(|(place, &value)| {
        let mark = if best == Some(place) { mark } else { "" };
        format!("{mark}{}{mark}", row.write(value))
    });
    let mut columns = vec![row.title.to_owned(), row.figure.unit().to_owned(), row.written_ratio()];
    columns.extend(values);
    columns
}

/// The rows in aligned columns, the best peer between asterisks.
pub(crate) fn plain(rows: &[Row]) -> String {
    let heads = heads();
    let lines: Vec<Vec<String>> = rows.iter().map(|row| columns(row, "*")).collect();
    let width = |column: usize| {
        let all = lines.iter().chain([&heads]).map(|line| line[column].chars().count());
        all.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let write = |line: &[String]| {
        let mut cells = line.iter().zip(&widths);
        let first = cells.next().map_or(String::new(), |(cell, &width)| format!("{cell:<width$}"));
        let rest: String = cells.map(|(cell, &width)| format!("  {cell:>width$}")).collect();
        format!("{first}{rest}\n")
    };
    let mut table = String::new();
    let mut trace = None;
    for (row, line) in rows.iter().zip(&lines) {
        if trace != Some(&row.trace) {
            trace = Some(&row.trace);
            let mut heads = heads.clone();
            heads[0] = format!("[{}]", row.trace);
            table.push_str(&write(&heads));
        }
        table.push_str(&write(line));
    }
    table
}

/// The rows as a table in Markdown, the best peer in italics.
pub(crate) fn markdown(rows: &[&Row]) -> String {
    let line = |columns: Vec<String>| format!("| {} |\n", columns.join(" | "));
    let heads = heads();
    let rules = std::iter::once("---").chain(heads[1..].iter().map(|_| "--:"));
    let mut table = line(rules.map(str::to_owned).collect());
    table.insert_str(0, &line(heads));
    rows.iter().for_each(|row| table.push_str(&line(columns(row, "*"))));
    table
}
