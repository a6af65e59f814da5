//! A cell of the table: what one engine did on one workload.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::command::PAPER;
use crate::engine::Engine;
use crate::engines;
use crate::workloads::Workload;

/// What running a workload gave.
pub(crate) enum Outcome {
    Measured(Measured),
    /// The engine can't do it, and why.
    Unavailable(&'static str),
}

/// What was measured of a workload. What it does not measure is `None`.
#[derive(Default)]
pub(crate) struct Measured {
    /// CPU time of the whole workload.
    pub(crate) time: Option<Duration>,
    /// Bytes that were saved or sent; the mean of an update where many are sent.
    pub(crate) bytes: Option<f64>,
    /// Bytes of the heap.
    pub(crate) heap: Option<usize>,
    /// How many edits or updates the time is for.
    pub(crate) operations: usize,
    /// Whether the engine ended with what it had to.
    pub(crate) ok: bool,
    /// What the reader of the table should know of this cell.
    pub(crate) note: Option<String>,
}

impl From<Measured> for Outcome {
    fn from(measured: Measured) -> Self {
        Self::Measured(measured)
    }
}

/// A cell as a line of JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) workload: String,
    pub(crate) trace: String,
    pub(crate) engine: String,
    pub(crate) version: String,
    /// CPU time of the whole workload, in milliseconds.
    pub(crate) median_ms: Option<f64>,
    #[serde(serialize_with = "whole_if_whole")]
    pub(crate) bytes: Option<f64>,
    pub(crate) heap: Option<usize>,
    /// `None` if the engine can't do it.
    pub(crate) ok: Option<bool>,
    pub(crate) operations: usize,
    pub(crate) note: Option<String>,
}

impl Cell {
    /// A cell in which nothing was measured yet. A workload that makes up what it works on has its
    /// own name as the trace.
    pub(crate) fn of(engine: &dyn Engine, workload: Workload, trace: Option<&str>) -> Self {
        Self {
            workload: workload.name().to_owned(),
            trace: trace.unwrap_or(workload.name()).to_owned(),
            engine: engine.name().to_owned(),
            version: engines::version(engine.package()),
            median_ms: None,
            bytes: None,
            heap: None,
            ok: None,
            operations: 0,
            note: None,
        }
    }

    /// Whether it is the same cell, from whichever run.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        (&self.workload, &self.trace, &self.engine)
            == (&other.workload, &other.trace, &other.engine)
    }

    /// Whether it was measured of the engine's version that this program has.
    pub(crate) fn is_current(&self) -> bool {
        let found = engines::ALL.iter().find(|engine| engine.name() == self.engine);
        found.is_some_and(|engine| engines::version(engine.package()) == self.version)
            && Workload::named(&self.workload).is_some()
    }

    /// What cells are sorted by.
    pub(crate) fn place(&self) -> (usize, bool, String, usize) {
        let workload = Workload::ALL.iter().position(|(name, _)| *name == self.workload);
        let engine = engines::ALL.iter().position(|engine| engine.name() == self.engine);
        let is_further = self.trace != PAPER;
        (workload.unwrap_or(0), is_further, self.trace.clone(), engine.unwrap_or(0))
    }

    /// The cell as one line.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("all keys are strings")
    }

    /// The cell with what was measured in it.
    pub(crate) fn filled(self, outcome: Outcome) -> Self {
        match outcome {
            Outcome::Measured(measured) => Self {
                median_ms: measured.time.map(|time| time.as_secs_f64() * 1e3),
                bytes: measured.bytes,
                heap: measured.heap,
                ok: Some(measured.ok),
                operations: measured.operations,
                note: measured.note,
                ..self
            },
            Outcome::Unavailable(reason) => Self { note: Some(format!("n/a: {reason}")), ..self },
        }
    }

    /// The cell of an engine that did not get to the end.
    pub(crate) fn failed(self, reason: &str) -> Self {
        Self { ok: Some(false), note: Some(format!("failed: {reason}")), ..self }
    }
}

/// A mean has a fraction; a number of bytes looks like one.
fn whole_if_whole<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) if number.fract() == 0.0 => serializer.serialize_u64(*number as u64),
        number => number.serialize(serializer),
    }
}
