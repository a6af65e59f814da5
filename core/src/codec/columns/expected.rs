//! What is expected of a list by what is in it so far: counts are written as differences to that.

/// What is known of a replica.
#[derive(Clone, Copy, Default)]
struct Known {
    /// Behind its last change: the counter, and the Lamport time.
    end: u64,
    lamport: u64,
    /// The counter behind that of its operations that was listed, or named as a dependency or as
    /// superseded, last.
    named: u64,
    /// The counter between those of its nodes where something was inserted or deleted last.
    cursor: u64,
}

/// See the module. By the replicas' numbers in the table.
#[derive(Default)]
pub(super) struct Expected(Vec<Known>);

impl Expected {
    /// Of a replica that is listed in the table.
    #[inline]
    fn of(&mut self, replica: usize) -> &mut Known {
        if replica >= self.0.len() {
            self.0.resize(replica + 1, Known::default());
        }
        &mut self.0[replica]
    }

    /// Forgets all replicas.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Starts again, with so many replicas.
    pub(super) fn reset(&mut self, replicas: usize) {
        self.0.clear();
        self.0.resize(replicas, Known::default());
    }

    /// The counter behind the operation of a replica that was listed or named last.
    #[inline]
    pub(super) fn named(&mut self, replica: usize) -> u64 {
        self.of(replica).named
    }

    #[inline]
    pub(super) fn set_named(&mut self, replica: usize, counter: u64) {
        self.of(replica).named = counter;
    }

    /// Where something was inserted or deleted last.
    #[inline]
    pub(super) fn cursor(&mut self, replica: usize) -> u64 {
        self.of(replica).cursor
    }

    #[inline]
    pub(super) fn set_cursor(&mut self, replica: usize, counter: u64) {
        self.of(replica).cursor = counter;
    }

    /// The same, to be set, of a replica that has been [reset](Self::reset).
    #[inline]
    pub(super) fn cursor_mut(&mut self, replica: usize) -> Option<&mut u64> {
        Some(&mut self.0.get_mut(replica)?.cursor)
    }

    /// The Lamport time behind a replica's operation, as far as its last change says.
    #[inline]
    pub(super) fn lamport(&mut self, replica: usize, end: u64) -> u64 {
        let known = self.of(replica);
        (known.lamport + end).saturating_sub(known.end)
    }

    /// Names a replica's operation that ends there: gives what was named of it before, and the
    /// Lamport time behind it, as far as the replica's last change says.
    #[inline]
    pub(super) fn name(&mut self, replica: usize, end: u64) -> (u64, u64) {
        let known = self.of(replica);
        let before = std::mem::replace(&mut known.named, end);
        (before, (known.lamport + end).saturating_sub(known.end))
    }

    /// Takes a change that ends there.
    #[inline]
    pub(super) fn end_change(&mut self, replica: usize, end: u64, lamport: u64) {
        let known = self.of(replica);
        (known.end, known.lamport, known.named) = (end, lamport, end);
    }
}
