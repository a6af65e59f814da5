//! The whole table: every cell in a process of its own, so that none finds the memory as another
//! left it, and none ends the run.

use std::io::Read;
use std::path::{Path, PathBuf};
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
const LIMIT: Duration = Duration::from_secs(900);

/// Measures everything, and writes the table and the chart. Gives whether all that was measured was
/// right.
pub(crate) fn run(files: &[PathBuf]) -> Result<bool, String> {
    let this = env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let counting = counting::program()?;
    let (mut linear, mut concurrent) = (vec![named(PAPER)?], vec![named(PAIR)?]);
    for file in files {
        let trace = named(file.to_str().ok_or("a trace's path has to be UTF-8")?)?;
        let traces = if trace.is_linear { &mut linear } else { &mut concurrent };
        if traces.iter().all(|known| known.name != trace.name) {
            traces.push(trace);
        }
    }
    let mut cells = Vec::new();
    for (_, workload) in Workload::ALL {
        let program = if workload.measures_heap() { &counting } else { &this };
        let traces: Vec<Option<&Named>> = match workload.takes() {
            Takes::Linear => linear.iter().map(Some).collect(),
            Takes::Concurrent => concurrent.iter().map(Some).collect(),
            Takes::Nothing => vec![None],
        };
        for trace in traces {
            for engine in engines::ALL {
                let cell = measure(program, engine, workload, trace)?;
                println!("{}", cell.json());
                cells.push(cell);
            }
        }
    }
    let rows = Row::all(&cells);
    print!("\n{}", table::plain(&rows));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    write(&docs.join("benchmarks.md"), &page::page(&rows, &cells))?;
    write(&docs.join("assets/benchmarks.svg"), &chart::svg(&rows))?;
    Ok(cells.iter().all(|cell| cell.ok != Some(false)))
}

/// A trace as it is named to the processes that measure.
struct Named {
    argument: String,
    name: String,
    is_linear: bool,
}

fn named(argument: &str) -> Result<Named, String> {
    let trace = find(argument)?;
    let is_linear = trace.is_linear();
    Ok(Named { argument: argument.to_owned(), name: trace.name, is_linear })
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
    let failed = |error| format!("{}: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, content).map_err(failed)
}
