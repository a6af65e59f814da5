//! Transactions: edits that become one change together, or none.

use crate::change::Change;
use crate::codec::MAX_COUNT;
use crate::commit::Commit;
use crate::error::EditError;
use crate::id::OpId;
use crate::membership::Standing;
use crate::op::Op;
use crate::state::Stamp;
use crate::state::sequence::MAX_NODES;

use super::Replica;

/// What an open transaction did so far. The state has it already, the log not yet.
#[derive(Clone, Default, Debug)]
pub(super) struct Transaction {
    ops: Vec<Op>,
    /// How many identities they take.
    len: u64,
}

impl Transaction {
    /// Adds the operation `id`, to the last one where the two are one.
    fn push(&mut self, id: OpId, op: Op) {
        self.len += op.len();
        let separate = match self.ops.last_mut() {
            Some(last) => last.absorb(id, op),
            None => Some(op),
        };
        self.ops.extend(separate);
    }
}

impl Replica {
    /// Opens a transaction: edits from now on are seen by reads at once, and become one change
    /// with [`commit`](Self::commit), or are undone by [`abort`](Self::abort). An edit that fails
    /// leaves the transaction as it was before.
    ///
    /// While it is open, nothing is exchanged with others, nor joined, left or pruned, and
    /// [`save`](Self::save) gives the document without it. Where a closure will do,
    /// [`transact`](Self::transact) is simpler.
    ///
    /// # Errors
    /// [`EditError::InTransaction`] if one is open.
    pub fn begin(&mut self) -> Result<(), EditError> {
        self.refuse_in_transaction()?;
        self.transaction = Some(Transaction::default());
        self.state.begin();
        Ok(())
    }

    /// Makes what the open transaction did one change, with what its author says of it; gives the
    /// identity of its first operation, or `None` if nothing was done.
    ///
    /// # Errors
    /// [`EditError::NoTransaction`] if none is open.
    pub fn commit(&mut self, commit: Commit) -> Result<Option<OpId>, EditError> {
        let Transaction { ops, .. } = self.transaction.take().ok_or(EditError::NoTransaction)?;
        self.state.keep();
        let time = commit.time.or(self.time);
        if let Some(undo) = &mut self.undo {
            undo.commit(time, commit.message.as_ref());
        }
        if ops.is_empty() {
            return Ok(None);
        }
        let change = self.next_change(ops).with_commit(Commit { time, ..commit });
        self.state.set_times(&change);
        let (id, end) = (change.id, change.end());
        self.enter_log(change);
        self.emit(self.acting);
        self.follow_edit(id, end);
        Ok(Some(id))
    }

