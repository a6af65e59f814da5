//! A laptop that nobody waited for comes back with edits, after the others have pruned.
//!
//! `cargo run -p libsync-examples --bin rescue`

use std::error::Error;

use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId, RescueOutcome, Unit};

const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"rescue-example-d");

fn main() -> Result<(), Box<dyn Error>> {
    let mut server = Replica::new(DOCUMENT, ReplicaId::from_name("server"));
    server.insert_text("story", Unit::Scalar, 0, "It was a dark and stormy night.")?;
    server.set("notes.mood", "gloomy")?;
    // A copy that the server does not know of: pruning does not wait for it.
    let mut laptop = Replica::load(&server.save(), ReplicaId::from_name("laptop"))?;

    laptop.transact(Commit::new().message("On the train"), |laptop| {
        laptop.insert_text("story", Unit::Scalar, 30, ", and the rain fell")?;
        laptop.insert_text("story", Unit::Scalar, 13, " (very dark)")?;
        laptop.set("notes.mood", "wet")?;
        laptop.set("title", "Paul Clifford")?;
        Ok::<(), EditError>(())
    })?;

    server.delete_text("story", Unit::Scalar, 7, 23)?;
    server.insert_text("story", Unit::Scalar, 7, "spring")?;
    server.remove("notes")?;
    server.prune();
    println!("server   {}", server.to_json());

    let sent = laptop.export(server.version())?;
    let refused = server.apply(&sent).err().ok_or("it names what is pruned")?;
    println!("refused  {refused}");

    // The server makes a new id a member, and hands over a snapshot for it.
    let id = ReplicaId::from_name("laptop, the second");
    server.join(id)?;
    let rescued = laptop.rescue(&server.save(), id)?;
    for edit in &rescued.report.edits {
        match &edit.outcome {
            RescueOutcome::Applied { .. } => println!("applied  {}", edit.path),
            RescueOutcome::Moved { .. } => println!("moved    {}", edit.path),
            RescueOutcome::Offered(offer) => println!("offered  {}: {offer:?}", edit.path),
            _ => {}
        }
    }
    let mut laptop = rescued.replica;
    server.apply(&laptop.export(server.version())?)?;
    println!("together {}", server.to_json());
    let all = rescued.report.applied + rescued.report.moved + rescued.report.offered;
    check(all == rescued.report.edits.len(), "every edit is accounted for")?;
    check(server.to_json() == laptop.to_json(), "both show the same")?;
    check(server.text("story")?.contains("(very dark)"), "what was typed is there")
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
