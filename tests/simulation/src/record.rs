//! Runs as data, for hosts in other languages to replay.

use crate::run::Run;
use crate::world::DOCUMENT;

/// The version of both forms.
const VERSION: u32 = 1;

/// How a run is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A JSON object on each line.
    Json,
    /// Words on each line.
    Plain,
}

/// All that was done in a run, a step a line, behind a header.
pub fn record(run: &Run, form: Form) -> String {
    let Run { program, seed, steps, .. } = run;
    let mut lines = match form {
        Form::Json => serde_json::json!({
            "libsync-simulation": VERSION,
            "program": program.name,
            "seed": seed,
            "document": DOCUMENT.to_string(),
        })
        .to_string(),
        Form::Plain => {
            format!("libsync-simulation {VERSION} {} {seed} {DOCUMENT}", program.name)
        }
    };
    for step in steps {
        lines.push('\n');
        lines.push_str(&match form {
            Form::Json => step.to_json(),
            Form::Plain => step.to_plain(),
        });
    }
    lines.push('\n');
    lines
}
