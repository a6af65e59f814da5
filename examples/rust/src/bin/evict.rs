//! A phone is lost. It holds pruning back, until the others agree on what it wrote and go on without
//! it.
//!
//! `cargo run -p libsync-examples --bin evict`

use std::error::Error;

use libsync::{DocumentId, Replica, ReplicaId, Unit};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"eviction-of-a-ph");

fn main() -> Result<(), Box<dyn Error>> {
    let (laptop, phone) = (ReplicaId::from_name("laptop"), ReplicaId::from_name("phone"));
    let mut server = Replica::new(DOCUMENT, ReplicaId::from_name("server"));
    server.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
    server.join(laptop)?;
    server.join(phone)?;
    let mut laptop = Replica::load(&server.save(), laptop)?;
    let mut lost = Replica::load(&server.save(), phone)?;

    // The phone's last word reached the laptop alone; then it fell into the sea.
    lost.insert_text("notes", Unit::Scalar, 5, " Help")?;
    laptop.apply(&lost.export(laptop.version())?)?;
    lost.insert_text("notes", Unit::Scalar, 10, " me!")?;
    laptop.delete_text("notes", Unit::Scalar, 4, 1)?;

    // What was deleted can't be pruned while the phone may name it.
    exchange(&mut server, &mut laptop)?;
    acknowledge(&mut server, &mut laptop)?;
    let report = server.prune();
    println!("nodes pruned: {}, held back by {:?}", report.nodes, report.held_back_by[0].member);

    // The server decides. The laptop has all of the phone's that any of them has.
    server.evict(phone)?;
    exchange(&mut server, &mut laptop)?;
    acknowledge(&mut server, &mut laptop)?;
    for replica in [&mut server, &mut laptop] {
        let evicted = replica.next_evicted().ok_or("it takes effect")?;
        println!("{} sees {} operations of {}", replica.id(), evicted.operations, evicted.replica);
    }
    acknowledge(&mut server, &mut laptop)?;
    println!("nodes pruned: {}, notes: {}", server.prune().nodes, server.text("notes")?);

    // A diver finds the phone. What it has not sent comes too late; it goes on under another id.
    let error = server.apply(&lost.export(laptop.version())?).err().ok_or("it is refused")?;
    println!("{error}");
    check(server.to_json() == laptop.to_json(), "both show the same JSON")
}

fn exchange(a: &mut Replica, b: &mut Replica) -> Result<(), Box<dyn Error>> {
    b.apply(&a.export(b.version())?)?;
    a.apply(&b.export(a.version())?)?;
    Ok(())
}

fn acknowledge(a: &mut Replica, b: &mut Replica) -> Result<(), Box<dyn Error>> {
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge())?;
        a.apply_acknowledgement(&b.acknowledge())?;
    }
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
