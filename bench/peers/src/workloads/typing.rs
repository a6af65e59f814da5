//! Typing: what the author's own replica does.

use crate::cell::Measured;
use crate::engine::Text;
use crate::measure::median;
use crate::trace::Trace;

use super::AUTHOR;

/// Every edit is a change of its own.
pub(super) fn local<D: Text>(trace: &Trace) -> Measured {
    let edits = trace.edits(D::UNIT);
    let (time, ok) = median(
        || D::new(AUTHOR),
        |mut document| {
            edits.iter().for_each(|edit| document.edit(edit));
            document
        },
        |document| document.text() == trace.expected,
    );
    Measured { time: Some(time), operations: edits.len(), ok, ..Measured::default() }
}

/// Every edit is encoded as it would be sent at once.
pub(super) fn local_encode<D: Text>(trace: &Trace) -> Measured {
    let edits = trace.edits(D::UNIT);
    let mut sent = 0;
    let (time, ok) = median(
        || (D::new(AUTHOR), Vec::with_capacity(edits.len())),
        |(mut document, mut updates)| {
            for edit in &edits {
                updates.push(document.edit_and_encode(std::slice::from_ref(edit)));
            }
            (document, updates)
        },
        |(document, updates)| {
            sent = updates.iter().map(Vec::len).sum();
            document.text() == trace.expected
        },
    );
    let bytes = Some(sent as f64 / edits.len() as f64);
    Measured { time: Some(time), bytes, operations: edits.len(), ok, ..Measured::default() }
}
