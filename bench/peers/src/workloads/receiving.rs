//! Receiving what another replica typed.

use crate::cell::Measured;
use crate::engine::{History, Text};
use crate::measure::median;
use crate::trace::Trace;

use super::{AUTHOR, READER, typed};

/// One encoded update for every edit; the text is up to date after each.
pub(super) fn remote<D: Text>(trace: &Trace) -> Measured {
    let mut author = D::new(AUTHOR);
    let edits = trace.edits(D::UNIT);
    let encode = |edit| author.edit_and_encode(std::slice::from_ref(edit));
    let updates: Vec<Vec<u8>> = edits.iter().map(encode).collect();
    let (time, ok) = median(
        || D::new(READER),
        |mut document| {
            updates.iter().for_each(|update| document.apply(update, 0));
            document
        },
        |document| document.text() == trace.expected,
    );
    Measured { time: Some(time), operations: updates.len(), ok, ..Measured::default() }
}

/// The whole history as one update, until the text is read.
pub(super) fn batch<D: History>(trace: &Trace) -> Measured {
    whole(&typed::<D>(trace).export(), trace, D::receive)
}

/// The same, of an update in as few bytes as the engine makes of it.
pub(super) fn batch_compressed<D: History>(trace: &Trace) -> Measured {
    whole(&typed::<D>(trace).export_compressed(), trace, D::receive_compressed)
}

/// The time to receive a whole history and read the text.
pub(super) fn whole<D: History>(
    history: &[u8],
    trace: &Trace,
    receive: impl Fn(&[u8], u64) -> D,
) -> Measured {
    let (time, ok) = median(
        || (),
        |()| {
            let document = receive(history, READER);
            let text = document.text();
            (document, text)
        },
        |(_, text)| text == trace.expected,
    );
    let bytes = Some(history.len() as f64);
    Measured { time: Some(time), bytes, operations: trace.len(), ok, ..Measured::default() }
}
