//! What replicas exchange: changes.

use std::sync::Arc;

use crate::agreement::agree;
use crate::commit::Commit;
use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{Elements, MAX_MERGED_OPS, NodeRun, Op, Place};

/// What one replica did: operations with consecutive identities, made without seeing anything new
/// of others in between.
///
/// A change can be cut in two at any identity, and the log merges changes that follow each other.
/// So what arrives may start before what is known ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// The identity of its first operation.
    pub(crate) id: OpId,
    /// The Lamport time of its first operation; the others follow one by one.
    pub(crate) lamport: u64,
    /// The heads that it was made on, other than its author's own; ascending, one a replica.
    pub(crate) dependencies: Vec<OpId>,
    /// What its author said of it; `None`: nothing.
    commit: Option<Arc<Commit>>,
    ops: Vec<Op>,
    len: u64,
}

impl Change {
    /// A change of these operations, at least one.
    pub(crate) fn new(id: OpId, lamport: u64, dependencies: Vec<OpId>, ops: Vec<Op>) -> Self {
        let len = ops.iter().map(Op::len).sum();
        Self { id, lamport, dependencies, commit: None, ops, len }
    }

    /// The same with what its author says of it.
    pub(crate) fn with_commit(mut self, commit: Commit) -> Self {
        self.commit = (!commit.is_empty()).then(|| Arc::new(commit));
        self
    }

    /// What its author said of it, if anything.
    pub(crate) fn commit(&self) -> Option<&Commit> {
        self.commit.as_deref()
    }

    /// The wall-clock time that its author gave.
    pub(crate) fn time(&self) -> Option<i64> {
        self.commit()?.time
    }

    /// Not empty.
    pub(crate) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// How many identities it takes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The counter behind its last identity.
    pub(crate) fn end(&self) -> u64 {
        self.id.counter + self.len
    }

