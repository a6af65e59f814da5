//! A document looked at as it was, compared, forked, and brought back.
//!
//! `cargo run -p libsync-examples --bin history`

use std::error::Error;

use libsync::{Commit, DocumentId, Replica, ReplicaId, Unit};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"history-of-a-doc");
/// Noon of a day, in microseconds since 1970.
const NOON: i64 = 1_763_726_400_000_000;
const HOUR: i64 = 3_600_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut author = Replica::new(DOCUMENT, ReplicaId::from_name("author"));
    author.transact(Commit::new().at(NOON).message("Outline"), |author| {
        author.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
        author.insert_items("todos", 0, ["Sweep", "Cook", "Read"])
    })?;
    let outline = author.version().clone();
    author.transact(Commit::new().at(NOON + HOUR).message("Rewrite"), |author| {
        author.delete_text("notes", Unit::Scalar, 4, 1)?;
        author.insert_text("notes", Unit::Scalar, 4, " there, sailor")?;
        author.move_item("todos", 2, 0)?;
        author.delete_items("todos", 1, 1)
    })?;
    println!("now      {}", author.to_json());

    // What was when.
    for change in author.changes() {
        let message = change.commit.message.as_deref().unwrap_or("-");
        println!("change   {} of {} operations: {message}", change.id, change.len);
    }
    println!("outline  {}", author.at(&outline)?.to_json());
    println!("12:30    {}", author.at_time(NOON + HOUR / 2)?.to_json());
    println!("its text {}", author.text_at("notes", &outline)?);

    // What has changed since.
    let since = author.diff(&outline, author.version(), Unit::Scalar)?;
    for diff in &since.diffs {
        println!("diff     {}: {:?}", diff.path, diff.delta);
    }

    // Somebody goes on from the outline, as if nothing had come after it; later both are merged.
    let mut fork = author.fork_at(&outline, ReplicaId::from_name("fork"))?;
    fork.insert_items("todos", 3, ["Sing"])?;
    println!("fork     {}", fork.to_json());
    author.apply(&fork.export(author.version())?)?;
    fork.apply(&author.export(fork.version())?)?;
    println!("merged   {}", author.to_json());
    check(fork.to_json() == author.to_json(), "both show the same JSON")?;

    // And back again, as a change like any other.
    let merged = author.version().clone();
    author.revert_to(&outline, Commit::new().at(NOON + 2 * HOUR).message("As it was"))?;
    println!("reverted {}", author.to_json());
    check(author.to_json() == author.at(&outline)?.to_json(), "it shows what it showed")?;
    author.revert_to(&merged, Commit::new().message("No, forward"))?;
    check(author.to_json() == author.at(&merged)?.to_json(), "a revert can be reverted")?;
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
