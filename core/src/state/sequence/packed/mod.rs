//! A sequence that is not being edited, as it is saved: its runs in reading order in columns of
//! numbers, its live text in one piece, and its deletions.
//!
//! ```text
//!   replicas   how many, then 8 bytes each, in the order of first use
//!   runs       how many, then for each: replica, head, first node, length; keys where they differ
//!   deletions  how many, then for each: author, operation, replica, first node, length
//! ```
//! Each column is a byte string behind its length ([`layout`]). The tree is a code of its own
//! ([`spine`]): whatever the numbers are, they are a tree, or claim more than is there.
//!
//! - [`pack`]: from pieces to columns; [`runs`] and [`removals`]: back.
//! - [`check`]: whether foreign columns are what a sequence gives, in one pass; with [`marks`].

mod check;
mod layout;
mod marks;
mod pack;
mod removals;
mod runs;
pub(super) mod spine;
#[cfg(test)]
mod tests;

pub(crate) use check::Bounds;
pub(crate) use pack::Packer;
pub(super) use runs::Run;

use crate::error::DecodeError;
use crate::id::OpId;
use crate::op::NodeRun;

use super::order::Weight;
use super::payload::{Items, Payload};
use layout::Layout;
use runs::Runs;

/// See the module. Its columns are valid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Packed<P> {
    columns: Box<[u8]>,
    /// What the live nodes carry, in reading order.
    payload: P,
    live: Weight,
    nodes: u64,
    runs: u64,
    deletions: u64,
}

/// What is wrong with columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    Malformed,
    NotCanonical(&'static str),
    Inconsistent(&'static str),
}

impl Flaw {
    /// As an error of the bytes at an offset.
    fn at(self, offset: usize) -> DecodeError {
        match self {
            Self::Malformed => {
                DecodeError::Unexpected { offset, expected: "the columns of a sequence" }
            }
            Self::NotCanonical(what) => DecodeError::NotCanonical { offset, what },
            Self::Inconsistent(what) => DecodeError::Inconsistent { offset, what },
        }
    }
}

impl<P: Payload> Packed<P> {
    /// The columns, as they are saved.
    pub(crate) fn columns(&self) -> &[u8] {
        &self.columns
    }

    /// What the live nodes carry.
    pub(super) fn payload(&self) -> &P {
        &self.payload
    }

    /// Takes what the live nodes carry out.
    pub(super) fn take_payload(&mut self) -> P {
        std::mem::take(&mut self.payload)
    }

    /// How much lives.
    pub(super) fn live(&self) -> Weight {
        self.live
    }

    /// Whether every node that lives takes one unit, whichever.
    pub(super) fn is_even(&self) -> bool {
        self.live.scalars == self.live.utf8
    }

    /// How many nodes live.
    pub(crate) fn live_count(&self) -> u64 {
        self.live.scalars.into()
    }

    /// All nodes, tombstones included.
    pub(super) fn node_count(&self) -> u64 {
        self.nodes
    }

    pub(super) fn run_count(&self) -> u64 {
        self.runs
    }

    /// Whether not even a tombstone is here.
    pub(crate) fn is_blank(&self) -> bool {
        self.runs == 0
    }

    pub(super) fn has_deletions(&self) -> bool {
        self.deletions > 0
    }

    /// The runs, in reading order.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> {
        let mut runs = Layout::of(&self.columns).map(|layout| Runs::new(&layout));
        (0..self.runs).map_while(move |_| runs.as_mut()?.next())
    }

    /// The deletions that are not within the prune cut, by author, in the author's order.
    pub(super) fn deletions(&self) -> impl Iterator<Item = (OpId, NodeRun)> {
        let layout = Layout::of(&self.columns);
        let mut removals = layout.map(|layout| removals::Removals::new(&layout));
        (0..self.deletions).map_while(move |_| {
            let removal = removals.as_mut()?.next()?;
            Some((removal.deletion, removal.run))
        })
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.columns.len() + self.payload.heap_bytes()
    }
}

impl Packed<String> {
    /// Takes foreign columns and their text, once they are checked. `offset` is where they are.
    ///
    /// # Errors
    /// What is wrong, if they are not what a sequence gives.
    pub(crate) fn of_text(
        columns: &[u8],
        text: &str,
        bounds: &Bounds<'_>,
        offset: usize,
    ) -> Result<Self, DecodeError> {
        let live = weight(text).ok_or_else(|| check::TOO_MANY.at(offset))?;
        let counts = check::check_text(columns, live.scalars.into(), bounds);
        let counts = counts.map_err(|flaw| flaw.at(offset))?;
        Ok(Self {
            columns: columns.into(),
            payload: text.to_owned(),
            live,
            nodes: counts.nodes,
            runs: counts.runs,
            deletions: counts.deletions,
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.payload
    }
}

impl Packed<Items> {
    /// Takes foreign columns of a list, once they are checked. `offset` is where they are.
    ///
    /// # Errors
    /// What is wrong, if they are not what a sequence gives.
    pub(crate) fn of_items(
        columns: &[u8],
        bounds: &Bounds<'_>,
        offset: usize,
    ) -> Result<Self, DecodeError> {
        let counts = check::check_items(columns, bounds).map_err(|flaw| flaw.at(offset))?;
        let items = counts.live as u32;
        Ok(Self {
            columns: columns.into(),
            payload: Items(items),
            live: Weight { scalars: items, utf8: items, utf16: items },
            nodes: counts.nodes,
            runs: counts.runs,
            deletions: 0,
        })
    }
}

/// How much a whole text is, if that can be held: counted by bytes, which is faster than by
/// characters.
fn weight(text: &str) -> Option<Weight> {
    /// What characters start with that take two units of UTF-16.
    const FOUR_BYTES: u8 = 0xf0;
    let utf8 = u32::try_from(text.len()).ok()?;
    if text.is_ascii() {
        return Some(Weight { scalars: utf8, utf8, utf16: utf8 });
    }
    let scalars = text.chars().count() as u32;
    let wide = text.as_bytes().iter().filter(|&&byte| byte >= FOUR_BYTES).count() as u32;
    Some(Weight { scalars, utf8, utf16: scalars + wide })
}
