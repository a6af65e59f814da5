//! `docs/benchmarks.md`.

use std::collections::BTreeMap;

use crate::cell::Cell;
use crate::engine::Engine;
use crate::engines;

use super::rows::Row;
use super::table;

const OPENING: &str = "\
# Benchmarks

Made by `make bench-peers`: every engine in one program, on the same work, in the same run, built
in the same way. [`bench/peers/README.md`](../bench/peers/README.md) says what each row measures.

Times are CPU times, medians of at least five runs (fewer where one takes more than some seconds).
Less is better everywhere. *Ratio* is libsync's number in those of the best peer, which is in
italics: at or below 1, libsync is ahead. Numbers in parentheses are of documents with less in them
than the others', and are not compared.

![libsync beside its peers](benchmarks.svg)
";

/// The page with all rows.
pub(crate) fn page(rows: &[Row], cells: &[Cell]) -> String {
    let mut page = OPENING.to_owned();
    let mut traces: Vec<&str> = rows.iter().map(|row| row.trace.as_str()).collect();
    traces.dedup();
    for trace in traces {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.trace == trace).collect();
        page.push_str(&format!("\n## {trace}\n\n{}", table::markdown(&rows)));
    }
    page.push_str("\n## Engines\n\n");
    for engine in engines::ALL {
        let (name, version) = (engine.name(), engines::version(engine.package()));
        let remark = engine.remark().map_or(String::new(), |remark| format!(": it {remark}"));
        page.push_str(&format!("- {name} {version}{remark}\n"));
    }
    page.push_str("\n## Notes\n\n");
    for engine in engines::ALL {
        for (note, of) in notes(engine, cells) {
            page.push_str(&format!("- {}, {}: {note}\n", engine.name(), of.join(", ")));
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    page.push_str(&format!("\nMeasured on {os}, {arch}, {cores} cores.\n"));
    page
}

/// What is to be said of an engine's cells, and of which.
fn notes(engine: &dyn Engine, cells: &[Cell]) -> BTreeMap<String, Vec<String>> {
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.engine == engine.name()) {
        if let Some(note) = &cell.note {
            let of = notes.entry(note.clone()).or_default();
            let name = format!("`{}`", cell.workload);
            if !of.contains(&name) {
                of.push(name);
            }
        }
    }
    notes
}
