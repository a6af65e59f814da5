//! Memory that a document takes.

use crate::cell::Measured;
use crate::engine::{State, Text};
use crate::measure::{HeapMeter, heap_of};
use crate::trace::Trace;

use super::{AUTHOR, READER, typed};

/// After it was edited.
pub(super) fn edited<D: Text>(trace: &Trace, meter: HeapMeter) -> Measured {
    let edits = trace.edits(D::UNIT);
    taken(trace, meter, || {
        let mut document = D::new(AUTHOR);
        edits.iter().for_each(|edit| document.edit(edit));
        document
    })
}

/// After it was loaded and its text was read once: what is opened lazily stays closed otherwise.
pub(super) fn loaded<D: Text>(trace: &Trace, meter: HeapMeter) -> Measured {
    let saved = typed::<D>(trace).save();
    taken(trace, meter, || {
        let document = D::load(&saved, READER);
        drop(document.text());
        document
    })
}

/// After it was edited and all that is stable was dropped.
pub(super) fn pruned<D: State>(trace: &Trace, meter: HeapMeter) -> Measured {
    let edits = trace.edits(D::UNIT);
    taken(trace, meter, || {
        let mut document = D::new(AUTHOR);
        edits.iter().for_each(|edit| document.edit(edit));
        document.settle();
        document.trimmed()
    })
}

fn taken<D: Text>(trace: &Trace, meter: HeapMeter, make: impl FnOnce() -> D) -> Measured {
    let (document, heap) = heap_of(meter, make);
    let ok = document.text() == trace.expected;
    Measured { heap: Some(heap), operations: trace.len(), ok, ..Measured::default() }
}
