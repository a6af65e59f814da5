//! The live characters of a text.

use crate::value::Unit;

use super::Tree;
use super::span::Status;

impl Tree<String> {
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(self.len(Unit::Utf8));
        // What lies one behind the other is taken in one.
        let (mut stock, mut start, mut end) = (None, 0, 0);
        for slot in self.slots() {
            let span = self.span(slot);
            if span.status > Status::Live {
                continue;
            }
            let author = (!span.is_loaded).then_some(span.author);
            if author != stock || span.start != end {
                text.push_str(self.stock.slice(stock, start, end - start));
                (stock, start) = (author, span.start);
            }
            end = span.start + span.size;
        }
        text.push_str(self.stock.slice(stock, start, end - start));
        text
    }

    /// The live characters, span by span.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        let live = self.slots().filter(|&slot| self.span(slot).status == Status::Live);
        live.map(|slot| self.content(slot))
    }
}
