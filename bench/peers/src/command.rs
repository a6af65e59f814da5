//! The command line.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cell::Cell;
use crate::engine::Engine;
use crate::measure::HeapMeter;
use crate::session::Session;
use crate::suite::Selection;
use crate::trace::Trace;
use crate::workloads::{Input, Takes, Workload};
use crate::{counting, engines, suite};

const USAGE: &str = "\
usage: peers [--trace FILE]... [--engine NAME]... [--workload NAME]...
           all cells, or those of these engines and workloads; makes the table, the page and the
           chart, for which all other cells are taken from the last run
       peers ENGINE WORKLOAD [TRACE]
           one cell, as a line of JSON

TRACE is a file, `automerge-paper` or `pair`; `--trace FILE` says the same.";

/// The name of the trace that the package registry has.
pub(crate) const PAPER: &str = "automerge-paper";
/// The name of the session that is merged where no other trace is given.
pub(crate) const PAIR: &str = "pair";

/// Runs the program; `heap` is there if its allocator counts.
pub fn main(heap: Option<HeapMeter>) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match run(&arguments, heap) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::from(2)
        }
    }
}

/// Gives whether all that was measured was right.
fn run(arguments: &[OsString], heap: Option<HeapMeter>) -> Result<bool, String> {
    let (mut words, mut selection) = (Vec::new(), Selection::default());
    let mut rest = arguments.iter().map(|argument| argument.to_str().ok_or(USAGE));
    while let Some(argument) = rest.next().transpose()? {
        let mut value = || rest.next().unwrap_or(Err(USAGE));
        match argument {
            "--trace" => selection.files.push(value()?.to_owned()),
            "--engine" => selection.engines.push(engine(value()?)?),
            "--workload" => selection.workloads.push(workload(value()?)?),
            word if !word.starts_with('-') => words.push(word),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let is_whole = selection.engines.is_empty() && selection.workloads.is_empty();
    let files: Vec<&str> = selection.files.iter().map(String::as_str).collect();
    match (words.as_slice(), files.as_slice()) {
        ([], _) => suite::run(&selection),
        (&[name, work], []) if is_whole => cell(engine(name)?, workload(work)?, None, heap),
        (&[name, work], &[trace]) | (&[name, work, trace], []) if is_whole => {
            cell(engine(name)?, workload(work)?, Some(trace), heap)
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// The engine of that name.
fn engine(name: &str) -> Result<&'static dyn Engine, String> {
    let found = engines::ALL.iter().find(|engine| engine.name() == name).copied();
    found.ok_or_else(|| {
        format!(
            "there is no engine `{name}`; there are {}",
            engines::ALL.map(Engine::name).join(", ")
        )
    })
}

/// The workload of that name.
fn workload(name: &str) -> Result<Workload, String> {
    let names = || Workload::ALL.map(|(name, _)| name).join(", ");
    Workload::named(name)
        .ok_or_else(|| format!("there is no workload `{name}`; there are {}", names()))
}

/// Measures one cell and prints it.
fn cell(
    engine: &dyn Engine,
    workload: Workload,
    trace: Option<&str>,
    heap: Option<HeapMeter>,
) -> Result<bool, String> {
    if workload.measures_heap() && heap.is_none() {
        let mut program = Command::new(counting::program()?);
        let status = program.args([engine.name(), workload.name()]).args(trace).status();
        return Ok(status.map_err(|error| format!("the program that counts: {error}"))?.success());
    }
    let trace = match workload.takes() {
        Takes::Nothing => None,
        Takes::Linear => Some(find(trace.unwrap_or(PAPER))?),
        Takes::Concurrent => Some(find(trace.unwrap_or(PAIR))?),
    };
    if let Some(trace) = trace.as_ref().filter(|_| workload.takes() == Takes::Linear)
        && !trace.is_linear()
    {
        return Err(format!("`{}` has concurrent edits: merge it", trace.name));
    }
    let empty = Cell::of(engine, workload, trace.as_ref().map(|trace| trace.name.as_str()));
    let input = Input { trace, heap };
    let cell = match catch_unwind(AssertUnwindSafe(|| engine.run(workload, &input))) {
        Ok(outcome) => empty.filled(outcome),
        Err(_) => empty.failed("it panicked"),
    };
    println!("{}", cell.json());
    Ok(cell.ok != Some(false))
}

/// The trace of that name, or in that file.
pub(crate) fn find(trace: &str) -> Result<Trace, String> {
    match trace {
        PAPER => Trace::read(&paper()?),
        PAIR => Ok(Session::pair().trace()),
        file => Trace::read(Path::new(file)),
    }
}

/// Where the trace is that the package registry has; it is fetched if it is not there.
fn paper() -> Result<PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("../../target/traces/automerge-paper.json.gz");
    if !file.exists() {
        let script = here.join("../traces/fetch.py");
        let mut fetch = Command::new("python3");
        fetch.arg(&script).arg(&file).stdout(std::io::stderr());
        if !fetch.status().is_ok_and(|status| status.success()) {
            return Err(format!("{} did not fetch the trace", script.display()));
        }
    }
    Ok(file)
}
