//! An editor's undo, while another one edits the same text.
//!
//! `cargo run -p libsync-examples --bin undo`

use std::error::Error;

use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId, UndoOptions, Unit};

const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"undo-example-doc");

fn main() -> Result<(), Box<dyn Error>> {
    let mut ada = Replica::new(DOCUMENT, ReplicaId::from_name("ada"));
    let mut ben = Replica::new(DOCUMENT, ReplicaId::from_name("ben"));
    ada.enable_undo(UndoOptions::default())?;

    // Keystrokes that follow each other soon are one item; the host tells the time.
    for (nth, letter) in "The sea is calm".chars().enumerate() {
        ada.set_undo_time(Some(nth as i64 * 120_000))?;
        ada.insert_text("line", Unit::Scalar, nth, &letter.to_string())?;
    }
    // A transaction is one, too, and its message is for the menu. The selection goes with it.
    ada.transact(Commit::new().message("Shout"), |ada| {
        ada.delete_text("line", Unit::Scalar, 11, 4)?;
        ada.insert_text("line", Unit::Scalar, 11, "WILD")?;
        ada.set("style.bold", true)?;
        Ok::<(), EditError>(())
    })?;
    ada.set_undo_metadata(b"11..15".to_vec())?;
    exchange(&mut ada, &mut ben)?;

    ben.insert_text("line", Unit::Scalar, 4, "grey ")?;
    exchange(&mut ada, &mut ben)?;
    println!("together      {}", ada.to_json());
    for item in ada.undo_items() {
        println!("can be undone {}", item.message.as_deref().unwrap_or("Typing"));
    }

    let undone = ada.undo()?;
    println!("undone        {}", ada.to_json());
    check(ada.text("line")? == "The grey sea is calm", "the other's word stays")?;
    check(undone.item.metadata == b"11..15", "the selection is back")?;
    ada.undo()?;
    println!("undone        {}", ada.to_json());
    check(ada.text("line")? == "grey ", "nothing but the other's word is left")?;
    ada.redo()?;
    ada.redo()?;
    println!("redone        {}", ada.to_json());
    exchange(&mut ada, &mut ben)?;
    check(ada.to_json() == ben.to_json(), "both show the same")
}

fn exchange(left: &mut Replica, right: &mut Replica) -> Result<(), Box<dyn Error>> {
    right.apply(&left.export(right.version())?)?;
    left.apply(&right.export(left.version())?)?;
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
