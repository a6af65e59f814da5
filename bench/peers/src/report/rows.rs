//! The table: a row for every figure of a workload, a column for every engine.

use crate::cell::Cell;
use crate::engine::Engine;
use crate::engines;

use super::figure::{Figure, three_digits};

/// What is shown of a workload, in the words of the table.
const SHOWN: [(&str, Figure, &str); 31] = [
    ("local", Figure::Time, "typing"),
    ("local-encode", Figure::Time, "typing, each edit encoded and sent"),
    ("local-encode", Figure::BytesEach, "bytes of one edit on the wire, mean"),
    ("remote", Figure::Time, "receiving one update at a time"),
    ("batch", Figure::Time, "receiving the whole history in one"),
    ("batch", Figure::Bytes, "bytes of the whole history in one"),
    ("batch-compressed", Figure::Time, "receiving the whole history, compressed"),
    ("batch-compressed", Figure::Bytes, "bytes of the whole history, compressed"),
    ("save", Figure::Time, "first save"),
    ("save", Figure::Bytes, "bytes saved, with history"),
    ("save-compressed", Figure::Time, "saving compressed, with history"),
    ("save-compressed", Figure::Bytes, "bytes saved compressed, with history"),
    ("save-state", Figure::Time, "saving without history"),
    ("save-state", Figure::Bytes, "bytes saved, without history"),
    ("save-state-compressed", Figure::Time, "saving compressed, without history"),
    ("save-state-compressed", Figure::Bytes, "bytes saved compressed, without history"),
    ("save-again", Figure::Time, "saving again after one edit"),
    ("load", Figure::Time, "loading until the text is read"),
    ("load-type", Figure::Time, "loading, typing one character, reading"),
    ("heap", Figure::Heap, "heap, edited"),
    ("heap-loaded", Figure::Heap, "heap, loaded and read"),
    ("heap-pruned", Figure::Heap, "heap, all history dropped that can be"),
    ("merge", Figure::Time, "receiving concurrent history in one"),
    ("merge-each", Figure::Time, "receiving concurrent updates one at a time"),
    ("hub", Figure::TimeEach, "hub of 32 writers who never pause, an operation"),
    ("map", Figure::TimeEach, "map of 4 replicas, a set"),
    ("map", Figure::BytesEach, "map of 4 replicas, bytes of a set"),
    ("map-load", Figure::Time, "map, loading until all of it is read"),
    ("map-save-again", Figure::Time, "map, saving again after one set"),
    ("trim", Figure::Bytes, "1,000,000 in, 1,000 left, trimmed: bytes"),
    ("trim", Figure::Heap, "1,000,000 in, 1,000 left, trimmed: heap"),
];

/// One figure of all engines.
pub(crate) struct Row {
    pub(crate) trace: String,
    pub(crate) title: &'static str,
    pub(crate) figure: Figure,
    /// As [`engines::ALL`].
    pub(crate) values: Vec<Value>,
}

/// What a row has of an engine.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Measured(f64),
    /// Measured, of a document that has less in it than the others'.
    Lesser(f64),
    /// The engine can't do it.
    None,
    /// The engine ended with something else than what it had to.
    Wrong,
}

impl Value {
    /// The number, whether it can be compared or not.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Measured(number) | Self::Lesser(number) => Some(number),
            Self::None | Self::Wrong => None,
        }
    }
}

impl Row {
    /// All rows, those of a trace together.
    pub(crate) fn all(cells: &[Cell]) -> Vec<Self> {
        let mut traces: Vec<&str> = Vec::new();
        for cell in cells {
            if !traces.contains(&cell.trace.as_str()) {
                traces.push(&cell.trace);
            }
        }
        let rows = traces.into_iter().flat_map(|trace| {
            SHOWN.into_iter().filter_map(move |(workload, figure, title)| {
                let of = |cell: &&Cell| cell.workload == workload && cell.trace == trace;
                let cells: Vec<&Cell> = cells.iter().filter(of).collect();
                let values = engines::ALL.map(|engine| value(engine, &cells, figure)).to_vec();
                let row = Self { trace: trace.to_owned(), title, figure, values };
                (!cells.is_empty()).then_some(row)
            })
        });
        rows.collect()
    }

    /// The best engine that libsync is compared with, by its place in [`engines::ALL`], and its
    /// number.
    pub(crate) fn best_peer(&self) -> Option<(usize, f64)> {
        let measured = |(place, value): (usize, &Value)| match *value {
            Value::Measured(number) => Some((place, number)),
            _ => None,
        };
        let peers = self.values.iter().enumerate().skip(1).filter_map(measured);
        peers.min_by(|(_, left), (_, right)| left.total_cmp(right))
    }

    /// libsync's number in those of the best peer: at or below 1, libsync is ahead.
    pub(crate) fn ratio(&self) -> Option<f64> {
        Some(self.values[0].number()? / self.best_peer()?.1)
    }

    /// A value of this row, as it is written.
    pub(crate) fn write(&self, value: Value) -> String {
        match value {
            Value::Measured(number) => self.figure.write(number),
            Value::Lesser(number) => format!("({})", self.figure.write(number)),
            Value::None => "n/a".to_owned(),
            Value::Wrong => "wrong".to_owned(),
        }
    }

    /// The ratio as it is written.
    pub(crate) fn written_ratio(&self) -> String {
        self.ratio().map_or("n/a".to_owned(), three_digits)
    }
}

fn value(engine: &dyn Engine, cells: &[&Cell], figure: Figure) -> Value {
    let Some(cell) = cells.iter().find(|cell| cell.engine == engine.name()) else {
        return Value::None;
    };
    if cell.ok == Some(false) {
        return Value::Wrong;
    }
    let number = match figure {
        Figure::Time => cell.median_ms,
        Figure::TimeEach => cell.median_ms.map(|time| time * 1e3 / cell.operations as f64),
        Figure::Bytes | Figure::BytesEach => cell.bytes,
        Figure::Heap => cell.heap.map(|bytes| bytes as f64 / 1024.0),
    };
    let with_history =
        ["save", "save-compressed", "batch", "batch-compressed"].contains(&cell.workload.as_str());
    match number {
        None => Value::None,
        Some(number) if figure == Figure::Bytes && with_history && !engine.saves_history() => {
            Value::Lesser(number)
        }
        Some(number) => Value::Measured(number),
    }
}
