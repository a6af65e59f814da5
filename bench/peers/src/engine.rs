//! What an engine has to do to be measured.
//!
//! Everything that an engine can't do is missing from its types, so no workload can measure a
//! pretence: [`Engine::run`] says why instead.

use std::collections::BTreeMap;

use crate::cell::Outcome;
use crate::trace::{Edit, Unit};
use crate::workloads::{Input, Workload};

/// An engine as the table lists it.
pub(crate) trait Engine {
    /// Its name here.
    fn name(&self) -> &'static str;
    /// Its package, from which the version is known.
    fn package(&self) -> &'static str;
    /// What it keeps of what was typed, for the reader of the table.
    fn keeps(&self) -> &'static str;
    /// Whether what it saves has all that was ever typed in it.
    fn saves_history(&self) -> bool {
        true
    }
    /// Measures a workload.
    fn run(&self, workload: Workload, input: &Input) -> Outcome;
}

/// A text document with one author, who is one of many.
pub(crate) trait Text: Sized {
    /// In what it counts.
    const UNIT: Unit;
    /// How many operations the live hub receives: fewer from an engine that takes longer for each
    /// the more there were.
    const HUB_OPERATIONS: usize = 100_000;

    /// An empty document, which `replica` writes to. Replicas have small numbers, from 1 on, in
    /// all engines: some encode these in fewer bytes than the random ones of real life.
    fn new(replica: u64) -> Self;
    /// Makes an edit, as a change of its own; it is kept so that it can be sent later, if the
    /// engine has a log.
    fn edit(&mut self, edit: &Edit);
    /// Makes edits, in one transaction if that costs the engine less.
    fn edit_all(&mut self, edits: &[Edit]) {
        edits.iter().for_each(|edit| self.edit(edit));
    }
    /// Makes edits and encodes them as one update, as they would be sent to all others at once.
    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8>;
    /// Takes what `sender` sent; the text is up to date afterwards. The updates of a sender come in
    /// the order in which they were made, none twice, none left out, as over a connection; they are
    /// not alone, so an engine may rely on those before.
    fn apply(&mut self, update: &[u8], sender: usize);
    /// Takes several updates, in the way that costs least. Never measured.
    fn apply_all(&mut self, updates: &[(usize, &[u8])]) {
        updates.iter().for_each(|&(sender, update)| self.apply(update, sender));
    }
    /// The whole text.
    fn text(&self) -> String;
    /// The document with all that the engine keeps, in its usual form.
    fn save(&mut self) -> Vec<u8>;
    /// Loads what was saved, to be edited by `replica`.
    fn load(bytes: &[u8], replica: u64) -> Self;
    /// The same without any compression of the engine's own, for a host that compresses it.
    fn save_plain(&mut self) -> Vec<u8> {
        self.save()
    }
    /// The same in as few bytes as the engine makes of it; deflated by the host, if the engine does
    /// not compress.
    fn save_compressed(&mut self) -> Vec<u8>;
    /// Loads what was saved that way.
    fn load_compressed(bytes: &[u8], replica: u64) -> Self;
    /// The same document once more, if the engine can copy one as it is. Never measured.
    fn copy(&self) -> Option<Self>;
}

/// A text whose whole history can be sent at once.
pub(crate) trait History: Text {
    /// All changes as one update, in its usual form.
    fn export(&mut self) -> Vec<u8>;
    /// A new replica that has received all changes.
    fn receive(history: &[u8], replica: u64) -> Self;
    /// The same in as few bytes as the engine makes of it, if it has another form for that.
    fn export_compressed(&mut self) -> Vec<u8> {
        self.export()
    }
    /// A new replica that has received all changes in that form.
    fn receive_compressed(history: &[u8], replica: u64) -> Self {
        Self::receive(history, replica)
    }
}

/// A text whose history can be dropped.
pub(crate) trait State: Text {
    /// Does what has to be done among replicas before history may go. Never measured.
    fn settle(&mut self) {}
    /// The document without what can be dropped, in its usual form.
    fn save_state(&mut self) -> Vec<u8>;
    /// The same in as few bytes as the engine makes of it; deflated by the host, if the engine does
    /// not compress.
    fn save_state_compressed(&mut self) -> Vec<u8>;
    /// The same document, and all that can be dropped is.
    fn trimmed(self) -> Self;
}

/// A map of numbers that replicas share.
pub(crate) trait Map: Sized {
    /// An empty map, which `replica` writes to.
    fn new(replica: u64) -> Self;
    /// Assigns to a key and encodes the change as it would be sent to all others at once.
    fn set_and_encode(&mut self, key: &str, value: i64) -> Vec<u8>;
    /// Takes what `sender` sent, as [`Text::apply`] does.
    fn apply(&mut self, update: &[u8], sender: usize);
    /// All keys and their values.
    fn entries(&self) -> BTreeMap<String, i64>;
    /// The document with all that the engine keeps.
    fn save(&mut self) -> Vec<u8>;
    /// Loads what was saved, to be edited by `replica`.
    fn load(bytes: &[u8], replica: u64) -> Self;
}
