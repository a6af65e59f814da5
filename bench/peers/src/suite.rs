//! The whole table: every cell in a process of its own, so that none finds the memory as another
//! left it, and none ends the run.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::cell::Cell;
use crate::command::{PAIR, PAPER, find};
use crate::engine::Engine;
use crate::report::{Row, chart, page, table};
use crate::workloads::{Takes, Workload};
use crate::{counting, engines};

/// How long a cell may take, preparations included.
const LIMIT: Duration = Duration::from_secs(180);

/// What is measured.
#[derive(Default)]
pub(crate) struct Selection {
    /// Traces, besides those that are always there.
    pub(crate) files: Vec<String>,
    /// None: all engines.
    pub(crate) engines: Vec<&'static dyn Engine>,
    /// None: all workloads.
    pub(crate) workloads: Vec<Workload>,
}

/// Measures what is selected, and writes the table, the page and the chart. Gives whether all that
/// was measured was right.
pub(crate) fn run(selection: &Selection) -> Result<bool, String> {
    let this = env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let counting = counting::program()?;
    let traces = selection.traces()?;
    let mut measured = Vec::new();
    for (_, workload) in Workload::ALL {
        if !selection.workloads.is_empty() && !selection.workloads.contains(&workload) {
            continue;
        }
        let program = if workload.measures_heap() { &counting } else { &this };
        for trace in traces.iter().map(Some).chain([None]) {
            if !trace.map_or(workload.takes() == Takes::Nothing, |trace| trace.is_for(workload)) {
                continue;
            }
            for engine in selection.engines() {
                let cell = measure(program, engine, workload, trace)?;
                println!("{}", cell.json());
                measured.push(cell);
            }
        }
    }
    let right = measured.iter().all(|cell| cell.ok != Some(false));
    report(measured, selection)?;
    Ok(right)
}

/// Writes the cells, those that were not measured now taken from the last run; the table, the page
/// and the chart.
fn report(measured: Vec<Cell>, selection: &Selection) -> Result<(), String> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let file = docs.join("benchmarks.jsonl");
    let mut cells = measured;
    if !selection.is_all() {
        let before = fs::read_to_string(&file).unwrap_or_default();
        let before = before.lines().filter_map(|line| serde_json::from_str::<Cell>(line).ok());
        for cell in before.filter(Cell::is_current) {
            if cells.iter().all(|measured| !measured.is_of(&cell)) {
                cells.push(cell);
            }
        }
    }
    cells.sort_by_cached_key(Cell::place);
    let rows = Row::all(&cells);
    print!("\n{}", table::plain(&rows));
    let lines: String = cells.iter().map(|cell| cell.json() + "\n").collect();
    write(&file, &lines)?;
    write(&docs.join("benchmarks.md"), &page::page(&rows, &cells, selection.is_all()))?;
    write(&docs.join("benchmarks.svg"), &chart::svg(&rows))
}

impl Selection {
    /// Whether no cell is left to the last run.
    fn is_all(&self) -> bool {
        self.engines.is_empty() && self.workloads.is_empty()
    }

    fn engines(&self) -> Vec<&'static dyn Engine> {
        if self.engines.is_empty() { engines::ALL.to_vec() } else { self.engines.clone() }
    }

    /// The traces, without their contents, in the order of the table.
    fn traces(&self) -> Result<Vec<Named>, String> {
        let mut traces = vec![named(PAPER)?];
        for file in &self.files {
            let trace = named(file)?;
            if traces.iter().all(|known| known.name != trace.name) {
                traces.push(trace);
            }
        }
        if traces.iter().all(|trace| trace.is_linear) {
            traces.push(named(PAIR)?);
        }
        Ok(traces)
    }
}

/// A trace as it is named to the processes that measure.
struct Named {
    argument: String,
    name: String,
    is_linear: bool,
    transactions: usize,
}

impl Named {
    /// Whether the workload is measured with it.
    fn is_for(&self, workload: Workload) -> bool {
        let takes = if self.is_linear { Takes::Linear } else { Takes::Concurrent };
        workload.takes() == takes
            && (self.name == PAPER || workload.is_for_any_trace(self.transactions))
    }
}

fn named(argument: &str) -> Result<Named, String> {
    let trace = find(argument)?;
    let (is_linear, transactions) = (trace.is_linear(), trace.transactions.len());
    Ok(Named { argument: argument.to_owned(), name: trace.name, is_linear, transactions })
}

fn measure(
    program: &Path,
    engine: &dyn Engine,
    workload: Workload,
    trace: Option<&Named>,
) -> Result<Cell, String> {
    let failed = |error| format!("{}: {error}", program.display());
    let empty = Cell::of(engine, workload, trace.map(|trace| trace.name.as_str()));
    eprintln!("==> {} {} {}", empty.workload, empty.trace, empty.engine);
    let mut command = Command::new(program);
    command.args([engine.name(), workload.name()]);
    command.args(trace.map(|trace| &trace.argument));
    let mut process = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let started = Instant::now();
    while process.try_wait().map_err(failed)?.is_none() {
        if started.elapsed() > LIMIT {
            process.kill().map_err(failed)?;
            process.wait().map_err(failed)?;
            let reason = format!("not done after {} minutes", LIMIT.as_secs() / 60);
            return Ok(Cell { note: Some(format!("n/a: {reason}")), ..empty });
        }
        sleep(Duration::from_millis(50));
    }
    let mut line = String::new();
    let mut output = process.stdout.take().ok_or("the output was taken already")?;
    output.read_to_string(&mut line).map_err(failed)?;
    Ok(serde_json::from_str(&line).unwrap_or_else(|_| empty.failed("it ended without a result")))
}

fn write(file: &Path, content: &str) -> Result<(), String> {
    fs::write(file, content).map_err(|error| format!("{}: {error}", file.display()))
}
