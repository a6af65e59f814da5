//! Two editors type in one text, and see each other's carets; then one of them crashes.
//!
//! `cargo run -p libsync-examples --bin presence`

use std::error::Error;

use libsync::{
    DocumentId, Lean, Presence, PresenceEvent, PresenceOptions, PresenceState, Replica, ReplicaId,
    Unit,
};

/// Drawn once when the document is born; here written down, so that every run prints the same.
const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"presence-example");
/// A second, in microseconds.
const SECOND: i64 = 1_000_000;
/// What is counted in a text.
const UNIT: Unit = Unit::Scalar;

/// A program with the document open.
struct Editor {
    name: &'static str,
    replica: Replica,
    presence: Presence,
    caret: usize,
}

impl Editor {
    /// The session is when the program was started: a later one is greater.
    fn start(name: &'static str, replica: Replica, session: u64) -> Self {
        let presence = Presence::new(&replica, session, PresenceOptions::default());
        Self { name, replica, presence, caret: 0 }
    }

    /// Types where the caret is; gives what others are to get: a change, and where the caret is now.
    fn type_text(&mut self, text: &str, now: i64) -> Result<[Vec<u8>; 2], Box<dyn Error>> {
        let before = self.replica.version().clone();
        self.replica.insert_text("notes", UNIT, self.caret, text)?;
        self.caret += text.chars().count();
        Ok([self.replica.export(&before)?, self.say(now)?])
    }

    fn say(&mut self, now: i64) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut state = PresenceState::named(self.name);
        state.cursor = Some(self.replica.cursor("notes", UNIT, self.caret, Lean::Left)?);
        state.at = Some(self.replica.line_column("notes", UNIT, self.caret)?);
        Ok(self.presence.set(state, now)?)
    }

    /// Takes a change of somebody else. The own caret stays beside what it was beside.
    fn apply(&mut self, frame: &[u8]) -> Result<(), Box<dyn Error>> {
        let caret = self.replica.cursor("notes", UNIT, self.caret, Lean::Left)?;
        self.replica.apply(frame)?;
        self.caret = self.replica.resolve(&caret, UNIT)?.position;
        Ok(())
    }

    /// Prints the text with the carets of all others in it.
    fn show(&self, now: i64) -> Result<String, Box<dyn Error>> {
        let mut text: Vec<char> = self.replica.text("notes")?.chars().collect();
        let mut carets = Vec::new();
        for (_, state) in self.presence.peers(now) {
            let Some(cursor) = &state.cursor else { continue };
            let position = self.replica.resolve(cursor, UNIT)?.position;
            carets.push((position, state.name.clone().unwrap_or_default()));
        }
        carets.sort();
        for (position, name) in carets.into_iter().rev() {
            text.splice(position..position, format!("[{name}]").chars());
        }
        let shown: String = text.into_iter().collect();
        println!("{:>4} s  {} sees {shown:?}", now / SECOND, self.name);
        Ok(shown)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut replica = Replica::new(DOCUMENT, ReplicaId::from_name("ada"));
    replica.insert_text("notes", UNIT, 0, "Dear all,\n\nYours")?;
    replica.join(ReplicaId::from_name("bob"))?;
    let saved = replica.save();
    let mut ada = Editor::start("Ada", replica, 1);
    let mut bob = Editor::start("Bob", Replica::load(&saved, ReplicaId::from_name("bob"))?, 1);
    let mut now = 0;

    // Each says where it is, and hears of the other.
    ada.caret = 5;
    bob.caret = 10;
    let (from_ada, from_bob) = (ada.say(now)?, bob.say(now)?);
    let heard = bob.presence.apply(&from_ada, now)?;
    check(heard == Some(PresenceEvent::Joined(ada.replica.id())), "Bob hears of Ada")?;
    ada.presence.apply(&from_bob, now)?;
    check(ada.show(now)? == "Dear all,\n[Bob]\nYours", "Ada sees where Bob is")?;

    // Both type at once. Carets stay beside what they were beside.
    now += SECOND;
    let from_ada = ada.type_text("Bob and ", now)?;
    let from_bob = bob.type_text("how are you?", now)?;
    deliver(&mut bob, &from_ada, now)?;
    deliver(&mut ada, &from_bob, now)?;
    check(bob.show(now)? == "Dear Bob and [Ada]all,\nhow are you?\nYours", "Bob sees Ada")?;
    check(ada.show(now)? == "Dear Bob and all,\nhow are you?[Bob]\nYours", "Ada sees Bob")?;
    let at = ada.presence.peer(bob.replica.id(), now).and_then(|state| state.at);
    println!("         Bob is at {}, as he sees it", at.ok_or("Bob says where he is")?);

    // Bob's program crashes. While Ada's goes on, he is missed, and then gone.
    let (bob_id, saved) = (bob.replica.id(), bob.replica.save());
    let last_words = bob.say(now)?;
    drop(bob);
    let gone = loop {
        now += SECOND;
        ada.presence.heartbeat(now);
        let gone = ada.presence.expire(now);
        if !gone.is_empty() {
            break gone;
        }
    };
    println!("{:>4} s  Bob is gone", now / SECOND);
    check(gone == [bob_id] && now == 31 * SECOND, "he is gone after 30 seconds")?;
    // What she heard of him before does not bring him back, however often it comes.
    ada.presence.apply(&from_bob[1], now)?;
    check(ada.show(now)? == "Dear Bob and all,\nhow are you?\nYours", "there are no ghosts")?;

    // He starts again, in a later session.
    let mut bob = Editor::start("Bob", Replica::load(&saved, bob_id)?, 2);
    bob.caret = 0;
    let heard = ada.presence.apply(&bob.say(now)?, now)?;
    check(heard == Some(PresenceEvent::Joined(bob_id)), "he is back")?;
    check(ada.presence.apply(&last_words, now)?.is_none(), "what he said before is past")?;
    check(ada.show(now)? == "[Bob]Dear Bob and all,\nhow are you?\nYours", "where he is now")?;

    // Ada closes the document.
    let goodbye = ada.presence.clear(now).ok_or("she was there")?;
    bob.presence.apply(&goodbye, now)?;
    check(bob.presence.peers(now).count() == 0, "Bob is alone")
}

fn deliver(to: &mut Editor, [change, said]: &[Vec<u8>; 2], now: i64) -> Result<(), Box<dyn Error>> {
    to.apply(change)?;
    to.presence.apply(said, now)?;
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
