//! A program that only knows a JSON file, beside one that edits: the file is imported as the edits that
//! its author must have made, and both keep what the other did.
//!
//! `cargo run -p libsync-examples --bin json_file`

use std::error::Error;

use libsync::{DocumentId, ImportOptions, Path, Replica, ReplicaId, Unit};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"a-json-file-here");

fn main() -> Result<(), Box<dyn Error>> {
    // Strings under `body` are for people to edit together; all others are replaced as a whole.
    let is_body = |path: &Path, _: &str| path.segments().last() == Some(&"body".into());
    let options = ImportOptions::new().texts_where(&is_body);

    let mut app = Replica::new(DOCUMENT, ReplicaId::from_name("app"));
    let file =
        r#"{"notes":[{"id":1,"body":"Buy milk"},{"id":2,"body":"Call Ann"}],"tags":["home"]}"#;
    app.import_json("", file, options)?;
    let mut script = Replica::new(DOCUMENT, ReplicaId::from_name("script"));
    script.apply(&app.export(script.version())?)?;

    // The script loads the file, moves a note, changes a word and a tag, and writes the file.
    let file = r#"{"notes":[{"id":2,"body":"Call Ann today"},{"id":1,"body":"Buy milk"}],"tags":["work"]}"#;
    let report = script.import_json("", file, options)?;
    println!("the file says {report:?}");
    check(report.moved_items == 1 && report.inserted_characters == 6, "it is few edits")?;
    check(script.import_json("", file, options)?.is_empty(), "the second time it is none")?;

    // Meanwhile somebody types, in the note that was moved, too.
    let shown = app.subscribe("", Unit::Scalar)?;
    app.insert_text("notes.0.body", Unit::Scalar, 4, "oat ")?;
    app.insert_text("notes.1.body", Unit::Scalar, 0, "Please: ")?;
    while app.next_event(shown)?.is_some() {}

    // The app shows what comes from the script by a JSON Patch.
    let before = app.to_json();
    app.apply(&script.export(app.version())?)?;
    let event = app.next_event(shown)?.ok_or("a frame came")?;
    let patch = app.event_to_json_patch(&event)?;
    println!("the app gets  {patch}");
    let mut view = Replica::new(DocumentId::from_bytes([0; 16]), ReplicaId::from_name("view"));
    view.import_json("", &before, ImportOptions::new())?;
    view.apply_json_patch("", &patch, ImportOptions::new())?;

    script.apply(&app.export(script.version())?)?;
    for (name, replica) in [("app   ", &app), ("script", &script), ("view  ", &view)] {
        println!("{name}        {}", replica.to_json());
    }
    check(app.to_json() == script.to_json(), "both show the same JSON")?;
    check(app.to_json() == view.to_json(), "and so does who saw the patch alone")?;
    check(app.text("notes.0.body")? == "Please: Call Ann today", "both edits are in the note")?;
    check(app.text("notes.1.body")? == "Buy oat milk", "an edit followed the note")
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
