//! Live sessions: several writers type at once, and what each types reaches the others later.
//!
//! Each writer has a line of its own, so that all engines end with the same text, whatever they do
//! with insertions at one place.

use crate::command::PAIR;
use crate::random::Random;
use crate::trace::{Edit, Trace, Transaction};

/// Who types, and how much.
pub(crate) struct Session {
    name: &'static str,
    writers: usize,
    /// How many characters are typed or deleted, all writers together.
    operations: usize,
    /// After so many rounds all writers pause until everyone has everything.
    quiet_every: Option<usize>,
}

/// What one writer has typed.
struct Line {
    text: Vec<char>,
    cursor: usize,
    /// How long the line was after each round.
    lengths: Vec<usize>,
}

impl Session {
    /// Two writers, who have seen everything of each other in every twentieth round.
    pub(crate) fn pair() -> Self {
        Self { name: PAIR, writers: 2, operations: 10_000, quiet_every: Some(20) }
    }

    /// So many operations of 32 writers who never pause.
    pub(crate) fn hub(operations: usize) -> Self {
        Self { name: "hub", writers: 32, operations, quiet_every: None }
    }

    /// The session as a trace. Its first transaction makes the lines; then, round after round,
    /// every writer types or deletes one character. A round is seen by the others after the next
    /// one, so each operation is concurrent with those of two rounds; unless all were quiet.
    pub(crate) fn trace(&self) -> Trace {
        let mut random = Random::new(32);
        let line = || Line { text: Vec::new(), cursor: 0, lengths: vec![0] };
        let mut lines: Vec<Line> = (0..self.writers).map(|_| line()).collect();
        let newlines = "\n".repeat(self.writers);
        let mut transactions = vec![Transaction {
            agent: 0,
            parents: Vec::new(),
            edits: vec![Edit { position: 0, deleted: 0, inserted: newlines }],
        }];
        let rounds = self.operations / self.writers;
        for round in 1..=rounds {
            let quiet = self.quiet_every.is_some_and(|every| round % every == 0);
            let seen = if quiet { round - 1 } else { round.saturating_sub(2) };
            for writer in 0..self.writers {
                let before: usize = lines[..writer].iter().map(|line| line.lengths[seen] + 1).sum();
                let edit = lines[writer].type_one(&mut random, before);
                let parents = self.parents(writer, round, seen);
                transactions.push(Transaction { agent: writer, parents, edits: vec![edit] });
            }
            lines.iter_mut().for_each(|line| line.lengths.push(line.text.len()));
        }
        let texts = lines.into_iter().flat_map(|line| line.text.into_iter().chain(['\n']));
        Trace { name: self.name.to_owned(), transactions, expected: texts.collect() }
    }

    /// The last transactions that a writer knows of: its own of the last round, and everyone's of
    /// the round that has been seen.
    fn parents(&self, writer: usize, round: usize, seen: usize) -> Vec<usize> {
        let of = |round: usize, writer| (round - 1) * self.writers + writer + 1;
        let others = (0..self.writers).filter(|&other| other != writer && seen > 0);
        let mut parents: Vec<usize> = others.map(|other| of(seen, other)).collect();
        parents.push(if round == 1 { 0 } else { of(round - 1, writer) });
        parents
    }
}

impl Line {
    /// Types on, corrects itself, or goes elsewhere in the line, which starts at `before`.
    fn type_one(&mut self, random: &mut Random, before: usize) -> Edit {
        if random.once_in(12) {
            self.cursor = random.below(self.text.len() + 1);
        }
        if self.cursor > 0 && random.once_in(6) {
            self.cursor -= 1;
            self.text.remove(self.cursor);
            Edit { position: before + self.cursor, deleted: 1, inserted: String::new() }
        } else {
            let typed = random.typed();
            self.text.insert(self.cursor, typed);
            self.cursor += 1;
            Edit { position: before + self.cursor - 1, deleted: 0, inserted: typed.into() }
        }
    }
}
