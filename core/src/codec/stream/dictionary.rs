//! What both ends of a stream have in common by now: what was spelled out, and what is expected
//! next.
//!
//! Every change of it can be taken back until the frame is through: so a frame that is refused, or
//! not sent, leaves nothing behind.

use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::value::Value;

use super::lists::Lists;

/// The most replicas, containers and places that get a number, each.
pub(super) const MAX_NUMBERS: usize = 1 << 16;

/// How long a key may be that gets a number.
const MAX_KEY_LEN: usize = 64;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// An operation, by its author's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Numbered {
    pub(super) author: u32,
    pub(super) counter: u64,
}

/// A replica, and where in the document it is at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author {
    pub(super) id: ReplicaId,
    /// The counter and the Lamport time behind its last operation in the stream.
    pub(super) next: u64,
    pub(super) lamport: u64,
    /// What it depended on last.
    pub(super) depended: Option<Numbered>,
    /// Its last operation that was sent, or named as a dependency.
    pub(super) head: u64,
    /// Its last node that was inserted or named.
    pub(super) node: u64,
    pub(super) touched: Touched,
}

/// The run of nodes that a replica inserted or deleted last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    pub(super) first: Numbered,
    pub(super) len: u64,
    pub(super) is_deleted: bool,
}

impl Touched {
    /// The node that a backspace would delete next, and that an insertion hangs on the right of.
    pub(super) fn before(&self) -> Option<Numbered> {
        let Numbered { author, counter } = self.first;
        let counter =
            if self.is_deleted { counter.checked_sub(1)? } else { counter + self.len - 1 };
        Some(Numbered { author, counter })
    }

    /// The node that a deletion forwards would delete next.
    pub(super) fn behind(&self) -> Numbered {
        Numbered { author: self.first.author, counter: self.first.counter + self.len }
    }
}

/// A place that was assigned to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) container: u32,
    pub(super) key: Key,
    pub(super) expected: Expected,
}

/// What is expected of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// The assignment there that was sent last, if no removal was since.
    pub(super) assigned: Option<Numbered>,
    /// The place that was named after it the last time.
    pub(super) next: u32,
}

/// Who wrote last, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) author: u32,
    pub(super) container: u32,
    pub(super) place: u32,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Dictionary {
    authors: Vec<Author>,
    /// From number 1 on; 0 is the root.
    containers: Vec<ContainerId>,
    places: Vec<Place>,
    pub(super) lists: Lists,
    pub(super) last: Last,
    before: Before,
}

/// What it was before the frame.
#[derive(Clone, Debug)]
struct Before {
    last: Last,
    lens: Lens,
    authors: Vec<(u32, OfAuthor)>,
    places: Vec<(u32, Expected)>,
}

/// What was known of an author: all, or the counter that most often changes alone.
#[derive(Clone, Copy, Debug)]
enum OfAuthor {
    All(Author),
    Head(u64),
}

/// How many of each it has.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Lens {
    pub(super) authors: usize,
    pub(super) containers: usize,
    pub(super) places: usize,
}

impl Default for Dictionary {
    fn default() -> Self {
        let last = Last { author: NONE, container: 0, place: NONE };
        let before =
            Before { last, lens: Lens::default(), authors: Vec::new(), places: Vec::new() };
        let (authors, containers, places, lists) = Default::default();
        Self { authors, containers, places, lists, last, before }
    }
}

impl Dictionary {
    pub(super) fn lens(&self) -> Lens {
        Lens {
            authors: self.authors.len(),
            containers: self.containers.len(),
            places: self.places.len(),
        }
    }

    /// How many of each there were when the frame began.
    pub(super) fn lens_before(&self) -> Lens {
        self.before.lens
    }

    /// Begins a frame.
    pub(super) fn begin(&mut self) {
        self.before.last = self.last;
        self.before.lens = self.lens();
        self.before.authors.clear();
        self.before.places.clear();
        self.lists.begin();
    }

    /// Takes back all that the frame changed.
    pub(super) fn revert(&mut self) {
        while let Some((number, author)) = self.before.authors.pop() {
            match author {
                OfAuthor::All(author) => self.authors[number as usize] = author,
                OfAuthor::Head(head) => self.authors[number as usize].head = head,
            }
        }
        while let Some((number, expected)) = self.before.places.pop() {
            self.places[number as usize].expected = expected;
        }
        self.lists.revert();
        self.authors.truncate(self.before.lens.authors);
        self.containers.truncate(self.before.lens.containers);
        self.places.truncate(self.before.lens.places);
        self.last = self.before.last;
    }

    pub(super) fn author(&self, number: u32) -> Option<&Author> {
        self.authors.get(number as usize)
    }

    /// The author with a number that was given out.
    pub(super) fn known_author(&self, number: u32) -> &Author {
        &self.authors[number as usize]
    }

    fn author_mut(&mut self, number: u32) -> &mut Author {
        let author = &mut self.authors[number as usize];
        self.before.authors.push((number, OfAuthor::All(*author)));
        author
    }

    /// Gives a replica the next number; `None` if there are too many.
    pub(super) fn add_author(&mut self, id: ReplicaId) -> Option<u32> {
        let number = self.authors.len();
        if number == MAX_NUMBERS {
            return None;
        }
        let first = Numbered { author: number as u32, counter: 0 };
        let touched = Touched { first, len: 0, is_deleted: true };
        let (next, lamport, head, node) = (0, 0, 0, 0);
        self.authors.push(Author { id, next, lamport, depended: None, head, node, touched });
        Some(number as u32)
    }

