//! Loading a saved document.

use crate::cell::Measured;
use crate::engine::Text;
use crate::measure::median;
use crate::trace::{Edit, Trace, Unit};

use super::{READER, typed};

/// Until the text is read.
pub(super) fn read<D: Text>(trace: &Trace) -> Measured {
    load_and::<D>(trace, |_| (), &trace.expected)
}

/// Until the text is read, after one character was typed in its middle.
pub(super) fn type_and_read<D: Text>(trace: &Trace) -> Measured {
    let middle = trace.expected.chars().count() / 2;
    let (before, after) = match trace.expected.char_indices().nth(middle) {
        Some((byte, _)) => trace.expected.split_at(byte),
        None => (trace.expected.as_str(), ""),
    };
    let position = match D::UNIT {
        Unit::Scalar => middle,
        Unit::Utf8 => before.len(),
    };
    let edit = Edit { position, deleted: 0, inserted: "#".to_owned() };
    load_and::<D>(trace, |document| document.edit(&edit), &format!("{before}#{after}"))
}

fn load_and<D: Text>(trace: &Trace, act: impl Fn(&mut D), expected: &str) -> Measured {
    let saved = typed::<D>(trace).save();
    let (time, ok) = median(
        || (),
        |()| {
            let mut document = D::load(&saved, READER);
            act(&mut document);
            let text = document.text();
            (document, text)
        },
        |(_, text)| text == expected,
    );
    Measured { time: Some(time), operations: 1, ok, ..Measured::default() }
}
