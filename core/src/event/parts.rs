//! The parts of deltas, put together in order: those of one kind that meet are one, and at one place
//! what comes is before what goes.

use crate::value::Content;

use super::{ListDelta, TextDelta};

/// Of what has changed in a text.
#[derive(Default)]
pub(crate) struct TextParts {
    parts: Vec<TextDelta>,
    inserted: String,
    deleted: usize,
}

impl TextParts {
    pub(crate) fn retain(&mut self, units: usize) {
        if units > 0 {
            self.flush();
            self.parts.push(TextDelta::Retain(units));
        }
    }

    pub(crate) fn insert(&mut self, text: &str) {
        self.inserted.push_str(text);
    }

    pub(crate) fn delete(&mut self, units: usize) {
        self.deleted += units;
    }

    fn flush(&mut self) {
        if !self.inserted.is_empty() {
            self.parts.push(TextDelta::Insert(std::mem::take(&mut self.inserted)));
        }
        if self.deleted > 0 {
            self.parts.push(TextDelta::Delete(std::mem::take(&mut self.deleted)));
        }
    }

    /// All of them, without what stays at the end.
    pub(crate) fn finish(mut self) -> Vec<TextDelta> {
        self.flush();
        self.parts.pop_if(|last| matches!(last, TextDelta::Retain(_)));
        self.parts
    }
}

/// Of what has changed in a list.
#[derive(Default)]
pub(crate) struct ListParts {
    parts: Vec<ListDelta>,
    inserted: Vec<Content>,
    deleted: usize,
    /// The index behind the last part, once the delta is applied.
    index: usize,
}

impl ListParts {
    /// Passes over what stays before an index.
    pub(crate) fn pass(&mut self, index: usize) {
        if index > self.index {
            self.flush_inserted();
            self.flush_deleted();
            self.parts.push(ListDelta::Retain(index - self.index));
            self.index = index;
        }
    }

    pub(crate) fn insert(&mut self, content: Content) {
        self.inserted.push(content);
        self.index += 1;
    }

    pub(crate) fn delete(&mut self, items: usize) {
        self.deleted += items;
    }

    /// Adds a part that is of one item.
    pub(crate) fn put(&mut self, part: ListDelta) {
        self.flush_inserted();
        self.parts.push(part);
        self.index += 1;
    }

    fn flush_inserted(&mut self) {
        if !self.inserted.is_empty() {
            self.parts.push(ListDelta::Insert(std::mem::take(&mut self.inserted)));
        }
    }

    fn flush_deleted(&mut self) {
        if self.deleted > 0 {
            self.parts.push(ListDelta::Delete(std::mem::take(&mut self.deleted)));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<ListDelta> {
        self.flush_inserted();
        self.flush_deleted();
        self.parts
    }
}
