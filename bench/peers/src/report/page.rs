//! `docs/benchmarks.md`.

use std::collections::BTreeMap;

use crate::cell::Cell;
use crate::command::PAPER;
use crate::engine::Engine;
use crate::engines;

use super::rows::Row;
use super::table;

const OPENING: &str = "\
# Benchmarks

Made by `make bench-peers`: every engine in one program, on the same work, built in the same way.
[`bench/peers/README.md`](../bench/peers/README.md) says what each row measures and how to measure
it again; [`benchmarks.jsonl`](benchmarks.jsonl) has all numbers.

Less is better everywhere. *Ratio* is libsync's number in those of the best peer, which is in
italics: at or below 1, libsync is ahead. Numbers in parentheses are of documents with less in them
than the others', and are not compared.

![libsync beside its peers](benchmarks.svg)
";

const METHOD: &str = "
## Method

- Times are CPU times of the process, medians of at least five runs; fewer where five would take more
  than 40 seconds. What prepares a run is not in it. Every cell is a process of its own.
- After every run the text, or the map, has to be what it should be; if not, the cell is *wrong*.
- Bytes of the heap are those that are allocated and not freed, in a second program whose allocator
  counts them.
- Everything is built as the product is: optimized, with thin link-time optimization.
- The traces are recorded editing histories; `hub`, `map` and `trim` are made up, from fixed seeds.

## Fairness

- Each engine is used in the way that is best for it: its usual encoding, or the smaller one where
  bytes are compared; its quicker transactions; its own batch import in what prepares a run.
- What an engine leaves to its host is added: text and serialization to cola, Deflate in
  `save-compressed` to those that don't compress.
- libsync types every edit as a change of its own, checks every frame by checksum, and validates
  whatever it loads as a whole, before anything is read.
- Engines that drop history by themselves are compared in all rows where less history does not mean
  fewer bytes of it.
- All replicas have small numbers as identities, which some engines encode in fewer bytes.
";

/// The page with all rows, of one run or of several.
pub(crate) fn page(rows: &[Row], cells: &[Cell], is_one_run: bool) -> String {
    let mut page = OPENING.to_owned();
    let mut traces: Vec<&str> = rows.iter().map(|row| row.trace.as_str()).collect();
    traces.dedup();
    for trace in traces {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.trace == trace).collect();
        page.push_str(&format!("\n## {trace}\n\n{}", table::markdown(&rows)));
    }
    page.push_str(METHOD);
    page.push_str("\n## What each engine keeps\n\n");
    for engine in engines::ALL {
        let (name, version) = (engine.name(), engines::version(engine.package()));
        page.push_str(&format!("- {name} {version}: {}\n", engine.keeps()));
    }
    page.push_str("\n## Notes\n\n");
    for engine in engines::ALL {
        for (note, of) in notes(engine, cells) {
            page.push_str(&format!("- {}, {}: {note}\n", engine.name(), of.join(", ")));
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let runs = if is_one_run { "in one run" } else { "in several runs" };
    page.push_str(&format!("\nMeasured {runs} on {os}, {arch}, {cores} cores.\n"));
    page
}

/// What is to be said of an engine's cells, and of which.
fn notes(engine: &dyn Engine, cells: &[Cell]) -> BTreeMap<String, Vec<String>> {
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.engine == engine.name()) {
        if let Some(note) = &cell.note {
            let of = notes.entry(note.clone()).or_default();
            let is_usual = cell.trace == PAPER || cell.trace == cell.workload;
            let trace = if is_usual { String::new() } else { format!(" of {}", cell.trace) };
            let name = format!("`{}`{trace}", cell.workload);
            if !of.contains(&name) {
                of.push(name);
            }
        }
    }
    notes
}
