//! What the nodes of a sequence carry, in the order in which it came: what was loaded, and behind
//! that of each author what it inserted since. Spans refer to parts of it, so that parting and
//! deleting them moves no text; what is deleted goes when the sequence is pruned.

use super::index::Author;
use super::payload::Payload;
use super::span::Span;

/// See the module.
#[derive(Clone, Default, Debug)]
pub(super) struct Stock<P> {
    loaded: P,
    by_author: Vec<P>,
}

impl<P: Payload> Stock<P> {
    /// What was loaded, in reading order.
    pub(super) fn new(loaded: P) -> Self {
        Self { loaded, by_author: Vec::new() }
    }

    /// What the nodes of a span carry, or carried.
    pub(super) fn of(&self, span: &Span) -> P::Part<'_> {
        match (span.size, span.is_loaded) {
            (0, _) => self.nothing(),
            (size, true) => self.loaded.slice(span.start, size),
            (size, false) => self.by_author[span.author as usize].slice(span.start, size),
        }
    }

    /// What is there of an author, or of what was loaded: so much, from `start` on.
    pub(super) fn slice(&self, author: Option<Author>, start: u32, size: u32) -> P::Part<'_> {
        match author {
            None => self.loaded.slice(start, size),
            Some(author) => self.by_author[author as usize].slice(start, size),
        }
    }

    /// What a node carries whose content is gone.
    pub(super) fn nothing(&self) -> P::Part<'_> {
        self.loaded.slice(0, 0)
    }

    /// How much there is of an author.
    pub(super) fn end(&self, author: Author) -> u32 {
        let held = self.by_author.get(author as usize);
        held.map_or(0, |held| P::size(held.part()) as u32)
    }

    /// Adds to what there is of an author.
    pub(super) fn push(&mut self, author: Author, part: P::Part<'_>) {
        if author as usize >= self.by_author.len() {
            self.by_author.resize(author as usize + 1, P::default());
        }
        self.by_author[author as usize].push(part);
    }

    /// Takes all that there is of an author, of whom there was nothing.
    pub(super) fn put(&mut self, author: Author, content: P) {
        if author as usize >= self.by_author.len() {
            self.by_author.resize(author as usize + 1, P::default());
        }
        self.by_author[author as usize] = content;
    }

    /// Where what is of the span would go on.
    pub(super) fn ends_with(&self, span: &Span) -> bool {
        !span.is_loaded && span.start + span.size == self.end(span.author)
    }

    /// Takes what is of a span out again, if it came last.
    pub(super) fn take_back(&mut self, span: &Span) {
        if span.size > 0 && self.ends_with(span) {
            self.by_author[span.author as usize].truncate(span.start);
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let held: usize = self.by_author.iter().map(Payload::heap_bytes).sum();
        self.loaded.heap_bytes() + self.by_author.capacity() * size_of::<P>() + held
    }
}
