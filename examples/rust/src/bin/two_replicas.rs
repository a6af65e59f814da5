//! Two replicas edit one document without seeing each other, exchange bytes, and agree.
//!
//! `cargo run -p libsync-examples`

use std::error::Error;

use libsync::{DocumentId, Replica, ReplicaId, Unit};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"two-replicas-doc");

fn main() -> Result<(), Box<dyn Error>> {
    let mut laptop = Replica::new(DOCUMENT, ReplicaId::from_name("laptop"));
    let mut phone = Replica::new(DOCUMENT, ReplicaId::from_name("phone"));

    // The laptop starts the document, and makes the phone a member before handing it over.
    laptop.insert_text("notes", Unit::Scalar, 0, "Buy milk and old bread")?;
    laptop.join(phone.id())?;
    exchange(&mut laptop, &mut phone)?;

    // Offline, both create `user.profile`, each with another key, and edit the same line.
    laptop.set("user.profile.bio", "Writes compilers")?;
    laptop.delete_text("notes", Unit::Scalar, 13, 4)?;
    phone.set("user.profile.avatar", "cat.png")?;
    phone.insert_text("notes", Unit::Scalar, 8, ", eggs")?;
    println!("laptop alone  {}", laptop.to_json());
    println!("phone alone   {}", phone.to_json());

    let bytes = exchange(&mut laptop, &mut phone)?;
    println!("{bytes} bytes exchanged");
    println!("laptop        {}", laptop.to_json());
    println!("phone         {}", phone.to_json());
    check(laptop.to_json() == phone.to_json(), "both show the same JSON")?;
    check(laptop.text("notes")? == "Buy milk, eggs and bread", "both edits of the text are there")?;
    check(laptop.keys("user.profile")?.len() == 2, "they share one profile")?;

    // The first round says what each has seen; the second, that each knows the other has too.
    for _ in 0..2 {
        let (from_laptop, from_phone) = (laptop.acknowledge(), phone.acknowledge());
        laptop.apply_acknowledgement(&from_phone)?;
        phone.apply_acknowledgement(&from_laptop)?;
    }
    let before = laptop.to_json();
    for (name, replica) in [("laptop", &mut laptop), ("phone", &mut phone)] {
        let report = replica.prune();
        println!(
            "{name} pruned {} tombstones, {} changes, {} bytes",
            report.nodes, report.changes, report.bytes
        );
        check(report.nodes > 0, "what was deleted is reclaimed")?;
        check(report.held_back_by.is_empty(), "nobody holds pruning back")?;
        check(replica.to_json() == before, "pruning shows in nothing but memory")?;
    }
    Ok(())
}

/// Each sends the other what it lacks; returns how many bytes went over.
fn exchange(left: &mut Replica, right: &mut Replica) -> Result<usize, Box<dyn Error>> {
    let to_right = left.export(right.version())?;
    let to_left = right.export(left.version())?;
    left.apply(&to_left)?;
    right.apply(&to_right)?;
    Ok(to_left.len() + to_right.len())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