    /// The container with a number.
    pub(super) fn container(&self, number: u32) -> Option<&ContainerId> {
        match number.checked_sub(1) {
            None => Some(&ContainerId::ROOT),
            Some(at) => self.containers.get(at as usize),
        }
    }

    /// Gives a container the next number; `None` if there are too many.
    pub(super) fn add_container(&mut self, id: ContainerId) -> Option<u32> {
        if self.containers.len() == MAX_NUMBERS {
            return None;
        }
        self.containers.push(id);
        Some(self.containers.len() as u32)
    }

    /// The containers that the frame spelled out, to be replaced by equal ones.
    pub(super) fn new_containers_mut(&mut self) -> &mut [ContainerId] {
        &mut self.containers[self.before.lens.containers..]
    }

    pub(super) fn place(&self, number: u32) -> Option<&Place> {
        self.places.get(number as usize)
    }

    /// The place that is expected to be named next.
    pub(super) fn expected_place(&self) -> Option<u32> {
        let next = self.place(self.last.place)?.expected.next;
        self.place(next).map(|_| next)
    }

    /// Gives a place the next number. Where there are too many, or a key is long, it is spelled
    /// out each time: a frame must not bring more in memory than in bytes.
    pub(super) fn add_place(&mut self, container: u32, key: Key) -> u32 {
        let number = self.places.len();
        if number == MAX_NUMBERS || len(&key) > MAX_KEY_LEN {
            return NONE;
        }
        let expected = Expected { assigned: None, next: number as u32 };
        self.places.push(Place { container, key, expected });
        number as u32
    }

    /// Records that a place, if it has a number, was assigned to or (`None`) cleared.
    pub(super) fn follow_place(&mut self, number: u32, assigned: Option<Numbered>) {
        let last = self.last.place;
        self.last.place = number;
        if let Some(place) = self.places.get_mut(last as usize) {
            self.before.places.push((last, place.expected));
            place.expected.next = number;
        }
        if let Some(place) = self.places.get_mut(number as usize) {
            self.before.places.push((number, place.expected));
            place.expected.assigned = assigned;
        }
    }

    /// The identity of an operation.
    pub(super) fn id(&self, op: Numbered) -> OpId {
        OpId::new(self.known_author(op.author).id, op.counter)
    }

    /// The last operation of the author that wrote last.
    pub(super) fn last_op(&self) -> Option<Numbered> {
        let author = self.author(self.last.author)?;
        Some(Numbered { author: self.last.author, counter: author.next.checked_sub(1)? })
    }

    /// What an author is expected to depend on, if on anything: what was sent last, if that is of
    /// another one, or else what follows that on which it depended last.
    pub(super) fn expected_dependency(
        &self,
        author: u32,
        last_op: Option<Numbered>,
    ) -> Option<Numbered> {
        last_op.filter(|last_op| last_op.author != author).or_else(|| {
            let Numbered { author, counter } = self.known_author(author).depended?;
            Some(Numbered { author, counter: counter + 1 })
        })
    }

    /// The Lamport time that is expected behind the author's last operation and a dependency.
    pub(super) fn expected_lamport(&self, expected: u64, dependency: Numbered) -> u64 {
        let author = self.known_author(dependency.author);
        let is_last = author.next == dependency.counter + 1;
        if is_last { expected.max(author.lamport) } else { expected }
    }

    /// Records that an operation was depended on.
    pub(super) fn follow_head(&mut self, op: Numbered) {
        let head = &mut self.authors[op.author as usize].head;
        self.before.authors.push((op.author, OfAuthor::Head(*head)));
        *head = op.counter;
    }

    /// Records the last dependency that an author named.
    pub(super) fn follow_dependency(&mut self, author: u32, op: Numbered) {
        self.author_mut(author).depended = Some(op);
    }

    /// Records that a node was named.
    pub(super) fn follow_node(&mut self, node: Numbered) {
        if self.known_author(node.author).node != node.counter {
            self.author_mut(node.author).node = node.counter;
        }
    }

    /// Records an operation of `len` identities.
    pub(super) fn follow(
        &mut self,
        op: Numbered,
        lamport: u64,
        len: u64,
        touched: Option<Touched>,
    ) {
        let author = self.author_mut(op.author);
        author.next = op.counter + len;
        author.lamport = lamport + len;
        author.head = author.next - 1;
        if let Some(touched) = touched {
            author.touched = touched;
            if !touched.is_deleted {
                author.node = author.head;
            }
        }
        self.last.author = op.author;
    }

    /// How many operations of each replica were in the stream, up to the last one.
    pub(super) fn counts(&self) -> impl Iterator<Item = (ReplicaId, u64)> {
        self.authors.iter().map(|author| (author.id, author.next))
    }
}

/// How many bytes a key has beside those that are the same for all.
fn len(key: &Key) -> usize {
    match key {
        Key::Name(name) => name.len(),
        Key::Element(Value::String(text)) => text.len(),
        Key::Element(Value::Bytes(bytes)) => bytes.len(),
        Key::Element(_) | Key::Item(_) => 0,
    }
}
