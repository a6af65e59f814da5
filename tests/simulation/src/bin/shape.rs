//! Makes one adversarial shape: `shape NAME [N]`, with its full size if no `N` is given. Without
//! arguments it lists the names.

use std::process::ExitCode;

use clap::Parser;
use libsync_simulation::shapes::SHAPES;

/// Makes one adversarial shape, for its cost to be measured.
#[derive(Parser)]
struct Arguments {
    /// Which; all are listed if none is named.
    name: Option<String>,
    /// How many edits; by default those of the full size.
    edits: Option<usize>,
}

fn main() -> ExitCode {
    let Arguments { name, edits } = Arguments::parse();
    let Some(name) = name else {
        SHAPES.iter().for_each(|shape| println!("{} {} {}", shape.name, shape.small, shape.full));
        return ExitCode::SUCCESS;
    };
    let Some(shape) = SHAPES.iter().find(|shape| shape.name == name) else {
        eprintln!("there is no shape {name}");
        return ExitCode::from(2);
    };
    (shape.make)(edits.unwrap_or(shape.full));
    ExitCode::SUCCESS
}