    /// Undoes all that the open transaction did; gives whether one was open.
    pub fn abort(&mut self) -> bool {
        let was_open = self.transaction.take().is_some();
        if was_open {
            self.state.roll_back();
            if let Some(undo) = &mut self.undo {
                undo.abort();
            }
            self.entered = None;
        }
        was_open
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Makes all edits of a closure one change: commits if it gives `Ok`, and undoes them if it
    /// gives an error or panics.
    ///
    /// # Errors
    /// What the closure gives; [`EditError::InTransaction`] if a transaction is open.
    ///
    /// ```
    /// use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// let failed = replica.transact(Commit::new(), |replica| {
    ///     replica.increment("stock", -1)?;
    ///     match replica.count("stock")? {
    ///         0.. => Ok(()),
    ///         _ => Err(EditError::Root.into()),
    ///     }
    /// });
    /// # let _: Result<(), Box<dyn std::error::Error>> = failed;
    /// assert_eq!(replica.to_json(), "{}");
    /// ```
    pub fn transact<T, E: From<EditError>>(
        &mut self,
        commit: Commit,
        edit: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin()?;
        let open = AbortOnDrop(self);
        let given = edit(open.0)?;
        open.0.commit(commit)?;
        Ok(given)
    }

    /// Makes all edits of a closure one change, or, if a transaction is open, a part of that; undoes
    /// them, and nothing else, if the closure gives an error.
    pub(super) fn atomically<T, E: From<EditError>>(
        &mut self,
        edit: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(transaction) = &mut self.transaction else {
            return self.transact(Commit::new(), edit);
        };
        let outer = std::mem::take(&mut transaction.ops);
        let (len, mark) = (transaction.len, self.state.mark());
        let undo = self.undo.as_mut().and_then(|undo| undo.set_aside());
        let given = edit(self);
        if let Some(log) = &mut self.undo {
            log.give_back(undo, given.is_ok());
        }
        if given.is_ok() {
            self.state.keep_since(mark);
        } else {
            self.state.roll_back_to(mark);
            self.entered = None;
        }
        if let Some(transaction) = &mut self.transaction {
            let inner = std::mem::replace(&mut transaction.ops, outer);
            transaction.len = len;
            let start = self.version.get(self.id);
            for op in inner.into_iter().filter(|_| given.is_ok()) {
                transaction.push(OpId::new(self.id, start + transaction.len), op);
            }
        }
        given
    }

    /// Sets the wall-clock time, in microseconds since 1970-01-01T00:00:00Z, that changes of this
    /// replica carry from now on, unless their commit says another. It never decides convergence.
    /// `None`, the default: they carry none.
    ///
    /// Changes with different times are kept and sent apart; so a clock of a second's or a
    /// minute's steps is cheaper than a fine one.
    pub fn set_time(&mut self, microseconds: Option<i64>) {
        self.time = microseconds;
    }

    pub(super) fn refuse_in_transaction(&self) -> Result<(), EditError> {
        if self.in_transaction() { Err(EditError::InTransaction) } else { Ok(()) }
    }

    /// The identity of the next operation, behind those that are planned.
    pub(super) fn next_id(&self, planned: &[Op]) -> OpId {
        let open = self.transaction.as_ref().map_or(0, |transaction| transaction.len);
        let planned: u64 = planned.iter().map(Op::len).sum();
        OpId::new(self.id, self.version.get(self.id) + open + planned)
    }

    fn next_change(&self, ops: Vec<Op>) -> Change {
        let id = OpId::new(self.id, self.version.get(self.id));
        Change::new(id, self.lamport, self.frontier.others(self.id), ops)
    }

    /// Makes the operations part of the open transaction, or, if none is open, a change. None:
    /// nothing happens.
    pub(super) fn record(&mut self, ops: Vec<Op>) -> Result<(), EditError> {
        match self.membership.standing(self.id) {
            Some(Standing::Left) => return Err(EditError::Left),
            Some(Standing::Evicting | Standing::Evicted) => return Err(EditError::Evicted),
            Some(Standing::Member) | None => {}
        }
        if let Some(id) = self.written_elsewhere() {
            return Err(EditError::WrittenElsewhere { id });
        }
        if ops.is_empty() {
            return Ok(());
        }
        let end = self.next_id(&ops).counter;
        let lamport = self.lamport + (end - self.version.get(self.id));
        if end > MAX_COUNT || lamport > MAX_COUNT {
            return Err(EditError::TooManyOperations { limit: MAX_COUNT });
        }
        if !ops.iter().all(|op| self.state.can_hold(op)) {
            return Err(EditError::TooManyOperations { limit: MAX_NODES });
        }
        self.note_edit(&ops);
        if self.in_transaction() {
            ops.into_iter().for_each(|op| self.add_to_transaction(op));
            return Ok(());
        }
        let change = self.next_change(ops);
        let change = match self.time {
            Some(time) => change.with_commit(Commit::new().at(time)),
            None => change,
        };
        let (id, end) = (change.id, change.end());
        self.integrate(change);
        self.emit(self.acting);
        self.follow_edit(id, end);
        Ok(())
    }

    /// An operation that this replica has written and does not know: it has arrived and waits, or
    /// others have told of it.
    fn written_elsewhere(&self) -> Option<OpId> {
        let is_told = self.told > self.version.get(self.id);
        let told = is_told.then(|| OpId::new(self.id, self.told - 1));
        self.inbox.first_of(self.id).or(told)
    }

    /// Takes note of how many operations of this replica others have seen: more than it knows itself,
    /// if it went back to a backup. These may arrive yet; until then nothing may be written.
    pub(super) fn hear(&mut self, told: u64) {
        if told > self.version.get(self.id) && told > self.told {
            self.told = told;
            // What is typed asks for nothing but that.
            self.entered = None;
        }
    }

    fn add_to_transaction(&mut self, op: Op) {
        let id = self.next_id(&[]);
        let lamport = self.lamport + (id.counter - self.version.get(self.id));
        self.apply_op(Stamp { id, lamport, time: self.time }, &op);
        if let Some(transaction) = &mut self.transaction {
            transaction.push(id, op);
        }
    }
}

/// Aborts the transaction, unless it was committed before.
struct AbortOnDrop<'r>(&'r mut Replica);

impl Drop for AbortOnDrop<'_> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
