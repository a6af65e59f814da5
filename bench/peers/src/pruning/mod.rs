//! The figures of pruning, as lines of JSON; and as a table and a plot.

mod cost;
mod instructions;
mod line;
mod plot;
mod table;
mod trim;
mod year;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use crate::engine::Engine;
use crate::engines;
use crate::measure::HeapMeter;

use line::Line;

const USAGE: &str = "\
usage: pruning            all figures, each a line of JSON; a table of them on the standard error,
                          and the plot of the year in docs/assets
       pruning CELL...    the figures of these cells alone";

/// Runs the program.
pub fn main(heap: HeapMeter) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = if arguments.is_empty() {
        all()
    } else {
        arguments.iter().try_fold(true, |right, name| Ok(right & cell(name, heap)?))
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pruning: {error}");
            ExitCode::from(2)
        }
    }
}

/// The cells, in the order of the table.
fn cells() -> Vec<String> {
    let trims = engines::ALL.iter().map(|engine| format!("trim-{}", engine.name()));
    let others =
        ["year", "year-unevicted", "year-yrs", "cost", "pause", "pause-by-hand", "instructions"];
    trims.chain(others.map(str::to_owned)).collect()
}

/// Measures a cell in this process; gives whether the engine ended with what it had to.
fn cell(name: &str, heap: HeapMeter) -> Result<bool, String> {
    let engine = name.strip_prefix("trim-").and_then(|name| {
        engines::ALL.iter().copied().find(|engine: &&dyn Engine| engine.name() == name)
    });
    match (name, engine) {
        (_, Some(engine)) => Ok(trim::run(engine, heap)),
        ("year", _) => Ok(year::libsync(true, heap)),
        ("year-unevicted", _) => Ok(year::libsync(false, heap)),
        ("year-yrs", _) => Ok(year::yrs(heap)),
        ("cost", _) => Ok(cost::cost()),
        ("pause", _) => Ok(cost::pause()),
        ("pause-by-hand", _) => Ok(cost::pause_by_hand()),
        ("instructions", _) => instructions::run(),
        _ => Err(USAGE.to_owned()),
    }
}

/// Measures every cell in a process of its own, so that none finds the memory as another left it.
fn all() -> Result<bool, String> {
    let this = env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let (mut lines, mut right) = (Vec::new(), true);
    for name in cells() {
        eprintln!("==> {name}");
        let failed = |error| format!("{name}: {error}");
        let mut process =
            Command::new(&this).arg(&name).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let output = process.stdout.take().ok_or("the output was taken already")?;
        for line in BufReader::new(output).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            let read: Result<Line, _> = serde_json::from_str(&line);
            lines.push(read.map_err(|error| format!("{name}: {error}"))?);
        }
        let status = process.wait().map_err(failed)?;
        if !status.success() {
            eprintln!("{name}: it ended wrong");
            right = false;
        }
    }
    let plot = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/assets/pruning-year.svg");
    fs::write(&plot, plot::svg(&lines)).map_err(|error| format!("{}: {error}", plot.display()))?;
    eprint!("\n{}", table::markdown(&lines));
    Ok(right)
}
