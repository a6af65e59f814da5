//! Memory given back once most of it is of what was removed: so the work is in proportion to the
//! removals before it. Slots of spans are given back only where few spans are left, as that makes
//! the tree anew; where many are, they serve for the spans to come.

use crate::version::VersionVector;

use super::Tree;
use super::order::Slot;
use super::payload::Payload;
use super::span::Status;
use super::stock::Stock;

/// How many times what lives the stock takes before it is made anew, and how many bytes at least.
const GARBAGE: usize = 4;
const MIN_GARBAGE: usize = 4096;

/// How many times the spans there are slots for before these are made anew, how many slots at least,
/// and up to how many spans.
const VACANT: usize = 4;
const MIN_VACANT: usize = 256;
const MAX_MOVED: usize = 1 << 13;

impl<P: Payload> Tree<P> {
    /// Gives back memory, if most of it is of what was removed; gives how many spans that took, and
    /// how many bytes it gave back.
    pub(crate) fn compact(&mut self) -> (u64, u64) {
        let (used, held) = (self.index.len(), self.stock.memory_bytes());
        let is_sparse = self.spans.len() > MIN_VACANT.max(VACANT * used) && used <= MAX_MOVED;
        if is_sparse {
            let before = self.memory_bytes();
            self.renew();
            return (2 * used as u64, before.saturating_sub(self.memory_bytes()) as u64);
        }
        let live = self.order.total().utf8 as usize;
        if held <= MIN_GARBAGE + GARBAGE * live {
            return (0, 0);
        }
        self.renew_stock();
        (used as u64 / 8, held.saturating_sub(self.stock.memory_bytes()) as u64)
    }

    /// Makes a stock of what lives, in reading order. What is deleted carries nothing from then on.
    fn renew_stock(&mut self) {
        let mut content = P::with_capacity(self.order.total().utf8 as usize);
        let slots: Vec<Slot> = self.slots().collect();
        for &slot in &slots {
            let span = self.spans[slot as usize];
            if span.status > Status::Live {
                self.drop_content(slot);
                continue;
            }
            let start = P::size(content.part()) as u32;
            content.push(self.stock.of(&span));
            let span = self.span_mut(slot);
            (span.start, span.is_loaded) = (start, true);
        }
        self.stock = Stock::new(content);
        // What was typed apart may be one run now.
        for &slot in slots.iter().rev() {
            if self.span(slot).len > 0 {
                self.merge_right(slot);
            }
        }
    }

    /// Makes the whole tree anew, with what it holds and no more.
    fn renew(&mut self) {
        let packed = self.pack();
        let mut anew = Self::from_valid(&packed, packed.payload().clone(), &VersionVector::new());
        // What is stable is not in columns.
        for (author, end) in self.stable_ends() {
            anew.retire(author, end);
        }
        for slot in self.slots().filter(|&slot| self.span(slot).status == Status::Stable) {
            anew.raise_status(self.nodes(slot), Status::Stable);
        }
        *self = anew;
    }
}
