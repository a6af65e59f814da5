//! Typing: what the author's own replica does.

use std::hint::black_box;

use crate::cell::Measured;
use crate::engine::Text;
use crate::measure::median;
use crate::trace::Trace;

use super::AUTHOR;

/// Every edit is kept, to be sent later.
pub(super) fn local<D: Text>(trace: &Trace) -> Measured {
    let edits = trace.edits(D::UNIT);
    let (time, ok) = median(
        || D::new(AUTHOR),
        |mut document| {
            document.edit_all(&edits);
            document
        },
        |document| document.text() == trace.expected,
    );
    Measured { time: Some(time), operations: edits.len(), ok, ..Measured::default() }
}

/// Every edit is encoded as it would be sent at once, and sent.
pub(super) fn local_encode<D: Text>(trace: &Trace) -> Measured {
    let edits = trace.edits(D::UNIT);
    let mut sent = 0;
    let (time, ok) = median(
        || D::new(AUTHOR),
        |mut document| {
            sent = 0;
            for edit in &edits {
                let update = document.edit_and_encode(std::slice::from_ref(edit));
                sent += black_box(update).len();
            }
            document
        },
        |document| document.text() == trace.expected,
    );
    let bytes = Some(sent as f64 / edits.len() as f64);
    Measured { time: Some(time), bytes, operations: edits.len(), ok, ..Measured::default() }
}
