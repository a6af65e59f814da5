//! Receiving what several authors typed at the same time.

use crate::cell::Measured;
use crate::engine::{History, Text};
use crate::measure::median;
use crate::trace::{Edit, Trace, Unit, in_bytes};

use super::{READER, receiving};

/// The whole history as one update, until the text is read.
pub(super) fn whole<D: History>(trace: &Trace) -> Measured {
    let updates = updates::<D>(trace);
    let mut document = D::new(READER);
    document.apply_all(&sent(trace, &updates).collect::<Vec<_>>());
    drop(updates);
    receiving::whole(&document.export(), trace, D::receive)
}

/// One encoded update for every transaction; the text is up to date after each.
pub(super) fn each<D: Text>(trace: &Trace) -> Measured {
    let updates = updates::<D>(trace);
    let (time, ok) = median(
        || D::new(READER),
        |mut document| {
            sent(trace, &updates).for_each(|(sender, update)| document.apply(update, sender));
            document
        },
        |document| document.text() == trace.expected,
    );
    Measured { time: Some(time), operations: updates.len(), ok, ..Measured::default() }
}

/// What each transaction of the trace sends: every author's replica has seen exactly what the
/// author had.
pub(super) fn updates<D: Text>(trace: &Trace) -> Vec<Vec<u8>> {
    let convert = D::UNIT == Unit::Utf8 && !trace.is_ascii();
    let mut authors: Vec<Author<D>> = (1..).map(Author::new).take(trace.agents()).collect();
    let mut updates: Vec<Vec<u8>> = Vec::with_capacity(trace.transactions.len());
    for (i, transaction) in trace.transactions.iter().enumerate() {
        let author = &mut authors[transaction.agent];
        let news = author.learn(trace, &transaction.parents);
        let sender = |i: usize| trace.transactions[i].agent;
        let received: Vec<_> = news.iter().map(|&i| (sender(i), updates[i].as_slice())).collect();
        if !received.is_empty() {
            author.document.apply_all(&received);
        }
        let converted: Vec<Edit>;
        let edits = if convert {
            converted = in_bytes(&transaction.edits, &author.document.text());
            &converted
        } else {
            &transaction.edits
        };
        updates.push(author.document.edit_and_encode(edits));
        author.known.resize(i + 1, false);
        author.known[i] = true;
    }
    updates
}

/// Each update with the author who sent it.
pub(super) fn sent<'a>(
    trace: &'a Trace,
    updates: &'a [Vec<u8>],
) -> impl Iterator<Item = (usize, &'a [u8])> {
    let senders = trace.transactions.iter().map(|transaction| transaction.agent);
    senders.zip(updates.iter().map(Vec::as_slice))
}

/// An author of a trace.
struct Author<D> {
    document: D,
    /// Which transactions it has; with each, all that this one is based on.
    known: Vec<bool>,
}

impl<D: Text> Author<D> {
    fn new(replica: u64) -> Self {
        Self { document: D::new(replica), known: Vec::new() }
    }

    /// Marks the transactions, and all that they are based on, as known; gives the new ones, in
    /// the order of the trace.
    fn learn(&mut self, trace: &Trace, transactions: &[usize]) -> Vec<usize> {
        let mut ahead = transactions.to_vec();
        let mut news = Vec::new();
        while let Some(i) = ahead.pop() {
            if self.known.len() <= i {
                self.known.resize(i + 1, false);
            }
            if !std::mem::replace(&mut self.known[i], true) {
                news.push(i);
                ahead.extend(&trace.transactions[i].parents);
            }
        }
        news.sort_unstable();
        news
    }
}