    /// The operations with their identities and Lamport times.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (OpId, u64, &Op)> {
        self.ops.iter().scan(0, |before, op| {
            let offset = *before;
            *before += op.len();
            Some((self.id.plus(offset), self.lamport + offset, op))
        })
    }

    /// The containers of its operations, to be replaced by equal ones.
    pub(crate) fn containers_mut(&mut self) -> impl Iterator<Item = &mut ContainerId> {
        self.ops.iter_mut().filter_map(Op::container_mut)
    }

    /// The part from a counter within it on.
    pub(crate) fn from(&self, counter: u64) -> Self {
        let skipped = counter - self.id.counter;
        if skipped == 0 {
            return self.clone();
        }
        let id = self.id.plus(skipped);
        let mut ops = Vec::new();
        for (first, _, op) in self.numbered() {
            if first.counter >= counter {
                ops.push(op.clone());
            } else if first.counter + op.len() > counter {
                ops.push(op.rest(counter - first.counter, id));
            }
        }
        Self {
            id,
            lamport: self.lamport + skipped,
            dependencies: Vec::new(),
            commit: self.commit.clone(),
            ops,
            len: self.len - skipped,
        }
    }

    /// The part up to a counter, which is behind its first operation.
    pub(crate) fn upto(&self, counter: u64) -> Self {
        if counter >= self.end() {
            return self.clone();
        }
        let within = self.numbered().take_while(|(first, ..)| first.counter < counter);
        let ops = within.map(|(first, _, op)| match counter - first.counter {
            len if len < op.len() => op.first(len),
            _ => op.clone(),
        });
        let (ops, len) = (ops.collect(), counter - self.id.counter);
        let (dependencies, commit) = (self.dependencies.clone(), self.commit.clone());
        Self { id: self.id, lamport: self.lamport, dependencies, commit, ops, len }
    }

    /// Whether the next change goes on where this one ends: nothing came in between.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        next.id == self.id.plus(self.len)
            && next.lamport == self.lamport + self.len
            && next.dependencies.is_empty()
            && next.commit == self.commit
    }

    /// Appends the change that follows, if the two can be one; else gives it back.
    pub(crate) fn absorb(&mut self, next: Self) -> Option<Self> {
        let joins = match (self.ops.last(), next.ops.first()) {
            (Some(last), Some(first)) => last.takes(next.id, first),
            _ => false,
        };
        let fits = self.is_followed_by(&next)
            && self.ops.len() + next.ops.len() - usize::from(joins) <= MAX_MERGED_OPS
            && !next.deletes_again(self);
        if !fits {
            return Some(next);
        }
        self.len += next.len;
        let mut ops = next.ops.into_iter();
        let separate = match (self.ops.last_mut(), ops.next()) {
            (Some(last), Some(first)) => last.absorb(next.id, first),
            (_, first) => first,
        };
        self.ops.extend(separate.into_iter().chain(ops));
        None
    }

    /// Whether it ends with an insertion into that text which has room for more.
    pub(crate) fn goes_on_with(&self, container: &ContainerId, text: &str) -> bool {
        self.ops.last().is_some_and(|op| op.goes_on_with(container, text))
    }

    /// Appends ASCII to the insertion that it ends with; gives whether it ends with one.
    pub(crate) fn push_text(&mut self, text: &str) -> bool {
        self.len += text.len() as u64;
        self.ops.last_mut().is_some_and(|op| op.push_text(text))
    }

    /// Appends the insertion of so many characters, if there is room for it.
    pub(crate) fn type_text(
        &mut self,
        container: &ContainerId,
        place: Place,
        text: &str,
        len: u64,
    ) -> bool {
        let id = self.id.plus(self.len);
        let goes_on = place.follows(id) && self.goes_on_with(container, text);
        let is_next = goes_on && self.ops.last_mut().is_some_and(|op| op.push_text(text));
        if !is_next {
            if self.ops.len() >= MAX_MERGED_OPS {
                return false;
            }
            let elements = Elements::Text(text.to_owned());
            self.ops.push(Op::Insert { container: container.clone(), place, elements });
        }
        self.len += len;
        true
    }

    /// Appends the deletion of nodes that it does not delete yet, if there is room for it.
    pub(crate) fn type_deletion(&mut self, container: &ContainerId, run: NodeRun) -> bool {
        let is_next = self.ops.last_mut().is_some_and(|op| op.type_deletion(container, run));
        if !is_next {
            if self.ops.len() >= MAX_MERGED_OPS {
                return false;
            }
            self.ops.push(Op::Delete { container: container.clone(), nodes: vec![run] });
        }
        self.len += run.len();
        true
    }

    /// Whether an operation with that identity and Lamport time, of a change of which nothing is
    /// said and that depends on nothing else, can be one of this change.
    fn takes(&self, (id, lamport): (OpId, u64)) -> bool {
        id == self.id.plus(self.len) && lamport == self.lamport + self.len && self.commit.is_none()
    }

    /// Appends an insertion of `len` characters, if it can be one change with this one and names
    /// nothing of others; gives whether it did.
    pub(crate) fn extend_with_text(
        &mut self,
        (id, lamport): (OpId, u64),
        container: &ContainerId,
        place: Place,
        (text, len): (&str, u64),
    ) -> bool {
        let names_others = place.parent.is_some_and(|parent| parent.replica != id.replica);
        if names_others || !self.takes((id, lamport)) {
            return false;
        }
        self.type_text(container, place, text, len)
    }

    /// Appends a deletion of a run, likewise.
    pub(crate) fn extend_with_deletion(
        &mut self,
        (id, lamport): (OpId, u64),
        container: &ContainerId,
        run: NodeRun,
    ) -> bool {
        let names_others = run.nodes.start.replica != id.replica;
        if names_others || !self.takes((id, lamport)) || self.deletes(container, &run) {
            return false;
        }
        self.type_deletion(container, run)
    }

    /// Whether something of a run is deleted in it.
    fn deletes(&self, container: &ContainerId, run: &NodeRun) -> bool {
        self.ops.iter().any(|op| match op {
            Op::Delete { container: known, nodes } => {
                nodes.iter().any(|known| known.nodes.overlaps(&run.nodes)) && known == container
            }
            _ => false,
        })
    }

    /// Whether the two say the same of every identity that both have.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        agree(self, other)
    }

    /// Whether something holds of one of the operations that its own name, but for those of the
    /// change itself.
    pub(crate) fn names_any(&self, mut holds: impl FnMut(OpId) -> bool) -> bool {
        let mut foreign =
            |id: OpId| (id.replica != self.id.replica || id.counter < self.id.counter) && holds(id);
        self.ops.iter().any(|op| op.names_any(&mut foreign))
    }

    /// Whether something is deleted in it that is deleted in the other one, too.
    fn deletes_again(&self, other: &Self) -> bool {
        self.ops.iter().any(|op| match op {
            Op::Delete { container, nodes } => {
                nodes.iter().any(|run| other.deletes(container, run))
            }
            _ => false,
        })
    }

    /// Gives back memory that is not needed.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.ops.shrink_to_fit();
        self.dependencies.shrink_to_fit();
    }

    /// How many bytes it takes in memory, by the lengths of what it holds.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.dependencies.len() * size_of::<OpId>()
            + self.commit().map_or(0, |commit| size_of::<Commit>() + commit.heap_bytes())
            + self.ops.len() * size_of::<Op>()
            + self.ops.iter().map(Op::heap_bytes).sum::<usize>()
    }

    /// The same, with the paths of its containers, which it shares with nothing before it is
    /// applied.
    pub(crate) fn memory_bytes_alone(&self) -> usize {
        let paths = self.ops.iter().filter_map(Op::container).map(ContainerId::path_bytes);
        self.memory_bytes() + paths.sum::<usize>()
    }
}
