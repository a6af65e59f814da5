//! Saving.

use crate::cell::Measured;
use crate::compression::deflate;
use crate::engine::{State, Text};
use crate::measure::median;
use crate::trace::{Edit, Trace};

use super::{READER, typed};

/// Gives a document in which all was typed and that was never saved, time after time: a copy if
/// the engine makes one, or else typed anew.
fn unsaved<D: Text>(trace: &Trace) -> impl FnMut() -> D {
    let original: D = typed(trace);
    move || original.copy().unwrap_or_else(|| typed(trace))
}

/// What is typed between two saves.
fn one_more() -> Edit {
    Edit { position: 0, deleted: 0, inserted: "#".to_owned() }
}

/// The first time: nothing that was encoded before can be used again.
pub(super) fn first<D: Text>(trace: &Trace) -> Measured {
    let mut saved = Vec::new();
    let (time, mut ok) = median(
        unsaved::<D>(trace),
        |mut document| {
            let saved = document.save();
            (document, saved)
        },
        |(document, bytes)| {
            saved = bytes;
            document.text() == trace.expected
        },
    );
    ok &= D::load(&saved, READER).text() == trace.expected;
    finished(time, &saved, ok)
}

/// In as few bytes as the engine makes of it.
pub(super) fn compressed<D: Text>(trace: &Trace) -> Measured {
    let mut saved = Vec::new();
    let (time, mut ok) = median(
        unsaved::<D>(trace),
        |mut document| {
            let saved = document.save_compressed();
            (document, saved)
        },
        |(document, bytes)| {
            saved = bytes;
            document.text() == trace.expected
        },
    );
    ok &= D::load_compressed(&saved, READER).text() == trace.expected;
    let deflated = deflate(&typed::<D>(trace).save_plain()).len();
    let note = (deflated < saved.len())
        .then(|| format!("{deflated} bytes if the host deflates it instead"));
    Measured { note, ..finished(time, &saved, ok) }
}

/// Once more, after one edit.
pub(super) fn again<D: Text>(trace: &Trace) -> Measured {
    let mut fresh = unsaved::<D>(trace);
    let mut saved = Vec::new();
    let (time, mut ok) = median(
        || {
            let mut document = fresh();
            document.save();
            document.edit(&one_more());
            document
        },
        |mut document| {
            let saved = document.save();
            (document, saved)
        },
        |(_, bytes)| {
            saved = bytes;
            true
        },
    );
    ok &= D::load(&saved, READER).text() == format!("#{}", trace.expected);
    finished(time, &saved, ok)
}

/// Without history.
pub(super) fn state<D: State>(trace: &Trace) -> Measured {
    settled(trace, D::save_state, D::load)
}

/// Without history, in as few bytes as the engine makes of it.
pub(super) fn state_compressed<D: State>(trace: &Trace) -> Measured {
    settled(trace, D::save_state_compressed, D::load_compressed)
}

fn settled<D: State>(
    trace: &Trace,
    save: impl Fn(&mut D) -> Vec<u8>,
    load: impl Fn(&[u8], u64) -> D,
) -> Measured {
    let mut fresh = unsaved::<D>(trace);
    let mut saved = Vec::new();
    let (time, mut ok) = median(
        || {
            let mut document = fresh();
            document.settle();
            document
        },
        |mut document| {
            let saved = save(&mut document);
            (document, saved)
        },
        |(document, bytes)| {
            saved = bytes;
            document.text() == trace.expected
        },
    );
    ok &= load(&saved, READER).text() == trace.expected;
    finished(time, &saved, ok)
}

fn finished(time: std::time::Duration, saved: &[u8], ok: bool) -> Measured {
    let bytes = Some(saved.len() as f64);
    Measured { time: Some(time), bytes, operations: 1, ok, ..Measured::default() }
}
